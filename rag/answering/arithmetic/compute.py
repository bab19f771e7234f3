"""The story of the arithmetic: what is asked for, the figures it needs, and the sentence that shows the result."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, TypeAlias

from rag.answering.arithmetic.formula import difference, rate, result_of
from rag.answering.arithmetic.operands import (
    Base,
    Change,
    Operand,
    base_of_change,
    change_in,
    is_open,
    is_quantity,
    operands_in,
    within_scope,
)
from rag.question.analysis import Wording
from rag.question.answer_type import AnswerType, asked_type
from rag.question.kind import Operation, asks_of_each, asks_order, asks_to_infer
from rag.question.operands import named_operands, told_as_multiple
from rag.schema.answers import AnswerSentence, Citation
from rag.schema.search import Evidence
from rag.scoring.sides import Side
from rag.text.figures import Figure
from rag.text.language import Language
from rag.text.overlap import character_pairs
from rag.text.places import find_place
from rag.text.words import simplify
from rag.text.years import find_years, year_spans

__all__ = ["compute"]

Computed: TypeAlias = tuple[tuple[AnswerSentence, ...], tuple[Citation, ...]]

_MARGIN: Final = 2  # character pairs by which the words behind one figure must be more like the question's

_ASKS_CHANGE: Final = re.compile(
    r"(?:(?P<up>增|涨|升|提高|多(?=[了出]))|减|降|缩|(?<!多)少(?=[了几多]))[^，,。？?]{0,8}?(?:多少|几|百分之)"
)


def compute(
    wording: Wording, sides: Sequence[Side], *, language: Language, evidence: Sequence[Evidence] = ()
) -> Computed | None:
    """Compute what a question asks for, where the operands were found.

    Args:
        wording: The standalone question, analysed.
        sides: What was found for each side of it.
        language: Language of the answer.
        evidence: Sentences that were read; by default those of the best spans.

    Returns:
        One sentence that shows operands and result, and its citations; None where nothing is to be computed or an
        operand is missing, unsure, of another unit, or perhaps of something else.
    """
    query = simplify(wording.text)
    best = list({side.best.evidence.number: side.best.evidence for side in sides if side.best}.values())
    inside = within_scope(evidence or best, wording.named)
    one = len(sides) == 1
    if one and not asks_of_each(query) and (asked := named_operands(wording.text, wording.named)):
        named = operands_in(inside, asked)
        return _shown(asked.operation, named, language) if named else None
    orders = asks_order(query)
    operation = None if len(sides) != 2 or (asks_of_each(query) and not orders) else wording.operation
    if orders and len(sides) == 2:
        operation = operation or "difference"
    if operation and (computed := _of_sides(operation, query, sides, language, orders=orders)):
        return computed
    if len({side.named.places for side in sides}) > 1:
        return None
    if (asked_for := _ASKS_CHANGE.search(query)) and (change := change_in(inside, query, wording.named)):
        return _shown_change(change, query, language, up=asked_for["up"] is not None)
    inferred = asks_to_infer(query)
    if base := base_of_change(best if inferred else inside, query, inferred=inferred):
        return _shown_base(base, language)
    return None


def _of_sides(
    operation: Operation, query: str, sides: Sequence[Side], language: Language, *, orders: bool
) -> Computed | None:
    """The arithmetic of two places or years; two things asked of one place and year are none."""
    if sides[0].named == sides[1].named:
        return None
    # Years come ascending, places as they are first named: "how many times" is asked in an order of its own.
    first, second = (_operand(side) for side in sorted(sides, key=lambda side: _asked_at(query, side)))
    if first is None or second is None or first.is_same(second):
        return None
    return _shown(operation, [first, second], language, orders=orders)


def _asked_at(query: str, side: Side) -> int:
    """Where a question names the place or year of a side, behind 是 where it asks for a multiple."""
    of, than = told_as_multiple(query)
    begin = query.find(f"{of}是") if of else 0
    places = [begin + at for place in side.named.places if (at := find_place(query[begin:], place)) >= 0]
    years = [span.start for span in year_spans(query) if span.years == side.named.years and span.start >= begin]
    return min(places or years, default=len(query) if than else 0)


def _operand(side: Side) -> Operand | None:
    """The one figure in a side's best span."""
    if side.best is None:
        return None
    text = side.best.evidence.text
    figure = _meant([f for f in side.best.figures if is_quantity(f)], text, side.asked)
    if figure is None or is_open(figure, text):
        return None
    headings = map(find_years, reversed(side.best.evidence.heading))
    headed: tuple[int, ...] = next((named for named in headings if named), ())
    if headed and side.named.years and not {*headed, *find_years(text)} & set(side.named.years):
        return None  # the section of another year
    label = side.named.places[0] if side.named.places else ""
    years = side.named.years
    one = bool(years) and years[-1] - years[0] < 2  # a year, or a school or fiscal year; else the place tells the side
    label += f"{'-'.join(map(str, years))}年" if years and (one or not label) else ""
    return Operand(label, figure, side.best.evidence)


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


