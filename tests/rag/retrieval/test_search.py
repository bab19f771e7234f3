"""Which passages a question finds, over a small real index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from rag.documents.chunk import chunk_document, searchable_text
from rag.encoders import embed_passages
from rag.index.faiss_index import DenseIndex
from rag.index.protocols import EVERYTHING, IndexFacts, OpenedIndex, PreparedDocument
from rag.index.sqlite import Store
from rag.question.scope import NamedScope
from rag.retrieval.fusion import FUSION_K, fuse_wordings
from rag.retrieval.search import FOREIGN_LEXICAL_WEIGHT, HybridRetriever
from rag.schema.documents import Document
from rag.schema.search import Hit, Scope
from rag.text.words import lexical_tokens
from tests.support.fakes import GlossaryEncoder

ROADS, BUSES, SAFETY = ("一、道路建设",), ("二、公共交通",), ("三、安全",)
DOCUMENTS = {
    "y31.txt": "云岭县2031年交通工作总结\n一、道路建设\n全年新修农村公路86公里、桥梁12座。\n"
    "二、公共交通\n全县共有公交线路31条，夜间线路5条。\n三、安全\n落实司机自查、班组互查、站点抽查制度。",
    "y32.txt": "云岭县2032年交通工作总结\n一、道路建设\n全年新修农村公路91公里、桥梁7座。\n"
    "二、公共交通\n全县共有公交线路36条，夜间线路8条。\n三、安全\n《How many lines》双语栏目播出。",
    "q31.txt": "清河县2031年交通工作总结\n一、道路建设\n全年新修农村公路40公里、桥梁3座。\n"
    "二、公共交通\n公交线路哪个多？清河县的公交线路多，公交线路77条。",
    "q32.txt": "清河县2032年交通工作总结\n一、道路建设\n全年新修农村公路44公里、桥梁5座。\n"
    "二、公共交通\n公交线路哪个多？清河县的公交线路多，公交线路80条。",
}
# The question that it understands shares words only with a passage that does not answer it.
ENCODER = GlossaryEncoder({"How many bridges were built?": "新修桥梁、农村公路"}, 512)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(tmp_path_factory.mktemp("index"), create=True) as opened:
        opened.bind(IndexFacts(ENCODER.name, ENCODER.dim, "v1"))
        for source, text in DOCUMENTS.items():
            document = Document(source, text, "0" * 64, len(text))
            chunked = chunk_document(document, passage_chars=80)
            texts = [searchable_text(passage) for passage in chunked.passages]
            vectors, tokens = embed_passages(texts, encoder=ENCODER), [lexical_tokens(text) for text in texts]
            opened.replace(PreparedDocument(document, source, chunked.parts, chunked.passages, vectors, tokens))
        yield opened


@pytest.fixture(scope="module")
def retriever(store: Store, tmp_path_factory: pytest.TempPathFactory) -> HybridRetriever:
    return retriever_of(store, tmp_path_factory.mktemp("dense"))


def retriever_of(store: Store, folder: Path) -> HybridRetriever:
    vectors = DenseIndex.load_or_build(store, folder)
    return HybridRetriever(OpenedIndex(store, vectors, store.lexical, store.state), ENCODER)


def places(hits: Sequence[Hit]) -> list[tuple[str, tuple[str, ...]]]:
    return [(hit.passage.source, hit.passage.heading) for hit in hits]


def test_the_passage_that_shares_most_with_the_question_comes_first(retriever: HybridRetriever) -> None:
    assert places(retriever.retrieve(retriever.analyse("新修农村公路91公里"), top_k=1)) == [("y32.txt", ROADS)]
    assert places(retriever.retrieve(retriever.analyse("司机自查、班组互查"), top_k=1)) == [("y31.txt", SAFETY)]


def test_ranks_count_from_one_and_each_passage_comes_once(retriever: HybridRetriever, store: Store) -> None:
    found = retriever.retrieve(retriever.analyse("云岭县和清河县的公交线路哪个多？"), top_k=99)
    assert [hit.rank for hit in found] == list(range(1, len(found) + 1))
    assert sorted(places(found)) == sorted(
        (passage.source, passage.heading) for source in DOCUMENTS for passage in store.document_passages(source)
    )


def test_no_more_than_top_k(retriever: HybridRetriever) -> None:
    whole = retriever.retrieve(retriever.analyse("云岭县和清河县的公交线路哪个多？"), top_k=99)
    for top_k in (1, 2, 5):
        assert places(retriever.retrieve(retriever.analyse("云岭县和清河县的公交线路哪个多？"), top_k=top_k)) == places(
            whole[:top_k]
        )


def test_the_score_is_the_sum_of_reciprocal_ranks(retriever: HybridRetriever) -> None:
    found = retriever.retrieve(retriever.analyse("二〇三二年新建了多少座桥梁？"), top_k=99)
    for hit in found:
        ranks = [rank for rank in (hit.dense_rank, hit.lexical_rank) if rank]
        assert hit.score == pytest.approx(sum(1 / (FUSION_K + rank) for rank in ranks))
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
    assert sorted(hit.dense_rank for hit in found) == list(range(1, len(found) + 1))
    assert {hit.lexical_rank for hit in found if hit.passage.heading == ROADS} == {1, 2, 3, 4}


def test_another_place_or_year_than_the_one_asked_for_is_found_as_well(retriever: HybridRetriever) -> None:
    found = retriever.retrieve(retriever.analyse("云岭县2031年的公交线路有多少条？"), top_k=99)
    assert {hit.passage.source for hit in found} == set(DOCUMENTS), "what that means is weighed later"


def test_traditional_characters_and_pinyin_name_the_place(retriever: HybridRetriever) -> None:
    assert retriever.named("雲嶺縣2031年") == retriever.named("Yunling in 2031") == NamedScope(("云岭县",), (2031,))


@pytest.mark.parametrize(
    ("asked", "sides"),
    [
        ("云岭县和清河县的公交线路哪个多？", ["云岭", "清河"]),
        ("云岭县2031年和2032年的公交线路", ["2031年", "2032年"]),
    ],
)
def test_each_side_of_a_comparison_is_searched_for_itself_and_its_best_is_among_the_first(
    retriever: HybridRetriever, asked: str, sides: list[str]
) -> None:
    wording = retriever.analyse(asked)
    assert [side in each.text for side, each in zip(sides, wording.sides, strict=True)] == [True, True]
    bests = [retriever._search(text, EVERYTHING)[0] for text in (asked, *(side.text for side in wording.sides))]
    found = retriever.retrieve(wording, top_k=3)
    assert {hit.passage.passage_id for hit in bests} <= {hit.passage.passage_id for hit in found}
    assert found[0].wording == asked


def test_a_question_of_another_script_is_ranked_by_the_dense_list(retriever: HybridRetriever) -> None:
    found = retriever.retrieve(retriever.analyse("How many bridges were built?"), top_k=99)
    assert [hit.dense_rank for hit in found[:4]] == [1, 2, 3, 4]
    assert {hit.passage.heading for hit in found[:4]} == {ROADS}
    (decoy,) = [hit for hit in found if hit.lexical_rank]
    assert (decoy.passage.source, decoy.passage.heading, decoy.lexical_rank) == ("y32.txt", SAFETY, 1)
    assert decoy.score == pytest.approx(1 / (FUSION_K + decoy.dense_rank) + FOREIGN_LEXICAL_WEIGHT / (FUSION_K + 1))


@pytest.mark.parametrize(
    ("scope", "sources"),
    [
        (Scope(sources=frozenset({"y31.txt"})), {"y31.txt"}),
        (Scope(years=frozenset({2031})), {"y31.txt", "q31.txt"}),
        (Scope(places=frozenset({"清河县"})), {"q31.txt", "q32.txt"}),
        (Scope(places=frozenset({"清河"})), {"q31.txt", "q32.txt"}),
        (Scope(places=frozenset({"云岭县"}), years=frozenset({2032})), {"y32.txt"}),
        (Scope(), set(DOCUMENTS)),
    ],
)
def test_a_scope_keeps_everything_else_out(retriever: HybridRetriever, scope: Scope, sources: set[str]) -> None:
    assert {
        hit.passage.source for hit in retriever.retrieve(retriever.analyse("公交线路"), top_k=99, scope=scope)
    } == sources


@pytest.mark.parametrize(
    "scope",
    [
        Scope(sources=frozenset({"no.txt"})),
        Scope(years=frozenset({1999})),
        Scope(places=frozenset({"杭州市"})),
        Scope(sources=frozenset({"y31.txt"}), years=frozenset({2032})),
        Scope(places=frozenset({"清河县"}), sources=frozenset({"y31.txt"})),
    ],
)
def test_a_scope_that_matches_nothing_yields_nothing(retriever: HybridRetriever, scope: Scope) -> None:
    assert retriever.retrieve(retriever.analyse("云岭县的公交线路"), top_k=99, scope=scope) == []


def test_an_index_without_passages_yields_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path, create=True) as store:
        store.bind(IndexFacts(ENCODER.name, ENCODER.dim, "v1"))
        empty = retriever_of(store, tmp_path)
        assert (empty.retrieve(empty.analyse("公交线路"), top_k=5), empty.example_questions(5)) == ([], [])


def test_both_wordings_of_a_question_are_fused_and_the_translation_counts_twice(retriever: HybridRetriever) -> None:
    """What both find comes first; of what one alone finds, what the translation does."""
    one, two, three = (
        replace(hit, rank=1) for hit in retriever.retrieve(retriever.analyse("公交线路多少条？"), top_k=3)
    )
    fused = fuse_wordings([one, replace(two, rank=2)], [replace(three, rank=1), replace(two, rank=2)], 9)
    ids = [hit.passage.passage_id for hit in fused]
    assert ids == [hit.passage.passage_id for hit in (two, three, one)]
    assert [hit.rank for hit in fused] == [1, 2, 3]
    assert fused[0].score == pytest.approx(1.5 / (FUSION_K + 2))
    assert len(fuse_wordings([one], [three], 1)) == 1
