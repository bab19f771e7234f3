"""Workbooks of Office Open XML (``.xlsx``, ``.xlsm``): the cells that are stored, read one after another.

The parts are read as a stream by the standard library, and of each only what the text needs: a style that breaks the
schema, a claimed size of XFD1048576 or one merged cell of that size costs nothing. (openpyxl 3.1 makes an object of
every cell that a merge covers, and tells of no merge where it streams; calamine 0.9 tells no number formats, so not
what cells show.)

Left out, and noted: pictures, charts, comments. Left out: headers and footers of print, phonetic guides, macros.

Source: ECMA-376 part 1, 18.2-18.4 and 18.8; both the transitional and the strict namespaces.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from rag.documents.load.sheets.number_format import BUILT_IN, GENERAL, shown_text
from rag.documents.load.sheets.sheet import Sheet, place_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from rag.documents.load.sheets.package import Package

__all__ = ["read_xlsx"]

_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")  # how a control character is written in a text
_BOOLEANS: Final = {"0": "FALSE", "1": "TRUE", "false": "FALSE", "true": "TRUE"}


def read_xlsx(package: Package) -> tuple[list[Sheet], list[str]]:
    """The sheets in the order of their tabs, and notes on the whole.

    Args:
        package: The opened container.

    Raises:
        DocumentError: A part is damaged or too large.
    """
    related = _related(package, "")
    main = next((path for kind, path in related.values() if kind == "officeDocument"), "xl/workbook.xml")
    book = package.tree(main)
    parts = _related(package, main)
    by_kind = dict(parts.values())
    reading = _Reading(
        strings=_strings(package, by_kind.get("sharedStrings", "xl/sharedStrings.xml")),
        formats=_formats(package, by_kind.get("styles", "xl/styles.xml")),
        from_1904=any(_flag(each, "date1904") for each in book.iter("workbookPr")),
    )
    sheets, notes = [], _notes(package)
    for each in book.iter("sheet"):
        name = each.get("name", "")
        kind, path = parts.get(each.get("id", ""), ("", ""))
        if kind != "worksheet" or path not in package.names:
            notes.append(f"Sheet {name!r} holds no cells ({kind or 'its part is missing'}), and was not read.")
            continue
        sheet = Sheet(name, is_hidden=each.get("state", "visible") != "visible")
        reading.read(package, path, sheet)
        sheets.append(sheet)
    return sheets, notes


def _notes(package: Package) -> list[str]:
    counts = {"pictures": "xl/media/", "charts": "xl/charts/chart", "comments": "xl/comments"}
    found = {what: sum(name.startswith(prefix) for name in package.names) for what, prefix in counts.items()}
    told = [what for what, n in found.items() if n]
    return [f"Its {', '.join(told)} were not read."] if told else []


def _related(package: Package, part: str) -> Mapping[str, tuple[str, str]]:
    """Relations of a part by id: the last word of their kind, and the path of what is there."""
    folder, name = posixpath.split(part)
    path = posixpath.join(folder, "_rels", f"{name}.rels")
    found = {}
    for each in package.tree(path).iter("Relationship") if path in package.names else ():
        target = each.get("Target", "").replace("\\", "/")
        inside = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        if each.get("TargetMode") != "External":
            found[each.get("Id", "")] = (each.get("Type", "").rpartition("/")[2], inside)
    return found


def _flag(element: Element, name: str) -> bool:
    return element.get(name, "0") in ("1", "true")


def _strings(package: Package, path: str) -> list[str]:
    if path not in package.names:
        return []
    return [_rich_text(element) for element in package.elements(path, "si")]


def _rich_text(element: Element) -> str:
    """The text of all its runs, without phonetic guides."""
    runs = [element, *element.iter("r")]
    return _ESCAPED.sub(_unescaped, "".join(run.findtext("t") or "" for run in runs))


def _unescaped(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return chr(code) if not 0xD800 <= code < 0xE000 else ""


def _formats(package: Package, path: str) -> list[str]:
    """The number format of each style."""
    if path not in package.names:
        return []
    styles = package.tree(path)
    own = {each.get("numFmtId", ""): each.get("formatCode", "") for each in styles.iter("numFmt")}
    built_in = {str(number): code for number, code in BUILT_IN.items()}
    named = {**built_in, **own}
    cells = styles.find("cellXfs")
    return [named.get(each.get("numFmtId", "0"), GENERAL) for each in (() if cells is None else cells.iter("xf"))]


class _Reading:
    """Reads sheets of one workbook.

    Args:
        strings: The texts that cells share.
        formats: The number format of each style.
        from_1904: Whether days count from 1904.
    """

    def __init__(self, strings: list[str], formats: list[str], *, from_1904: bool) -> None:
        self._strings = strings
        self._formats = formats
        self._from_1904 = from_1904

    def read(self, package: Package, path: str, sheet: Sheet) -> None:
        hidden_columns: list[tuple[int, int]] = []
        row = 0
        for element in package.elements(path, "row", "col", "mergeCell"):
            if element.tag == "row":
                row = _number(element.get("r", ""), row + 1)
                self._read_row(element, row, sheet)
            elif element.tag == "col":
                if _flag(element, "hidden"):
                    hidden_columns.append((_number(element.get("min", ""), 1), _number(element.get("max", ""), 1)))
            else:
                sheet.merged += _area(element.get("ref", ""))
        filled = {column for _, column in sheet.texts} if hidden_columns else set()
        sheet.hidden_columns = {each for each in filled if any(low <= each <= high for low, high in hidden_columns)}

    def _read_row(self, element: Element, row: int, sheet: Sheet) -> None:
        column, before = 0, len(sheet.texts)
        for cell in element.iter("c"):
            place = place_of(cell.get("r", "")) or place_of(f"A{row}")
            if place is None:
                return
            column = place[1] if cell.get("r") else column + 1
            self._read_cell(cell, place[0], column, sheet)
        if len(sheet.texts) > before and _flag(element, "hidden"):
            sheet.hidden_rows.add(row)

    def _read_cell(self, cell: Element, row: int, column: int, sheet: Sheet) -> None:
        kind, value, formula = cell.get("t", "n"), cell.findtext("v") or "", cell.find("f")
        code = self._format(cell.get("s", "0"))
        inline = cell.find("is")
        if inline is not None:
            sheet.put(row, column, shown_text(_rich_text(inline), code))
        elif formula is not None and not value and kind != "str":
            sheet.put_formula(row, column, formula.text or "")
        elif kind == "n":
            if value.strip():
                sheet.put_number(row, column, value.strip(), code, from_1904=self._from_1904)
        elif kind == "s":
            at = _number(value, -1)
            sheet.put(row, column, shown_text(self._strings[at], code) if 0 <= at < len(self._strings) else "")
        elif kind == "str":
            sheet.put(row, column, shown_text(_ESCAPED.sub(_unescaped, value), code))
        else:  # b, e, d
            sheet.put(row, column, _BOOLEANS.get(value, value) if kind == "b" else value)

    def _format(self, style: str) -> str:
        at = _number(style, 0)
        return self._formats[at] if 0 <= at < len(self._formats) else GENERAL


def _number(text: str, otherwise: int) -> int:
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) < 10 else otherwise


def _area(ref: str) -> Iterator[tuple[int, int, int, int]]:
    first, _, last = ref.partition(":")
    one, other = place_of(first), place_of(last)
    if one and other:
        yield (*one, *other)
