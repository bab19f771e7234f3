"""The elements of a page -> paragraphs, headings, lists and tables of a text. Judges nothing but the form of a table.

A break of a line begins a paragraph, as people who write ``<br>`` mean it. Numbers of an ordered list are written as
they are shown, pictures are counted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rag.documents.cleaning.wrapped_lines import WIDE, paragraphs_of
from rag.documents.load.grid import Cell, Grid
from rag.documents.load.web.elements import BLOCKS, HEADINGS, is_data_table, plain_text
from rag.errors import DocumentTooLargeError
from rag.text.numbering import read_heading_number

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from rag.documents.load.builder import TextBuilder

__all__ = ["PageWriter"]

_SPACE: Final = re.compile(r"\s+")
_BETWEEN_WIDE: Final = re.compile(rf"(?<=[{WIDE}])[ \t]*\n\s*(?=[{WIDE}])")
MAX_COLUMNS: Final = 1_000
MAX_CELLS: Final = 1_000_000
_TERM_CHARS: Final = 40


class PageWriter:
    """Writes the elements of one page.

    Args:
        builder: Takes what is written.
        name: The file's name, for errors.
        title: The page's title, which was written already: a block that says only this is left out once.
    """

    def __init__(self, builder: TextBuilder, name: str, title: str = "") -> None:
        self._builder = builder
        self._name = name
        self._title = "".join(title.split())
        self._pieces: list[str] = []
        self._prefix = ""
        self.n_pictures = 0

    def write(self, element: HtmlElement) -> None:
        """Write an element and what is in it."""
        self._walk(element)
        self._flush()

    def _walk(self, element: HtmlElement) -> None:
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag == "br":
            self._flush()
        elif tag == "img":
            self.n_pictures += 1
        elif tag == "sup" and _is_note_mark(element):
            pass
        elif tag in BLOCKS:
            self._flush()
            self._block(element, tag)
            self._flush()
        else:
            self._inside(element)

    def _inside(self, element: HtmlElement) -> None:
        self._pieces.append(element.text or "")
        for child in element:
            self._walk(child)
            self._pieces.append(child.tail or "")

    def _block(self, element: HtmlElement, tag: str) -> None:
        if tag in HEADINGS:
            self._heading(element, int(tag[1]))
        elif tag == "pre":
            for paragraph in paragraphs_of("".join(element.itertext())):
                self._builder.paragraph(paragraph)
        elif tag == "table" and is_data_table(element):
            self._builder.table(Grid(_rows(element, self._name)))
        elif tag == "ol":
            self._ordered(element)
        elif tag == "dt":
            self._term(element)
        else:
            self._inside(element)
            if tag == "dl" and self._prefix:
                self._flush()
                self._paragraph("")

    def _heading(self, element: HtmlElement, level: int) -> None:
        text = plain_text(element)
        if self._is_title(text):
            return
        self._prefix, text = "", self._prefix + text
        # One title heads the page; what stands below it is not its like.
        self._builder.heading(text, max(level, 2) if self._title else level)

    def _ordered(self, element: HtmlElement) -> None:
        number = int(element.get("start", "")) if element.get("start", "").isdecimal() else 1
        for child in element:
            self._flush()
            if child.tag == "li":
                number = int(child.get("value", "")) if child.get("value", "").isdecimal() else number
                text = plain_text(child)
                self._prefix = "" if read_heading_number(text, 0, len(text)) else f"{number}. "
                number += 1
            self._walk(child)
            self._pieces.append(child.tail or "")

    def _term(self, element: HtmlElement) -> None:
        """A term stands before what it means, in one paragraph where it is short."""
        text = plain_text(element)
        if self._prefix:
            self._paragraph("")
        if len(text) > _TERM_CHARS:
            self._paragraph(text)
        elif text:
            self._prefix = text if text.endswith((":", "：")) else f"{text}："

    def _flush(self) -> None:
        text = _BETWEEN_WIDE.sub("", "".join(self._pieces))
        self._pieces.clear()
        text = _SPACE.sub(" ", text).strip()
        if text and not self._is_title(text):
            self._paragraph(text)

    def _paragraph(self, text: str) -> None:
        self._builder.paragraph(self._prefix + text)
        self._prefix = ""

    def _is_title(self, text: str) -> bool:
        return bool(self._title) and "".join(text.split()) == self._title


def _is_note_mark(element: HtmlElement) -> bool:
    """Whether a raised sign is nothing but a link to a note on the page, which runs into figures."""
    links = [link for link in element.iter("a") if link.get("href", "").startswith("#")]
    return bool(links) and "".join(plain_text(link) for link in links) == plain_text(element).replace(" ", "")


def _rows(table: HtmlElement, name: str) -> list[list[Cell | None]]:
    """The cells of a table by row and column; its caption is a row above them."""
    rows: list[list[Cell | None]] = []
    covered: dict[int, int] = {}  # rows that a column is covered for, by a cell above
    for row in table.iter("tr"):
        line: list[Cell | None] = []
        for cell in row.iterchildren("td", "th"):
            _skip_covered(line, covered)
            n_columns = min(_span(cell, "colspan"), max(1, MAX_COLUMNS - len(line)))
            n_rows = _span(cell, "rowspan")
            header = cell.tag == "th" or row.getparent().tag == "thead"
            line += [Cell(plain_text(cell), "", n_columns, n_rows, header), *[None] * (n_columns - 1)]
            covered |= dict.fromkeys(range(len(line) - n_columns, len(line)), n_rows)
        _skip_covered(line, covered)
        covered = {column: left - 1 for column, left in covered.items() if left > 1}
        rows.append(line)
    width = max(map(len, rows), default=0)
    if width * len(rows) > MAX_CELLS:
        raise DocumentTooLargeError(f"{name} has a table of more than {MAX_CELLS:,} cells. Split it into several.")
    caption = table.find("caption")
    above: list[list[Cell | None]] = [[Cell(plain_text(caption), "", width)]] if caption is not None else []
    return [*above, *rows]


def _skip_covered(line: list[Cell | None], covered: dict[int, int]) -> None:
    while covered.get(len(line), 0) and len(line) < MAX_COLUMNS:
        line.append(None)


def _span(cell: HtmlElement, name: str) -> int:
    told = cell.get(name, "1").strip()
    return min(max(1, int(told)), MAX_CELLS) if told.isdecimal() and len(told) < 9 else 1
