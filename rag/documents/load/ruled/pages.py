"""Pages with ruled tables -> pages on which a row is a line that says its headers. Pure; knows no format.

The lines of text that stand in a table are replaced by its rows, and nothing else is; where the rows do not hold every
character of those lines, the page stays as it was. A table at the end of a page goes on at the beginning of the next
one where the columns are the same and only what both pages have stands between; then its headers do too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from rag.documents.load.captions import may_title_table, n_titling
from rag.documents.load.grid import Cell, Grid, GridRow
from rag.documents.load.grid_layout import Row
from rag.documents.load.ruled.cells import Box, PlacedCell, RuledTable
from rag.documents.load.ruled.rulings import SAME
from rag.documents.load.scans.reading_order import PageTable, PageText

__all__ = ["with_tables"]

MOST_CHARS: Final = 5_000_000
"""That the tables of a file may have in words; behind that its pages stay as they are."""
LEAST_ROWS: Final = 2
"""With two cells and more, of a table that is certain; one that goes on may have one."""
MOST_HELD: Final = 2
"""Lines before a table that are looked at for its title."""


def with_tables(pages: Sequence[PageText], tables: Mapping[int, Sequence[RuledTable]]) -> list[PageText]:
    """Write the tables of a document as rows with their headers.

    Args:
        pages: The pages of a document.
        tables: Those of a page, by its place among the pages.

    Returns:
        The pages, those without a table as they were.
    """
    written = []
    before: _Open | None = None
    left = MOST_CHARS
    for number, page in enumerate(pages):
        lines = _Page(page)
        for table in tables.get(number, ()):
            at = _Place(page, table)
            goes_on = before is not None and before.page == number - 1 and _goes_on(before, at)
            rows = _rows_of(table, at, before.headers if goes_on and before else None)
            if rows is None or (table.n_full < LEAST_ROWS and not goes_on) or rows.n_chars > left:
                continue
            left -= rows.n_chars
            lines.put(at, rows, goes_on=goes_on)
            before = _Open(number, at, rows.headers)
        written.append(lines.page())
    return written


class _Place:
    """Where a table stands among the lines of its page.

    Args:
        page: The page.
        table: The table.
    """

    def __init__(self, page: PageText, table: RuledTable) -> None:
        self.page, self.table = page, table
        self.first = table.lines[0]

    def text(self, line: int) -> str:
        """What a line says."""
        start, end, _ = self.page.lines[line]
        return self.page.text[start:end].strip()

    def box(self, line: int) -> Box:
        """Where a line stands on the page."""
        return self.page.lines[line][2]

    @property
    def above(self) -> list[str]:
        """The lines above the table on the page."""
        return [self.text(n) for n in range(len(self.page.lines)) if _middle(self.box(n)) < self.table.top]

    @property
    def below(self) -> list[str]:
        """The lines below it."""
        return [self.text(n) for n in range(len(self.page.lines)) if _middle(self.box(n)) > self.table.bottom]

    @property
    def titles(self) -> list[int]:
        """The lines right before the table that are its title and its unit."""
        held: list[int] = []
        for line in range(self.first - 1, max(-1, self.first - 1 - MOST_HELD), -1):
            if _middle(self.box(line)) > self.table.top or not may_title_table(self.text(line)):
                break
            held.insert(0, line)
        n = n_titling([self.text(line) for line in held])
        return held[len(held) - n :]


class _Open(NamedTuple):
    """A table that may go on: its page, where it stands there, its headers."""

    page: int
    at: _Place
    headers: Sequence[Row]


class _Rows(NamedTuple):
    """A table in words: its lines, and the headers of a part that follows."""

    lines: list[GridRow]
    headers: Sequence[Row]
    titles: list[int]

    @property
    def n_chars(self) -> int:
        """How long it is."""
        return sum(len(row.text) + 1 for row in self.lines)


def _middle(box: Box) -> float:
    return (box[1] + box[3]) / 2


def _goes_on(before: _Open, at: _Place) -> bool:
    """Whether a table goes on with that of the page before: the same columns, and between them nothing of their own."""
    one, other = before.at.table.columns, at.table.columns
    same = len(one) == len(other) and all(abs(x - y) <= SAME for x, y in zip(one, other, strict=True))
    behind, ahead = before.at.below, at.above
    furniture = {_numberless(line) for line in (*before.at.above, *behind)} & {
        _numberless(line) for line in (*ahead, *at.below)
    }
    return same and all(_numberless(line) in furniture for line in (*behind, *ahead))


def _numberless(line: str) -> str:
    """A line without its figures: the running heads of two pages differ in the page's number alone."""
    return re.sub(r"\d+|\s+", "", line)


