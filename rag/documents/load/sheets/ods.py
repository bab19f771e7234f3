"""Workbooks of OpenDocument (``.ods``), whose cells tell themselves what they show.

Left out: pictures, charts, comments (annotations).

Source: OASIS OpenDocument 1.3 part 3, chapter 9 (tables).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from rag.documents.load.sheets.sheet import LAST_COLUMN, LAST_ROW, Sheet
from rag.errors import DocumentFormatError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from rag.documents.load.sheets.package import Package

__all__ = ["read_ods"]

_BLANKS: Final = {"tab": "\t", "line-break": "\n"}
_MOST_REPEATED: Final = 1_000
"""A cell with something in it that is repeated more often is a pattern, and is read this often."""


def read_ods(package: Package, name: str) -> list[Sheet]:
    """The sheets in the order of their tabs.

    Args:
        package: The opened container.
        name: The file's name, for errors.

    Raises:
        DocumentError: It is damaged, too large, or needs a password.
    """
    if b"encryption-data" in package.content("META-INF/manifest.xml"):
        raise DocumentFormatError(f"{name} is locked with a password. Save it without one and index that.")
    hidden: set[str] = set()
    sheets: list[Sheet] = []
    reading = _Reading()
    for element in package.elements("content.xml", "style", "table-column", "table-row", "table"):
        if element.tag == "style":
            properties = element.find("table-properties")
            if properties is not None and properties.get("display") == "false":
                hidden.add(element.get("name", ""))
        elif element.tag == "table-column":
            reading.column(element)
        elif element.tag == "table-row":
            reading.row(element)
        else:
            is_hidden = element.get("style-name", "") in hidden
            sheets.append(reading.sheet(element.get("name", ""), is_hidden=is_hidden))
            reading = _Reading()
    return sheets


class _Reading:
    """One sheet while its columns and rows come in; its name comes last."""

    def __init__(self) -> None:
        self._sheet = Sheet("")
        self._row = self._column = 1
        self._hidden_columns: set[int] = set()

    def column(self, element: Element) -> None:
        n = _count(element, "number-columns-repeated")
        if element.get("visibility", "visible") != "visible":
            self._hidden_columns.update(range(self._column, min(self._column + n, LAST_COLUMN + 1)))
        self._column += n

    def row(self, element: Element) -> None:
        if self._row > LAST_ROW:
            return
        sheet, row, n_rows = self._sheet, self._row, _count(element, "number-rows-repeated")
        before = len(sheet.texts)
        _read_row(element, row, sheet)
        if len(sheet.texts) > before:
            _repeat_row(sheet, row, min(n_rows, _MOST_REPEATED))
            if element.get("visibility", "visible") != "visible":
                sheet.hidden_rows.add(row)
        self._row += n_rows

    def sheet(self, name: str, *, is_hidden: bool) -> Sheet:
        sheet = self._sheet
        sheet.name, sheet.is_hidden = name, is_hidden
        sheet.hidden_columns = {column for _, column in sheet.texts} & self._hidden_columns
        return sheet


def _read_row(element: Element, row: int, sheet: Sheet) -> None:
    column = 1
    for cell in element:
        if cell.tag not in ("table-cell", "covered-table-cell"):
            continue
        n = _count(cell, "number-columns-repeated")
        for at in range(column, column + min(n, _MOST_REPEATED)):
            if at > LAST_COLUMN or not _put(cell, row, at, sheet):
                break
        column += n


def _put(cell: Element, row: int, column: int, sheet: Sheet) -> bool:
    """Write a cell; whether it holds something."""
    text = "\n".join(_said(paragraph) for paragraph in cell.iterfind("p"))
    value = cell.get("value", "")
    if cell.get("formula") and not cell.get("value-type") and not text:
        sheet.put_formula(row, column, cell.get("formula", "").removeprefix("of:"))
    elif text.strip():
        sheet.put(row, column, text)
        if cell.get("value-type") == "float" and _is_rounded(text, value):
            sheet.note_rounded(row, column, text, value)
    elif value:
        sheet.put_number(row, column, value)
    n_rows, n_columns = _count(cell, "number-rows-spanned"), _count(cell, "number-columns-spanned")
    if n_rows > 1 or n_columns > 1:
        sheet.merged.append((row, column, min(row + n_rows - 1, LAST_ROW), min(column + n_columns - 1, LAST_COLUMN)))
    return (row, column) in sheet.texts


def _is_rounded(shown: str, value: str) -> bool:
    """Whether a number is shown with fewer digits than it has; nothing where it is shown another way."""
    try:
        return Decimal(shown.replace(",", "")) != Decimal(value)
    except InvalidOperation:
        return False


def _repeat_row(sheet: Sheet, row: int, n_rows: int) -> None:
    if n_rows == 1:
        return
    cells = [(column, text) for (at, column), text in sheet.texts.items() if at == row]
    for again in range(row + 1, row + n_rows):
        for column, text in cells:
            sheet.put(again, column, text)


def _said(paragraph: Element) -> str:
    return "".join(_pieces(paragraph))


def _pieces(element: Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag == "s":
            yield " " * min(_count(child, "c"), _MOST_REPEATED)
        elif child.tag in _BLANKS:
            yield _BLANKS[child.tag]
        elif child.tag not in ("annotation", "note", "ruby-text"):
            yield from _pieces(child)
        yield child.tail or ""


def _count(element: Element, name: str) -> int:
    text = element.get(name, "1")
    return max(1, int(text)) if text.isdecimal() and len(text) < 10 else 1
