"""Refuse: say why the answer is not there, whose the closest sentences are, and cite them. Calls no generator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from rag.answering.case import Case
from rag.answering.phrases import sentence_in
from rag.question.relation import PlaceRelation, YearRelation
from rag.question.scope import NamedScope
from rag.schema.answers import Answer, Citation
from rag.schema.documents import Part
from rag.schema.search import Evidence
from rag.scoring.features import relations
from rag.scoring.sides import CandidateSpan, Side
from rag.text.language import Language
from rag.text.places import same_place

__all__ = ["LEAST_CLOSE", "refuse", "why_not_covered"]

MOST_CLOSEST: Final = 2


LEAST_CLOSE: Final = 0.02
"""A sentence less likely than this is not even close (dev: out-of-domain questions are below)."""


LEAST_BESIDE: Final = 0.3
"""A second sentence must be this likely against the first: what is far less so stands in another document as a rule."""


_MOST_PLACES: Final = 8


def why_not_covered(named: NamedScope, parts: Sequence[Part], read: Sequence[Evidence], *, language: Language) -> str:
    """Say that no document speaks of the place or year of a question, and what there is; empty where one does.

    Args:
        named: What the question names.
        parts: The parts of all documents.
        read: What was read for it: a sentence of the very place, or year, is more than what its document is said to
            be about.
        language: Language of the answer.
    """
    separator = "、" if language in ("zh", "ja") else ", "
    related = [relations(named, e) for e in read]
    if named.unknown and not named.places:
        known = list(dict.fromkeys(part.place for part in parts if part.place))
        if not known or any(one.place in (PlaceRelation.SAME, PlaceRelation.INNER) for one in related):
            return ""
        more = "…" if len(known) > _MOST_PLACES else ""
        listed = separator.join(known[:_MOST_PLACES]) + more
        return sentence_in(language, "no_place").format(place=separator.join(named.unknown), known=listed)
    if len(named.places) == 1 and named.years:
        place = named.places[0]
        years = {year for part in parts if same_place(part.place, place) for year in part.years}
        there = any(one.place is PlaceRelation.SAME and one.year is not YearRelation.OTHER for one in related)
        if years and not there and not set(named.years) & years:
            told = separator.join(map(str, sorted(years)))
            asked = separator.join(map(str, named.years))
            return sentence_in(language, "no_year").format(place=named.places[0], year=asked, known=told)
    return ""


def refuse(case: Case) -> Answer:
    """Abstain, with what comes closest cited, and whose it is where it is another place's.

    Args:
        case: The question and what was found.
    """
    asked = case.asked
    why = why_not_covered(asked.named, case.found.parts, case.read, language=case.language)
    why = why or sentence_in(case.language, "not_found")
    close = _closest(case.sides)
    if close and close[0].relations.place is PlaceRelation.OTHER:
        why += _elsewhere(close[0].evidence, asked.named, case.language)
    citations = tuple(Citation.of(marker, span.evidence) for marker, span in enumerate(close, start=1))
    abstention = Answer.abstention(asked.question, asked.query, why, citations=citations, evidence=case.evidence)
    return replace(abstention, confidence=case.confidence)


def _elsewhere(close: Evidence, named: NamedScope, language: Language) -> str:
    """Where something close stands, unless the question names that place itself."""
    where = close.place or close.title or close.source
    return "" if where in named.places else sentence_in(language, "elsewhere").format(place=where)


def _closest(sides: Sequence[Side]) -> list[CandidateSpan]:
    """The spans of the closest sentences, likeliest first."""
    spans = sorted((span for side in sides for span in side.found), key=lambda span: -span.probability)
    least = max([LEAST_CLOSE, *(LEAST_BESIDE * span.probability for span in spans[:1])])
    sentences: dict[int, CandidateSpan] = {}
    for span in spans:
        if span.probability >= least:
            sentences.setdefault(span.evidence.number, span)
    return list(sentences.values())[:MOST_CLOSEST]
