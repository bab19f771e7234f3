"""Several turns: a question that leans on the one before -> a question that stands alone. Rules only."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.schema import Turn

__all__ = ["standalone_question"]

LEANS = re.compile(
    r"它|他们|她们|其中|那里|那儿|那边|那么|^那|这里|这些|这类|这个|这项|上述|该[市区县校局项]|同样|前者|后者|还有呢|呢[？?]?$|换成|改成"
    r"|\b(?:it|its|they|their|them|there|that|those|these|this|he|she|same|the former|the latter)\b|^(?:and|what about|how about)\b"
    r"|それ|その|そこ|これ|では",
    re.IGNORECASE,
)


def standalone_question(question: str, history: Sequence[Turn] = ()) -> str:
    """Make a question searchable by itself.

    A question that leans on the conversation (a pronoun, "换成X呢") is put behind the last question
    asked, so that what the pronoun means is searched too.

    Args:
        question: The user's words.
        history: Earlier turns, oldest first.

    Returns:
        The question itself where it stands alone.
    """
    before = [turn.content.strip() for turn in history if turn.role == "user"]
    if not before or not LEANS.search(question):
        return question
    return f"{before[-1][:300]} {question}"
