"""What composing an answer tells whoever looks inside: the way it took, what was read, what the generator was sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from rag.observer import Step
from rag.reading.evidence_reader import Side
from rag.schema.messages import Message
from rag.schema.search import Evidence

__all__ = ["Conferred", "Decided", "How", "Prompted", "SidesRead", "SoughtElsewhere"]

How: TypeAlias = Literal[
    "small talk",
    "nothing to read",
    "no reader",
    "not covered",
    "about the document",
    "premise",
    "computed",
    "quoted alone",
    "not worth writing",
    "both",
]
"""Who answered: code alone, the quotation alone, the generator alone for want of a reader, or reader and generator."""


@dataclass(frozen=True, slots=True)
class Decided(Step):
    """Which way a question took to its answer."""

    how: How


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
class Conferred(Step):
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
