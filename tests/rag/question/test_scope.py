"""What a question names."""

from __future__ import annotations

import pytest

from rag.question.scope import NamedScope, find_named_scope
from rag.schema.documents import Part

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
