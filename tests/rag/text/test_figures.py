from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.text.figures import figures_missing, find_figures
from tests.support.rag.number_words import DIGITS, FULL_WIDTH, chinese, english

WHOLE = st.one_of(st.integers(0, 9999), st.integers(0, 10**12))
MONTHS = "January February March April May June July August September October November December"


def values(text: str) -> list[tuple[float, str]]:
    return [(float(figure.value), figure.kind) for figure in find_figures(text)]


def the_value(text: str) -> Decimal:
    (figure,) = find_figures(text)
    return figure.value


@given(WHOLE)
@settings(max_examples=500, deadline=None)
def test_digits_grouped_or_wide_have_one_value(number: int) -> None:
    for text in (f"{number}", f"{number:,}", f"{number:,}".translate(FULL_WIDTH), f"共{number:,}名", f"{number}.0"):
        assert the_value(text) == number
    assert the_value(f"{number:,}".replace(",", "\u202f")) == number
    if number >= 10**6:
        assert the_value(f"{number:,}".replace(",", ".")) == number


@given(st.integers(2, 10**12 - 1))
@settings(max_examples=500, deadline=None)
def test_numbers_spelled_out_have_the_value_of_their_digits(number: int) -> None:
    assert the_value(f"共{chinese(number)}名") == number
    assert the_value(f"about {english(number)} pupils") == number
    assert figures_missing(f"{number:,}人", f"共有{chinese(number)}人") == []
    assert figures_missing(english(number), f"共有{number}人") == []


@given(st.integers(1, 10**9), st.integers(0, 4), st.sampled_from(["", " ", "\n", " \n"]))
@settings(max_examples=500, deadline=None)
def test_scaled_numbers_equal_the_same_number_in_full(number: int, places: int, gap: str) -> None:
    decimal = Decimal(number).scaleb(-places)
    for scale, names in ((10**4, ["万", "萬"]), (10**8, ["亿", "億"]), (10**6, ["百万"]), (10**7, ["千万"])):
        for name in names:
            assert the_value(f"{decimal:f}{gap}{name}元") == decimal * scale
    for scale, name in (
        (10**3, "thousand"),
        (10**6, "million"),
        (10**9, "billion"),
        (10**3, "mil"),
        (10**6, "millones"),
    ):
        assert the_value(f"{decimal:f} {name}") == decimal * scale


@given(st.integers(1, 99999), st.integers(0, 3))
@settings(max_examples=500, deadline=None)
def test_percentages_equal_in_every_notation_and_never_the_plain_number(number: int, places: int) -> None:
    percent = Decimal(number).scaleb(-places)
    whole, _, decimals = f"{percent:f}".partition(".")
    spelled = (chinese(int(whole)) if int(whole) else "零") + ("点" + "".join(DIGITS[int(d)] for d in decimals)) * bool(
        decimals
    )
    sign = f"{percent:f}%"
    for text in (sign, sign.translate(FULL_WIDTH), f"{percent:f} percent", f"百分之{percent:f}", f"{percent:f}\n%"):
        assert values(text) == [(float(percent), "percent")]
        assert figures_missing(text, f"达到{sign}。") == []
    if int(whole):
        assert figures_missing(f"百分之{spelled}", sign) == []
    assert [figure.text for figure in figures_missing(sign, f"{percent:f}")] == [sign]
    assert [figure.text for figure in figures_missing(f"{percent:f}名", sign)] == [f"{percent:f}"]


@given(st.integers(1000, 2999), st.integers(1, 12), st.integers(1, 31))
@settings(max_examples=600, deadline=None)
def test_dates_are_one_figure_in_every_notation(year: int, month: int, day: int) -> None:
    digits = "".join("〇一二三四五六七八九"[int(d)] for d in str(year))
    name = MONTHS.split()[month - 1]
    texts = [f"{year}年{month}月{day}日", f"{year} 年 {month} 月 {day} 号", f"{year}-{month:02}-{day:02}"]
    texts += [f"{year}.{month}.{day}", f"{name} {day}, {year}", f"{day} {name} {year}"]
    texts += [f"{digits}年{chinese(month).removeprefix('一') if month > 9 else chinese(month)}月{chinese(day)}日"]
    for text in texts:
        (figure,) = find_figures(text)
        assert (figure.kind, figure.date_parts) == ("date", (year, month, day))
        assert figures_missing(text, texts[0]) == []


