"""Text -> sentences. Pure; knows neither headings nor documents."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from rag.text.unicode import is_wide

__all__ = ["BEHIND_HEADER", "BETWEEN_CELLS", "join_sentences", "split_clauses", "split_sentences"]

BETWEEN_CELLS: Final = "｜"
BEHIND_HEADER: Final = "："
"""How a row of a table is written as text: ``县：海州县｜小学：1,200``; writers and readers of rows agree here."""
LEAST_CLAUSE_CHARS = 8
SENTENCE_END = re.compile(
    r"[。！？!?…；;]+[”’\"'）)」』》】]*"  # Chinese marks need no space behind them
    r"|(?<=[A-Za-z0-9)\]”\"])\.[”\"')]*(?=\s+[A-Z“\"(])"  # a Latin full stop needs one, and a capital
    r"|\n+"
)


def split_sentences(text: str, start: int, end: int, *, breaks: tuple[int, ...] = ()) -> list[tuple[int, int]]:
    """Cut a stretch of text into sentences, the end mark included.

    A semicolon ends a sentence: official documents string whole statements together with it.

    Args:
        text: Cleaned text of the document.
        start: First clean offset.
        end: Clean offset behind the stretch.
        breaks: Further clean offsets at which a sentence ends.

    Returns:
        Spans without outer white space, in order; together they hold every visible character.
    """
    stops = {m.end() for m in SENTENCE_END.finditer(text, start, end)} | {b for b in breaks if start < b < end}
    spans = []
    for left, right in pairwise(sorted({start, *stops, end})):
        piece = text[left:right]
        if piece.strip():
            lead = len(piece) - len(piece.lstrip())
            spans.append((left + lead, left + len(piece.rstrip())))
    return spans


def split_clauses(question: str) -> list[str]:
    """The clauses of a question that can stand for themselves: those of eight characters or more.

    >>> split_clauses("建了三号码头的那座城市，去年吞吐量是多少？请问")
    ['建了三号码头的那座城市', '去年吞吐量是多少']
    """
    pieces = (piece.strip() for piece in re.split(r"[，,；;。？?！!]", question))
    return [piece for piece in pieces if len(piece) >= LEAST_CLAUSE_CHARS]


def join_sentences(sentences: list[str]) -> str:
    """Join sentences, with a space only where Latin script meets Latin script.

    >>> join_sentences(["It is 5.[1]", "Yes."]), join_sentences(["是5。[1]", "对。"])
    ('It is 5.[1] Yes.', '是5。[1]对。')
    """
    joined = ""
    for sentence in sentences:
        gap = joined and not joined.endswith("\n") and _begins_latin(sentence) and not _ends_chinese(joined)
        joined += (" " if gap else "") + sentence
    return joined


def _begins_latin(text: str) -> bool:
    first = text[:1]  # no quotation mark: Chinese uses the same
    return first.isascii() or first in "¿¡" or (first.isalpha() and not is_wide(first))


def _ends_chinese(text: str) -> bool:
    stripped = text.rstrip("0123456789[]")
    return bool(stripped) and is_wide(stripped[-1])
