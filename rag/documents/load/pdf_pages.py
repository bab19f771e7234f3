"""The text of a PDF file's pages, told to another process: ``python pdf_pages.py FILE`` writes a line of JSON a page.

A process of its own, because a PDF file is a program for a large library in C++ (:mod:`rag.documents.load.isolated`).
Imports nothing of youju.
"""

from __future__ import annotations

import ctypes
import json
import math
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from typing import Any, Final, NamedTuple, TypeAlias

MAX_PAGES: Final = 5_000
MAX_CHARS: Final = 20_000_000  # of a whole file; a thousand pages have about a million
_LOCKED: Final = (4, 5)  # FPDF_ERR_PASSWORD and FPDF_ERR_SECURITY of fpdfview.h
_HYPHEN: Final = "\ufffe"  # PDFium's sign for a hyphen that only breaks a word
_LEFT_OUT: Final = frozenset((_HYPHEN, "\x00"))
_GONE: Final = str.maketrans(dict.fromkeys(_LEFT_OUT, ""))
_LINE: Final = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_UNITS: Final = 10_000  # of a page's width and height
MAX_OBJECTS: Final = 200  # of a page that are looked at for a picture
_IMAGE: Final = 3  # FPDF_PAGEOBJ_IMAGE of fpdf_edit.h

MAX_RULINGS: Final = 20_000  # of a page; a table of 30 columns and 60 rows, each cell drawn by itself, has 7,200
MAX_SEGMENTS: Final = 100_000  # of the paths of a page; a map has more
LEAST_RULINGS: Final = 4  # of a page with a table: three lines across and one down
THICK: Final = 3.0  # points, at the most, of a filled rectangle that is a line
MAX_RULED_CHARS: Final = 50_000  # of a page whose characters are placed
MAX_LOOKED_AT: Final = 100_000  # objects of a page
MAX_DEPTH: Final = 3  # of forms in one another
_FORM, _PATH = 5, 2  # FPDF_PAGEOBJ_FORM and _PATH of fpdf_edit.h
_LINE_TO: Final = 0  # FPDF_SEGMENT_LINETO
_GAP: Final = 0.25  # of a character's height, between two that are one word
_PRECISE: Final = 1_000_000

Box: TypeAlias = tuple[int, int, int, int]
Matrix: TypeAlias = tuple[float, float, float, float, float, float]
Point: TypeAlias = tuple[float, float]
Span: TypeAlias = tuple[int, int, int, int]
"""Of a line: start and end in a page's text as it is kept, and in what the library gave."""


class _Room:
    """How much may still be told of a file's ruled pages; what is behind has its text alone."""

    chars = 5_000_000
    rulings = 1_000_000


def read_pages(path: str) -> Iterator[dict[str, Any]]:
    """What a file holds.

    Yields:
        Of each page its ``text``; ``lines``, each as start and end in the text, and left, top, right and bottom in
        ten-thousandths of the page as it is shown; ``picture``, the share of it that its largest picture covers; and
        ``blank`` where nothing at all is on it. Where there are lines drawn that may rule a table: ``size``, its width
        and height in points; ``rulings``, each as left, top, right and bottom in ten-thousandths; and ``spots``, of
        each character of the text the middle and the number of its word, three numbers, -1 where there is nothing to
        see. In the end ``whole``, or what keeps the file from being read:
        ``locked``; ``damaged`` with the library's words; ``n_pages`` of too many; ``too_long``, the page on which it
        passes the limit.
    """
    import pypdfium2  # noqa: PLC0415 - only the child needs it

    try:
        with pypdfium2.PdfDocument(path) as pdf:
            if len(pdf) > MAX_PAGES:
                yield {"n_pages": len(pdf)}
                return
            left, room = MAX_CHARS, _Room()
            for number in range(len(pdf)):
                page = _page(pdf[number], room, at_most=left)
                if page is None:
                    yield {"too_long": number + 1}
                    return
                yield page
                left -= len(page["text"])
            yield {"whole": True}
    except pypdfium2.PdfiumError as error:
        yield {"locked": True} if getattr(error, "err_code", None) in _LOCKED else {"damaged": str(error)}


def _page(page: Any, room: _Room, *, at_most: int) -> dict[str, Any] | None:  # noqa: ANN401 - pypdfium2 has no types
    """The text of a page, a line a line, with its place; None where it is longer than allowed."""
    text = page.get_textpage()
    try:
        if text.count_chars() > at_most:
            return None
        raw = str(text.get_text_range())
        read, spans = _joined(raw)
        layer = _Layer(page, text)
        lines = [(start, end, *box) for start, end, *at in spans if (box := layer.box(at[0], at[1]))]
        told = {"text": read, "lines": lines, **_pictures(page)}
        with suppress(ArithmeticError, LookupError, ValueError):  # what is drawn may be anything; the text is told
            rulings = layer.rulings(room) if len(read) <= min(MAX_RULED_CHARS, room.chars) else []
            if rulings:
                room.chars, room.rulings = room.chars - len(read), room.rulings - len(rulings)
                told |= {"size": page.get_size(), "rulings": rulings, "spots": layer.spots(raw, len(read), spans)}
        return told
    finally:
        text.close()
        page.close()


