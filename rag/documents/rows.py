"""Rows of tables are kept whole: a mark inside a cell ends no sentence, since what stands behind it would lose its row.

Pure; knows no format.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

from rag.text.sentences import BETWEEN_CELLS

if TYPE_CHECKING:
    from rag.documents.cleaning.clean import CleanText
    from rag.schema.documents import Document

__all__ = ["Rows"]

_Span: TypeAlias = tuple[int, int]


class Rows:
    """The rows of a document's tables, in offsets of its clean text.

    Args:
        document: The document, each row a line in its tables.
        clean: Its cleaned text.
        most_chars: A longer row is not kept whole.
    """

    def __init__(self, document: Document, clean: CleanText, *, most_chars: int) -> None:
        raw = (
            span
            for block in document.blocks
            if block.kind == "table"
            for span in _lines(document, block.start, block.end)
        )
        spans = (clean.clean_span(*span) for span in raw)
        self._spans = [(start, end) for start, end in spans if start < end <= start + most_chars]

    def put_together(self, spans: Iterable[_Span]) -> list[_Span]:
        """Spans in order, those within one row as one."""
        whole: list[_Span] = []
        last = -1
        for span in spans:
            row = self._row_of(span)
            if row >= 0 and row == last:
                whole[-1] = (whole[-1][0], span[1])
            else:
                whole.append(span)
            last = row
        return whole

    def _row_of(self, span: _Span) -> int:
        """Which row holds a span; -1 where none does."""
        at = bisect_right(self._spans, span[0], key=lambda row: row[0]) - 1
        return at if at >= 0 and span[1] <= self._spans[at][1] else -1


def _lines(document: Document, start: int, end: int) -> Iterable[_Span]:
    for line in document.text[start:end].splitlines(keepends=True):
        if BETWEEN_CELLS in line:
            yield start, start + len(line)
        start += len(line)
