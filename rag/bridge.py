"""Questions that describe a place instead of naming it: "the city that plans X, how many Y has it?".

The description is searched for; where one sentence says it, the place of its document stands in for it. The question is
then one about a named place, and the sentence is cited for it. By rule; calls no generator.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rag.schema import Evidence, Hit, Passage
from rag.support import character_pairs
from rag.tokenize import simplify

__all__ = ["Bridge", "Description", "describes_place", "find_bridge"]

_KIND: Final = r"(?:城市|地级市|市|区|县|州|省|地区|地方|教育局|局)"
_DESCRIBED: Final = re.compile(
    rf"^(?P<what>[^？?。]{{4,60}}?)的(?:那|这|是哪)(?:一)?(?:座|个|所|家)?(?P<kind>{_KIND})[，,、：:]\s*(?P<rest>[^？?]{{4,}}[？?]?)"
    r"(?P<tail>.*)$"
)
_DESCRIBED_EN: Final = re.compile(
    r"(?P<before>^.*?)\bthe (?P<kind>city|district|county|province|place|bureau) (?:that|which|where) "
    r"(?P<what>[^,?]{8,80})(?P<tail>[,?].*)$",
    re.IGNORECASE,
)
_LEAST_SAID = 0.6
"""Share of the description's character pairs that a sentence must hold to say it."""


@dataclass(frozen=True, slots=True)
class Description:
    """A described place in a question.

    Attributes:
        what: What is said of it.
        before: The question before the description.
        after: The question behind it.
    """

    what: str
    before: str
    after: str

    def with_place(self, place: str) -> str:
        """The question with the place named."""
        gap = " " if self.before else ""
        return f"{self.before}{gap if not self.before.endswith(' ') else ''}{place}{self.after}"


@dataclass(frozen=True, slots=True)
class Bridge:
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


def describes_place(question: str) -> Description | None:
    """The described place of a question, where it has one.

    >>> describes_place("计划建三号码头的那座城市，去年吞吐量是多少？").with_place("海州市")
    '海州市去年吞吐量是多少？'
    """
    if match := _DESCRIBED.match(question.strip()):
        return Description(match["what"], "", match["rest"] + match["tail"])
    if match := _DESCRIBED_EN.match(question.strip()):
        return Description(match["what"], match["before"], match["tail"])
    return None


def find_bridge(description: Description, hits: Sequence[Hit]) -> Bridge | None:
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
    return Bridge(description, best.place, best) if best and said >= _LEAST_SAID else None


def _said(what: str, text: str) -> float:
    pairs = character_pairs(simplify(what))
    return len(pairs & character_pairs(simplify(text))) / len(pairs) if pairs else 0.0


def _within(evidence: Evidence, passage: Passage) -> bool:
    return passage.start <= evidence.start and evidence.end <= passage.end