def _joined(raw: str) -> tuple[str, list[Span]]:
    """A page's text as it is kept, and of each line its span there and in what the library gave."""
    spans: list[Span] = []
    parts: list[str] = []
    n_chars = 0
    for match in _LINE.finditer(raw):
        line, broken = match.groups()
        kept = line.replace("\f", " ").translate(_GONE)
        if kept.strip():
            spans.append((n_chars, n_chars + len(kept), match.start(1), match.end(1)))
        parts.append(kept if line.endswith(_HYPHEN) or not broken else f"{kept}\n")
        n_chars += len(parts[-1])
    text = "".join(parts)
    lead = len(text) - len(text.lstrip("\n"))
    return text.strip("\n"), [(start - lead, end - lead, first, last) for start, end, first, last in spans]


def _pictures(page: Any) -> dict[str, Any]:  # noqa: ANN401
    """How much of a page its largest picture covers, and whether nothing is on it."""
    width, height = page.get_size()
    largest, n_objects = 0.0, 0
    for thing in page.get_objects(max_depth=3):
        n_objects += 1
        if n_objects > MAX_OBJECTS:
            break
        if thing.type == _IMAGE:
            left, bottom, right, top = thing.get_bounds()
            largest = max(largest, (right - left) * (top - bottom))
    share = largest / (width * height) if width > 0 and height > 0 else 0.0
    return {"picture": round(min(share, 1.0), 2), "blank": n_objects == 0}


class _Layer:
    """Characters of a page and lines drawn on it, in ten-thousandths of the page as it is shown.

    Args:
        page: The page, of pypdfium2.
        text: Its characters.
    """

    def __init__(self, page: Any, text: Any) -> None:  # noqa: ANN401
        import pypdfium2.raw as pdfium  # noqa: PLC0415

        self._pdfium, self._page, self._text = pdfium, page, text
        (x, y), right, up = self._shown_at(0, 0), self._shown_at(1_000, 0), self._shown_at(0, 1_000)
        across, along = ((to[0] - x, to[1] - y) for to in (right, up))
        self._shown: Matrix = (across[0] / 1_000, across[1] / 1_000, along[0] / 1_000, along[1] / 1_000, x, y)

    def _shown_at(self, x: float, y: float) -> Point:
        """Where a point in points of the page's own is shown: turned, cut, from the top left."""
        across, down = ctypes.c_int(), ctypes.c_int()
        self._pdfium.FPDF_PageToDevice(self._page, 0, 0, _PRECISE, _PRECISE, 0, x, y, across, down)
        return across.value * _UNITS / _PRECISE, down.value * _UNITS / _PRECISE

    def box(self, start: int, end: int) -> Box | None:
        """The rectangle around characters of the page, which the library counts in its own way."""
        first = self._pdfium.FPDFText_GetCharIndexFromTextIndex(self._text, start)
        last = self._pdfium.FPDFText_GetCharIndexFromTextIndex(self._text, end - 1)
        if first < 0 or last < first:
            return None
        rects = (self._text.get_rect(number) for number in range(self._text.count_rects(first, last - first + 1)))
        corners = [_moved(corner, self._shown) for x, y, u, v in rects for corner in ((x, y), (u, v))]
        xs, ys = ([min(_UNITS, max(0, round(corner[axis]))) for corner in corners] for axis in (0, 1))
        return (min(xs), min(ys), max(xs), max(ys)) if xs and min(xs) < max(xs) and min(ys) < max(ys) else None

    def rulings(self, room: _Room) -> list[Box]:
        """The straight lines across and down the page; none where they can rule no table, or are too many."""
        if self._pdfium.FPDFPage_CountObjects(self._page) > MAX_LOOKED_AT:
            return []
        width, height = self._page.get_size()
        thick = THICK * _UNITS / max(width, 1.0), THICK * _UNITS / max(height, 1.0)
        found: list[Box] = []
        n_segments = 0
        for path, matrix in self._paths():
            n_segments += max(0, self._pdfium.FPDFPath_CountSegments(path))
            if n_segments > MAX_SEGMENTS:
                return []
            found += self._drawn(path, matrix, thick)
            if len(found) > min(MAX_RULINGS, room.rulings):
                return []
        n_down = sum(1 for left, _, right, _ in found if left == right)
        return found if len(found) >= LEAST_RULINGS and 0 < n_down < len(found) else []

    def _paths(self) -> Iterator[tuple[Any, Matrix]]:
        """The paths of the page, those of its forms too, each with the matrix from its own points."""
        pdfium, own = self._pdfium, self._pdfium.FS_MATRIX()
        left = MAX_LOOKED_AT
        inside: list[tuple[Any, Matrix, int]] = [(None, self._shown, 1)]
        while inside:
            form, matrix, depth = inside.pop()
            count = pdfium.FPDFFormObj_CountObjects(form) if form else pdfium.FPDFPage_CountObjects(self._page)
            get = pdfium.FPDFFormObj_GetObject if form else pdfium.FPDFPage_GetObject
            for number in range(min(count, left)):
                thing = get(form or self._page, number)
                kind = pdfium.FPDFPageObj_GetType(thing)
                if kind not in (_PATH, _FORM) or not pdfium.FPDFPageObj_GetMatrix(thing, own):
                    continue
                inner = _times((own.a, own.b, own.c, own.d, own.e, own.f), matrix)
                if kind == _PATH:
                    yield thing, inner
                elif depth < MAX_DEPTH:
                    inside.append((thing, inner, depth + 1))
            left -= count

    def _drawn(self, path: Any, matrix: Matrix, thick: Point) -> list[Box]:  # noqa: ANN401
        """What a path draws of straight lines: strokes, and filled rectangles that are no thicker than a line."""
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        self._pdfium.FPDFPath_GetDrawMode(path, fill, stroke)
        if not (fill.value or stroke.value):
            return []
        outlines = [points for points in self._outlines(path, matrix) if len(points) > 1]
        if stroke.value:
            outlines = [list(pair) for points in outlines for pair in pairwise(points)]
        return [box for points in outlines if (box := _ruling(points, thick)) is not None]

    def _outlines(self, path: Any, matrix: Matrix) -> Iterator[list[Point]]:  # noqa: ANN401
        """The straight outlines of a path; a curve ends one."""
        pdfium, x, y = self._pdfium, ctypes.c_float(), ctypes.c_float()
        points: list[Point] = []
        for number in range(pdfium.FPDFPath_CountSegments(path)):
            segment = pdfium.FPDFPath_GetPathSegment(path, number)
            pdfium.FPDFPathSegment_GetPoint(segment, x, y)
            point = _moved((x.value, y.value), matrix)
            if pdfium.FPDFPathSegment_GetType(segment) == _LINE_TO:
                points.append(point)
                if pdfium.FPDFPathSegment_GetClose(segment):
                    points.append(points[0])
                continue
            yield points
            points = [point]
        yield points

    def spots(self, raw: str, n_chars: int, spans: list[Span]) -> list[int]:
        """Of each character of the text as it is kept, the middle and the number of its word."""
        spots = [-1] * (3 * n_chars)
        word = 0
        for start, _, first, last in spans:
            word += 1
            at, before = start, None
            for position in range(first, last):
                if raw[position] in _LEFT_OUT:
                    continue
                seen = None if raw[position].isspace() else self._seen(position)
                if seen is not None:
                    word += _is_apart(before, seen)
                    middle = (seen.left + seen.right) / 2, (seen.bottom + seen.top) / 2
                    x, y = _moved(middle, self._shown)
                    spots[3 * at : 3 * at + 3] = round(x), round(y), word
                at, before = at + 1, seen
        return spots

    def _seen(self, position: int) -> _Seen | None:
        pdfium, box = self._pdfium, self._pdfium.FS_RECTF()
        number = pdfium.FPDFText_GetCharIndexFromTextIndex(self._text, position)
        if number < 0 or not pdfium.FPDFText_GetLooseCharBox(self._text, number, box):
            return None
        drawn_by = ctypes.cast(pdfium.FPDFText_GetTextObject(self._text, number), ctypes.c_void_p).value or 0
        return _Seen(box.left, box.right, box.bottom, box.top, drawn_by)


