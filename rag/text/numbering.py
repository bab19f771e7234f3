"""Numbers of list items and headings: （一） 三、 第十二条 1. （1） ① 1.2.3, and headings apart from their numbers.

A number's style tells how deep it stands: 第一部分 > 一、 > （一） > 1. > （1） > ① (GB/T 9704-2012, 7.3.3, gives 一、
（一） 1. （1）); Western ones as ``#`` or ``1.`` > ``1.1``. Knows nothing of documents; which numbers are headings is
told by :mod:`rag.documents.structure`.

Not covered: letters and Roman numerals; Chinese numbers beyond 99.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from rag.text.years import YEAR

__all__ = [
    "BEGINS_ITEM",
    "DIGITS",
    "LIST_NUMBER",
    "HeadingNumber",
    "Style",
    "chinese_ordinal",
    "counted",
    "is_own_heading",
    "item_number",
    "ordinal_value",
    "read_heading_number",
    "strip_list_mark",
    "strip_number",
    "tidy_heading",
]

DIGITS: Final = "一二三四五六七八九十百零〇"
"""Characters of Chinese list numbers, as a part of a regular expression between brackets."""
_ORDINAL: Final = "[一二三四五六七八九十]{1,3}"
_MOST: Final = 99


class Style(Enum):
    """How a number is written; from the outermost to the innermost."""

    MARKDOWN = auto()
    PART = auto()  # 第一部分, 第二编, 第三章
    SECTION = auto()  # 第一节
    ARTICLE = auto()  # 第十二条
    CHINESE = auto()  # 一、
    CHINESE_PAREN = auto()  # （一）
    ARABIC = auto()  # 1.  1.2
    ARABIC_PAREN = auto()  # （1）
    CIRCLED = auto()  # ①


@dataclass(frozen=True, slots=True)
class HeadingNumber:
    """A number at the head of a line or sentence.

    Attributes:
        style: How it is written.
        value: The number; 0 where it has none (``##``) or where that cannot be told.
        level: Of ``##`` and ``1.2`` how many parts it has; else 1.
        start: Offset of its first character.
        end: Offset behind it and the space that follows.
    """

    style: Style
    value: int
    level: int
    start: int
    end: int


_HEADING: Final = re.compile(
    rf"(?P<MARKDOWN>\#{{1,6}})[ ]+"
    rf"|第(?P<PART>[{DIGITS}\d]+)(?:部分|[编篇章])[ :：、.．]*"
    rf"|第(?P<SECTION>[{DIGITS}\d]+)节[ :：、.．]*"
    rf"|第(?P<ARTICLE>[{DIGITS}\d]+)条[ :：、.．]*"
    rf"|(?P<CHINESE>[{DIGITS}]{{1,4}})[、.．][ ]*"
    rf"|[（(](?P<CHINESE_PAREN>[{DIGITS}]{{1,4}})[)）][ 、.．]*"
    rf"|(?P<ARABIC>\d{{1,3}}(?:[.．]\d{{1,3}}){{0,3}})(?:[、.．](?!\d)[ ]*|[ ]+(?=[^\d\s]))"
    rf"|[（(](?P<ARABIC_PAREN>\d{{1,2}})[)）][ 、.．]*"
    rf"|(?P<CIRCLED>[①-⑳])[ 、.．]*"
)
_ITEM: Final = re.compile(
    rf"\s*(?:[（(](?P<n>{_ORDINAL}|\d{{1,2}})[)）]|第?(?P<m>{_ORDINAL}|\d{{1,2}})(?:[、.．,，](?!\d)|是))"
)
_COUNTED: Final = re.compile(
    rf"(?P<which>哪)?(?<![\d.第零一二三四五六七八九十百千万亿两])(?P<n>二|两|{_ORDINAL}|\d{{1,2}})(?:个|项|类|大|点|条|方面|种)"
)
BEGINS_ITEM: Final = re.compile(
    r"\s*(?:[（(]?[一二三四五六七八九十百\d]+(?:[)）、]|[.．](?!\d))|第[一二三四五六七八九十百\d]+[部章节条篇编]|[#•·▪◦●○*>|-])"
)
"""What a line of a list, or a heading with a number, begins with."""
LIST_NUMBER: Final = re.compile(
    rf"(\d{{1,3}}|[{DIGITS}千两]{{1,3}})([、)）](?!\d)|[.．](?!\d)|[、.．](?={YEAR}\s*年))(?=\s*\S)|"
    rf"第[{DIGITS}千两]{{1,2}}[,，、：]|[(（]\d{{1,2}}[)）]"
)
"""A list number where a line or sentence starts: no figure."""
_BARE: Final = re.compile(rf"(?:[{DIGITS}]{{1,4}}|\d+(?:[.．]\d+)*)(?:[)）]|(?= ))[ :：]*")
_LIST_MARK: Final = re.compile(r"(?:[-*•·](?![\d*])|\(?\d{1,2}[.、)）](?!\d))\s*")
_END_MARKS: Final = " 。；;：:！!？?，,"


def read_heading_number(text: str, start: int, end: int) -> HeadingNumber | None:
    """Read the number that stands at a place of a text, at the head of a heading or item.

    >>> read_heading_number("（十一）队伍建设", 0, 8).value, read_heading_number("1.2 目标", 0, 6).level
    (11, 2)
    """
    match = _HEADING.match(text, start, end)
    if match is None:
        return None
    style = Style[match.lastgroup or ""]
    number = match[style.name]
    if style is Style.MARKDOWN:
        return HeadingNumber(style, 0, len(number), start, match.end())
    if style is Style.CIRCLED:
        return HeadingNumber(style, ord(number) - ord("①") + 1, 1, start, match.end())
    pieces = re.split(r"[.．]", number)
    return HeadingNumber(style, ordinal_value(pieces[-1]), len(pieces), start, match.end())


def item_number(text: str) -> int:
    """The number at a sentence's head: ``（三）``, ``十二、``, ``3.``, ``三是``, ``第三，``; 0 where there is none."""
    match = _ITEM.match(text)
    return ordinal_value(match["n"] or match["m"]) if match else 0


def counted(text: str) -> int:
    """How many things a text counts: ``哪三方面``, ``五项``, ``哪十二项``; 0 where it does not say.

    What is asked for with 哪 goes before other counts. Neither an ordinal (第三项) nor the end of a longer number
    (112个, 一百二十项) is a count.
    """
    counts = [(match["which"] is None, match.start(), _count(match["n"])) for match in _COUNTED.finditer(text)]
    return min((each for each in counts if each[2] > 1), default=(True, 0, 0))[2]


def _count(written: str) -> int:
    return 2 if written == "两" else ordinal_value(written)


def ordinal_value(written: str) -> int:
    """The value of a list number in digits or Chinese numerals up to 99; 0 where it is none.

    >>> ordinal_value("十二"), ordinal_value("7"), ordinal_value("三五")
    (12, 7, 0)
    """
    if written.isdigit():
        return int(written)
    return _VALUES.get(written, 0)


def chinese_ordinal(number: int) -> str:
    """Write 1 to 99 as headings do: 一, 十, 十二, 二十, 九十九."""
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else DIGITS[tens - 1] + "十") + (DIGITS[ones - 1] if ones else "")


_VALUES: Final = {chinese_ordinal(number): number for number in range(1, _MOST + 1)}


def strip_number(title: str) -> str:
    """A heading without its number; a numeral without a mark behind it is a word's own (五育并举, 2031年).

    >>> strip_number("（一）码头"), strip_number("一 总则"), strip_number("五育并举")
    ('码头', '总则', '五育并举')
    """
    number = read_heading_number(title, 0, len(title))
    if number:
        return title[number.end :].lstrip(" :：")
    return _BARE.sub("", title, count=1) if _BARE.match(title) else title


def strip_list_mark(text: str) -> str:
    """A line without its bullet or number; neither the sign of a figure nor the half of a bold word is a bullet."""
    mark = _LIST_MARK.match(text)
    return text[mark.end() :] if mark else text


def tidy_heading(title: str) -> str:
    """A heading as paths of headings have it: in one line, without ``#`` and end marks."""
    return re.sub(r"\s+", " ", title.lstrip("# ")).strip(_END_MARKS)


def is_own_heading(text: str, heading: Sequence[str]) -> bool:
    """Whether a sentence is the very heading that it stands under."""
    return bool(heading) and tidy_heading(text) == heading[-1]
