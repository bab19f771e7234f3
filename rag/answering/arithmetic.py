"""Arithmetic on figures that the reader found: "how many more", "together", "how many times". By code, never a model.

The result is shown as a computation with both operands (``47-21=26``), each of which stands in its own citation, so
that it can be checked at a glance. Does not find the operands; calls no model.

Covered: the difference, sum or ratio of the two sides of a question (two places, two years); and the base of an
excess: "completed 1,463, exceeding the task by 397" tells a task of 1,066.

Not covered: more than two operands, rates of growth, operands of different units.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Final

from rag.question.analysis import Wording
from rag.question.kind import Operation, asks_of_each, asks_to_infer
from rag.schema.answers import AnswerSentence, Citation
from rag.scoring.sides import CandidateSpan, Side
from rag.text.figures import Figure, find_figures
from rag.text.language import Language
from rag.text.overlap import character_pairs
from rag.text.unicode import HAN
from rag.text.words import simplify
from rag.text.years import find_years, year_spans

__all__ = ["compute"]

_EXCESS: Final = re.compile(rf"(?:超(?:出|过|额完成)?|多于|高于)(?P<base>[{HAN}]{{2,10}}?)(?:约|达|近)?$")


_BOUND: Final = re.compile(
    r"以上|以下|以内|超|不低于|不少于|至少|约|近|余|\b(?:over|about|nearly|at least|more than)\b", re.IGNORECASE
)


_SIGNS: Final[dict[Operation, str]] = {"difference": "-", "sum": "+", "ratio": "÷"}


_SCALES: Final = (("亿", 8), ("万", 4))


_SIMPLE: Final = str.maketrans("萬億", "万亿")


_MARGIN: Final = 2  # character pairs by which the words behind one figure must be more like the question's


_LEAST_BASE: Final = 0.7  # share of the base's characters that the question must hold


@dataclass(frozen=True, slots=True)
class _Operand:
    label: str
    figure: Figure
    found: CandidateSpan

    @property
    def written(self) -> str:
        """The figure with its unit, as the document has it."""
        text = re.sub(r"\s+", "", self.figure.text)
        return text + (self.figure.unit if self.figure.kind == "number" else "")

    def is_same(self, other: _Operand) -> bool:
        """Whether both stand in the very same place: then it is not told which of the two sides it is."""
        return (self.found.evidence, self.figure.start) == (other.found.evidence, other.figure.start)


def compute(
    wording: Wording, sides: Sequence[Side], *, language: Language
) -> tuple[tuple[AnswerSentence, ...], tuple[Citation, ...]] | None:
    """Compute what a question asks for, where both operands were found.

    Args:
        wording: The standalone question, analysed.
        sides: What the reader found for each side of it.
        language: Language of the answer.

    Returns:
        One sentence that shows operands and result, and its citations; None where nothing is to be computed or an
        operand is missing, unsure, or of another unit.
    """
    query = simplify(wording.text)
    if len(sides) == 2 and not asks_of_each(query) and (operation := wording.operation):
        # Years come ascending: "how many times" is asked in the order of the question.
        first, second = (_operand(side) for side in sorted(sides, key=lambda side: _asked_at(query, side)))
        if first and second and not first.is_same(second):
            return _shown(operation, first, second, language)
    if len(sides) == 1 and asks_to_infer(query) and sides[0].best:
        return _base_of_excess(query, sides[0].best, language)
    return None


def _asked_at(query: str, side: Side) -> int:
    """Where a question names the year of a side; places stand in its order already."""
    return next((span.start for span in year_spans(query) if span.years == side.named.years), 0)


def _operand(side: Side) -> _Operand | None:
    """The one figure in a side's best span."""
    if side.best is None:
        return None
    text = side.best.evidence.text
    figure = _meant([f for f in side.best.figures if _is_quantity(f)], text, side.asked)
    if figure is None:
        return None
    around = text[max(0, figure.start - 4) : figure.start] + text[figure.end : figure.end + 6]
    if _BOUND.search(around):
        return None  # what "over 90%" leaves open has no difference
    headings = map(find_years, reversed(side.best.evidence.heading))
    headed: tuple[int, ...] = next((named for named in headings if named), ())
    if headed and side.named.years and not {*headed, *find_years(text)} & set(side.named.years):
        return None  # the section of another year
    label = side.named.places[0] if side.named.places else ""
    years = side.named.years
    one = bool(years) and years[-1] - years[0] < 2  # a year, or a school or fiscal year; else the place tells the side
    return _Operand(
        label + (f"{'-'.join(map(str, years))}年" if years and (one or not label) else ""), figure, side.best
    )


