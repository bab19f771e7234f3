"""PDF files: their text layer, page by page, with a form feed (U+000C) before every page but the first.

PDFium reads them (the library of Chromium), because Chinese files often name an Adobe character map and embed no
table of their own; it needs none. It runs in a process of its own (:mod:`rag.documents.load.pdf_pages`). What it
returns of a page, line by line, is the document's text, and a form feed between pages is what ``pdftotext`` writes too:
the number of a page is one more than the form feeds before it.

A page that is a picture, or whose layer is no writing, is recognized where the extra ``ocr`` is installed. Else it is
left empty and named in a note; a file that has no other pages is refused.

A table whose cells are ruled by lines is written as in other formats, a row a line with its headers
(:mod:`rag.documents.load.ruled`).

Not covered: columns that a file stores interleaved, tables that white space alone parts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from rag.documents.load import pdf_pages
from rag.documents.load.file_kind import wrong_kind
from rag.documents.load.isolated import GIGABYTE, EndedEarlyError, lines_from
from rag.documents.load.loader import Extracted, readable_name
from rag.documents.load.pdf_pages import MAX_CHARS, MAX_PAGES
from rag.documents.load.ruled.cells import RuledPage, RuledTable, tables_on
from rag.documents.load.ruled.pages import with_tables
from rag.documents.load.scans import recognition
from rag.documents.load.scans.layer import faults_of_pages
from rag.documents.load.scans.paged import paged, pages_in_words
from rag.documents.load.scans.reading_order import PageText
from rag.errors import DocumentFormatError, DocumentTooLargeError

__all__ = ["PdfLoader"]

_CHILD: Final = str(pdf_pages.__file__)
_UNITS: Final = 10_000
SECONDS: Final = 10.0  # for the next page, which takes some milliseconds
MAX_RECOGNIZED: Final = 1_000
"""Pages that are recognized of one file: about an hour of work on one core."""
SCANNED: Final = 0.5
"""Share of a page that one picture covers where the page is a scan, in spite of a few characters of text."""
FEW_CHARS: Final = 50  # a running head and a page number

Fault = Literal["", "blank", "picture", "scan", "gibberish"]
_REASONS: Final = {
    "picture": "what stands there is a picture",
    "scan": "its text stands in a picture",
    "gibberish": "its fonts do not say which characters they show",
}


@dataclass(frozen=True, slots=True)
class _Page:
    """A page as its file tells it.

    Attributes:
        page: Its text layer.
        fault: Why that is not the text of the page; a scan has some text that is.
        tables: Those that lines rule on it.
    """

    page: PageText
    fault: Fault
    tables: Sequence[RuledTable] = ()


class PdfLoader:
    """The text of a PDF file."""

    suffixes = frozenset({".pdf"})

    def extract(self, path: Path, *, max_bytes: int) -> Extracted:  # noqa: ARG002 - the child has limits of its own
        """Read the pages, in order.

        Raises:
            DocumentFormatError: The file is damaged, needs a password, or has no page with readable text.
            DocumentTooLargeError: It has too many pages or characters, or takes too long.
        """
        name = readable_name(path)
        pages = _judged(_pages_of(path, name))
        texts = {number: each.page for number, each in enumerate(pages, 1) if each.fault in ("", "blank", "scan")}
        unread = {number: each.fault for number, each in enumerate(pages, 1) if each.fault not in ("", "blank")}
        if recognition.is_installed() and len(unread) <= MAX_RECOGNIZED:
            found, notes = _recognized(path, list(unread), len(pages))
            texts |= found
        else:
            notes = _left_out(unread, len(pages))
        if not any(page.text.strip() for page in texts.values()):
            blank = "" if unread else "All of it is blank."
            raise DocumentFormatError(f"{name} has no page with readable text. {' '.join(notes) or blank}")
        whole = [texts.get(number, PageText("")) for number in range(1, len(pages) + 1)]
        tables = {number: each.tables for number, each in enumerate(pages) if each.tables and not each.fault}
        return paged(with_tables(whole, tables), "application/pdf", notes)


def _judged(pages: Sequence[Mapping[str, Any]]) -> list[_Page]:
    """The text layer of each page, and what is wrong with it."""
    judged = []
    for page, layer in zip(pages, faults_of_pages([str(page["text"]) for page in pages]), strict=True):
        text = str(page["text"])
        fault: Fault = "gibberish" if layer == "gibberish" else ""
        if layer == "empty":
            fault = "blank" if page.get("blank") else "picture"
        elif not fault and page.get("picture", 0.0) >= SCANNED and len("".join(text.split())) < FEW_CHARS:
            fault = "scan"
        judged.append(_Page(_page_text(page), fault, page.get("tables", ())))
    return judged


def _page_text(told: Mapping[str, Any]) -> PageText:
    lines = [(start, end, [side / _UNITS for side in box]) for start, end, *box in told.get("lines", ())]
    return PageText(str(told["text"]), tuple((s, e, (b[0], b[1], b[2], b[3])) for s, e, b in lines))


def _with_tables_found(told: dict[str, Any]) -> dict[str, Any]:
    """What is told of a page, with its tables in place of the lines drawn on it and the places of its characters.

    A page whose lines are beyond the finder of tables stays text.
    """
    if "rulings" not in told:
        return told
    page = _page_text(told)
    width, height = (float(side) for side in told.pop("size"))
    across, down = width / _UNITS, height / _UNITS
    rulings = tuple((x * across, y * down, u * across, v * down) for x, y, u, v in told.pop("rulings"))
    each = iter(told.pop("spots"))
    placed = zip(each, each, each, strict=True)
    spots = tuple((x * across, y * down, word) if word >= 0 else None for x, y, word in placed)
    ruled = RuledPage(page.text, page.lines, (width, height), rulings, spots)
    with suppress(ArithmeticError, LookupError, ValueError):
        told["tables"] = tables_on(ruled)
    return told


def _recognized(path: Path, numbers: Sequence[int], n_pages: int) -> tuple[dict[int, PageText], list[str]]:
    """The pages that could be recognized, and what is to be told of all of them."""
    read: dict[int, PageText] = {}
    empty, faults = [], {}
    for page in recognition.recognize_pages(path, numbers) if numbers else ():
        if page.fault:
            faults[page.number] = page.fault
        elif page.page.text:
            read[page.number] = page.page
        else:
            empty.append(page.number)
    notes = []
    if read:
        where = pages_in_words(list(read), n_pages)
        notes.append(f"Text recognition (OCR) read {where}: single characters may be wrong.")
    if empty:
        notes.append(f"On {pages_in_words(empty, n_pages)} text recognition (OCR) found no text.")
    notes += [f"Left out: {pages_in_words([n], n_pages)} could not be recognized ({why})." for n, why in faults.items()]
    return read, notes


def _left_out(unread: Mapping[int, Fault], n_pages: int) -> list[str]:
    """What is told of pages that are not recognized."""
    notes = []
    for fault, reason in _REASONS.items():
        numbers = [number for number, each in unread.items() if each == fault]
        if not numbers:
            continue
        verb = "has" if len(numbers) == 1 else "have"
        notes.append(f"{pages_in_words(numbers, n_pages).capitalize()} {verb} no readable text ({reason}).")
    if notes and len(unread) > MAX_RECOGNIZED:
        notes.append(f"At most {MAX_RECOGNIZED:,} pages of a file are recognized. Split it.")
    elif notes:
        notes.append(f"To have it read by text recognition (OCR): {recognition.INSTALL}")
    return notes


def _told(path: Path, name: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """What the other process says: of each page, and of the file in the end."""
    pages: list[dict[str, Any]] = []
    try:
        for line in lines_from(_CHILD, str(path.resolve()), seconds=SECONDS, memory_bytes=GIGABYTE):
            told = json.loads(line)
            if "text" not in told:
                return pages, told
            pages.append(_with_tables_found(told))
    except TimeoutError as error:
        raise DocumentTooLargeError(
            f"{name} has a page {len(pages) + 1:,} that could not be read in {SECONDS:.0f} seconds. "
            "Leave it out, or print the file to a new PDF, and index that."
        ) from error
    except (EndedEarlyError, ValueError) as error:
        return pages, {"damaged": str(error)}
    return pages, {"damaged": f"it ends behind page {len(pages)}"}


def _pages_of(path: Path, name: str) -> list[dict[str, Any]]:
    """The pages, or the reason why there are none in words."""
    pages, told = _told(path, name)
    if told.get("locked"):
        raise DocumentFormatError(
            f"{name} is locked with a password. Save it without one (print it to a new PDF) and index that."
        )
    if "n_pages" in told:
        raise DocumentTooLargeError(
            f"{name} has {told['n_pages']:,} pages; the limit is {MAX_PAGES:,}. Split it into several files."
        )
    if "too_long" in told:
        raise DocumentTooLargeError(
            f"{name} passes {MAX_CHARS:,} characters on page {told['too_long']:,}. Split it into several files."
        )
    if "whole" not in told:
        raise DocumentFormatError(
            wrong_kind(path, name, expected="PDF file")
            or f"{name} is no PDF file that can be read ({told.get('damaged')}). Open it in a viewer and save it again."
        )
    return pages
