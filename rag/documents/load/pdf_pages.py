"""The text of a PDF file's pages, told to another process: ``python pdf_pages.py FILE`` writes a line of JSON a page.

A process of its own, because a PDF file is a program for a large library in C++ (:mod:`rag.documents.load.isolated`).
Imports nothing of youju.
"""

from __future__ import annotations

import ctypes
import itertools
import json
import math
import re
import sys
from collections.abc import Iterator
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
MAX_RULINGS_OF_FILE: Final = 1_000_000  # what is behind has its text alone
MAX_RULED_CHARS_OF_FILE: Final = 5_000_000
MAX_SEGMENTS: Final = 100_000  # of the paths of a page; a map has more
LEAST_RULINGS: Final = 4  # of a page with a table: three lines across and one down
THICK: Final = 3.0  # points, at the most, of a filled rectangle that is a line
MAX_RULED_CHARS: Final = 50_000  # of a page whose characters are placed
MAX_LOOKED_AT: Final = 100_000  # objects of a page
MAX_DEPTH: Final = 3  # of forms in one another
_FORM, _PATH = 5, 2  # FPDF_PAGEOBJ_FORM and _PATH of fpdf_edit.h
_LINE_TO, _MOVE_TO = 0, 2  # FPDF_SEGMENT_LINETO and _MOVETO
_GAP: Final = 0.25  # of a character's height, between two that are one word
_PRECISE: Final = 1_000_000

Box: TypeAlias = tuple[int, int, int, int]
Matrix: TypeAlias = tuple[float, float, float, float, float, float]
Point: TypeAlias = tuple[float, float]


class _Room:
    """How much may still be told of a file's ruled pages."""

    def __init__(self) -> None:
        self.chars, self.rulings = MAX_RULED_CHARS_OF_FILE, MAX_RULINGS_OF_FILE


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
        lines = [(start, end, *box) for start, end, *at in spans if (box := _box(page, text, at[0], at[1]))]
        return {"text": read, "lines": lines, **_pictures(page), **_ruled(page, text, raw, read, spans, room)}
    finally:
        text.close()
        page.close()


def _joined(raw: str) -> tuple[str, list[tuple[int, int, int, int]]]:
    """A page's text as it is kept, and of each line its span there and in what the library gave."""
    spans: list[tuple[int, int, int, int]] = []
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


def _box(page: Any, text: Any, start: int, end: int) -> Box | None:  # noqa: ANN401
    """The rectangle around characters of a page, which the library counts in its own way."""
    import pypdfium2.raw as pdfium  # noqa: PLC0415

    first = pdfium.FPDFText_GetCharIndexFromTextIndex(text, start)
    last = pdfium.FPDFText_GetCharIndexFromTextIndex(text, end - 1)
    if first < 0 or last < first:
        return None
    xs, ys = [], []
    for number in range(text.count_rects(first, last - first + 1)):
        left, bottom, right, top = text.get_rect(number)
        for x, y in ((left, bottom), (right, top)):
            across, down = ctypes.c_int(), ctypes.c_int()
            pdfium.FPDF_PageToDevice(page, 0, 0, _UNITS, _UNITS, 0, x, y, across, down)
            xs.append(min(_UNITS, max(0, across.value)))
            ys.append(min(_UNITS, max(0, down.value)))
    return (min(xs), min(ys), max(xs), max(ys)) if xs and min(xs) < max(xs) and min(ys) < max(ys) else None


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


