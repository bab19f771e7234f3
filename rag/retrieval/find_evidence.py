"""Question + history -> its analysis and the evidence for it, in one state of the index.

What a question leans on is put into it first: the conversation, a place that it only describes, a document that it
names by title. Contains no algorithms, calls no generator but to translate.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rag.config import Config
from rag.observer import Step
from rag.question.analysis import QuestionAnalysis, Wording, analyse_question, analyse_wording
from rag.question.scope import NOTHING_NAMED
from rag.question.sides import without_scope
from rag.retrieval.budget import Selection
from rag.retrieval.described_place import DescribedPlace, find_described_place
from rag.retrieval.evidence import select, select_evidence
from rag.retrieval.fusion import agreement, fuse_wordings
from rag.retrieval.named_document import telling_passages
from rag.retrieval.snapshot import IndexSnapshot
from rag.schema.documents import Part
from rag.schema.messages import Turn
from rag.schema.search import Evidence, Hit, Scope
from rag.text.language import detect_language
from rag.text.places import latin_name

__all__ = ["FoundEvidence", "find_evidence", "find_evidence_anywhere"]

FEW = 4  # hits that tell in which language the documents speak of it


@dataclass(frozen=True, slots=True)
class FoundEvidence(Step):
    """What was found for a question.

    Attributes:
        asked: What is asked.
        hits: The passages that were found, best first.
        selection: What is read of them, and why.
        scope: What was searched in: the user's restriction, or the document that the question names.
        parts: All that the corpus holds.
        described_place: The place that the question only described, where it was found.
        agreement: How high the best passage stands for both wordings, where there are two.
    """

    asked: QuestionAnalysis
    hits: tuple[Hit, ...]
    selection: Selection
    scope: Scope | None
    parts: tuple[Part, ...]
    described_place: DescribedPlace | None = None
    agreement: float = 1.0

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Sentences to read, in document order; none where the scope holds nothing."""
        return self.selection.evidence


def find_evidence(
    corpus: IndexSnapshot,
    question: str,
    history: Sequence[Turn],
    *,
    scope: Scope | None,
    config: Config,
    translate: Callable[[str], str] | None = None,
) -> FoundEvidence:
    """Analyse a question, and find and choose the evidence for it.

    Args:
        corpus: The index as it is now.
        question: The user's words.
        history: Earlier turns, oldest first.
        scope: The user's restriction.
        config: How many passages are ranked, and how much is read.
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
    selection = select(
        asked.wording,
        hits,
        budget_tokens=config.evidence_tokens,
        passages=corpus.store,
        whole_sections=len(asked.named.places) < 2,
        also=(*((place.passage,) if place else ()), *telling),
    )
    selection = replace(selection, evidence=corpus.on_pages(selection.evidence))
    agreed = agreement(hits) if translated else 1.0
    return FoundEvidence(asked, tuple(hits), selection, scope, retriever.parts, place, agreed)


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


def find_evidence_anywhere(
    corpus: IndexSnapshot, *, asked: QuestionAnalysis, config: Config
) -> tuple[Wording, tuple[Evidence, ...]]:
    """The question without its places and years, and what all documents have to it."""
    bare = analyse_wording(without_scope(asked.query, asked.named), NOTHING_NAMED)
    hits = corpus.retriever.retrieve(bare, top_k=config.top_k)
    budget = config.evidence_tokens // 2
    chosen = select_evidence(bare, hits, budget_tokens=budget, passages=corpus.store, whole_sections=False)
    return bare, corpus.on_pages(chosen)
