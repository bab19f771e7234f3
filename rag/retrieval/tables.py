"""Rows that were read -> the whole tables that they stand in, for questions that ask something of a whole column.

A sum over the rows that a search happens to return would be a wrong figure; so all rows are taken, or none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from rag.schema.search import Evidence
from rag.text.sentences import BETWEEN_CELLS

if TYPE_CHECKING:
    from rag.retrieval.snapshot import IndexSnapshot
    from rag.schema.documents import Block, Passage

__all__ = ["MOST_ROWS", "Table", "whole_tables"]

MOST_ROWS: Final = 5_000
"""A longer table is not reckoned with: its rows would be read for seconds."""
_MOST_TABLES: Final = 8  # of those in which something was read, the likeliest first


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a document.

    Attributes:
        rows: All its rows, in order, those of titles and notes left out.
        cells: Where in the raw text of the document each cell stands that the file itself sets apart, with its name:
            ``B7`` of a sheet; by where it begins.
    """

    rows: tuple[Evidence, ...]
    cells: tuple[Block, ...] = ()

    def at_cell(self, row: Evidence, start: int, end: int) -> Evidence:
        """A row whose location is that of one of its cells.

        Args:
            row: The row.
            start: Where the cell's value begins in the row's text.
            end: Where it ends.
        """
        if row.end - row.start != len(row.text):  # cleaned: its offsets are not those of the file
            return row
        raw = range(row.start + start, row.start + end)
        here = [cell.name for cell in self.cells if cell.start < raw.stop and raw.start < cell.end and cell.name]
        return replace(row, location=replace(row.location, cells=here[0])) if len(here) == 1 else row


def whole_tables(read: Sequence[Evidence], corpus: IndexSnapshot) -> tuple[Table, ...]:
    """The tables in which something was read, all rows of each.

    Args:
        read: Sentences that were read.
        corpus: The index.
    """
    rows = [sentence for sentence in read if BETWEEN_CELLS in sentence.text]
    found: list[Table] = []
    for source in dict.fromkeys(row.source for row in sorted(rows, key=lambda row: -row.score)):
        blocks = corpus.document(source).blocks
        passages = corpus.store.document_passages(source)
        starts = [row.start for row in rows if row.source == source]
        for table in blocks:
            if table.kind != "table" or not any(table.start <= start < table.end for start in starts):
                continue
            inside = tuple(_rows_of(table, passages))
            if len(inside) <= MOST_ROWS:
                cells = (b for b in blocks if b.kind == "cell" and table.start <= b.start < table.end)
                found.append(Table(corpus.located(inside), tuple(cells)))
            if len(found) == _MOST_TABLES:
                return tuple(found)
    return tuple(found)


def _rows_of(table: Block, passages: Iterable[Passage]) -> Iterable[Evidence]:
    seen = set()
    for passage in passages:
        for sentence in passage.sentences:
            inside = table.start <= sentence.start < table.end and BETWEEN_CELLS in sentence.text
            if inside and sentence.start not in seen:
                seen.add(sentence.start)
                yield Evidence(
                    number=len(seen),
                    text=sentence.text,
                    source=passage.source,
                    title=passage.title,
                    place=passage.place,
                    years=passage.years,
                    heading=passage.heading,
                    start=sentence.start,
                    end=sentence.end,
                    score=0.0,
                )
