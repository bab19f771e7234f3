"""What the reader found -> the quotation that answers: in a fraction of a second and without a generator.

The reader's spans decide, its calibrated score together with the scope of the question refuses. What is shown is the
sentence around a span, word for word, so nothing can be invented. Does not retrieve, read, generate or load.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rag.answering.phrases import sentence_in
from rag.question.analysis import QuestionAnalysis
from rag.question.scope import in_scope
from rag.reading.evidence_reader import CandidateSpan, Side
from rag.retrieval.sections import counted_items, named_section
from rag.schema.answers import Answer, AnswerSentence, Citation
from rag.schema.search import Evidence

__all__ = ["Quotation", "answered", "cited", "quote"]

LEAST_SHARE: Final = 0.3
"""A further part of an answer must be this likely, against the best one."""


MOST_QUOTES: Final = 8


@dataclass(frozen=True, slots=True)
class Quotation:
    """An answer of sentences of the documents, word for word.

    Attributes:
        answer: The sentences, each cited, or an abstention.
        is_whole: Whether it is a whole section, or all that the question counts: then all of it answers, and no
            span of the reader's decides.
    """

    answer: Answer
    is_whole: bool = False


def quote(asked: QuestionAnalysis, evidence: Sequence[Evidence], *, sides: Sequence[Side]) -> Quotation:
    """Answer with sentences of the evidence, or abstain.

    Args:
        asked: What is asked.
        evidence: Sentences in document order.
        sides: What the reader found in it.

    Returns:
        The sentences around the spans that answer, each cited; ``confidence`` is the calibrated probability that the
        answer is there (of the surest side of a comparison; None where a whole section is quoted), and ``spans`` the
        spans themselves. Abstained where that is too small.
    """
    inside = [e for e in evidence if in_scope(e, asked.named)]
    if whole := _section(asked, inside) or counted_items(asked.wording, inside):
        sentences = tuple(AnswerSentence(e.text, (marker,)) for marker, e in enumerate(whole, start=1))
        citations = tuple(Citation.of(marker, e) for marker, e in enumerate(whole, start=1))
        return Quotation(answered(asked, evidence, sentences, citations, None), is_whole=True)
    confidence = max(side.probability for side in sides)
    chosen = [span for side in sides for span in _chosen(side, several=asked.wording.wants_several)]
    if not chosen:
        reason = sentence_in(asked.language, "not_found")
        return Quotation(
            Answer.abstention(asked.question, asked.query, reason, evidence=tuple(evidence), confidence=confidence)
        )
    return Quotation(answered(asked, evidence, *cited(list(dict.fromkeys(chosen))), confidence))


def cited(chosen: Sequence[CandidateSpan]) -> tuple[tuple[AnswerSentence, ...], tuple[Citation, ...]]:
    """The sentences around spans in document order, each with its citation; the spans are marked in them."""
    by_sentence: dict[int, list[CandidateSpan]] = {}
    for one in chosen:
        by_sentence.setdefault(one.evidence.number, []).append(one)
    sentences, citations = [], []
    for marker, number in enumerate(sorted(by_sentence), start=1):
        own = sorted(by_sentence[number], key=lambda one: one.start)
        e = own[0].evidence
        spans = tuple((one.start, one.end) for one in own if one.start < one.end)
        sentences.append(AnswerSentence(e.text, (marker,), spans))
        citations.append(Citation.of(marker, e))
    return tuple(sentences), tuple(citations)


def answered(
    asked: QuestionAnalysis,
    evidence: Sequence[Evidence],
    sentences: tuple[AnswerSentence, ...],
    citations: tuple[Citation, ...],
    confidence: float | None,
) -> Answer:
    """The answer of sentences and their citations to what is asked."""
    return Answer(
        question=asked.question,
        query=asked.query,
        sentences=sentences,
        citations=citations,
        evidence=tuple(evidence),
        confidence=confidence,
    )


def _section(asked: QuestionAnalysis, inside: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The section that a question for a whole section names: no span answers it, so all its sentences do."""
    if not asked.wording.wants_section or len(asked.named.places) > 1:
        return ()
    return named_section(asked.query, inside)


def _chosen(side: Side, *, several: bool) -> list[CandidateSpan]:
    """The best span; where several things are asked for, the further ones that are likely enough."""
    if side.best is None:
        return []
    likely = [one for one in side.found[1:] if one.probability >= LEAST_SHARE * side.probability]
    return [side.best, *(likely[: MOST_QUOTES - 1] if several else ())]
