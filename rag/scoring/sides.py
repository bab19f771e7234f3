"""What was read, scored for each side of a question: spans with the probability that they answer, best first.

Does not decide what is shown (:mod:`rag.answering.quotation`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rag.question.analysis import Wording
from rag.question.scope import NamedScope
from rag.reading.evidence_reader import ReadSpan, SpanReader, best_of_sentences, read_evidence
from rag.schema.search import Evidence, Hit
from rag.scoring.features import Relations, feature_rows, relations
from rag.scoring.scorer import Scorer
from rag.text.figures import Figure

__all__ = ["CandidateSpan", "Side", "score_side", "score_sides", "together"]


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
    """

    asked: str
    named: NamedScope
    found: tuple[CandidateSpan, ...]
    threshold: float

    @property
    def probability(self) -> float:
        """That the best sentence answers; 0 where there is none of the place and year asked for."""
        return self.found[0].probability if self.found and not self.found[0].is_elsewhere else 0.0

    @property
    def best(self) -> CandidateSpan | None:
        """The best span, where it is likely enough to be shown: never one of another place or year."""
        first = self.found[0] if self.found else None
        return first if first and not first.is_elsewhere and first.probability >= self.threshold else None


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
    return tuple(
        score_side(asked.text, asked.named, evidence, hits, reader=reader, scorer=scorer) for asked in wording.sides
    )


def score_side(
    question: str,
    named: NamedScope,
    evidence: Sequence[Evidence],
    hits: Mapping[int, Hit],
    *,
    reader: SpanReader,
    scorer: Scorer,
) -> Side:
    """Read evidence for one question, and score every sentence; arguments as in :func:`score_sides`."""
    spans = best_of_sentences(evidence, read_evidence(question, evidence, reader=reader))
    rows = feature_rows(question, named, spans, hits)
    probabilities = scorer.probabilities(rows)
    found = [
        CandidateSpan(span, float(probability), relations(named, span.evidence), tuple(map(float, row)))
        for span, probability, row in zip(spans, probabilities, rows, strict=True)
    ]
    found.sort(key=lambda one: (one.is_elsewhere, -one.probability))
    return Side(question, named, tuple(found), scorer.threshold)


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
