"""Numbers of lists as office programs show them."""

from __future__ import annotations

import pytest

from rag.documents.load.office.counting import written_number


@pytest.mark.parametrize(
    ("style", "shown"),
    [
        ("decimal", "1 9 10 11 20 21 99 100 105 110 120 1000 1023"),
        ("chineseCounting", "一 九 十 十一 二十 二十一 九十九 一〇〇 一〇五 一一〇 一二〇 一〇〇〇 一〇二三"),
        (
            "chineseCountingThousand",
            "一 九 十 十一 二十 二十一 九十九 一百 一百零五 一百一十 一百二十 一千 一千零二十三",
        ),
        (
            "chineseLegalSimplified",
            "壹 玖 拾 拾壹 贰拾 贰拾壹 玖拾玖 壹佰 壹佰零伍 壹佰壹拾 壹佰贰拾 壹仟 壹仟零贰拾叁",
        ),
        ("upperRoman", "I IX X XI XX XXI XCIX C CV CX CXX M MXXIII"),
    ],
)
def test_numbers_up_to_thousands(style, shown):
    numbers = (1, 9, 10, 11, 20, 21, 99, 100, 105, 110, 120, 1000, 1023)
    assert [written_number(number, style) for number in numbers] == shown.split()


@pytest.mark.parametrize(
    ("style", "number", "shown"),
    [
        ("decimalEnclosedCircle", 20, "⑳"),
        ("decimalEnclosedCircle", 21, "21"),
        ("decimalEnclosedParen", 3, "⑶"),
        ("ideographEnclosedCircle", 10, "㊉"),
        ("ideographTraditional", 10, "癸"),
        ("ideographTraditional", 11, "11"),
        ("ideographZodiacTraditional", 13, "丙子"),
        ("ideographDigital", 10, "一〇"),
        ("decimalFullWidth", 12, "１２"),
        ("lowerLetter", 28, "bb"),
        ("ordinal", 2, "2nd"),
        ("ordinal", 12, "12th"),
        ("numberInDash", 3, "- 3 -"),
        ("hex", 26, "1A"),
        ("none", 3, ""),
        ("chosung", 3, "3"),
        ("chineseCounting", 0, "0"),
        ("upperRoman", 10**9, "1000000000"),
    ],
)
def test_other_ways_of_counting(style, number, shown):
    assert written_number(number, style) == shown
