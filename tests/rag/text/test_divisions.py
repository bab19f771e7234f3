"""Divisions that a question names, whoever speaks of them."""

from __future__ import annotations

import pytest

from rag.text.divisions import divisions_in, is_division


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("杭州市2031年新修公路多少公里？", ["杭州市"]),
        ("杭州2031年新修公路多少公里？", ["杭州"]),
        ("沈阳和余杭区哪个多？", ["沈阳", "余杭区"]),
        ("四川省成都市有几座桥？", ["四川省", "成都市"]),
        ("杭州市与杭州市，和杭州市", ["杭州市"]),
        ("内蒙古有多少座桥梁？", ["内蒙古"]),
        ("内蒙古自治区有多少座桥梁？", ["内蒙古自治区"]),
        ("广西壮族自治区和宁夏", ["广西壮族自治区", "宁夏"]),
        ("延边朝鲜族自治州", ["延边朝鲜族自治州"]),
        ("香港特别行政区", ["香港特别行政区"]),
        ("How many bridges were built in Hangzhou?", ["Hangzhou"]),
        ("How many bridges were built in Xi'an?", ["Xi'an"]),
        ("Which has more, Shenyang or Hangzhou?", ["Shenyang", "Hangzhou"]),
    ],
)
def test_a_division_is_named_as_the_question_writes_it(text: str, names: list[str]) -> None:
    assert divisions_in(text) == names


@pytest.mark.parametrize(
    "text",
    [
        *("", "？", "2031年", "全市有多少座桥梁？", "本市市区和各县区", "开发区和高新区", "民族地区的教育", "县域经济"),
        *("和平建设了几座桥？", "新建区级桥梁", "朝阳产业", "中山路的桥", "学区怎样划分？", "白沙镇有几座桥？"),
        *("How many bridges did they build?", "Long queues are common", "Hangzhou", "hangzhou bridges in total"),
        *("Who'll do it, and what'd they say?", "We've built a bridge, they're sure"),
    ],
)
def test_plain_words_are_no_divisions(text: str) -> None:
    assert divisions_in(text) == []


@pytest.mark.parametrize(
    ("name", "known"),
    [
        *(("杭州", True), ("杭州市", True), ("余杭区", True), ("余杭市", True), ("广西", True), ("内蒙古", True)),
        *(("余杭", False), ("和平", False), ("海陵", False), ("云岭", False), ("云岭县", False), ("意大利", False)),
        *(("市", False), ("自治区", False), ("", False)),
    ],
)
def test_a_district_is_a_division_only_with_a_suffix(name: str, *, known: bool) -> None:
    assert is_division(name) is known
