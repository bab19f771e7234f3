"""Features -> the probability that a sentence answers: a logistic regression, learned; its weights are a text file.

The weights say for each feature what one unit of it adds to the log-odds. How they were learned, on what and how well:
``data/MODEL_CARD.md``; by ``training.scorer.py``. A sentence is scored beside the others that were read for the same
question: its features hold how far it is ahead of them.
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
        weights: Added to the log-odds for one unit of each feature. Shape: (n_features,).
        bias: Log-odds where all features are 0.
        threshold: Under this probability the best sentence is not shown: the documents are taken not to say.
        least_share: A further sentence is shown where it is this likely against the best one.
    """

    weights: npt.NDArray[np.float64]
    bias: float
    threshold: float
    least_share: float

    def probabilities(self, rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The probability of each row. Shapes: (n, n_features) to (n,)."""
        odds = np.clip(rows @ self.weights + self.bias, -60.0, 60.0)
        return np.asarray(1 / (1 + np.exp(-odds)), dtype=np.float64)


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
