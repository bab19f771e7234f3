"""The sides of a comparison, and a question without its places and years."""

from __future__ import annotations

import pytest

from rag.question.scope import NamedScope
from rag.question.sides import sides, without_scope
from rag.text.years import find_years


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
        ("2016年建桥多少座？", (), (2016,)),
        ("2017年建桥多少座？", (), (2017,)),
    ]
    assert asked("二〇一六年和２０１７年各建桥多少座？", named) == [
        ("二〇一六年建桥多少座？", (), (2016,)),
        ("２０１７年建桥多少座？", (), (2017,)),
    ]


def test_a_fiscal_year_is_one_side() -> None:
    assert asked("2017-18和2020-21比哪个多？", NamedScope((), (2017, 2018, 2020, 2021))) == [
        ("2017-18是多少？", (), (2017, 2018)),
        ("2020-21是多少？", (), (2020, 2021)),
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
        ("云岭县2016年建桥多少座？", ("云岭县",), (2016,)),
        ("松江区２０１７年建桥多少座？", ("松江区",), (2017,)),
    ]


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("云岭县2016年建桥多少座？", NamedScope(("云岭县",), (2016,))),
        ("2016年云岭县建桥多少座？", NamedScope(("云岭县",), (2016,))),
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
        "2016年建桥是几座？",
        "2017年建桥是几座？",
    ]


def test_one_year_is_that_of_all_places() -> None:
    named = NamedScope(("云岭县", "松江区"), (2016,))
    assert asked("云岭县和松江区2016年建桥多少座？", named) == [
        ("云岭县2016年建桥多少座？", ("云岭县",), (2016,)),
        ("松江区2016年建桥多少座？", ("松江区",), (2016,)),
    ]
    assert asked("云岭县的录取率，和松江区的相比如何？", named)[1] == ("松江区的录取率是多少？", ("松江区",), (2016,))


def test_years_of_several_clauses_are_those_of_all_places() -> None:
    named = NamedScope(("云岭县", "松江区"), (2016, 2017))
    assert asked("云岭县和松江区2016年建桥，2017年修路多少？", named) == [
        ("云岭县2016年建桥，2017年修路多少？", ("云岭县",), (2016, 2017)),
        ("松江区2016年建桥，2017年修路多少？", ("松江区",), (2016, 2017)),
    ]


@pytest.mark.parametrize(
    ("question", "first", "second"),
    [
        ("云岭县2017年建桥比2016年多几座？", "云岭县2017年建桥是几座？", "云岭县2016年建桥是几座？"),
        ("云岭县建桥数，2017年比2016年多了多少座", "云岭县建桥数，2017年是多少座？", "云岭县建桥数，2016年是多少座？"),
        ("云岭县补贴，2017年比2016年多兑现了多少", "云岭县补贴，2017年兑现了多少？", "云岭县补贴，2016年兑现了多少？"),
        (
            "云岭县2017年计划新建的桥，比2016年实际新建的少几座？",
            "云岭县2017年计划新建的桥是几座？",
            "云岭县2016年实际新建的桥是几座？",
        ),
        (
            "云岭县2017年渔船预算比2016年货船的预算多多少万元",
            "云岭县2017年渔船预算是多少万元？",
            "云岭县2016年货船的预算是多少万元？",
        ),
        ("建桥数，云岭县2017年比2016年是升了还是降了", "建桥数，云岭县2017年是多少？", "建桥数，云岭县2016年是多少？"),
        (
            "云岭县2016年和2017年产量增速相比，是快了还是慢了",
            "云岭县2016年产量增速是多少？",
            "云岭县2017年产量增速是多少？",
        ),
        (
            "云岭县的增速，2016年和2017年哪年更快？各是多少？",
            "云岭县的增速，2016年是多少？",
            "云岭县的增速，2017年是多少？",
        ),
        ("比一下云岭县2016和2017两年的增速", "云岭县2016年增速", "云岭县2017年增速"),
        ("云岭县哪一年建桥多，2016还是2017，各多少座？", "云岭县2016年建桥是多少座？", "云岭县2017年建桥是多少座？"),
        ("云岭县和松江区2017年谁的桥多？", "云岭县2017年的桥是多少？", "松江区2017年的桥是多少？"),
        ("从2016年到2017年，云岭县的桥增加了几座", "2016年云岭县的桥是几座？", "2017年云岭县的桥是几座？"),
        ("2017年云岭县、松江区两县的增速谁高？", "2017年云岭县增速是多少？", "2017年松江区增速是多少？"),
        ("云岭县2017年建桥比松江区多几座", "云岭县2017年建桥是几座？", "松江区2017年建桥是几座？"),
        (
            "松江区属于云岭县，云岭县2017年产值是松江区的大约多少倍？",
            "云岭县2017年产值是多少？",
            "松江区2017年产值是多少？",
        ),
        ("带狗坐船，云岭县和松江区规定有啥不同", "带狗坐船，云岭县规定是什么？", "带狗坐船，松江区规定是什么？"),
        (
            "新船，云岭县2016年和松江区2017年各增长多少？",
            "新船，云岭县2016年增长多少？",
            "新船，松江区2017年增长多少？",
        ),
    ],
)
def test_what_compares_goes_and_a_question_for_one_value_is_left(question: str, first: str, second: str) -> None:
    places = tuple(place for place in ("云岭县", "松江区") if place in question)
    assert [text for text, _ in sides(question, NamedScope(places, find_years(question)))] == [first, second]


def test_two_phrases_have_each_their_own_scope() -> None:
    named = NamedScope(("云岭县",), (2016, 2017))
    assert asked("2016年全国增速和云岭县2017年的增速哪个高", named) == [
        ("2016年全国增速是多少？", (), (2016,)),
        ("云岭县2017年的增速是多少？", ("云岭县",), (2017,)),
    ]
