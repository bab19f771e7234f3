"""Question -> ranked passages: dense and lexical ranks fused, each side of the question sought.

Ranks are fused by reciprocal rank fusion (Cormack, Clarke & Buettcher, SIGIR 2009): a rank means the
same in every list, a cosine and a BM25 score do not. Does not prompt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, Protocol

from rag.encoders import Encoder, embed_query
from rag.index.faiss_index import DenseIndex
from rag.index.sqlite import Store
from rag.question.scope import QuestionScope, question_scope
from rag.question.sides import without_scope
from rag.retrieval.example_questions import example_questions
from rag.retrieval.fusion import FUSION_K, take_turns
from rag.schema.documents import Part, Passage
from rag.schema.search import Hit, Scope
from rag.text.places import place_key
from rag.text.sentences import split_clauses
from rag.text.unicode import has_unspaced_word
from rag.text.words import lexical_tokens, simplify
from rag.text.years import find_years, periods

__all__ = ["HybridRetriever", "Retriever", "facets"]

CANDIDATES = 60


# A passage whose heading or part names a year of the question rises by about three ranks at the top
# of a list: 1/(20+1) - 1/(20+4) = 0.006.
YEAR_BONUS = 0.008


# One of a section of another year that does not mention the year asked for either falls behind; at 0.6
# questions that mean another year than they name lose their evidence (dev: 0.957 -> 0.915).
OTHER_YEAR_WEIGHT = 0.75


# Words of another script match almost at random: XQuAD en->zh falls from R@1 0.714 (dense alone) to
# 0.231 where the lexical list weighs as much as the dense one.
FOREIGN_LEXICAL_WEIGHT = 0.1


class Retriever(Protocol):
    """Finds passages for a question."""

    def retrieve(self, question: str, *, top_k: int, scope: Scope | None = None) -> list[Hit]:
        """Return at most ``top_k`` hits, best first."""


@dataclass(frozen=True, slots=True)
class Facet:
    """One thing to search for: a wording, and the passages it is searched in (None: all)."""

    query: str
    places: tuple[str, ...] = ()
    years: tuple[int, ...] = ()


def facets(question: str, named: QuestionScope) -> list[Facet]:
    """Split a question into what must be found for each of its sides.

    Two places, or two years of one place, are sought each for itself, since the better matching side
    would fill the whole list; a question of several clauses is also sought clause by clause, since
    each may lead to another sentence ("the city that did X, how many Y has it?").

    Args:
        question: The standalone question.
        named: Places and years it names.

    Returns:
        The facets, the whole question first.
    """
    found = [Facet(question, named.places, named.years)]
    if len(named.places) > 1:
        core = without_scope(question, named)
        return found + [Facet(f"{place}{core}", (place,), named.years) for place in named.places]
    if len(named.years) > 1 and len(asked := _periods(question)) > 1:
        return found + [Facet(question, named.places, years) for years in asked]
    clauses = split_clauses(question)
    if len(clauses) > 1:
        found += [Facet(clause, named.places, named.years) for clause in clauses]
    return found


def _periods(question: str) -> list[tuple[int, ...]]:
    """The years that a question names, and school or fiscal years; of a longer range its ends."""
    return sorted({p for years in periods(question) for p in ([years] if years[-1] - years[0] < 2 else zip(years))})


class HybridRetriever:
    """Dense and lexical search over one store, fused.

    Attributes:
        titled: All parts of all documents that may be seen, each with its document's name.
        parts: The parts alone.
    """

    def __init__(
        self, store: Store, dense: DenseIndex, encoder: Encoder, *, hidden: frozenset[str] = frozenset()
    ) -> None:
        """Search a store.

        Args:
            store: What is indexed.
            dense: Its vectors.
            encoder: Embeds questions.
            hidden: Documents that are not there for this user: neither found nor named.
        """
        self._store = store
        self._dense = dense
        self._encoder = encoder
        self._hidden = hidden
        self._examples: dict[int, list[str]] = {}
        sources = [info.source for info in store.documents() if info.source not in hidden]
        self.titled = tuple((source, part) for source in sources for part in store.parts(source))
        self._visible: set[int] | None = None  # all
        if hidden:
            self._visible = (store.passage_ids(Scope(sources=frozenset(sources))) or set()) if sources else set()
        self.parts: tuple[Part, ...] = tuple(part for _, part in self.titled)

    def example_questions(self, limit: int) -> list[str]:
        """Questions about the corpus's own headings; made once, since all passages are read for them."""
        if limit not in self._examples:
            self._examples[limit] = self._made_examples(limit)
        return list(self._examples[limit])

    def _made_examples(self, limit: int) -> list[str]:
        columns: dict[tuple[str, str], list[Passage]] = {}
        for info in self._store.documents():
            shown = () if info.source in self._hidden else self._store.document_passages(info.source)
            for passage in shown:
                columns.setdefault((passage.source, passage.title), []).append(passage)
        return example_questions(columns.values(), limit)

    def named(self, question: str) -> QuestionScope:
        """Places of the corpus, and years, that a question names."""
        return question_scope(simplify(question), self.parts)

    def retrieve(self, question: str, *, top_k: int, scope: Scope | None = None) -> list[Hit]:
        """Find passages.

        Args:
            question: The standalone question.
            top_k: Most hits to return.
            scope: The user's restriction; nothing matching it means no hits.

        Returns:
            Hits, best first, ranks from 1; sides of a comparison take turns.
        """
        allowed = self._store.passage_ids(self._as_written(scope)) if scope else None
        allowed = _both(allowed, self._visible)
        if allowed is not None and not allowed:
            return []
        lists = [self._search(facet, allowed) for facet in facets(question, self.named(question))]
        return take_turns(lists, top_k)

    def _as_written(self, scope: Scope) -> Scope:
        """The scope with its places as the corpus writes them: ``X`` finds ``X市``; an unknown one stays unknown."""
        written: dict[str, set[str]] = {}
        for part in self.parts:
            written.setdefault(place_key(part.place), set()).add(part.place)
        places = frozenset(name for place in scope.places for name in written.get(place_key(place), {place}))
        return replace(scope, places=places)

    def _search(self, facet: Facet, allowed: set[int] | None) -> list[Hit]:
        within = _both(allowed, self._ids_of(facet))
        dense = self._dense.search(embed_query(facet.query, encoder=self._encoder), CANDIDATES, allowed=within)
        lexical = self._store.lexical_search(lexical_tokens(facet.query), CANDIDATES, allowed=within)
        dense_at = {pid: (rank, score) for rank, (pid, score) in enumerate(dense, start=1)}
        lexical_at = {pid: (rank, score) for rank, (pid, score) in enumerate(lexical, start=1)}
        ids = list(dict.fromkeys([*dense_at, *lexical_at]))
        hits = [
            _hit(facet, passage, dense_at.get(passage.passage_id), lexical_at.get(passage.passage_id))
            for passage in self._store.passages(ids)
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.passage.passage_id))

    def _ids_of(self, facet: Facet) -> set[int] | None:
        """Passages of the places a facet names, and those of no known place; None where it names none."""
        if not facet.places:
            return None
        return self._store.passage_ids(Scope(places=frozenset({*facet.places, ""})))


def _hit(facet: Facet, passage: Passage, dense: tuple[int, float] | None, lexical: tuple[int, float] | None) -> Hit:
    weight = 1.0 if has_unspaced_word(facet.query) or not has_unspaced_word(passage.text) else FOREIGN_LEXICAL_WEIGHT
    score = (1 / (FUSION_K + dense[0]) if dense else 0.0) + (weight / (FUSION_K + lexical[0]) if lexical else 0.0)
    of_year: Literal["", "asked", "other"] = ""
    if facet.years and set(facet.years) & set(passage.years):
        score, of_year = score + YEAR_BONUS, "asked"
    elif facet.years and passage.years and not set(facet.years) & set(find_years(passage.text)):
        score, of_year = score * OTHER_YEAR_WEIGHT, "other"
    return Hit(
        passage,
        score,
        0,
        dense_score=dense[1] if dense else None,
        dense_rank=dense[0] if dense else None,
        lexical_score=lexical[1] if lexical else None,
        lexical_rank=lexical[0] if lexical else None,
        wording=facet.query,
        of_year=of_year,
    )


def _both(one: set[int] | None, other: set[int] | None) -> set[int] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other
