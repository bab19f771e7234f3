"""Reader against generator: which of the two is shown, by rule. Calls no model.

The reader knows where the answer stands and whether it is there; the generator phrases. They must agree: what the
reader found has to stand in what the generator says. Where they differ the reader is right more often (docs/
experiments.md, "Reader against generator"), so a second, narrower look is taken, and failing that the text itself is
quoted. A question for a list or a section is the generator's: a span is not enough for it.
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
from rag.question.analysis import Wording
from rag.reading.evidence_reader import CandidateSpan, Side
from rag.reading.rescoring import share_of_question
from rag.schema.answers import Answer, AnswerSentence
from rag.text.figures import find_figures, same_figure
from rag.text.language import Language, detect_language
from rag.text.numbering import is_own_heading
from rag.text.overlap import character_pairs, share_said
from rag.text.places import place_stem
from rag.text.words import simplify

__all__ = [
    "FAINT",
    "Arbitrated",
    "Because",
    "Ruling",
    "agrees",
    "arbitrate",
    "arbitrate_again",
    "quotation_as_answer",
    "with_omitted_sentences",
    "with_original_wording",
    "withheld_if_about_missing_side",
]


class Ruling(StrEnum):
    """Whose answer is shown; or that the generator should be asked once more, over what the reader found alone."""

    GENERATED = "generated"
    QUOTED = "quoted"
    REFUSED = "refused"
    LOOK_AGAIN = "look_again"


class Because(StrEnum):
    """Why it was ruled so."""

    QUOTED_WHOLE = "quoted_whole"  # a section, or all that a question counts, stands in the text as asked for
    AGREED = "they_agree"
    AGREED_FAINTLY = "they_agree_on_what_is_found_faintly"
    SAME_SENTENCES = "a_list_rests_on_the_same_sentences"
    UNSURE_LIST = "a_list_and_the_reader_is_unsure"
    FAINT_LIST = "a_list_and_the_reader_finds_a_little"
    NOTHING_LIKELY = "the_reader_finds_nothing_likely"
    NOTHING_FOUND = "neither_finds_anything"
    GENERATOR_CLOSER = "the_generator_speaks_more_of_the_question"
    READER_FAR = "the_reader_hardly_speaks_of_the_question"
    DIFFERED = "they_differ"


@dataclass(frozen=True, slots=True)
class Arbitrated(Step):
    """A ruling between reader and generator.

    Attributes:
        ruling: Whose answer is shown.
        because: Why.
        again: Whether it was made after a second look.
    """

    ruling: Ruling
    because: Because
    again: bool = False


FAINT: Final = 0.1
"""Under ``LEAST_PROBABILITY`` and above this, an answer of the generator that holds a span of the reader's is shown."""
SURE: Final = 0.6
"""Under this the reader does not overrule a list of the generator's that rests on other sentences."""
LEAST_TOLD: Final = 0.3
"""A sentence that the reader would quote against the generator must hold this share of the question (XQuAD zh and dev:
of such quotations 1 of 32 right ones and 6 of 10 wrong ones are below)."""
LEAST_LISTED: Final = 0.02
"""A list of which the reader finds less than this is not shown."""
_CLEARLY: Final = 0.3
_SOMEWHAT: Final = 0.15
"""How much more of the question the generator's sentences must hold to be shown; less where the other is off."""
_BEST_FEW: Final = 3  # of what is found faintly, the order says little
_LEAST_SHARED: Final = 0.5  # share of a span's character pairs that a sentence must hold to say it


def arbitrate(
    wording: Wording, generated: Answer, quoted: Quotation, sides: Sequence[Side], *, observe: Observer = ignore_steps
) -> Ruling:
    """Decide between the generator's checked answer and the reader's quotation.

    Args:
        wording: The standalone question, analysed.
        generated: The generator's answer, checked and cited.
        quoted: The quotation, which abstains where the reader finds nothing likely.
        sides: What the reader found.
        observe: Is told the ruling and why.
    """
    ruled = _ruled(wording, generated, quoted, sides)
    observe(ruled)
    return ruled.ruling


def _ruled(wording: Wording, generated: Answer, quoted: Quotation, sides: Sequence[Side]) -> Arbitrated:
    if quoted.is_whole:
        return Arbitrated(Ruling.QUOTED if generated.abstained else Ruling.GENERATED, Because.QUOTED_WHOLE)
    if quoted.answer.abstained:
        return _ruled_unlikely(wording, generated, sides)
    unsure = max(side.probability for side in sides) < SURE
    if wording.wants_section and not generated.abstained:
        shared = _shares_citation(generated, quoted.answer)
        if shared or unsure:
            return Arbitrated(Ruling.GENERATED, Because.SAME_SENTENCES if shared else Because.UNSURE_LIST)
    best = [side.best for side in sides if side.best]
    if all(agrees(generated, one) for one in best):
        return Arbitrated(Ruling.GENERATED, Because.AGREED)
    if len(best) > 1:
        return Arbitrated(Ruling.LOOK_AGAIN, Because.DIFFERED)
    return _by_wording(wording, generated, best[0])


