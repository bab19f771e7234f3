"""Learning the scorer: what tells answers from other sentences gets weight; limits are chosen on documents held out."""

from __future__ import annotations

import numpy as np
import pytest

from rag.scoring.features import FEATURES
from training.scorer.fit import fit, hold_out, measures
from training.scorer.read import Asked

READ, NOISE = FEATURES.index("read"), FEATURES.index("length")


def question(group: str, scores: list[float], right: int | None, *, weight: float = 1.0) -> Asked:
    """A side of which only the reader's score tells; ``right`` is the sentence that answers."""
    rows = np.zeros((len(scores), len(FEATURES)))
    rows[:, READ] = scores
    rows[:, NOISE] = np.sin(1000 * np.array(scores))  # tells nothing
    return Asked(group, rows, np.array([i == right for i in range(len(scores))]), weight)


@pytest.fixture(scope="module")
def asked() -> list[Asked]:
    rng = np.random.default_rng(7)
    answerable = [question(f"d{i % 9}.txt", [1.0 + rng.normal(0, 0.2), *rng.normal(-1, 0.4, 5)], 0) for i in range(60)]
    hidden = [question(f"d{i % 9}.txt", list(rng.normal(-1, 0.4, 6)), None) for i in range(40)]
    return [*answerable, *hidden]


def test_what_tells_gets_the_weight(asked: list[Asked]) -> None:
    scorer = fit(asked)
    assert scorer.weights[READ] > 1
    assert abs(scorer.weights[NOISE]) < scorer.weights[READ] / 5
    assert scorer.weights[FEATURES.index("place_same")] == 0


def test_probabilities_of_held_out_documents_have_the_shape_of_what_was_read(asked: list[Asked]) -> None:
    assert [p.shape for p in hold_out(asked)] == [one.answers.shape for one in asked]


def test_measures_count_what_is_first_and_what_is_sure() -> None:
    sides = [question("a", [0.0, 0.0], 0), question("b", [0.0], None)]
    told = measures(sides, [np.array([0.95, 0.1]), np.array([0.05])], 0.5)
    assert told["right sentence first, of those that are read"] == 1
    assert told["wrong among those of 0.9 or more"] == 0
    assert told["share of 0.9 or more"] == 0.5
    assert told["calibration error in ten bins"] == pytest.approx((0.05 + 0.05) / 2)