def _ruled(
    page: Any,  # noqa: ANN401
    text: Any,  # noqa: ANN401
    raw: str,
    read: str,
    spans: list[tuple[int, int, int, int]],
    room: _Room,
) -> dict[str, Any]:
    """The lines drawn on a page and the places of its characters; nothing where no table can be ruled."""
    import pypdfium2.raw as pdfium  # noqa: PLC0415

    if len(read) > min(MAX_RULED_CHARS, room.chars) or pdfium.FPDFPage_CountObjects(page) > MAX_LOOKED_AT:
        return {}
    shown = _as_shown(page)
    rulings: list[Box] = []
    width, height = page.get_size()
    thick = THICK * _UNITS / max(width, 1.0), THICK * _UNITS / max(height, 1.0)
    n_segments = 0
    for path, matrix in _paths(page, shown):
        n_segments += max(0, pdfium.FPDFPath_CountSegments(path))
        if n_segments > MAX_SEGMENTS:
            return {}
        rulings += _rulings(path, matrix, thick)
        if len(rulings) > min(MAX_RULINGS, room.rulings):
            return {}
    n_down = sum(1 for left, _, right, _ in rulings if left == right)
    if len(rulings) < LEAST_RULINGS or not 0 < n_down < len(rulings):
        return {}
    room.chars -= len(read)
    room.rulings -= len(rulings)
    return {"size": [width, height], "rulings": rulings, "spots": _spots(text, raw, read, spans, shown)}


def _as_shown(page: Any) -> Matrix:  # noqa: ANN401
    """From points of a page's own to ten-thousandths of the page as it is shown: turned, cut, from the top left."""
    import pypdfium2.raw as pdfium  # noqa: PLC0415

    def place(x: float, y: float) -> Point:
        across, down = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDF_PageToDevice(page, 0, 0, _PRECISE, _PRECISE, 0, x, y, across, down)
        return across.value * _UNITS / _PRECISE, down.value * _UNITS / _PRECISE

    (x, y), right, up = place(0, 0), place(1_000, 0), place(0, 1_000)
    return (right[0] - x) / 1_000, (right[1] - y) / 1_000, (up[0] - x) / 1_000, (up[1] - y) / 1_000, x, y


def _times(inner: Matrix, outer: Matrix) -> Matrix:
    """The matrix that does one after the other."""
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def _paths(page: Any, shown: Matrix) -> Iterator[tuple[Any, Matrix]]:  # noqa: ANN401
    """The paths of a page, those of its forms too, each with the matrix from its own points."""
    import pypdfium2.raw as pdfium  # noqa: PLC0415

    own = pdfium.FS_MATRIX()
    left = MAX_LOOKED_AT
    inside: list[tuple[Any, Matrix, int]] = [(None, shown, 1)]
    while inside:
        form, matrix, depth = inside.pop()
        count = pdfium.FPDFFormObj_CountObjects(form) if form else pdfium.FPDFPage_CountObjects(page)
        for number in range(min(count, left)):
            thing = pdfium.FPDFFormObj_GetObject(form, number) if form else pdfium.FPDFPage_GetObject(page, number)
            kind = pdfium.FPDFPageObj_GetType(thing)
            if kind not in (_PATH, _FORM) or not pdfium.FPDFPageObj_GetMatrix(thing, own):
                continue
            inner = _times((own.a, own.b, own.c, own.d, own.e, own.f), matrix)
            if kind == _PATH:
                yield thing, inner
            elif depth < MAX_DEPTH:
                inside.append((thing, inner, depth + 1))
        left -= count


def _rulings(path: Any, matrix: Matrix, thick: Point) -> list[Box]:  # noqa: ANN401
    """What a path draws of straight lines across or down the page: strokes, and rectangles that are as thin as lines.

    Args:
        path: The path.
        matrix: From its points to the page as it is shown.
        thick: How wide and how high a filled line may be.
    """
    import pypdfium2.raw as pdfium  # noqa: PLC0415

    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(path, fill, stroke)
    if not (fill.value or stroke.value):
        return []
    found: list[Box] = []
    for points in _outlines(path, matrix):
        if stroke.value:
            for one, other in itertools.pairwise(points):
                found += _ruling([one, other], thick)
        else:
            found += _ruling(points, thick)
    return found


