"""Reader against generator: which of the two is shown, by rule. Calls no model.

The reader knows where the answer stands and whether it is there; the generator phrases. They must agree: what the
reader found has to stand in what the generator says. Where they differ the reader is right more often (docs/
experiments.md, "Reader against generator"), so a second, narrower look is taken, and failing that the text itself is
quoted. A question for a list or a section is the generator's: a span is not enough for it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal, TypeAlias

from rag.evidence import asks_for_section
from rag.language import Language, detect_language, quotation_in
from rag.numbers import find_figures
from rag.reading import Found, Side
from rag.schema import Answer, AnswerSentence
from rag.support import character_pairs
from rag.tokenize import simplify

__all__ = ["Ruling", "agrees", "as_answer", "rule", "rule_again"]

Ruling: TypeAlias = Literal["generated", "quoted", "refused", "look again"]
"""Whose answer is shown; or that the generator should be asked once more, over what the reader found alone."""

FAINT: Final = 0.1
"""Under ``LEAST_PROBABILITY`` and above this, an answer of the generator that holds the reader's span is shown."""
_LEAST_SHARED: Final = 0.5  # share of a span's character pairs that a sentence must hold to say it


def rule(query: str, generated: Answer, quoted: Answer, sides: Sequence[Side]) -> Ruling:
    """Decide between the generator's checked answer and the reader's quotation.

    Args:
        query: The standalone question.
        generated: The generator's answer, checked and cited.
        quoted: The quotation, which abstains where the reader finds nothing likely.
        sides: What the reader found.
    """
    if quoted.confidence is None:  # a whole section is named: all of it answers
        return "quoted" if generated.abstained else "generated"
    if quoted.abstained:
        faint = any(side.found and side.probability >= FAINT and agrees(generated, side.found[0]) for side in sides)
        if generated.abstained or not (faint or asks_for_section(query)):
            return "refused"
        return "generated"
    if asks_for_section(query) and not generated.abstained and _shares_citation(generated, quoted):
        return "generated"
    best = [side.best for side in sides if side.best]
    return "generated" if all(agrees(generated, one) for one in best) else "look again"


def rule_again(generated: Answer, sides: Sequence[Side]) -> Ruling:
    """Decide after the second look."""
    best = [side.best for side in sides if side.best]
    return "generated" if all(agrees(generated, one) for one in best) else "quoted"


def agrees(answer: Answer, found: Found) -> bool:
    """Whether an answer says what the reader found: its figures, else its wording, else its very sentence is cited."""
    if answer.abstained:
        return False
    said = " ".join(sentence.text for sentence in answer.sentences)
    figures = [f for f in find_figures(found.evidence.text) if f.start < found.end and found.start < f.end]
    figures = [f for f in figures if not f.loose]
    if figures:
        values = {(f.kind, f.value) for f in find_figures(said)}
        return any((f.kind, f.value) in values for f in figures)
    if detect_language(said) != detect_language(found.evidence.text):
        e = found.evidence
        return any(c.source == e.source and c.start < e.end and e.start < c.end for c in answer.citations)
    span, text = (re.sub(r"\W", "", simplify(part)).lower() for part in (found.text, said))
    pairs = character_pairs(span)
    shared = len(pairs & character_pairs(text)) / len(pairs) if pairs else 0.0
    return span in text or shared >= _LEAST_SHARED


def as_answer(quoted: Answer, language: Language) -> Answer:
    """A quotation that stands for an answer; in another language than the question's it is introduced as one."""
    sentences = tuple(
        sentence
        if detect_language(sentence.text) == language
        else AnswerSentence(quotation_in(language, sentence.text), sentence.markers, supported=True)
        for sentence in quoted.sentences
    )
    return replace(quoted, sentences=sentences)


def _shares_citation(one: Answer, other: Answer) -> bool:
    return any(
        a.source == b.source and a.start < b.end and b.start < a.end for a in one.citations for b in other.citations
    )
