"""Notations that statistics, budgets and traditional texts use."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.text.figures import figures_missing, find_figures, same_figure


def read(text: str) -> list[tuple[float, str, str]]:
    return [(float(figure.value), figure.kind, figure.unit) for figure in find_figures(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("增加7 200個宿位", [(7200, "number", "个")]),
        ("增加7 200 个宿位", [(7200, "number", "个")]),
        ("增加1 234 567", [(1_234_567, "number", "")]),
        ("增加1 234 567.5元", [(1_234_567.5, "number", "元")]),
        ("增加1\u2009234\u2009567", [(1_234_567, "number", "")]),
        ("增加1\u202f234\u202f567.25元", [(1_234_567.25, "number", "元")]),
        ("增加7\u00a0200名", [(7200, "number", "名")]),
        ("增加7 200万元", [(72_000_000, "number", "元")]),
        ("2019 2020", [(2019, "number", ""), (2020, "number", "")]),
        ("小学 12 345", [(12, "number", ""), (345, "number", "")]),
        ("235 678 910", [(235, "number", ""), (678, "number", ""), (910, "number", "")]),
        ("12 345 678 90", [(12, "number", ""), (345, "number", ""), (678, "number", ""), (90, "number", "")]),
        ("1 2 345名", [(1, "number", ""), (2, "number", ""), (345, "number", "名")]),
        ("2019 200名", [(2019, "number", ""), (200, "number", "名")]),
    ],
)
def test_spaces_group_thousands_where_no_table_may_be_meant(text: str, expected: list[tuple[float, str, str]]) -> None:
    assert read(text) == expected


@settings(deadline=None)
@given(
    st.integers(1000, 10**9), st.sampled_from([" ", "\u00a0", "\u2009", "\u202f"]), st.sampled_from(["個", "元", "%"])
)
def test_a_number_grouped_by_spaces_is_read_back(number: int, space: str, unit: str) -> None:
    (figure,) = find_figures(f"共{number:,}{unit}".replace(",", space))
    assert figure.value == number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2.50-4.00元", [(2.5, "number", "元"), (4, "number", "元")]),
        ("2.50-4.00", [(2.5, "number", ""), (4, "number", "")]),
        ("21—49学时", [(21, "number", "学时"), (49, "number", "学时")]),
        ("3%～5%", [(3, "percent", ""), (5, "percent", "")]),
        ("3～5%", [(3, "percent", ""), (5, "percent", "")]),
        ("20-25‰", [(2, "percent", ""), (2.5, "percent", "")]),
        ("3～5個百分點", [(3, "points", ""), (5, "points", "")]),
        ("三至五名", [(3, "number", "名"), (5, "number", "名")]),
        ("三到五成", [(30, "percent", ""), (50, "percent", "")]),
        ("百分之三至五", [(3, "percent", ""), (5, "percent", "")]),
        ("百分之二十至三十", [(20, "percent", ""), (30, "percent", "")]),
        ("2 000-3 000元", [(2000, "number", "元"), (3000, "number", "元")]),
        ("三至五", []),
    ],
)
def test_both_ends_of_a_range_have_the_unit(text: str, expected: list[tuple[float, str, str]]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("学位达4.\n07万个", [(40700, "number", "个")]),
        ("学位达4\n.07万个", [(40700, "number", "个")]),
        ("增长4. \n07%", [(4.07, "percent", "")]),
        ("4.\n07万人参加", [(70000, "number", "人")]),  # a list number where a line begins
        ("共有4.\n12名教师", [(4, "number", ""), (12, "number", "名")]),
    ],
)
def test_a_decimal_that_a_line_end_cuts_is_one_figure(text: str, expected: list[tuple[float, str, str]]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3‰", [(0.3, "percent", "")]),
        ("千分之三", [(0.3, "percent", "")]),
        ("上升0.5個百分點", [(0.5, "points", "")]),
        ("三成五", [(35, "percent", "")]),
        ("八折", [(80, "percent", "")]),
        ("8.5折", [(85, "percent", "")]),
        ("八五折", [(85, "percent", "")]),
        ("85折", [(85, "percent", "")]),
        ("折合三千元", [(3000, "number", "元")]),
        ("2.5億元", [(250_000_000, "number", "元")]),
        ("3萬戶", [(30000, "number", "户")]),
        ("1.2兆元", [(1_200_000_000_000, "number", "元")]),
        ("兩兆元", [(2_000_000_000_000, "number", "元")]),
        ("1兆2,000億元", [(1_200_000_000_000, "number", "元")]),
        ("3萬500名", [(30500, "number", "名")]),
        ("3萬50名", [(30000, "number", ""), (50, "number", "名")]),  # 3万50 may be 30,050 or 35,000
        ("3萬50000元", [(30000, "number", ""), (50000, "number", "元")]),
        ("3萬2019年", [(30000, "number", ""), (20190000, "date", "")]),
        ("100兆宽带", [(100, "number", "")]),
        ("5兆瓦", [(5, "number", "")]),
    ],
)
def test_shares_discounts_and_scales(text: str, expected: list[tuple[float, str, str]]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    "text", ["約7,200名", "近7200名", "7,200餘名", "7200多名", "逾7200名", "超7200名", "７，２００余 名"]
)
def test_what_is_about_a_number_is_read_as_that_number(text: str) -> None:
    assert read(text) == [(7200, "number", "名")]
    assert figures_missing(text, "7200名") == []


@pytest.mark.parametrize("text", ["一波三折", "三折叠屏", "百折不挠", "余名学生"])
def test_words_with_numerals_are_no_figures(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("民國112年4月7日", (2023, 4, 7)),
        ("中華民國一百一十二年四月七日", (2023, 4, 7)),
        ("民國112.4.7", (2023, 4, 7)),
        ("修正日期：112.4.7", (2023, 4, 7)),
        ("112.04.07修正", (2023, 4, 7)),
        ("112年4月7日", (2023, 4, 7)),
        ("112學年度", (2023, 0, 0)),
        ("民國112年", (2023, 0, 0)),
        ("二O一九年六月", (2019, 6, 0)),
        ("２０１９年６月", (2019, 6, 0)),
    ],
)
def test_a_date_is_one_of_the_common_era(text: str, date: tuple[int, int, int]) -> None:
    (figure,) = find_figures(text)
    assert (figure.kind, figure.date_parts) == ("date", date)


@settings(deadline=None)
@given(st.integers(1, 199), st.integers(1, 12), st.integers(1, 31))
def test_a_minguo_date_is_held_by_the_same_date_of_the_common_era(year: int, month: int, day: int) -> None:
    assert figures_missing(f"民國{year}年{month}月{day}日", f"{year + 1911}年{month}月{day}日") == []
    assert figures_missing(f"{year}年", f"民國{year}年{month}月") == []
    assert len(figures_missing(f"民國{year}年{month}月", f"{year + 1910}年{month}月")) == 1


def test_a_dotted_number_that_no_word_makes_a_date_is_none() -> None:
    assert [figure.kind for figure in find_figures("版本112.4.7说明")] == ["number", "number"]


def test_a_year_that_lost_a_zero_is_no_year() -> None:
    assert read("到二三五年建成") == []


def test_figures_are_the_same_by_kind_and_value() -> None:
    one, other, percent = (find_figures(text)[0] for text in ("1.2万人", "12,000名", "12000%"))
    assert same_figure(one, other)
    assert not same_figure(one, percent)
    assert one.value == Decimal(12000)


def test_figures_behind_a_name_with_digits_are_read() -> None:
    assert read("PM2.5平均浓度下降27.4%，K12学校3所") == [(27.4, "percent", ""), (3.0, "number", "所")]