def _rows_of(table: RuledTable, at: _Place, headers: Sequence[Row] | None) -> _Rows | None:
    """A table in words; None where that would lose a character of the lines that it stands in.

    Args:
        table: The table.
        at: Where it stands.
        headers: Those of the table that it goes on with; None where it begins here.
    """
    titles = at.titles if headers is None else []
    width = len(table.rows[0])
    heads: list[list[Cell | None]] = [
        [PlacedCell(at.text(line), n_columns=width, box=at.box(line)), *[None] * (width - 1)] for line in titles
    ]
    grid = Grid([*heads, *table.rows])
    own: Sequence[Row] = grid.headers
    if headers and not (own and (grid.layout.over_figures or _said(own) == _said(headers))):
        grid, own = Grid([*headers, *table.rows]), []
    rows = list(grid.lines())
    untold = grid.untold() if own else None
    rows += [untold] if untold else []
    lost = Counter("".join(at.text(line) for line in (*titles, *table.lines)))
    lost.subtract("".join(row.text for row in rows))
    if any(n > 0 and not char.isspace() for char, n in lost.items()):
        return None
    return _Rows(rows, _alone(grid.headers), titles)


def _said(headers: Sequence[Row]) -> list[list[str]]:
    return [["".join(cell.text.split()) if cell else "" for cell in row] for row in headers]


def _alone(headers: Sequence[Row]) -> list[Row]:
    """Headers for another grid: each place that one covers is told by itself."""
    told: dict[int, Cell] = {}
    for row in headers:
        for cell in row:
            if cell is not None:
                told.setdefault(id(cell), Cell(cell.text, is_header=True))
    return [[told[id(cell)] if cell is not None else None for cell in row] for row in headers]


@dataclass
class _Page:
    """A page that tables are put into."""

    before: PageText
    _tables: dict[int, tuple[_Rows, bool]] = field(default_factory=dict)
    _gone: set[int] = field(default_factory=set)

    def put(self, at: _Place, rows: _Rows, *, goes_on: bool) -> None:
        """Put a table where its first line stands."""
        lines = {*rows.titles, *at.table.lines}
        self._tables[min(lines)] = rows, goes_on
        self._gone |= lines

    def page(self) -> PageText:
        """The page with its tables; as it was where none was put into it."""
        return self._with_tables() if self._tables else self.before

    def _with_tables(self) -> PageText:
        writer, text, position = _Writer(), self.before.text, 0
        for number, (start, end, box) in enumerate(self.before.lines):
            writer.keep(text[position:start])
            if number not in self._gone:
                writer.line(text[start:end], box)
                position = end
                continue
            if number in self._tables:
                rows, goes_on = self._tables[number]
                writer.table(rows, goes_on=goes_on)
            position = end + text.startswith("\n", end)
        writer.keep(text[position:])
        return writer.page()


class _Writer:
    """The text of a page, piece by piece."""

    def __init__(self) -> None:
        self._text = ""
        self._lines: list[tuple[int, int, Box]] = []
        self._tables: list[PageTable] = []

    def keep(self, text: str) -> None:
        self._text += text

    def line(self, text: str, box: Box) -> None:
        self._lines.append((len(self._text), len(self._text) + len(text), box))
        self._text += text

    def table(self, rows: _Rows, *, goes_on: bool) -> None:
        if self._text and not self._text.endswith("\n"):
            self._text += "\n"
        start, title = len(self._text), None
        for row in rows.lines:
            if row.is_title and title is None:
                title = len(self._text), len(self._text) + len(row.text)
            self._lines += _placed(row, len(self._text))
            self._text += row.text + "\n"
        self._tables.append(PageTable(start, len(self._text) - 1, title, goes_on))

    def page(self) -> PageText:
        text = self._text.rstrip("\n")
        return PageText(text, tuple(self._lines), tuple(self._tables))


def _placed(row: GridRow, start: int) -> Iterator[tuple[int, int, Box]]:
    """The cells of a line with their boxes; each begins behind the one before it, with its header."""
    behind = 0
    for written in row.cells:
        if isinstance(written.cell, PlacedCell):
            yield start + behind, start + written.end, written.cell.box
        behind = written.end + 1
