"""Choose passages in order until the token budget is spent; record why each is read or not.

Where two say the same, the first is read; what does not fit is passed over for something shorter behind it. Knows
neither the question nor where the passages came from (``rag.retrieval.evidence``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from rag.schema.documents import Passage
from rag.schema.search import Evidence, Hit
from rag.text.numbering import is_own_heading

__all__ = [
    "Candidate",
    "Choice",
    "Origin",
    "Outcome",
    "Selection",
    "choose",
    "hits_of_sentences",
    "is_bare_heading",
    "left_out",
]


class Origin(StrEnum):
    """What brought a passage forward."""

    HIT = "ranked"  # its rank
    NAMED_SECTION = "named_section"  # the question names its section
    LIKELY_SECTION = "likely_section"  # the hits point to its section most
    COUNTED_HEADING = "counted_heading"  # a heading beside others, as many as the question counts
    IN_ANY_CASE = "in_any_case"  # it is read whatever is asked


class Outcome(StrEnum):
    """What became of a passage."""

    READ = "read"
    OVER_BUDGET = "over_budget"
    SAME_TEXT = "same_text"
    BARE_HEADING = "bare_heading"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that may be read, and what brought it forward."""

    passage: Passage
    origin: Origin


@dataclass(frozen=True, slots=True)
class Choice:
    """A passage that was considered, and what became of it.

    Attributes:
        passage: The passage.
        origins: All that brought it forward, the first first.
        outcome: What became of it.
        n_tokens: What reading it would have cost, headings not printed before included; 0 where that was not asked.
        left_tokens: What was left of the budget then.
        numbers: The numbers of its sentences, where it is read.
        same_as: The passage with the same text, where that is why it is not read.
    """

    passage: Passage
    origins: tuple[Origin, ...]
    outcome: Outcome
    n_tokens: int = 0
    left_tokens: int = 0
    numbers: tuple[int, ...] = ()
    same_as: int | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """What is read, and what was considered for it.

    Attributes:
        evidence: Sentences in document order, numbered from 1.
        choices: Every passage considered, in the order in which they came.
        budget_tokens: What all together might cost.
        spent_tokens: What it costs.
    """

    evidence: tuple[Evidence, ...]
    choices: tuple[Choice, ...]
    budget_tokens: int
    spent_tokens: int


def choose(
    candidates: Sequence[Candidate],
    *,
    budget_tokens: int,
    scores: dict[int, float],
    count_tokens: Callable[[str], int],
) -> Selection:
    """Take passages in their order as far as the budget goes; the first one is taken in any case.

    Args:
        candidates: Passages, the most wanted first; one may come more than once.
        budget_tokens: Most tokens of all sentences and their headings.
        scores: Retrieval scores by passage.
        count_tokens: Counts tokens of a text.
    """
    choices: dict[int, Choice] = {}
    seen: dict[str, int] = {}
    headings: set[tuple[str, ...]] = set()
    spent = 0
    for candidate in candidates:
        passage = candidate.passage
        if before := choices.get(passage.passage_id):  # what becomes of it is settled: later it would cost no less
            origins = dict.fromkeys((*before.origins, candidate.origin))
            choices[passage.passage_id] = replace(before, origins=tuple(origins))
            continue
        key = re.sub(r"\W", "", passage.text)
        path = (passage.source, passage.title, *passage.heading)
        above = {path[:depth] for depth in range(2, len(path) + 1)} - headings  # each is printed once
        cost = count_tokens(passage.text) + sum(count_tokens(heading[-1]) for heading in above)
        choice = Choice(passage, (candidate.origin,), Outcome.READ, cost, budget_tokens - spent)
        if key in seen:
            choice = replace(choice, outcome=Outcome.SAME_TEXT, same_as=seen[key])
        elif seen and spent + cost > budget_tokens:
            choice = replace(choice, outcome=Outcome.OVER_BUDGET)
        else:
            seen[key] = passage.passage_id
            headings |= above
            spent += cost
        choices[passage.passage_id] = choice
    return _numbered(Selection((), tuple(choices.values()), budget_tokens, spent), scores)


def left_out(selection: Selection, passages: Iterable[Passage], outcome: Outcome) -> Selection:
    """The selection with passages that were not even considered, unless something else brought them forward."""
    known = {choice.passage.passage_id for choice in selection.choices}
    more = (Choice(passage, (Origin.HIT,), outcome) for passage in passages if passage.passage_id not in known)
    return replace(selection, choices=(*selection.choices, *more))


def hits_of_sentences(selection: Selection, hits: Iterable[Hit]) -> dict[int, Hit]:
    """How the passage of each sentence was found, by the sentence's number; nothing of one that no ranker returned."""
    by_passage = {hit.passage.passage_id: hit for hit in hits}
    return {
        number: by_passage[choice.passage.passage_id]
        for choice in selection.choices
        if choice.passage.passage_id in by_passage
        for number in choice.numbers
    }


def is_bare_heading(passage: Passage) -> bool:
    """Whether a passage is a heading without text: it stands above its sub-sections' passages anyway."""
    return len(passage.sentences) == 1 and is_own_heading(passage.text, passage.heading)


def _numbered(selection: Selection, scores: dict[int, float]) -> Selection:
    """The selection with the sentences of what is read in document order, numbered from 1."""
    taken = [choice.passage for choice in selection.choices if choice.outcome is Outcome.READ]
    ordered = sorted(taken, key=lambda passage: (passage.source, passage.start))
    evidence: list[Evidence] = []
    numbers: dict[int, tuple[int, ...]] = {}
    for passage in ordered:
        first = len(evidence) + 1
        evidence += [
            Evidence(
                number=number,
                text=sentence.text,
                source=passage.source,
                title=passage.title,
                place=passage.place,
                years=passage.years,
                heading=passage.heading,
                start=sentence.start,
                end=sentence.end,
                score=scores.get(passage.passage_id, 0.0),
            )
            for number, sentence in enumerate(passage.sentences, start=first)
        ]
        numbers[passage.passage_id] = tuple(range(first, len(evidence) + 1))
    choices = [replace(choice, numbers=numbers.get(choice.passage.passage_id, ())) for choice in selection.choices]
    return replace(selection, evidence=tuple(evidence), choices=tuple(choices))
