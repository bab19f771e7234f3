"""Refuse: say what was looked for, why it is not there, and cite the closest sentences. Calls no generator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from rag.answering.case import Case
from rag.answering.phrases import sentence_in
from rag.answering.steps import SoughtElsewhere
from rag.question.analysis import Wording
from rag.question.scope import NamedScope
from rag.reading.evidence_reader import CandidateSpan, Side, read_sides
from rag.schema.answers import Answer, Citation
from rag.schema.documents import Part
from rag.schema.search import Evidence
from rag.text.language import Language
from rag.text.places import same_place

__all__ = ["LEAST_CLOSE", "refuse", "why_not_covered"]

MOST_CLOSEST: Final = 2


LEAST_CLOSE: Final = 0.05
"""What the reader gives less than this is not even close (dev: out-of-domain questions are below)."""


LEAST_BESIDE: Final = 0.5
"""A second sentence must be this likely against the first: what is far less so stands in another document as a rule."""


_MOST_PLACES: Final = 8


def why_not_covered(named: NamedScope, parts: Sequence[Part], *, language: Language) -> str:
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


def refuse(case: Case, *, reason: str = "", generated: Answer | None = None) -> Answer:
    """Abstain, with what comes closest cited: in scope, out of it, or of another place altogether.

    Args:
        case: The question and what was found.
        reason: Why, where the documents do speak of the place and year.
        generated: The generator's answer that is not shown.
    """
    asked = case.asked
    why = why_not_covered(asked.named, case.found.parts, language=case.language)
    why = why or reason or sentence_in(case.language, "not_found")
    sides, first = case.sides, None
    if case.tools.search_elsewhere and (asked.named.places or asked.named.unknown):
        bare, evidence = case.tools.search_elsewhere()
        case.tools.observe(SoughtElsewhere(bare.text, evidence))
        anywhere = read_sides(bare, evidence, reader=case.reader)
        if close := anywhere[0].best:
            why += _elsewhere(close.evidence, asked.named, case.language)
            sides = anywhere
        first = _of_another_year(case, bare)
    return replace(
        Answer.abstention(asked.question, asked.query, why, citations=_closest(sides, first), evidence=case.evidence),
        confidence=case.confidence,
        reply=generated.reply if generated else "",
        withheld=generated.withheld if generated else (),
    )


def _elsewhere(close: Evidence, named: NamedScope, language: Language) -> str:
    """Where something close stands, unless the question names that place itself."""
    where = close.place or close.title or close.source
    return "" if where in named.places else sentence_in(language, "elsewhere").format(place=where)


def _of_another_year(case: Case, bare: Wording) -> CandidateSpan | None:
    """What the documents of the very place say of another year: closer than any other place's."""
    named = case.asked.named
    own = [e for e in case.evidence if e.place and any(same_place(e.place, place) for place in named.places)]
    if not own or not named.years:
        return None
    spans = read_sides(bare, own, reader=case.reader)[0].found
    return spans[0] if spans and spans[0].probability >= LEAST_CLOSE else None


def _closest(sides: Sequence[Side], first: CandidateSpan | None) -> tuple[Citation, ...]:
    """The closest sentences, best first, behind one that is closest whatever its score."""
    spans = sorted((span for side in sides for span in (*side.found, *side.out_of_scope)), key=lambda span: -span.score)
    least = max([LEAST_CLOSE, *(LEAST_BESIDE * span.probability for span in spans[:1])])
    close = [*([first] if first else []), *(span for span in spans if span.probability >= least)]
    # By place, not by number: what was sought elsewhere is numbered for itself.
    sentences = list({(span.evidence.source, span.evidence.start): span.evidence for span in close}.values())
    return tuple(Citation.of(marker, e) for marker, e in enumerate(sentences[:MOST_CLOSEST], start=1))
