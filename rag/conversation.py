"""Several turns: a question that leans on the one before -> a question that stands alone. Rules only."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.schema import Turn
from rag.scope import QuestionScope

__all__ = ["standalone_question"]

# Words that stand for the place the last question was about.
PLACE_WORDS = re.compile(
    r"^(?:那么?|然后)?(?:它|那里|那儿|那边|这里|该[市区县省校局]|当地)(?:的)?|(?:它|那里|那儿|那边|该[市区县省]|当地)(?=的|在|\d)"
    r"|(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )\bthere\b(?! (?:is|are|was|were)\b)"  # "there are": no place
    r"|\b(?:that (?:city|district|county|place)|its?)\b",
    re.IGNORECASE,
)
# Words that stand for something else of the conversation, or show that it goes on.
LEANS = re.compile(
    r"他们|她们|其中|那么|^那|这些|这类|这个|这项|上述|同样|前者|后者|还有呢|呢[？?]?$|换成|改成|它|那里"
    r"|\b(?:they|their|them|those|these|this|he|she|same|the former|the latter|it|its)\b"
    r"|^(?:and|what about|how about)\b"
    r"|それ|その|そこ|これ",
    re.IGNORECASE,
)


def standalone_question(question: str, history: Sequence[Turn], named: Callable[[str], QuestionScope]) -> str:
    """Make a question searchable by itself.

    A word for the last question's place is replaced by that place ("那它的目标呢" -> "X市的目标呢"), and its
    year is added where the question names none. What still leans on the conversation is put behind the
    last question, so that what it means is searched too.

    Args:
        question: The user's words.
        history: Earlier turns, oldest first.
        named: Finds the corpus's places, and the years, that a text names.

    Returns:
        The question itself where it stands alone.
    """
    before = [turn.content.strip()[:300] for turn in history if turn.role == "user"]
    if not before or not (LEANS.search(question) or PLACE_WORDS.search(question)):
        return question
    last, own = named(before[-1]), named(question)
    resolved = question
    if last.places and not own.places:
        year = (
            f"{last.years[0]}年"
            if len(last.years) == 1 and not own.years and not re.search("[A-Za-z]", question)
            else ""
        )
        resolved = PLACE_WORDS.sub(f"{last.places[0]}{year}", question, count=1)
    return f"{before[-1]} {resolved}" if resolved == question or LEANS.search(resolved) else resolved
