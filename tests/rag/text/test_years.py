"""Years in a text, and the text without them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.text.years import (
    digits_of_han_years,
    find_years,
    lists_years,
    periods,
    spans_years,
    strip_plain_years,
    strip_years,
)

HAN = "〇一二三四五六七八九"


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2031年", (2031,)),
        ("2032年和2031年", (2031, 2032)),
        ("2015-2016学年", (2015, 2016)),
        ("2012~2014年", (2012, 2014)),
        ("2019—2021年", (2019, 2021)),
        ("2019-2021", (2019, 2021)),
        ("2031年至2033年", (2031, 2033)),
        ("2031至2033年", (2031, 2033)),
        ("2031、2032", (2031, 2032)),
        ("in 2031", (2031,)),
        ("2019/20 school year", (2019, 2020)),
        ("2019-20", (2019, 2020)),
        ("2011/12学年", (2011, 2012)),
        ("2015-17年", (2015, 2017)),
        ("2011/12", (2011,)),  # may be a month
        ("2012/13", (2012, 2013)),
        ("2019-25", (2019,)),
        ("2019-12学年", (2019,)),  # no range runs backwards
        ("FY2019", (2019,)),
        ("FY19/20", (2019, 2020)),
        ("二〇三一年", (2031,)),
        ("一九九八年", (1998,)),
        ("二零一九年", (2019,)),
        ("二○一九年", (2019,)),
        ("二O一九年", (2019,)),
        ("二OO九年", (2009,)),
        ("二〇一九至二〇二一年", (2019, 2021)),
        ("２０１９年", (2019,)),
        ("２０１９－２０２１年", (2019, 2021)),
        ("民國112年", (2023,)),
        ("中華民國一百一十二年", (2023,)),
        ("民国元年", (1912,)),
        ("民國112.4.7", (2023,)),
        ("112年4月7日", (2023,)),
        ("112年度預算", (2023,)),
        ("112學年度", (2023,)),
        ("修正日期：112.4.7", (2023,)),
        ("112.4.7公布", (2023,)),
        ("2019.6.30", (2019,)),
        ("2019.06", (2019,)),
        ("2019年级部", (2019,)),
        ("2010年代", (2010,)),
        ("2025 天舟市志", (2025,)),
    ],
)
def test_a_year_is_read_in_every_notation(text: str, years: tuple[int, ...]) -> None:
    assert find_years(text) == years


@pytest.mark.parametrize(
    "text",
    [
        "20195个座位",
        "12019年",
        "3.2019",
        "编号20310615",
        "1899年",
        "",
        "二三五年",  # 〇 is lost: 2035, or 235, or 二三 and 五
        "二一九年",
        "九八年",
        "98年",
        "一千九百九十八",
        "二〇一九",
        "112年",
        "连续112年",
        "民國0年",
        "民國200年",
        "第112.4.7节",
        "版本112.4.7",
    ],
)
def test_what_is_no_sure_year_stays_unread(text: str) -> None:
    assert find_years(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "投入2019万元",
        "投入２０１９萬元",
        "共有2015名教师",
        "共有2015 名教师",
        "2019人参加",
        "2019余名学生",
        "2019多个项目",
        "2019個名額",
        "2019亿",
        "2019.5亩",
        "2019-2021名",
        "2019%",
        "¥2019",
        "US$2019",
        "共有2019",
        "第2019号",
        "2019所小学",
        "2019平方米",
        "2019户居民",
    ],
)
def test_four_digits_of_a_quantity_are_no_year(text: str) -> None:
    assert find_years(text) == ()


@pytest.mark.parametrize(
    "behind", "个人总结 名师工程 人才工作 元旦晚会 本科招生 家长会 校园招聘 节能行动 多媒体教学".split()
)
def test_a_word_that_begins_like_a_measure_word_makes_no_quantity(behind: str) -> None:
    assert find_years(f"2019{behind}") == (2019,)


@settings(deadline=None)
@given(st.lists(st.integers(1900, 2099), max_size=6), st.sampled_from(["年", "年度", " and ", "、"]))
def test_every_year_named_is_found_once_and_in_order(years: list[int], behind: str) -> None:
    assert find_years("".join(f"{year}{behind}" for year in years)) == tuple(sorted(set(years)))


def full_width(year: int) -> str:
    return str(year).translate(str.maketrans("0123456789", "０１２３４５６７８９"))


def han(year: int) -> str:
    return "".join(HAN[int(digit)] for digit in str(year))


@settings(deadline=None)
@given(
    st.integers(1912, 2099),
    st.sampled_from(
        [
            str,
            full_width,
            han,
            lambda year: han(year).replace("〇", "零"),
            lambda year: han(year).replace("〇", "○"),
            lambda year: f"民國{year - 1911}",
        ]
    ),
    st.sampled_from(["年", "年度", "学年", "年6月", "年工作总结"]),
)
def test_a_year_is_read_back_from_each_notation(year: int, write, behind: str) -> None:
    assert find_years(f"关于{write(year)}{behind}") == (year,)


@settings(deadline=None)
@given(st.integers(1900, 2099), st.sampled_from("万元 名教师 个项目 所学校 套设备 亿元 户居民 公里公路 座桥".split()))
def test_a_measured_number_is_never_a_year(number: int, measured: str) -> None:
    text = f"建成{number}{measured}"
    assert find_years(text) == ()
    assert strip_years(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("锡林郭勒盟2019年新建多少座桥？", "锡林郭勒盟新建多少座桥？"),
        ("2019万元的项目有哪些？", "2019万元的项目有哪些？"),
        ("２０１９年度新建多少？", "新建多少？"),
        ("二〇一九年和2020年新建多少？", "和新建多少？"),
        ("2019年6月新建多少？", "6月新建多少？"),
        ("2015-2016学年招生", "招生"),
        ("民國112年招生", "招生"),
    ],
)
def test_the_year_is_cut_and_nothing_else(text: str, left: str) -> None:
    assert strip_years(text) == left


def test_years_that_stay_keep_their_place_and_links_go_with_the_others() -> None:
    assert strip_years("2016年和2017年各建桥多少座？", keep=(2017,), links=True) == "2017年各建桥多少座？"
    assert strip_years("2016年和2017年各建桥多少座？", keep=(2016,), links=True) == "2016年各建桥多少座？"
    assert strip_years("2016 and 2017", keep=(2016,), links=True) == "2016 "


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("2031年建桥12座", " 建桥12座"),
        ("2030-2031学年招生", " 招生"),
        ("built in 2031 by", "built in   by"),
        ("共2031座", "共2031座"),
        ("2031、2032", "2031、2032"),
        ("2031年6月17日", "2031年6月17日"),
        ("二〇三一年六月", "二〇三一年六月"),
        ("2031年86公里", " 86公里"),
        ("12031年", "12031年"),
    ],
)
def test_plain_years_go_and_figures_and_dates_stay(text: str, left: str) -> None:
    assert strip_plain_years(text) == left


def test_a_range_is_one_period() -> None:
    assert periods("2015-2016学年") == [(2015, 2016)]
    assert periods("2020-21与2019年，2019年") == [(2019,), (2020, 2021)]


@pytest.mark.parametrize(
    ("text", "is_range"),
    [
        ("2015-2016学年", False),  # one period
        ("2015年到2016年", True),
        ("2015年3月至2016年", True),
        ("between 2015 and 2016", True),
        ("from 2015 to 2016", True),
        ("2015年和2016年", False),
        ("2015 and 2016", False),
        ("from 2015 the roads of 2016", False),
        ("2015年", False),
        ("", False),
    ],
)
def test_a_range_is_told_from_two_years(text: str, is_range: bool) -> None:
    assert spans_years(text) == is_range


@pytest.mark.parametrize(
    ("text", "is_list"),
    [
        ("2016年和2017年", True),
        ("2016年度以及2017年", True),
        ("2016 and in 2017", True),
        ("2030年启动、2031年竣工的", True),
        ("2030年启动的工程，2031年", False),
        ("2016年", False),
    ],
)
def test_years_side_by_side(text: str, is_list: bool) -> None:
    assert lists_years(text) == is_list


def test_years_of_chinese_numerals_become_digits_in_place() -> None:
    assert digits_of_han_years("二〇一九年的三座桥，一九九八年") == "2019年的三座桥，1998年"
    assert digits_of_han_years("二三五年") == "二三五年"
