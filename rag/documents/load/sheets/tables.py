"""The tables of a sheet: blocks of cells that empty rows and columns part, with the titles that stand above them.

Costs what the cells cost that hold something, however far apart they stand. Knows no file format.

Not covered: tables put beside or under each other without an empty column or row between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from rag.documents.load.grid import Cell, Grid
from rag.documents.load.sheets.sheet import Sheet, address_of

if TYPE_CHECKING:
    from rag.documents.load.builder import TextBuilder

__all__ = ["tables_of", "write_sheet"]

_Place: TypeAlias = tuple[int, int]
MOST_GAP: Final = 2
"""Empty rows inside a table, and between its title and itself."""
MOST_TITLE_CHARS: Final = 60
MOST_DEPTH: Final = 8
"""Of tables beside tables under tables; what goes deeper is read as one table."""
MOST_AREA: Final = 1_000_000
"""Places of a table, empty ones among them; of a larger one with few cells, each row is told for itself."""
MOST_MERGES: Final = 100_000


def write_sheet(sheet: Sheet, builder: TextBuilder, *, named: bool) -> None:
    """Write the tables of a sheet.

    Args:
        sheet: The sheet.
        builder: Where to.
        named: Whether its name is a heading in the text.
    """
    with builder.inside("sheet", sheet.name):
        tables = tables_of(sheet)
        if named and tables:
            builder.heading(sheet.name, 1)
        for grid in tables:
            builder.table(grid)


def tables_of(sheet: Sheet) -> list[Grid]:
    """The tables of a sheet, in the order of their rows; a line of text alone is one too."""
    spans = _spans(sheet)
    blocks = _put_together(_split(list(spans), spans, 0), spans, sheet.texts)
    return [grid for block in blocks for grid in _grids(block, spans, sheet.texts)]


@dataclass(slots=True)
class _Block:
    """Cells that belong together."""

    places: list[_Place]

    @property
    def rows(self) -> dict[int, list[int]]:
        """Columns that hold something, by row, both in order."""
        rows: dict[int, list[int]] = {}
        for row, column in sorted(self.places):
            rows.setdefault(row, []).append(column)
        return rows

    @property
    def columns(self) -> frozenset[int]:
        """Columns that hold something."""
        return frozenset(column for _, column in self.places)

    @property
    def first(self) -> int:
        """The first row."""
        return min(row for row, _ in self.places)

    def is_text(self, texts: Mapping[_Place, str]) -> bool:
        """Whether it is a title or a note: short, one cell a row."""
        places = self.places
        return len({row for row, _ in places}) == len(places) and sum(len(texts[p]) for p in places) <= MOST_TITLE_CHARS


def _put_together(
    blocks: Iterable[_Block], spans: Mapping[_Place, _Place], texts: Mapping[_Place, str]
) -> Iterator[_Block]:
    """Blocks under one another that are one table: its title, itself, and what goes on without headers of its own."""
    before: _Block | None = None
    for block in blocks:
        if before is not None and _belongs(before, block, spans, texts):
            before = _Block(before.places + block.places)
            continue
        if before is not None:
            yield before
        before = block
    if before is not None:
        yield before


def _belongs(above: _Block, below: _Block, spans: Mapping[_Place, _Place], texts: Mapping[_Place, str]) -> bool:
    gap = below.first - max(spans[place][0] for place in above.places) - 1
    if not 0 <= gap <= MOST_GAP or not (above.columns & below.columns):
        return False
    if below.is_text(texts):
        return False
    if above.is_text(texts):
        return above.columns <= below.columns
    if not below.columns <= above.columns or len(below.columns) < 2:
        return False
    layouts = [next(_grids(block, spans, texts)).layout for block in (above, below)]
    return layouts[0].n_headers > 0 and layouts[1].n_headers == layouts[1].n_titles == 0


def _spans(sheet: Sheet) -> dict[_Place, _Place]:
    """Cells with something in them, each with the last place that it covers; those that another one covers are gone."""
    spans = {place: place for place in sheet.texts}
    if not spans:
        return spans
    last_row, last_column = max(row for row, _ in spans), max(column for _, column in spans)
    n_covered = 0
    for top, left, bottom, right in sheet.merged[:MOST_MERGES]:
        end = min(bottom, last_row), min(right, max(last_column, left))
        area = (end[0] - top + 1) * (end[1] - left + 1)
        n_covered += min(area, len(spans))
        if area < 2 or n_covered > MOST_AREA:
            continue
        inside = (
            ((row, column) for row in range(top, end[0] + 1) for column in range(left, end[1] + 1))
            if area <= len(spans)
            else [place for place in spans if top <= place[0] <= end[0] and left <= place[1] <= end[1]]
        )
        for place in inside:
            if place != (top, left):
                spans.pop(place, None)
        if (top, left) in spans:
            spans[top, left] = end
    return spans


def _split(places: Sequence[_Place], spans: Mapping[_Place, _Place], depth: int) -> Iterator[_Block]:
    """Part cells at empty rows, then at empty columns, and again inside of what that gives."""
    for band in _parted(places, spans, axis=0):
        titles, rest = _titles(band)
        beside = list(_parted(rest, spans, axis=1))
        if len(beside) < 2 or depth >= MOST_DEPTH:
            yield _Block(list(band))
            continue
        if titles:
            yield _Block(titles)
        for group in beside:
            yield from _split(group, spans, depth + 1)


def _titles(band: Sequence[_Place]) -> tuple[list[_Place], list[_Place]]:
    """The first rows with one cell each, and the rest; no titles where nothing else is there."""
    rows = _Block(list(band)).rows
    first = next((row for row, columns in rows.items() if len(columns) > 1), 0)
    return [place for place in band if place[0] < first], [place for place in band if place[0] >= first]


def _parted(places: Iterable[_Place], spans: Mapping[_Place, _Place], *, axis: int) -> Iterator[list[_Place]]:
    """Parts between which a whole row (axis 0) or column (axis 1) is empty, in order."""
    part: list[_Place] = []
    end = 0
    for place in sorted(places, key=lambda each: (each[axis], each)):
        if part and place[axis] > end + 1:
            yield part
            part = []
        part.append(place)
        end = max(end, spans[place][axis])
    if part:
        yield part


def _grids(block: _Block, spans: Mapping[_Place, _Place], texts: Mapping[_Place, str]) -> Iterator[Grid]:
    """A block as a table; row by row where it is nearly empty and huge."""
    rows = block.rows
    columns = sorted({column for _, column in block.places})
    if len(rows) * len(columns) > max(MOST_AREA, 100 * len(block.places)):
        for row, there in rows.items():
            yield Grid([[Cell(texts[row, column], address_of(row, column)) for column in there]])
        return
    yield Grid(_cells(rows, columns, spans, texts))


def _cells(
    rows: Mapping[int, Sequence[int]],
    columns: Sequence[int],
    spans: Mapping[_Place, _Place],
    texts: Mapping[_Place, str],
) -> list[list[Cell | None]]:
    """The cells of a table by row and column; rows and columns in which nothing begins are left out."""
    at_row = {row: number for number, row in enumerate(rows)}
    at_column = {column: number for number, column in enumerate(columns)}
    cells: list[list[Cell | None]] = []
    for row, there in rows.items():
        line: list[Cell | None] = [None] * len(columns)
        for column in there:
            bottom, right = spans[row, column]
            n_rows = 1 if bottom == row else sum(1 for each in at_row if row <= each <= bottom)
            n_columns = 1 if right == column else sum(1 for each in columns if column <= each <= right)
            address = address_of(row, column)
            line[at_column[column]] = Cell(texts[row, column], address, n_columns=n_columns, n_rows=n_rows)
        cells.append(line)
    return cells
