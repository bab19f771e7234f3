"""The type of answer that a question asks for, and whether a text holds one of that type: features, not gates.

By the word that asks (多少, 谁, 什么时候), the unit behind it (多少所 asks for a number of 所), and the finders of
figures, dates and places. A text of the right type need not answer; one of another type seldom does.

Not covered: questions without a word that asks ("2031年的目标") are of the type OTHER. Every text holds that, and
WHETHER too: any statement may be a yes or a no.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import Enum
from typing import Final

from rag.question.kind import asks_whether
from rag.text.figures import Figure, find_figures
from rag.text.numerals import UNITS, units_agree
from rag.text.places import SUFFIXES, place_names
from rag.text.unicode import is_chinese
from rag.text.words import simplify, tag_words

__all__ = ["AnswerType", "asked_type", "asked_units", "holds_type"]


class AnswerType(Enum):
    """What kind of thing answers."""

    FIGURE = "figure"
    SHARE = "share"
    MONEY = "money"
    DATE = "date"
    PLACE = "place"
    PERSON_OR_BODY = "person_or_body"
    WHETHER = "whether"
    DEFINITION = "definition"
    PROCEDURE = "procedure"
    LIST = "list"
    REASON = "reason"
    OTHER = "other"


_UNIT: Final = "|".join(UNITS)
_MONEY_UNITS: Final = tuple(unit for unit in UNITS if unit.endswith("元"))
_TIME_UNITS: Final = ("年", "个月", "周", "天", "小时", "分钟", "秒")
_ORDINAL: Final = "第"
_BODY: Final = r"(?:部门|单位|机构|机关|公司|企业|局|委|组织|团队|学校|大学|医院)"

# The first of these words in a question tells its type; of two that begin at one place the upper one.
_ASKED: Final = re.compile(
    r"(?P<REASON>为什么|为何|为啥|什么原因|因为什么|原因是|原因有|\bwhy\b|なぜ|どうして)"
    r"|(?P<DATE>什么时候|何时|啥时候?|哪一?[年天日]|几[月号日点](?!钟)|哪个?月|何[年月日]|日期"
    r"|\bwhen\b|\bwhat (?:year|date)\b|いつ)"
    rf"|(?P<PERSON_OR_BODY>谁(?![高低多少快慢大小更])|(?:哪|什么|啥)(?:一?[个家])?(?:人|{_BODY})(?!均)"
    r"|\bwho(?:m|se)?\b|\bwhich (?:department|agency|office|body)\b|誰)"
    rf"|(?P<PLACE>哪里|哪儿|在哪(?!一?[年天日个家])|什么地方|何[处地]|哪一?[个座]?(?:城市|地[区方]|[{SUFFIXES}镇乡])"
    r"|\bwhere\b|\b(?:which|what) (?:city|county|district|place)\b|どこ)"
    r"|(?P<LIST>哪些|哪几|哪[一二两三四五六七八九十\d]+[个项类大点条方种家座所]|有什么|有啥|都有谁"
    r"|\b(?:which|what) (?:\w+ )?are\b|\blist\b|\bname the\b)"
    r"|(?P<DEFINITION>什么是|是什么意思|什么叫|叫做?什么|何谓|指的?(?:是|什么|啥)|定义"
    r"|\bwhat does\b.*\bmean\b|\bwhat is an? |とは)"
    r"|(?P<PROCEDURE>怎么办|怎[么样]|如何|什么(?:条件|情况|手续|流程|步骤)|流程|步骤|手续"
    r"|\bhow (?:do|can|should|to)\b|どのように|どうやって)"
    r"|(?P<SHARE>百分之[几多]|几个百分点|几成|(?:多大|多少)比[例重]"
    r"|(?:比例|占比|比重|[增降涨]幅|增速|率)(?:[^，,。？?]{0,8}?(?:多少|多高|几)|[？?]?$)|占多少"
    r"|\bwhat (?:share|percentage|proportion|[^?]{0,30}\brates?\b)|何パーセント)"
    r"|(?P<MONEY>多少[十百千万亿]*(?:[美欧日港]?元|钱|块)|几[十百千万亿]*元|罚(?:款|金)?多少|多少[罚补赔]"
    r"|\bhow much (?:money|[^?]*\b(?:cost|pay|paid|spen[dt]|worth)\b)|いくら)"
    r"|(?P<FIGURE>多少|几(?![乎何])|多[久长高大远重深宽快]|[额量数值][？?]?$"
    r"|\bhow (?:many|much|long|far|large|high|old)\b|何[人校個件回名]|몇|combien|cu[aá]nt[oa]s?|wie ?viele?)",
    re.IGNORECASE,
)
_UNIT_ASKED: Final = re.compile(
    rf"(?:多少|几(?!.*多少))[十百千万亿]*(?P<unit>{_UNIT})|(?P<rank>第几|排名?多少)|(?P<time>多久|多长时间|how long)"
)

_WORDS: Final[dict[AnswerType, tuple[str, ...]]] = {
    AnswerType.PERSON_OR_BODY: (
        *"部门 单位 机构 机关 公司 企业 局 委 组织 团队 学校 大学 医院".split(),
        *"政府 厅 部 办公室 中心 协会 法院 员 者 长 人， 人。 人； 人、".split(),
    ),
    AnswerType.DEFINITION: (*"是 指 即 包括 称 ： とは".split(), " mean", " refers to", " is ", " are "),
    AnswerType.PROCEDURE: (
        *"须 需 应 可 凭 按 经 由 持 将 申请 办理 提交 提供 符合 满足 先 后 的，".split(),
        *(" must ", " should ", " shall ", " may ", " can ", "apply", "submit", "if ", " by "),
    ),
    AnswerType.REASON: (
        *"因 由于 受 为了 所以 原因 导致 使 由 ため ので から".split(),
        *("because", "since", "due to", "as a result", "owing to"),
    ),
}
"""Words of which a text of a type holds one."""
_SEPARATORS: Final = ("、", "；", ";", "和", "及", ", ", " and ")


def asked_type(question: str) -> AnswerType:
    """The type of answer that a question asks for.

    >>> asked_type("新建多少所学校？").value, asked_type("由谁负责？").value, asked_type("能不能联合投标？").value
    ('figure', 'person_or_body', 'whether')
    """
    text = simplify(question)
    if match := _ASKED.search(text):
        return AnswerType[match.lastgroup or ""]
    return AnswerType.WHETHER if asks_whether(text) or _asks_either(text) else AnswerType.OTHER


def _asks_either(text: str) -> bool:
    """Whether a question sets a word against its denial: ``能不能``, ``有没有``, ``是否``."""
    return any(
        text[at] in "不没" and text[at - 1] == text[at + 1] and is_chinese(text[at - 1])
        for at in range(1, len(text) - 1)
    )


def asked_units(question: str) -> tuple[str, ...]:
    """The units that a figure which answers may have: 所 of 多少所, 第 (an ordinal) of 第几; empty where any may.

    >>> asked_units("新建多少所学校？"), asked_units("投资多少亿元？"), asked_units("排第几？")
    (('所',), ('元',), ('第',))
    """
    match = _UNIT_ASKED.search(simplify(question))
    if match is None:
        return ()
    return (match["unit"],) if match["unit"] else (_ORDINAL,) if match["rank"] else _TIME_UNITS


def holds_type(text: str, kind: AnswerType, *, units: Collection[str] = ()) -> bool:
    """Whether a span or a sentence holds something of a type.

    Args:
        text: The span or sentence.
        kind: The type.
        units: The units asked for (:func:`asked_units`); of figures alone.

    >>> [holds_type(text, AnswerType.FIGURE, units=["所"]) for text in ("新建学校12所", "投资3亿元")]
    [True, False]
    """
    if kind in (AnswerType.OTHER, AnswerType.WHETHER):
        return True
    if kind is AnswerType.PLACE:
        return bool(place_names(simplify(text)))
    if kind is AnswerType.LIST:
        return any(mark in text for mark in _SEPARATORS)
    if words := _WORDS.get(kind):
        plain = simplify(text).lower()
        return any(word in plain for word in words) or (kind is AnswerType.PERSON_OR_BODY and _names_someone(plain))
    return any(_is_of(figure, kind, units) for figure in find_figures(text))


def _names_someone(text: str) -> bool:
    """Whether the segmenter finds a name of a person (nr) or a body (nt)."""
    return any(tag.startswith(("nr", "nt")) for _, tag in tag_words(text))


def _is_of(figure: Figure, kind: AnswerType, units: Collection[str]) -> bool:
    """Whether a figure is of a type, and of one of the units, where some are asked for."""
    if kind is AnswerType.DATE or figure.kind == "date":  # 30日 is a term as well as a day
        term = "天" in units and not any(figure.date_parts[:2])
        return figure.kind == "date" and (kind is AnswerType.DATE or term)
    if kind is AnswerType.MONEY:
        return figure.kind == "number" and figure.unit in ("", *_MONEY_UNITS)
    if _ORDINAL in units or figure.kind == "ordinal":
        return figure.kind == "ordinal" and _ORDINAL in units
    if kind is AnswerType.SHARE or figure.kind != "number":
        return figure.kind != "number" and not units
    return not units or any(_may_be(figure.unit, unit) for unit in units)


def _may_be(unit: str, asked: str) -> bool:
    """Whether two units may count the same thing: 个 counts all, and a firm is a 家 or a 户."""
    return units_agree(unit, asked) or "个" in (unit, asked) or {unit, asked} == {"家", "户"}
