"""The weights file, and the probability of a row of features."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.errors import ModelCorruptError
from rag.scoring.features import FEATURES
from rag.scoring.scorer import SHIPPED, Scorer, load_scorer
from tests.support.scoring import scorer

STORED: dict[str, Any] = {
    "weights": {name: number / 10 for number, name in enumerate(FEATURES)},
    "bias": -5.5,
    "threshold": 0.25,
    "least_share": 0.4,
}


def written(tmp_path: Path, stored: object) -> Path:
    path = tmp_path / "scorer.json"
    path.write_text(json.dumps(stored), encoding="utf-8")
    return path


def test_the_weights_are_read_in_the_order_of_the_features_whatever_theirs_is(tmp_path: Path) -> None:
    turned = STORED | {"weights": dict(reversed(STORED["weights"].items()))}
    loaded = load_scorer(written(tmp_path, turned))
    assert loaded.weights.tolist() == [number / 10 for number in range(len(FEATURES))]
    assert (loaded.bias, loaded.threshold, loaded.least_share) == (-5.5, 0.25, 0.4)


def test_the_weights_that_are_shipped_are_those_of_these_features() -> None:
    loaded = load_scorer()
    assert loaded.weights.shape == (len(FEATURES),)
    assert 0 < loaded.threshold < 1
    assert 0 < loaded.least_share <= 1
    assert SHIPPED.is_file()


def test_probabilities_are_the_softmax_of_worths_and_of_none() -> None:
    two = scorer(read=2.0, cells=-1.0, bias=0.5)
    rows = np.zeros((3, len(FEATURES)))
    rows[1, FEATURES.index("read")] = 1.5
    rows[2, FEATURES.index("read")], rows[2, FEATURES.index("cells")] = 0.5, 3.0
    shares = [math.exp(worth) for worth in (0.5, 3.5, -1.5)]
    expected = [share / (sum(shares) + 1) for share in shares]
    assert two.probabilities(rows).tolist() == pytest.approx(expected)
    assert two.probabilities(rows[:0]).shape == (0,)


def test_two_sentences_that_are_alike_share_the_probability() -> None:
    rows = np.zeros((2, len(FEATURES)))
    assert scorer(bias=9.0).probabilities(rows).tolist() == pytest.approx([0.5, 0.5], abs=1e-4)


def test_whatever_the_features_a_probability_is_one() -> None:
    rows = np.zeros((2, len(FEATURES)))
    rows[:, FEATURES.index("read")] = 1e9, -1e9
    low, high = sorted(scorer(read=1e9).probabilities(rows))
    assert 0 <= low < 1e-20
    assert high == 1.0


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"weights": {"read": 1.0}}, "was learned with other features than these: .*cells"),
        ({"weights": STORED["weights"] | {"colour": 1.0}}, "was learned with other features than these: colour"),
        ({"weights": STORED["weights"] | {"read": "much"}}, "cannot be read as weights of the scorer"),
        ({"weights": [1.0]}, "cannot be read as weights of the scorer"),
        ({"weights": None}, "cannot be read as weights of the scorer"),
        ({"bias": None}, "cannot be read as weights of the scorer"),
        ({"threshold": "half"}, "cannot be read as weights of the scorer"),
    ],
)
def test_a_file_of_other_weights_is_refused(tmp_path: Path, changed: dict[str, object], message: str) -> None:
    with pytest.raises(ModelCorruptError, match=message):
        load_scorer(written(tmp_path, STORED | changed))


@pytest.mark.parametrize("field", ["weights", "bias", "threshold", "least_share"])
def test_a_field_that_is_missing_is_named(tmp_path: Path, field: str) -> None:
    without = {name: value for name, value in STORED.items() if name != field}
    with pytest.raises(ModelCorruptError, match=f"cannot be read as weights of the scorer: KeyError\\('{field}'\\)"):
        load_scorer(written(tmp_path, without))


@pytest.mark.parametrize("content", [b"", b"[1, 2]", b"\xff\xfe", b"{"])
def test_a_file_that_is_no_weights_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "scorer.json"
    path.write_bytes(content)
    with pytest.raises(ModelCorruptError, match="cannot be read as weights of the scorer"):
        load_scorer(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelCorruptError, match=r"nothing\.json cannot be read .*FileNotFoundError"):
        load_scorer(tmp_path / "nothing.json")


def test_a_scorer_of_a_test_knows_the_features_that_it_names() -> None:
    made = scorer(read=2.0)
    assert isinstance(made, Scorer)
    assert made.weights.sum() == 2.0
