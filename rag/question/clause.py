"""What stands where in a question: its place and year, its subject, the words that ask.

By the words that ask (:mod:`rag.question.kind`), the places and years, and the segmenter's tags. Cuts and joins
nothing: :mod:`rag.question.parts` and :mod:`rag.question.follow_up` do.
"""

from __future__ import annotations

import re
from typing import Final

from rag.question.kind import asking_span
from rag.question.scope import NamedScope
from rag.text.places import place_pattern
from rag.text.words import simplify, tag_words
from rag.text.years import year_spans

__all__ = ["ENGLISH_COUNTED", "LEAST_OWN", "MARK", "names_place", "scope_prefix", "stands_alone", "subject_of"]

MARK: Final = re.compile(r"[，,；;。？?、]\s*")
"""What parts the clauses of a question."""
ENGLISH_COUNTED: Final = re.compile(
    r"^(?P<much>(?:how (?:many|much)|what|which) )(?P<thing>[\w -]+?) "
    r"(?P<tail>(?:did|does|do|were|was|are|is|has|have|will)\b.*)$",
    re.IGNORECASE,
)
"""An English question for so many of a thing."""
_COPULAS: Final = ("是", "为", "有", "达", "在", "由", "归")
_DEPENDENT: Final = ("p", "d", "c", "r", "f", "m", "t", "zg")
"""Tags of words that no thing begins with: prepositions, adverbs, conjunctions, pronouns, numerals."""
LEAST_OWN: Final = 4
"""Characters of a thing that stands alone: 赤字规模, but not 目标."""


def subject_of(first: str, scope: str, clause: str) -> str:
    """What a question asks about, behind its scope, without the verb at its end unless a later clause has none.

    Args:
        first: The question.
        scope: Its :func:`scope_prefix`.
        clause: The clause that is to be put behind the subject.

    >>> subject_of("海州吞吐量是多少", "海州", "比上年增长多少")
    '吞吐量'
    """
    asked = asking_span(first)
    told = first[len(scope) : asked[0]]
    *before, last = MARK.split(told)
    if before and len(last) < LEAST_OWN:  # 完成目标没有？目标多少
        return told[: len(told) - len(last)]
    if clause.startswith(("多少", "几")):
        return told.rstrip("是为由归在给按")
    words = tag_words(told)
    while words and words[-1][1] in ("v", "p", "d", "zg", "ul"):
        word, _ = words.pop()
        if word in _COPULAS:
            break
    return "".join(word for word, _ in words) or first[asked[1] :]


def scope_prefix(text: str, named: NamedScope) -> str:
    """What stands before the words that ask, up to the last place or year in it."""
    before = text[: asking_span(text)[0]]
    ends = [span.end for span in year_spans(before)]
    for place in (*named.places, *named.unknown):
        ends += [match.end() for match in re.finditer(place_pattern(place), simplify(before), re.IGNORECASE)]
    end = max(ends, default=0)
    return before[:end] + ("的" if before.startswith("的", end) else "の" if before.startswith("の", end) else "")


def names_place(text: str, place: str) -> bool:
    """Whether a text names a place, with its suffix or without."""
    return re.search(place_pattern(place), simplify(text), re.IGNORECASE) is not None


def stands_alone(clause: str, *, beside: str) -> bool:
    """Whether a clause says itself what it asks about, before it asks; as fully as the subject beside it."""
    own = clause[: asking_span(clause)[0]].rstrip("是为有")
    tag = next((tag for _, tag in tag_words(own)), "m")
    least = min(len(beside), LEAST_OWN) if beside and tag.startswith("n") else max(len(beside), LEAST_OWN)
    return len(own) >= least and not tag.startswith(_DEPENDENT)
