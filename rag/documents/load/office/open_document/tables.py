"""The tables of an OpenDocument file as grids of cells.

Source: OASIS OpenDocument 1.3, part 3, chapter 9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from rag.documents.load.grid import Cell, Grid
from rag.documents.load.office.package import tag

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["grid_of"]

MOST_PLACES: Final = 500_000
"""Of one table: rows times columns, with those that the file says once and means often."""
_ROW: Final = tag("table:table-row")
_CELL: Final = tag("table:table-cell")
_HEADERS: Final = tag("table:table-header-rows")
_GROUPS: Final = (_HEADERS, tag("table:table-rows"), tag("table:table-row-group"))


def grid_of(table: _Element, *, say: Callable[[_Element], str], titles: tuple[str, ...] = ()) -> Grid:
    """A table's cells.

    Args:
        table: The table.
        say: The text of a cell; called once for each, in order.
        titles: Lines before the table that are its title, or its unit.

    Raises:
        ValueError: It has more than half a million places.
    """
    rows: list[list[Cell | None]] = []
    n_places = 0
    for row, is_header in _rows(table, is_header=False):
        cells = _cells(row, say, is_header=is_header)
        again = _count(row, "table:number-rows-repeated") if any(cell and cell.text for cell in cells) else 1
        n_places += again * max(1, len(cells))
        if n_places > MOST_PLACES:
            raise ValueError(f"a table of more than {MOST_PLACES:,} cells")
        rows += [cells] * again
    width = max((len(row) for row in rows), default=1)
    heads: list[list[Cell | None]] = [[Cell(title, n_columns=width), *[None] * (width - 1)] for title in titles]
    return Grid([*heads, *rows])


def _rows(owner: _Element, *, is_header: bool) -> Iterator[tuple[_Element, bool]]:
    for child in owner:
        if child.tag == _ROW:
            yield child, is_header
        elif child.tag in _GROUPS:
            yield from _rows(child, is_header=is_header or child.tag == _HEADERS)


def _cells(row: _Element, say: Callable[[_Element], str], *, is_header: bool) -> list[Cell | None]:
    cells: list[Cell | None] = []
    gap = 0  # empty places; those behind the last cell are none
    for element in row:
        again = _count(element, "table:number-columns-repeated")
        text = say(element) if element.tag == _CELL else ""
        if not text:
            gap += again
            continue
        if len(cells) + gap + again > MOST_PLACES:
            raise ValueError(f"a row of more than {MOST_PLACES:,} cells")
        n_columns, n_rows = (_count(element, f"table:number-{what}-spanned") for what in ("columns", "rows"))
        cells += [None] * gap
        cells += [Cell(text, n_columns=n_columns, n_rows=n_rows, is_header=is_header) for _ in range(again)]
        gap = 0
    return cells


def _count(element: _Element, name: str) -> int:
    told = element.get(tag(name), "1")
    return max(1, int(told)) if told.isdecimal() and len(told) < 10 else 1
