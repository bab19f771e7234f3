"""Plans and periods, told by the words of official prose."""

from __future__ import annotations

import pytest

from rag.question.tense import asks_for_plan, tells_of_period, tells_of_plan


@pytest.mark.parametrize(
    ("text", "headings", "is_plan"),
    [
        ("力争新建泊位5个。", (), True),
        ("全年新建泊位5个。", (), False),
        ("新建泊位5个。", ("二、2031年工作安排",), True),
        ("新建泊位5个。", ("二、工作安排", "a", "b", "c"), False),  # too far above
        ("已将泊位改建。", (), False),
        ("The city will build five berths.", (), True),
        ("The city built five berths.", (), False),
    ],
)
def test_a_plan_is_told_by_a_word_or_by_a_heading(text: str, headings: tuple[str, ...], is_plan: bool) -> None:
    assert tells_of_plan(text, headings) is is_plan


@pytest.mark.parametrize(
    ("question", "asks"), [("2031年的目标是多少？", True), ("2031年建了多少？", False), ("What is planned?", True)]
)
def test_a_question_asks_for_a_plan_by_naming_it(question: str, asks: bool) -> None:
    assert asks_for_plan(question) is asks


@pytest.mark.parametrize(
    ("text", "is_period"),
    [
        ("年均增长4.2%", True),
        ("全市五年新建泊位31个", True),
        ("“十四五”期间一共", True),
        ("2030年增长5.1%", False),
        ("五年级学生", False),
        ("2026-2030年新建31个", True),
        ("2030-2031学年招生", False),
    ],
)
def test_a_period_is_of_several_years(text: str, is_period: bool) -> None:
    assert tells_of_period(text) is is_period
