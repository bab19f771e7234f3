"""Hits -> the few sentences worth reading, in document order, under a token budget. Does not prompt.

Time to the first token is prompt length on a CPU, so every sentence must earn its place: a question
for one fact gets the best passages; a question for a list or a whole section gets the section whole.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from rag.choose import Candidate, Selection, choose, is_bare_heading, left_out
from rag.schema import Evidence, Hit, Passage
from rag.scope import place_stem
from rag.sentences import split_clauses
from rag.tokenize import simplify

__all__ = [
    "asks_for_section",
    "consider",
    "count_asked",
    "counted_items",
    "estimate_tokens",
    "named_section",
    "select_evidence",
]

SECTION_WORDS = re.compile(
    r"概括|归纳|概述|简述|总结一下|综述|梳理|介绍|主要内容|哪些|哪几|哪(?:[二两三四五六七八九十]|\d{1,2}[个项类大点条方种])|分别|要点|措施|做法|打算|举措|怎样|如何|怎么"
    r"|summar|overview|outline|list |which (?:\w+ )?(?:measures|steps|areas)|what (?:are|were) the|how does|how will",
    re.IGNORECASE,
)
# Neither an ordinal (第三项) nor the end of a longer number (十二项, 112个) is a count.
COUNT = re.compile(
    r"(?<![\d.第一二三四五六七八九十])(?P<n>[二两三四五六七八九十]|\d{1,2})(?:个|项|类|大|点|条|方面|种)"
)
NUMBERS = {"二": 2, "两": 2, **{digit: n for n, digit in enumerate("三四五六七八九十", start=3)}}
ITEM_DIGITS = "零一二三四五六七八九十"
ITEM = re.compile(
    r"\s*(?:[（(](?P<n>[一二三四五六七八九十]|\d{1,2})[)）]|第?(?P<m>[一二三四五六七八九十]|\d{1,2})(?:[、.．,，](?!\d)|是))"
)
# A lead-in ("three tasks come first:") must share this much of its character pairs with the question.
LEAST_LEAD = 0.5
# The best hits come first whatever is asked; a whole section comes behind them.
SURE_HITS = 3
# Share of the budget for a plain question for one fact (dev: evidence recall 0.957 from 1.0 down to 0.6).
FACT_SHARE = 0.65
# A question that repeats this share of a heading names it: its section is read and little else.
NAMED_HEADING = 0.8
LEAST_TOPIC_CHARS = 4
# What a question may say beside a heading, places, years and the words that ask, and still ask for that section.
MOST_BESIDE = 4
_ASKING = re.compile(
    r"请问|请|概括|归纳|概述|简述|总结|综述|梳理|介绍|一下|简要|简单|主要|内容|工作|情况|方面|有哪些|哪些|几项|打算|措施|做法|举措|要点|计划"
    r"|怎样|怎么样|如何|怎么|什么|采取|开展|做了|进行|在|的|了|是|有|[省市县区州]|[\W\da-zA-Z]+"
)


class PassageSource(Protocol):
    """Gives passages that no ranker returned: the neighbours of one that was found."""

    def section_passages(self, source: str, section: int) -> Sequence[Passage]:
        """All passages of a section, in order."""

    def document_passages(self, source: str) -> Sequence[Passage]:
        """All passages of a document, in order."""


def asks_for_section(question: str) -> bool:
    """Whether a question asks for a list or for what a whole section says, and not for one fact."""
    return bool(SECTION_WORDS.search(simplify(question)))


def named_section(question: str, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The sentences under the heading that a question names, its sub-headings included; empty where it names none."""
    paths = {(e.source, e.title, e.heading[:depth]) for e in evidence for depth in range(1, len(e.heading) + 1)}
    topic = _topic(question, {place_stem(e.place) for e in evidence if e.place})
    likeness = {path: max(_naming(path[2][-1], question), _overlap(topic, path[2][-1])) for path in paths}
    # Of equally like ones the innermost: it says least that was not asked for.
    best = max(paths, key=lambda path: (likeness[path], len(path[2]), path), default=None)
    if best is None or likeness[best] < NAMED_HEADING:
        return ()
    source, title, heading = best
    return tuple(e for e in evidence if (e.source, e.title, e.heading[: len(heading)]) == (source, title, heading))


