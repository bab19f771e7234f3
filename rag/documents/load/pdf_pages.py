"""The text of a PDF file's pages, told to another process: ``python pdf_pages.py FILE`` writes a line of JSON a page.

A process of its own, because a PDF file is a program for a large library in C++ (:mod:`rag.documents.load.isolated`).
Imports nothing of youju.
"""

from __future__ import annotations

import ctypes
import json
import re
import sys
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

MAX_PAGES: Final = 5_000
MAX_CHARS: Final = 20_000_000  # of a whole file; a thousand pages have about a million
_LOCKED: Final = (4, 5)  # FPDF_ERR_PASSWORD and FPDF_ERR_SECURITY of fpdfview.h
_HYPHEN: Final = "\ufffe"  # PDFium's sign for a hyphen that only breaks a word
_LINE: Final = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_UNITS: Final = 10_000  # of a page's width and height
MAX_OBJECTS: Final = 200  # of a page that are looked at for a picture
_IMAGE: Final = 3  # FPDF_PAGEOBJ_IMAGE of fpdf_edit.h

Box: TypeAlias = tuple[int, int, int, int]


def read_pages(path: str) -> Iterator[dict[str, Any]]:
    """What a file holds.

    Yields:
        Of each page its ``text``; ``lines``, each as start and end in the text, and left, top, right and bottom in
        ten-thousandths of the page as it is shown; ``picture``, the share of it that its largest picture covers; and
        ``blank`` where nothing at all is on it. In the end ``whole``, or what keeps the file from being read:
        ``locked``; ``damaged`` with the library's words; ``n_pages`` of too many; ``too_long``, the page on which it
        passes the limit.
    """
    import pypdfium2  # noqa: PLC0415 - only the child needs it

    try:
        with pypdfium2.PdfDocument(path) as pdf:
            if len(pdf) > MAX_PAGES:
                yield {"n_pages": len(pdf)}
                return
            left = MAX_CHARS
            for number in range(len(pdf)):
                page = _page(pdf[number], at_most=left)
                if page is None:
                    yield {"too_long": number + 1}
                    return
                yield page
                left -= len(page["text"])
            yield {"whole": True}
    except pypdfium2.PdfiumError as error:
        yield {"locked": True} if getattr(error, "err_code", None) in _LOCKED else {"damaged": str(error)}


def _page(page: Any, *, at_most: int) -> dict[str, Any] | None:  # noqa: ANN401 - pypdfium2 has no types
    """The text of a page, a line a line, with its place; None where it is longer than allowed."""
    text = page.get_textpage()
    try:
        if text.count_chars() > at_most:
            return None
        read, spans = _joined(str(text.get_text_range()))
        lines = [(start, end, *box) for start, end, *at in spans if (box := _box(page, text, at[0], at[1]))]
        return {"text": read, "lines": lines, **_pictures(page)}
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
        kept = line.replace("\f", " ").replace(_HYPHEN, "").replace("\x00", "")
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


if __name__ == "__main__":
    for each in read_pages(sys.argv[1]):
        sys.stdout.write(json.dumps(each) + "\n")
        sys.stdout.flush()
