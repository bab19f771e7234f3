"""Marks of a reader: exact match, F1, area under the ROC curve, calibration. Pure; each says where it comes from."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Final

import numpy as np

from rag.reading.model.tokens import normalise
from rag.text.unicode import compatible

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["area_under_curve", "calibration_error", "exact_match", "f1", "fit_logistic"]

_WIDE: Final = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_TOKEN: Final = re.compile(rf"[{_WIDE}]|[^\s{_WIDE}]+")
_STEPS: Final = 50


def exact_match(text: str, answers: Sequence[str]) -> float:
    """1.0 where the text is one of the answers, but for punctuation and white space."""
    return float(any(_tokens(text) == _tokens(answer) for answer in answers))


def f1(text: str, answers: Sequence[str]) -> float:
    """Best F1 of tokens, a Chinese character being one (MLQA: Lewis et al. 2020, arXiv:1910.07475, section 4)."""
    return max(_f1(_tokens(text), _tokens(answer)) for answer in answers)


def area_under_curve(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Probability that a positive scores higher than a negative, ties counting half (Mann & Whitney 1947)."""
    scores = np.concatenate([positive, negative])
    order = np.argsort(scores, kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    in_order = scores[order]
    for value in np.unique(in_order[1:][np.diff(in_order) == 0]):
        same = scores == value
        ranks[same] = ranks[same].mean()
    n = len(positive)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * len(negative)))


def fit_logistic(scores: Sequence[float], truths: Sequence[bool]) -> tuple[float, float]:
    """Slope and intercept of the curve from score to probability, by Newton's method (Platt 1999)."""
    x, y = np.asarray(scores, float), np.asarray(truths, float)
    scale = float(np.abs(x).max()) or 1.0
    design = np.stack([x / scale, np.ones_like(x)], axis=1)
    beta = np.zeros(2)
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        hessian = (design * (p * (1 - p))[:, None]).T @ design + 1e-6 * np.eye(2)
        beta += np.linalg.solve(hessian, design.T @ (y - p))
    return float(beta[0] / scale), float(beta[1])


def calibration_error(probabilities: Sequence[float], truths: Sequence[bool], *, n_bins: int = 10) -> float:
    """Expected calibration error over bins of equal width (Naeini et al. 2015; Guo et al. 2017, arXiv:1706.04599)."""
    p, y = np.asarray(probabilities, float), np.asarray(truths, float)
    bins = np.minimum((p * n_bins).astype(int), n_bins - 1)
    inside = [bins == i for i in range(n_bins)]
    return float(sum(abs(p[mask].mean() - y[mask].mean()) * mask.mean() for mask in inside if mask.any()))


def _f1(one: list[str], two: list[str]) -> float:
    if not one or not two:
        return float(one == two)
    common = sum((Counter(one) & Counter(two)).values())
    return 2 * common / (len(one) + len(two))


def _tokens(text: str) -> list[str]:
    text = compatible(normalise(text)).lower()
    return _TOKEN.findall("".join(" " if unicodedata.category(ch)[0] in "PZ" and ch not in ".%" else ch for ch in text))
