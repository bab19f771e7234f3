"""What a question names, and whether evidence is of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.question.scope import NOTHING_NAMED, NamedScope, find_named_scope, in_scope
from rag.schema.documents import Part
from rag.schema.search import Evidence

BRIDGES = Evidence(1, "新建桥梁12座。", "a.txt", "工作总结", "云岭县", (2031,), (), 0, 8, 0.1)


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (NOTHING_NAMED, True),
        (NamedScope(("云岭县",), ()), True),
        (NamedScope(("雲嶺市",), ()), True),
        (NamedScope(("松江区",), ()), False),
        (NamedScope(("松江区", "云岭县"), ()), True),
        (NamedScope((), (), ("杭州市",)), False),
        (NamedScope(("云岭县",), (), ("杭州市",)), True),
        (NamedScope((), (2031,)), True),
        (NamedScope((), (2030, 2031)), True),
        (NamedScope((), (2032,)), False),
        (NamedScope(("云岭县",), (2032,)), False),
        (NamedScope(("松江区",), (2031,)), False),
    ],
)
def test_evidence_of_another_place_or_year_is_out_of_scope(named: NamedScope, expected: bool) -> None:
    assert in_scope(BRIDGES, named) is expected


def test_evidence_that_tells_no_place_or_year_is_in_scope() -> None:
    assert in_scope(replace(BRIDGES, place=""), NamedScope(("松江区",), ()))
    assert in_scope(replace(BRIDGES, years=()), NamedScope((), (2032,)))


@pytest.mark.parametrize(
    "speaks",
    [
        replace(BRIDGES, text="2032年与松江區共建桥梁12座。"),
        replace(BRIDGES, title="松江2032年工作总结"),
        replace(BRIDGES, heading=("二、松江", "2032年")),
    ],
)
def test_evidence_that_names_the_place_and_year_itself_is_in_scope(speaks: Evidence) -> None:
    assert in_scope(speaks, NamedScope(("松江区",), (2032,)))


def test_evidence_that_names_the_place_but_another_year_is_out_of_scope() -> None:
    assert not in_scope(replace(BRIDGES, text="与松江区共建桥梁12座。"), NamedScope(("松江区",), (2032,)))


CORPUS = [Part("工作总结", "", place, (2031,), "", 0, 1) for place in ("云岭市", "松江区", "")]


@pytest.mark.parametrize(
    ("question", "places", "unknown"),
    [
        ("云岭市松江区建桥几座？", ("松江区",), ()),
        ("云岭松江区建桥几座？", ("松江区",), ()),
        ("云岭的松江区建桥几座？", ("松江区",), ()),
        ("云岭市和松江区建桥几座？", ("云岭市", "松江区"), ()),
        ("Bridges of Songjiang", ("松江区",), ()),
        ("松江区和杭州市建桥几座？", ("松江区",), ("杭州市",)),
        ("建桥几座？", (), ()),
    ],
)
def test_of_a_district_named_behind_its_city_the_question_is_about_the_district(
    question: str, places: tuple[str, ...], unknown: tuple[str, ...]
) -> None:
    assert find_named_scope(question, CORPUS) == NamedScope(places, (), unknown)


def test_a_place_alone_in_the_corpus_is_named_by_its_questions() -> None:
    assert find_named_scope("云岭市建桥几座？", CORPUS[:1]) == NamedScope(("云岭市",), ())
