"""`benchmarks/hidden_documents.py`: what it makes of readings that are written down here."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import hidden_documents as bench


def span(p: float, sentence: int, *, right: bool = False, document: bool = False) -> dict[str, object]:
    return {"sentence": ["a.txt", sentence], "p": p, "right": right, "exact": right, "document": document or right}


def row(*readings: list[dict[str, object]]) -> bench.Row:
    return {"together": readings[0], "wordings": ["q"] * len(readings), "found": list(readings)}


BOTH = row([span(0.9, 1), span(0.4, 2, right=True)], [span(0.8, 2, right=True), span(0.1, 1)])


@pytest.mark.parametrize(
    ("way", "sentence", "likely"),
    [
        (bench.as_asked, 1, 0.9),
        (bench.translated, 2, 0.8),
        (bench.surer, 1, 0.9),
        (bench.less_sure, 1, 0.8),
        (bench.together, 1, 0.9),
        (bench.mean_of_best, 1, 0.86),
    ],
)
def test_ways(way, sentence, likely):
    shown, p = way(BOTH)
    assert shown["sentence"][1] == sentence
    assert p == pytest.approx(likely, abs=0.01)


@pytest.mark.parametrize("way", bench.WAYS)
def test_nothing_found_is_unlikely(way):
    assert way(row([], [])) == (None, pytest.approx(0, abs=0.01))


def test_table():
    there = {"there": BOTH, "hidden": row([span(0.1, 3)])}
    lost = {"there": row([span(0.05, 3, document=True)]), "hidden": row([span(0.2, 3)])}
    head, _, _, _, *lines = bench.table([there, lost], 0.15)
    assert head == "2 questions, 1 of them put into Chinese as well"
    assert len(lines) == len(bench.WAYS)
    # 0.9 and 0.05 against 0.1 and 0.2: two pairs of four in order.
    assert lines[0] == "| The user's wording alone | 0.00 | 0.00 | 0.50 | 0.50 | 0.50 | 0.50 | 0.50 |"
    assert lines[1].startswith("| The translation alone, where there is one | 0.50 | 0.50 | 1.00 |")
