"""Question + history -> its analysis and the evidence for it, read and scored, in one state of the index.

What a question leans on is put into it first: the conversation, a place that it only describes, a document that it
names by title. Contains no algorithms, calls no generator but to translate.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from rag.config import Config
from rag.observer import Step
from rag.question.analysis import QuestionAnalysis, analyse_question
from rag.question.column import column_question
from rag.reading.evidence_reader import SpanReader
from rag.retrieval.budget import Selection, hits_of_sentences
from rag.retrieval.described_place import DescribedPlace, find_described_place
from rag.retrieval.evidence import likeliest_sentences, select
from rag.retrieval.fusion import fuse_wordings
from rag.retrieval.named_document import telling_passages
from rag.retrieval.outline import only_source, outline_passages
from rag.retrieval.snapshot import IndexSnapshot
from rag.retrieval.tables import Table, whole_tables
from rag.schema.documents import Part, Passage
from rag.schema.messages import Turn
from rag.schema.search import Evidence, Hit, Scope
from rag.scoring.scorer import Scorer
from rag.scoring.sides import Side, score_sides, together
from rag.text.language import detect_language
from rag.text.places import latin_name

__all__ = ["FoundEvidence", "find_evidence"]

FEW = 4  # hits that tell in which language the documents speak of it


@dataclass(frozen=True, slots=True)
class FoundEvidence(Step):
    """What was found for a question.

    Attributes:
        asked: What is asked.
        hits: The passages that were found, best first.
        selection: What was read of them, and why.
        scope: What was searched in: the user's restriction, or the document that the question names.
        parts: All that the corpus holds.
        sides: What was read and scored for each side of the question; none where there is no reader.
        evidence: The sentences that most likely answer, in document order: what the generator is given.
        described_place: The place that the question only described, where it was found.
        readings: What each wording of the question found by itself; none where there is no reader.
        scorer: What scored it; None where there is no reader.
        tables: The whole tables in which something was read, where the question may ask for something of a column.
    """

    asked: QuestionAnalysis
    hits: tuple[Hit, ...]
    selection: Selection
    scope: Scope | None
    parts: tuple[Part, ...]
    sides: tuple[Side, ...]
    evidence: tuple[Evidence, ...]
    described_place: DescribedPlace | None = None
    readings: tuple[tuple[Side, ...], ...] = ()
    scorer: Scorer | None = field(default=None, compare=False)
    tables: tuple[Table, ...] = field(default=(), compare=False)

    @property
    def read(self) -> tuple[Evidence, ...]:
        """All sentences that were read, in document order; none where the scope holds nothing."""
        return self.selection.evidence

    @property
    def hits_of_sentences(self) -> dict[int, Hit]:
        """How the passage of each sentence was found, by the sentence's number."""
        return hits_of_sentences(self.selection, self.hits)


def find_evidence(
    corpus: IndexSnapshot,
    question: str,
    history: Sequence[Turn],
    *,
    scope: Scope | None,
    config: Config,
    reader: SpanReader | None,
    scorer: Scorer,
    translate: Callable[[str], str] | None = None,
) -> FoundEvidence:
    """Analyse a question, find the passages that may answer it, read them and choose the sentences that do.

    Args:
        corpus: The index as it is now.
        question: The user's words.
        history: Earlier turns, oldest first.
        scope: The user's restriction.
        config: How many passages are read, and how much the generator is given.
        reader: The reader; without one the generator is given what ranks first.
        scorer: Scores what was read.
        translate: Puts a question into Chinese; empty where it cannot. Used where the documents are in Chinese and
            the question is not.
    """
    retriever = corpus.retriever
    asked = analyse_question(question, history, retriever.parts_by_source)
    translated = _translated(corpus, asked, scope, translate)
    asked, place = _at_described_place(corpus, asked, scope, config)
    if translated:
        asked = asked.in_chinese(translated)
    document = asked.document
    if document and not scope:
        scope = Scope(sources=frozenset({document.source}))
    telling = telling_passages(document.part, corpus.store.document_passages(document.source)) if document else ()
    lists = [retriever.retrieve(wording, top_k=config.top_k, scope=scope) for wording in asked.wordings]
    hits = lists[0] if len(lists) == 1 else fuse_wordings(lists[0], lists[1], config.top_k)
    also = (*((place.passage,) if place else ()), *telling, *_outline(corpus, asked, scope))
    if reader is None:
        selection = select(asked.wording, hits, passages=corpus.store, also=also, budget_tokens=config.evidence_tokens)
        selection = replace(selection, evidence=corpus.located(selection.evidence))
        return FoundEvidence(asked, tuple(hits), selection, scope, retriever.parts, (), selection.evidence, place)
    selection = select(asked.wording, hits, passages=corpus.store, also=also)
    selection = replace(selection, evidence=corpus.located(selection.evidence))
    found = hits_of_sentences(selection, hits)
    readings = tuple(
        score_sides(wording, selection.evidence, found, reader=reader, scorer=scorer) for wording in asked.wordings
    )
    sides = readings[0] if len(readings) == 1 else together(*readings)
    chosen = likeliest_sentences(sides, selection.evidence, budget_tokens=config.evidence_tokens)
    tables = whole_tables(selection.evidence, corpus) if column_question(asked.query) else ()
    return FoundEvidence(
        asked, tuple(hits), selection, scope, retriever.parts, sides, chosen, place, readings, scorer, tables
    )


def _outline(corpus: IndexSnapshot, asked: QuestionAnalysis, scope: Scope | None) -> Sequence[Passage]:
    """The passages that begin the sections of the one document that is searched, where its outline is asked for."""
    source = only_source(scope, {source for source, _ in corpus.retriever.parts_by_source})
    return outline_passages(corpus.store.document_passages(source)) if asked.asks_for_outline and source else ()


def _translated(
    corpus: IndexSnapshot, asked: QuestionAnalysis, scope: Scope | None, translate: Callable[[str], str] | None
) -> str:
    """The question in Chinese, where the documents are and it is not; empty otherwise."""
    if translate is None or asked.wording.language == "zh":
        return ""
    few = corpus.retriever.retrieve(asked.wording, top_k=FEW, scope=scope)
    if not any(detect_language(hit.passage.text) == "zh" for hit in few):
        return ""
    return translate(_with_chinese_names(asked.query, asked.named.places))


def _at_described_place(
    corpus: IndexSnapshot, asked: QuestionAnalysis, scope: Scope | None, config: Config
) -> tuple[QuestionAnalysis, DescribedPlace | None]:
    """The analysis with the place that the question describes named in it, where that is found."""
    if asked.description is None:
        return asked, None
    what = corpus.retriever.analyse(asked.description.what)
    hits = corpus.retriever.retrieve(what, top_k=config.top_k, scope=scope)
    place = find_described_place(asked.description, hits)
    return (asked.at_place(place.place, corpus.retriever.parts_by_source) if place else asked), place


def _with_chinese_names(query: str, places: Sequence[str]) -> str:
    """The question with its places as the documents write them: a small model cannot tell 云岭 from Yunling."""
    for place in places:
        query = re.sub(latin_name(place), place, query, flags=re.IGNORECASE)
    return query