def _meant(figures: Sequence[Figure], text: str, asked: str) -> Figure | None:
    """The figure that a question means, by the words of its clause; None where two may be meant."""
    if len(figures) < 2:
        return figures[0] if figures else None
    wanted = character_pairs(simplify(asked))
    likeness = {figure.start: len(wanted & character_pairs(_clause_of(figure, figures, text))) for figure in figures}
    first, second = sorted(figures, key=lambda figure: -likeness[figure.start])[:2]
    return first if likeness[first.start] - likeness[second.start] >= _MARGIN else None


def _clause_of(figure: Figure, figures: Sequence[Figure], text: str) -> str:
    """The words from a figure to the next mark or the next figure: what it counts."""
    stop = min((other.start for other in figures if other.start > figure.start), default=len(text))
    return re.split(r"[，,、；;。：:]", simplify(text[figure.end : stop]), maxsplit=1)[0]


def _is_quantity(figure: Figure) -> bool:
    return figure.kind in ("number", "percent") and not figure.loose


def _shown(
    operation: Operation, first: _Operand, second: _Operand, language: Language
) -> tuple[tuple[AnswerSentence, ...], tuple[Citation, ...]] | None:
    a, b = first.figure, second.figure
    if a.kind != b.kind or (a.unit and b.unit and a.unit != b.unit) or (operation == "sum" and a.kind == "percent"):
        return None
    if operation == "difference" and a.value < b.value:
        first, second, a, b = second, first, b, a
    if operation == "ratio" and b.value == 0:
        return None
    formula, result = _formula(operation, a, b)
    if language == "zh":
        text = _in_chinese(operation, first, second, formula, result)
    else:
        labels = [operand.label.replace("年", "") for operand in (first, second)]
        text = f"{labels[0]}: {first.written}; {labels[1]}: {second.written}; {formula}."
    return _cited(text, [first.found, second.found])


def _in_chinese(operation: Operation, first: _Operand, second: _Operand, formula: str, result: str) -> str:
    unit = "个百分点" if first.figure.kind == "percent" else first.figure.unit or second.figure.unit
    told = f"{first.label}为{first.written}，{second.label}为{second.written}"
    if operation == "sum":
        return f"{told}，合计{result}{unit}（{formula}）。"
    if operation == "ratio":
        return f"{told}，前者是后者的{result}倍（{formula}）。"
    if result == "0":
        return f"{told}，两者相同（{formula}）。"
    more = "高" if first.figure.kind == "percent" else "多"
    return f"{told}，前者比后者{more}{result}{unit}（{formula}）。"


def _formula(operation: Operation, a: Figure, b: Figure) -> tuple[str, str]:
    """``47-21=26`` and its result; figures that both stand in 万 or 亿 stay in it (``4.07万-3.5万=0.57万``)."""
    sign, scale = next(((s, Decimal(10**p)) for s, p in _SCALES if _both_in(s, a, b)), ("", Decimal(1)))
    own = "%" if a.kind == "percent" else sign
    left, right = a.value / scale, b.value / scale
    value = left - right if operation == "difference" else left + right if operation == "sum" else left / right
    rounded = value.quantize(Decimal("0.01")) if operation == "ratio" else value
    result = _plain(rounded) + ("" if operation == "ratio" else sign)
    equals = "=" if rounded == value else "≈"
    return f"{_plain(left)}{own}{_SIGNS[operation]}{_plain(right)}{own}{equals}{result}", result


def _both_in(sign: str, a: Figure, b: Figure) -> bool:
    return all(figure.text.translate(_SIMPLE).rstrip().endswith(sign) for figure in (a, b))


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _base_of_excess(
    query: str, found: CandidateSpan, language: Language
) -> tuple[tuple[AnswerSentence, ...], tuple[Citation, ...]] | None:
    """Of "A, exceeding the base by B" the base is A - B, where the question asks for the base."""
    text = found.evidence.text
    figures = [figure for figure in find_figures(text) if figure.kind == "number" and not figure.loose]
    for total, excess in pairwise(figures):
        match = _EXCESS.search(text[total.end : excess.start])
        clash = total.unit and excess.unit and total.unit != excess.unit
        if match is None or clash or total.value <= excess.value:
            continue
        base = match["base"]
        if sum(char in query for char in base) < _LEAST_BASE * len(base) or "超" in query:
            continue
        formula, result = _formula("difference", total, excess)
        unit = total.unit or excess.unit
        shown = f"{base}为{result}{unit}（{formula}）。" if language == "zh" else f"{formula} ({base})."
        return _cited(shown, [found])
    return None


def _cited(text: str, found: Sequence[CandidateSpan]) -> tuple[tuple[AnswerSentence, ...], tuple[Citation, ...]]:
    evidence = list({one.evidence.number: one.evidence for one in found}.values())
    citations = tuple(Citation.of(marker, e) for marker, e in enumerate(evidence, start=1))
    return (AnswerSentence(text, tuple(c.marker for c in citations)),), citations
