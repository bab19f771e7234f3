"""What was read and scored -> the quotation that answers: in a fraction of a second and without a generator.

The probability of each sentence decides what is shown and whether anything is. What is shown is the sentence itself,
word for word, so nothing can be invented. Does not retrieve, read, generate or load.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.answering.phrases import sentence_in
from rag.question.analysis import QuestionAnalysis
from rag.retrieval.sections import counted_items, named_section
from rag.schema.answers import Answer, AnswerSentence, Citation
from rag.schema.search import Evidence
from rag.scoring.features import relations
from rag.scoring.sides import CandidateSpan, Side

__all__ = ["Quotation", "answered", "cited", "quote"]


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


def quote(
    asked: QuestionAnalysis,
    read: Sequence[Evidence],
    evidence: Sequence[Evidence],
    *,
    sides: Sequence[Side],
) -> Quotation:
    """Answer with sentences of the documents, or abstain.

    Args:
        asked: What is asked.
        read: All sentences that were read, in document order.
        evidence: The likeliest of them.
        sides: What was read, scored.

    Returns:
        The sentences that answer, each cited; ``confidence`` is the calibrated probability that the answer is there
        (of the surest side of several; None where a whole section is quoted), and ``spans`` what answers in them.
        Abstained where that is too small.
    """
    if whole := _whole(asked, read):
        sentences = tuple(AnswerSentence(e.text, (marker,)) for marker, e in enumerate(whole, start=1))
        citations = tuple(Citation.of(marker, e) for marker, e in enumerate(whole, start=1))
        return Quotation(answered(asked, evidence, sentences, citations, None), is_whole=True)
    confidence = max((side.probability for side in sides), default=0.0)
    chosen = [span for side in sides for span in side.shown]
    if not chosen:
        reason = sentence_in(asked.language, "not_found")
        return Quotation(
            Answer.abstention(asked.question, asked.query, reason, evidence=tuple(evidence), confidence=confidence)
        )
    return Quotation(answered(asked, evidence, *cited(chosen), confidence))


def cited(chosen: Sequence[CandidateSpan]) -> tuple[tuple[AnswerSentence, ...], tuple[Citation, ...]]:
    """The sentences around spans in document order, each with its citation; the spans are marked in them."""
    by_sentence: dict[int, list[CandidateSpan]] = {}
    for one in chosen:
        by_sentence.setdefault(one.evidence.number, []).append(one)
    sentences, citations = [], []
    for marker, number in enumerate(sorted(by_sentence), start=1):
        own = by_sentence[number]
        e = own[0].evidence
        spans = tuple(sorted({(one.start, one.end) for one in own if one.start < one.end}))
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


def _whole(asked: QuestionAnalysis, read: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The section that a question for a whole section names, or all that it counts: no span answers it, all does."""
    if not asked.wording.wants_section or len(asked.named.places) > 1:
        return ()
    inside = [e for e in read if not relations(asked.named, e).is_elsewhere]
    return named_section(asked.query, inside) or counted_items(asked.wording, inside)
