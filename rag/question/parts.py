"""A question that asks for several things -> one whole question for each: "建桥几座，修路多少公里？" asks twice.

By construction alone: two clauses that each hold a word that asks, or things joined by 和 or 、 of which each is asked
for (分别, 各). What the first part names, its place, year and subject, is said again in the others. A wrong cut is
worse than none: where a later clause leans on the answer of an earlier one (其中, 各, 哪个更高), none is made.

Not covered: things joined without a word that asks for each ("X和Y的目标"), which may be one thing; questions in other
languages than Chinese, Japanese and English.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from rag.question.clause import ENGLISH_COUNTED, LEAST_OWN, MARK, names_place, scope_prefix, stands_alone, subject_of
from rag.question.kind import asking_span, asks_something
from rag.question.scope import NamedScope
from rag.text.language import detect_language
from rag.text.places import strip_places
from rag.text.unicode import is_chinese
from rag.text.words import tag_words
from rag.text.years import find_years, strip_years

__all__ = ["question_parts"]

_QUOTED: Final = re.compile(r"「[^」]*」|《[^》]*》|『[^』]*』")
_ENGLISH_CLAUSE: Final = re.compile(r",? and (?=(?:how|what|when|where|who|which|why)\b)|\? ", re.IGNORECASE)
_LEANS: Final = re.compile(
    r"(?:^|[，,；;])(?:[以并又而且还再和]+[及且有]?)?(?:其中|它|这|那|[都均]|两者|相差|差(?:多少|几)|哪[个座家种])"
    r"|分别|各(?![级地类项种])|(?:谁|哪(?:个|一?年|里|座|家)?)更?[高低多少快慢大小]"
)
_JOINS: Final = ("和", "与", "及", "以及", "跟", "、")


def question_parts(question: str, named: NamedScope) -> list[str]:
    """The whole questions that a question asks; itself alone where it asks one, or where it cannot be cut safely.

    Args:
        question: The standalone question.
        named: The places and years that it names.

    >>> question_parts("海州2031年建桥几座，改造码头多少个？", NamedScope(("海州市",), (2031,)))
    ['海州2031年建桥几座？', '海州2031年改造码头多少个？']
    >>> question_parts("海州2031年的吞吐量和增速各是多少？", NamedScope(("海州市",), (2031,)))
    ['海州2031年的吞吐量是多少？', '海州2031年的增速是多少？']
    """
    if detect_language(question) == "en":
        return _english_parts(question)
    if not is_chinese(question):
        return [question]
    clauses = _asking_clauses(question)
    if detect_language(question) == "ja" and not all(_is_whole_japanese(clause) for clause in clauses[:-1]):
        return [question]
    if len(clauses) > 1 and not any(_LEANS.search(clause) for clause in clauses[1:]):
        first = clauses[0]
        return [f"{first}？", *(f"{_continued(first, clause, named)}？" for clause in clauses[1:])]
    return _things_asked_of_each(question, named) or [question]


def _asking_clauses(question: str) -> list[str]:
    """The clauses that ask, each with those before it that do not; those behind the last belong to it."""
    bare = _QUOTED.sub(lambda match: "x" * len(match.group()), question)
    edges = [0, *(match.end() for match in MARK.finditer(bare)), len(question)]
    found: list[str] = []
    begin = 0
    for start, end in pairwise(edges):
        if asks_something(bare[start:end]):
            found.append(question[begin:end])
            begin = end
    if found and begin < len(question):
        found[-1] += question[begin:]
    return [re.sub(r"[，,；;。？?、\s]+$", "", clause) for clause in found]


def _is_whole_japanese(clause: str) -> bool:
    """Whether a Japanese clause is a question that the next one only follows: ``いくらで、`` ``何人ですか、``."""
    return clause.endswith(("で", "か", "し")) and len(clause) - asking_span(clause)[1] < LEAST_OWN


def _continued(first: str, clause: str, named: NamedScope) -> str:
    """A later clause with what the first one names: its place and year, and its subject where it has none."""
    clause = re.sub(r"^(?:以及|并且|同时|另外|还有|[并而又且和])", "", clause)
    scope = scope_prefix(first, named)
    subject = subject_of(first, scope, clause)
    if stands_alone(clause, beside="" if scope else subject):
        subject = ""
    if find_years(clause):
        scope = strip_years(scope)
    if any(names_place(clause, place) for place in named.places):
        scope = strip_places(scope, named.places)
    return f"{scope}{subject}{clause}"


def _things_asked_of_each(question: str, named: NamedScope) -> list[str]:
    """One question for each of the things that stand before 分别 or 各; nothing where they are places or years."""
    tagged = tag_words(question)
    words = [word for word, _ in tagged]
    each = next((i for i in reversed(range(len(words))) if _says_each(*tagged[i])), 0)
    behind = words[each][1:] if words[each].startswith("各") else ""
    asked = (behind.removeprefix("自") + "".join(words[each + 1 :])).strip()
    if not each or not asks_something(asked) or MARK.search(asked.rstrip("？?。")):
        return []
    while each and words[each - 1] in ("，", "”", '"', " ", "都"):
        each -= 1
    begin = next((i + 1 for i in reversed(range(each)) if words[i] in ("，", "：", "；", ",", ":")), 0)
    listed = begin
    scope = scope_prefix("".join(words[begin:each]), named)
    while listed < each and len("".join(words[begin:listed])) < len(scope):
        listed += 1
    said, *things = _split_joined(words[listed:each])
    before = "".join(words[:listed])
    return [f"{before}{said}{thing}{asked}" for thing in things] if len(things) > 1 else []


def _says_each(word: str, tag: str) -> bool:
    """Whether a word is 分别 or 各, which the segmenter may leave with the verb behind it: 各占, but not 各级."""
    return word in ("分别", "各", "各自") or (word.startswith("各") and tag.startswith("v"))


def _split_joined(words: Sequence[str]) -> list[str]:
    """What is said once (港口的), and the things that are joined behind it (吞吐量, 增速); "" alone where none are."""
    runs: list[list[str]] = [[]]
    for word in words:
        if word in _JOINS:
            runs.append([])
        elif word not in ("”", '"'):
            runs[-1].append(word)
    head, *others = runs
    marks = [i + 1 for i, word in enumerate(head[:-1]) if word in ("的", "“", '"')]
    said, core = head[: max(marks, default=0)], head[max(marks, default=0) :]
    if not others or not core or not all(others):
        return [""]
    first, last = "".join(core), "".join(others[-1])
    things = [first, *("".join(other) for other in others)]
    if len(first) < len(last) and last[len(first) - 1] == first[-1]:  # 一等和三等补助
        things = [thing + last[len(first) :] for thing in things[:-1]] + [last]
    elif len(first) <= len(last) / 2 and first[-1] != last[-1]:
        return [""]  # 城镇和农村居民收入: the first thing may be half said
    elif len(core) > 1:  # 总量, 增速: of the same thing
        kept = "".join(core[:-1])
        whole = [len(other) > 1 or len(other[0]) > 2 for other in others]
        things[1:] = [thing if own else kept + thing for thing, own in zip(things[1:], whole, strict=True)]
    return ["".join(word for word in said if word not in ("“", '"')), *things]


_SUBJECT: Final = re.compile(r"^(?:what|how \w+) (?:is|are|was|were) (?P<subject>.+?)(?: in [\d-]+)?$", re.IGNORECASE)


def _english_parts(question: str) -> list[str]:
    """Two questions joined by "and", where the second is whole, or its subject is that of the first."""
    pieces = [piece.strip(" ?") for piece in _ENGLISH_CLAUSE.split(question)]
    if len(pieces) != 2 or not all(asking_span(piece)[0] == 0 and " " in piece for piece in pieces):
        return [question]
    first, second = pieces
    subject, counted = _SUBJECT.match(first), ENGLISH_COUNTED.match(first)
    words = second.split()
    if pronoun := next((word for word in words if word in ("it", "they")), ""):
        if subject is None:
            return [question]
        words[words.index(pronoun)] = subject["subject"]
        second = " ".join(words)
    elif counted and re.fullmatch(r"how (?:many|much)(?: \w+){1,3}", second, re.IGNORECASE):
        second = f"{second} {counted['tail']}"
    elif len(second.split()) < 5:
        return [question]
    return [f"{first}?", f"{second[:1].upper()}{second[1:]}?"]
