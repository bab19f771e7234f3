"""How a table is laid out: which of its first rows are titles, which are headers, which column only numbers the rows.

What the file tells is believed. Else rows are told apart by what stands in them: a column of figures is headed by
words, by years or by the numbers of columns; notes say ``单位：万元``; a form has labels beside what they label. Pure.

Measured on the 36 tables of ``tests/rag/documents/tables/test_grid_layout.py``: 35 are read right, 25 were before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeAlias

from rag.text.figures import find_figures

if TYPE_CHECKING:
    from rag.documents.load.grid import Cell

__all__ = ["Layout", "Row", "distinct", "filled_width", "is_number_run", "layout_of", "numbering_columns"]

Row: TypeAlias = "Sequence[Cell | None]"

MOST_HEADER_ROWS: Final = 4
MOST_HEADER_CHARS: Final = 40
"""Of a cell that may be a header; set on the tables of ten documents."""
MOST_LABEL_CHARS: Final = 8
"""Of a label in a form, and of a header where a table has two columns of words."""
_NOTHING: Final = frozenset("-—–－/／…*·") | {"——", "--", "无", "N/A", "n/a", "…", "……"}
"""What stands for a figure that there is not."""
_YEARS: Final = range(1900, 2101)


@dataclass(frozen=True, slots=True)
class Layout:
    """What the first rows of a table are.

    Attributes:
        n_titles: Rows of titles and notes before the table proper.
        n_headers: Rows of headers behind them.
        over_figures: Whether those were told by the columns of figures below them.
    """

    n_titles: int
    n_headers: int
    over_figures: bool = field(default=False, compare=False)


def distinct(row: Row) -> list[tuple[int, Cell]]:
    """The cells of a row with their columns, one that covers several once, empty ones left out."""
    found: list[tuple[int, Cell]] = []
    before: Cell | None = None
    for column, cell in enumerate(row):
        if cell is not before and cell is not None and cell.text.strip():
            found.append((column, cell))
        before = cell
    return found


def filled_width(row: Row) -> int:
    """How many columns of a row hold something or are covered."""
    return sum(1 for cell in row if cell and cell.text.strip())


def layout_of(rows: Sequence[Row]) -> Layout:
    """Tell titles and headers from the rows of a table.

    Args:
        rows: Its rows, all of one length, none of them empty; what a cell covers is filled with it.
    """
    n_titles = _n_titles(rows)
    body = rows[n_titles:]
    told = next((n for n, row in enumerate(body) if not all(cell.is_header for _, cell in distinct(row))), len(body))
    if told or len(body) < 2 or _is_form(body):
        return Layout(n_titles, told)
    figures = _figure_columns(body)
    return Layout(n_titles, _n_over_figures(body, figures) if figures else _n_over_words(body), bool(figures))


def numbering_columns(rows: Sequence[Row]) -> frozenset[int]:
    """Columns before the first one of words that only number the rows: each figure is one more than that above it.

    Args:
        rows: The rows behind the headers.
    """
    found = set()
    for column in range(len(rows[0]) if rows else 0):
        numbers = [_whole(row[column]) for row in rows]
        told = [number for number in numbers if number is not None]
        steps = [below - above == 1 or below == 1 for above, below in pairwise(told)]
        if len(told) * 2 <= len(rows) or sum(steps) * 5 < len(steps) * 4 or all(each in _YEARS for each in told):
            break
        if not steps and told[0] != 1:
            break
        found.add(column)
    return frozenset(found)


def is_number_run(row: Row) -> bool:
    """Whether a row only numbers the columns: 栏次, 1, 2, 3."""
    numbers = [_whole(cell) for _, cell in distinct(row)]
    told = numbers[1:] if numbers and numbers[0] is None else numbers
    return len(told) > 2 and told == list(range(1, len(told) + 1))


def _n_titles(rows: Sequence[Row]) -> int:
    """Rows before the table proper: one cell alone, or notes in some of the columns, while wider rows follow."""
    widest = max((filled_width(row) for row in rows if len(distinct(row)) > 1), default=0)
    n = 0
    while n < len(rows):
        cells = distinct(rows[n])
        alone = len(cells) == 1 and not (widest == 2 and _begins_behind(rows, n))
        if not (alone or (filled_width(rows[n]) < widest and _is_noted(cells))):
            return n
        n += 1
    return 0


def _begins_behind(rows: Sequence[Row], n: int) -> bool:
    """Whether a cell alone heads the figures below it: it stands in their column, not in the first one."""
    column, _ = distinct(rows[n])[0]
    below = rows[n + 1][column] if n + 1 < len(rows) else None
    return column > 0 and below is not None and _is_figure(below.text)


def _is_noted(cells: Sequence[tuple[int, Cell]]) -> bool:
    """Whether most cells of a row are notes: ``填报单位：教育局``."""
    notes = sum(1 for _, cell in cells if _is_note(cell.text))
    return 2 * notes >= len(cells)


def _is_note(text: str) -> bool:
    before, colon, behind = text.replace(":", "：").partition("：")
    return bool(before.strip() and colon and behind.strip()) and not before.strip()[-1].isdigit()


def _is_form(rows: Sequence[Row]) -> bool:
    """Whether labels stand beside what they label, row after row, so that no row heads the others."""
    wide = [cells for row in rows if len(cells := distinct(row)) > 1]
    if not wide:
        return True
    spread = sum(1 for cells in wide[1:] if any(cell.n_columns > 1 for _, cell in cells))
    labelled = sum(1 for cells in wide for _, cell in cells if cell.text.rstrip().endswith(("：", ":")))
    if 3 * spread > len(wide) or 3 * labelled > sum(map(len, wide)):
        return True
    pairs = all(len(cells) % 2 == 0 for cells in wide) and max(map(len, wide)) >= 4
    return pairs and _has_labels(wide) and _is_mixed(wide)


def _has_labels(wide: Sequence[Sequence[tuple[int, Cell]]]) -> bool:
    """Whether every other cell is a short word without digits, and none comes twice."""
    labels = [cell.text.strip() for cells in wide for _, cell in cells[::2]]
    short = all(len(label) <= MOST_LABEL_CHARS and not any(map(str.isdigit, label)) for label in labels)
    return short and len(set(labels)) == len(labels)


def _is_mixed(wide: Sequence[Sequence[tuple[int, Cell]]]) -> bool:
    """Whether what stands under one another is of different kinds: a name, a date, a telephone number.

    Where only two rows can be compared, whether they are of one kind somewhere: headers would differ from figures.
    """
    rows = [cells[1::2] for cells in wide if len(cells) == len(wide[0])]
    kinds = [[any(map(str.isdigit, cell.text)) for _, cell in column] for column in zip(*rows, strict=True)]
    if len(rows) < 3:
        return any(len(set(kind)) == 1 for kind in kinds)
    return any(len(set(kind[1:])) > 1 for kind in kinds)


def _figure_columns(rows: Sequence[Row]) -> frozenset[int]:
    """Columns in which at least half of the cells are figures, first rows that leave places empty or span apart."""
    widest = max(map(filled_width, rows))
    first = next((n for n, row in enumerate(rows[:MOST_HEADER_ROWS]) if not _is_upper(row, widest)), 0)
    found = set()
    for column in range(len(rows[0])):
        cells = {id(row[column]): row[column] for row in rows[first:]}.values()
        texts = [cell.text for cell in cells if cell and not _is_nothing(cell.text)]
        figures = sum(map(_is_figure, texts))
        if figures and 2 * figures >= len(texts):
            found.add(column)
    return frozenset(found)


def _is_upper(row: Row, widest: int) -> bool:
    """Whether a row looks like one of several rows of headers, but the last."""
    return filled_width(row) < widest or any(cell.n_columns > 1 for _, cell in distinct(row))


def _n_over_figures(rows: Sequence[Row], figures: frozenset[int]) -> int:
    """Rows of headers over columns of figures: up to the first row with figures of its own."""
    n = 0
    while n < min(MOST_HEADER_ROWS, len(rows) - 1) and _heads(rows, n, figures):
        n += 1
    return n


def _heads(rows: Sequence[Row], n: int, figures: frozenset[int]) -> bool:
    row = rows[n]
    if is_number_run(row) and not is_number_run(rows[n + 1]):
        return n > 0 or _spans_ahead(row)
    over = {id(cell): cell for column in figures if (cell := row[column]) is not None}
    cells = [cell for cell in over.values() if not _is_nothing(cell.text)]
    if n and not _is_below(row, rows[n - 1]):
        return False
    words = [cell for cell in cells if not _is_figure(cell.text) or _is_year_over(row, rows[n + 1], figures)]
    too_long = any(len(cell.text) > MOST_HEADER_CHARS for cell in words)
    return bool(words) and 2 * len(words) > len(cells) and not too_long


def _spans_ahead(row: Row) -> bool:
    """Whether a row of numbers may head the table: nothing stands before them, or a word."""
    return _whole(row[0]) is None


def _is_below(row: Row, above: Row) -> bool:
    """Whether a row goes on with the headers above it: its first cell is theirs, under a wider one, or one is empty."""
    first, over = row[0], above[0]
    if first is None or over is None or first is over or not first.text.strip():
        return True
    return first.n_columns < over.n_columns < len(row)


def _is_year_over(row: Row, below: Row, figures: frozenset[int]) -> bool:
    """Whether the figures of a row are years, one for each column, and those below it are none."""
    years = [_whole(cell) for column, cell in distinct(row) if column in figures and column]
    under = [_whole(cell) for column, cell in distinct(below) if column in figures and column]
    once = bool(years) and len(set(years)) == len(years)
    return once and all(year in _YEARS for year in years) and not all(each in _YEARS for each in under)


def _n_over_words(rows: Sequence[Row]) -> int:
    """Rows of headers over columns of words: the first ones, where they are short and no two say the same."""
    n = 1
    while n < min(MOST_HEADER_ROWS, len(rows)) and _goes_on(rows[n - 1], rows[n]):
        n += 1
    cells = [cell for row in rows[:n] for _, cell in distinct(row)]
    body, width = rows[n:], max(map(filled_width, rows))
    covered = {column for row in rows[:n] for column, cell in enumerate(row) if cell and cell.text.strip()}
    if not body or any(len(cell.text) > MOST_HEADER_CHARS or _is_figure(cell.text) for cell in cells):
        return 0
    last = [cell.text for _, cell in distinct(rows[n - 1])]
    if len(covered) < width or (n == 1 and len(set(last)) < len(last)):
        return 0
    return n if _stand_out(last, body, width) else 0


def _stand_out(headers: Sequence[str], body: Sequence[Row], width: int) -> bool:
    """Whether words head words: three columns over two rows; in two columns, no cell is shorter than its header."""
    if width != 2:
        return width > 2 and len(body) > 1
    if len(body) < 3 or any(len(header) > MOST_LABEL_CHARS for header in headers):
        return False
    wide = [distinct(row) for row in body]
    return all(len(cell.text) >= len(headers[column]) for cells in wide for column, cell in cells if column < 2)


def _goes_on(row: Row, below: Row) -> bool:
    """Whether the headers go on below a row: a cell of it covers several columns, or reaches down."""
    cells = distinct(row)
    reaches = any(cell.n_rows > 1 and below[column] is cell for column, cell in cells)
    return any(cell.n_columns > 1 for _, cell in cells) or reaches


def _is_nothing(text: str) -> bool:
    plain = text.strip()
    return not plain or plain in _NOTHING


def _is_figure(text: str) -> bool:
    """Whether a cell is a figure and hardly anything else; years, dates and ordinals name columns."""
    plain = text.strip()
    if plain.replace(",", "").replace(".", "", 1).lstrip("-+").removesuffix("%").isdecimal():
        return True
    figures = [figure for figure in find_figures(plain) if figure.kind not in ("date", "ordinal")]
    return 2 * sum(figure.end - figure.start for figure in figures) > len(plain)


def _whole(cell: Cell | None) -> int | None:
    """The whole number that a cell shows and nothing else; None where it shows anything else."""
    text = cell.text.strip() if cell else ""
    return int(text) if text.isdecimal() and len(text) < 10 else None
