"""What searching needs of an index. Knows no store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from rag.schema.documents import Passage

__all__ = ["EVERYTHING", "PassageFilter", "PassageSource"]


@dataclass(frozen=True, slots=True)
class PassageFilter:
    """Which passages a search may return: data that a store turns into its own conditions.

    ``None`` does not restrict; an empty set is a restriction that nothing fulfils. Restrictions are joined by "and".

    Attributes:
        sources: Names of documents.
        hidden: Names of documents whose passages are left out, whatever else holds.
        years: A passage must speak of one of these.
        places: A passage must speak of one of these, as the documents write them.
        include_unplaced: Whether passages of no known place are returned beside those of ``places``.
    """

    sources: frozenset[str] | None = None
    hidden: frozenset[str] = frozenset()
    years: frozenset[int] | None = None
    places: frozenset[str] | None = None
    include_unplaced: bool = False

    def __bool__(self) -> bool:
        """Whether anything is restricted."""
        return bool(self.hidden) or not (self.sources is None and self.years is None and self.places is None)

    def matches(self, passage: Passage) -> bool:
        """Whether a passage may be returned; the conditions of every store must agree with this."""
        return (
            (self.sources is None or passage.source in self.sources)
            and passage.source not in self.hidden
            and (self.years is None or not self.years.isdisjoint(passage.years))
            and self._is_of_place(passage.place)
        )

    def _is_of_place(self, place: str) -> bool:
        if self.places is None:
            return True
        return place in self.places if place else self.include_unplaced


EVERYTHING: Final = PassageFilter()


class PassageSource(Protocol):
    """Gives passages that no ranker returned: the neighbours of one that was found."""

    def section_passages(self, source: str, section: int) -> Sequence[Passage]:
        """All passages of a section, in order."""

    def document_passages(self, source: str) -> Sequence[Passage]:
        """All passages of a document, in order."""
