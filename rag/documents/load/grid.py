"""A table of any format as rows that each say what they are about: headers and cells together, in words.

``县：甲县｜小学：1,200`` can be found, read and quoted alone, which a row of bare figures cannot. Which rows are
titles and which are headers is told by the file where it tells, else by how the rows look
(:mod:`rag.documents.load.grid_layout`). Pure; knows no format.

Not covered: tables whose headers stand in the last rows, and tables put beside each other on one sheet without an empty
column between them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Final

from rag.documents.load.grid_layout import (
    Layout,
    Row,
    distinct,
    filled_width,
    is_number_run,
    layout_of,
    numbering_columns,
)
from rag.text.sentences import BEHIND_HEADER, BETWEEN_CELLS, split_sentences
from rag.text.unicode import is_chinese

__all__ = ["Cell", "Grid", "GridRow", "WrittenCell"]

MOST_ROW_CHARS: Final = 200
"""A longer row is told in several lines, each beginning with what it is about: as much as fits a passage."""
MOST_TITLE_CHARS: Final = 80
"""Of the titles and notes above a table that are read as one."""
MOST_KEY_CHARS: Final = 60
"""Of the cells that say what a row is about."""


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

    @cached_property
    def layout(self) -> Layout:
        """How many rows are titles and headers."""
        return layout_of(self._rows)

    @property
    def headers(self) -> list[Row]:
        """The rows of headers, those that only number the columns left out; none where nothing follows them."""
        return _names(self._parts[0])

    @property
    def _parts(self) -> tuple[Sequence[Row], Sequence[Row]]:
        """The rows of headers and those behind them."""
        n_titles, n_headers = self.layout.n_titles, self.layout.n_headers
        rows = self._rows[n_titles:]
        return (rows[:n_headers], rows[n_headers:]) if len(rows) > n_headers else ([], rows)

    def untold(self) -> GridRow | None:
        """Headers that no row tells, since nothing stands below them; None where there are none."""
        body = [distinct(row) for row in self._parts[1]]
        told = {column for cells in body for column, _ in cells if len(cells) > 1 or column}
        rows, headers = self.headers, _headers(self.headers, self._n_columns)
        lowest = {column: cell for row in rows for column, cell in enumerate(row) if cell and column not in told}
        text, written = "", []
        for column, cell in sorted(lowest.items(), key=lambda each: each[0]):
            text += BETWEEN_CELLS if text else ""
            written.append(WrittenCell(cell, len(text), len(text) + len(headers[column])))
            text += headers[column]
        return GridRow(text, tuple(written)) if text else None

    def lines(self) -> Iterator[GridRow]:
        """The table in words: titles, then each row with its headers; a row of headers alone where nothing follows."""
        yield from _titles(self._rows[: self.layout.n_titles])
        (header_rows, rows), names = self._parts, self.headers
        yield from (_written(distinct(row)) for row in header_rows if not any(row is name for name in names))
        yield from self._body(_joined(rows, numbering_columns(rows)), _headers(names, self._n_columns), names)

    def _body(self, rows: Sequence[Row], headers: Sequence[str], names: Sequence[Row]) -> Iterator[GridRow]:
        key = _key_columns(rows)
        heads = {tuple(cell.text for _, cell in distinct(row)) for row in names}
        for row in rows:
            cells = distinct(row)
            alone = len(cells) == 1 and self._n_columns > 1 and cells[0][0] == 0
            again = tuple(cell.text for _, cell in cells) in heads  # headers that a new page repeats
            yield from [_written(cells)] if alone or again else _lines_of(cells, headers, key)


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


def _titles(rows: Sequence[Row]) -> Iterator[GridRow]:
    """The titles: the first ones in one line, as far as they are short, so that a unit stands with what it is of."""
    lines = [_written(distinct(row), is_title=True) for row in rows]
    first = 0
    while first < len(lines):
        line, first = lines[first], first + 1
        while first < len(lines) and len(line.text) + len(lines[first].text) < MOST_TITLE_CHARS:
            line, first = _put_together(line, lines[first]), first + 1
        yield line


def _names(header_rows: Sequence[Row]) -> list[Row]:
    """The rows of headers that say something, those left out that only number the columns."""
    return [row for number, row in enumerate(header_rows) if not number or not is_number_run(row)]


def _put_together(one: GridRow, other: GridRow) -> GridRow:
    shift = len(one.text) + 1
    moved = tuple(replace(each, start=each.start + shift, end=each.end + shift) for each in other.cells)
    return GridRow(f"{one.text} {other.text}", one.cells + moved, is_title=True)


def _headers(rows: Sequence[Row], n_columns: int) -> list[str]:
    """The header of each column: what its header rows say from above, each once.

    Where nothing is merged, a header reaches over the empty cells to its right that have one below them.
    """
    reached = [_reached(row, rows[number + 1 :]) for number, row in enumerate(rows)]
    above = [[cell for row in reached if (cell := row[column])] for column in range(n_columns)]
    return [" ".join(filter(None, dict.fromkeys(_plain(cell.text) for cell in cells))) for cells in above]


def _reached(row: Row, below: Sequence[Row]) -> Row:
    """A row of headers, each copied over the empty places to its right where it and they have headers below them."""
    reached, headed = list(row), [any(under[column] for under in below) for column in range(len(row))]
    for column in range(1, len(row)):
        if reached[column] is None and headed[column] and headed[column - 1]:
            reached[column] = reached[column - 1]
    return reached


def _joined(rows: Sequence[Row], numbering: frozenset[int]) -> list[Row]:
    """The rows; where they are numbered, a cell alone in one without a number goes on with the cell above it."""
    joined: list[Row] = []
    for row in rows:
        cells = distinct(row)
        column, cell = cells[0]
        above = joined[-1][column] if joined and len(cells) == 1 and numbering and column not in numbering else None
        if above and filled_width(row) == 1:
            joined[-1] = [replace(above, text=f"{above.text}\n{cell.text}") if c is above else c for c in joined[-1]]
        else:
            joined.append(row)
    return joined


def _key_columns(rows: Sequence[Row]) -> tuple[int, ...]:
    """The columns that say what a row is about: the first ones that tell all rows apart, running numbers left out.

    Where no few of them do, the first one that is no running number.
    """
    if not rows:
        return ()
    numbering = numbering_columns(rows)
    columns = [column for column in range(len(rows[0])) if column not in numbering] or [0]
    wide = [row for row in rows if filled_width(row) > 1]
    for n in range(1, len(columns)):
        keys = [tuple(cell.text if (cell := row[column]) else "" for column in columns[:n]) for row in wide]
        if any(sum(map(len, key)) > MOST_KEY_CHARS for key in keys):
            break
        if len(set(keys)) == len(keys):
            return tuple(columns[:n])
    return (columns[0],)


def _lines_of(cells: Sequence[tuple[int, Cell]], headers: Sequence[str], key: Sequence[int]) -> Iterator[GridRow]:
    """A row in one line, or in several that each begin with the cells of the key where it is long."""
    label = [each for each in cells if each[0] in key] or [cells[0]]
    room = MOST_ROW_CHARS - sum(_length(each, headers) for each in label)
    cells = [piece for each in cells for piece in ([each] if each in label else _cut(each, headers, room))]
    begin = sum(_length(each, headers) for each in label)
    line: list[tuple[int, Cell]] = []
    length, n_begun = 0, 0
    for each in cells:
        if length + _length(each, headers) > MOST_ROW_CHARS and len(line) > n_begun and not set(label) - set(line):
            yield _written(line, headers)
            line, length, n_begun = [*label], begin, len(label)
        line.append(each)
        length += _length(each, headers)
    yield _written(line, headers)


def _cut(at: tuple[int, Cell], headers: Sequence[str], room: int) -> list[tuple[int, Cell]]:
    """A cell of many sentences in several, each of which fits a line; as it is where it is shorter."""
    column, cell = at
    if _length(at, headers) <= room:
        return [at]
    text = _plain(cell.text)
    pieces = [""]
    for start, end in pairwise([0, *(span[1] for span in split_sentences(text, 0, len(text)))]):
        if pieces[-1] and len(pieces[-1]) + end - start + len(headers[column]) + 2 > room:
            pieces.append("")
        pieces[-1] += text[start:end]
    return [(column, replace(cell, text=piece)) for piece in pieces]


def _length(at: tuple[int, Cell], headers: Sequence[str]) -> int:
    column, cell = at
    return len(cell.text) + len(headers[column]) + 2


def _plain(text: str) -> str:
    """A cell's text in one line; lines of Chinese go on without a space."""
    if "\n" not in text:
        return " ".join(text.split())
    plain = ""
    for line in filter(None, (" ".join(line.split()) for line in text.splitlines())):
        glued = plain and is_chinese(plain[-1]) and is_chinese(line[0])
        plain += line if glued or not plain else f" {line}"
    return plain


def _written(cells: Sequence[tuple[int, Cell]], headers: Sequence[str] = (), *, is_title: bool = False) -> GridRow:
    text, written = "", []
    for column, cell in cells:
        header = headers[column] if column < len(headers) else ""
        text += (BETWEEN_CELLS if text else "") + (header + BEHIND_HEADER if header else "")
        start = len(text)
        text += _plain(cell.text)
        written.append(WrittenCell(cell, start, len(text)))
    return GridRow(text, tuple(written), is_title)
