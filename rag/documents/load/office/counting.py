"""The number of a list's item as an office program shows it: 3 as 三, ③, iii, 丙. Pure; knows no format of files.

Formats are named as WordprocessingML names them. An unknown one is shown in plain digits.

Not covered: numbers in the letters of Arabic, Hebrew, Hindi, Japanese, Korean, Russian and Thai, and in English words;
they are shown in plain digits.

Source: ECMA-376-1:2016, 17.18.59 ST_NumberFormat; 十 and not 一十 before another numeral, as Word shows it.
"""

from __future__ import annotations

from typing import Final

__all__ = ["written_number"]

_DIGITS: Final = "零一二三四五六七八九"
_UNITS: Final = "千百十"
_FORMAL: Final = {
    "chineseLegalSimplified": str.maketrans(_DIGITS + _UNITS, "零壹贰叁肆伍陆柒捌玖仟佰拾"),
    "ideographLegalTraditional": str.maketrans(_DIGITS + _UNITS, "零壹貳參肆伍陸柒捌玖仟佰拾"),
}
_ROMAN: Final = tuple(
    zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"),
        strict=True,
    )
)
_WIDE: Final = "".join(map(chr, range(0xFF10, 0xFF1A)))
_STEMS: Final = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES: Final = "子丑寅卯辰巳午未申酉戌亥"
# Format -> what stands for 1, 2, 3 ...; beyond the last one digits are shown.
_SERIES: Final = {
    "decimalEnclosedCircle": "".join(map(chr, range(0x2460, 0x2474))),
    "decimalEnclosedCircleChinese": "".join(map(chr, range(0x2460, 0x2474))),
    "decimalEnclosedParen": "".join(map(chr, range(0x2474, 0x2488))),
    "decimalEnclosedFullstop": "".join(map(chr, range(0x2488, 0x249C))),
    "ideographEnclosedCircle": "".join(map(chr, range(0x3280, 0x328A))),
    "ideographTraditional": _STEMS,
    "ideographZodiac": _BRANCHES,
}
_POSITIONAL: Final = {
    "ideographDigital": "〇一二三四五六七八九",
    "japaneseDigitalTenThousand": "〇一二三四五六七八九",
    "taiwaneseDigital": "○一二三四五六七八九",
    "decimalFullWidth": _WIDE,
    "decimalFullWidth2": _WIDE,
}
_COUNTING: Final = frozenset({"chineseCounting", "taiwaneseCounting"})
_GROUPED: Final = frozenset(
    {"chineseCountingThousand", "taiwaneseCountingThousand", "japaneseCounting", "koreanDigital2", *_FORMAL}
)
_MOST: Final = 9999  # of numbers that are written in words or letters


def written_number(number: int, style: str) -> str:
    """A number as a list shows it.

    >>> [written_number(13, style) for style in ("decimal", "chineseCounting", "lowerRoman", "decimalEnclosedCircle")]
    ['13', '十三', 'xiii', '⑬']
    """
    if style in ("none", "bullet"):
        return ""
    if not 0 < number <= _MOST:
        return str(number)
    if style in _SERIES:
        series = _SERIES[style]
        return series[number - 1] if number <= len(series) else str(number)
    if style in _POSITIONAL or (style in _COUNTING and number > 99):
        digits = _POSITIONAL.get(style, _POSITIONAL["ideographDigital"])
        return str(number).translate(str.maketrans("0123456789", digits))
    if style in _GROUPED or style in _COUNTING:
        return _chinese(number).translate(_FORMAL.get(style, {}))
    return _latin(number, style)


def _latin(number: int, style: str) -> str:
    letter = chr(ord("A") + (number - 1) % 26) * ((number - 1) // 26 + 1)
    forms = {
        "upperRoman": _roman(number),
        "lowerRoman": _roman(number).lower(),
        "upperLetter": letter,
        "lowerLetter": letter.lower(),
        "decimalZero": f"{number:02d}",
        "numberInDash": f"- {number} -",
        "hex": f"{number:X}",
        "ordinal": f"{number}{_ordinal_ending(number)}",
        "ideographZodiacTraditional": _STEMS[(number - 1) % 10] + _BRANCHES[(number - 1) % 12],
    }
    return forms.get(style, str(number))


def _chinese(number: int) -> str:
    """Up to 9999: 二十三, 一百零五, 三千零二十."""
    text, gap = "", False
    for place, digit in enumerate(f"{number:04d}"):
        gap = gap or (digit == "0" and bool(text))
        if digit != "0":
            text += ("零" if gap else "") + _DIGITS[int(digit)] + _UNITS[place : place + 1]
            gap = False
    return text.removeprefix("一") if text.startswith("一十") else text


def _roman(number: int) -> str:
    text = ""
    for value, letters in _ROMAN:
        text += letters * (number // value)
        number %= value
    return text


def _ordinal_ending(number: int) -> str:
    return "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
