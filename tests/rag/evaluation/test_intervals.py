import math

import numpy as np
import pytest

from rag.evaluation.intervals import N_RESAMPLES, SEED, interval_of


def test_a_single_question_is_as_sure_as_it_is():
    assert interval_of([1], [2]) == (0.5, 0.5)


def test_a_rate_that_never_varies_has_no_width():
    assert interval_of([1, 2, 3], [1, 2, 3]) == (1.0, 1.0)
    assert interval_of([0] * 200, [1] * 200) == (0.0, 0.0)


def test_the_interval_is_the_binomial_one_for_many_questions():
    n, rate = 400, 0.75
    low, high = interval_of([1] * 300 + [0] * 100, [1] * n)
    half = 1.96 * math.sqrt(rate * (1 - rate) / n)
    # 1,000 resamples place each end with a standard error of about 0.06 half widths (binomial order statistics).
    assert (low, high) == pytest.approx((rate - half, rate + half), abs=0.2 * half)


def test_the_interval_is_that_of_resampled_questions_and_the_same_again():
    hits, totals = np.array([3, 0, 2, 5, 1, 1, 0, 4]), np.array([3, 1, 4, 5, 1, 2, 2, 6])
    picks = np.random.default_rng(7).integers(8, size=(200_000, 8))
    rates = hits[picks].sum(axis=1) / totals[picks].sum(axis=1)
    # 200,000 resamples are as good as all; 1,000 of them place an end of this small set within 0.03.
    assert interval_of(list(hits), list(totals)) == pytest.approx(tuple(np.percentile(rates, (2.5, 97.5))), abs=0.03)
    assert interval_of(list(hits), list(totals)) == interval_of(list(hits), list(totals))
    assert (N_RESAMPLES, SEED) == (1000, 20260101)
