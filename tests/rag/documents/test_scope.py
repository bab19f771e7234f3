"""What a part tells of itself, and what a question asks about."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.documents.part_facts import describe_part
from rag.question.scope import NamedScope, find_named_scope
from rag.schema.documents import Part
from rag.text.places import place_names, place_stem
from rag.text.years import find_years


def parts(*places: str) -> list[Part]:
    return [Part("工作总结", "", place, (2031,), "", 0, 1) for place in places]


CORPUS = parts("云岭县", "松江区", "云岭县", "")
SUMMARY = (
    "云岭市松江区交通局2031年工作总结\n松江区新修公路。松江区新建桥梁。松江区开通公交。松江区整治道路。云岭市表扬。"
)


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2031年", (2031,)),
        ("2032年和2031年", (2031, 2032)),
        ("2015-2016学年", (2015, 2016)),
        ("2012~2014年", (2012, 2014)),
        ("2031年至2033年", (2031, 2033)),
        ("2031至2033年", (2031, 2033)),
        ("二〇三一年", (2031,)),
        ("in 2031", (2031,)),
        ("20195个座位", ()),
        ("12019年", ()),
        ("3.2019", ()),
        ("编号20310615", ()),
        ("1899年", ()),
        ("", ()),
    ],
)
def test_years_of_a_text(text: str, years: tuple[int, ...]) -> None:
    assert find_years(text) == years


@given(st.lists(st.integers(1900, 2099), max_size=6), st.sampled_from(["年", "年度", " and ", "、"]))
def test_every_year_named_is_found_once_and_in_order(years: list[int], behind: str) -> None:
    assert find_years("".join(f"{year}{behind}" for year in years)) == tuple(sorted(set(years)))


@pytest.mark.parametrize(
    ("place", "stem"),
    [
        ("云岭市", "云岭"),
        ("云岭县", "云岭"),
        ("松江区", "松江"),
        ("海州", "海州"),
        ("通州区", "通州"),
        ("青海", "青海"),
        ("", ""),
    ],
)
def test_a_stem_lacks_the_suffix_but_keeps_two_characters(place: str, stem: str) -> None:
    assert place_stem(place) == stem


def test_a_district_named_behind_its_city_is_a_place() -> None:
    assert "松江区" in place_names("云岭市松江区教育局")
    assert "白塔区" in place_names("白塔区人民政府关于修路的通知")


def test_generic_words_are_no_places() -> None:
    assert place_names("中国的全市社区和新区，是座城市") == []


def test_a_part_tells_title_issuer_place_years_and_date() -> None:
    text = f"云岭市交通公开平台\n发布机构：松江区交通局\n发布日期：2032-1-5\n{SUMMARY}"
    facts = describe_part(text, title="", headings=[])
    assert facts.title == "云岭市松江区交通局2031年工作总结"
    assert (facts.issuer, facts.place, facts.years, facts.date) == ("松江区交通局", "松江区", (2031,), "2032-01-05")


def test_years_of_headings_outweigh_those_of_the_title() -> None:
    facts = describe_part(SUMMARY, title="2031年工作总结", headings=["一、2029年回顾", "二、2030年打算"])
    assert facts.years == (2029, 2030)


def test_a_year_named_once_in_the_body_does_not_date_a_part() -> None:
    once, twice = "今年修路。二〇年代以来，2031年最好。", "今年修路。2031年最好，2031年最多。"
    assert describe_part(once, title="", headings=[]).years == ()
    assert describe_part(twice, title="", headings=[]).years == (2031,)


def test_the_title_given_is_kept() -> None:
    assert describe_part(SUMMARY, title="交通局工作报告(二)", headings=[]).title == "交通局工作报告(二)"


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("成文日期：2032年3月4日", "2032-03-04"),
        ("发布时间: 2032/12/31", "2032-12-31"),
        ("生成日期 2032.3.4", "2032-03-04"),
        ("2032年3月4日印发", "2032-03-04"),
        ("2032年3月修路。", ""),
        ("截至2032年3月4日已修路86公里。", ""),
    ],
)
def test_the_date_of_publication(line: str, date: str) -> None:
    assert describe_part(f"工作总结\n{line}\n内容。", title="", headings=[]).date == date


def test_a_place_mentioned_in_passing_is_not_what_a_part_speaks_of() -> None:
    facts = describe_part("今年修路。杭州市来访两次。", title="工作总结", headings=[])
    assert (facts.place, facts.issuer) == ("", "")


def test_a_place_of_the_title_needs_no_repetition() -> None:
    assert describe_part("今年修路。", title="松江区2031年工作总结", headings=[]).place == "松江区"
    assert describe_part("松江区、松江区、松江区，松江区。", title="海陵区总结", headings=[]).place == "海陵区"


def test_a_district_that_names_its_city_more_often_than_itself_speaks_of_itself() -> None:
    text = "杭州市余杭区修路。" + "余杭区架桥。" * 4 + "杭州市表扬。" * 6
    assert describe_part(text, title="工作总结", headings=[]).place == "余杭区"
    assert describe_part(text + "杭州市修路。" * 9, title="工作总结", headings=[]).place == "杭州市"


def test_a_place_abroad_is_not_what_a_part_speaks_of() -> None:
    assert describe_part("意大利修路。" * 6, title="工作总结", headings=[]).place == ""


def test_the_page_around_names_a_place_that_the_text_repeats() -> None:
    text = "工作总结\n" + "白塔修路。" * 4
    assert describe_part(text, title="", headings=[]).place == ""
    assert describe_part(text, title="", headings=[], around="白塔区人民政府\n").place == "白塔区"


def test_a_question_names_places_as_the_corpus_writes_them() -> None:
    assert find_named_scope("松江和云岭哪个多？", CORPUS) == NamedScope(("松江区", "云岭县"), ())
    assert find_named_scope("云岭县和松江区2031-2032年", CORPUS) == NamedScope(("云岭县", "松江区"), (2031, 2032))


def test_a_place_that_the_corpus_lacks_is_unknown_and_not_named() -> None:
    assert find_named_scope("杭州市2031年新修了多少公路？", CORPUS) == NamedScope((), (2031,), ("杭州市",))
    assert find_named_scope("云岭和杭州哪个多？", CORPUS) == NamedScope(("云岭县",), (), ("杭州",))
    assert find_named_scope("How many bridges has Hangzhou built?", CORPUS).unknown == ("Hangzhou",)


def test_a_place_of_the_corpus_is_never_unknown() -> None:
    corpus = parts("杭州市", "西湖区")
    assert find_named_scope("杭州市西湖区和余杭区哪个多？", corpus) == NamedScope(("西湖区",), (), ("余杭区",))
    assert find_named_scope("云岭县的公路", CORPUS).unknown == ()


def test_a_question_of_latin_script_names_places_by_pinyin() -> None:
    assert find_named_scope("How many bridges did Yunling build in 2031?", CORPUS) == NamedScope(("云岭县",), (2031,))
    assert find_named_scope("Songjiang District or Yunling?", CORPUS).places == ("松江区", "云岭县")
    assert find_named_scope("Yunlingshan bridges", CORPUS).places == ()


def test_a_corpus_in_traditional_characters_is_named_by_simplified_ones() -> None:
    assert find_named_scope("云岭市有多少桥梁？", parts("雲嶺市")).places == ("雲嶺市",)