@given(st.text(alphabet="0123456789.,%万亿千百十一二三零年月日第成分之点-至 \nkone[]()、", max_size=40))
@settings(max_examples=600, deadline=None)
def test_any_text_is_read_and_holds_its_own_figures(text: str) -> None:
    figures = find_figures(text)
    assert figures_missing(text, text) == []
    assert all(text[figure.start : figure.end] == figure.text != "" for figure in figures)
    assert all(a.end <= b.start for a, b in pairwise(figures))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("新增学位4.07 万个", [(40700, "number")]),
        ("4.07\n万", [(40700, "number")]),
        ("10.8亿", [(1_080_000_000, "number")]),
        ("一千四百名学生", [(1400, "number")]),
        ("三万五", [(35000, "number")]),
        ("一百零五，一百五", [(105, "number"), (150, "number")]),
        ("3万5千，1亿2000万", [(35000, "number"), (120_000_000, "number")]),
        ("20多万人，5余万", [(200_000, "number"), (50_000, "number")]),
        ("5千米，3千", [(5, "number"), (3000, "number")]),
        ("九十点二一", [(90.21, "number")]),
        ("壹仟贰佰元", [(1200, "number")]),
        ("6½ 次", [(6.5, "number")]),
        ("四成，四成五，十成", [(40, "percent"), (45, "percent"), (100, "percent")]),
        (
            "十分之三，一半，百分百，千分之五，3‰",
            [(30, "percent"), (50, "percent"), (100, "percent"), (0.5, "percent"), (0.3, "percent")],
        ),
        ("90,21 %", [(90.21, "percent")]),
        ("87パーセント", [(87, "percent")]),
        ("one-fifth, two thirds", [(20, "percent"), (pytest.approx(66.6666666), "percent")]),
        ("3个百分点", [(3, "points")]),
        ("3 percentage points", [(3, "points")]),
        ("第六届，第6届，6th", [(6, "ordinal"), (6, "ordinal"), (6, "ordinal")]),
        ("十三五", [(13, "ordinal")]),
        ("第十四个五年规划", [(14, "ordinal")]),
        ("二〇一九年", [(20190000, "date")]),
        ("2018년 6월", [(20180600, "date")]),
        ("2019届毕业生", [(20190000, "date")]),
        ("15-18岁", [(15, "number"), (18, "number")]),
        ("15—18%", [(15, "percent"), (18, "percent")]),
        ("3至5万元", [(30000, "number"), (50000, "number")]),
        ("2015-2016 学年", [(20150000, "date"), (20160000, "date")]),
        ("1-6月", [(100, "date"), (600, "date")]),
        ("6月17-20日", [(600, "date"), (17, "date"), (20, "date")]),
        ("1.3 million, 12 thousand and twelve", [(1_300_000, "number"), (12_000, "number"), (12, "number")]),
        ("3 mille, 4k, 2 dozen", [(3000, "number"), (4000, "number"), (24, "number")]),
        ("a hundred and an hour", [(100, "number")]),
        ("two seconds", [(2, "number")]),
        ("12 mil, 5 milliards", [(12_000, "number"), (5_000_000_000, "number")]),
        ("one hundred and five; two and three", [(105, "number"), (2, "number"), (3, "number")]),
        ("¥13.6万，RMB 136,000", [(136_000, "number"), (136_000, "number")]),
        ("3金7银16铜", [(3, "number"), (7, "number"), (16, "number")]),
    ],
)
def test_notation_is_read(text: str, expected: list[tuple[float, str]]) -> None:
    assert values(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "统一部署，万一，十分重要，唯一，之一，三农，五花八门，三位一体，百花，千家万户",
        "三五个，七八个，上百，近千，几十万",
        "一是加强，二是推进",
        "1.加强管理\n2．推进改革\n3、落实",
        "一、总结\n十二、安排",
        "前文。12、善学生",
        "（一）教育 (二)服务",
        "第一，加强；第二，推进",
        "K12 A4 COVID-19 e5-small",
        "结论[1]。[12]",
        "a school, an hour",
    ],
)
def test_what_only_looks_like_a_figure_is_none(text: str) -> None:
    assert [figure.text for figure in find_figures(text)] == []


