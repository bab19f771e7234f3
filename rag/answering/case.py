"""The input of answering: what is asked, what was found, what may be used. Decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rag.generation.reply import ReplyStream
from rag.observer import Observer, ignore_steps
from rag.question.analysis import QuestionAnalysis, Wording
from rag.reading.evidence_reader import Side, SpanReader
from rag.retrieval.find_evidence import FoundEvidence
from rag.schema.messages import Message
from rag.schema.search import Evidence
from rag.text.language import Language

__all__ = ["AnsweringTools", "Case", "Similarity", "Write"]

Write: TypeAlias = Callable[[list[Message]], ReplyStream]
"""Lets the generator write a reply to messages."""
Similarity: TypeAlias = Callable[[str, Sequence[str]], Sequence[float]]
"""Cosine of a text with each of some others, across languages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweringTools:
    """What may be used to answer.

    Attributes:
        reader: The reader; without one the generator answers alone.
        write: Lets the generator write.
        similarity: Compares a sentence with evidence in another language.
        search_elsewhere: Finds evidence for the same thing of any place and year: what is close, where nothing
            answers. None where the user's restriction forbids it.
        observe: Is called with each step.
    """

    reader: SpanReader | None
    write: Write
    similarity: Similarity
    search_elsewhere: Callable[[], tuple[Wording, tuple[Evidence, ...]]] | None = None
    observe: Observer = ignore_steps


@dataclass(frozen=True, slots=True)
class Case:
    """A question with everything that was found for it, and what the reader finds in that.

    Attributes:
        found: The question, analysed, and its evidence.
        tools: What may be used.
        reader: The reader.
        sides: What the reader found for each side of the question.
    """

    found: FoundEvidence
    tools: AnsweringTools
    reader: SpanReader
    sides: tuple[Side, ...]

    @property
    def asked(self) -> QuestionAnalysis:
        """What is asked."""
        return self.found.asked

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Sentences in document order; at least one."""
        return self.found.evidence

    @property
    def language(self) -> Language:
        """Language of the answer."""
        return self.asked.language

    @property
    def confidence(self) -> float:
        """Probability that the evidence holds the answer: that of the surest side."""
        return max(side.probability for side in self.sides)
