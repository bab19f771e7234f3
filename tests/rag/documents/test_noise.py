"""What is noise, at the limits of each rule."""

from __future__ import annotations

import pytest

from rag.documents.cleaning.clean import clean_text
from rag.documents.cleaning.noise import is_chrome, is_prose

ROADS = "全年新修农村公路八十六公里,新建桥梁十二座,维修公路二百四十公里,各项工程都已经通过了验收。"
BUSES = "全县共有公交线路三十一条,其中夜间线路五条,惠及群众十二万人,群众的满意度有了十分明显的提高。"


def kept(raw: str) -> str:
    return clean_text(raw).text


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("桥" * 39 + "。", True),
        ("桥" * 38 + "。", False),
        ("桥" * 40, False),
        ("桥" * 20 + "," + "桥" * 20, False),
        ("桥" * 20 + "," + "桥" * 20 + ",", True),
    ],
)
def test_prose_has_forty_characters_and_the_marks_of_a_sentence(line: str, expected: bool) -> None:
    assert is_prose(line) is expected


@pytest.mark.parametrize(
    ("line", "at_edge", "inside"),
    [
        ("打印", True, False),
        ("首页 打印", True, True),
        ("首页 建桥", False, False),
        ("版权所有" + "桥" * 75, True, True),
        ("版权所有" + "桥" * 76, True, False),
        ("客服" + "桥" * 57, True, False),
        ("客服" + "桥" * 58, False, False),
        ("客服" + "桥" * 58 + "联系电话", True, False),
        ("客服" + "桥" * 58 + "客服", False, False),
        ("甲 > 乙 > 丙", True, False),
        ("甲 > 乙", False, False),
        ("", False, False),
    ],
)
def test_weak_signs_of_a_page_count_at_the_edge_and_strong_ones_in_short_lines(
    line: str, at_edge: bool, inside: bool
) -> None:
    assert (is_chrome(line), is_chrome(line, at_edge=False)) == (at_edge, inside)


def test_a_button_goes_before_and_behind_the_text_but_not_inside_it() -> None:
    assert kept(f"打印\n{ROADS}\n打印\n{BUSES}\n打印") == f"{ROADS}\n打印\n{BUSES}"
    assert kept("打印\n建桥十二座\n打印") == "建桥十二座"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (f"• 甲事\n• 乙事\n• 丙事\n{ROADS}", ROADS),
        (f"{ROADS}\n• 甲事\n\n• 乙事\n• 丙事", ROADS),
        (f"• 甲事\n• 乙事\n• 丙事\n菜单\n• 丁事\n• 戊事\n• 己事\n{ROADS}", f"菜单\n{ROADS}"),
        (f"• 甲事\n• 乙事\n{ROADS}", f"• 甲事\n• 乙事\n{ROADS}"),
        (f"• 甲事\n• 乙事\n其他\n• 丙事\n{ROADS}", f"• 甲事\n• 乙事\n其他\n• 丙事\n{ROADS}"),
        (f"• 甲事\n• 乙事\n• {'桥' * 12}\n{ROADS}", ROADS),
        (f"• 甲事\n• 乙事\n• {'桥' * 13}\n{ROADS}", f"• 甲事\n• 乙事\n• {'桥' * 13}\n{ROADS}"),
        (f"• 甲事\n• 乙事\n• 建桥。\n{ROADS}", f"• 甲事\n• 乙事\n• 建桥。\n{ROADS}"),
        (f"{ROADS}\n• 甲事\n• 乙事\n• 丙事\n{BUSES}", f"{ROADS}\n• 甲事\n• 乙事\n• 丙事\n{BUSES}"),
    ],
)
def test_three_short_bullets_at_the_edge_are_a_menu(raw: str, expected: str) -> None:
    assert kept(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("摘要:甲乙丙丁戊己庚辛\n甲乙丙丁戊己庚辛壬癸", "甲乙丙丁戊己庚辛壬癸"),
        ("摘要:甲乙丙丁戊己庚\n甲乙丙丁戊己庚辛壬癸", "摘要:甲乙丙丁戊己庚\n甲乙丙丁戊己庚辛壬癸"),
        ("甲乙丙丁戊己庚辛壬癸\n摘要:甲乙丙丁戊己庚辛", "甲乙丙丁戊己庚辛壬癸\n摘要:甲乙丙丁戊己庚辛"),
        ("甲乙丙丁戊己\n说明\n甲乙 丙丁戊己\n正文", "甲乙丙丁戊己\n说明\n正文"),
        ("甲乙丙丁戊\n说明\n甲乙丙丁戊\n正文", "甲乙丙丁戊\n说明\n甲乙丙丁戊\n正文"),
    ],
)
def test_a_line_of_the_head_that_only_repeats_goes(raw: str, expected: str) -> None:
    assert kept(raw) == expected


