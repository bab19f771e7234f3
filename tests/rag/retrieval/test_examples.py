"""Example questions made of headings."""

from __future__ import annotations

import pytest

from rag.retrieval.example_questions import example_questions
from rag.schema.documents import Passage


def passage(heading: str, n_chars: int = 150, *, place: str = "云岭县", years: tuple[int, ...] = (2031,)) -> Passage:
    path = (heading,) if heading else ()
    return Passage(-1, "a.txt", "工作总结", place, years, path, 0, 0, "路" * n_chars, 0, n_chars, ())


def test_parts_take_turns_and_long_sections_come_first() -> None:
    one = [passage("一、道路建设", 130), passage("二、公共交通", 300)]
    other = [passage("一、港口运营", place="白塔区", years=(2030, 2031))]
    assert example_questions([one, other], 9) == [
        "概括云岭县2031年“公共交通”的主要内容。",
        "概括白塔区“港口运营”的主要内容。",
        "概括云岭县2031年“道路建设”的主要内容。",
    ]
    assert example_questions([one, other], 1) == ["概括云岭县2031年“公共交通”的主要内容。"]


def test_passages_of_one_section_count_together() -> None:
    assert example_questions([[passage("道路建设", 60)]], 9) == []
    assert len(example_questions([[passage("道路建设", 60), passage("道路建设", 60)]], 9)) == 1


def test_a_part_gives_at_most_three() -> None:
    assert len(example_questions([[passage(f"道路建设{letter}") for letter in "甲乙丙丁戊"]], 9)) == 3


def test_a_heading_too_short_or_too_long_to_be_a_topic_is_passed_over() -> None:
    assert example_questions([[passage("一、道路"), passage("路" * 23), passage("")]], 9) == []


def test_a_western_heading_is_asked_for_in_english() -> None:
    assert example_questions([[passage("1.2 Road building")]], 9) == ["What does “Road building” say?"]


@pytest.mark.parametrize(
    ("heading", "topic"),
    [
        ("第一部分 工作回顾", "工作回顾"),
        ("第三章：道路建设", "道路建设"),
        ("十二、道路建设", "道路建设"),
        ("（一）道路建设", "道路建设"),
        ("(3)道路建设", "道路建设"),
        ("1.道路建设", "道路建设"),
        ("2 道路建设", "道路建设"),
        ("五育并举行动", "五育并举行动"),
        ("三、“一校一品”建设", "“一校一品”建设"),
        ("2030年工作计划", "2030年工作计划"),
        ("3.5亿元工程", "3.5亿元工程"),
    ],
)
def test_numbering_is_no_part_of_a_topic(heading: str, topic: str) -> None:
    assert example_questions([[passage(heading)]], 1) == [f"概括云岭县2031年“{topic}”的主要内容。"]


def test_an_empty_corpus_has_none() -> None:
    assert example_questions([], 5) == example_questions([[]], 5) == []
