"""An answer with what its sentences leave out: which place was meant, and which side has nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from rag.answering.case import Case
from rag.answering.phrases import sentence_in
from rag.schema.answers import Answer, AnswerSentence, Citation
from rag.scoring.sides import Side
from rag.text.years import YEAR

__all__ = ["framed"]

# A text that compares with the year before answers for both years.
_COMPARED: Final = re.compile(
    rf"同比|[比较](?:上年|去年|上一年|前一年|{YEAR}年)|year-on-year|from the year before", re.IGNORECASE
)


def framed(case: Case, answer: Answer) -> Answer:
    """The answer with its frame; an abstention stays as it is."""
    if answer.abstained:
        return answer
    return _introduced_by_place(case, _with_missing_sides(case, answer))


def _with_missing_sides(case: Case, answer: Answer) -> Answer:
    """The answer and, for each side of a comparison of which nothing was found, a sentence that says so."""
    said = " ".join(sentence.text for sentence in answer.sentences)
    compares = len(case.sides) > 1 and not _COMPARED.search(said)
    missing = [side for side in case.sides if side.best is None] if compares else []
    labels = [_label(side, case) for side in missing]
    lacking = (
        AnswerSentence(sentence_in(case.language, "missing_side").format(side=label)) for label in labels if label
    )
    return replace(answer, sentences=(*answer.sentences, *lacking))


def _label(side: Side, case: Case) -> str:
    """What a side is called: by its place and year where these tell it from the others, else by its question."""
    if len({(other.named.places, other.named.years) for other in case.sides}) < len(case.sides):
        return f"“{side.asked.rstrip('？?。')}”"
    years = [f"{year}年" if case.language in ("zh", "ja") else f" {year}" for year in side.named.years[:1]]
    return "".join((*side.named.places[:1], *years)).strip()


def _introduced_by_place(case: Case, answer: Answer) -> Answer:
    """The answer behind the sentence that tells which place the question describes, cited."""
    place = case.found.described_place
    said = place.sentence_of(case.read) if place else None
    if place is None or said is None:
        return answer
    cited = Citation.of(1, said)
    citations, markers = [cited], {}
    for c in answer.citations:  # markers go by first use, and the described place comes first
        if (c.source, c.start, c.end) == (said.source, said.start, said.end):
            markers[c.marker] = 1
        else:
            citations.append(replace(c, marker=len(citations) + 1))
            markers[c.marker] = len(citations)
    sentences = [replace(s, markers=tuple(markers[m] for m in s.markers)) for s in answer.sentences]
    text = sentence_in(case.language, "described_place").format(what=place.description.what, place=place.place)
    return replace(answer, sentences=(AnswerSentence(text, (1,)), *sentences), citations=tuple(citations))
