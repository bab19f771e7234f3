"""Question -> ranked passages: dense and lexical ranks fused, each side of the question sought.

Places and years of a question are words among its words here: a passage of another place is found as well, and what
that means for an answer is weighed later (:mod:`rag.scoring`). Found among the first 40 passages on 258 questions over
33 documents: 0.926; with only the named places searched 0.907, with passages of the year raised 0.911.

Ranks are fused by reciprocal rank fusion (Cormack, Clarke & Buettcher, SIGIR 2009): a rank means the
same in every list, a cosine and a BM25 score do not. Does not prompt.
"""

from __future__ import annotations

from dataclasses import replace

from rag.encoders import Encoder, embed_query
from rag.index.protocols import OpenedIndex, PassageFilter
from rag.question.analysis import Wording, analyse_wording
from rag.question.scope import NamedScope, find_named_scope
from rag.question.sides import without_scope
from rag.retrieval.example_questions import example_questions
from rag.retrieval.fusion import FUSION_K, take_turns
from rag.schema.documents import Part, Passage
from rag.schema.search import Hit, Scope
from rag.text.places import place_key
from rag.text.unicode import has_unspaced_word
from rag.text.words import lexical_tokens, simplify

__all__ = ["HybridRetriever"]

CANDIDATES = 60


# Words of another script match almost at random: XQuAD en->zh falls from R@1 0.714 (dense alone) to
# 0.231 where the lexical list weighs as much as the dense one.
FOREIGN_LEXICAL_WEIGHT = 0.1


class HybridRetriever:
    """Dense and lexical search over one index, fused.

    Attributes:
        parts_by_source: All parts of all documents that may be seen, each with its document's name.
        parts: The parts alone.
    """

    def __init__(self, index: OpenedIndex, encoder: Encoder, *, hidden: frozenset[str] = frozenset()) -> None:
        """Search an index.

        Args:
            index: What is searched.
            encoder: Embeds questions.
            hidden: Documents that are not there for this user: neither found nor named.
        """
        self._index = index
        self._encoder = encoder
        self._hidden = hidden
        self._examples: dict[int, list[str]] = {}
        seen = [info for info in index.store.documents() if info.source not in hidden]
        self.parts_by_source = tuple((info.source, part) for info in seen for part in info.parts)
        self.parts: tuple[Part, ...] = tuple(part for _, part in self.parts_by_source)

    def example_questions(self, limit: int) -> list[str]:
        """Questions about the corpus's own headings; made once, since all passages are read for them."""
        if limit not in self._examples:
            self._examples[limit] = self._made_examples(limit)
        return list(self._examples[limit])

    def _made_examples(self, limit: int) -> list[str]:
        columns: dict[tuple[str, str], list[Passage]] = {}
        for info in self._index.store.documents():
            shown = () if info.source in self._hidden else self._index.store.document_passages(info.source)
            for passage in shown:
                columns.setdefault((passage.source, passage.title), []).append(passage)
        return example_questions(columns.values(), limit)

    def named(self, question: str) -> NamedScope:
        """Places of the corpus, and years, that a question names."""
        return find_named_scope(simplify(question), self.parts)

    def analyse(self, text: str) -> Wording:
        """A standalone question, analysed with the places of the corpus."""
        return analyse_wording(text, self.named(text))

    def retrieve(self, wording: Wording, *, top_k: int, scope: Scope | None = None) -> list[Hit]:
        """Find passages.

        Args:
            wording: The standalone question, analysed.
            top_k: Most hits to return.
            scope: The user's restriction; nothing matching it means no hits.

        Returns:
            Hits, best first, ranks from 1; sides of a comparison take turns.
        """
        within = self._filter(scope or Scope())
        asked = dict.fromkeys([wording.text, *(side.text for side in wording.sides)])
        hits = take_turns([self._search(text, within) for text in asked], top_k)
        bare = self._ranks(without_scope(wording.text, wording.named), within)
        return [replace(hit, bare_rank=bare.get(hit.passage.passage_id)) for hit in hits]

    def _filter(self, scope: Scope) -> PassageFilter:
        """What a scope restricts; its places as the corpus writes them: ``X`` finds ``X市``, an unknown one nothing."""
        written: dict[str, set[str]] = {}
        for part in self.parts:
            written.setdefault(place_key(part.place), set()).add(part.place)
        places = frozenset(name for place in scope.places for name in written.get(place_key(place), {place}))
        return PassageFilter(
            sources=scope.sources or None,
            hidden=self._hidden,
            years=scope.years or None,
            places=places or None,
            include_unplaced="" in scope.places,
        )

    def _ranks(self, text: str, within: PassageFilter) -> dict[int, int]:
        """Passages by the dense ranker, with their ranks."""
        found = self._index.vectors.search(embed_query(text, encoder=self._encoder), CANDIDATES, within=within)
        return {passage_id: rank for rank, (passage_id, _) in enumerate(found, start=1)}

    def _search(self, text: str, within: PassageFilter) -> list[Hit]:
        dense = self._index.vectors.search(embed_query(text, encoder=self._encoder), CANDIDATES, within=within)
        lexical = self._index.lexical.search(lexical_tokens(text), CANDIDATES, within=within)
        dense_at = {pid: (rank, score) for rank, (pid, score) in enumerate(dense, start=1)}
        lexical_at = {pid: (rank, score) for rank, (pid, score) in enumerate(lexical, start=1)}
        ids = list(dict.fromkeys([*dense_at, *lexical_at]))
        hits = [
            _hit(text, passage, dense_at.get(passage.passage_id), lexical_at.get(passage.passage_id))
            for passage in self._index.store.passages(ids)
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.passage.passage_id))


def _hit(text: str, passage: Passage, dense: tuple[int, float] | None, lexical: tuple[int, float] | None) -> Hit:
    weight = 1.0 if has_unspaced_word(text) or not has_unspaced_word(passage.text) else FOREIGN_LEXICAL_WEIGHT
    score = (1 / (FUSION_K + dense[0]) if dense else 0.0) + (weight / (FUSION_K + lexical[0]) if lexical else 0.0)
    return Hit(
        passage,
        score,
        0,
        dense_score=dense[1] if dense else None,
        dense_rank=dense[0] if dense else None,
        lexical_score=lexical[1] if lexical else None,
        lexical_rank=lexical[0] if lexical else None,
        wording=text,
    )
