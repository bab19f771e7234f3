"""A table of any format as rows that each say what they are about: headers and cells together, in words.

``县：甲县｜小学：1,200`` can be found, read and quoted alone, which a row of bare figures cannot. Which rows are
titles and which are headers is told by the file where it tells, else by how the rows look. Pure; knows no format.

Not covered: tables whose headers stand in the last rows, and tables put beside each other on one sheet without an empty
column between them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from rag.text.figures import find_figures
from rag.text.sentences import BEHIND_HEADER, BETWEEN_CELLS

__all__ = ["Cell", "Grid", "GridRow", "WrittenCell"]

MOST_ROW_CHARS: Final = 200
"""A longer row is told in several lines, each beginning with its first cell: as much as fits a passage."""
MOST_HEADER_ROWS: Final = 4
MOST_HEADER_CHARS: Final = 40
"""Of a cell that may be a header; set on the tables of ten documents."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with something in it.

    Attributes:
        text: What it shows.
        address: What people know it by: ``B7``; empty where the format has no addresses.
        n_columns: How many columns it covers.
        n_rows: How many rows it covers.
        is_header: Whether the file says that it is a header.
    """

    text: str
    address: str = ""
    n_columns: int = 1
    n_rows: int = 1
    is_header: bool = False


@dataclass(frozen=True, slots=True)
class WrittenCell:
    """A cell in the line that tells its row: the offsets count in the line, its header left out."""

    cell: Cell
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class GridRow:
    """A line of the table.

    Attributes:
        text: What it says.
        cells: Its cells, in order.
        is_title: Whether it is the table's title, or a note above it such as its unit.
    """

    text: str
    cells: tuple[WrittenCell, ...]
    is_title: bool = False


class Grid:
    """A table: cells by row and column, covered places filled by the cell that covers them.

    Args:
        rows: Cells row by row, each where it begins; None where there is none or another one covers the place.
    """

    def __init__(self, rows: Sequence[Sequence[Cell | None]]) -> None:
        self._rows = _filled(rows)
        self._n_columns = max((len(row) for row in self._rows), default=0)

    def lines(self) -> Iterator[GridRow]:
        """The table in words: titles, then each row with its headers; a row of headers alone where nothing follows."""
        n_titles = self._n_titles()
        for row in self._rows[:n_titles]:
            yield _written(_distinct(row), is_title=True)
        body = n_titles + self._n_headers(n_titles)
        headers = self._headers(n_titles, body)
        if body == len(self._rows):
            headers, body = [""] * self._n_columns, n_titles
        for row in self._rows[body:]:
            cells = _distinct(row)
            whole = len(cells) == 1 and self._n_columns > 1
            yield from [_written(cells)] if whole else _lines_of(cells, headers)

    def _n_titles(self) -> int:
        """Rows before the table proper: one cell alone in a row, while wider rows follow."""
        for number, row in enumerate(self._rows):
            if len(_distinct(row)) > 1:
                return number
        return 0

    def _n_headers(self, first: int) -> int:
        rows = self._rows[first:]
        told = sum(1 for _ in _leading(rows))
        if told:
            return told
        n = 1
        while n < min(MOST_HEADER_ROWS, len(rows)) and _goes_on(rows[n - 1]):
            n += 1
        return n if rows and _heads(rows[:n], rows[n:]) else 0

    def _headers(self, first: int, end: int) -> list[str]:
        """The header of each column: what its header rows say from above, each once."""
        above = [[row[column] for row in self._rows[first:end]] for column in range(self._n_columns)]
        return [" ".join(dict.fromkeys(cell.text for cell in cells if cell and cell.text)) for cells in above]


def _filled(rows: Sequence[Sequence[Cell | None]]) -> list[list[Cell | None]]:
    """The rows, all of one length, without those that hold nothing; what a cell covers is filled with it."""
    width = max((len(row) for row in rows), default=0)
    filled: list[list[Cell | None]] = [[*row, *[None] * (width - len(row))] for row in rows]
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if cell and (cell.n_rows > 1 or cell.n_columns > 1):
                for covered in filled[number : number + cell.n_rows]:
                    covered[column : column + cell.n_columns] = [cell] * len(covered[column : column + cell.n_columns])
    return [row for row in filled if any(cell and cell.text.strip() for cell in row)]


def _distinct(row: Sequence[Cell | None]) -> list[tuple[int, Cell]]:
    """The cells of a row with their columns, one that covers several once, empty ones left out."""
    runs = groupby(enumerate(row), key=lambda at: id(at[1]))
    firsts = (next(run) for _, run in runs)
    return [(column, cell) for column, cell in firsts if cell and cell.text.strip()]


def _leading(rows: Sequence[Sequence[Cell | None]]) -> Iterator[Sequence[Cell | None]]:
    """The first rows of which the file says that all their cells are headers."""
    for row in rows:
        if not all(cell.is_header for _, cell in _distinct(row)):
            return
        yield row


def _goes_on(row: Sequence[Cell | None]) -> bool:
    """Whether the header goes on below: a cell of the row covers several columns."""
    return any(cell.n_columns > 1 for _, cell in _distinct(row))


def _heads(headers: Sequence[Sequence[Cell | None]], body: Sequence[Sequence[Cell | None]]) -> bool:
    """Whether rows look like headers of what follows: short words, no figures, where figures or many rows follow."""
    cells = [cell for row in headers for _, cell in _distinct(row)]
    width = len({column for row in headers for column, cell in enumerate(row) if cell and cell.text.strip()})
    if not body or any(len(cell.text) > MOST_HEADER_CHARS or _is_figure(cell.text) for cell in cells):
        return False
    figures = [any(_is_figure(cell.text) for column, cell in _distinct(row) if column) for row in body]
    return 2 * sum(figures) > len(figures) or (width > 2 and len(body) > 1)


def _is_figure(text: str) -> bool:
    """Whether a cell is a figure and hardly anything else; years, dates and ordinals name columns."""
    figures = [figure for figure in find_figures(text) if figure.kind not in ("date", "ordinal")]
    return 2 * sum(figure.end - figure.start for figure in figures) > len(text.strip())


def _lines_of(cells: Sequence[tuple[int, Cell]], headers: Sequence[str]) -> Iterator[GridRow]:
    """A row in one line, or in several that each begin with its first cell where it is long."""
    first, *rest = cells
    line, length = [first], _length(first, headers)
    begin = length
    for each in rest:
        if length + _length(each, headers) > MOST_ROW_CHARS and len(line) > 1:
            yield _written(line, headers)
            line, length = [first], begin
        line.append(each)
        length += _length(each, headers)
    yield _written(line, headers)


def _length(at: tuple[int, Cell], headers: Sequence[str]) -> int:
    column, cell = at
    return len(cell.text) + len(headers[column]) + 2


def _written(cells: Sequence[tuple[int, Cell]], headers: Sequence[str] = (), *, is_title: bool = False) -> GridRow:
    text, written = "", []
    for column, cell in cells:
        header = headers[column] if column < len(headers) else ""
        text += (BETWEEN_CELLS if text else "") + (header + BEHIND_HEADER if header else "")
        start = len(text)
        text += " ".join(cell.text.split())
        written.append(WrittenCell(cell, start, len(text)))
    return GridRow(text, tuple(written), is_title)
