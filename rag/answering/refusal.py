"""Refusals: what was looked for, why it is not there, and the closest thing that is, cited. Calls no model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rag.answering.phrases import sentence_in
from rag.question.scope import QuestionScope
from rag.reading.evidence_reader import Found, Side
from rag.schema.answers import Answer, Citation
from rag.schema.documents import Part
from rag.schema.search import Evidence
from rag.text.language import Language
from rag.text.places import same_place

__all__ = ["LEAST_CLOSE", "refusal", "why_not_covered"]

MOST_CLOSEST: Final = 2


LEAST_CLOSE: Final = 0.05
"""What the reader gives less than this is not even close (dev: out-of-domain questions are below)."""


LEAST_BESIDE: Final = 0.5
"""A second sentence must be this likely against the first: what is far less so stands in another document as a rule."""


_MOST_PLACES: Final = 8


def why_not_covered(named: QuestionScope, parts: Sequence[Part], *, language: Language) -> str:
    """Say that no document speaks of the place or year of a question, and what there is; empty where one does."""
    separator = "、" if language in ("zh", "ja") else ", "
    if named.unknown and not named.places:
        known = list(dict.fromkeys(part.place for part in parts if part.place))
        if not known:
            return ""
        more = "…" if len(known) > _MOST_PLACES else ""
        listed = separator.join(known[:_MOST_PLACES]) + more
        return sentence_in(language, "no_place").format(place=separator.join(named.unknown), known=listed)
    if len(named.places) == 1 and named.years:
        place = named.places[0]
        years = {year for part in parts if same_place(part.place, place) for year in part.years}
        if years and not set(named.years) & years:
            told = separator.join(map(str, sorted(years)))
            asked = separator.join(map(str, named.years))
            return sentence_in(language, "no_year").format(place=named.places[0], year=asked, known=told)
    return ""


def refusal(
    question: str,
    query: str,
    evidence: Sequence[Evidence],
    *,
    reason: str,
    sides: Sequence[Side] = (),
    first: Found | None = None,
    confidence: float | None = None,
    reply: str = "",
) -> Answer:
    """Abstain, with the closest sentences cited.

    Args:
        question: The user's words.
        query: The standalone question.
        evidence: What was read.
        reason: Why, in the question's language.
        sides: What the reader found all the same; without it nothing is offered as close.
        first: What is closest whatever its score, e.g. the same thing of the same place in another year.
        confidence: The probability that the answer is there after all.
        reply: What the generator wrote.

    Returns:
        The abstention; its citations are the closest sentences, best first.
    """
    found = sorted((one for side in sides for one in (*side.found, *side.beside)), key=lambda one: -one.score)
    least = max([LEAST_CLOSE, *(LEAST_BESIDE * one.probability for one in found[:1])])
    closest = _closest([*([first] if first else []), *(one for one in found if one.probability >= least)])
    return Answer(question, query, (), closest, True, reason, tuple(evidence), confidence=confidence, reply=reply)


def _closest(found: Sequence[Found]) -> tuple[Citation, ...]:
    # By place, not by number: what was sought elsewhere is numbered for itself.
    sentences = list({(one.evidence.source, one.evidence.start): one.evidence for one in found}.values())[:MOST_CLOSEST]
    return tuple(Citation.of(marker, e) for marker, e in enumerate(sentences, start=1))
