"""The same question in other words: traditional characters, colloquial, with a typo by pinyin, in another order.

Works on Chinese questions alone; every function gives "" where it does not apply. Never touches a figure, and a typo
never a name. Not covered: synonyms, which the encoder has to know.
"""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Final

from rag.evaluation.exam.words import words_of
from rag.text.places import pinyin
from rag.text.unicode import is_chinese
from rag.text.words import traditional

__all__ = ["WORDINGS", "reword"]

_SPOKEN: Final = {
    "由哪个部门负责": "归哪个部门管",
    "由谁负责": "归谁管",
    "由谁": "是谁来",
    "是指什么": "是啥意思",
    "什么是": "啥叫",
    "什么时候": "啥时候",
    "是多少": "到底有多少",
    "百分之多少": "百分之几",
    "达到多少": "到了多少",
    "有多少": "一共有多少",
    "哪些": "哪几种",
}
"""How people speak for how officials write; the first that a question has counts."""
_LEADS: Final = ("请问", "想问下，", "我想知道", "麻烦查一下，", "帮我看看，")
_TAILS: Final = ("呢", "啊", "呀")


def reword(question: str, wording: str, random: Random) -> str:
    """A Chinese question, without its question mark, in other words; "" where that changes nothing."""
    if not is_chinese(question, least=2):
        return ""
    other = WORDINGS[wording](question, random)
    return other if other != question else ""


def _traditional(question: str, _: Random) -> str:
    return traditional(question)


def _colloquial(question: str, random: Random) -> str:
    for formal, spoken in _SPOKEN.items():
        if formal in question:
            question = question.replace(formal, spoken, 1)
            break
    return random.choice(_LEADS) + question + random.choice(_TAILS)


def _typo(question: str, random: Random) -> str:
    """One character of a noun or verb exchanged for another of the same sound."""
    places = [
        word.start + at
        for word in words_of(question)
        if len(word.text) >= 2
        and word.tag in ("n", "v", "vn", "a", "d")
        and is_chinese(word.text, least=len(word.text))
        for at in range(len(word.text))
        if word.text not in _ASKING
    ]
    random.shuffle(places)
    for at in places:
        others = [char for char in _of_sound().get(pinyin(question[at]), "") if char != question[at]]
        if others:
            return question[:at] + random.choice(others) + question[at + 1 :]
    return ""


_ASKING: Final = frozenset(("多少", "什么", "哪些", "时候", "百分之", "根据", "请问"))


def _order(question: str, _: Random) -> str:
    """新增公办幼儿园多少所 -> 公办幼儿园新增多少所."""
    words = words_of(question)
    asks = next((at for at, word in enumerate(words) if word.text in ("多少", "几")), 0)
    verb = next((at for at, word in enumerate(words[:asks]) if word.tag == "v" and word.text in _SWAPS), None)
    if verb is None or not 2 <= asks - verb <= 5 or any(word.tag[:1] in "vpcu" for word in words[verb + 1 : asks]):
        return ""
    start, behind, end = words[verb].start, words[verb + 1].start, words[asks].start
    return question[:start] + question[behind:end] + question[start:behind] + question[end:]


_SWAPS: Final = frozenset(
    "新增 新建 完成 建成 新改建 改建 改造 发放 培训 引进 实现 减少 整治 开工 投入 安排 种植 新开 修建".split()
)

WORDINGS: Final = {"traditional": _traditional, "colloquial": _colloquial, "typo": _typo, "order": _order}
"""Name of a way to put a question in other words -> what does it."""


@cache
def _of_sound() -> dict[str, str]:
    """Sound -> the common characters that have it, by the first level of GB/T 2312-1980 (3,755 characters)."""
    found: dict[str, str] = {}
    for row in range(0xB0, 0xD8):
        for cell in range(0xA1, 0xFF):
            char = bytes((row, cell)).decode("gb2312", errors="ignore")
            if char:
                sound = pinyin(char)
                found[sound] = found.get(sound, "") + char
    return found
