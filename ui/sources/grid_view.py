"""A sheet of a workbook as a grid: cells where they stand, with row numbers and column letters, the cited ones marked.

Only rows and columns that hold something are shown. A row of headers is told by the lines of the text, which carry
them; which rows of the sheet they stood in, the text does not tell. The template escapes everything.

Not covered: cells that reach over several columns; they are shown in the first one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from rag.documents.load.sheets.sheet import address_of, place_of
from rag.text.sentences import BEHIND_HEADER, BETWEEN_CELLS
from ui.text.templates import Html, render
from ui.text.words import Lang, Words

if TYPE_CHECKING:
    from rag.documents.view import DocumentView
    from rag.schema.documents import Block

__all__ = ["MOST_COLUMNS", "grids_of", "render_grid"]

MOST_COLUMNS: Final = 100
"""Of a grid; a wider one is cut around the cited cells. Few sheets that people read have as many."""

_WORDS: Final = Words(
    sheet=("工作表：{name}", "Sheet: {name}"),
    table=("表格", "Table"),
    columns=("这张表很宽，只显示 {first}–{last} 列。", "This table is wide; columns {first}–{last} are shown."),
)
_Place: TypeAlias = tuple[int, int]
_Line: TypeAlias = "list[tuple[Block, _Place]]"


@dataclass(slots=True)
class _Cell:
    """A cell of the sheet; one that reaches over several rows stands in the text of each."""

    last_row: int
    texts: dict[str, None] = field(default_factory=dict)  # a long one is told in pieces
    cited: bool = False
    anchors: list[int] = field(default_factory=list)


class _Shown(NamedTuple):
    """A place of the grid as the template prints it."""

    text: str
    n_rows: int = 1
    n_columns: int = 1
    mark: Literal["", "first", "more"] = ""
    anchors: tuple[int, ...] = ()


class _Row(NamedTuple):
    """A row of the grid: its number, or None where it is of headers."""

    number: int | None
    cells: Sequence[_Shown]


def grids_of(view: DocumentView, first: int, last: int) -> Iterator[Block]:
    """The sheets that a stretch of a document touches, and its tables outside of sheets whose cells have addresses."""
    cells, end = [block.start for block, _ in _cells_in(view, first, last)], 0
    for block in view.blocks:
        if block.kind not in ("sheet", "table") or block.end <= max(first, end) or block.start >= last:
            continue
        position = bisect_left(cells, block.start)
        if position < len(cells) and cells[position] < block.end:
            end = block.end
            yield block


def render_grid(
    view: DocumentView, sheet: Block, first: int, last: int, *, cited: tuple[int, int], mark_id: str, lang: Lang
) -> Html:
    """Render a stretch of a sheet.

    Args:
        view: The document.
        sheet: One of :func:`grids_of`.
        first: First raw offset to render.
        last: Raw offset behind it.
        cited: The span whose cells are marked; where it touches none, the next one is.
        mark_id: The id of the first mark; empty where it is given already.
        lang: Language of the page.
    """
    first, last = max(first, sheet.start), min(last, sheet.end)
    grid = _Grid(view, first, last, cited)
    columns = grid.columns
    note = ""
    if len(columns) < len(grid.all_columns):
        note = _WORDS.say("columns", lang, first=_letters(columns[0]), last=_letters(columns[-1]))
    values = {
        "name": _WORDS.say("sheet", lang, name=sheet.name) if sheet.name else _WORDS.say("table", lang),
        "anchors": [item.start for item in view.outline if first <= item.start < grid.begin],
        "letters": [_letters(column) for column in columns],
        "rows": list(grid.rows()),
        "note": note,
        "mark_id": mark_id,
    }
    return render("sources/grid.html", _WORDS, lang, **values)


class _Grid:
    """The cells of a stretch of a sheet, by row and column, and the headers that its lines tell."""

    def __init__(self, view: DocumentView, first: int, last: int, cited: tuple[int, int]) -> None:
        blocks = _cells_in(view, first, last)
        self._text, self._first = "".join(piece.text for piece in view.between(first, last)), first
        self._cells: dict[_Place, _Cell] = {}
        self._heads: dict[int, int] = {}  # by the number of a table the first row of it that has headers
        self._names: dict[_Place, str] = {}  # headers, by that row and their column
        self.begin = blocks[0][0].start if blocks else last
        cited = _on_cells(blocks, cited, first, last)
        tables = [block.start for block in view.blocks if block.kind == "table"]
        for _, group in groupby(blocks, key=lambda each: self._text.count("\n", 0, each[0].start - first)):
            line = list(group)
            self._put(line, cited)
            self._name(line, bisect_right(tables, line[0][0].start))
        self._anchor([item.start for item in view.outline if self.begin <= item.start < last], blocks)
        self.all_columns = sorted({column for _, column in self._cells})
        self.columns = self._columns()

    def rows(self) -> Iterator[_Row]:
        """The rows from above, headers above the first row that they head."""
        heads = {row for row, _ in self._names}
        numbers = sorted({row for row, _ in self._cells})
        order = [(row, is_cells) for row in numbers for is_cells in (False, True) if is_cells or row in heads]
        covered: set[tuple[int, int]] = set()
        marked = False
        for at, (row, is_cells) in enumerate(order):
            shown = []
            for column in self.columns:
                if (at, column) in covered:
                    continue
                cell = self._cells.get((row, column)) if is_cells else None
                if cell is None:
                    shown.append(_Shown("" if is_cells else self._names.get((row, column), "")))
                    continue
                n_rows = bisect_right(order, (cell.last_row, True)) - at
                covered |= {(below, column) for below in range(at + 1, at + n_rows)}
                mark: Literal["", "first", "more"] = ("more" if marked else "first") if cell.cited else ""
                marked |= cell.cited
                shown.append(_Shown("\n".join(cell.texts), n_rows, 1, mark, tuple(cell.anchors)))
            yield _Row(row if is_cells else None, _widened(shown))

    def _put(self, line: _Line, cited: tuple[int, int]) -> None:
        row = max(place[0] for _, place in line)
        for block, place in line:
            if place in self._cells:
                self._cells[place].last_row = max(self._cells[place].last_row, row)
            cell = self._cells.setdefault(place, _Cell(place[0]))
            cell.texts[self._text[block.start - self._first : block.end - self._first]] = None
            cell.cited |= _meets(block, cited)

    def _name(self, line: _Line, table: int) -> None:
        """Note the headers that a line tells, where none before it in its table told them."""
        at = self._text.rfind("\n", 0, line[0][0].start - self._first) + 1
        row = max(place[0] for _, place in line)
        for block, (_, column) in line:
            told = self._text[at : block.start - self._first].removeprefix(BETWEEN_CELLS)
            at = block.end - self._first
            if told.endswith(BEHIND_HEADER):
                head = self._heads.setdefault(table, row)
                self._names.setdefault((head, column), told.removesuffix(BEHIND_HEADER))

    def _anchor(self, starts: Sequence[int], blocks: _Line) -> None:
        """Let the outline lead to the cells where its items begin."""
        offsets = [block.start for block, _ in blocks]
        for start in starts:
            position = min(bisect_left(offsets, start), len(blocks) - 1)
            self._cells[blocks[position][1]].anchors.append(start)

    def _columns(self) -> list[int]:
        """The columns that are shown: all, or as many as there is room for, the cited ones among them."""
        cited = min((column for (_, column), cell in self._cells.items() if cell.cited), default=0)
        begin = bisect_left(self.all_columns, cited) - MOST_COLUMNS // 2
        begin = max(0, min(begin, len(self.all_columns) - MOST_COLUMNS))
        return self.all_columns[begin : begin + MOST_COLUMNS]


def _cells_in(view: DocumentView, first: int, last: int) -> _Line:
    """The cells that begin in a stretch and have an address, each with its row and column."""
    begin, end = (bisect_left(view.blocks, offset, key=lambda block: block.start) for offset in (first, last))
    cells = (block for block in view.blocks[begin:end] if block.kind == "cell")
    return [(block, place) for block in cells if (place := place_of(block.name))]


def _on_cells(blocks: _Line, cited: tuple[int, int], first: int, last: int) -> tuple[int, int]:
    """The cited span, or that of the next cell where it touches none of these, and none where it lies elsewhere."""
    if any(_meets(block, cited) for block, _ in blocks) or not first <= cited[0] < cited[1] <= last:
        return cited
    return next(((block.start, block.end) for block, _ in blocks if block.start >= cited[0]), cited)


def _widened(cells: list[_Shown]) -> list[_Shown]:
    """The places of a row; what stands alone in it, as a title does, reaches over the empty ones behind it."""
    filled = [at for at, cell in enumerate(cells) if cell.text]
    if len(filled) != 1:
        return cells
    (at,) = filled
    return [*cells[:at], cells[at]._replace(n_columns=len(cells) - at)]


def _meets(block: Block, span: tuple[int, int]) -> bool:
    return block.start < span[1] and span[0] < block.end


def _letters(column: int) -> str:
    return address_of(0, column).removesuffix("0")
