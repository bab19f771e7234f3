"""What an exam is made of: a document as the maker reads it, and a question whose answer is known. Data only."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, TypeAlias

from rag.schema.documents import Passage, Sentence

__all__ = ["AnswerType", "ExamDocument", "ExamQuestion", "QuestionKind", "Statement"]

AnswerType: TypeAlias = Literal["figure", "share", "rank", "date", "who", "definition", "penalty", "list"]
"""What is asked for: a quantity, a percentage, a place in an order, a day, an office or person, what a term means,
a fine, the items of a list."""
QuestionKind: TypeAlias = Literal["asked", "other_words", "other_year", "other_place", "hidden"]
"""How it is asked: as the text says it; in other words; of a year or place that the documents do not hold; with the
document hidden. The last three want a refusal."""


@dataclass(frozen=True, slots=True)
class ExamDocument:
    """A document as questions are made from it.

    Attributes:
        source: Its name.
        text: Its text as loaded; all offsets count in it.
        passages: Its passages, in order.
    """

    source: str
    text: str
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of a sentence that a question can be made of.

    Attributes:
        type: What is asked for.
        forms: Wordings of the question without place, year and question mark; the first is nearest to the text's.
        answer: What answers it, as the sentence says it.
        start: First raw offset of the answer.
        end: Raw offset behind it.
        sentence: The sentence; of a list the one that announces it.
        passage: Where that stands.
        key: What is told of, without place and period: by it statements are compared.
        value: The figure; None where the answer is none.
        unit: Its unit.
        period: The period that the sentence itself names, as it is written: ``2031年``, ``今年``; may be empty.
        needs_title: Whether the statement speaks of the document itself, or of a year only relative to it.
    """

    type: AnswerType
    forms: tuple[str, ...]
    answer: str
    start: int
    end: int
    sentence: Sentence
    passage: Passage
    key: str
    value: Decimal | None = None
    unit: str = ""
    period: str = ""
    needs_title: bool = False


@dataclass(frozen=True, slots=True)
class ExamQuestion:
    """One question of an exam.

    Attributes:
        question_id: Unique in its exam; the same for the same documents and seed.
        question: What is asked.
        kind: How it is asked.
        type: What is asked for.
        answerable: Whether the documents that are not hidden answer it; else a refusal is right.
        answer: The answer as the text says it; of an unanswerable question the nearest statement's, which is wrong.
        source: The document that ``answer`` stands in.
        start: First raw offset of ``answer``.
        end: Raw offset behind it.
        sentence: The sentence that holds it, cleaned.
        sentence_start: First raw offset of the sentence.
        sentence_end: Raw offset behind it.
        title: Title of the part.
        heading: Headings above it, outermost first.
        section: Ordinal of its section in the document.
        place: Place of the part.
        years: Years of the part.
        wording: How it was put in other words; empty where it was not.
        hidden: Documents to hide while it is asked.
        twins: Where the same is told with another value: source, start, end. Right answers to other questions.
    """

    question_id: str
    question: str
    kind: QuestionKind
    type: AnswerType
    answerable: bool
    answer: str
    source: str
    start: int
    end: int
    sentence: str
    sentence_start: int
    sentence_end: int
    title: str
    heading: tuple[str, ...]
    section: int
    place: str
    years: tuple[int, ...]
    wording: str = ""
    hidden: frozenset[str] = frozenset()
    twins: tuple[tuple[str, int, int], ...] = field(default=())
