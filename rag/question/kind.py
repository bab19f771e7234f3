"""What kind of answer a question asks for: a section, a count, yes or no, arithmetic, several things, small talk.

The one home of the words by which this is told. Does not search and reads no document.
"""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

from rag.text.sentences import split_clauses
from rag.text.words import simplify

__all__ = ["Operation", "asked_operation", "asks_for_section", "asks_whether", "count_asked", "is_small_talk"]

Operation: TypeAlias = Literal["difference", "sum", "ratio"]


_MORE: Final = r"(?:多|少|高|低|增|减|增加|减少|增长|下降|提高|降低|大|小|长|短)"


_ASKED: Final[dict[Operation, re.Pattern[str]]] = {
    "ratio": re.compile(r"[几多]少?倍|how many times|combien de fois|cuántas veces|何倍|몇 배", re.IGNORECASE),
    "difference": re.compile(
        rf"相差|差(?:距|额|值|了)?(?:是|为)?[多几]|(?:比|较|相比).*{_MORE}(?:出|了)?(?:多少|几|百分之几)"
        r"|(?:比|较|相比).*(?:多|少)[\u4e00-\u9fff]{1,4}?(?:多少|几)"  # 多建多少所
        r"|how (?:many|much) (?:\w+ )?(?:more|fewer|less|higher|lower|larger|smaller)\b|\bdifference\b"
        r"|différence|\bde (?:plus|moins) que|diferencia|\b(?:más|menos)\b.*\bque\b|の差|どれだけ(?:多|少)|차이",
        re.IGNORECASE,
    ),
    "sum": re.compile(
        r"(?:一|总)共|合计|共计|总计|总和|加起来|加在一起|\b(?:in total|altogether|combined|together|the sum)\b"
        r"|au total|en total|合わせて|합계|모두",
        re.IGNORECASE,
    ),
}


def asked_operation(question: str) -> Operation | None:
    """The arithmetic that a question asks for.

    >>> asked_operation("2020年比2019年多几所？"), asked_operation("2019年有几所？")
    ('difference', None)
    """
    return next((operation for operation, pattern in _ASKED.items() if pattern.search(question)), None)


SECTION_WORDS = re.compile(
    r"概括|归纳|概述|简述|总结一下|综述|梳理|介绍|主要内容|哪些|哪几|哪(?:[二两三四五六七八九十]|\d{1,2}[个项类大点条方种])|分别|要点|措施|做法|打算|举措|怎样|如何|怎么"
    r"|summar|overview|outline|list |which (?:\w+ )?(?:measures|steps|areas)|what (?:are|were) the|how does|how will",
    re.IGNORECASE,
)


# Neither an ordinal (第三项) nor the end of a longer number (十二项, 112个) is a count.
COUNT = re.compile(
    r"(?<![\d.第一二三四五六七八九十])(?P<n>[二两三四五六七八九十]|\d{1,2})(?:个|项|类|大|点|条|方面|种)"
)


NUMBERS = {"二": 2, "两": 2, **{digit: n for n, digit in enumerate("三四五六七八九十", start=3)}}


def asks_for_section(question: str) -> bool:
    """Whether a question asks for a list or for what a whole section says, and not for one fact."""
    return bool(SECTION_WORDS.search(simplify(question)))


def count_asked(question: str) -> int:
    """How many things a question asks for ("哪三方面", "五项"); 0 where it does not say."""
    asked = COUNT.search(question)
    return (NUMBERS.get(asked["n"]) or int(asked["n"])) if asked else 0


def is_plain(question: str) -> bool:
    """Whether a question has one clause, in Chinese: then one sentence answers it, and that ranks high.

    Across languages only the dense ranker helps, and the sentence may stand further down.
    """
    return len(split_clauses(question)) < 2 and bool(re.search(r"[\u4e00-\u9fff]{4}", question))


_WHETHER: Final = re.compile(
    r"吗\s*[？?]*\s*$|是不是|是否|有没有|对不对|对吗|属实|^(?:is|are|was|were|did|does|do|has|have|had|will|isn't|didn't)\b"
    r"|ですか[？?]?$|ましたか|습니까|나요\??$|^est-ce que",
    re.IGNORECASE,
)


_ASKS_WHAT: Final = re.compile(r"多少|几|何[校人名校個]|\bhow (?:many|much)\b|\bwhat\b|\bwhich\b", re.IGNORECASE)


def asks_whether(question: str) -> bool:
    """Whether a question wants a yes or a no.

    >>> asks_whether("是2019年的计划吗？"), asks_whether("新建多少所？")
    (True, False)
    """
    text = simplify(question).strip()
    return bool(_WHETHER.search(text)) and not _ASKS_WHAT.search(text)


_SEVERAL: Final = re.compile(
    r"分别|各(?:是|为|有|多少|几|自)|以及|哪些|哪几|哪[二两三四五六七八九十]|[几多][^？?]{0,16}[几多]少?|和[^，？?]{1,16}(?:分别|各)"
    r"|\bboth\b|\brespectively\b|\beach\b|\bwhich\b.*\b(?:are|were)\b",
    re.IGNORECASE,
)


def asks_several(query: str) -> bool:
    return len(split_clauses(query)) > 1 or asks_for_section(query) or bool(_SEVERAL.search(query))


_SMALL_TALK: Final = re.compile(
    r"(?:您好|你好|大家好|嗨|哈喽|早上好|下午好|晚上好|早安|晚安|再见|拜拜|谢谢|多谢|感谢|辛苦了|在吗|在不在|你是谁|你叫什么(?:名字)?"
    r"|你(?:能|会|可以)(?:做|干)?(?:些)?什么|好的|收到|明白了?|哈+|呵+"
    r"|ok|okay|hi|hello|hey|thanks?|thank you(?: very much)?"
    r"|good (?:morning|afternoon|evening|night)|bye|goodbye|who are you|how are you|what can you do"
    r"|こんにちは|ありがとう(?:ございます)?|안녕(?:하세요)?|감사합니다|bonjour|merci|hola|gracias|hallo|danke)"
    r"(?: ?(?:[啊呀吗呢吧了哦]|你|您|大家|there))*",
    re.IGNORECASE,
)


def is_small_talk(question: str) -> bool:
    """Whether a message greets, thanks or takes leave, and asks nothing.

    >>> is_small_talk("你好！"), is_small_talk("你好，2019年录取率是多少？")
    (True, False)
    """
    return bool(_SMALL_TALK.fullmatch(re.sub(r"[\s,，.。!！?？~～、]+", " ", question).strip().lower()))