def _ruled_unlikely(wording: Wording, generated: Answer, sides: Sequence[Side]) -> Arbitrated:
    """The ruling where the reader finds nothing likely enough to be quoted."""
    # Across languages both take the same wrong neighbour too often (dev: 2 of 2 that were accepted).
    own_words = bool(generated.evidence) and wording.language == detect_language(generated.evidence[0].text)
    faintly = [one for side in sides for one in side.found[:_BEST_FEW] if one.probability >= FAINT]
    faint = own_words and any(agrees(generated, one) for one in faintly)
    listed = wording.wants_section and max(side.probability for side in sides) >= LEAST_LISTED
    if generated.abstained:
        return Arbitrated(Ruling.REFUSED, Because.NOTHING_FOUND)
    if not (faint or listed):
        return Arbitrated(Ruling.REFUSED, Because.NOTHING_LIKELY)
    return Arbitrated(Ruling.GENERATED, Because.AGREED_FAINTLY if faint else Because.FAINT_LIST)


def arbitrate_again(generated: Answer, sides: Sequence[Side], *, observe: Observer = ignore_steps) -> Ruling:
    """Decide after the second look."""
    best = [side.best for side in sides if side.best]
    agree = all(agrees(generated, one) for one in best)
    ruled = Arbitrated(Ruling.GENERATED, Because.AGREED) if agree else Arbitrated(Ruling.QUOTED, Because.DIFFERED)
    ruled = replace(ruled, again=True)
    observe(ruled)
    return ruled.ruling


def _by_wording(wording: Wording, generated: Answer, best: CandidateSpan) -> Arbitrated:
    """When they differ, prefer the one whose sentence shares more of the question; the reader wins ties."""
    e = best.evidence
    if wording.language != detect_language(e.text):
        return Arbitrated(Ruling.LOOK_AGAIN, Because.DIFFERED)
    read = share_of_question(wording.text, (e.text, e.title, *e.heading))
    written = share_of_question(
        wording.text, [part for c in generated.citations for part in (c.quote, c.title, *c.heading)]
    )
    if not generated.abstained and written >= read + (_CLEARLY if read >= LEAST_TOLD else _SOMEWHAT):
        return Arbitrated(Ruling.GENERATED, Because.GENERATOR_CLOSER)
    if read >= LEAST_TOLD:
        return Arbitrated(Ruling.LOOK_AGAIN, Because.DIFFERED)
    return Arbitrated(Ruling.REFUSED, Because.READER_FAR)


def withheld_if_about_missing_side(generated: Answer, sides: Sequence[Side]) -> Answer:
    """The generator's answer; an abstention where it speaks of one side of a comparison of which nothing was found.

    Asked for the years of A's and B's exhibition, of which only A's stands there, it gives B the year of A's heading.

    Args:
        generated: The generator's answer, checked and cited.
        sides: What the reader found.
    """
    missing = [side for side in sides if side.probability < FAINT]
    if not missing or len(missing) == len(sides):
        return generated
    there = {mark for side in sides if side not in missing for mark in _marks(side)}
    alone = {mark for side in missing for mark in _marks(side)} - there
    said = [sentence.text for sentence in generated.sentences]
    if any(any(m in text for m in alone) and not any(m in text for m in there) for text in said):
        return replace(generated, abstained=True, sentences=(), citations=())
    return generated


def _marks(side: Side) -> set[str]:
    """By what a sentence is known to speak of a side: its places and years."""
    return {*map(place_stem, side.named.places), *map(str, side.named.years)}


def agrees(answer: Answer, found: CandidateSpan) -> bool:
    """Whether an answer says what the reader found: its figures, else its wording, else its very sentence is cited."""
    if answer.abstained:
        return False
    said = " ".join(sentence.text for sentence in answer.sentences)
    figures = [f for f in found.figures if not f.loose]
    if figures:
        shown = find_figures(said)
        # All of them, dates apart: "12 in spring" is not "34 in autumn", though both are of 2031.
        wanted = [f for f in figures if f.kind != "date"] or figures
        return all(any(same_figure(f, other) for other in shown) for f in wanted)
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


def _shares_citation(one: Answer, other: Answer) -> bool:
    return any(a.meets(b) for a in one.citations for b in other.citations)
