"""Whole sections: the section that a question names, and lists whose items a question counts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from rag.index.protocols import PassageSource
from rag.question.analysis import Wording
from rag.question.kind import split_at_request
from rag.schema.documents import Passage
from rag.schema.search import Evidence, Hit
from rag.text.numbering import item_number, strip_number
from rag.text.overlap import share_said
from rag.text.places import place_pattern, strip_official_names
from rag.text.unicode import is_chinese
from rag.text.years import strip_years

__all__ = ["counted_items", "named_section"]

# A lead-in ("three tasks come first:") must share this much of its character pairs with the question.
LEAST_LEAD = 0.5


# A question that repeats this share of a heading names it: its section is read and little else.
NAMED_HEADING = 0.8


LEAST_TOPIC_CHARS = 4


# What a question may say beside a heading, places, years and the words that ask, and still ask for that section.
MOST_BESIDE = 4


def named_section(question: str, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The sentences under the heading that a question names, its sub-headings included; empty where it names none."""
    paths = {(e.source, e.title, e.heading[:depth]) for e in evidence for depth in range(1, len(e.heading) + 1)}
    topic = _topic(question, {e.place for e in evidence if e.place})
    likeness = {path: max(_naming(path[2][-1], question), _overlap(topic, path[2][-1])) for path in paths}
    # Of equally like ones the innermost: it says least that was not asked for.
    best = max(paths, key=lambda path: (likeness[path], len(path[2]), path), default=None)
    if best is None or likeness[best] < NAMED_HEADING:
        return ()
    source, title, heading = best
    return tuple(e for e in evidence if (e.source, e.title, e.heading[: len(heading)]) == (source, title, heading))


def counted_items(wording: Wording, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The numbered sentences that a question counts: "three tasks" are （一）, （二）and （三）under one lead-in.

    Returns:
        The sentences numbered from one to the number asked for, where the sentence or heading before them speaks of
        what the question does; else none.
    """
    n_asked, question = wording.n_counted, wording.text
    for at, first in enumerate(evidence):
        if n_asked < 2 or item_number(first.text) != 1:
            continue
        before = evidence[at - 1] if at and evidence[at - 1].source == first.source else None
        leads = [before.text if before else "", *first.heading[-2:]]
        if not any(_overlap(lead, question) >= LEAST_LEAD for lead in leads):
            continue
        numbered = {item_number(e.text): e for e in reversed(evidence[at:]) if _beside(e, first)}
        items = [numbered.get(n) for n in range(1, n_asked + 1)]
        if None not in items and n_asked + 1 not in numbered:
            return tuple(item for item in items if item)
    return ()


def _beside(one: Evidence, other: Evidence) -> bool:
    """Whether two sentences may be items of one list: of one document, under one heading or under its sub-headings."""
    above = other.heading[:-1]
    return (one.source, one.title, one.heading[: len(above)]) == (other.source, other.title, above)


def best_section(question: str, hits: Sequence[Hit], passages: PassageSource) -> tuple[Sequence[Passage], float]:
    """All passages of the section that the hits point to most, and how like the question its heading is."""
    found: dict[tuple[str, int], list[float]] = defaultdict(list)
    likeness: dict[tuple[str, int], float] = {}
    topic = _topic(question, {hit.passage.place for hit in hits if hit.passage.place})
    for hit in hits:
        key = (hit.passage.source, hit.passage.section)
        found[key].append(hit.score)
        heading = hit.passage.heading[-1] if hit.passage.heading else ""
        likeness[key] = max(_naming(heading, question), _overlap(topic, heading))
    if not found:
        return (), 0.0
    # The two best hits of a section speak for it: their sum would favour long sections.
    best = max(found, key=lambda key: sum(sorted(found[key])[-2:]) * (1 + 2 * likeness[key]))
    return passages.section_passages(*best), likeness[best]


def outline_of(wording: Wording, hits: Sequence[Hit], passages: PassageSource) -> list[Passage]:
    """The headings that a question counts: "which three tasks" is answered by three headings side by side.

    Looked for among the parents of the hits: one that has just as many sub-headings as the question says.
    """
    n_asked = wording.n_counted
    if not n_asked:
        return []
    votes: dict[tuple[str, str, tuple[str, ...]], float] = defaultdict(float)
    for hit in hits:
        for depth in range(len(hit.passage.heading)):
            votes[hit.passage.source, hit.passage.title, hit.passage.heading[:depth]] += hit.score
    for source, title, parent in sorted(votes, key=lambda key: -votes[key]):
        first_of: dict[str, Passage] = {}
        for passage in passages.document_passages(source):
            if (
                passage.title == title
                and len(passage.heading) > len(parent)
                and passage.heading[: len(parent)] == parent
            ):
                first_of.setdefault(passage.heading[len(parent)], passage)
        if len(first_of) == n_asked:
            return list(first_of.values())
    return []


def _naming(heading: str, question: str) -> float:
    """How much of a heading a question says; too little to name it where the question is about something else besides.

    "What is the state of the canteens?" does not ask for the section "State".
    """
    if not is_chinese(heading):
        words = set(re.findall(r"\w+", heading.lower()))
        return len(words & set(re.findall(r"\w+", question.lower()))) / len(words) if len(words) > 1 else 0.0
    overlap = _overlap(heading, question)
    pairs = {heading[i : i + 2] for i in range(len(heading) - 1)}
    said = {at + step for at in range(len(question)) if question[at : at + 2] in pairs for step in (0, 1)}
    rest = "".join(" " if at in said else char for at, char in enumerate(question))
    rest = strip_years(strip_official_names(rest), by=" ")
    left = sum(len(piece) for piece in split_at_request(rest))
    return overlap if left <= MOST_BESIDE else min(overlap, NAMED_HEADING - 0.01)


def _overlap(title: str, question: str) -> float:
    """Share of a title's character pairs that the question says, its number apart."""
    return share_said(strip_number(title), question, digits=True)


def _topic(question: str, places: Iterable[str]) -> str:
    """What a question for a section is about: without places, years and the words that ask; empty where too little.

    >>> _topic("请概括海州市2031年港口建设工作的主要内容。", ["海州市"])
    '港口建设'
    """
    left = re.sub(r"(?:上|下)半年", " ", strip_years(question, by=" "))
    for place in places:
        left = re.sub(place_pattern(place), " ", left, flags=re.IGNORECASE)
    pieces = [piece for piece in split_at_request(left) if piece and len(piece) > 1]
    return pieces[0] if len(pieces) == 1 and len(pieces[0]) >= LEAST_TOPIC_CHARS else ""
