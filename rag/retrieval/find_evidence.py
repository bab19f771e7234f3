"""Question + history -> the standalone question and the evidence for it, in one state of the index.

What a question leans on is put into it first: the conversation, a place that it only describes, a document that it
names by title. Contains no algorithms, calls no generator.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rag.config import Config
from rag.observer import Step
from rag.question.described_place import describes_place
from rag.question.follow_up import standalone_question
from rag.question.named_document import TitledPart, find_titled
from rag.question.scope import QuestionScope
from rag.question.sides import without_scope
from rag.retrieval.budget import Selection
from rag.retrieval.described_place import Bridge, find_bridge
from rag.retrieval.evidence import consider, select_evidence
from rag.retrieval.fusion import agreement, fuse_wordings
from rag.retrieval.named_document import telling_passages
from rag.retrieval.snapshot import Corpus
from rag.schema.documents import Part
from rag.schema.messages import Turn
from rag.schema.search import Evidence, Hit, Scope
from rag.text.language import detect_language
from rag.text.places import latin_name

__all__ = ["Gathered", "gather", "gather_anywhere"]

FEW = 4


@dataclass(frozen=True, slots=True)
class Gathered(Step):
    """What was found for a question.

    Attributes:
        query: The standalone question.
        hits: The passages that were found, best first.
        selection: What is read of them, and why.
        scope: What was searched in: the user's restriction, or the document that the question names.
        named: Places and years that the question names.
        parts: All that the corpus holds.
        bridge: The place that the question only described, where it was found.
        titled: The document that the question names by its title.
        translated: The question in Chinese, where it is in another language and could be told in it; else empty.
        agreement: How high the best passage stands for both wordings, where there are two.
    """

    query: str
    hits: tuple[Hit, ...]
    selection: Selection
    scope: Scope | None
    named: QuestionScope
    parts: tuple[Part, ...]
    bridge: Bridge | None = None
    titled: TitledPart | None = None
    translated: str = ""
    agreement: float = 1.0

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Sentences to read, in document order; none where the scope holds nothing."""
        return self.selection.evidence


def gather(
    corpus: Corpus,
    asked: str,
    turns: Sequence[Turn],
    *,
    scope: Scope | None,
    config: Config,
    translate: Callable[[str], str] | None = None,
) -> Gathered:
    """Find and choose the evidence for a question.

    Args:
        corpus: The index as it is now.
        asked: The user's words.
        turns: Earlier turns, oldest first.
        scope: The user's restriction.
        config: How many passages are ranked, and how much is read.
        translate: Puts a question into Chinese; empty where it cannot. Used where the documents are in Chinese and
            the question is not.
    """
    retriever = corpus.retriever
    query = standalone_question(asked, turns, retriever.named)
    translated = ""
    if translate and detect_language(query) != "zh":
        few = retriever.retrieve(query, top_k=FEW, scope=scope)
        if any(detect_language(hit.passage.text) == "zh" for hit in few):
            translated = translate(_with_chinese_names(query, retriever.named(query).places))
    bridge = None
    if (description := describes_place(query)) and not retriever.named(query).places:
        told = retriever.retrieve(description.what, top_k=config.top_k, scope=scope)
        if bridge := find_bridge(description, told):
            query = description.with_place(bridge.place)
    named = retriever.named(query)
    titled = find_titled(query, retriever.titled, places=named.places)
    if titled and not scope:
        scope = Scope(sources=frozenset({titled.source}))
    telling = telling_passages(titled.part, corpus.store.document_passages(titled.source)) if titled else ()
    hits = retriever.retrieve(query, top_k=config.top_k, scope=scope)
    if translated:
        hits = fuse_wordings(hits, retriever.retrieve(translated, top_k=config.top_k, scope=scope), config.top_k)
    agreed = agreement(hits) if translated else 1.0
    selection = consider(
        query,
        hits,
        budget_tokens=config.evidence_tokens,
        passages=corpus.store,
        whole_sections=len(named.places) < 2,
        also=(*((bridge.passage,) if bridge else ()), *telling),
    )
    selection = replace(selection, evidence=corpus.on_pages(selection.evidence))
    return Gathered(query, tuple(hits), selection, scope, named, retriever.parts, bridge, titled, translated, agreed)


def _with_chinese_names(query: str, places: Sequence[str]) -> str:
    """The question with its places as the documents write them: a small model cannot tell 云岭 from Yunling."""
    for place in places:
        query = re.sub(latin_name(place), place, query, flags=re.IGNORECASE)
    return query


def gather_anywhere(
    corpus: Corpus, *, query: str, named: QuestionScope, config: Config
) -> tuple[str, tuple[Evidence, ...]]:
    """The question without its places and years, and what all documents have to it."""
    asked = without_scope(query, named)
    hits = corpus.retriever.retrieve(asked, top_k=config.top_k)
    budget = config.evidence_tokens // 2
    chosen = select_evidence(asked, hits, budget_tokens=budget, passages=corpus.store, whole_sections=False)
    return asked, corpus.on_pages(chosen)