@pytest.mark.parametrize("text", ["一个机制", "one of them", "首届", "the first half", "the second street", "进一步"])
def test_loose_wording_is_found_but_never_demanded(text: str) -> None:
    assert [figure.loose for figure in find_figures(text)] == [True]
    assert figures_missing(text, "没有数字") == []
    assert figures_missing("1所", "一所学校") == []


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("13.6万元", "给予136000元的互济补助"),
        ("15.15万元", "清退 15.15 万\n元"),
        ("120,000 yuan", "12万元"),
        ("四成", "40%"),
        ("三分之一", "1/3"),
        ("2019年", "2019年6月17日"),
        ("6月17日", "2019年6月17日"),
        ("2019年6月17日", "2019年上半年，6月17日召开"),
        ("2019年6月17日", "2019年6月5日至17日"),
        ("in 2019", "2019年"),
        ("2019年", "2019精选报告"),
        ("1998年", "一千九百九十八年"),
        ("十九届", "第十九届"),
        ("3校", "3所学校"),
        ("34位", "34名"),
        ("47个", "47所"),
        ("12 studios", "组建12个区级工作室"),
        ("2999", "2999年6月"),
        ("199年", "2110年"),
    ],
)
def test_the_same_fact_in_another_notation_stands(sentence: str, quote: str) -> None:
    assert figures_missing(sentence, quote) == []


@pytest.mark.parametrize(
    ("sentence", "quote", "missing"),
    [
        ("1400名", "68名导师和14000名学生", ["1400"]),
        ("10%", "110%", ["10%"]),
        ("1656所", "共1656套", ["1656"]),
        ("5所", "第5所", ["5"]),
        ("3%", "3个百分点", ["3%"]),
        ("2018年6月17日", "2019年上半年，6月17日召开", ["2018年6月17日"]),
        ("2019年6月", "2019年", ["2019年6月"]),
        ("2月", "2020年12月", ["2月"]),
        ("4.07", "4.07万", ["4.07"]),
        ("120,000 dollars", "12万元", ["120,000"]),
        ("三分之一", "33%", ["三分之一"]),
        ("“十四五”", "“十三五”", ["十四五"]),
        ("in 2018", "2019年", ["2018"]),
        ("2019名", "2019年6月", ["2019"]),
        ("2019年6月", "2019精选报告", ["2019年6月"]),
        ("200年", "2111年", ["200"]),  # of the Minguo era only below 200
        ("1月17日", "17日召开", ["1月17日"]),
        ("一点五倍", "两倍", ["一点五"]),
    ],
)
def test_another_fact_does_not_stand(sentence: str, quote: str, missing: list[str]) -> None:
    assert [figure.text for figure in figures_missing(sentence, quote)] == missing


def test_a_figure_knows_its_unit_and_its_place_in_the_original() -> None:
    text = "（共 １，２３４ 名教师，13.6万元）"
    first, second = find_figures(text)
    assert (first.text, first.unit, text[first.start : first.end]) == ("１，２３４", "名", "１，２３４")
    assert (second.text, second.unit, second.value) == ("13.6万", "元", Decimal(136000))


def test_figures_of_absurd_length_are_read() -> None:
    assert the_value("9" * 10_000) == Decimal("9" * 10_000)
    assert [figure.text for figure in figures_missing("9" * 5000, "2019年")] == ["9" * 5000]
