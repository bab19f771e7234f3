"""What searching needs of an index. Knows no store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rag.schema.documents import Passage


class PassageSource(Protocol):
    """Gives passages that no ranker returned: the neighbours of one that was found."""

    def section_passages(self, source: str, section: int) -> Sequence[Passage]:
        """All passages of a section, in order."""

    def document_passages(self, source: str) -> Sequence[Passage]:
        """All passages of a document, in order."""
