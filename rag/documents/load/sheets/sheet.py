"""A workbook as every kind of spreadsheet file becomes one: what its cells show, and what people should know of it.

Knows no file format.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final

from rag.documents.load.sheets.number_format import DIGITS, GENERAL, exact, shown_number
from rag.errors import DocumentTooLargeError

__all__ = ["LAST_COLUMN", "LAST_ROW", "Sheet", "address_of", "place_of"]

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
MOST_CELLS: Final = 1_000_000
"""Of a sheet, with something in them: more would be read in more than a minute."""
NOT_CALCULATED: Final = "（公式未计算）"
MOST_NAMED: Final = 5


def address_of(row: int, column: int) -> str:
    """What people know a cell by, from its row and column, both from 1.

    >>> address_of(7, 2), address_of(1048576, 16384)
    ('B7', 'XFD1048576')
    """
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


def place_of(address: str) -> tuple[int, int] | None:
    """Row and column of an address, from 1; None where it is none, or stands outside of every sheet.

    >>> place_of("B7"), place_of("$XFD$1048577"), place_of("")
    ((7, 2), None, None)
    """
    plain = address.replace("$", "").upper()
    letters = plain.rstrip("0123456789")
    digits = plain[len(letters) :]
    if not (0 < len(letters) <= 3 and letters.isascii() and letters.isalpha() and 0 < len(digits) <= 7):
        return None
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    row = int(digits)
    return (row, column) if 1 <= row <= LAST_ROW and column <= LAST_COLUMN else None


@dataclass(slots=True)
class Sheet:
    """One sheet.

    Attributes:
        name: What its tab says; empty where the file has no sheets.
        texts: What each cell shows, by row and column from 1; cells that show nothing are not there.
        merged: Cells merged into one: first row and column, last row and column.
        is_hidden: Whether the sheet is hidden.
        hidden_rows: Rows that are hidden and hold something.
        hidden_columns: Columns that are hidden and hold something.
    """

    name: str
    texts: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    is_hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    _uncalculated: list[str] = field(default_factory=list)
    _invisible: list[str] = field(default_factory=list)
    _cut: list[str] = field(default_factory=list)
    _rounded: int = 0
    _example: str = ""

    def put(self, row: int, column: int, text: str) -> None:
        """Write what a cell shows; blank text is nothing.

        Raises:
            DocumentTooLargeError: The sheet has more than a million cells with something in them.
        """
        if text.strip():
            self.texts[row, column] = text.strip()
        if len(self.texts) > MOST_CELLS:
            raise DocumentTooLargeError(
                f"Sheet {self.name!r} has more than {MOST_CELLS:,} cells. Split it into several files."
            )

    def put_number(self, row: int, column: int, number: str, code: str = GENERAL, *, from_1904: bool = False) -> None:
        """Write what a number shows under its format, and note the digits that it does not show."""
        if code == GENERAL and number.isdecimal():
            self.put(row, column, number)
            return
        try:
            value = Decimal(number)
        except InvalidOperation:
            self.put(row, column, number)
            return
        if not value.is_finite() or abs(value.adjusted()) > 307:
            self.put(row, column, number)
            return
        shown = shown_number(value, code, from_1904=from_1904)
        text = shown.text or (format(exact(value), "f") if shown.is_rounded else "")
        self.put(row, column, text)
        if shown.is_rounded:
            self.note_rounded(row, column, shown.text, number)
        if "E" in number.upper() and value == value.to_integral_value() and value.adjusted() >= DIGITS:
            self._cut.append(address_of(row, column))

    def put_formula(self, row: int, column: int, formula: str) -> None:
        """Write that a formula has no value in the file."""
        self.put(row, column, (f"={formula.lstrip('=')}" if formula else "") + NOT_CALCULATED)
        self._uncalculated.append(address_of(row, column))

    def note_rounded(self, row: int, column: int, shown: str, number: str) -> None:
        """Note that a cell shows fewer digits than it holds, or nothing of them."""
        if not shown.strip():
            self._invisible.append(address_of(row, column))
            return
        self._rounded += 1
        self._example = self._example or f"{address_of(row, column)} shows {shown} and holds {number}"

    @property
    def notes(self) -> tuple[str, ...]:
        """What people should know of it, a sentence each."""
        called = f"Sheet {self.name!r}" if self.name else "The table"
        hidden = [("row", sorted(map(str, self.hidden_rows), key=int))]
        hidden.append(("column", [address_of(1, column)[:-1] for column in sorted(self.hidden_columns)]))
        said = [f"{called} is hidden; it was read."] if self.is_hidden else []
        said += [f"{called} has hidden {what}s, which were read: {_named(them)}." for what, them in hidden if them]
        for cells, what in (
            (self._uncalculated, "formulas whose values are not in the file: calculate and save it"),
            (self._invisible, "numbers that their format hides, which were read"),
            (self._cut, f"numbers of which the file keeps {DIGITS} or 17 digits: long ids must be stored as text"),
        ):
            if cells:
                said.append(f"{called} has {what}: {_named(cells)}.")
        if self._rounded:
            cells_show = "cell shows" if self._rounded == 1 else "cells show"
            said.append(f"{called}: {self._rounded:,} {cells_show} rounded numbers: {self._example}.")
        return tuple(said)


def _named(names: Iterable[str]) -> str:
    names = list(names)
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
