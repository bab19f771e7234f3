"""A question that names a row and a column of a table -> the cell that it asks for.

The reader learned from prose, where a figure stands beside what it is said of; in a row of cells nothing but the header
says what a figure is. Where the question itself says which row and which column, nothing needs to be guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rag.question.kind import strip_asking
from rag.reading.evidence_reader import ReadSpan
from rag.schema.search import Evidence
from rag.text.sentences import BEHIND_HEADER, BETWEEN_CELLS
from rag.text.words import content_words, simplify

__all__ = ["CERTAIN", "cell_asked_for"]

CERTAIN: Final = 0.95
"""Probability that such a cell answers: of 30 questions on the ten made tables of ``benchmarks/documents/formats.py``
every cell that was found was the right one; a little is left for tables that no one has seen.
"""
_LEAST_CHARS: Final = 2  # of a header or a row's name: one character stands in too many questions


@dataclass(frozen=True, slots=True)
class _Cell:
    header: str
    value: str
    start: int
    end: int

    @property
    def text(self) -> str:
        """As the row has it."""
        return f"{self.header}{BEHIND_HEADER}{self.value}"


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
        names = [one.text for one in _cells(row.text) if _is_named(one.value, asked)]
        if not is_elsewhere(replace(row, text=BETWEEN_CELLS.join((*names, cell.text)))):
            found.append((span, cell))
    if len({cell.value for _, cell in found}) != 1:
        return None
    span, cell = found[0]
    return replace(span, start=cell.start, end=cell.end)


def _asked_cell(asked: str, row: Evidence) -> _Cell | None:
    cells = [cell for cell in _cells(row.text) if cell.header]
    names = [cell for cell in cells if _is_named(cell.value, asked)]
    columns = [cell for cell in cells if cell not in names and _is_named(cell.header, asked)]
    # "从业人员" and "人员": the longer one is meant, unless both stand apart.
    columns = [c for c in columns if not any(_is_within(c.header, other.header) for other in columns)]
    if not names or len(columns) != 1:
        return None
    above = simplify("\n".join((row.title, row.source, *row.heading)))
    rest = asked
    for said in sorted((*(cell.value for cell in names), columns[0].header), key=len, reverse=True):
        rest = rest.replace(simplify(said), " ")
    headers = {simplify(cell.header) for cell in names}
    return columns[0] if all(word in above or word in headers for word in content_words(rest)) else None


def _cells(text: str) -> Iterator[_Cell]:
    start = 0
    for piece in text.split(BETWEEN_CELLS):
        header, behind, value = piece.partition(BEHIND_HEADER)
        if behind:
            begin = start + len(header) + len(behind)
            yield _Cell(header.strip(), value.strip(), begin, begin + len(value))
        start += len(piece) + len(BETWEEN_CELLS)


def _is_named(said: str, asked: str) -> bool:
    plain = simplify(said)
    return len(plain) >= _LEAST_CHARS and not plain.isdecimal() and plain in asked


def _is_within(inner: str, outer: str) -> bool:
    return inner != outer and inner in outer
