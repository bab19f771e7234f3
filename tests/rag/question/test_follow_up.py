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
    assert follow("How many schools does that county have?", ENGLISH) == "How many schools does Yunling have?"


@pytest.mark.parametrize(
    ("question", "standing"),
    [
        ("其中夜间线路有几条？", "云岭县2031年桥梁中夜间线路有几条？"),
        ("公交线路呢？", "云岭县2031年新建了多少公交线路？"),
        ("那松江区的公交线路呢？", "松江区2031年新建了多少公交线路？"),
        ("那它的公交线路呢？", "云岭县2031年新建了多少公交线路？"),
        ("And the roads?", "云岭县2031年新建了多少roads？"),
        ("它的桥和松江区的哪个多？", "云岭县2031年桥和松江区的哪个多？"),
        ("其中几座是石桥？", "云岭县2031年桥梁中几座是石桥？"),
        ("有多长？", "云岭县2031年桥梁有多长？"),
        ("谁负责？", "云岭县2031年桥梁谁负责？"),
        ("有多少条公交线路？", "云岭县2031年有多少条公交线路？"),
    ],
)
def test_what_else_leans_on_the_last_question_is_asked_of_its_subject(question: str, standing: str) -> None:
    assert follow(question, LAST) == standing


@pytest.mark.parametrize(
    ("turns", "standing"),
    [
        (
            ["海州市2030年渔业产量是多少？", "增长多少？", "云岭县呢", "那2031年的目标呢", "不对，我问的是内河"],
            [
                "海州市2030年渔业产量增长多少？",
                "云岭县2030年渔业产量增长多少？",
                "云岭县2031年渔业产量增长的目标是多少？",
                "云岭县2031年内河产量增长的目标是多少？",
            ],
        ),
        (
            ["松江区2030年沿海吞吐量是多少？", "比上年增长多少", "那2031年呢", "不对，我问的是内河"],
            [
                "松江区2030年沿海吞吐量比上年增长多少",
                "松江区2031年沿海吞吐量比上年增长多少",
                "松江区2031年内河吞吐量比上年增长多少",
            ],
        ),
        (
            ["云岭县2030年渔船多少艘", "松江呢", "不是渔船，是货船", "不对，我说的是2029年"],
            ["松江区2030年渔船多少艘", "松江区2030年货船多少艘", "松江区2029年货船多少艘"],
        ),
        (["一等补助多少元？", "三等的呢", "谁来发？"], ["三等补助多少元？", "三等谁来发？"]),
        (
            ["云岭县第一年交多少管理费", "要是第二年呢？", "那松江的交几次"],
            ["云岭县第二年交多少管理费", "松江区第二年交几次"],
        ),
        (
            ["三号码头什么时候建成？", "它有多长？", "花了多少钱", "为什么停用了"],
            ["三号码头有多长？", "三号码头花了多少钱", "三号码头为什么停用了"],
        ),
        (
            ["你好", "云岭县2030年GDP是多少", "谢谢", "增速呢"],
            ["云岭县2030年GDP是多少", "谢谢", "云岭县2030年GDP的增速是多少？"],
        ),
        (
            [ENGLISH, "And in 2030?", "What about Songjiang?", "And the roads?", "How many schools does it have?"],
            [
                "How many bridges did Yunling build in 2030?",
                "How many bridges did Songjiang build in 2030?",
                "How many roads did Songjiang build in 2030?",
                "How many schools does Songjiang have?",
            ],
        ),
        (["What was the deficit of 2030-31?", "And for 2029-30?"], ["What was the deficit of 2029-30?"]),
    ],
)
def test_every_turn_of_a_talk_is_one_question_that_stands_alone(turns: list[str], standing: list[str]) -> None:
    assert [follow(turn, *turns[:n]) for n, turn in enumerate(turns) if n] == standing


def test_the_whole_of_a_kind_is_the_place_that_the_answer_names() -> None:
    assert named("云岭县").places == ("云岭县",)
    history = [Turn("user", "松江区2031年建桥几座？"), Turn("assistant", "12座。松江区属于云岭县。[1]")]
    assert standalone_question("那全县呢？", history, named) == "云岭县2031年建桥几座？"


def test_the_last_question_counts_as_it_was_understood() -> None:
    assert follow("它的路有多长？", LAST, "杭州市有什么？") == "杭州市路有多长？"
    assert follow("它的路有多长？", LAST, "松江呢？") == "松江区2031年路有多长？"


def test_without_an_earlier_question_nothing_is_added() -> None:
    assert follow("它的路有多长？") == "它的路有多长？"
    assert standalone_question("它的路有多长？", [Turn("assistant", "云岭县12座。")], named) == "它的路有多长？"


def test_a_long_last_question_is_cut() -> None:
    assert follow("其中几条？", "路" * 999) == "路" * 300 + "中几条？"


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
