"""What was read -> weights and limits: the likeliest choice among the sentences of each question, or of none.

How well they tell is measured by models that saw no question of the same document.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.optimize import minimize

from rag.scoring.scorer import Scorer
from rag.scoring.sides import FEW

if TYPE_CHECKING:
    import numpy.typing as npt

    from training.scorer.read import Asked

    FloatArray = npt.NDArray[np.float64]

__all__ = ["fit", "hold_out", "measures"]

FOLDS: Final = 5
SURE: Final = 0.9
_PENALTY: Final = 3.0
"""Of the squared weights, of features scaled to 1. On 293 questions 0.3 and 30 are no better or worse by 0.01."""
_ITERATIONS: Final = 500


def fit(asked: Sequence[Asked]) -> Scorer:
    """Learn the weights; the limits are left at 0."""
    choices = _Choices.of([one for one in asked if len(one.answers)])
    start = np.zeros(choices.rows.shape[1] + 1)
    found = minimize(choices.loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _ITERATIONS})
    weights = found.x[:-1] / choices.scale
    return Scorer(weights, float(found.x[-1] - choices.mean @ weights), 0.0, 0.0)


@dataclass(frozen=True)
class _Choices:
    """All questions in one table, scaled, and where the sentences of each begin."""

    rows: FloatArray  # scaled; shape: (n_sentences, n_features)
    answers: FloatArray  # 1 where a sentence answers; shape: (n_sentences,)
    starts: npt.NDArray[np.int64]  # shape: (n_questions,)
    counts: FloatArray  # what each question counts for; shape: (n_questions,)
    mean: FloatArray
    scale: FloatArray

    @classmethod
    def of(cls, asked: Sequence[Asked]) -> _Choices:
        rows = np.vstack([one.rows for one in asked])
        scale = rows.std(axis=0)
        scale[scale == 0] = 1.0
        sizes = [len(one.answers) for one in asked]
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        answers = np.concatenate([one.answers for one in asked]).astype(np.float64)
        mean = rows.mean(axis=0)
        return cls((rows - mean) / scale, answers, starts, np.array([one.weight for one in asked]), mean, scale)

    def loss(self, parameters: FloatArray) -> tuple[float, FloatArray]:
        """Minus the log-probability that one of the right sentences is chosen, none where there is none; its slope."""
        weights, bias = parameters[:-1], parameters[-1]
        sizes = np.diff(np.append(self.starts, len(self.rows)))
        worth = self.rows @ weights + bias
        highest = np.maximum(np.maximum.reduceat(worth, self.starts), 0.0)
        shares, none = np.exp(worth - np.repeat(highest, sizes)), np.exp(-highest)
        total = np.add.reduceat(shares, self.starts) + none
        right = np.add.reduceat(shares * self.answers, self.starts)
        is_there = np.add.reduceat(self.answers, self.starts) > 0
        wanted = np.maximum(np.where(is_there, right, none), np.finfo(np.float64).tiny)
        chosen = np.where(self.answers > 0, shares / np.repeat(wanted, sizes), 0.0)
        error = np.repeat(self.counts, sizes) * (shares / np.repeat(total, sizes) - chosen)
        loss = -float(self.counts @ np.log(wanted / total)) + _PENALTY * float(weights @ weights) / 2
        return loss, np.append(self.rows.T @ error + _PENALTY * weights, error.sum())


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


def measures(asked: Sequence[Asked], probabilities: Sequence[FloatArray], least_share: float) -> dict[str, float]:
    """How well it tells, on documents that it did not see: right first, calibration error, wrong among the sure.

    The last two are of what is shown: the best sentence and a second one of ``least_share`` of its probability.
    """
    pairs = list(_pairs(asked, probabilities))
    shown = [_shown(one, p, least_share) for one, p in pairs]
    counts = [one.weight for one, _ in pairs]
    bins: dict[int, float] = {}
    for (p, right), count in zip(shown, counts, strict=True):
        bins[min(9, int(p * 10))] = bins.get(min(9, int(p * 10)), 0.0) + count * (p - right)
    error = sum(map(abs, bins.values())) / sum(counts)
    sure = [(right, count) for (p, right), count in zip(shown, counts, strict=True) if p >= SURE]
    n_sure = sum(count for _, count in sure)
    there = [bool(one.answers[p.argmax()]) for one, p in pairs if one.answers.any()]
    return {
        "sides": len(shown),
        "right sentence first, of those that are read": sum(there) / max(1, len(there)),
        "calibration error in ten bins": error,
        "wrong among those of 0.9 or more": sum(count for right, count in sure if not right) / max(1.0, n_sure),
        "share of 0.9 or more": n_sure / sum(counts),
    }


def _shown(one: Asked, p: FloatArray, least_share: float) -> tuple[float, bool]:
    """The probability of what would be shown, and whether it answers."""
    near = [i for i in np.argsort(-p)[:FEW] if p[i] >= least_share * p.max()]
    return float(p[near].sum()), bool(one.answers[near].any())


def _pairs(asked: Sequence[Asked], probabilities: Sequence[FloatArray]) -> Iterator[tuple[Asked, FloatArray]]:
    return ((one, p) for one, p in zip(asked, probabilities, strict=True) if len(p))
