"""Composed text against quotation: which of the two is shown, by rule. Calls no model.

The quotation cannot say what the documents do not. The generator's text reads better, and of lists and sections says
more in fewer words; but a small model drops a part, takes a neighbour's figure or exchanges whose it is. So its text
is shown only where it says everything that the quotation's spans say, part by part; else the quotation is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from rag.answering.phrases import quotation_in, sentence_in
from rag.answering.quotation import Quotation
from rag.observer import Observer, Step, ignore_steps
from rag.schema.answers import Answer, AnswerSentence
from rag.scoring.sides import CandidateSpan, Side
from rag.text.figures import find_figures, same_figure
from rag.text.language import Language, detect_language
from rag.text.numbering import is_own_heading
from rag.text.numerals import units_agree
from rag.text.overlap import character_pairs, share_said
from rag.text.words import simplify

__all__ = [
    "Arbitrated",
    "Because",
    "Ruling",
    "agrees",
    "arbitrate",
    "quotation_as_answer",
    "with_omitted_sentences",
    "with_original_wording",
]


class Ruling(StrEnum):
    """Whose answer is shown."""

    GENERATED = "generated"
    QUOTED = "quoted"


class Because(StrEnum):
    """Why it was ruled so."""

    QUOTED_WHOLE = "quoted_whole"  # a section, or all that a question counts, stands in the text as asked for
    AGREED = "they_agree"
    DIFFERED = "they_differ"
    NOTHING_SUPPORTED = "nothing_that_the_generator_says_is_supported"


@dataclass(frozen=True, slots=True)
class Arbitrated(Step):
    """A ruling between composed text and quotation.

    Attributes:
        ruling: Whose answer is shown.
        because: Why.
    """

    ruling: Ruling
    because: Because


_LEAST_SHARED: Final = 0.5  # share of a span's character pairs that a sentence must hold to say it


def arbitrate(
    generated: Answer, quoted: Quotation, sides: Sequence[Side], *, observe: Observer = ignore_steps
) -> Ruling:
    """Decide between the generator's checked answer and the quotation.

    Args:
        generated: The generator's answer, checked and cited.
        quoted: The quotation; no abstention.
        sides: What was read, scored.
        observe: Is told the ruling and why.
    """
    ruled = _ruled(generated, quoted, sides)
    observe(ruled)
    return ruled.ruling


def _ruled(generated: Answer, quoted: Quotation, sides: Sequence[Side]) -> Arbitrated:
    if generated.abstained:
        return Arbitrated(Ruling.QUOTED, Because.NOTHING_SUPPORTED)
    if quoted.is_whole:
        return Arbitrated(Ruling.GENERATED, Because.QUOTED_WHOLE)
    shown = [
        span for side in sides for span in side.found if any(c.meets(span.evidence) for c in quoted.answer.citations)
    ]
    if all(agrees(generated, span) for span in shown if span.text):
        return Arbitrated(Ruling.GENERATED, Because.AGREED)
    return Arbitrated(Ruling.QUOTED, Because.DIFFERED)


def agrees(answer: Answer, found: CandidateSpan) -> bool:
    """Whether an answer says what was found: its figures, else its wording, else its very sentence is cited."""
    if answer.abstained:
        return False
    said = " ".join(sentence.text for sentence in answer.sentences)
    figures = [f for f in found.figures if not f.loose]
    if figures:
        shown = find_figures(said)
        # All of them, dates apart: "12 in spring" is not "34 in autumn", though both are of 2031.
        wanted = [f for f in figures if f.kind != "date"] or figures
        return all(any(same_figure(f, other) and units_agree(f.unit, other.unit) for other in shown) for f in wanted)
    if detect_language(said) != detect_language(found.evidence.text):
        return any(c.meets(found.evidence) for c in answer.citations)
    span, text = (re.sub(r"\W", "", simplify(part)).lower() for part in (found.text, said))
    return span in text or share_said(span, text) >= _LEAST_SHARED


def quotation_as_answer(quoted: Answer, language: Language) -> Answer:
    """A quotation that stands for an answer; in another language than the question's it is introduced as one."""
    sentences = tuple(
        sentence
        if detect_language(sentence.text) == language
        else AnswerSentence(quotation_in(language, sentence.text), sentence.markers)
        for sentence in quoted.sentences
    )
    return replace(quoted, sentences=sentences)


def with_original_wording(generated: Answer, sides: Sequence[Side], language: Language) -> Answer:
    """The generator's answer with what the reader found, as the document writes it, where that is another language.

    A small model translates names and terms badly, and nobody can check a translation who does not see what was
    translated. Figures are checked in any language and need no second writing.

    Args:
        generated: The generator's answer, checked and cited.
        sides: What the reader found.
        language: Language of the answer.
    """
    sentences = list(generated.sentences)
    said = " ".join(sentence.text for sentence in sentences)
    for best in (side.best for side in sides):
        if best is None or best.figures or best.text in said or detect_language(best.evidence.text) == language:
            continue
        if marker := next((c.marker for c in generated.citations if c.meets(best.evidence)), None):
            text = sentence_in(language, "own_words").format(text=best.text)
            sentences.append(AnswerSentence(text, (marker,)))
    return replace(generated, sentences=tuple(sentences))


def with_omitted_sentences(generated: Answer, section: Answer) -> Answer:
    """The generator's summary of a section with what it leaves out, word for word: who asks for all wants all.

    Args:
        generated: The generator's answer, checked and cited.
        section: All sentences of the section, as a quotation.
    """
    said = character_pairs(simplify(" ".join(sentence.text for sentence in generated.sentences)))
    citations, sentences = list(generated.citations), list(generated.sentences)
    for sentence, cited in zip(section.sentences, section.citations, strict=True):
        is_heading = is_own_heading(sentence.text, cited.heading)
        is_said = share_said(simplify(sentence.text), said, empty=1.0) >= _LEAST_SHARED
        if not is_heading and not is_said and not any(cited.meets(c) for c in generated.citations):
            citations.append(replace(cited, marker=len(citations) + 1))
            sentences.append(AnswerSentence(sentence.text, (len(citations),)))
    return replace(generated, sentences=tuple(sentences), citations=tuple(citations))
