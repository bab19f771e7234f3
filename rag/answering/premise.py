"""Check the premise of a yes-or-no question against the documents; correct a false one.

A small model says yes to nearly everything. Here the sentence that speaks of the very thing is found by its figures
and wording, and held against the question: the year of its section, whether it reports or plans, and its figures. What
contradicts the question is quoted; what cannot be decided by rule is left to the reader and the generator.

Not covered: bounds ("more than 80%?"), negations ("did not"), premises of other questions ("why did it fall to 80%?").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from rag.answering.misreading import misread_from
from rag.question.analysis import Wording
from rag.question.kind import strip_claim
from rag.question.relation import PlaceRelation, place_relation
from rag.question.scope import NamedScope
from rag.question.tense import PLAN_HEADING, PLANS
from rag.schema.search import Evidence
from rag.scoring.sides import Side
from rag.text.figures import Figure, find_figures, same_figure
from rag.text.language import detect_language
from rag.text.numerals import units_agree
from rag.text.overlap import share_said
from rag.text.places import place_key
from rag.text.words import simplify
from rag.text.years import YEAR, find_years, strip_plain_years

__all__ = ["Premise", "Verdict", "is_plan", "judge_premise"]


LookAgain: TypeAlias = Callable[[str, NamedScope], Side]
"""Reads the evidence once more, for another question."""


class Verdict(StrEnum):
    """What the documents say to a premise; each is the key of a fixed sentence (:mod:`rag.answering.phrases`)."""

    CONFIRMED = "confirmed"
    ORIGINAL = "original"  # the sentence speaks of it; whether that is a yes the user sees
    ANOTHER_YEAR = "another_year"
    A_PLAN = "a_plan"
    A_REPORT = "a_report"
    ANOTHER_FIGURE = "another_figure"


_BOUNDS: Final = re.compile(
    r"超过|不到|不足|不止|至少|至多|最多|最少|[多少高低大小]于|以[上下内外]|将近|左右|大约|\b(?:more|less|fewer|over|under|above|below|than"
    r"|at least|at most|about|around|nearly|almost)\b",
    re.IGNORECASE,
)


# What one sentence cannot settle: two things at once, one against another, a denial.
_UNDECIDABLE: Final = re.compile(
    r"都|均(?!衡)|[比较][^，。]{1,12}[高低多少大小快慢]|没有|并未|不是|n['’]t\b|\bnot\b|\b(?:both|each|all)\b",
    re.IGNORECASE,
)


_RISES: Final = re.compile(r"增加|增长|上升|提高|扩大|\b(?:rose|grew|increased?)\b", re.IGNORECASE)


_FALLS: Final = re.compile(r"减少|下降|降低|缩小|\b(?:fell|dropped|decreased?)\b", re.IGNORECASE)


_REPORTS: Final = re.compile(
    r"已(?:经)?|了(?!解)|完成|建成|实现|达到?|荣获|获得|被评|取得|成立|投入|创历史|新增|增加到?"
)


_CLAIMS_DONE: Final = re.compile(
    r"已经?|完成了|建成了|达到了|实现了|就(?:已|建|完)|了吗|\b(?:already|has|have|had|did|was|were)\b", re.IGNORECASE
)


_CLAIMS_PLAN: Final = re.compile(r"计划|打算|目标|\b(?:plan|planned|plans|target|goal|will)\b", re.IGNORECASE)


_REPORT_HEADING: Final = re.compile(r"总结|回顾|情况|成绩|成效|完成")


_THAN_YEAR: Final = re.compile(rf"[比较]\s*{YEAR}\s*年")


_DENIES: Final = re.compile(r"未|没有|并非|不再|取消|停止")


_CHOICE: Final = re.compile(r"有没有|是不是|对不对")


_LEAST_LIKENESS: Final = 0.4  # share of the question's character pairs in a sentence with its figures


_LEAST_WORDED: Final = 0.7  # the same where there is no figure to hold on to


@dataclass(frozen=True, slots=True)
class Premise:
    """What the documents say to a question for a yes or a no.

    Attributes:
        evidence: The sentence that speaks of the thing.
        verdict: Whether it confirms the question, or how it contradicts it.
        years: The years that it is about; empty where nothing tells.
    """

    evidence: Evidence
    verdict: Verdict
    years: tuple[int, ...]


def judge_premise(
    wording: Wording, evidence: Sequence[Evidence], *, named: NamedScope, look_again: LookAgain
) -> Premise | None:
    """Hold a yes-or-no question against the sentence that speaks of the very thing.

    Args:
        wording: The standalone question, analysed.
        evidence: Sentences in document order.
        named: Places and years that it names.
        look_again: Finds the figure that stands in place of the one asked about.

    Returns:
        The sentence and what it says to the question; None where the question wants no yes or no, or gives no figure,
        or where nothing speaks of it.
    """
    query = simplify(wording.text)
    if not wording.wants_yes_no or _BOUNDS.search(query) or _UNDECIDABLE.search(_CHOICE.sub("", query)):
        return None
    if len(named.places) > 1 or len(named.years) > 1:
        return None
    claimed = [f for f in find_figures(strip_plain_years(query)) if f.kind in ("number", "percent") and not f.loose]
    of_place = [e for e in evidence if _of_place(e, named)]
    sentence = _spoken_of(query, of_place, claimed, named) if claimed else _worded(query, of_place, named)
    other = _other_figure(query, claimed[0], named, look_again) if len(claimed) == 1 else None
    if sentence is None:
        return other
    if verdict := _contradicted(query, sentence, named):
        return Premise(sentence, verdict, _years_of(sentence))
    if other or (claimed and misread_from(query, [sentence], "")):
        return other or Premise(sentence, Verdict.ANOTHER_FIGURE, _years_of(sentence))
    verdict = Verdict.CONFIRMED if _confirms(query, sentence, named) else Verdict.ORIGINAL
    return Premise(sentence, verdict, _years_of(sentence))


def _confirms(query: str, sentence: Evidence, named: NamedScope) -> bool:
    """Whether a sentence that holds the question's figure says nearly all of it, in its direction, denying nothing."""
    text = simplify(sentence.text)
    turned = any(bool(way.search(query)) != bool(way.search(text)) for way in (_RISES, _FALLS) if way.search(query))
    spoken = bool(find_figures(strip_plain_years(query))) and detect_language(query) == "zh"
    likeness = _likeness(query, sentence, named)
    return spoken and likeness >= _LEAST_WORDED and not turned and not _DENIES.search(text)


