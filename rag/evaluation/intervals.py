"""How sure a rate over questions is: bootstrap intervals, by scipy. Knows nothing of measures.

Questions are drawn, not sentences or figures: those of one answer stand or fall together. The percentile method, since
a rate of 1.0 has no variance that the corrected ones could work with. Scipy takes a second to load: only where a rate
is reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

__all__ = ["N_RESAMPLES", "SEED", "interval_of"]

N_RESAMPLES: Final = 1000
SEED: Final = 20260101


def interval_of(hits: Sequence[int], totals: Sequence[int]) -> tuple[float, float]:
    """The 95% interval of a rate; the same again for the same numbers.

    Args:
        hits: Of each question; negative where a difference is measured.
        totals: Out of how many, at least 1 each.

    Returns:
        Both ends; of a single question, its own rate twice.
    """
    if len(hits) == 1:
        return hits[0] / totals[0], hits[0] / totals[0]
    from scipy.stats import bootstrap  # noqa: PLC0415 - heavy

    found = bootstrap(
        (np.asarray(hits), np.asarray(totals)),
        _rate,
        paired=True,
        n_resamples=N_RESAMPLES,
        method="percentile",
        rng=np.random.default_rng(SEED),
    ).confidence_interval
    return float(found.low), float(found.high)


def _rate(hits: Any, totals: Any, axis: int = -1) -> Any:  # noqa: ANN401 - arrays
    return hits.sum(axis=axis) / totals.sum(axis=axis)
