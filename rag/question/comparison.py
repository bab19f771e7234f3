"""A question that compares -> what is asked of each side alone: "A市2031年建桥比B市多几座" -> "B市2031年建桥是几座".

The sides are places or years that stand in the question. They are joined (2030年和2031年), set against each other (比,
跟, 是 ... 的几倍), or named in two phrases of their own. What compares goes, so that a whole question for one value
is left. By construction alone; where a question is built otherwise, nothing is found.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from rag.question.scope import NamedScope
from rag.text.places import SUFFIXES, place_pattern
from rag.text.unicode import is_chinese
from rag.text.words import simplify
from rag.text.years import year_spans

__all__ = ["Item", "change_questions", "compared_items", "side_questions"]

_MORE: Final = r"(?:增加|减少|增长|下降|提高|降低|[多少高低快慢大小增减升降涨长短好贵强弱])"
_JOINTS: Final = ("", *"和 与 及 跟 同 、 , ， / 以及 还是 或 或者 and or".split(), "and in", "or in")
_LINKS: Final = ("比", "较", "跟", "和", "与", "同", "是")
_LEADS: Final = ("请", "帮我", "比一比", "比一下", "比较一下", "比较", "对比一下", "对比", "同是")
_DIFFERENCES: Final = ("不同", "区别", "差别", "不一样")
_SCOPES: Final = ("全省", "全市", "全县", "全区")
_TAIL: Final = re.compile(
    rf"[，,]?\s*(?:[和与跟同][^，,]{{0,12}})?(?:相比(?:较|之下)?|比较|对比|比)?[，,]?\s*"
    rf"(?:(?:谁|哪(?:一?[个年家座]|边|里|省|市|县|地)?)(?:更|比较|要)?{_MORE}(?:些|一些|一点)?"
    rf"|(?:是|要)?{_MORE}了?(?:还是|没|不|吗|是).*?|怎么?样|如何)(?P<rest>[，,？?].*)?$"
)
_VALUE: Final = re.compile(rf"^[，,]?\s*(?:要|会|还)?(?:相?差|{_MORE})(?:了|出)?(?P<asked>.*)$")
_ASKED: Final = re.compile(r"[^，,。？?]{0,2}(?:多少|几)[^，,。？?]*")
_EACH: Final = re.compile(rf"各自|分别|各(?![级地类项种个方部{SUFFIXES}])")


@dataclass(frozen=True, slots=True)
class Item:
    """A place, a year, or both side by side, at a place of a question.

    Attributes:
        start: Offset of its first character.
        end: Offset behind it.
        named: What it names.
    """

    start: int
    end: int
    named: NamedScope


def compared_items(question: str, named: NamedScope) -> list[Item]:
    """The places of a question, each with the year right beside it; where it names fewer than two, its years."""
    years = [
        Item(span.start, span.end, NamedScope((), span.years))
        for span in year_spans(question)
        if set(span.years) & set(named.years)
    ]
    plain = simplify(question)
    places = [
        Item(match.start(), match.end(), NamedScope((place,), ()))
        for place in named.places
        for match in re.finditer(place_pattern(place), plain if len(plain) == len(question) else question)
    ]
    if len(named.places) < 2:
        return years
    places.sort(key=lambda item: item.start)
    beside = [next((year for year in years if year.start == place.end), None) for place in places]
    if sum(year is not None for year in beside) < 2:
        return places
    return [
        Item(place.start, year.end, NamedScope(place.named.places, year.named.years)) if year else place
        for place, year in zip(places, beside, strict=True)
    ]


def side_questions(question: str, items: Sequence[Item]) -> list[tuple[str, Item]]:
    """What is asked of each of the things that a question compares; empty where it is built in no known way."""
    names = {item.named for item in items}
    if len(names) < 2:
        return []
    if len(items) == len(names) and _are_joined(question, items):
        return [(_joined(question, items, item), item) for item in items]
    if len(names) == 2:
        return _set_against(question, items[-2], items[-1])
    return []


def change_questions(question: str, items: Sequence[Item]) -> list[tuple[str, Item]]:
    """``从2030年到2031年建桥增加了几座``: what is asked of either year; empty where no change is asked for."""
    if len(items) != 2 or question[items[0].end : items[1].start].strip("年末底 ") not in ("到", "至"):
        return []
    before, rest = question[: items[0].start].removesuffix("从"), question[items[1].end :]
    change = re.search(rf"[净新]?{_MORE}了?(?=多少|几)", rest)
    if change is None:
        return []
    what = re.sub(r"^[，,末底]+", "", rest[: change.start()])
    if "比" in what or "较" in what:  # than something else
        return []
    ask = _as_value(rest[change.end() :])
    return [(f"{before}{question[item.start : item.end]}{what}{ask}", item) for item in items]


def _are_joined(question: str, items: Sequence[Item]) -> bool:
    between = [question[one.end : other.start] for one, other in pairwise(items)]
    plain = [text[2:] if text.startswith(_SCOPES) else text for text in between]
    return all(text.strip() in _JOINTS for text in plain)


def _joined(question: str, items: Sequence[Item], item: Item) -> str:
    """``2030年和2031年建桥各几座`` of 2031年: ``2031年建桥几座``."""
    begin, end = items[0].start, items[-1].end
    told = question[item.start : item.end]
    if told.isdigit() and is_chinese(question):
        told += "年"
    end = _behind_count(question, end, len(items))
    before, behind = question[:begin], question[end:]
    which = re.search(r"哪一?[年个](?:[省市县]|城市)?", before)
    if which and before.rstrip().endswith(("，", ",")):  # 哪一年多，2030还是2031，各多少场
        before = before[: which.start()] + told + before[which.end() :].rstrip(" ，,")
        told = ""
    return _value_asked(before + told + behind)


def _behind_count(question: str, end: int, n: int) -> int:
    """Where a word ends that counts the sides: 两省, 两年, 三地."""
    match = re.match(rf"(?:年)?[{'两二' if n == 2 else '三四五'}]个?[年地者{SUFFIXES}](?:的(?=[^\W]))?", question[end:])
    return end + match.end() if match else end


def _set_against(question: str, one: Item, other: Item) -> list[tuple[str, Item]]:
    """``A比B多几座``, ``A是B的几倍``, ``A跟B比是多了还是少了``, ``A和B哪个高``."""
    before = question[: other.start]
    if not before.endswith(_LINKS):
        return _two_phrases(question, one, other)
    first, rest = before[:-1].rstrip("，, "), question[other.end :]
    told = question[other.start : other.end]
    if before.endswith("是"):
        if not rest.rstrip("？?").endswith("倍"):
            return []
        begin = max((first.rfind(mark) + 1 for mark in "，,。；"), default=0)
        first = first[begin:] if one.start >= begin else first
        ask = "是多少？"
        start = one.start - begin if one.start >= begin else one.start
        return [(first + ask, one), (first[:start] + told + first[start + one.end - one.start :] + ask, other)]
    extra, ask = _asked_behind(rest)
    if not ask:
        return []
    swapped = first[: one.start] + told
    core = first[one.end :]
    second = swapped + core
    if extra.endswith("的") and "的" in core:  # 比2030年实际完成的少几座
        second = swapped + extra + core[core.rindex("的") + 1 :].rstrip("，,")
    elif len(extra) > 1 and core and extra[-1] == core.rstrip("，,")[-1:]:
        second = swapped + extra
    return [(_tidy(first) + ask, one), (_tidy(second) + ask, other)]


def _asked_behind(rest: str) -> tuple[str, str]:
    """What a second side says of itself, and what is asked of each; the latter empty where nothing compares."""
    tail = _TAIL.search(rest)
    more = re.search(_MORE, rest)
    if tail and (more is None or tail.start() <= more.start()):
        asked = _ASKED.search(tail["rest"] or "")
        return rest[: tail.start()].rstrip("比"), _as_value(asked.group() if asked else "多少")
    if more is None or not (value := _VALUE.match(rest[more.start() :])):
        return "", ""
    return rest[: more.start()], _as_value(value["asked"])


def _as_value(asked: str) -> str:
    """``多少座`` -> ``是多少座？``, ``兑现了多少`` as it is."""
    asked = re.sub(r"^[相变]?差?了?(?=多少|几)", "", asked).rstrip("？? ")
    return f"{'是' if asked.startswith(('多少', '几')) else ''}{asked}？" if re.search("多少|几", asked) else ""


def _two_phrases(question: str, one: Item, other: Item) -> list[tuple[str, Item]]:
    """``2030年海州的吞吐量和云岭2031年的吞吐量哪个高``: each phrase is a question."""
    tail = _TAIL.search(question, other.end)
    links = [match.start() for match in re.finditer(r"[和与跟]", question[one.end : other.start])]
    if tail is None or len(links) != 1:
        return []
    at = one.end + links[0]
    return [(f"{question[:at]}是多少？", one), (f"{question[at + 1 : tail.start()]}是多少？", other)]


def _value_asked(text: str) -> str:
    """A side's question without what compares: ``海州2031年吞吐量谁高`` -> ``海州2031年吞吐量是多少？``."""
    text = _without_lead(text)
    if "有" in text and text.rstrip("？?").endswith(_DIFFERENCES):
        return text[: text.rindex("有")] + "是什么？"
    text = re.sub(rf"(?:谁|哪[个里边])(的.{{1,12}}?)更?{_MORE}(?=[？?]?$)", r"\1是多少", text)
    if tail := _TAIL.search(text):
        asked = _ASKED.search(tail["rest"] or "")
        return _tidy(text[: tail.start()]) + _as_value(_EACH.sub("", asked.group()) if asked else "多少")
    text = _EACH.sub("", text)
    return re.sub(rf"{_MORE}[，,]\s*各?(?=多少|几)", "是", text)


def _tidy(text: str) -> str:
    return _without_lead(text).rstrip(" ，,：:")


def _without_lead(text: str) -> str:
    lead = next((lead for lead in _LEADS if text.startswith(lead)), "")
    return _without_lead(text[len(lead) :]) if lead else text
