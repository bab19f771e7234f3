"""Figures in sentences that may be reckoned with: what each is said of, changes from one to another, and bases.

Each is found by the question's own words: 一等 of "一等比三等多多少" must stand right before its figure, 渔船 of
"渔船减少了几艘" before "由640艘减少到612艘". Where two figures may be meant, or a scope does not fit, nothing is found.
:mod:`rag.answering.arithmetic` reckons with them. Calls no model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from rag.question.operands import NamedOperands
from rag.question.relation import PlaceRelation, YearRelation, place_relation, year_relation
from rag.question.scope import NamedScope
from rag.schema.search import Evidence
from rag.text.figures import Figure, find_figures
from rag.text.numerals import units_agree
from rag.text.overlap import share_said
from rag.text.places import strip_places
from rag.text.unicode import HAN
from rag.text.words import simplify, tag_words
from rag.text.years import find_years, strip_years

__all__ = [
    "Base",
    "Change",
    "Operand",
    "base_of_change",
    "change_in",
    "is_open",
    "is_quantity",
    "operands_in",
    "within_scope",
]

_BOUND: Final = re.compile(
    r"以上|以下|以内|超|不低于|不少于|至少|约|近|余|\b(?:over|about|nearly|at least|more than)\b", re.IGNORECASE
)
_MARKS: Final = "，,；;。、：:（）()？?"
_CHANGES: Final = "增减多少升降涨跌高低提缩扩超比较"
"""Characters of a change: what stands behind them is no value but a difference."""
_EXCESS: Final = re.compile(rf"(?P<more>超(?:出|过|额完成)?|多于|高于)(?P<base>[{HAN}]{{2,10}}?)(?:约|达|近)?$")
_AGAINST: Final = re.compile(
    rf"[比较](?P<base>(?![比较])[{HAN}]{{2,6}}?)(?:(?P<more>增[加长多]|多|高|提高|上升)|减少|下降|少|低|回落|降低)了?(?:约|达|近)?$"
)
_LAST_YEAR: Final = ("上年", "去年", "上一年", "前一年", "上年同期", "去年同期")
_MOST_BETWEEN: Final = 16  # characters
_LEAST_SAID: Final = 0.6  # share of the words before a figure that the question must say
_LEAST_MEASURE: Final = 0.5  # share of what is said of all operands that sentence and headings must say
_LEAST_BASE: Final = 0.7  # share of a base's characters that the question must hold
_OF_ALL: Final = tuple("全省 全市 全县 全区 全国 其中 我省 我市 我县 我国 年末 年底 末 底 的".split())


@dataclass(frozen=True, slots=True)
class Operand:
    """A figure with what it is said of.

    Attributes:
        label: What tells it apart: 一等, 2031年.
        figure: The figure; its offsets are the sentence's.
        evidence: The sentence.
    """

    label: str
    figure: Figure
    evidence: Evidence

    @property
    def written(self) -> str:
        """The figure with its unit, as the document has it."""
        text = re.sub(r"\s+", "", self.figure.text)
        return text + (self.figure.unit if self.figure.kind == "number" else "")

    def is_same(self, other: Operand) -> bool:
        """Whether both stand in the very same place: then it is not told which of the two it is."""
        return (self.evidence, self.figure.start) == (other.evidence, other.figure.start)


@dataclass(frozen=True, slots=True)
class Change:
    """A change that a sentence tells: 渔船由640艘减少到612艘."""

    of: str
    first: Operand
    second: Operand


def is_quantity(figure: Figure) -> bool:
    """Whether a figure counts or measures something."""
    return figure.kind in ("number", "percent") and not figure.loose


def is_open(figure: Figure, text: str) -> bool:
    """Whether a figure is a bound or about so much: what "over 90%" leaves open has no difference."""
    return _BOUND.search(text[max(0, figure.start - 4) : figure.start] + text[figure.end : figure.end + 6]) is not None


def within_scope(evidence: Sequence[Evidence], named: NamedScope) -> list[Evidence]:
    """The sentences that speak of no other place and year than those asked for."""
    places, years = (PlaceRelation.SAME, PlaceRelation.UNKNOWN), (YearRelation.SAME, YearRelation.UNKNOWN)
    return [e for e in evidence if place_relation(named, e) in places and year_relation(named, e) in years]


def operands_in(evidence: Sequence[Evidence], asked: NamedOperands) -> list[Operand]:
    """The one figure of each thing that a question names; empty where one is missing, or may be one of two."""
    found = []
    for key in asked.keys:
        others = [other for other in asked.keys if other != key]
        meant = [one for e in evidence for one in _labelled(e) if _is_of(one, key, others, asked.measure)]
        meant = [one for one in meant if share_said(asked.measure, one.label) >= _LEAST_MEASURE] or meant
        if len({(one.figure.value, one.figure.unit) for one in meant}) != 1:
            return []
        found.append(Operand(key, meant[0].figure, meant[0].evidence))
    return found


def _labelled(evidence: Evidence) -> Iterator[Operand]:
    """Every quantity of a sentence with the words right before it, or those it belongs to by order (分别)."""
    text = simplify(evidence.text)
    text = text if len(text) == len(evidence.text) else evidence.text
    figures = [figure for figure in find_figures(text) if is_quantity(figure)]
    yield from _by_order(evidence, text, figures)
    for before, figure in pairwise([None, *figures]):
        if figure is None or is_open(figure, text):
            continue
        begin = _clause_start(text, 0, figure.start)
        label = text[max(begin, before.end if before else 0) : figure.start]
        if "分别" not in label:
            yield Operand(label, figure, evidence)


def _by_order(evidence: Evidence, text: str, figures: Sequence[Figure]) -> Iterator[Operand]:
    """``一等、二等分别补助3000元、1800元``: as many figures of one unit behind 分别 as things before it."""
    at = text.find("分别")
    if at < 0:
        return
    names = re.split(r"[、和与及]", re.split(r"[，,；;。：:]", text[:at])[-1])
    behind = [figure for figure in figures if figure.start > at][: len(names)]
    one_unit = len({(figure.kind, figure.unit) for figure in behind}) == 1
    joined = all(not re.search(r"[；;。]", text[one.end : other.start]) for one, other in pairwise(behind))
    if len(behind) == len(names) > 1 and one_unit and joined:
        yield from (Operand(name, figure, evidence) for name, figure in zip(names, behind, strict=True))


def _is_of(operand: Operand, key: str, others: Sequence[str], measure: str) -> bool:
    """Whether the words before a figure name a thing, no other one, and no change of it."""
    found = list(_spread(key).finditer(operand.label))
    if not found or any(_spread(other).search(operand.label) for other in others):
        return False
    behind = operand.label[found[-1].end() :]
    if any(char in _CHANGES and char not in measure for char in behind):
        return False
    e = operand.evidence
    return share_said(measure, " ".join((*e.heading, e.text)), empty=1.0) >= _LEAST_MEASURE


def _spread(key: str) -> re.Pattern[str]:
    """A name, which a text may write with one more character between two: 财险 and 财产险."""
    return re.compile(".?".join(map(re.escape, key)))


def change_in(evidence: Sequence[Evidence], query: str, named: NamedScope) -> Change | None:
    """The change from one figure to another that a question asks for; None where none or two may be meant."""
    plain = strip_years(strip_places(simplify(query), named.places))
    rated = [
        (share, len(change.of), change)
        for e in evidence
        for change in _changes(e, named)
        if (share := share_said(change.of, plain)) >= _LEAST_SAID and not _is_narrowed(plain, change)
    ]
    best = max(((share, length) for share, length, _ in rated), default=(0.0, 0))
    meant = [change for share, length, change in rated if (share, length) == best]
    values = {(change.first.figure.value, change.second.figure.value) for change in meant}
    return meant[0] if len(values) == 1 else None


def _is_narrowed(query: str, change: Change) -> bool:
    """Whether a question asks for a part alone of what changes: 内河渔船, where the sentence tells of 渔船."""
    before, _, _ = query.partition(change.of)
    word, tag = next(reversed(tag_words(before)), ("", "")) if before != query else ("", "")
    e = change.first.evidence
    return tag.startswith(("n", "s", "b")) and word not in " ".join((*e.heading, e.title, e.text))


def _changes(evidence: Evidence, named: NamedScope) -> Iterator[Change]:
    """Every change from one figure to another that a sentence tells, of the years asked for."""
    text = evidence.text
    quantities = [figure for figure in find_figures(text) if is_quantity(figure)]
    ends = [0, *(figure.end for figure in quantities)]
    for end, (one, other) in zip(ends, pairwise(quantities), strict=False):
        begin = _clause_start(text, end, one.start)
        of, source, _ = _parted(text[begin : one.start])
        joined = _leads_to(text[one.end : other.start].removeprefix(one.unit)) and not is_open(other, text)
        same = one.kind == other.kind and units_agree(one.unit, other.unit)
        if source and joined and same and _of_years(set(find_years(text[begin : other.start])), named):
            plain = strip_years(strip_places(simplify(of), named.places))
            yield Change(_without_whole(plain), Operand("", one, evidence), Operand("", other, evidence))


def _clause_start(text: str, start: int, end: int) -> int:
    """Where the clause begins that a figure ends."""
    return max(start, *(text.rfind(mark, start, end) + 1 for mark in _MARKS))


def _leads_to(between: str) -> bool:
    """Whether the words between two figures lead from one to the other: 减少到, 提高至, 变为."""
    near = any(char in between[-4:] for char in "到至为成")
    return near and len(between) <= _MOST_BETWEEN and not any(mark in between for mark in _MARKS)


def _without_whole(of: str) -> str:
    """What changes, without the words that only say it is all of it: 全市渔船."""
    whole = next((word for word in _OF_ALL if of.startswith(word)), "")
    return _without_whole(of[len(whole) :]) if whole else of


def _parted(before: str) -> tuple[str, str, str]:
    """What changes, 从 or 由, and what stands behind it up to the figure."""
    return before.rpartition("从" if before.rfind("从") > before.rfind("由") else "由")


def _of_years(told: set[int], named: NamedScope) -> bool:
    """Whether a change is between the years asked for, or of the one asked for against the year before."""
    asked = set(named.years)
    return not told or not asked or told == asked or (len(asked) == 1 and told <= {*asked, min(asked) - 1})


@dataclass(frozen=True, slots=True)
class Base:
    """What a total is told to exceed, or to fall short of, by a figure: 责任目标 of "完成1463户，超责任目标397户"."""

    name: str
    total: Operand
    by: Operand
    is_less: bool


def base_of_change(evidence: Sequence[Evidence], query: str, *, inferred: bool) -> Base | None:
    """The base that a question asks for; None where no sentence tells one.

    Args:
        evidence: Sentences in scope.
        query: The question in simplified characters.
        inferred: Whether the question says itself that it wants what follows from the text: then any base is meant,
            else last year's alone.
    """
    if any(char in query.replace("占比", "") for char in "超比较增减升降"):
        return None  # the difference is asked for, not the base
    for e in evidence:
        figures = [f for f in find_figures(e.text) if f.kind in ("number", "percent", "points") and not f.loose]
        for total, by in pairwise(figures):
            between = simplify(e.text[total.end : by.start])
            match = _EXCESS.search(between) or _AGAINST.search(between)
            if match is None or not _are_together(total, by):
                continue
            name = match["base"]
            of_last_year = name in _LAST_YEAR and share_said(_clause_before(e.text, total), query) >= _LEAST_SAID
            said = sum(char in query for char in name) >= _LEAST_BASE * len(name)
            if said and (inferred or of_last_year):
                return Base(name, Operand("", total, e), Operand("", by, e), match["more"] is not None)
    return None


def _clause_before(text: str, figure: Figure) -> str:
    return re.split(r"[，,；;。：:]", simplify(text[: figure.start]))[-1]


def _are_together(total: Figure, by: Figure) -> bool:
    """Whether one may be taken from the other: of one unit, or a share and its points."""
    if total.kind == "percent" or by.kind != "number":
        return total.kind == "percent" and by.kind == "points"
    clash = total.unit and by.unit and total.unit != by.unit
    return not clash and total.value > by.value
