"""Features -> the probability that a sentence answers: a choice among all that were read, learned; a text file.

A conditional logit with an outside option (McFadden 1974; Train, Discrete Choice Methods, 2nd ed., ch. 3): each
sentence of a question has a worth, the weighed sum of its features, "none of them answers" has worth 0, and the
probabilities are their softmax. So sentences that are alike take probability from each other, and many poor ones do not
add up to an answer. How the weights were learned, on what and how well: ``data/MODEL_CARD.md``; by ``training.scorer``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from rag.errors import ModelCorruptError
from rag.scoring.features import FEATURES

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["SHIPPED", "Scorer", "load_scorer"]

SHIPPED: Final = Path(__file__).parent / "data" / "scorer.json"
"""The weights that come with youju."""


@dataclass(frozen=True)
class Scorer:
    """What each feature is worth.

    Attributes:
        weights: Added to a sentence's worth for one unit of each feature. Shape: (n_features,).
        bias: Its worth where all features are 0.
        threshold: Under this probability the best sentence is not shown: the documents are taken not to say.
        least_share: A further sentence is shown where it is this likely against the best one.
    """

    weights: npt.NDArray[np.float64]
    bias: float
    threshold: float
    least_share: float

    def probabilities(self, rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The probability of each sentence that was read for a question; what they lack to 1 is that of none.

        Args:
            rows: Features of all its sentences. Shape: (n, n_features).

        Returns:
            Shape: (n,).
        """
        worth = rows @ self.weights + self.bias
        highest = max(0.0, float(worth.max(initial=0.0)))
        shares = np.exp(worth - highest)
        return np.asarray(shares / (shares.sum() + np.exp(-highest)), dtype=np.float64)


@cache
def load_scorer(path: Path = SHIPPED) -> Scorer:
    """Load weights.

    Args:
        path: The weights file.

    Raises:
        ModelCorruptError: It cannot be read, or has other features.
    """
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        weights = stored["weights"]
        if set(weights) != set(FEATURES):
            wrong = ", ".join(sorted(set(weights) ^ set(FEATURES)))
            raise ModelCorruptError(f"{path} was learned with other features than these: {wrong}.")
        return Scorer(
            np.array([float(weights[name]) for name in FEATURES]),
            float(stored["bias"]),
            float(stored["threshold"]),
            float(stored["least_share"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelCorruptError(f"{path} cannot be read as weights of the scorer: {error!r}.") from error