class _Seen(NamedTuple):
    """Where a character stands on its page, in points, and which object drew it."""

    left: float
    right: float
    bottom: float
    top: float
    drawn_by: int


def _is_apart(before: _Seen | None, seen: _Seen) -> bool:
    """Whether a character begins another word than the one before it."""
    if before is None or before.drawn_by != seen.drawn_by:
        return True
    gap = _GAP * max(abs(seen.top - seen.bottom), abs(seen.right - seen.left))
    across = max(seen.left - before.right, before.left - seen.right)
    return max(across, seen.bottom - before.top, before.bottom - seen.top) > gap


def _ruling(points: list[Point], thick: Point) -> Box | None:
    """The line that goes through the middle of these points; None where they are no line across or down."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    left, top, right, bottom = (round(side) for side in (min(xs), min(ys), max(xs), max(ys)))
    if bottom - top <= thick[1] and right - left > bottom - top:
        return left, (top + bottom) // 2, right, (top + bottom) // 2
    if right - left <= thick[0] and bottom - top > right - left:
        return (left + right) // 2, top, (left + right) // 2, bottom
    return None


def _moved(point: Point, matrix: Matrix) -> Point:
    """Where a point comes to lie; what is no number, or a vast one, beside the page."""
    (x, y), (a, b, c, d, e, f) = point, matrix
    places = a * x + c * y + e, b * x + d * y + f
    across, down = (min(max(at, -_UNITS), 2.0 * _UNITS) if not math.isnan(at) else -_UNITS for at in places)
    return across, down


def _times(inner: Matrix, outer: Matrix) -> Matrix:
    """The matrix that does one after the other."""
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


if __name__ == "__main__":
    for each in read_pages(sys.argv[1]):
        sys.stdout.write(json.dumps(each) + "\n")
        sys.stdout.flush()
