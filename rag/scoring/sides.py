"""What was read, scored for each side of a question: spans with the probability that they answer, best first.

Does not decide what is shown (:mod:`rag.answering.quotation`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rag.question.analysis import Wording
from rag.question.relation import PlaceRelation, YearRelation
from rag.question.scope import NamedScope
from rag.reading.evidence_reader import ReadSpan, SpanReader, best_of_sentences, read_evidence
from rag.schema.search import Evidence, Hit
from rag.scoring.cells import CERTAIN, cell_asked_for
from rag.scoring.features import Relations, feature_rows, relations
from rag.scoring.scorer import Scorer
from rag.text.figures import Figure

__all__ = ["CandidateSpan", "Side", "score_side", "score_sides", "together"]

FEW: Final = 2
"""Sentences that are shown at most of a side that asks for one thing."""
MANY: Final = 8
"""The same of a side that asks for several."""
EQUAL: Final = 0.8
"""Share of the best one's probability from which on a sentence is as good. On 293 questions nothing changes by it, nor
by 0.9; they hold little that is said twice.
"""


@dataclass(frozen=True, slots=True)
class CandidateSpan:
    """A span of evidence that may answer.

    Attributes:
        read: The span, with the reader's own score.
        probability: That its sentence answers, calibrated.
        relations: How the sentence's place and year stand to those asked for.
        features: What the probability was made of, in the order of :data:`rag.scoring.features.FEATURES`.
    """

    read: ReadSpan
    probability: float
    relations: Relations
    features: tuple[float, ...] = ()

    @property
    def evidence(self) -> Evidence:
        """The sentence it stands in."""
        return self.read.evidence

    @property
    def start(self) -> int:
        """First code point in the sentence's text."""
        return self.read.start

    @property
    def end(self) -> int:
        """Behind its last."""
        return self.read.end

    @property
    def text(self) -> str:
        """The span."""
        return self.read.text

    @property
    def figures(self) -> list[Figure]:
        """Figures of the sentence that lie in the span, in part at least."""
        return self.read.figures

    @property
    def is_elsewhere(self) -> bool:
        """Whether the sentence speaks of another place or another year than the one asked for."""
        return self.relations.is_elsewhere


@dataclass(frozen=True, slots=True)
class Side:
    """One thing that a question asks about, and what was found for it.

    Attributes:
        asked: The question about this side alone.
        named: Place and year of this side.
        found: One span of each sentence, likeliest first; those of another place or year behind all others.
        threshold: Under this probability the documents are taken not to say.
        least_share: A further sentence is shown where it is this likely against the best one.
        most: Sentences that are shown at most.
    """

    asked: str
    named: NamedScope
    found: tuple[CandidateSpan, ...]
    threshold: float
    least_share: float = 1.0
    most: int = FEW

    @property
    def nearest(self) -> tuple[CandidateSpan, ...]:
        """The best span, and further ones nearly as likely; none of another place or year, which would pass for it."""
        first = self.found[0].probability if self.found else 0.0
        near = (span for span in self.found if not span.is_elsewhere and span.probability >= self.least_share * first)
        return tuple(near)[: self.most] if self.found and not self.found[0].is_elsewhere else ()

    @property
    def probability(self) -> float:
        """That what would be shown answers: the nearest, and whatever is as good as the best and not shown for room.

        What many documents say in the same words is as sure as what one says.
        """
        nearest = self.nearest
        if not nearest:
            return 0.0
        as_good = EQUAL * nearest[0].probability
        rest = (span for span in self.found if not span.is_elsewhere and span not in nearest)
        equals = (span.probability for span in rest if span.probability >= as_good)
        return min(1.0, sum(span.probability for span in nearest) + sum(equals))

    @property
    def shown(self) -> tuple[CandidateSpan, ...]:
        """The nearest, best first, where it is likely enough that they answer."""
        return self.nearest if self.probability >= self.threshold else ()

    @property
    def best(self) -> CandidateSpan | None:
        """The best of what is shown."""
        return next(iter(self.shown), None)


def score_sides(
    wording: Wording, evidence: Sequence[Evidence], hits: Mapping[int, Hit], *, reader: SpanReader, scorer: Scorer
) -> tuple[Side, ...]:
    """Read evidence for each side that a question asks about, and score every sentence.

    Asked for several things at once, the reader finds none of them.

    Args:
        wording: The standalone question, analysed.
        evidence: Sentences in document order.
        hits: How the passage of each sentence was found, by the sentence's number.
        reader: The reader.
        scorer: What was learned.

    Returns:
        The sides in the order of the question; one where it asks for one thing.
    """
    most = MANY if wording.wants_several else FEW
    return tuple(
        score_side(asked.text, asked.named, evidence, hits, reader=reader, scorer=scorer, most=most)
        for asked in wording.sides
    )


def score_side(
    question: str,
    named: NamedScope,
    evidence: Sequence[Evidence],
    hits: Mapping[int, Hit],
    *,
    reader: SpanReader,
    scorer: Scorer,
    most: int = FEW,
) -> Side:
    """Read evidence for one question, and score every sentence; arguments as in :func:`score_sides`."""
    spans = best_of_sentences(evidence, read_evidence(question, evidence, reader=reader))
    rows = feature_rows(question, named, spans, hits)
    probabilities = scorer.probabilities(rows)
    cell = cell_asked_for(question, spans, lambda row: relations(named, row).is_elsewhere)
    found = [
        CandidateSpan(span, float(probability), relations(named, span.evidence), tuple(map(float, row)))
        for span, probability, row in zip(spans, probabilities, rows, strict=True)
    ]
    if cell:
        found = [_certain(one, cell) if one.evidence == cell.evidence else one for one in found]
    found.sort(key=lambda one: (one.is_elsewhere, -one.probability))
    return Side(question, named, tuple(found), scorer.threshold, scorer.least_share, most)


_NOT_ELSEWHERE: Final = Relations(PlaceRelation.UNKNOWN, YearRelation.UNKNOWN)


def _certain(found: CandidateSpan, cell: ReadSpan) -> CandidateSpan:
    # The row's other columns may be of other years: this one is not.
    return replace(found, read=cell, probability=max(found.probability, CERTAIN), relations=_NOT_ELSEWHERE)


def together(sides: Sequence[Side], others: Sequence[Side]) -> tuple[Side, ...]:
    """What two wordings of a question find, as one: each sentence is as likely as by the surer wording.

    A small model translates badly and the reader knows other languages than Chinese badly; which of the two is right,
    the other one's doubt does not tell. On the five such questions of dev the original was the surer in four.

    Args:
        sides: What was found in one wording.
        others: What was found in the other one.

    Returns:
        The sides of the first wording; the surer wording's where they have different numbers of sides, since nothing
        tells then which belongs to which.
    """
    if len(sides) != len(others):
        return tuple(max((sides, others), key=lambda each: max(side.probability for side in each)))
    return tuple(_joined(one, other) for one, other in zip(sides, others, strict=True))


def _joined(one: Side, other: Side) -> Side:
    rest = {span.evidence.number: span for span in other.found}
    found = [max(span, rest.get(span.evidence.number, span), key=lambda each: each.probability) for span in one.found]
    found.sort(key=lambda each: (each.is_elsewhere, -each.probability))
    return replace(one, found=tuple(found))
