"""How the place and the year of a sentence stand to those that a question names."""

from __future__ import annotations

from typing import Any

import pytest

from rag.question.relation import PlaceRelation as P
from rag.question.relation import YearRelation as Y
from rag.question.relation import place_relation, year_relation
from rag.question.scope import NamedScope, find_named_scope
from rag.schema.search import Evidence


def sentence(text: str = "新建学校12所。", **above: Any) -> Evidence:
    facts: dict[str, Any] = {"source": "a.txt", "title": "", "place": "", "years": (), "heading": ()}
    return Evidence(number=1, text=text, start=0, end=len(text), score=1.0, **(facts | above))


def of(*places: str, years: tuple[int, ...] = (), nation: bool = False) -> NamedScope:
    return NamedScope(places, years, nation=nation)


@pytest.mark.parametrize(
    ("above", "relation"),
    [
        ({}, P.UNKNOWN),
        ({"place": "海州市"}, P.SAME),
        ({"place": "云岭县"}, P.OTHER),
        ({"title": "海州市2031年总结"}, P.SAME),
        ({"title": "苏州市2031年总结", "place": "海州市"}, P.OTHER),  # the nearest level tells
        ({"heading": ("一、海州市", "（一）学校"), "title": "苏州市总结"}, P.SAME),
        ({"heading": ("一、海州市", "（一）苏州市")}, P.OTHER),
        ({"source": "海州市2024年总结.txt", "place": "云岭县"}, P.SAME),
        ({"source": "haizhou_2024.docx", "place": "云岭县"}, P.SAME),
        ({"source": "hangzhou_2024.docx"}, P.UNKNOWN),  # one Latin word alone may be anything
        ({"title": "海州市云岭县2031年总结"}, P.INNER),
    ],
)
def test_the_nearest_level_that_names_a_place_tells(above: dict[str, Any], relation: P) -> None:
    assert place_relation(of("海州市"), sentence(**above)) is relation


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("海州市新建学校12所。", P.SAME),
        ("2031年，海州新建学校12所。", P.SAME),
        ("新建学校12所，其中海州12所。", P.SAME),
        ("苏州市新建学校12所。", P.OTHER),
        ("2031年末苏州市有学校12所。", P.OTHER),
        ("向苏州市学习，新建学校12所。", P.SAME),  # mentioned only; the document is of 海州市
        ("新建学校12所，高于苏州市。", P.SAME),
        ("与全省比多12所，占全国的2%。", P.SAME),
        ("户籍人口12万人。", P.SAME),
    ],
)
def test_a_sentence_is_of_what_its_clauses_begin_with(text: str, relation: P) -> None:
    assert place_relation(of("海州市"), sentence(text, place="海州市")) is relation


def test_a_place_that_a_sentence_compares_with_is_not_what_it_speaks_of() -> None:
    assert place_relation(of("海州市"), sentence("新建学校12所，比海州市多2所。", place="苏州市")) is P.OTHER
    assert place_relation(of("海州市"), sentence("海州市新建学校12所。", place="苏州市")) is P.SAME


def test_wholes_and_parts_are_told_apart() -> None:
    assert place_relation(of("浙江省"), sentence(place="杭州市")) is P.INNER
    assert place_relation(of("余杭区"), sentence(place="杭州市")) is P.OUTER
    assert place_relation(of("余杭区"), sentence("余杭区新建12所。", place="杭州市")) is P.SAME
    assert place_relation(of("杭州市"), sentence("余杭区新建12所。", place="杭州市")) is P.INNER
    assert place_relation(of("杭州市"), sentence(place="苏州市")) is P.OTHER


def test_any_of_the_places_asked_for_is_the_same() -> None:
    both = of("海州市", "杭州市")
    assert {place_relation(both, sentence(place=place)) for place in both.places} == {P.SAME}
    assert place_relation(NamedScope((), (), ("杭州市",)), sentence(place="海州市")) is P.OTHER


def test_a_question_on_the_nation_is_about_national_documents() -> None:
    nation = of(nation=True)
    assert place_relation(nation, sentence(title="国务院关于学校的意见")) is P.SAME
    assert place_relation(nation, sentence(title="浙江省总结")) is P.INNER
    assert place_relation(nation, sentence(place="浙江省")) is P.INNER
    assert place_relation(nation, sentence(title="总结")) is P.UNKNOWN


@pytest.mark.parametrize(
    ("text", "above", "relation"),
    [
        ("新建学校12所。", {}, Y.UNKNOWN),
        ("2031年新建学校12所。", {"title": "2030年总结"}, Y.SAME),
        ("2030年新建学校12所。", {"title": "2031年总结"}, Y.OTHER),
        ("新建学校12所，比2030年多2所。", {"title": "2031年总结"}, Y.SAME),
        ("按《2030年规划》（海政发〔2029〕1号）新建12所。", {"title": "2031年总结"}, Y.SAME),
        ("新建学校12所。", {"heading": ("一、2030年回顾",), "title": "2031年总结"}, Y.OTHER),
        ("新建学校12所。", {"heading": ("一、2031年打算", "（一）学校"), "title": "2030年总结"}, Y.SAME),
        ("新建学校12所。", {"title": "2032年政府工作报告"}, Y.NEIGHBOUR),
        ("新建学校12所。", {"heading": ("一、过去一年回顾",), "title": "2032年政府工作报告"}, Y.SAME),
        ("去年新建学校12所。", {"title": "2031年总结"}, Y.OTHER),
        ("新建学校12所，比上年多2所。", {"title": "2031年总结"}, Y.SAME),
        ("新建学校12所。", {"title": "2029年总结"}, Y.OTHER),
        ("新建学校12所。", {"source": "海州市2031年总结.txt", "years": (2029, 2030)}, Y.SAME),
        # One year that is not the document's is that of the section.
        ("新建学校12所。", {"source": "海州市2031年总结.txt", "years": (2030,)}, Y.OTHER),
        ("新建学校12所。", {"title": "海州市2030年工作报告", "years": (2031,)}, Y.SAME),
        ("新建学校12所。", {"source": "haizhou_2031_gwr.docx"}, Y.SAME),
        ("新建学校12所。", {"years": (2031,)}, Y.SAME),
        ("新建学校12所。", {"title": "2029-2033年规划"}, Y.UNKNOWN),  # a year within a period
        ("2029-2033年新建学校12所。", {"title": "2031年总结"}, Y.SAME),
    ],
)
def test_the_nearest_level_that_names_a_year_tells(text: str, above: dict[str, Any], relation: Y) -> None:
    assert year_relation(of(years=(2031,)), sentence(text, **above)) is relation


def test_nothing_is_known_where_a_question_names_nothing() -> None:
    here = sentence("2031年海州市新建学校12所。", place="海州市", years=(2031,))
    assert (place_relation(of(), here), year_relation(of(), here)) == (P.UNKNOWN, Y.UNKNOWN)


def test_a_question_names_the_nation_where_it_names_no_place_in_it() -> None:
    assert find_named_scope("全国粮食产量是多少？", []).nation
    assert not find_named_scope("浙江省粮食产量占全国的多少？", []).nation
    assert not find_named_scope("全省粮食产量是多少？", []).nation
