"""Steps of answering for observers: the route, what was read, what the generator was sent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rag.observer import Step
from rag.reading.evidence_reader import Side
from rag.schema.messages import Message
from rag.schema.search import Evidence

__all__ = ["Decided", "JudgedTogether", "Prompted", "Route", "SidesRead", "SoughtElsewhere"]


class Route(StrEnum):
    """Which way a question took to its answer: code alone, the quotation, the generator, or reader and generator."""

    SMALL_TALK = "small_talk"
    NOTHING_TO_READ = "nothing_to_read"
    NO_READER = "no_reader"
    NOT_COVERED = "not_covered"
    ABOUT_DOCUMENT = "about_the_document"
    PREMISE = "premise"
    COMPUTED = "computed"
    QUOTED_ALONE = "quoted_alone"
    NOT_WORTH_WRITING = "not_worth_writing"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Decided(Step):
    """Which way a question took to its answer."""

    route: Route


@dataclass(frozen=True, slots=True)
class SidesRead(Step):
    """What the reader found for one wording of the question.

    Attributes:
        wording: The question as it was read.
        sides: What was found.
        used: Whether the answer goes by this wording, alone or with the other one.
    """

    wording: str
    sides: tuple[Side, ...]
    used: bool = True


@dataclass(frozen=True, slots=True)
class JudgedTogether(Step):
    """What both wordings of the question find, judged together (:mod:`rag.reading.two_wordings`).

    Attributes:
        sides: What was found.
    """

    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Prompted(Step):
    """What the generator was sent.

    Attributes:
        messages: The prompt.
        evidence: The sentences in it.
    """

    messages: tuple[Message, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class SoughtElsewhere(Step):
    """What was looked at for a refusal: the same thing of any place and year."""

    asked: str
    evidence: tuple[Evidence, ...]