def _contradicted(query: str, sentence: Evidence, named: NamedScope) -> Verdict | None:
    """How the sentence's year, or whether it plans or reports, contradicts the question."""
    years = _years_of(sentence)
    if named.years and years and not set(named.years) & set(years):
        return Verdict.ANOTHER_YEAR
    planned, asks_plan = is_plan(sentence), bool(_CLAIMS_PLAN.search(query))
    reported = bool(_REPORTS.search(simplify(sentence.text)))
    if planned and not reported and _CLAIMS_DONE.search(query) and not asks_plan:
        return Verdict.A_PLAN
    if not planned and asks_plan and _REPORT_HEADING.search(" ".join(sentence.heading)):
        return Verdict.A_REPORT
    return None


def is_plan(evidence: Evidence) -> bool:
    """Whether a sentence says what is to be done, not what was: by its words, else by its headings."""
    text = simplify(evidence.text)
    if PLANS.search(text):
        return True
    heading = simplify(" ".join(evidence.heading))
    return not _REPORTS.search(text) and bool(PLAN_HEADING.search(heading)) and not _REPORT_HEADING.search(heading)


def _spoken_of(
    query: str, evidence: Sequence[Evidence], claimed: Sequence[Figure], named: NamedScope
) -> Evidence | None:
    """The sentence that holds all of the question's figures, and is like it in its words."""
    holding = [e for e in evidence if all(_held(figure, e) for figure in claimed)]
    return _best(query, holding, named, _LEAST_LIKENESS)


def _held(figure: Figure, evidence: Evidence) -> bool:
    return any(same_figure(f, figure) and units_agree(f.unit, figure.unit) for f in find_figures(evidence.text))


def _worded(query: str, evidence: Sequence[Evidence], named: NamedScope) -> Evidence | None:
    """The sentence that says nearly all of a question without figures."""
    return _best(query, evidence, named, _LEAST_WORDED)


def _best(query: str, evidence: Sequence[Evidence], named: NamedScope, least: float) -> Evidence | None:
    """The sentence most like the question; of those that are like it enough, one of its year goes first."""
    alike = [(e, likeness) for e in evidence if (likeness := _likeness(query, e, named)) >= least]
    of_year = [item for item in alike if set(named.years) & set(_years_of(item[0]))]
    return max(of_year or alike, key=lambda item: item[1], default=(None, 0.0))[0]


def _likeness(query: str, evidence: Evidence, named: NamedScope) -> float:
    """Share of the question's character pairs in a sentence; what asks, places, years and figures are left out."""
    core = re.sub("|".join(map(re.escape, map(place_key, named.places))) or "(?!)", " ", strip_plain_years(query))
    for figure in reversed(find_figures(core)):  # compared for themselves, in whatever notation
        core = f"{core[: figure.start]} {core[figure.end :]}"
    return share_said(strip_claim(core), simplify(evidence.text))


def _of_place(evidence: Evidence, named: NamedScope) -> bool:
    """Whether a sentence is in scope but for its year: that is what may be wrong in the question."""
    return place_relation(named, evidence) is not PlaceRelation.OTHER


def _years_of(evidence: Evidence) -> tuple[int, ...]:
    """The years that a sentence is about: its own, else those of the innermost heading with any, else the part's."""
    for text in (evidence.text, *reversed(evidence.heading)):
        if years := find_years(_THAN_YEAR.sub(" ", text)):
            return years
    return evidence.years


def _other_figure(query: str, figure: Figure, named: NamedScope, look_again: LookAgain) -> Premise | None:
    """The sentence that gives another figure for what the question gives one: asked again without it."""
    open_question = _asked_openly(query, figure)
    if open_question is None:
        return None
    best = look_again(open_question, named).best
    if best is None or best.is_elsewhere:
        return None
    if _held(figure, best.evidence):
        return None  # the reader took another figure of the very sentence
    rivals = [f for f in best.figures if f.kind == figure.kind and units_agree(f.unit, figure.unit)]
    if not rivals or any(f.value == figure.value for f in rivals):
        return None
    return Premise(best.evidence, Verdict.ANOTHER_FIGURE, _years_of(best.evidence))


def _asked_openly(query: str, figure: Figure) -> str | None:
    """The question with its figure left open: ``录取率是95%吗？`` -> ``录取率是多少？``."""
    place = re.search(rf"(?<![\d.,]){re.escape(figure.text)}(?![\d.,])", query)  # not the 19 of 2019
    if place is None or detect_language(query) != "zh":
        return None
    at = place.start()
    behind = query[at + len(figure.text) :]
    behind = re.sub(r"(?:了)?吗\s*[？?]*\s*$|[,，]?(?:对吗|对不对|是吗|属实吗)\s*[？?]*\s*$", "", behind)
    text = query[:at] + "多少" + behind
    return re.sub(r"是不是|是否", "是", text).rstrip("？?。 ") + "？"
