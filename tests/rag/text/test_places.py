"""Names of places: stems, sameness, and a text without them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.text.places import (
    find_place,
    inner_names,
    place_names,
    place_pattern,
    place_stem,
    same_place,
    strip_official_names,
    strip_places,
)

SUFFIXES = (
    "省 市 县 縣 区 區 州 盟 旗 地区 林区 特区 自治州 自治县 苗族自治县 布依族苗族自治州 壮族自治区 自治旗".split()
)


@pytest.mark.parametrize(
    ("place", "stem"),
    [
        ("云岭市", "云岭"),
        ("通州区", "通州"),
        ("雲嶺縣", "雲嶺"),
        ("海州", "海州"),
        ("青海", "青海"),
        ("锡林郭勒盟", "锡林郭勒"),
        ("大兴安岭地区", "大兴安岭"),
        ("神农架林区", "神农架"),
        ("内蒙古自治区", "内蒙古"),
        ("延边朝鲜族自治州", "延边"),
        ("高新区", "高新"),
        ("地区", "地区"),
        ("", ""),
    ],
)
def test_a_stem_lacks_the_suffix_but_keeps_two_characters(place: str, stem: str) -> None:
    assert place_stem(place) == stem


@settings(deadline=None)
@given(st.sampled_from(["云岭", "海州", "白塔", "锡林郭勒"]), st.sampled_from(SUFFIXES))
def test_a_place_is_the_same_with_any_suffix_or_none(stem: str, suffix: str) -> None:
    assert place_stem(stem + suffix) == stem
    assert same_place(stem + suffix, stem)
    assert strip_places(f"{stem}{suffix}建桥", [stem]) == "建桥"
    assert strip_places(f"{stem}建桥", [stem + suffix]) == "建桥"


def test_a_place_is_the_same_in_traditional_characters_and_another_name_is_another_place() -> None:
    assert same_place("雲嶺縣", "云岭")
    assert same_place("云岭市", "云岭县")
    assert not same_place("云岭县", "松江县")


@pytest.mark.parametrize(
    ("text", "places", "left"),
    [
        ("锡林郭勒盟2019年新建多少座桥？", ["锡林郭勒盟"], "2019年新建多少座桥？"),
        ("云岭县和松江区各建桥几座？", ["云岭县", "松江区"], "和各建桥几座？"),
        ("云岭市场有几个？", ["云岭市"], "市场有几个？"),
        ("云岭市区有几座桥？", ["云岭市"], "市区有几座桥？"),
        ("松江区域合作如何？", ["松江区"], "区域合作如何？"),
        ("松江区位于哪里？", ["松江区"], "位于哪里？"),
        ("云岭市民政局有几人？", ["云岭市"], "民政局有几人？"),
        ("云岭市长是谁？", ["云岭市"], "市长是谁？"),
        ("雲嶺縣有幾座橋？", ["云岭县"], "有幾座橋？"),
        ("云岭有几座桥？", ["雲嶺縣"], "有几座桥？"),
        ("延边州有几座桥？", ["延边朝鲜族自治州"], "有几座桥？"),
        ("How many bridges has Yunling County?", ["云岭县"], "How many bridges has ?"),
        ("Yunlingshan bridges", ["云岭县"], "Yunlingshan bridges"),
        ("有几座桥？", ["云岭县"], "有几座桥？"),
    ],
)
def test_the_place_is_cut_and_nothing_else(text: str, places: list[str], left: str) -> None:
    assert strip_places(text, places) == left


def test_what_links_places_goes_with_them_where_asked() -> None:
    assert strip_places("云岭县和松江区各建桥几座？", ["云岭县", "松江区"], links=True) == "各建桥几座？"
    assert strip_places("Songjiang and Yunling roads", ["云岭县", "松江区"], links=True) == "  roads"


def test_a_place_is_found_in_either_script() -> None:
    assert find_place("在云岭建桥", "云岭县") == 1
    assert find_place("Bridges of Yunling", "云岭县") == 11
    assert find_place("Yunlingshan", "云岭县") == -1
    assert re.search(place_pattern("云岭县"), "in Yunling county", re.IGNORECASE).group() == "Yunling county"


@pytest.mark.parametrize("office", ["人民政府", "政府", "委员会", "教育局", "水利局", "卫生健康委", "统计局"])
def test_a_name_before_any_office_is_a_place(office: str) -> None:
    assert "云岭区" in place_names(f"云岭区{office}关于修路的通知")


def test_a_place_in_passing_has_two_characters_at_least() -> None:
    assert place_names("杭州来访，京、赣修路") == ["杭州"]


def test_a_verb_before_an_office_is_no_place() -> None:
    assert place_names("配合市水利局修路") == []


def test_names_that_lie_in_another_place() -> None:
    assert inner_names("云岭市", "云岭市松江区修路，云岭市白塔县架桥") == ["松江区", "白塔县"]
    assert inner_names("云岭市", "云岭修路") == []


@pytest.mark.parametrize(
    ("text", "left"),
    [("海州市水利局的措施", " 的措施"), ("海州水利局的措施", " 的措施"), ("海州市的措施", " 的措施"), ("措施", "措施")],
)
def test_official_names_go_whatever_their_office(text: str, left: str) -> None:
    assert strip_official_names(text) == left
