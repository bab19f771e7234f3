"""A document that holds several files: where each begins, in the file's own text and in the cleaned one.

Each is cleaned apart and is a part of its own, with its own name as evidence for its facts. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from rag.documents.cleaning.clean import CleanText
    from rag.schema.documents import Document

__all__ = ["Stretch", "stretches_of"]

_ONE_WORK: Final = frozenset({"application/epub+zip"})
"""Kinds of files whose members are chapters of one work."""


class Stretch(NamedTuple):
    """A stretch of a document's text that stood in one file.

    Attributes:
        start: First offset.
        end: Offset behind it.
        name: The path of the member; empty outside of members.
    """

    start: int
    end: int
    name: str = ""

    def in_clean(self, clean: CleanText) -> Stretch:
        """The same stretch in the cleaned text."""
        return Stretch(*clean.clean_span(self.start, self.end), self.name)


def stretches_of(document: Document) -> Sequence[Stretch]:
    """The stretches of a document that stood in different files, in order; together they are all of its text."""
    members = [block for block in document.blocks if block.kind == "member" and document.media_type not in _ONE_WORK]
    stretches, position = [], 0
    for block in members:
        if block.start > position:
            stretches.append(Stretch(position, block.start))
        stretches.append(Stretch(block.start, block.end, block.name))
        position = block.end
    if position < len(document.text) or not members:
        stretches.append(Stretch(position, len(document.text)))
    return stretches
