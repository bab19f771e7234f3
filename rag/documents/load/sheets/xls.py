"""Workbooks of Excel 97-2003 and of WPS (``.xls``, ``.et``), by xlrd.

Left out: pictures, charts, comments, macros. A formula whose value is not in the file cannot be told from one whose
value is 0 or empty. xlrd is no longer developed, but kept alive; it runs nothing that it reads.
"""

from __future__ import annotations

import io
from typing import Any, Final

from rag.documents.load.sheets.number_format import BUILT_IN, GENERAL, shown_text
from rag.documents.load.sheets.sheet import Sheet
from rag.errors import DocumentError, DocumentFormatError

__all__ = ["read_xls"]

_TEXT, _NUMBER, _DATE, _BOOLEAN, _ERROR = 1, 2, 3, 4, 5  # of cells, as xlrd calls them


def read_xls(content: bytes, name: str) -> list[Sheet]:
    """The sheets in the order of their tabs.

    Args:
        content: The file's bytes.
        name: Its name, for errors.

    Raises:
        DocumentFormatError: It cannot be read, or needs a password.
        DocumentTooLargeError: A sheet has more than a million cells.
    """
    import xlrd  # noqa: PLC0415 - rarely needed

    try:
        book = xlrd.open_workbook(
            file_contents=content, formatting_info=True, ragged_rows=True, on_demand=True, logfile=io.StringIO()
        )
        return [_read(book, number) for number in range(book.nsheets)]
    except DocumentError:
        raise
    except xlrd.XLRDError as error:
        locked = "encrypted" in str(error).lower()
        raise DocumentFormatError(
            f"{name} is locked with a password. Save it without one and index that."
            if locked
            else f"{name} is no workbook that can be read ({error}). Save it as .xlsx and index that."
        ) from error
    except Exception as error:  # xlrd checks little: a damaged file fails wherever it happens to
        raise DocumentFormatError(
            f"{name} cannot be read: it is damaged ({error}). Open it in its program and save it as .xlsx."
        ) from error


def _read(book: Any, number: int) -> Sheet:  # noqa: ANN401 - xlrd has no types
    raw = book.sheet_by_index(number)
    sheet = Sheet(raw.name, is_hidden=bool(raw.visibility))
    sheet.merged = [(top + 1, left + 1, bottom, right) for top, bottom, left, right in raw.merged_cells]
    for row in range(raw.nrows):
        before = len(sheet.texts)
        for column in range(raw.row_len(row)):
            _put(book, raw, row, column, sheet)
        hidden = raw.rowinfo_map.get(row)
        if hidden is not None and hidden.hidden and len(sheet.texts) > before:
            sheet.hidden_rows.add(row + 1)
    hidden_columns = {column + 1 for column, info in raw.colinfo_map.items() if info.hidden}
    sheet.hidden_columns = {column for _, column in sheet.texts} & hidden_columns
    book.unload_sheet(number)
    return sheet


def _put(book: Any, raw: Any, row: int, column: int, sheet: Sheet) -> None:  # noqa: ANN401
    kind, value, place = raw.cell_type(row, column), raw.cell_value(row, column), (row + 1, column + 1)
    if kind in (_NUMBER, _DATE):
        number = str(int(value)) if value == int(value) else repr(value)
        code = _format(book, raw.cell_xf_index(row, column))
        sheet.put_number(*place, number, code, from_1904=bool(book.datemode))
    elif kind == _TEXT:
        sheet.put(*place, shown_text(value, _format(book, raw.cell_xf_index(row, column))))
    elif kind == _BOOLEAN:
        sheet.put(*place, "TRUE" if value else "FALSE")
    elif kind == _ERROR:
        sheet.put(*place, _ERRORS.get(value, f"#{value}"))


def _format(book: Any, style: int) -> str:  # noqa: ANN401
    key = book.xf_list[style].format_key
    own = book.format_map.get(key)
    return BUILT_IN.get(key) or (own.format_str if own else GENERAL)


_ERRORS: Final = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
