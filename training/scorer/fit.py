"""What was read -> weights and limits: a logistic regression over the features of sentences.

How likely a second sentence must be against the best one to be shown is chosen on probabilities by models that saw no
question of the same document.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from rag.scoring.scorer import Scorer

if TYPE_CHECKING:
    import numpy.typing as npt

    from training.scorer.read import Asked

    FloatArray = npt.NDArray[np.float64]

__all__ = ["choose_share", "fit", "hold_out", "measures"]

FOLDS: Final = 5
_REGULARISATION: Final = 0.3
LEAST_SECOND: Final = 0.2
"""How often a second sentence must answer to be shown beside the best one."""


def fit(asked: Sequence[Asked]) -> Scorer:
    """Learn the weights; the limits are left at 0."""
    rows = np.vstack([one.rows for one in asked])
    answers = np.concatenate([one.answers for one in asked])
    weight = np.concatenate([np.full(len(one.answers), one.weight) for one in asked])
    scale = rows.std(axis=0)
    scale[scale == 0] = 1.0
    model = LogisticRegression(C=_REGULARISATION, max_iter=3000).fit(rows / scale, answers, sample_weight=weight)
    return Scorer(model.coef_[0] / scale, float(model.intercept_[0]), 0.0, 0.0)


def hold_out(asked: Sequence[Asked]) -> list[FloatArray]:
    """Probabilities of each side's sentences by a model that saw no question of its document."""
    groups = sorted({one.group for one in asked})
    fold = {group: int(hashlib.sha256(group.encode()).hexdigest(), 16) % FOLDS for group in groups}
    found: list[FloatArray] = [np.zeros(0)] * len(asked)
    for held in range(FOLDS):
        model = fit([one for one in asked if fold[one.group] != held])
        for i, one in enumerate(asked):
            if fold[one.group] == held:
                found[i] = model.probabilities(one.rows)
    return found


def choose_share(asked: Sequence[Asked], probabilities: Sequence[FloatArray]) -> float:
    """The share of the best sentence's probability from which on a second sentence answers often enough."""
    pairs = []
    for one, p in _pairs(asked, probabilities):
        if len(p) > 1:
            first, second = np.argsort(-p)[:2]
            pairs.append((float(p[second] / p[first]), bool(one.answers[second]), one.weight))
    for limit in np.round(np.arange(0.3, 1.0, 0.05), 2):
        shown = [(right, weight) for share, right, weight in pairs if share >= limit]
        if shown and sum(w for right, w in shown if right) >= LEAST_SECOND * sum(w for _, w in shown):
            return float(limit)
    return 1.0


def measures(asked: Sequence[Asked], probabilities: Sequence[FloatArray]) -> dict[str, float]:
    """How well it tells, on documents that it did not see: right first, calibration error, wrong among the sure."""
    best = [(float(p.max()), bool(one.answers[p.argmax()])) for one, p in _pairs(asked, probabilities)]
    bins: dict[int, list[tuple[float, bool]]] = {}
    for p, right in best:
        bins.setdefault(min(9, int(p * 10)), []).append((p, right))
    error = sum(abs(sum(p for p, _ in each) - sum(right for _, right in each)) for each in bins.values()) / len(best)
    sure = [right for p, right in best if p >= 0.9]
    there = [
        right
        for (_, right), one in zip(best, (o for o, _ in _pairs(asked, probabilities)), strict=True)
        if one.answers.any()
    ]
    return {
        "sides": len(best),
        "right sentence first, of those that are read": sum(there) / max(1, len(there)),
        "calibration error in ten bins": error,
        "wrong among those of 0.9 or more": 1 - sum(sure) / max(1, len(sure)),
        "share of 0.9 or more": len(sure) / len(best),
    }


def _pairs(asked: Sequence[Asked], probabilities: Sequence[FloatArray]) -> Iterator[tuple[Asked, FloatArray]]:
    return ((one, p) for one, p in zip(asked, probabilities, strict=True) if len(p))
