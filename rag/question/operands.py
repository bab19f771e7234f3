"""The things that a question sets against each other by name: 一等 and 三等 of "一等比三等多多少". By rule.

Places and years are no such things: :mod:`rag.question.sides` has them. Finds no figures
(:mod:`rag.answering.arithmetic` does). Not covered: other languages than Chinese.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from rag.question.kind import Operation, asked_operation
from rag.question.scope import NamedScope
from rag.question.sides import without_scope
from rag.text.words import simplify

__all__ = ["NamedOperands", "named_operands", "told_as_multiple"]

_COMPARED: Final = re.compile(
    r"(?P<one>[^，,。？?：:]+?)[比较](?P<other>[^，,。？?]+?)[要会]?(?:多|少|高|低|大|小|长|短|贵|增加|减少)[^，,。]*?(?:多少|几)"
)
_LISTED: Final = re.compile(
    r"(?P<list>[^，,。？?：:]+?)(?:之间)?(?:相差|差[距额]|差(?=多少|几)|一共|总共|合计|共计|加起来|加在一起|总和)"
    r"(?P<said>[^，,。]*?)[了是为]?(?:多少|几)"
)
_TIMES: Final = re.compile(r"(?P<one>[^，,。？?：:]+?)是(?P<other>[^，,。？?]+?)的?(?:多少|几)倍")
_JOINTS: Final = str.maketrans("和与及跟", "、、、、")
_LEADS: Final = ("请问", "那么", "那", "按照", "按", "上年", "去年", "今年", "本年", *"因由对在从把给的")
_LEAST_KEY: Final = 2


@dataclass(frozen=True, slots=True)
class NamedOperands:
    """What is set against each other.

    Attributes:
        operation: The arithmetic.
        keys: What tells the things apart, in the order of the question: 城镇, 农村.
        measure: What is said of all of them: 居民收入.
    """

    operation: Operation
    keys: tuple[str, ...]
    measure: str


def named_operands(question: str, named: NamedScope) -> NamedOperands | None:
    """The things that a question sets against each other by name; None where it names no two.

    >>> named_operands("海州市城镇居民收入比农村高多少元", NamedScope(("海州市",), ()))
    NamedOperands(operation='difference', keys=('城镇', '农村'), measure='居民收入')
    """
    core = simplify(without_scope(question, named))
    operation = asked_operation(core)
    if operation is None:
        return None
    listed = _LISTED.search(core)
    names = [_without_lead(name).strip() for name in _names(core, listed)]
    least = min(map(len, names), default=0)
    if len(names) < 2 or least < _LEAST_KEY or len(set(names)) < len(names):
        return None
    shortest = next(name for name in names if len(name) == least)
    keys = tuple(_key(name, shortest) for name in names)
    longest = max(names, key=len)
    measure = longest.replace(_key(longest, shortest), "", 1) + (listed["said"] if listed else "")
    return NamedOperands(operation, keys, measure.strip("的")) if len(set(keys)) == len(keys) else None


def told_as_multiple(query: str) -> tuple[str, str]:
    """What is asked how many times something it is, and that; both empty where a question does not ask so."""
    match = _TIMES.search(query)
    return (match["one"], match["other"]) if match else ("", "")


def _names(core: str, listed: re.Match[str] | None) -> list[str]:
    if match := _TIMES.search(core) or _COMPARED.search(core):
        return [match["one"], match["other"]]
    return listed["list"].replace("以及", "、").translate(_JOINTS).split("、") if listed else []


def _without_lead(name: str) -> str:
    lead = next((lead for lead in _LEADS if name.startswith(lead)), "")
    return _without_lead(name[len(lead) :]) if lead else name


def _key(name: str, shortest: str) -> str:
    """The part of a name that stands beside the shortest one: 一等 of 渔船一等补助, beside 三等; else its beginning."""
    length = len(shortest)
    alike = (name[i : i + length] for i in range(len(name) - length + 1) if name[i + length - 1] == shortest[-1])
    return next(alike, name[:length])
