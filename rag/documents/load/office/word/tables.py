"""The tables of a Word document as grids of cells: what a cell covers, and which rows the file calls headers.

Source: ECMA-376-1:2016, 17.4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rag.documents.load.grid import Cell, Grid
from rag.documents.load.office.package import tag
from rag.documents.load.office.word.tree import is_on, value_of

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["grid_of", "is_frame"]

MOST_COLUMNS: Final = 64  # Word has 63
MOST_PLACES: Final = 1_000_000
"""Of one table: rows times columns."""


@dataclass(slots=True)
class _Open:
    """A cell whose rows are still being counted."""

    text: str
    n_columns: int
    is_header: bool
    n_rows: int = 1


def is_frame(table: _Element) -> bool:
    """Whether a table of one column frames what it holds, and is none."""
    return all(len(row.findall(tag("w:tc"))) < 2 for row in table.findall(tag("w:tr")))


def grid_of(table: _Element, *, say: Callable[[_Element], str], titles: tuple[str, ...] = ()) -> Grid:
    """A table's cells.

    Args:
        table: With its rows as children.
        say: The text of a cell; called once for each, in order.
        titles: Lines before the table that are its title, or its unit.

    Raises:
        ValueError: It has more than a million places.
    """
    above: dict[int, _Open] = {}  # cells that may go on below, by their first column
    rows = [_row(row, above, say) for row in table.findall(tag("w:tr"))]
    if sum(map(len, rows)) > MOST_PLACES:
        raise ValueError(f"a table of more than {MOST_PLACES:,} cells")
    width = max((len(row) for row in rows), default=0)
    heads: list[list[Cell | None]] = [[Cell(title, n_columns=width), *[None] * (width - 1)] for title in titles]
    return Grid([*heads, *([_closed(cell) for cell in row] for row in rows)])


def _row(row: _Element, above: dict[int, _Open], say: Callable[[_Element], str]) -> list[_Open | None]:
    properties = row.find(tag("w:trPr"))
    is_header = is_on(properties, "w:tblHeader")
    cells: list[_Open | None] = [None] * _count(value_of(properties, "w:gridBefore"), 0)
    for element in row.findall(tag("w:tc")):
        own = element.find(tag("w:tcPr"))
        width = max(1, _count(value_of(own, "w:gridSpan"), 1))
        text = say(element)
        before = cells[-1] if cells else None
        if _goes_on(own, "w:hMerge") and before:
            before.n_columns += width
            cells += [None] * width
            continue
        upper = above.get(len(cells))
        if _goes_on(own, "w:vMerge") and upper:
            upper.n_rows += 1
            cells += [None] * width
            continue
        begun = _Open(text, width, is_header)
        above[len(cells)] = begun
        cells += [begun, *[None] * (width - 1)]
    return cells


def _goes_on(properties: _Element | None, name: str) -> bool:
    """Whether a cell goes on with the one above it, or before it."""
    merge = properties.find(tag(name)) if properties is not None else None
    return merge is not None and merge.get(tag("w:val"), "continue") == "continue"


def _closed(cell: _Open | None) -> Cell | None:
    if cell is None:
        return None
    return Cell(cell.text, n_columns=cell.n_columns, n_rows=cell.n_rows, is_header=cell.is_header)


def _count(told: str | None, default: int) -> int:
    return min(int(told), MOST_COLUMNS) if told is not None and told.isdecimal() else default
