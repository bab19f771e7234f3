"""Does the window that answers rank first among many, as in use? Questions of official papers that are held back."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from statistics import fmean
from typing import TYPE_CHECKING, Final

from rag.reading.model import Window
from training.metrics import area_under_curve, exact_match
from training.official import OfficialMaker
from training.papers import is_held_back

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.reading.model import Reader
    from training.papers import Line

__all__ = ["Ranked", "rank_questions", "ranking_scores"]

_WINDOWS: Final = 40


@dataclass(frozen=True, slots=True)
class Ranked:
    """A question over many windows.

    Attributes:
        question: The question.
        windows: The one that answers first, then those of other sentences that are worded most like the question.
        answer: The answer.
    """

    question: str
    windows: tuple[Window, ...]
    answer: str


def rank_questions(lines: Sequence[Line], n: int, *, seed: int) -> list[Ranked]:
    """At most ``n`` questions of the papers that are held back, over windows of all papers."""
    maker = OfficialMaker(lines, count=len(lines), seed=seed)
    asked = [(at, one) for at, one in maker.questions(0) if is_held_back(lines[at])]
    Random(seed).shuffle(asked)
    ranked: list[Ranked] = []
    for at, one in asked:
        rng = Random(f"{seed}/{at}")
        posed = maker.pose(at, one, rng)
        if posed is None:
            continue
        own = Window(lines[at].heading, posed.text)
        others = [i for i in posed.alike if lines[i].text not in posed.text]
        windows = {Window(lines[i].heading, maker.window(i, rng)[0]): None for i in others}
        answer = posed.text[slice(*posed.span)]
        wrong = [window for window in windows if answer not in window.text][: _WINDOWS - 1]
        ranked.append(Ranked(posed.question, (own, *wrong), answer))
        if len(ranked) == n:
            break
    return ranked


def ranking_scores(reader: Reader, questions: Sequence[Ranked]) -> dict[str, float]:
    """Share of questions whose own window is the best, and whose best span is the answer; and area under the curve.

    The curve: the best score of all windows against that of all but the one that answers.
    """
    first, right, own_span, there, absent = [], [], [], [], []
    for one in questions:
        readings = reader.read(one.question, one.windows)
        scores = [reading.score for reading in readings]
        best = max(range(len(scores)), key=scores.__getitem__)
        first.append(best == 0)
        found = [
            exact_match(window.text[reading.spans[0].start : reading.spans[0].end], [one.answer])
            if reading.spans
            else 0.0
            for window, reading in zip(one.windows, readings, strict=True)
        ]
        right.append(found[best])
        own_span.append(found[0])
        there.append(max(scores))
        absent.append(max(scores[1:], default=-20.0))
    return {
        "own window first": fmean(first),
        "best span right": fmean(right),
        "span right in its window": fmean(own_span),
        "AUC": area_under_curve(there, absent),
        "n": len(questions),
    }
