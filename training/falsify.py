"""Questions that a text does not answer, made from ones that it does: another type of answer, or another thing.

A question is changed in one place, and only where the text can be shown not to answer what it became.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

__all__ = ["other_attribute", "other_thing"]

_WHEN: Final = re.compile("什么时候|什么时间|何时|哪一年|哪年|何年|哪一天|几月几日")
_WHERE: Final = re.compile("在哪里|哪里|何处|何地|什么地方|哪个地方|哪个城市|哪个国家")
_WHO: Final = re.compile("谁|哪位|何人|哪个人|哪一位|哪一个人")
_COUNT: Final = re.compile(
    "(?:多少|几)(?P<unit>人|名|个|位|座|所|万元|元|公里|米|岁|年|次|票|分|吨|项|家|套|台|亩|张|本|天|小时|平方公里)"
)
_UNITS: Final[list[str]] = "人 名 个 位 座 所 万元 元 公里 米 岁 年 次 吨 项 家 套 台 亩 天 小时 平方公里".split()
_COUNTED: Final = "多少{unit}|多少万{unit}|百分之多少|几{unit}".split("|")
_DATE: Final = re.compile(
    r"\d{2,4}\s*年|[一二三四五六七八九〇零○十]{2,4}年|\d+\s*[月日]|世纪|年代|时期|当年|去年|今年|[周月日]"
)
_FIGURE: Final = re.compile(r"\d|[一二三四五六七八九十百千万两]")
_PLACE: Final = re.compile("[省市县区州国镇乡村路街洲岛山河湖海]|[东西南北]部|位于|地处")
_SHARE: Final = re.compile("%|％|百分|成")
# What may be asked for instead: the words, the kind that asks for the same, and what would answer it.
_ASKED: Final = (
    ("什么时候", _WHEN, _DATE),
    ("在哪里", _WHERE, _PLACE),
    ("花了多少钱", None, _FIGURE),
    ("有多少人", None, _FIGURE),
    ("占百分之几", None, _FIGURE),
)
# What names one thing among others: a year, another figure, a title, a quoted or a Latin name.
_THINGS: Final = (
    re.compile(r"(?<!\d)(?:1[0-9]|20)\d{2}(?=年)"),
    re.compile(r"《[^《》]{1,20}》"),
    re.compile(r"[“「『][^“”「」『』]{1,16}[”」』]"),
    re.compile(r"[A-Za-z][A-Za-z0-9.\-]*(?: [A-Z][A-Za-z0-9.\-]*)*"),
    re.compile(r"(?<![\d.\-–])\d{1,4}(?![\d.\-–]|年)"),
    re.compile(r"第[一二三四五六七八九十]"),
)
_ENGLISH_THINGS: Final = (
    _THINGS[0],
    re.compile(r"(?<=[a-z] )[A-Z][\w.\-]*(?: [A-Z][\w.\-]*)*"),
    re.compile(r"(?<![\d.\-–])\d{1,4}(?![\d.\-–])"),
)


def other_attribute(question: str, text: str, rng: Random) -> str | None:
    """The question asking for something that the text does not tell, or None where that cannot be made sure of."""
    options = [_other_unit(question, match, text, rng)] if (match := _COUNT.search(question)) else []
    for pattern in (_WHEN, _WHERE, _WHO):
        if match := pattern.search(question):
            asked = [word for word, kind, told in _ASKED if kind is not pattern and not told.search(text)]
            if asked:
                before = question[: match.start()].rstrip("在於于")
                options.append(before + rng.choice(asked) + question[match.end() :])
    possible = [option for option in options if option]
    return rng.choice(possible) if possible else None


def _other_unit(question: str, match: re.Match[str], text: str, rng: Random) -> str | None:
    units = [unit for unit in _UNITS if unit != match["unit"] and unit not in text]
    if not units:
        return None
    asked = rng.choice(_COUNTED).format(unit=rng.choice(units))
    if "百分之" in asked and _SHARE.search(text):
        return None
    return question[: match.start()] + asked + question[match.end() :]


def other_thing(question: str, text: str, others: Sequence[str], rng: Random, *, lang: str = "zh") -> str | None:
    """The question about another year, title, name or number than the text tells of; None where it names none.

    Args:
        question: A question that the text answers.
        text: The text, with its heading.
        others: Other questions, whose names are taken.
        rng: Draws which.
        lang: Language of the question: in English only what is written with a capital is a name.
    """
    options = []
    for pattern in _ENGLISH_THINGS if lang == "en" else _THINGS:
        for match in pattern.finditer(question):
            if match.group() not in text:
                continue  # the text may mean the same thing by another name
            found = [name for other in others for name in pattern.findall(other)]
            found = [name for name in found if name not in text and name != match.group()]
            if match.group().isdigit() and not found:
                near = [int(match.group()) + step for step in (-3, -2, -1, 1, 2, 3, 10)]
                found = [str(n) for n in near if n > 0 and str(n) not in text]
            if found:
                options.append(question[: match.start()] + rng.choice(found) + question[match.end() :])
    return rng.choice(options) if options else None