def count_asked(question: str) -> int:
    """How many things a question asks for ("哪三方面", "五项"); 0 where it does not say."""
    asked = COUNT.search(question)
    return (NUMBERS.get(asked["n"]) or int(asked["n"])) if asked else 0


def counted_items(question: str, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The numbered sentences that a question counts: "three tasks" are （一）, （二）and （三）under one lead-in.

    Returns:
        The sentences numbered from one to the number asked for, where the sentence or heading before them speaks of
        what the question does; else none.
    """
    n_asked = count_asked(question)
    for at, first in enumerate(evidence):
        if n_asked < 2 or _item_number(first.text) != 1:
            continue
        before = evidence[at - 1] if at and evidence[at - 1].source == first.source else None
        leads = [before.text if before else "", *first.heading[-2:]]
        if not any(_overlap(lead, question) >= LEAST_LEAD for lead in leads):
            continue
        numbered = {_item_number(e.text): e for e in reversed(evidence[at:]) if _beside(e, first)}
        items = [numbered.get(n) for n in range(1, n_asked + 1)]
        if None not in items and n_asked + 1 not in numbered:
            return tuple(item for item in items if item)
    return ()


def _beside(one: Evidence, other: Evidence) -> bool:
    """Whether two sentences may be items of one list: of one document, under one heading or under its sub-headings."""
    above = other.heading[:-1]
    return (one.source, one.title, one.heading[: len(above)]) == (other.source, other.title, above)


def _item_number(text: str) -> int:
    """The number at a sentence's head: ``（三）``, ``三、``, ``3.``, ``三是``, ``第三``; 0 where there is none."""
    match = ITEM.match(text)
    if match is None:
        return 0
    digits = match["n"] or match["m"]
    return int(digits) if digits.isdigit() else ITEM_DIGITS.index(digits) if digits in ITEM_DIGITS else 0


def estimate_tokens(text: str) -> int:
    """Tokens of a text, without a tokenizer.

    Qwen's tokenizer makes 0.62-0.68 tokens of a Chinese character of these documents and about one of
    3.5 characters of other scripts, a digit being a token of its own.
    """
    wide = sum(1 for ch in text if ord(ch) >= 0x2E80)
    digits = sum(1 for ch in text if ch.isdigit() and ch.isascii())
    return round(0.7 * wide + digits + (len(text) - wide - digits) / 3.5) + 1


def select_evidence(
    question: str,
    hits: Sequence[Hit],
    *,
    budget_tokens: int,
    passages: PassageSource,
    whole_sections: bool = True,
    also: Sequence[Passage] = (),
    count_tokens: Callable[[str], int] = estimate_tokens,
) -> tuple[Evidence, ...]:
    """Choose what the generator reads; arguments as in :func:`consider`.

    Returns:
        Sentences in document order, numbered from 1; near-duplicates once.
    """
    return consider(
        question,
        hits,
        budget_tokens=budget_tokens,
        passages=passages,
        whole_sections=whole_sections,
        also=also,
        count_tokens=count_tokens,
    ).evidence


def consider(
    question: str,
    hits: Sequence[Hit],
    *,
    budget_tokens: int,
    passages: PassageSource,
    whole_sections: bool = True,
    also: Sequence[Passage] = (),
    count_tokens: Callable[[str], int] = estimate_tokens,
) -> Selection:
    """Choose what the generator reads, and tell of every passage what became of it.

    Args:
        question: The standalone question.
        hits: Retrieved passages, best first.
        budget_tokens: Most tokens of all chosen sentences and their headings.
        passages: Gives whole sections.
        whole_sections: Whether one section may fill the budget; not where two sides are compared. A plain
            question for one fact of one side gets ``FACT_SHARE`` of the budget.
        also: Passages that are read in any case.
        count_tokens: Counts tokens of a text.
    """
    ranked = [Candidate(hit.passage, "hit") for hit in hits if not is_bare_heading(hit.passage)]
    behind: list[Candidate] = []
    if whole_sections and asks_for_section(question):
        section, likeness = _best_section(question, hits, passages)
        if likeness >= NAMED_HEADING:
            behind = ranked[SURE_HITS:]
            ranked = [*(Candidate(passage, "named section") for passage in section), *ranked[:SURE_HITS]]
        else:
            counted = [Candidate(passage, "counted heading") for passage in _outline(question, hits, passages)]
            ranked[SURE_HITS:SURE_HITS] = [*counted, *(Candidate(passage, "likely section") for passage in section)]
    elif whole_sections and _is_plain(question):
        budget_tokens = round(budget_tokens * FACT_SHARE)
    selection = choose(
        [*(Candidate(passage, "in any case") for passage in also), *ranked],
        budget_tokens=budget_tokens,
        scores={hit.passage.passage_id: hit.score for hit in hits},
        count_tokens=count_tokens,
    )
    selection = left_out(selection, (candidate.passage for candidate in behind), "behind the section")
    return left_out(selection, (hit.passage for hit in hits if is_bare_heading(hit.passage)), "bare heading")


def _is_plain(question: str) -> bool:
    """Whether a question has one clause, in Chinese: then one sentence answers it, and that ranks high.

    Across languages only the dense ranker helps, and the sentence may stand further down.
    """
    return len(split_clauses(question)) < 2 and bool(re.search(r"[\u4e00-\u9fff]{4}", question))


def _best_section(question: str, hits: Sequence[Hit], passages: PassageSource) -> tuple[Sequence[Passage], float]:
    """All passages of the section that the hits point to most, and how like the question its heading is."""
    found: dict[tuple[str, int], list[float]] = defaultdict(list)
    likeness: dict[tuple[str, int], float] = {}
    topic = _topic(question, {place_stem(hit.passage.place) for hit in hits if hit.passage.place})
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


def _outline(question: str, hits: Sequence[Hit], passages: PassageSource) -> list[Passage]:
    """The headings that a question counts: "which three tasks" is answered by three headings side by side.

    Looked for among the parents of the hits: one that has just as many sub-headings as the question says.
    """
    n_asked = count_asked(question)
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
    if not re.search(r"[\u4e00-\u9fff]", heading):
        words = set(re.findall(r"\w+", heading.lower()))
        return len(words & set(re.findall(r"\w+", question.lower()))) / len(words) if len(words) > 1 else 0.0
    overlap = _overlap(heading, question)
    pairs = {heading[i : i + 2] for i in range(len(heading) - 1)}
    said = {at + step for at in range(len(question)) if question[at : at + 2] in pairs for step in (0, 1)}
    rest = "".join(" " if at in said else char for at, char in enumerate(question))
    rest = re.sub(r"[\u4e00-\u9fff]{2,3}(?:[省市县区州](?:教育局)?|教育局)|(?:19|20)\d\d年?", " ", rest)
    left = sum(len(piece) for piece in _ASKING.split(rest))
    return overlap if left <= MOST_BESIDE else min(overlap, NAMED_HEADING - 0.01)


def _overlap(title: str, question: str) -> float:
    """Share of a title's character pairs that stand in the question."""
    letters = re.sub(r"[^\w]", "", re.sub(r"^[（(]?[一二三四五六七八九十\d]+[)）、.．]", "", title))
    pairs = {letters[i : i + 2] for i in range(len(letters) - 1)}
    return sum(1 for pair in pairs if pair in question) / len(pairs) if pairs else 0.0


def _topic(question: str, places: Iterable[str]) -> str:
    """What a question for a section is about: without places, years and the words that ask; empty where too little.

    >>> _topic("请概括海州市2031年港口建设工作的主要内容。", ["海州"])
    '港口建设'
    """
    stems = "".join(f"|{re.escape(place)}" for place in places)
    left = re.sub(rf"(?:19|20)\d\d年?(?:度|上半年|下半年)?{stems}", " ", question)
    pieces = [piece for piece in _ASKING.split(left) if piece and len(piece) > 1]
    return pieces[0] if len(pieces) == 1 and len(pieces[0]) >= LEAST_TOPIC_CHARS else ""
