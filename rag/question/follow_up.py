"""Several turns: a question that leans on the one before -> a question that stands alone. Rules only."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.question.scope import NamedScope
from rag.schema.messages import Turn
from rag.text.dates import RELATIVE_YEARS
from rag.text.places import SUFFIXES, latin_name, place_pattern
from rag.text.unicode import is_chinese
from rag.text.years import replace_year, strip_years

__all__ = ["standalone_question"]

# Words that stand for the place the last question was about.
PLACE_WORDS = re.compile(
    rf"^(?:那么?|然后)?(?:它|那里|那儿|那边|这里|该[{SUFFIXES}校局]|当地)(?:的)?|(?:它|那里|那儿|那边|该[{SUFFIXES}]|当地)(?=的|在|\d)"
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
# "换成X呢？", "那2020年呢？", "What about X?": the last question over again, about something else.
AGAIN = re.compile(
    r"^(?:那么?|然后|再|and|then|how about|what about|same for|the same for|換成|换成|改成|如果是|要是|而|[\s,，])*"
    r"(?P<what>[^，,。？?]{2,24}?)(?:的(?:情况)?)?(?:呢|怎么样|如何|又如何|是多少)?\s*[？?。]?$",
    re.IGNORECASE,
)
FILLER = re.compile(r"\b(?:in|for|of|the|city|district|county|year)\b|[年度市区县的在\s]", re.IGNORECASE)


def standalone_question(question: str, history: Sequence[Turn], named: Callable[[str], NamedScope]) -> str:
    """Make a question searchable by itself.

    "换成X呢？" is the last question with X in place of its place or year; "去年" is told by the year that it named. A
    word for the last question's place is replaced by that place ("那它的目标呢" -> "X市的目标呢"), and its
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
    if not before:
        return question
    question = _with_years(question, named(before[-1]), named(question))
    if swapped := _swapped(question, before[-1], named):
        return swapped
    if not (LEANS.search(question) or PLACE_WORDS.search(question)):
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


def _swapped(question: str, last: str, named: Callable[[str], NamedScope]) -> str:
    """The last question with the place or year that this one names in its place; empty where this one asks more."""
    match = AGAIN.match(question.strip())
    if match is None:
        return ""
    own, before = named(question), named(last)
    places, years = (*own.places, *own.unknown), own.years
    if FILLER.sub("", strip_years(_replaced(match["what"], places, ""))) or len(places) > 1 or len(years) > 1:
        return ""
    text = last
    if places and before.places:
        latin = None if is_chinese(last) else re.search(latin_name(places[0]), match["what"], re.IGNORECASE)
        text = _replaced(text, before.places[1:], "")
        text = _replaced(text, before.places[:1], latin.group() if latin else places[0])
    if years and before.years:
        text = replace_year(text, before.years[0], years[0])
    return text if text != last else ""


def _replaced(text: str, names: Sequence[str], other: str) -> str:
    """The text with another name in place of each, which may stand there without its suffix or in Latin script."""
    for name in names:
        written = place_pattern(name)
        text = re.sub(written if other else rf"[、和与及]?{written}", other, text, flags=re.IGNORECASE)
    return text


def _with_years(question: str, last: NamedScope, own: NamedScope) -> str:
    """The question with "last year" and the like told by the one year of the last question."""
    if len(last.years) != 1 or own.years:
        return question
    for step, words in RELATIVE_YEARS:
        if words.search(question):
            year = last.years[0] + step
            latin = bool(re.search(r"[A-Za-z]{3,}", question))
            return words.sub(f"in {year}" if latin else f"{year}年", question, count=1)
    return question
