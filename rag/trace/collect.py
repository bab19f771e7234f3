"""A question answered with everything kept that was found, weighed and checked on the way: for who looks inside.

The answer is the pipeline's own, made by the same code: a trace only listens (``rag.observer``), and what it says of a
passage is what was done with it. Nothing is guessed: of passages that no ranker returned it says nothing.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from rag.answering.arbitration import Arbitrated
from rag.answering.citing import Checks
from rag.answering.steps import Decided, Prompted, Route
from rag.observer import Observer, Step
from rag.question.validation import History
from rag.retrieval.budget import Choice, Origin
from rag.retrieval.find_evidence import FoundEvidence
from rag.schema.answers import Answer, Event, Quoted
from rag.schema.documents import Passage
from rag.schema.messages import Message, Mode
from rag.schema.search import Evidence, Hidden, Hit, Scope
from rag.scoring.scorer import Scorer
from rag.scoring.sides import Side

__all__ = [
    "Cause",
    "Draft",
    "Looked",
    "Observable",
    "ReadWording",
    "Reason",
    "Trace",
    "trace",
    "trace_events",
]


class Cause(StrEnum):
    """Why a passage is read."""

    RANKED = "ranked"  # its rank
    NAMED_SECTION = "named_section"  # its section was asked for whole
    LIKELY_SECTION = "likely_section"  # a list is asked for, and the hits point to its section most
    COUNTED_HEADING = "counted_heading"  # its heading is one of as many as the question counts
    DESCRIBES_PLACE = "describes_the_place"  # it says which place the question describes
    TELLS_DOCUMENT = (
        "tells_the_document"  # it tells place and year of the document that the question names by its title
    )
    BEGINS_SECTION = "begins_a_section"  # the outline of its document is asked for


_NAMES: Final[dict[type[Step], str]] = {
    FoundEvidence: "found",
    Decided: "decided",
    Prompted: "prompted",
    Checks: "checked",
    Arbitrated: "ruled",
}


class Observable(Protocol):
    """What is needed of :class:`rag.pipeline.Pipeline`."""

    def stream(
        self,
        question: str,
        *,
        history: History = (),
        scope: Scope | None = None,
        mode: Mode = "answer",
        hidden: Hidden = frozenset(),
        observe: Observer,
    ) -> Iterator[Event]:
        """Answer step by step, telling what is done."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a passage is read.

    Attributes:
        cause: The reason.
        rank: Its rank, where that is the reason; 0 otherwise.
    """

    cause: Cause
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Looked:
    """A passage that was looked at.

    Attributes:
        choice: What became of it.
        hit: How it was found; None where no ranker returned it, as with the neighbours of one that was.
        reasons: Why it was brought forward.
    """

    choice: Choice
    hit: Hit | None
    reasons: tuple[Reason, ...]

    @property
    def passage(self) -> Passage:
        """The passage."""
        return self.choice.passage


@dataclass(frozen=True, slots=True)
class ReadWording:
    """What one wording of the question found by itself.

    Attributes:
        wording: The wording.
        sides: What was read and scored for each side of it.
    """

    wording: str
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """What the generator was sent, and what came back.

    Attributes:
        messages: The prompt.
        evidence: The sentences in it.
        checks: Its reply and what was checked of it; None where it did not finish.
    """

    messages: tuple[Message, ...]
    evidence: tuple[Evidence, ...]
    checks: Checks | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """A question's way to its answer.

    Attributes:
        question: The user's words.
        mode: How it was to be answered.
        scope: The user's restriction.
        steps: What was done, in order, each with the seconds from the question to its end.
        quoted: The instant answer, where there was one.
        answer: The answer, as it is shown.
    """

    question: str
    mode: Mode
    scope: Scope | None
    steps: tuple[tuple[Step, float], ...]
    quoted: Answer | None
    answer: Answer

    @property
    def route(self) -> Route:
        """Which way the answer took."""
        return next(step.route for step, _ in self.steps if isinstance(step, Decided))

    @property
    def found(self) -> FoundEvidence | None:
        """What was found; None of small talk, for which nothing is searched."""
        return next((step for step, _ in self.steps if isinstance(step, FoundEvidence)), None)

    @property
    def scorer(self) -> Scorer | None:
        """What scored what was read; None where nothing was."""
        return self.found.scorer if self.found else None

    @property
    def reads(self) -> tuple[ReadWording, ...]:
        """What was read and scored, for each wording of the question; empty where there is no reader."""
        found = self.found
        if found is None:
            return ()
        wordings = (wording.text for wording in found.asked.wordings)
        return tuple(ReadWording(*each) for each in zip(wordings, found.readings, strict=bool(found.readings)))

    @property
    def judged_together(self) -> tuple[Side, ...]:
        """What two wordings find, as one; empty where there is one wording."""
        return self.found.sides if self.found and len(self.found.readings) > 1 else ()

    @property
    def rulings(self) -> tuple[Arbitrated, ...]:
        """The rulings between composed text and quotation."""
        return tuple(step for step, _ in self.steps if isinstance(step, Arbitrated))

    @property
    def moments(self) -> tuple[tuple[str, float], ...]:
        """When each step was done, in seconds from the question."""
        return tuple((_NAMES[type(step)], seconds) for step, seconds in self.steps)

    @property
    def drafts(self) -> tuple[Draft, ...]:
        """What the generator was sent and what came back, each time."""
        drafts: list[Draft] = []
        for step, _ in self.steps:
            if isinstance(step, Prompted):
                drafts.append(Draft(step.messages, step.evidence))
            elif isinstance(step, Checks) and drafts:
                drafts[-1] = Draft(drafts[-1].messages, drafts[-1].evidence, step)
        return tuple(drafts)

    @property
    def looked(self) -> tuple[Looked, ...]:
        """Every passage that was looked at: the hits by rank, then the others in document order."""
        found = self.found
        if found is None:
            return ()
        hits = {hit.passage.passage_id: hit for hit in found.hits}
        looked = [
            Looked(choice, hits.get(choice.passage.passage_id), _reasons(choice, hits, found))
            for choice in found.selection.choices
        ]
        last = len(hits) + 1
        return tuple(
            sorted(looked, key=lambda one: (one.hit.rank if one.hit else last, one.passage.source, one.passage.start))
        )

    def reasons_of(self, number: int) -> tuple[Reason, ...]:
        """Why a sentence of the evidence is read, by its number."""
        return next((one.reasons for one in self.looked if number in one.choice.numbers), ())

    def probability_of(self, number: int) -> float | None:
        """The probability that a sentence answers, of its likeliest side; None where it was not read."""
        sides = self.found.sides if self.found else ()
        return max((s.probability for side in sides for s in side.found if s.evidence.number == number), default=None)


def trace(
    pipeline: Observable,
    question: str,
    *,
    history: History = (),
    scope: Scope | None = None,
    hidden: Hidden = frozenset(),
    mode: Mode = "answer",
) -> Trace:
    """Answer a question and keep everything that was done for it; arguments and errors as in ``Pipeline.ask``."""
    traced: Trace | None = None
    for event in trace_events(pipeline, question, history=history, scope=scope, hidden=hidden, mode=mode):
        if isinstance(event, Trace):
            traced = event
    assert traced is not None  # noqa: S101 - trace_events' promise
    return traced


def trace_events(
    pipeline: Observable,
    question: str,
    *,
    history: History = (),
    scope: Scope | None = None,
    hidden: Hidden = frozenset(),
    mode: Mode = "answer",
) -> Generator[Event | Trace, None, None]:
    """The same step by step: the pipeline's events as they come, and the trace behind its answer.

    Closing the iterator stops the generator.
    """
    listener = _Listener()
    events = pipeline.stream(question, history=history, scope=scope, mode=mode, hidden=hidden, observe=listener.hear)
    quoted: Answer | None = None
    try:
        for event in events:
            yield event
            if isinstance(event, Quoted):
                quoted = event.answer
            elif isinstance(event, Answer):
                yield Trace(question, mode, scope, tuple(listener.steps), quoted, event)
    finally:
        if close := getattr(events, "close", None):  # a generator: its own `finally` ends the generation
            close()


@dataclass(slots=True)
class _Listener:
    """Keeps what it hears, with the time since it was made."""

    started: float = field(default_factory=time.perf_counter)
    steps: list[tuple[Step, float]] = field(default_factory=list)

    def hear(self, step: Step) -> None:
        self.steps.append((step, time.perf_counter() - self.started))


def _in_any_case(passage_id: int, found: FoundEvidence) -> Cause:
    if found.described_place is not None and found.described_place.passage.passage_id == passage_id:
        return Cause.DESCRIBES_PLACE
    return Cause.BEGINS_SECTION if found.asked.asks_for_outline else Cause.TELLS_DOCUMENT


def _reasons(choice: Choice, hits: dict[int, Hit], found: FoundEvidence) -> tuple[Reason, ...]:
    key = choice.passage.passage_id
    reasons: list[Reason] = []
    for origin in choice.origins:
        if origin is Origin.HIT:
            reasons.append(Reason(Cause.RANKED, hits[key].rank))
        elif origin is Origin.IN_ANY_CASE:
            reasons.append(Reason(_in_any_case(key, found)))
        else:
            reasons.append(Reason(Cause(origin)))
    return tuple(reasons)
