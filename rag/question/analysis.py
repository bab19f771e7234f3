"""What a question asks, found out once, before anything is searched, and passed on whole.

Everything behind it reads a field instead of asking the question again. Two things can only be known after a search
and are put in by a new analysis: the place that a question describes (:meth:`QuestionAnalysis.at_place`) and how it
reads in Chinese (:meth:`QuestionAnalysis.in_chinese`). Searches nothing, calls no model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from rag.question.described_place import Description, describes_place
from rag.question.follow_up import standalone_question
from rag.question.kind import (
    Operation,
    asked_operation,
    asks_for_section,
    asks_several,
    asks_whether,
    count_asked,
    is_small_talk,
)
from rag.question.named_document import NamedDocument, asks_what_it_is_about, asks_what_it_says, find_named_document
from rag.question.scope import NamedScope, find_named_scope
from rag.question.sides import sides
from rag.schema.documents import Part
from rag.schema.messages import Turn
from rag.text.language import Language, detect_language
from rag.text.words import simplify

__all__ = ["AskedSide", "QuestionAnalysis", "Wording", "analyse_question", "analyse_wording"]


@dataclass(frozen=True, slots=True)
class AskedSide:
    """One of the things that a question asks for, or one side of a comparison; of any other question the whole of it.

    Attributes:
        text: The question about this side alone.
        named: The place and year of this side.
    """

    text: str
    named: NamedScope


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One wording of a question, and what it asks for.

    Attributes:
        text: The question, standing alone.
        language: Its language.
        named: The places and years that it names.
        sides: What it asks for or compares, each a question; one side where that is one thing.
        wants_section: Whether it asks for a list, or for what a whole section says.
        wants_several: Whether one span cannot answer it.
        wants_yes_no: Whether it wants a yes or a no.
        n_counted: How many things it says it asks for ("哪三方面"); 0 where it does not say.
        operation: The arithmetic that it asks for.
    """

    text: str
    language: Language
    named: NamedScope
    sides: tuple[AskedSide, ...]
    wants_section: bool
    wants_several: bool
    wants_yes_no: bool
    n_counted: int
    operation: Operation | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAnalysis:
    """A question, analysed.

    Attributes:
        question: The user's words.
        history: Earlier turns, oldest first.
        language: The language to answer in: that of the user's words.
        is_small_talk: Whether it greets or thanks, and asks nothing.
        wording: The question, standing alone.
        chinese: The same in Chinese, where it was put into it.
        description: The place that it describes instead of naming it, as long as that is not found.
        document: The document that it names by its title.
        asks_about_document: Whether it asks what place or year that document is about.
        asks_for_outline: Whether it asks what a whole document says.
    """

    question: str
    history: tuple[Turn, ...]
    language: Language
    is_small_talk: bool
    wording: Wording
    chinese: Wording | None = None
    description: Description | None = None
    document: NamedDocument | None = None
    asks_about_document: bool = False
    asks_for_outline: bool = False

    @property
    def query(self) -> str:
        """The standalone question."""
        return self.wording.text

    @property
    def named(self) -> NamedScope:
        """The places and years that it names."""
        return self.wording.named

    @property
    def wordings(self) -> tuple[Wording, ...]:
        """The question as it was asked, and in Chinese where it was put into it."""
        return (self.wording, *((self.chinese,) if self.chinese else ()))

    @property
    def for_rules(self) -> Wording:
        """The wording that rules of Chinese read: the Chinese one, where there is one."""
        return self.chinese or self.wording

    def at_place(self, place: str, parts: Sequence[tuple[str, Part]]) -> QuestionAnalysis:
        """The analysis once the described place is found: the question names it.

        Args:
            place: The place.
            parts: As for :func:`analyse_question`.
        """
        if self.description is None:
            return self
        return _analysis(self, self.description.with_place(place), parts)

    def in_chinese(self, text: str) -> QuestionAnalysis:
        """The analysis with the question in Chinese beside it; places and years are those of the question."""
        return replace(self, chinese=analyse_wording(text, self.named))


def analyse_question(question: str, history: Sequence[Turn], parts: Sequence[tuple[str, Part]]) -> QuestionAnalysis:
    """Find out what is asked.

    Args:
        question: The user's words, checked (:mod:`rag.question.validation`).
        history: Earlier turns, oldest first.
        parts: The parts of all documents that may be seen, each with its document's name: their places are known.
    """
    query = standalone_question(question, history, partial(_scope, parts))
    bare = QuestionAnalysis(
        question=question,
        history=tuple(history),
        language=detect_language(question),
        is_small_talk=is_small_talk(question),
        wording=analyse_wording(query, _scope(parts, query)),
    )
    return _analysis(bare, query, parts)


def analyse_wording(text: str, named: NamedScope) -> Wording:
    """Find out what one wording of a question asks for.

    Args:
        text: The question, standing alone.
        named: The places and years that it names.
    """
    return Wording(
        text=text,
        language=detect_language(text),
        named=named,
        sides=tuple(AskedSide(asked, of_side) for asked, of_side in sides(text, named)),
        wants_section=asks_for_section(text),
        wants_several=asks_several(text),
        wants_yes_no=asks_whether(text),
        n_counted=count_asked(text),
        operation=asked_operation(simplify(text)),
    )


def _analysis(base: QuestionAnalysis, query: str, parts: Sequence[tuple[str, Part]]) -> QuestionAnalysis:
    """The analysis of a standalone question."""
    named = _scope(parts, query)
    document = find_named_document(query, parts, places=named.places)
    return replace(
        base,
        wording=analyse_wording(query, named),
        description=None if named.places else describes_place(query),
        document=document,
        asks_about_document=asks_what_it_is_about(query),
        asks_for_outline=asks_what_it_says(query, titled=document is not None),
    )


def _scope(parts: Sequence[tuple[str, Part]], text: str) -> NamedScope:
    return find_named_scope(simplify(text), (part for _, part in parts))
