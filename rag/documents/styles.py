"""Headings that a file tells by its own styles, and where its tables end: from blocks to offsets of the clean text."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from rag.text.unicode import is_chinese

if TYPE_CHECKING:
    from rag.documents.cleaning.clean import CleanText
    from rag.schema.documents import Document

__all__ = ["NO_STYLES", "TABLE_LEVEL", "StyledHeading", "Styles", "styles_of"]

TABLE_LEVEL: Final = 9
"""The level of a table's title: deeper than any heading, since it heads its rows and nothing else."""


class StyledHeading(NamedTuple):
    """A heading by its style.

    Attributes:
        level: From 1 for the outermost.
        end: Clean offset behind it.
    """

    level: int
    end: int


class Styles(NamedTuple):
    """What a file's styles tell.

    Attributes:
        headings: By their first clean offset.
        ends: Clean offsets behind tables: what follows does not stand under their titles.
        titles: Clean spans of lines that are titles of documents.
    """

    headings: Mapping[int, StyledHeading]
    ends: tuple[int, ...]
    titles: tuple[tuple[int, int], ...] = ()

    def title_in(self, text: str, start: int, end: int) -> str:
        """The title of a stretch of clean text: its first one with the lines right behind that are titles too.

        Empty where it has none, and where sentences stand before it: it heads only what follows.
        """
        spans = [span for span in self.titles if start <= span[0] < span[1] <= end]
        if not spans or "。" in text[start : spans[0][0]]:
            return ""
        lines, behind = [], spans[0][0]
        for first, last in spans:
            if text[behind:first].strip():
                break
            lines.append(text[first:last].strip())
            behind = last
        return ("" if is_chinese(lines[0]) else " ").join(lines)


NO_STYLES: Final = Styles(MappingProxyType({}), ())


def styles_of(document: Document, clean: CleanText) -> Styles:
    """What the blocks of a document tell, in offsets of its cleaned text."""
    spans = [(block, *clean.clean_span(block.start, block.end)) for block in document.blocks]
    headings = {
        start: StyledHeading(block.number, end)
        for block, start, end in spans
        if block.kind == "heading" and clean.text[start:end].strip()
    }
    ends = (end for block, _, end in spans if block.kind == "table")
    titles = tuple((start, end) for block, start, end in spans if block.kind == "title")
    return Styles(headings, tuple(dict.fromkeys(ends)), titles)
