"""The sides of a comparison, and a question without its places and years."""

from __future__ import annotations

import pytest

from rag.question.scope import NamedScope
from rag.question.sides import sides, without_scope


@pytest.mark.parametrize(
    ("question", "named", "left"),
    [
        (
            "锡林郭勒盟2019年新建多少座桥？",
            NamedScope(("锡林郭勒盟",), (2019,)),
            "新建多少座桥？",
        ),
        ("2019万元的项目有哪些？", NamedScope((), ()), "2019万元的项目有哪些？"),
        ("云岭县２０１９年度投入2019万元的项目？", NamedScope(("云岭县",), (2019,)), "投入2019万元的项目？"),
        ("海州一九九八年建桥几座？", NamedScope((), (1998,), ("海州",)), "建桥几座？"),
        ("Bridges of Yunling County in 2031", NamedScope(("云岭县",), (2031,)), "Bridges of  in "),
        ("建桥几座？", NamedScope((), ()), "建桥几座？"),
    ],
)
def test_place_and_year_are_cut_and_nothing_else(question: str, named: NamedScope, left: str) -> None:
    assert without_scope(question, named) == left


def asked(question: str, named: NamedScope) -> list[tuple[str, tuple[str, ...], tuple[int, ...]]]:
    return [(text, scope.places, scope.years) for text, scope in sides(question, named)]


def test_each_year_is_a_side_whatever_its_notation() -> None:
    named = NamedScope((), (2016, 2017))
    assert asked("2016年和2017年各建桥多少座？", named) == [
        ("2016年各建桥多少座？", (), (2016,)),
        ("2017年各建桥多少座？", (), (2017,)),
    ]
    assert asked("二〇一六年和２０１７年各建桥多少座？", named) == [
        ("二〇一六年各建桥多少座？", (), (2016,)),
        ("２０１７年各建桥多少座？", (), (2017,)),
    ]


def test_a_fiscal_year_is_one_side() -> None:
    assert asked("2017-18和2020-21比哪个多？", NamedScope((), (2017, 2018, 2020, 2021))) == [
        ("2017-18比哪个多？", (), (2017, 2018)),
        ("2020-21比哪个多？", (), (2020, 2021)),
    ]


@pytest.mark.parametrize(
    "question", ["2016-2017学年各校招生多少？", "2016年到2017年比计划多几座？", "2016年启动的工程，2017年竣工了几座？"]
)
def test_a_range_and_what_compares_nothing_are_one_side(question: str) -> None:
    named = NamedScope((), (2016, 2017))
    assert sides(question, named) == [(question, named)]


def test_each_place_is_a_side_with_its_own_year() -> None:
    named = NamedScope(("云岭县", "松江区"), (2016, 2017))
    assert asked("云岭县2016年和松江区２０１７年建桥多少座？", named) == [
        ("云岭县2016年和建桥多少座？", ("云岭县",), (2016,)),
        ("松江区2017年和建桥多少座？", ("松江区",), (2017,)),
    ]


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("云岭县2016年建桥多少座？", NamedScope(("云岭县",), (2016,))),
        ("2016年杭州市建桥比计划多几座？", NamedScope((), (2016,), ("杭州市",))),
        ("2016年和2017年各建桥多少座？", NamedScope((), (2016,))),  # the other year is none that is asked for
        ("建桥多少座？", NamedScope((), ())),
    ],
)
def test_a_question_of_one_place_and_one_year_is_one_side(question: str, named: NamedScope) -> None:
    assert sides(question, named) == [(question, named)]


def test_years_are_sides_where_they_are_listed_or_compared() -> None:
    named = NamedScope((), (2016, 2017))
    assert [text for text, *_ in asked("2016年和2017年建桥多少座？", named)] == [
        "2016年建桥多少座？",
        "2017年建桥多少座？",
    ]
    assert [text for text, *_ in asked("2016年建桥比2017年多几座？", named)] == [
        "2016年建桥比多几座？",
        "建桥比2017年多几座？",
    ]


def test_one_year_is_that_of_all_places() -> None:
    named = NamedScope(("云岭县", "松江区"), (2016,))
    assert asked("云岭县和松江区2016年建桥多少座？", named) == [
        ("云岭县2016年建桥多少座？", ("云岭县",), (2016,)),
        ("松江区2016年建桥多少座？", ("松江区",), (2016,)),
    ]
    assert asked("云岭县的录取率，和松江区的相比如何？", named)[1] == ("松江区的录取率是多少？", ("松江区",), (2016,))


def test_a_year_behind_a_comma_is_not_that_of_the_place() -> None:
    named = NamedScope(("云岭县", "松江区"), (2016, 2017))
    assert asked("云岭县和松江区2016年建桥，2017年修路多少？", named) == [
        ("云岭县和建桥，修路多少？", ("云岭县",), ()),
        ("松江区2016年和建桥，修路多少？", ("松江区",), (2016,)),
    ]
