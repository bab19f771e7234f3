"""What each feature of a sentence added to its worth (:mod:`rag.scoring.scorer`). Scores nothing itself."""

from __future__ import annotations

from dataclasses import dataclass

from rag.scoring.features import FEATURES
from rag.scoring.scorer import Scorer
from rag.scoring.sides import CandidateSpan

__all__ = ["Addition", "additions"]


@dataclass(frozen=True, slots=True)
class Addition:
    """What one feature of a sentence added.

    Attributes:
        feature: Its name, one of :data:`rag.scoring.features.FEATURES`.
        value: Its value for the sentence.
        weight: What one unit of it is worth.
    """

    feature: str
    value: float
    weight: float

    @property
    def added(self) -> float:
        """Value times weight."""
        return self.value * self.weight


def additions(span: CandidateSpan, scorer: Scorer | None) -> tuple[Addition, ...]:
    """What the features of a span's sentence added beside the bias, the largest first; nothing of the others.

    Args:
        span: The span; of two wordings judged together its features are the surer one's.
        scorer: What scored it.
    """
    if scorer is None:
        return ()
    weights = map(float, scorer.weights)
    every = (Addition(*each) for each in zip(FEATURES, span.features, weights, strict=True))
    return tuple(sorted((each for each in every if each.added), key=lambda each: -abs(each.added)))
