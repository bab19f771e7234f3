"""What the reader found -> the quotation that answers: in a fraction of a second and without a generator.

The reader's spans decide, its calibrated score together with the scope of the question refuses. What is shown is the
sentence around a span, word for word, so nothing can be invented. Does not retrieve, read, generate or load.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rag.answering.phrases import sentence_in
from rag.question.kind import asks_for_section, asks_several
from rag.question.scope import QuestionScope, in_scope
from rag.reading.evidence_reader import Found, Side
from rag.retrieval.sections import counted_items, named_section
from rag.schema.answers import Answer, AnswerSentence, Citation
from rag.schema.search import Evidence
from rag.text.language import Language

__all__ = ["cited", "quote"]

LEAST_SHARE: Final = 0.3
"""A further part of an answer must be this likely, against the best one."""


MOST_QUOTES: Final = 8


def quote(
    question: str,
    query: str,
    evidence: Sequence[Evidence],
    *,
    sides: Sequence[Side],
    named: QuestionScope,
    language: Language,
) -> Answer:
    """Answer with sentences of the evidence, or abstain.

    Args:
        question: The user's words.
        query: The standalone question.
        evidence: Sentences in document order.
        sides: What the reader found in it.
        named: Places and years that the question names.
        language: Language of a refusal.

    Returns:
        The sentences around the spans that answer, each cited; ``confidence`` is the calibrated probability that the
        answer is there (of the surest side of a comparison; None where a whole section is quoted), and ``spans`` the
        spans themselves. Abstained where that is too small.
    """
    if section := _section(query, evidence, named):
        return _answer(question, query, evidence, section, None)
    confidence = max(side.probability for side in sides)
    if items := counted_items(query, [e for e in evidence if in_scope(e, named)]):
        return _answer(question, query, evidence, [Found(e, 0, 0, 0.0, 1.0, in_scope=True) for e in items], None)
    several = asks_several(query)
    chosen = [one for side in sides for one in _chosen(side, several=several)]
    if not chosen:
        reason = sentence_in(language, "not_found")
        return Answer(question, query, (), (), True, reason, tuple(evidence), confidence=confidence)
    return _answer(question, query, evidence, list(dict.fromkeys(chosen)), confidence)


def cited(chosen: Sequence[Found]) -> tuple[tuple[AnswerSentence, ...], tuple[Citation, ...]]:
    """The sentences around spans in document order, each with its citation; the spans are marked in them."""
    by_sentence: dict[int, list[Found]] = {}
    for one in chosen:
        by_sentence.setdefault(one.evidence.number, []).append(one)
    sentences, citations = [], []
    for marker, number in enumerate(sorted(by_sentence), start=1):
        own = sorted(by_sentence[number], key=lambda one: one.start)
        e = own[0].evidence
        spans = tuple((one.start, one.end) for one in own if one.start < one.end)
        sentences.append(AnswerSentence(e.text, (marker,), True, spans))
        citations.append(Citation.of(marker, e))
    return tuple(sentences), tuple(citations)


def _answer(
    question: str, query: str, evidence: Sequence[Evidence], chosen: Sequence[Found], confidence: float | None
) -> Answer:
    sentences, citations = cited(chosen)
    return Answer(question, query, sentences, citations, False, "", tuple(evidence), confidence=confidence)


def _section(query: str, evidence: Sequence[Evidence], named: QuestionScope) -> list[Found]:
    """The section that a question for a whole section names: no span answers it, so all its sentences do."""
    if not asks_for_section(query) or len(named.places) > 1:
        return []
    sentences = named_section(query, [e for e in evidence if in_scope(e, named)])
    return [Found(e, 0, 0, 0.0, 1.0, in_scope=True) for e in sentences]


def _chosen(side: Side, *, several: bool) -> list[Found]:
    """The best span; where several things are asked for, the further ones that are likely enough."""
    if side.best is None:
        return []
    likely = [one for one in side.found[1:] if one.probability >= LEAST_SHARE * side.probability]
    return [side.best, *(likely[: MOST_QUOTES - 1] if several else ())]
