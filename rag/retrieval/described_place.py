"""Questions that describe a place instead of naming it: "the city that plans X, how many Y has it?".

The description is searched for; where one sentence says it, the place of its document stands in for it. The question is
then one about a named place, and the sentence is cited for it. By rule; calls no generator.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.question.described_place import Description
from rag.schema.documents import Passage
from rag.schema.search import Evidence, Hit
from rag.text.overlap import share_said
from rag.text.words import simplify

__all__ = ["DescribedPlace", "find_described_place"]

_LEAST_SAID = 0.6
"""Share of the description's character pairs that a sentence must hold to say it."""


@dataclass(frozen=True, slots=True)
class DescribedPlace:
    """A described place that was found.

    Attributes:
        description: What the question says of it.
        place: The place.
        passage: The passage that says it.
    """

    description: Description
    place: str
    passage: Passage

    def sentence_of(self, evidence: Sequence[Evidence]) -> Evidence | None:
        """The sentence of the evidence that says it; None where it is not among it."""
        own = [e for e in evidence if e.source == self.passage.source and _within(e, self.passage)]
        return max(own, key=lambda e: _said(self.description.what, e.text), default=None)


def find_described_place(description: Description, hits: Sequence[Hit]) -> DescribedPlace | None:
    """The place that a description means.

    Args:
        description: What is said of the place.
        hits: Passages found for it, best first.

    Returns:
        The place of the passage that says it; None where none says enough of it, or knows its place.
    """
    best, said = None, 0.0
    for hit in hits[:10]:
        own = max((_said(description.what, s.text) for s in hit.passage.sentences), default=0.0)
        # Of equally telling ones the first: it ranks higher.
        if hit.passage.place and own > said:
            best, said = hit.passage, own
    return DescribedPlace(description, best.place, best) if best and said >= _LEAST_SAID else None


def _said(what: str, text: str) -> float:
    return share_said(simplify(what), simplify(text))


def _within(evidence: Evidence, passage: Passage) -> bool:
    return passage.start <= evidence.start and evidence.end <= passage.end
