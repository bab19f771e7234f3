"""A column of figures in a table: its rows with their names, the row of totals told apart, its sum.

Only where every row has one figure of one kind and no row holds others (其中, a code that begins another one). Where
that is not sure there is no column: a wrong figure is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Final, TypeAlias

from rag.retrieval.tables import Table
from rag.schema.search import Evidence
from rag.scoring.row_cells import RowCell, plain_header
from rag.text.figures import Figure, find_figures
from rag.text.numbering import item_number
from rag.text.places import SUFFIXES

__all__ = ["Column", "Entry", "Row", "column_of", "figure_in", "is_name"]

_TOTAL: Final = re.compile(
    rf"[合共总]计|[合总]数|总额|全部|小计|全[{SUFFIXES}国校]|(?:grand |sub)?totals?|sum|all", re.IGNORECASE
)
_PART: Final = re.compile(r"其中|小计|of which|subtotal", re.IGNORECASE)
_MINUS: Final = re.compile(r"\s*[-−–]\s*(?=[\d.])")
_NOTHING: Final = "-—–－/／…*· \u3000"  # stands where there is no figure
_LEAST_ROWS: Final = 2

Row: TypeAlias = tuple[Evidence, list[RowCell]]
"""A row with its cells."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row with its figure in the column.

    Attributes:
        name: What the row is about.
        figure: The figure; its offsets are those of the cell's value.
        written: The cell's value as it stands there.
        evidence: The row; its location is the cell's, where the file has cells.
    """

    name: str
    figure: Figure
    written: str
    evidence: Evidence

    @property
    def value(self) -> Decimal:
        """The figure's value."""
        return self.figure.value


@dataclass(frozen=True, slots=True)
class Column:
    """A column of figures.

    Attributes:
        header: What stands over it.
        name_header: What stands over the names of its rows.
        entries: Its rows, in order; a row of totals is not among them.
        total: The row of totals, where there is one.
        n_empty: Rows without a figure.
    """

    header: str
    name_header: str
    entries: tuple[Entry, ...]
    total: Entry | None
    n_empty: int

    @property
    def sum(self) -> Decimal:
        """All figures added."""
        return sum((entry.value for entry in self.entries), Decimal())

    @property
    def is_total_right(self) -> bool:
        """Whether the row of totals, if there is one, tells the sum of the others, but for the rounding of each.

        1.2 and 1.2 make 2.5 where they were 1.24 and 1.24: each is wrong by half of its last digit at most.
        """
        if self.total is None:
            return True
        digits = min(int(entry.value.as_tuple().exponent) for entry in (*self.entries, self.total))
        return abs(self.sum - self.total.value) <= Decimal(len(self.entries) + 1) / 2 * Decimal(10) ** min(digits, 0)

    @property
    def ranked(self) -> list[Entry]:
        """The rows by their figures, the largest first."""
        return sorted(self.entries, key=lambda entry: -entry.value)


def column_of(table: Table, rows: Sequence[Row], header: str, wanted: Sequence[Row]) -> Column | None:
    """The column under a header, of some rows.

    Args:
        table: The table.
        rows: All its rows: what tells them apart is what each is about.
        header: The header.
        wanted: The rows that are asked about.

    Returns:
        The column; None where there is none or its rows cannot be reckoned with.
    """
    if not header:
        return None
    names = _names_of(rows, header) or _names_of(wanted, header)
    if names is None:
        return None
    name_header, name_of = names
    entries: list[Entry] = []
    n_empty = 0
    for row, cells in wanted:
        own = next((cell for cell in cells if cell.header == header), None)
        if own is None or not own.value.strip(_NOTHING):
            n_empty += not _is_total(name_of[row.start])
        elif figure := figure_in(own.value):
            entries.append(Entry(name_of[row.start], figure, own.value, table.at_cell(row, own.start, own.end)))
        else:
            return None  # something that is no figure: it may be the largest
    totals = [entry for entry in entries if _is_total(entry.name)]
    rest = tuple(entry for entry in entries if entry not in totals)
    kinds = {(entry.figure.kind, entry.figure.unit) for entry in entries}
    if len(totals) > 1 or len(rest) < _LEAST_ROWS or len(kinds) > 1 or _are_nested(rest, wanted):
        return None
    return Column(header, name_header, rest, totals[0] if totals else None, n_empty)


def _names_of(rows: Sequence[Row], header: str) -> tuple[str, dict[int, str]] | None:
    """The header of the first column that tells all rows apart, and what stands there, by where the row begins."""
    for other in dict.fromkeys(cell.header for _, cells in rows for cell in cells if cell.header != header):
        named = {row.start: cell.value for row, cells in rows for cell in cells if cell.header == other}
        if len(set(named.values())) == len(named) == len(rows) and all(map(is_name, named.values())):
            return other, named
    return None


def figure_in(value: str) -> Figure | None:
    """The one figure that a cell holds and nothing else beside its unit; less than nothing where a minus leads it."""
    minus = _MINUS.match(value)
    plain = value[minus.end() :] if minus else value
    figures = find_figures(plain)
    if len(figures) != 1 or figures[0].kind not in ("number", "percent") or figures[0].loose:
        return None
    figure = figures[0]
    if re.search(r"[\d.,~～至—–-]", plain[: figure.start] + plain[figure.end :]):
        return None
    return replace(figure, value=-figure.value) if minus else figure


def _is_total(name: str) -> bool:
    return _TOTAL.fullmatch(re.sub(r"\s", "", plain_header(name))) is not None


def is_name(value: str) -> bool:
    """Whether a cell names something: it holds letters and is no figure with its unit."""
    return re.search(r"[^\W\d_]", value) is not None and figure_in(value) is None


def _are_nested(entries: Sequence[Entry], rows: Sequence[Row]) -> bool:
    """Whether some rows hold others: by words, by numbering on two levels, by codes of which one begins another."""
    if any(_PART.match(plain_header(entry.name)) for entry in entries):
        return True
    if len({bool(item_number(entry.name)) for entry in entries}) > 1:
        return True
    first = {cells[0].value for _, cells in rows if cells and cells[0].value.isdecimal()}
    codes = sorted(code for code in first if len(code) > 2)  # "1" begins "10" and does not hold it
    return any(other.startswith(code) for code, other in pairwise(codes))
