"""Numbers written out in words."""

from __future__ import annotations

FULL_WIDTH = str.maketrans("0123456789.,%", "０１２３４５６７８９．，％")

DIGITS = "零一二三四五六七八九"


def chinese(number: int) -> str:
    """Spell a number from 1 to 10**12 - 1 out, as CLDR does for zh."""
    for power, name in ((10**8, "亿"), (10**4, "万"), (1000, "千"), (100, "百"), (10, "十")):
        if number >= power:
            head, rest = divmod(number, power)
            gap = "零" if rest and rest < power // 10 else ""
            return chinese(head) + name + (gap + chinese(rest) if rest else "")
    return DIGITS[number]


def english(number: int) -> str:
    """Spell a number from 1 to 10**12 - 1 out, as CLDR does for en."""
    small = "_ one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    names = f"{small} seventeen eighteen nineteen".split()
    tens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
    for power, name in ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred")):
        if number >= power:
            head, rest = divmod(number, power)
            return f"{english(head)} {name}" + (f" {english(rest)}" if rest else "")
    if number < 20:
        return names[number]
    return tens[number // 10] + (f"-{names[number % 10]}" if number % 10 else "")
