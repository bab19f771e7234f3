"""A question -> the column of a table that it asks about, reckoned with: largest, smallest, total, mean, rank, share.

By code, never a model, and only where the question names the column as its header does and everything else that it
says stands above the table.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from rag.answering.columns.column import Column, Entry, Row, column_of, figure_in, is_name
from rag.question.column import ColumnOperation, ColumnQuestion, column_question, comparison_question
from rag.retrieval.tables import Table
from rag.schema.search import Evidence
from rag.scoring.cells import columns_named, words_left
from rag.scoring.row_cells import RowCell, cells_of, names, plain_header, unit_of
from rag.text.sentences import BEHIND_HEADER, BETWEEN_CELLS
from rag.text.words import simplify

__all__ = ["ColumnResult", "needs_whole_column", "reckon_column"]

_COUNTED: Final = "一二两三四五六七八九十几个家所座种名"
_WHICH: Final = re.compile(rf"(?:哪[{_COUNTED}\d]{{0,3}}|which )(?P<thing>(?![{_COUNTED}])[^\W\d_]+)")
_WHO: Final = re.compile(r"[哪谁誰]|\b(?:which|who)\b", re.IGNORECASE)
_LEAST_STEM: Final = 4  # letters by which "counties" and "county" are the same word
_LEAST_ROWS: Final = 2
_ADDS: Final[frozenset[ColumnOperation]] = frozenset({"total", "mean", "share"})
_OF_ONE: Final[frozenset[ColumnOperation]] = frozenset({"rank", "share"})
_OF_TWO: Final[frozenset[ColumnOperation]] = frozenset({"difference", "ratio"})
_OF_SOME: Final = _OF_TWO | {"each"}


@dataclass(frozen=True, slots=True)
class ColumnResult:
    """What was reckoned.

    Attributes:
        asked: What was asked of the column.
        column: The column.
        of: The row that the question names, of a rank or a share.
    """

    asked: ColumnQuestion
    column: Column
    of: Entry | None = None


def reckon_column(
    question: str, tables: Sequence[Table], is_elsewhere: Callable[[Evidence], bool]
) -> ColumnResult | None:
    """The column that a question asks about, reckoned with.

    Args:
        question: The standalone question.
        tables: Whole tables in which something was read for it.
        is_elsewhere: Whether a sentence speaks of another place or year than the one asked for; it is given a row with
            no cell but the one of the column.

    Returns:
        The result; None where nothing is asked of a column, where no column or more than one fits, or where its rows
        cannot be reckoned with.
    """
    found = [result for table in tables if (result := _in_table(question, table, is_elsewhere))]
    same = {
        (result.asked.operation, *((entry.name, entry.value) for entry in result.column.entries)) for result in found
    }
    return found[0] if len(same) == 1 else None


def _in_table(question: str, table: Table, is_elsewhere: Callable[[Evidence], bool]) -> ColumnResult | None:
    rows = [(row, list(cells_of(row.text))) for row in table.rows]
    headers = list(dict.fromkeys(cell.header for _, cells in rows for cell in cells if cell.header))
    # The words of a header ask for nothing: "平均工资" of "哪个县的平均工资最高" is a column.
    plain = simplify(question).lower()
    named = [header for header in headers if names(plain, header)]
    without = plain
    for header in sorted(map(plain_header, named), key=len, reverse=True):
        without = without.replace(header, " ")
    asked = column_question(without) or comparison_question(plain, asking=without)
    if asked is None:
        return None
    measured = _measured(plain, rows, headers)
    kinds = _kinds_named(plain, rows, measured)
    wanted = [(row, cells) for row, cells in rows if kinds <= set(_said(cells))]
    column = column_of(table, rows, measured, wanted) if measured else _row_as_column(plain, table, rows, headers)
    if column is None or _asks_for_other(plain, column.name_header, headers):
        return None
    whose = sorted((e for e in column.entries if names(plain, e.name)), key=lambda e: plain.find(plain_header(e.name)))
    of = [value for _, value in sorted(kinds)] if measured else [column.header]
    told = _is_all_told(asked, table, headers, [*(entry.name for entry in whose), *of, measured])
    column, one = _of_rows(asked.operation, column, whose)
    if not told or column is None or not _can_be_asked(asked.operation, column):
        return None
    rows_checked = whose or column.entries
    checked = [_only(entry, measured, [*of, entry.name] if whose else of) for entry in rows_checked]
    return None if any(map(is_elsewhere, checked)) else ColumnResult(asked, column, one)


def needs_whole_column(question: str) -> bool:
    """Whether a question asks which row has the largest or smallest figure: no single row tells that."""
    asked = column_question(question)
    return asked is not None and asked.operation in ("largest", "smallest") and _WHO.search(question) is not None


def _of_rows(operation: ColumnOperation, column: Column, named: Sequence[Entry]) -> tuple[Column | None, Entry | None]:
    """The column of the rows that a question names, if it names some; and the one row whose rank or share it asks."""
    if operation in _OF_ONE:
        return (column, named[0]) if len(named) == 1 else (None, None)
    if not named and operation not in _OF_SOME:
        return column, None
    if len(named) < _LEAST_ROWS or (operation in _OF_TWO and len(named) > _LEAST_ROWS):
        return None, None
    return replace(column, entries=tuple(named), total=None, n_empty=0), None


def _row_as_column(asked: str, table: Table, rows: Sequence[Row], headers: Sequence[str]) -> Column | None:
    """The cells of the one row that a question names, in the columns that it names: 2030年 and 2031年 of a county."""
    figured = [header for header in headers if _is_of_figures(header, rows)]
    named = [cell.header for cell in columns_named(asked, [RowCell(header, "", 0, 0) for header in figured])]
    if len(named) < _LEAST_ROWS or len({unit_of(header) for header in named}) > 1:
        return None
    columns = [column_of(table, rows, header, rows) for header in named]
    cells = []
    for header, column in zip(named, columns, strict=True):
        whose = [entry for entry in column.entries if names(asked, entry.name)] if column else []
        if len(whose) != 1:
            return None
        cells.append((header, whose[0]))
    if len({(entry.figure.kind, entry.figure.unit) for _, entry in cells}) > 1:
        return None
    return Column(cells[0][1].name, "", tuple(replace(entry, name=header) for header, entry in cells), None, 0)


def _measured(asked: str, rows: Sequence[Row], headers: Sequence[str]) -> str:
    """The header of the only column of figures that a question names, or of the only one that there is; else empty."""
    figured = [header for header in headers if _is_of_figures(header, rows)]
    named = columns_named(asked, [RowCell(header, "", 0, 0) for header in figured])
    if len(named) == 1:
        return named[0].header
    return figured[0] if not named and len(figured) == 1 else ""


def _kinds_named(asked: str, rows: Sequence[Row], measured: str) -> set[tuple[str, str]]:
    """Headers and values by which a question takes some rows only: the county of several schools, their kind."""
    counted = Counter(pair for _, cells in rows for pair in _said(cells) if pair[0] != measured)
    return {pair for pair, n in counted.items() if 1 < n < len(rows) and is_name(pair[1]) and names(asked, pair[1])}


def _said(cells: Sequence[RowCell]) -> list[tuple[str, str]]:
    return [(cell.header, cell.value) for cell in cells]


def _is_of_figures(header: str, rows: Sequence[Row]) -> bool:
    """Whether a column holds figures, other than numbers of rows: 1, 2, 3."""
    values = [cell.value for _, cells in rows for cell in cells if cell.header == header and cell.value]
    figures = [figure for value in values if (figure := figure_in(value))]
    counts = [figure.value for figure in figures] == [Decimal(number) for number in range(1, len(figures) + 1)]
    return bool(figures) and 2 * len(figures) > len(values) and not (counts and len(figures) > 2)


def _can_be_asked(operation: ColumnOperation, column: Column) -> bool:
    """Whether the figures make a sum, where one is needed; a total that says something else is told with the sum."""
    if operation == "ratio":
        return column.entries[0].figure.kind == "number" and bool(column.entries[1].value)
    if operation not in _ADDS:
        return True
    return column.entries[0].figure.kind == "number" and (operation == "total" or column.is_total_right)


def _asks_for_other(asked: str, name_header: str, headers: Sequence[str]) -> bool:
    """Whether a question asks which county is the first in a table of schools: then counties must be added up first."""
    match = _WHICH.search(asked)
    if match is None:
        return False
    thing = match["thing"] if match["thing"].isascii() else match["thing"][0]
    begins = {header for header in headers if plain_header(header).startswith(thing)}
    return bool(begins) and name_header not in begins


def _is_all_told(asked: ColumnQuestion, table: Table, headers: Sequence[str], said: Sequence[str]) -> bool:
    """Whether all words of a question stand in the table's headers or above it, beside what was recognized."""
    row = table.rows[0]
    above = simplify("\n".join((row.title, row.source, *row.heading, *headers))).lower()
    return all(_stem(word) in above for word in words_left(asked.rest, said))


def _stem(word: str) -> str:
    return word[: max(_LEAST_STEM, len(word) - 3)] if word.isascii() else word


def _only(entry: Entry, header: str, named: Sequence[str]) -> Evidence:
    """A row with nothing but the cell of the column, and those of its names that the question says.

    The places that the other rows name are what is compared: they are no other places than the one asked for.
    """
    return replace(entry.evidence, text=BETWEEN_CELLS.join((*named, f"{header}{BEHIND_HEADER}{entry.written}")))
