"""Numbers of list items and headings."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.text.numbering import (
    Style,
    chinese_ordinal,
    counted,
    is_own_heading,
    item_number,
    ordinal_value,
    read_heading_number,
    strip_list_mark,
    strip_number,
)

NUMBERS = st.integers(1, 99)


@settings(deadline=None)
@given(NUMBERS, st.sampled_from(["（{}）", "({})", "{}、", "{}.", "{}．", "第{}，", "{}是"]))
def test_an_item_number_is_read_back_in_digits_and_in_chinese(number: int, form: str) -> None:
    assert item_number(form.format(chinese_ordinal(number)) + "安排工作") == number
    assert item_number(form.format(number) + "安排工作") == number


@pytest.mark.parametrize("text", ["三五、安排", "3.5万元", "安排（一）", "十分重要", "（十一", "", "一百二十、"])
def test_what_begins_with_no_item_number(text: str) -> None:
    assert item_number(text) == 0


@settings(deadline=None)
@given(NUMBERS)
def test_a_chinese_ordinal_is_read_back(number: int) -> None:
    assert ordinal_value(chinese_ordinal(number)) == number


@pytest.mark.parametrize(
    ("text", "style", "value", "level"),
    [
        ("## 目标", Style.MARKDOWN, 0, 2),
        ("第一部分 总则", Style.PART, 1, 1),
        ("第十二章 附则", Style.PART, 12, 1),
        ("第3节 目标", Style.SECTION, 3, 1),
        ("第十二条 本办法", Style.ARTICLE, 12, 1),
        ("十二、安排", Style.CHINESE, 12, 1),
        ("（十一）安排", Style.CHINESE_PAREN, 11, 1),
        ("7. 目标", Style.ARABIC, 7, 1),
        ("1.2.3 目标", Style.ARABIC, 3, 3),
        ("（1）目标", Style.ARABIC_PAREN, 1, 1),
        ("③目标", Style.CIRCLED, 3, 1),
        ("⑳目标", Style.CIRCLED, 20, 1),
    ],
)
def test_a_heading_number_has_style_value_and_level(text: str, style: Style, value: int, level: int) -> None:
    number = read_heading_number(text, 0, len(text))
    assert (number.style, number.value, number.level) == (style, value, level)


@pytest.mark.parametrize("text", ["五育并举", "2031年", "3.25万", "目标", "12 345", ""])
def test_what_has_no_heading_number(text: str) -> None:
    assert read_heading_number(text, 0, len(text)) is None


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("一、总则", "总则"),
        ("（十一）队伍", "队伍"),
        ("第三部分：目标", "目标"),
        ("第十二条 本办法", "本办法"),
        ("1.2 目标", "目标"),
        ("3）目标", "目标"),
        ("一 总则", "总则"),
        ("五育并举", "五育并举"),
        ("2031年目标", "2031年目标"),
    ],
)
def test_a_heading_without_its_number(text: str, bare: str) -> None:
    assert strip_number(text) == bare


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("哪十二项工作？", 12),
        ("哪12项工作？", 12),
        ("哪二十一项工作？", 21),
        ("哪二项工作？", 2),
        ("哪两项工作？", 2),
        ("哪十项工作？", 10),
        ("全年抓好的三方面任务", 3),
        ("12个区的哪三项工作？", 3),
        ("二十三个县的哪两项工作？", 2),
        ("第二项制度有哪些？", 0),
        ("第十二项制度有哪些？", 0),
        ("102项制度有哪些？", 0),
        ("一百二十项制度有哪些？", 0),
        ("哪一项工作？", 0),
        ("有哪些工作？", 0),
    ],
)
def test_how_many_things_a_question_counts(text: str, n: int) -> None:
    assert counted(text) == n


@settings(deadline=None)
@given(st.integers(2, 99))
def test_a_count_is_read_back_in_digits_and_in_chinese(number: int) -> None:
    assert counted(f"落实了哪{number}项制度？") == counted(f"落实了哪{chinese_ordinal(number)}项制度？") == number


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("- 修路", "修路"),
        ("3. 修路", "修路"),
        ("(2) 修路", "修路"),
        ("-5度", "-5度"),
        ("**修路**", "**修路**"),
        ("1.5万", "1.5万"),
    ],
)
def test_a_line_without_its_mark(text: str, left: str) -> None:
    assert strip_list_mark(text) == left


def test_a_sentence_is_its_own_heading_whatever_mark_ends_it() -> None:
    assert is_own_heading("一、加强管理。", ("总则", "一、加强管理"))
    assert is_own_heading("怎么办？", ("怎么办",))
    assert not is_own_heading("加强管理。", ("一、加强管理",))
    assert not is_own_heading("加强管理。", ())