def _shown(
    operation: Operation, operands: Sequence[Operand], language: Language, *, orders: bool = False
) -> Computed | None:
    """The result with its operands; of a difference the larger one first, and which it is where that is asked."""
    figures = [operand.figure for operand in operands]
    units = {figure.unit for figure in figures if figure.unit}
    kind = figures[0].kind
    if any(figure.kind != kind for figure in figures) or len(units) > 1 or (operation == "sum" and kind == "percent"):
        return None
    if len(operands) != 2 and operation != "sum":
        return None
    if operation == "difference":
        operands = sorted(operands, key=lambda operand: -operand.figure.value)
    if operation == "ratio" and figures[1].value == 0:
        return None
    formula, result = result_of(operation, [operand.figure for operand in operands])
    if language == "zh":
        text = _in_chinese(operation, operands, formula, result, orders=orders)
    else:
        told = [f"{operand.label.replace('年', '')}: {operand.written}" for operand in operands]
        text = f"{'; '.join(told)}; {formula}."
    return _cited(text, operands)


def _in_chinese(operation: Operation, operands: Sequence[Operand], formula: str, result: str, *, orders: bool) -> str:
    percent = operands[0].figure.kind == "percent"
    unit = "个百分点" if percent else next((o.figure.unit for o in operands if o.figure.unit), "")
    told = "，".join(f"{operand.label}为{operand.written}" for operand in operands)
    if operation == "sum":
        return f"{told}，合计{result}{unit}（{formula}）。"
    if operation == "ratio":
        return f"{told}，前者是后者的{result}倍（{formula}）。"
    if result == "0":
        return f"{told}，两者相同（{formula}）。"
    if orders:
        more, less = ("高", "低") if percent else ("多", "少")
        first, second = (operand.label for operand in operands)
        return f"{told}，{first}较{more}、{second}较{less}，相差{result}{unit}（{formula}）。"
    return f"{told}，前者比后者{'高' if percent else '多'}{result}{unit}（{formula}）。"


def _shown_change(change: Change, query: str, language: Language, *, up: bool) -> Computed | None:
    """A change with both figures: by how much, or by what share; None where the question has its direction wrong."""
    first, second = change.first.figure, change.second.figure
    grows = second.value > first.value
    if grows != up or first.value == second.value:
        return None
    rated = asked_type(query) is AnswerType.SHARE and first.kind == "number" and first.value != 0
    formula, result = rate(first, second) if rated else difference(first, second)
    unit = "个百分点" if first.kind == "percent" else "" if rated else second.unit or first.unit
    told = (change.first.written, change.second.written)
    if language == "zh":
        by = f"{'增加' if grows else '减少'}{result}{unit}"
        text = f"{change.of}由{told[0]}变为{told[1]}，{by}（{formula}）。"
    else:
        text = f"{told[0]} → {told[1]}; {formula}."
    return _cited(text, [change.first, change.second])


def _shown_base(base: Base, language: Language) -> Computed:
    total, by = base.total.figure, base.by.figure
    operation: Operation = "difference" if base.is_less else "sum"
    formula, result = result_of(operation, [total, by])
    unit = "%" if total.kind == "percent" else total.unit or by.unit
    text = f"{base.name}为{result}{unit}（{formula}）。" if language == "zh" else f"{formula} ({base.name})."
    return _cited(text, [base.total])


def _cited(text: str, operands: Sequence[Operand]) -> Computed:
    evidence = list({operand.evidence.number: operand.evidence for operand in operands}.values())
    citations = tuple(Citation.of(marker, e) for marker, e in enumerate(evidence, start=1))
    return (AnswerSentence(text, tuple(c.marker for c in citations)),), citations
