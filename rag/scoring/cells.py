"""A question that names a row and a column of a table -> the cell that it asks for.

The reader learned from prose, where a figure stands beside what it is said of; in a row of cells nothing but the header
says what a figure is. Where the question itself says which row and which column, nothing needs to be guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from rag.question.kind import strip_asking
from rag.reading.evidence_reader import ReadSpan
from rag.schema.search import Evidence
from rag.scoring.row_cells import RowCell, cells_of, names, plain_header
from rag.text.sentences import BETWEEN_CELLS
from rag.text.words import content_words, simplify
from rag.text.years import strip_years

__all__ = ["CERTAIN", "cell_asked_for", "columns_named", "words_left"]

CERTAIN: Final = 0.95
"""Probability that such a cell answers: of 30 questions on the ten made tables of ``benchmarks/documents/formats.py``
every cell that was found was the right one; a little is left for tables that no one has seen.
"""


def cell_asked_for(
    question: str, spans: Sequence[ReadSpan], is_elsewhere: Callable[[Evidence], bool]
) -> ReadSpan | None:
    """The cell whose row and column a question names, all else that it names standing above the table.

    Args:
        question: The question, or one of its sides.
        spans: The best span of each sentence that was read; rows of cells are sentences.
        is_elsewhere: Whether a sentence speaks of another place or year than the one asked for. It is given the row
            with no cell but its names and the one asked for: "last year" over the next column does not speak of it.

    Returns:
        The span of the cell's value, with the reader's own score; None where the question names no cell, or several
        with different values.
    """
    asked = simplify(strip_asking(question))
    found = []
    for span in spans:
        row = span.evidence
        if BETWEEN_CELLS not in row.text or (cell := _asked_cell(asked, row)) is None:
            continue
        named = [one.text for one in cells_of(row.text) if names(asked, one.value)]
        if not is_elsewhere(replace(row, text=BETWEEN_CELLS.join((*named, cell.text)))):
            found.append((span, cell))
    if len({cell.value for _, cell in found}) != 1:
        return None
    span, cell = found[0]
    return replace(span, start=cell.start, end=cell.end)


def columns_named(asked: str, cells: Sequence[RowCell]) -> list[RowCell]:
    """The cells whose headers a question names; of "从业人员" and "人员" the longer one, which is meant."""
    named = [cell for cell in cells if names(asked, cell.header)]
    return [c for c in named if not any(_is_within(c.header, other.header) for other in named)]


def words_left(asked: str, said: Sequence[str]) -> set[str]:
    """The words of meaning that a question holds beside headers and names."""
    rest = asked.lower()
    for one in sorted(map(plain_header, said), key=len, reverse=True):
        for piece in (one, *strip_years(one).split()):
            rest = rest.replace(piece, " ")
    return content_words(rest)


def _asked_cell(asked: str, row: Evidence) -> RowCell | None:
    cells = [cell for cell in cells_of(row.text) if cell.header]
    named = [cell for cell in cells if names(asked, cell.value)]
    columns = columns_named(asked, [cell for cell in cells if cell not in named])
    if not named or len(columns) != 1:
        return None
    above = simplify("\n".join((row.title, row.source, *row.heading))).lower()
    left = words_left(asked, [*(cell.value for cell in named), columns[0].header])
    headers = {plain_header(cell.header) for cell in named}
    return columns[0] if all(word in above or word in headers for word in left) else None


def _is_within(inner: str, outer: str) -> bool:
    return inner != outer and plain_header(inner) in plain_header(outer)
