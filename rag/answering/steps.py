"""Steps of answering for observers: the route, and what the generator was sent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rag.observer import Step
from rag.schema.messages import Message
from rag.schema.search import Evidence

__all__ = ["Decided", "Prompted", "Route"]


class Route(StrEnum):
    """Which way a question took to its answer: code alone, the quotation, the generator, or reader and generator."""

    SMALL_TALK = "small_talk"
    NOTHING_TO_READ = "nothing_to_read"
    NO_READER = "no_reader"
    ABOUT_DOCUMENT = "about_the_document"
    PREMISE = "premise"
    COMPUTED = "computed"
    QUOTED_ALONE = "quoted_alone"
    REFUSED = "refused"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Decided(Step):
    """Which way a question took to its answer."""

    route: Route


@dataclass(frozen=True, slots=True)
class Prompted(Step):
    """What the generator was sent.

    Attributes:
        messages: The prompt.
        evidence: The sentences in it.
    """

    messages: tuple[Message, ...]
    evidence: tuple[Evidence, ...]
