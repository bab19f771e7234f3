"""Scorers so small that one sees what they do: no test depends on the weights that come with youju."""

import math
from typing import Final

import numpy as np

from rag.scoring.features import FEATURES
from rag.scoring.scorer import Scorer


def scorer(*, bias: float = 0.0, threshold: float = 0.5, least_share: float = 0.5, **weights: float) -> Scorer:
    """One that knows the features that are named, and no other."""
    assert set(weights) <= set(FEATURES)
    return Scorer(np.array([weights.get(name, 0.0) for name in FEATURES]), bias, threshold, least_share)


def chosen(*worths: float) -> list[float]:
    """The probabilities of sentences of these worths, the softmax of them and of 0, as of the reader's scores."""
    total = 1 + sum(math.exp(worth) for worth in worths)
    return [math.exp(worth) / total for worth in worths]


BY_READER: Final = scorer(read=10.0, threshold=0.3)
"""Takes the reader's score for the worth."""

BESIDE: Final = scorer(read=10.0, place_other=-5.5, year_other=-5.5, threshold=0.3)
"""The same, but what is of another place or year is too unlikely to be shown, and close enough to be offered."""

IN_SCOPE: Final = scorer(read=10.0, place_other=-16.0, year_other=-16.0, year_neighbour=-8.0, threshold=0.3)
"""The same, but what is of another place or year is all but impossible, and of the next one unlikely."""
