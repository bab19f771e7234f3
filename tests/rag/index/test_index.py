"""Dense search: exact, and the same whether built or read back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.index.faiss_index import DenseIndex
from rag.index.protocols import EVERYTHING, IndexFacts, PassageFilter, PreparedDocument
from rag.index.sqlite import Store
from rag.schema.documents import Document, Passage
from tests.support.fakes import HashingEncoder

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
ENCODER = HashingEncoder(16)
SOME = PassageFilter(sources=frozenset({"a.txt"}))


def unit_vectors(n: int, dim: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def brute_force(
    ids: np.ndarray, vectors: np.ndarray, query: np.ndarray, top_k: int, allowed: set[int] | None
) -> list[tuple[int, float]]:
    scores = vectors.astype(np.float64) @ query.astype(np.float64)
    ranked = sorted(zip(ids.tolist(), scores.tolist(), strict=True), key=lambda hit: (-hit[1], hit[0]))
    return [hit for hit in ranked if allowed is None or hit[0] in allowed][:top_k]


def index_of(ids: np.ndarray, vectors: np.ndarray, allowed: set[int]) -> DenseIndex:
    """An index in which the filter ``SOME`` lets the allowed keys through."""
    return DenseIndex(ids, vectors, keys_of=lambda _: np.array(sorted(allowed), np.int64))


def put(store: Store, source: str, texts: list[str]) -> None:
    passages = [Passage(-1, source, "", "", (), (), 0, i, text, 0, 0, ()) for i, text in enumerate(texts)]
    document = Document(source, "", "", 0)
    store.replace(PreparedDocument(document, "", [], passages, ENCODER.encode(texts), [[] for _ in texts]))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path, create=True) as opened:
        opened.bind(IndexFacts(ENCODER.name, 16, "v1"))
        put(opened, "a.txt", ["学校招收新生", "新修农村公路", "新建大桥"])
        yield opened


def best(index: DenseIndex, store: Store, text: str) -> str:
    ((key, _),) = index.search(ENCODER.encode([text])[0], 1)
    return store.passages([key])[0].text


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(1, 60),
    top_k=st.integers(1, 70),
    seed=st.integers(0, 2**32 - 1),
    allowed=st.none() | st.sets(st.integers(0, 130)),
)
def test_search_equals_brute_force(n: int, top_k: int, seed: int, allowed: set[int] | None) -> None:
    ids = np.random.default_rng(seed).permutation(130)[:n].astype(np.int64)
    vectors, query = unit_vectors(n, 24, seed), unit_vectors(1, 24, seed + 1)[0]
    found = index_of(ids, vectors, allowed or set()).search(
        query, top_k, within=EVERYTHING if allowed is None else SOME
    )
    expected = brute_force(ids, vectors, query, top_k, allowed)
    assert [key for key, _ in found] == [key for key, _ in expected]
    assert [score for _, score in found] == pytest.approx([score for _, score in expected], abs=1e-6)


def test_search_equals_brute_force_on_many_vectors() -> None:
    vectors, queries = unit_vectors(5000, 64, 1), unit_vectors(5, 64, 2)
    ids = np.arange(5000, dtype=np.int64) * 3 + 7
    allowed = set(ids[::7].tolist())
    index = index_of(ids, vectors, allowed)
    for query in queries:
        for keys, within in ((None, EVERYTHING), (allowed, SOME)):
            expected = [key for key, _ in brute_force(ids, vectors, query, 60, keys)]
            assert [key for key, _ in index.search(query, 60, within=within)] == expected


def test_equal_scores_are_in_the_order_of_keys() -> None:
    vectors = np.repeat(unit_vectors(1, 8, 3), 4, axis=0)
    index = DenseIndex(np.array([9, 2, 5, 1]), vectors)
    assert [key for key, _ in index.search(vectors[0], 4)] == [1, 2, 5, 9]


@pytest.mark.parametrize("allowed", [set(), {77}])
def test_nothing_allowed_finds_nothing(allowed: set[int]) -> None:
    index = index_of(np.array([1]), unit_vectors(1, 8, 0), allowed)
    assert index.search(unit_vectors(1, 8, 0)[0], 5, within=SOME) == []


def test_none_wanted_finds_nothing() -> None:
    assert DenseIndex(np.array([1]), unit_vectors(1, 8, 0)).search(unit_vectors(1, 8, 0)[0], 0) == []


def test_the_keys_of_a_filter_are_asked_for_once() -> None:
    asked: list[PassageFilter] = []

    def keys_of(within: PassageFilter) -> np.ndarray:
        asked.append(within)
        return np.array([2, 3])

    index = DenseIndex(np.array([1, 2, 3]), unit_vectors(3, 8, 0), keys_of=keys_of)
    other = PassageFilter(years=frozenset({2019}))
    for within in (SOME, SOME, other, PassageFilter(sources=frozenset({"a.txt"})), EVERYTHING):
        index.search(unit_vectors(1, 8, 1)[0], 3, within=within)
    assert asked == [SOME, other]


def test_an_index_that_knows_no_filters_refuses_one() -> None:
    with pytest.raises(ValueError, match="made without keys_of"):
        DenseIndex(np.array([1]), unit_vectors(1, 8, 0)).search(unit_vectors(1, 8, 0)[0], 1, within=SOME)


def test_a_query_of_another_length_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"shape \(4,\); the index needs \(8,\)"):
        DenseIndex(np.array([1]), unit_vectors(1, 8, 0)).search(np.zeros(4, np.float32), 1)


def test_an_empty_store_finds_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path, create=True) as empty:
        empty.bind(IndexFacts(ENCODER.name, 16, "v1"))
        assert DenseIndex.load_or_build(empty, tmp_path).search(ENCODER.encode(["学校"])[0], 5) == []
        assert DenseIndex.load_or_build(empty, tmp_path).search(ENCODER.encode(["学校"])[0], 5) == []


def test_the_snapshot_is_read_back_and_finds_the_same(store: Store, tmp_path: Path) -> None:
    built = DenseIndex.load_or_build(store, tmp_path)
    store._database.rows("DELETE FROM vectors")  # whoever reads the vectors again finds none
    loaded = DenseIndex.load_or_build(store, tmp_path)
    query = ENCODER.encode(["公路"])[0]
    assert loaded.search(query, 3) == built.search(query, 3)
    assert loaded.state == built.state == store.state
    assert len(loaded) == 3


def test_a_write_makes_the_snapshot_stale(store: Store, tmp_path: Path) -> None:
    before = DenseIndex.load_or_build(store, tmp_path)
    put(store, "b.txt", ["水库蓄水"])
    assert before.state != store.state
    after = DenseIndex.load_or_build(store, tmp_path)
    assert best(after, store, "水库蓄水") == "水库蓄水"
    store.remove(["b.txt"])
    assert len(DenseIndex.load_or_build(store, tmp_path)) == 3


def test_the_snapshot_of_a_replaced_index_is_stale(store: Store, tmp_path: Path) -> None:
    DenseIndex.load_or_build(store, tmp_path)
    store.close()
    with Store.rebuild(tmp_path) as new:
        new.bind(IndexFacts(ENCODER.name, 16, "v1"))
        put(new, "a.txt", ["全新的文字", "另一段文字", "第三段文字"])
    with Store.open(tmp_path) as now:
        assert best(DenseIndex.load_or_build(now, tmp_path), now, "另一段文字") == "另一段文字"


@pytest.mark.parametrize("name", ["dense.faiss", "dense.json"])
@pytest.mark.parametrize("content", [None, b"", b"garbage", b"{}", b"[]", b"null", b"\xff"])
def test_a_damaged_snapshot_is_made_anew(store: Store, tmp_path: Path, name: str, content: bytes | None) -> None:
    DenseIndex.load_or_build(store, tmp_path)
    good = (tmp_path / name).read_bytes()
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content)
    assert best(DenseIndex.load_or_build(store, tmp_path), store, "新建大桥") == "新建大桥"
    assert (tmp_path / name).read_bytes() == good


def test_one_flipped_bit_in_the_snapshot_is_noticed(store: Store, tmp_path: Path) -> None:
    DenseIndex.load_or_build(store, tmp_path)
    good = (tmp_path / "dense.faiss").read_bytes()
    (tmp_path / "dense.faiss").write_bytes(good[:-9] + bytes([good[-9] ^ 1]) + good[-8:])
    DenseIndex.load_or_build(store, tmp_path)
    assert (tmp_path / "dense.faiss").read_bytes() == good


def test_what_a_killed_writer_left_is_cleared_away(store: Store, tmp_path: Path) -> None:
    left = tmp_path / ".dense.faiss.77.tmp"
    left.write_bytes(b"half")
    os.utime(left, (0, 0))
    DenseIndex.load_or_build(store, tmp_path)
    assert sorted(path.name for path in tmp_path.glob("*dense*")) == ["dense.faiss", "dense.json"]
    assert json.loads((tmp_path / "dense.json").read_text(encoding="utf-8"))["n_passages"] == 3


def test_a_folder_that_cannot_be_written_is_no_error(store: Store, tmp_path: Path) -> None:
    nowhere = tmp_path / "a file"
    nowhere.touch()
    assert best(DenseIndex.load_or_build(store, nowhere), store, "新建大桥") == "新建大桥"


def test_faiss_is_loaded_only_when_needed() -> None:
    code = "import sys, rag.index.faiss_index; print('faiss' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
