"""Follow-up questions made to stand alone."""

from __future__ import annotations

import pytest

from rag.question.follow_up import standalone_question
from rag.question.scope import NamedScope, find_named_scope
from rag.schema.documents import Part
from rag.schema.messages import Turn

LAST = "云岭县2031年新建了多少座桥梁？"
ENGLISH = "How many bridges did Yunling build in 2031?"
CORPUS = [Part("工作总结", "", place, (2031,), "", 0, 1) for place in ("云岭县", "松江区")]


def named(text: str) -> NamedScope:
    return find_named_scope(text, CORPUS)


def follow(question: str, *before: str) -> str:
    history = [turn for asked in before for turn in (Turn("user", asked), Turn("assistant", "松江区12座。[1]"))]
    return standalone_question(question, history, named)


@pytest.mark.parametrize(
    "question",
    ["松江区有多少条公交线路？", "公交线路有多少条？", "How many schools are there in Songjiang?", "Is there a plan?"],
)
def test_a_question_that_stands_alone_is_left_alone(question: str) -> None:
    assert follow(question, LAST) == question


@pytest.mark.parametrize(
    ("question", "resolved"),
    [
        ("它的公交线路有多少条？", "云岭县2031年公交线路有多少条？"),
        ("那里有多少条公交线路？", "云岭县2031年有多少条公交线路？"),
        ("当地的公交线路有多少条？", "云岭县2031年公交线路有多少条？"),
        ("该县2030年修了多少公里路？", "云岭县2030年修了多少公里路？"),
    ],
)
def test_a_word_for_the_place_becomes_the_place_and_its_year(question: str, resolved: str) -> None:
    assert follow(question, LAST) == resolved


def test_a_question_of_latin_script_gets_the_place_without_a_chinese_year() -> None:
    assert follow("How many schools does that county have?", ENGLISH) == "How many schools does 云岭县 have?"


@pytest.mark.parametrize(
    "question", ["其中夜间线路有几条？", "公交线路呢？", "那松江区的公交线路呢？", "And the roads?"]
)
def test_what_else_leans_on_the_last_question_is_put_behind_it(question: str) -> None:
    assert follow(question, LAST) == f"{LAST} {question}"


def test_a_question_that_still_leans_after_its_place_is_put_behind_the_last_one() -> None:
    assert follow("那它的公交线路呢？", LAST) == f"{LAST} 云岭县2031年公交线路呢？"


def test_a_place_of_its_own_is_not_overwritten() -> None:
    assert follow("它的桥和松江区的哪个多？", LAST) == f"{LAST} 它的桥和松江区的哪个多？"


def test_only_the_last_question_counts_and_answers_do_not() -> None:
    assert follow("它的路有多长？", LAST, "杭州市有什么？") == "杭州市有什么？ 它的路有多长？"


def test_without_an_earlier_question_nothing_is_added() -> None:
    assert follow("它的路有多长？") == "它的路有多长？"
    assert standalone_question("它的路有多长？", [Turn("assistant", "云岭县12座。")], named) == "它的路有多长？"


def test_a_long_last_question_is_cut() -> None:
    assert follow("其中几条？", "路" * 999) == "路" * 300 + " 其中几条？"


@pytest.mark.parametrize(
    ("question", "standing"),
    [
        ("那松江区呢？", "松江区2031年新建了多少座桥梁？"),
        ("换成松江呢", "松江区2031年新建了多少座桥梁？"),
        ("2032年呢？", "云岭县2032年新建了多少座桥梁？"),
        ("那松江2030年呢？", "松江区2030年新建了多少座桥梁？"),
        ("去年呢？", "云岭县2030年新建了多少座桥梁？"),
        ("苏州呢？", "苏州2031年新建了多少座桥梁？"),
        ("What about Songjiang?", "松江区2031年新建了多少座桥梁？"),
    ],
)
def test_the_last_question_is_asked_again_about_another_place_or_year(question: str, standing: str) -> None:
    assert follow(question, LAST) == standing


@pytest.mark.parametrize(
    ("question", "standing"),
    [
        ("What about Songjiang?", "How many bridges did Songjiang build in 2031?"),
        ("And in 2030?", "How many bridges did Yunling build in 2030?"),
        ("How about Suzhou?", "How many bridges did Suzhou build in 2031?"),
    ],
)
def test_so_it_is_in_latin_script(question: str, standing: str) -> None:
    assert follow(question, ENGLISH) == standing


def test_of_two_places_the_one_that_is_named_instead_stays() -> None:
    assert follow("松江呢？", "云岭县和松江区2031年各建多少座？") == "松江区2031年各建多少座？"


@pytest.mark.parametrize(
    ("question", "told"),
    [("明年打算修多少公里路？", "2032年打算修多少公里路？"), ("How many roads last year?", "How many roads in 2030?")],
)
def test_a_relative_year_is_told_by_the_conversation(question: str, told: str) -> None:
    assert follow(question, LAST).endswith(told)


def test_a_relative_year_stays_where_the_conversation_tells_none() -> None:
    assert follow("去年修了多少公里路？", "桥梁有多少座？") == "去年修了多少公里路？"
    assert follow("去年修了多少公里路？", "2030年和2031年桥梁有多少座？") == "去年修了多少公里路？"
