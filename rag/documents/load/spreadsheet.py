"""Spreadsheet files: ``.xlsx`` and ``.xlsm``, ``.xls`` and WPS's ``.et``, ``.ods``.

The text is what the cells show, under their number formats, table by table and row by row with the headers; hidden
sheets, rows and columns are read too. Which kind of workbook a file is, its content says and not its name: programs
export ``.xls`` files that are none.

Not covered: ``.xlsb``, charts and pictures, conditional formats.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rag.documents.load.builder import TextBuilder
from rag.documents.load.loader import Extracted, readable_name
from rag.documents.load.sheets.ods import read_ods
from rag.documents.load.sheets.package import Package
from rag.documents.load.sheets.sheet import Sheet
from rag.documents.load.sheets.tables import write_sheet
from rag.documents.load.sheets.xls import read_xls
from rag.documents.load.sheets.xlsx import read_xlsx
from rag.errors import DocumentFormatError

__all__ = ["SpreadsheetLoader"]

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLS: Final = "application/vnd.ms-excel"
ODS: Final = "application/vnd.oasis.opendocument.spreadsheet"
_ZIP, _COMPOUND = b"PK", b"\xd0\xcf\x11\xe0"
_RECORD: Final = b"\x09\x08"  # a workbook of Excel 5 that is no compound file
_LOCKED: Final = "EncryptedPackage".encode("utf-16-le")
_OTHERS: Final = {
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a presentation",
    "xl/workbook.bin": "a binary workbook (xlsb)",
}


class SpreadsheetLoader:
    """The cells of workbooks."""

    suffixes = frozenset({".xlsx", ".xlsm", ".xls", ".et", ".ods"})

    def extract(self, path: Path, *, max_bytes: int) -> Extracted:
        """Read the sheets, in the order of their tabs.

        Raises:
            DocumentFormatError: The file is no workbook, damaged, locked with a password, or holds nothing.
            DocumentTooLargeError: It unpacks to too much, or a sheet has more than a million cells.
        """
        name = readable_name(path)
        try:
            media_type, sheets, notes = _read(path, name, max_bytes)
        except RecursionError as error:
            raise DocumentFormatError(f"{name} cannot be read: its elements stand too deep in each other.") from error
        builder = TextBuilder(name)
        for sheet in sheets:
            write_sheet(sheet, builder, named=sum(bool(each.texts) for each in sheets) > 1)
        if not builder.text:
            raise DocumentFormatError(f"{name} has nothing in its cells. Nothing was indexed from it.")
        notes += [note for sheet in sheets for note in sheet.notes]
        return Extracted(builder.text, media_type, blocks=builder.blocks, notes=tuple(notes))


def _read(path: Path, name: str, max_bytes: int) -> tuple[str, list[Sheet], list[str]]:
    """The kind of the file, its sheets, and what is to be said of the whole."""
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(_ZIP):
        return _read_package(path, name, max_bytes)
    if head.startswith((_COMPOUND, _RECORD)):
        content = path.read_bytes()
        if _LOCKED in content:
            raise DocumentFormatError(f"{name} is locked with a password. Save it without one and index that.")
        return XLS, read_xls(content, name), []
    raise DocumentFormatError(
        f"{name} is no workbook, whatever its name says: {_looks_like(path)}. Save it as .xlsx in its program, "
        "or let its name end in what it is."
    )


def _read_package(path: Path, name: str, max_bytes: int) -> tuple[str, list[Sheet], list[str]]:
    with Package(path, name, max_bytes=max_bytes) as package:
        other = next((kind for part, kind in _OTHERS.items() if part in package.names), None)
        if other is not None:
            raise DocumentFormatError(f"{name} is {other}, no workbook that can be read. Save it as .xlsx.")
        if "[Content_Types].xml" in package.names:
            return XLSX, *read_xlsx(package)
        if package.content("mimetype").strip().startswith(ODS.encode()):
            return ODS, read_ods(package, name), []
    raise DocumentFormatError(f"{name} is a zip file and no workbook. Let its name end in .zip.")


def _looks_like(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(1024).lower()
    if head.startswith(b"%pdf"):
        return "it is a PDF file"
    if b"<html" in head or b"<table" in head or b"<!doctype html" in head:
        return "it is a web page (HTML)"
    if head.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<?xml"):
        return "it is an XML file"
    return "it is binary" if b"\0" in head else "it looks like text (CSV?)"
