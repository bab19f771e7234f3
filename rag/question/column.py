"""What a question asks of a column of a table, or of some of its cells: the largest, the total, a rank, a difference.

Tells by words alone, and does not know whether there is such a column (:mod:`rag.answering.columns`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from rag.question.kind import asked_operation, asks_of_each, asks_order, strip_asking
from rag.text.numbering import ordinal_value
from rag.text.places import SUFFIXES
from rag.text.words import simplify

__all__ = ["ColumnOperation", "ColumnQuestion", "column_question", "comparison_question"]

ColumnOperation: TypeAlias = Literal[
    "largest", "smallest", "total", "mean", "rank", "share", "difference", "ratio", "each"
]

_NUMBER: Final = r"\d{1,3}|[一二两三四五六七八九十]+"
_OF_ROWS: Final = "[名位个家所座种项年]"
_ORDINALS: Final = {"second": 2, "third": 3, "fourth": 4, "fifth": 5, "two": 2, "three": 3, "four": 4, "five": 5}
_NTH: Final = "|".join(list(_ORDINALS)[:4])
_WORDS: Final[tuple[tuple[ColumnOperation, str], ...]] = (
    ("share", r"占.{0,12}?(?:百分之[几多]少?|比[例重]|[几多]成|多少|几分之几)|占比|比重"),
    ("share", r"\b(?:share|percentage|percent|proportion)\b"),
    ("smallest", rf"最[少低小短轻]|(?:倒数第|第)(?P<nth>{_NUMBER})[少低小]|倒数第(?P<nth_>{_NUMBER})名?"),
    ("smallest", rf"\b(?:(?P<nth>{_NTH})[ -])?(?:fewest|lowest|smallest|least)\b"),
    ("largest", rf"最[多高大长重]|第(?P<nth>{_NUMBER})[多高大]|排[名行在]*第(?P<nth_>{_NUMBER})[名位]?"),
    ("largest", rf"\b(?:(?P<nth>{_NTH})[ -])?(?:most|highest|largest|biggest|greatest)\b"),
    ("largest", rf"前(?:{_NUMBER}){_OF_ROWS}|\btop (?:\d{{1,3}}|two|three|four|five)\b"),
    (
        "rank",
        r"(?:排名?|排行|名次|位[居列次]|排在)+[是为在]?第?(?:[几多]少?)?[位名]?|第几[位名]?|\brank(?:s|ed|ing)?\b",
    ),
    ("mean", r"平均(?:每[个所家座位人名])?|均值|\b(?:average|mean)\b"),
    ("total", r"[一总]共|合计|共计|总计|总和|之和|加起来|加在一起"),
    ("total", r"\b(?:in total|altogether|combined|the sum|total)\b"),
)
_PATTERNS: Final = tuple((operation, re.compile(words, re.IGNORECASE)) for operation, words in _WORDS)
_FIRST: Final = re.compile(
    rf"(?:前|哪|[多高大长重少低小短轻]的)(?P<n>{_NUMBER}){_OF_ROWS}|\b(?P<en>two|three|four|five|(?<=top )\d{{1,3}})\b",
    re.IGNORECASE,
)
_COMPARES: Final = re.compile(
    r"相差|差[距额值]|相比|分别|[多少高低大小](?:出|了)?(?:多少|几)|[几多]少?倍|谁|更|还是"
    r"|\b(?:how many times|more|fewer|less|higher|lower|larger|smaller|than|difference|between|respectively|both)\b",
    re.IGNORECASE,
)
_LESS: Final = re.compile(r"少|低|小|短|\b(?:fewer|less|lower|smaller)\b", re.IGNORECASE)
# What names rows or asks, and no thing: it need not stand in the table.
_BESIDE: Final = re.compile(
    rf"各个?|每一?[个所家座]|所有|全部|其中|在?全[{SUFFIXES}国校部体]|当中|之中|里面|数量|数目|表[格中里]*|排序"
    r"|\b(?:which|what|that|does|have|with|from|among|were|there|each|every|them|their|many|much|where|place|comes?|number|table)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ColumnQuestion:
    """What is asked of a column.

    Attributes:
        operation: The reckoning.
        nth: Which one of the largest or smallest is asked for, from 1.
        n_first: How many of them are, from 1.
        rest: The question, simplified, without the words that ask for the reckoning.
        word: 最多, 最低: how it asks for the largest or smallest in Chinese; empty where it does so otherwise.
    """

    operation: ColumnOperation
    rest: str
    word: str = ""
    nth: int = 1
    n_first: int = 1


def column_question(question: str) -> ColumnQuestion | None:
    """What a question asks of a column; None where it asks for no reckoning over one.

    >>> column_question("哪个县的学位第二多？").nth, column_question("甲县的学位占全市的比例是多少？").operation
    (2, 'share')
    >>> column_question("甲县有多少学位？") is None
    True
    """
    text = simplify(question)
    for operation, pattern in _PATTERNS:
        if (match := pattern.search(text)) is None:
            continue
        said = match.groupdict()
        nth = _count(said.get("nth") or said.get("nth_"))
        first = _FIRST.search(text) if operation in ("largest", "smallest") and nth == 1 else None
        n_first = _count(first["n"] or first["en"]) if first else 1
        rest = pattern.sub(" ", text.replace(first[0], " ") if first else text)
        word = match[0] if match[0].startswith("最") else ""
        return ColumnQuestion(operation, strip_asking(_BESIDE.sub(" ", rest)), word, nth, n_first)
    return comparison_question(text)


def comparison_question(text: str, *, asking: str = "") -> ColumnQuestion | None:
    """What a question asks of several cells that it names; None where it compares nothing.

    Args:
        text: The question, simplified.
        asking: The same without the headers that it names, in whose words it asks for nothing: 小学.

    >>> comparison_question("甲县的学位比乙县多多少？").operation
    'difference'
    """
    compared: ColumnOperation
    operation = asked_operation(text)
    if operation in ("difference", "ratio"):
        compared = operation
    elif asks_order(text):
        compared = "smallest" if _LESS.search(asking or text) else "largest"
    elif asks_of_each(text):
        compared = "each"
    else:
        return None
    return ColumnQuestion(compared, strip_asking(_BESIDE.sub(" ", _COMPARES.sub(" ", text))))


def _count(written: str | None) -> int:
    if not written:
        return 1
    return (
        _ORDINALS.get(written.lower())
        or (int(written) if written.isdecimal() else ordinal_value(written.replace("两", "二")))
        or 1
    )
