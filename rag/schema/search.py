"""Restrictions and results of a search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from rag.schema.documents import NOWHERE, Location, Passage

__all__ = ["Evidence", "Hidden", "Hit", "Retrieved", "Scope"]

Hidden: TypeAlias = frozenset[str] | Callable[[], frozenset[str]]
"""Documents that are not there for who asks; a function is called with every opening of the index, so that a document
which somebody else adds while the question is under way is hidden too."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved passage.

    Attributes:
        passage: What was found.
        score: Fused score; higher is better. Comparable within one query only.
        rank: Place in the fused list, from 1.
        dense_score: Cosine similarity, or None where the dense ranker did not return it.
        dense_rank: Rank of the dense ranker, from 1, or None.
        lexical_score: BM25 score, higher is better, or None.
        lexical_rank: Rank of the lexical ranker, from 1, or None.
        bare_rank: Rank of the dense ranker, from 1, for the question without its places and years, or None.
        wording: What was searched when it was found: the question, or one of its sides.
    """

    passage: Passage
    score: float
    rank: int
    dense_score: float | None = None
    dense_rank: int | None = None
    lexical_score: float | None = None
    lexical_rank: int | None = None
    bare_rank: int | None = None
    wording: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that is shown to the generator, with where it stands.

    Attributes:
        number: Its number in the prompt, from 1, in document order.
        text: Cleaned sentence.
        source: Name of the document.
        title: Title of the part.
        place: Place of the part.
        years: Years of the part.
        heading: Heading path inside the part, outermost first.
        start: First raw offset.
        end: Raw offset behind the sentence.
        score: Relevance to the question; higher is better.
        location: Where it stands in the file itself.
    """

    number: int
    text: str
    source: str
    title: str
    place: str
    years: tuple[int, ...]
    heading: tuple[str, ...]
    start: int
    end: int
    score: float
    location: Location = NOWHERE


@dataclass(frozen=True, slots=True)
class Scope:
    """A restriction asked for by the user; an empty field does not restrict.

    A scope that matches nothing yields nothing, never everything.
    """

    sources: frozenset[str] = frozenset()
    years: frozenset[int] = frozenset()
    places: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether anything is restricted."""
        return bool(self.sources or self.years or self.places)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """First event of a stream: what was searched and what will be read."""

    query: str
    evidence: tuple[Evidence, ...]
    seconds: float
