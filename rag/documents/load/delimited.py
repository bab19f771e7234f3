"""Tables that are text: ``.csv`` and ``.tsv``, of Excel, WPS and whatever exports them.

The delimiter is the one that parts the lines most evenly; a line ``sep=;`` decides. A line of such a file says little
alone, so the text is what we write of it: each row with its headers. Cells are known by the address that a spreadsheet
program gives them.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from typing import Final

from rag.documents.load.builder import TextBuilder
from rag.documents.load.encodings import decode
from rag.documents.load.loader import Extracted, readable_name
from rag.documents.load.sheets.sheet import Sheet, address_of
from rag.documents.load.sheets.tables import write_sheet
from rag.errors import DocumentFormatError

__all__ = ["DelimitedLoader"]

DELIMITERS: Final = ",\t;|"
_SAMPLE_LINES: Final = 100
_MOST_NULS: Final = 0.01
"""Share of NULs in text that something padded; UTF-16 without a mark has far more."""


class DelimitedLoader:
    """Comma and tab separated values."""

    suffixes = frozenset({".csv", ".tsv"})

    def extract(self, path: Path, *, max_bytes: int) -> Extracted:
        """Read the rows.

        Raises:
            DocumentFormatError: The file is binary, or has no cell with something in it.
            DocumentEncodingError: No encoding fits.
            DocumentTooLargeError: It has more than a million cells, or becomes too long a text.
        """
        name = readable_name(path)
        with path.open("rb") as file:
            content = file.read(max_bytes)
        notes: list[str] = []
        n_nuls = content.count(0)
        if 0 < n_nuls <= _MOST_NULS * len(content):
            content = content.replace(b"\0", b"")
            notes.append(f"{n_nuls:,} NUL characters were left out.")
        text, encoding = decode(content, name=name)
        sheet = Sheet("")
        rows, is_whole = _rows(text)
        if not is_whole:
            notes.append("A quotation mark is never closed: quotation marks were read as text.")
        for row, cells in enumerate(rows, start=1):
            for column, cell in enumerate(cells, start=1):
                sheet.put(row, column, _shown(cell))
        builder = TextBuilder(name)
        write_sheet(sheet, builder, named=False)
        if not builder.text:
            raise DocumentFormatError(f"{name} has nothing in its cells. Nothing was indexed from it.")
        media_type = "text/csv" if path.suffix.lower() == ".csv" else "text/tab-separated-values"
        return Extracted(builder.text, media_type, encoding, builder.blocks, (*notes, *_lost(sheet)))


def _rows(text: str) -> tuple[list[list[str]], bool]:
    """The cells of each row, and whether every quotation mark is closed."""
    text = text.removeprefix("\ufeff")
    first, _, rest = text.partition("\n")
    told = first.strip().strip('"')
    if told.lower().startswith("sep=") and len(told) == 5:
        delimiter, text = told[4], rest
    else:
        delimiter = _delimiter(text)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)), True
    except csv.Error as error:
        closed = "unexpected end" not in str(error) and "field limit" not in str(error)
    try:
        lines = io.StringIO(text, newline="")
        plain = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
        return list(csv.reader(lines, delimiter=delimiter) if closed else plain), closed
    except csv.Error:  # a line of more than 131,072 characters
        return [line.split(delimiter) for line in text.splitlines()], False


def _delimiter(text: str) -> str:
    """The delimiter that most lines have equally often; a comma where no line has any."""
    lines = [line for line in text.split("\n", _SAMPLE_LINES)[:_SAMPLE_LINES] if line.strip()]

    def evenness(delimiter: str) -> tuple[int, int]:
        counts = Counter(_outside_quotes(line).count(delimiter) for line in lines)
        counts.pop(0, None)
        usual, n_lines = counts.most_common(1)[0] if counts else (0, 0)
        return n_lines, usual

    return max(DELIMITERS, key=evenness)


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _shown(cell: str) -> str:
    """What a cell says; ``="001"`` is how exports keep a program from rounding it."""
    plain = cell.strip()
    return plain[2:-1] if plain.startswith('="') and plain.endswith('"') and len(plain) > 3 else plain


def _lost(sheet: Sheet) -> list[str]:
    """A note on numbers whose digits a program has put into exponents."""
    for place, text in sheet.texts.items():
        mantissa, sign, exponent = text.upper().partition("E+")
        if sign and exponent.isdecimal() and len(exponent) < 4 and mantissa.replace(".", "", 1).isdecimal():
            return [f"Numbers such as {text} in {address_of(*place)} have lost digits: export long ids as text."]
    return []
