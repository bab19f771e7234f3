"""The input of answering: what is asked, what was found, what may be used. Decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rag.generation.reply import ReplyStream
from rag.observer import Observer, ignore_steps
from rag.question.analysis import QuestionAnalysis
from rag.question.scope import NamedScope
from rag.reading.evidence_reader import SpanReader
from rag.retrieval.find_evidence import FoundEvidence
from rag.schema.messages import Message
from rag.schema.search import Evidence
from rag.scoring.scorer import Scorer
from rag.scoring.sides import Side, score_side
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
        scorer: Scores what is read.
        write: Lets the generator write.
        similarity: Compares a sentence with evidence in another language.
        observe: Is called with each step.
    """

    reader: SpanReader | None
    scorer: Scorer
    write: Write
    similarity: Similarity
    observe: Observer = ignore_steps


@dataclass(frozen=True, slots=True)
class Case:
    """A question with everything that was found for it.

    Attributes:
        found: The question, analysed, and what was read for it.
        tools: What may be used.
        reader: The reader.
    """

    found: FoundEvidence
    tools: AnsweringTools
    reader: SpanReader

    @property
    def asked(self) -> QuestionAnalysis:
        """What is asked."""
        return self.found.asked

    @property
    def sides(self) -> tuple[Side, ...]:
        """What was read and scored for each side of the question; at least one."""
        return self.found.sides

    @property
    def read(self) -> tuple[Evidence, ...]:
        """All sentences that were read, in document order; at least one."""
        return self.found.read

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The sentences that most likely answer, in document order; at least one."""
        return self.found.evidence

    @property
    def language(self) -> Language:
        """Language of the answer."""
        return self.asked.language

    @property
    def confidence(self) -> float:
        """Probability that the documents hold the answer: that of the surest side."""
        return max(side.probability for side in self.sides)

    def look_again(self, question: str, named: NamedScope) -> Side:
        """Read the likeliest sentences once more, for another question.

        Args:
            question: What to look for.
            named: Places and years that it names.
        """
        hits = self.found.hits_of_sentences
        return score_side(question, named, self.evidence, hits, reader=self.reader, scorer=self.tools.scorer)