def test_a_line_that_repeats_below_the_head_stays() -> None:
    between = "".join(f"第{n}项\n" for n in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥")
    assert kept(f"甲乙丙丁戊己\n{between}甲乙丙丁戊己") == f"甲乙丙丁戊己\n{between}".rstrip("\n")
    assert kept(f"甲乙丙丁戊己\n{between}又一项\n甲乙丙丁戊己").endswith("又一项\n甲乙丙丁戊己")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("1、新修公路。\n\n2、新建桥\n\n3、梁十二座。", "新修公路。新建桥梁十二座。"),  # one of two is in mid-sentence
        ("1、新修公\n\n2、路八公里。", "1、新修公\n\n2、路八公里。"),  # two are no chain
        ("1、新修公\n\n3、路与桥\n\n5、梁。", "1、新修公\n\n3、路与桥\n\n5、梁。"),
        ("1、甲。\n\n2、乙。\n\n3、丙\n\n4、丁。", "1、甲。\n\n2、乙。\n\n3、丙\n\n4、丁。"),  # one of three
        ("7、新修公\n\n1、新修公\n\n2、路与桥\n\n3、梁。", "7、新修公\n\n新修公路与桥梁。"),
        ("1、新修公\n\n2、路与桥\n\n3、梁\n\n9、结束。", "新修公路与桥梁\n\n9、结束。"),
        ("1、他说“好。”\n\n2、她说“好。”\n\n3、完。", "1、他说“好。”\n\n2、她说“好。”\n\n3、完。"),
    ],
)
def test_markers_are_a_chain_of_three_with_half_in_mid_sentence(raw: str, expected: str) -> None:
    assert kept(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("工工作作报报告告范范文文", "工作报告范文"),  # six units
        ("工工作作报报告告范范", "工工作作报报告告范范"),
        ("年度报告范2年度报告范2", "年度报告范2"),  # one unit of six characters
        ("年度报告年度报告", "年度报告年度报告"),
        ("工工作作工工作作工工作作", "工工作作工工作作工工作作"),  # two characters in all
        ("a1b2c工年a1b2c工年", "a1b2c工年a1b2c工年"),  # mostly Latin
        ("桥桥路路水水122334455", "桥桥路路水水122334455"),
    ],
)
def test_a_doubled_run_is_long_varied_and_chinese(raw: str, expected: str) -> None:
    assert kept(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("请登录我们的abc.com“征程”", "请登录我们的“征程”"),  # the verb stands too far off
        ("推进新时代abc.com查询工作", "推进新时代abc.com查询工作"),
        ("推进新时代abc.com工作查询", "推进新时代工作查询"),
    ],
)
def test_a_domain_that_the_sentence_speaks_of_stays(raw: str, expected: str) -> None:
    assert kept(raw) == expected


def test_spaces_at_the_edges_and_runs_of_spaces_go_from_any_line() -> None:
    assert kept("  文号   五  \n\n\n  发布  ") == "文号 五\n\n发布"
    assert kept("\n\n文号\n\n\n\n发布\n\n") == "文号\n\n发布"


def test_spaces_inside_english_prose_stay() -> None:
    prose = "The length of the roads grew by 12 % last year, and, as was planned, 3 bridges were built."
    assert kept(prose) == prose