def _ruling(points: list[Point], thick: Point) -> list[Box]:
    """The line that goes through the middle of these points; none where they are no line across or down."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    left, top, right, bottom = min(xs), min(ys), max(xs), max(ys)
    if bottom - top <= thick[1] and right - left > bottom - top:
        middle = round((top + bottom) / 2)
        return [(round(left), middle, round(right), middle)]
    if right - left <= thick[0] and bottom - top > right - left:
        middle = round((left + right) / 2)
        return [(middle, round(top), middle, round(bottom))]
    return []


def _outlines(path: Any, matrix: Matrix) -> Iterator[list[Point]]:  # noqa: ANN401
    """The straight outlines of a path; a curve ends one."""
    import pypdfium2.raw as pdfium  # noqa: PLC0415

    points: list[Point] = []
    x, y = ctypes.c_float(), ctypes.c_float()
    for number in range(pdfium.FPDFPath_CountSegments(path)):
        segment = pdfium.FPDFPath_GetPathSegment(path, number)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        a, b, c, d, e, f = matrix
        point = _near(a * x.value + c * y.value + e), _near(b * x.value + d * y.value + f)
        if kind == _LINE_TO:
            points.append(point)
            if pdfium.FPDFPathSegment_GetClose(segment):
                points.append(points[0])
            continue
        if len(points) > 1:
            yield points
        points = [point]
    if len(points) > 1:
        yield points


def _near(at: float) -> float:
    """A place on a page or beside it; what is written as no number, or as a vast one, is put beside it."""
    return min(max(at, -_UNITS), 2.0 * _UNITS) if not math.isnan(at) else -_UNITS


def _spots(text: Any, raw: str, read: str, spans: list[tuple[int, int, int, int]], shown: Matrix) -> list[int]:  # noqa: ANN401
    """Of each character of a page's text as it is kept, the middle and the number of its word."""
    spots = [-1] * (3 * len(read))
    word = 0
    for start, _, first, last in spans:
        word += 1
        at, before = start, None
        for position in range(first, last):
            if raw[position] in _LEFT_OUT:
                continue
            seen = None if raw[position].isspace() else _seen(text, position)
            if seen is not None:
                word += _is_apart(before, seen)
                x, y = (seen.left + seen.right) / 2, (seen.bottom + seen.top) / 2
                a, b, c, d, e, f = shown
                spots[3 * at : 3 * at + 3] = round(_near(a * x + c * y + e)), round(_near(b * x + d * y + f)), word
            at, before = at + 1, seen
    return spots


class _Seen(NamedTuple):
    """Where a character stands on its page, in points, and which object drew it."""

    left: float
    right: float
    bottom: float
    top: float
    drawn_by: int


def _seen(text: Any, position: int) -> _Seen | None:  # noqa: ANN401
    import pypdfium2.raw as pdfium  # noqa: PLC0415

    number = pdfium.FPDFText_GetCharIndexFromTextIndex(text, position)
    box = pdfium.FS_RECTF()
    if number < 0 or not pdfium.FPDFText_GetLooseCharBox(text, number, box):
        return None
    drawn_by = ctypes.cast(pdfium.FPDFText_GetTextObject(text, number), ctypes.c_void_p).value or 0
    return _Seen(box.left, box.right, box.bottom, box.top, drawn_by)


def _is_apart(before: _Seen | None, seen: _Seen) -> bool:
    """Whether a character begins another word than the one before it."""
    if before is None or before.drawn_by != seen.drawn_by:
        return True
    height = max(abs(seen.top - seen.bottom), abs(seen.right - seen.left))
    across = seen.left - before.right > _GAP * height or before.left - seen.right > _GAP * height
    return across or seen.bottom - before.top > _GAP * height or before.bottom - seen.top > _GAP * height


if __name__ == "__main__":
    for each in read_pages(sys.argv[1]):
        sys.stdout.write(json.dumps(each) + "\n")
        sys.stdout.flush()
