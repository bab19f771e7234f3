"""The index on disk: what goes in comes out, and whatever happens, it is whole."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from rag.config import load_config
from rag.errors import (
    DocumentNotFoundError,
    IndexCorruptError,
    IndexLockedError,
    IndexMismatchError,
    IndexMissingError,
    IndexReadOnlyError,
)
from rag.index.protocols import IndexFacts, PassageFilter, PreparedDocument
from rag.index.refusals import check_facts
from rag.index.sqlite import Store
from rag.index.sqlite.backend import SQLiteBackend
from rag.schema.documents import Document, DocumentInfo, Part

if TYPE_CHECKING:
    from collections.abc import Iterator
from tests.support.rag.stores import ENCODER, passage, put, write_protected


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path, create=True) as opened:
        opened.bind(IndexFacts("e5@1", 16, "v1-160"))
        yield opened


ROOT = Path(__file__).parents[3]
FILE = "youju.sqlite"


def ids_of(store: Store, source: str) -> list[int]:
    return [p.passage_id for p in store.document_passages(source)]


# What goes in comes out


def test_a_document_comes_back_as_it_was_loaded(store: Store) -> None:
    document = Document("a.txt", "一、\u3000甲\r\n\x00乙", "cd" * 32, 21, "utf-8")
    store.replace(PreparedDocument(document, "/a.txt", [], [], ENCODER.encode([]), []))
    assert store.document("a.txt") == document


def test_parts_come_back_in_order(store: Store) -> None:
    parts = [Part("乙", "", "", (), "", 50, 90), Part("甲", "教育局", "甲市", (2017, 2018), "2018-01-02", 0, 50)]
    document = Document("a.txt", "甲", "", 3)
    store.replace(PreparedDocument(document, "", parts, [], ENCODER.encode([]), []))
    assert store.parts("a.txt") == parts
    assert store.parts("b.txt") == []


def test_passages_come_back_whole_and_in_order(store: Store) -> None:
    expected = put(store, "a.txt", ["x 一", "x 二", "x 三"])
    found = store.document_passages("a.txt")
    assert [replace(p, passage_id=-1) for p in found] == expected
    assert store.passages([p.passage_id for p in reversed(found)]) == found[::-1]


def test_a_section_can_be_had_whole(store: Store) -> None:
    put(store, "b.txt", ["其他", "其他"])
    put(store, "a.txt", ["一", "二", "三", "四", "五"])
    assert [p.text for p in store.section_passages("a.txt", 1)] == ["三", "四"]
    assert store.section_passages("a.txt", 9) == []


def test_keys_that_are_gone_are_left_out(store: Store) -> None:
    put(store, "a.txt", ["一"])
    (key,) = ids_of(store, "a.txt")
    assert [p.text for p in store.passages([999, key, -1])] == ["一"]


def test_vectors_come_back_by_key_to_the_bit(store: Store) -> None:
    put(store, "a.txt", ["一 二", "三 四"])
    put(store, "b.txt", ["五 六"])
    ids, vectors = store.vectors()
    assert ids.tolist() == ids_of(store, "a.txt") + ids_of(store, "b.txt")
    assert (ids.dtype, vectors.dtype) == (np.int64, np.float32)
    np.testing.assert_array_equal(vectors, ENCODER.encode(["一 二", "三 四", "五 六"]))


def test_the_list_of_documents_tells_what_their_parts_tell(store: Store) -> None:
    put(store, "b.txt", ["一", "二"], title="乙市总结", place="", years=())
    put(store, "a.txt", ["三"], title="甲市总结")
    a, b = store.documents()
    part = Part("甲市总结", "教育局", "甲市", (2018, 2019), "2019-12-31", 0, 999)
    assert a == DocumentInfo("a.txt", "/docs/a.txt", (part,), 1, 1, "ab" * 32, a.added_at)
    assert (a.titles, a.places, a.years) == (("甲市总结",), ("甲市",), (2018, 2019))
    assert (b.source, b.titles, b.places, b.years, b.n_passages, b.n_chars) == ("b.txt", ("乙市总结",), (), (), 2, 3)
    assert a.added_at.endswith("+00:00")


def test_the_list_of_documents_takes_one_query(store: Store) -> None:
    for n in range(30):
        put(store, f"{n}.txt", ["一"])
    asked: list[str] = []
    store._database._connection.set_trace_callback(asked.append)
    assert len(store.documents()) == 30
    assert len([sql for sql in asked if sql.startswith(("SELECT", "\nSELECT"))]) == 1


def test_a_document_without_parts_is_listed(store: Store) -> None:
    store.replace(PreparedDocument(Document("a.txt", "", "", 0), "", [], [], ENCODER.encode([]), []))
    (info,) = store.documents()
    assert (info.source, info.parts, info.n_passages) == ("a.txt", (), 0)


def test_an_error_does_not_name_thousands_of_documents(store: Store) -> None:
    for n in range(12):
        put(store, f"{n:02}.txt", ["一"])
    with pytest.raises(DocumentNotFoundError) as caught:
        store.document("b.txt")
    assert str(caught.value) == (
        "The index holds no document 'b.txt'. It holds: 00.txt, 01.txt, 02.txt, 03.txt, 04.txt, 05.txt, 06.txt, "
        "07.txt, 08.txt, 09.txt and 2 more; to list them: youju index --list."
    )


def test_an_unknown_document_is_an_error_that_names_the_known_ones(store: Store) -> None:
    put(store, "a.txt", ["一"])
    with pytest.raises(DocumentNotFoundError, match=r"holds no document 'b\.txt'\. It holds: a\.txt\."):
        store.document("b.txt")
    with pytest.raises(DocumentNotFoundError):
        store.remove(["b.txt"])


# Replacing and removing


def test_a_replaced_document_leaves_nothing_behind(store: Store) -> None:
    put(store, "a.txt", ["旧 一", "旧 二"])
    old = set(ids_of(store, "a.txt"))
    put(store, "a.txt", ["新 三"])
    assert store.lexical.search(["旧"], 9) == []
    assert [key for key, _ in store.lexical.search(["新"], 9)] == ids_of(store, "a.txt") == store.vectors()[0].tolist()
    assert not old & set(ids_of(store, "a.txt"))


def test_keys_are_never_used_twice(store: Store) -> None:
    put(store, "a.txt", ["一", "二"])
    used = ids_of(store, "a.txt")
    store.remove(["a.txt"])
    put(store, "b.txt", ["三", "四"])
    assert min(ids_of(store, "b.txt")) > max(used)


def test_a_removed_document_is_gone_from_every_table(store: Store, tmp_path: Path) -> None:
    put(store, "a.txt", ["一", "二"])
    put(store, "b.txt", ["三"])
    store.remove(["a.txt"])
    assert [info.source for info in store.documents()] == ["b.txt"]
    assert table_sizes(tmp_path) == {"documents": 1, "parts": 1, "passages": 1, "vectors": 1, "lexical": 1}


@pytest.mark.parametrize(
    ("vectors", "tokens", "error"),
    [
        (np.zeros((1, 16), np.float32), [["新"], ["新"]], ValueError),
        (np.zeros((2, 8), np.float32), [["新"], ["新"]], ValueError),
        (np.zeros((2, 16), np.float32), [["新"]], ValueError),
        (np.full((2, 16), np.nan, np.float32), [["新"], ["新"]], ValueError),
        (np.zeros((2, 16), np.float32), [["新"], [5]], TypeError),  # noticed half way through the transaction
    ],
)
def test_a_failed_replacement_leaves_the_old_document(
    store: Store, vectors: np.ndarray, tokens: list[list[str]], error: type[Exception]
) -> None:
    put(store, "a.txt", ["旧"])
    state = store.state
    new = [passage("a.txt", i, "新") for i in range(2)]
    prepared = PreparedDocument(Document("a.txt", "新", "", 3), "", [], new, vectors, tokens)
    with pytest.raises(error):
        store.replace(prepared)
    assert store.document("a.txt").text == "旧"
    assert [p.text for p in store.document_passages("a.txt")] == ["旧"]
    assert store.state == state


def test_every_write_changes_the_state(store: Store) -> None:
    states = [store.state]
    put(store, "a.txt", ["一"])
    states.append(store.state)
    put(store, "a.txt", ["一"])
    states.append(store.state)
    store.remove(["a.txt"])
    states.append(store.state)
    assert len(set(states)) == 4


# Lexical search


def test_the_passage_with_the_rarer_word_comes_first(store: Store) -> None:
    put(store, "a.txt", ["学校 学生", "学校 教师", "学校 桥梁", "道路 水库", "森林 湖泊"])
    keys = ids_of(store, "a.txt")
    found = store.lexical.search(["学校", "桥梁"], 9)
    assert [key for key, _ in found] == [keys[2], keys[0], keys[1]]
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) > 0
    assert store.lexical.search(["学校", "桥梁"], 1) == found[:1]


def test_only_passages_inside_the_filter_are_found(store: Store) -> None:
    for source in ("a.txt", "b.txt"):
        put(store, source, ["学校", "道路"])
    found = store.lexical.search(["学校"], 9, within=PassageFilter(sources=frozenset({"b.txt", "no.txt"})))
    assert [key for key, _ in found] == ids_of(store, "b.txt")[:1]
    assert store.lexical.search(["学校"], 9, within=PassageFilter(sources=frozenset())) == []


def steps_of(store: Store, within: PassageFilter) -> int:
    """How many steps of SQLite's machine a search takes."""
    connection, steps = store._database._connection, 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection.set_progress_handler(count, 1)
    try:
        assert len(store.lexical.search(["学校"], 9, within=within)) == 4
    finally:
        connection.set_progress_handler(None, 0)
    return steps


FILTERS = [
    PassageFilter(),
    PassageFilter(sources=frozenset({"a.txt"})),
    PassageFilter(hidden=frozenset({"other.txt"})),
    PassageFilter(places=frozenset({"甲市"}), include_unplaced=True),
    PassageFilter(years=frozenset({2018})),
    PassageFilter(sources=frozenset({"a.txt"}), places=frozenset({"甲市"}), years=frozenset({2018})),
]


@pytest.mark.parametrize("within", FILTERS)
def test_the_cost_of_a_search_follows_the_matches_and_not_the_passages(store: Store, within: PassageFilter) -> None:
    put(store, "a.txt", ["学校"] * 4)
    put(store, "b.txt", [f"道路 {n}" for n in range(100)])
    few = steps_of(store, within)
    put(store, "c.txt", [f"桥梁 {n}" for n in range(900)])
    assert steps_of(store, within) <= 2 * few


@pytest.mark.parametrize("within", FILTERS[1:])
def test_a_filter_adds_some_steps_for_each_match(store: Store, within: PassageFilter) -> None:
    put(store, "a.txt", ["学校"] * 4)
    put(store, "b.txt", [f"道路 {n}" for n in range(100)])
    assert steps_of(store, within) <= steps_of(store, PassageFilter()) + 400


@pytest.mark.parametrize(
    "token", ["90.21%", "c++", "#1", "a-b", "x:y", "臺", "𠮷野", "ロンドン", "(", "*", "^a", "AND"]
)
def test_a_token_is_found_as_it_stands(store: Store, token: str) -> None:
    put(store, "a.txt", [f"前 {token} 后", "前 90 21 a b x y c 1 后"])
    assert [key for key, _ in store.lexical.search([token], 9)] == ids_of(store, "a.txt")[:1]


@pytest.mark.parametrize(
    "tokens",
    [
        ['"'],
        ['" OR 学校 OR "'],
        ["tokens : 学校"],
        ["NEAR(学校 学校)"],
        ["学*"],
        ["\0"],
        ["\0学\0校x"],
        [" "],
        [""],
        [],
    ],
)
def test_query_syntax_is_only_words(store: Store, tokens: list[str]) -> None:
    put(store, "a.txt", ["学校", "教师"])
    assert store.lexical.search(tokens, 9) == []


def test_a_question_of_thousands_of_words_is_searched(store: Store) -> None:
    put(store, "a.txt", ["学校", "教师"])
    tokens = [f"词{i}" for i in range(5000)] + ["教师"]
    assert [key for key, _ in store.lexical.search(tokens, 9)] == ids_of(store, "a.txt")[1:]


# Scope


@pytest.fixture
def scoped(store: Store) -> Store:
    put(store, "a.txt", ["一"], place="甲市", years=(2018, 2019))
    put(store, "b.txt", ["二"], place="乙市", years=(2019,))
    put(store, "c.txt", ["三"], place="", years=())
    return store


@pytest.mark.parametrize(
    ("within", "sources"),
    [
        (PassageFilter(), ["a.txt", "b.txt", "c.txt"]),
        (PassageFilter(sources=frozenset({"a.txt", "c.txt"})), ["a.txt", "c.txt"]),
        (PassageFilter(sources=frozenset()), []),
        (PassageFilter(hidden=frozenset({"a.txt"})), ["b.txt", "c.txt"]),
        (PassageFilter(sources=frozenset({"a.txt"}), hidden=frozenset({"a.txt"})), []),
        (PassageFilter(years=frozenset({2019})), ["a.txt", "b.txt"]),
        (PassageFilter(years=frozenset({2018, 1066})), ["a.txt"]),
        (PassageFilter(years=frozenset()), []),
        (PassageFilter(places=frozenset({"乙市"})), ["b.txt"]),
        (PassageFilter(places=frozenset({"乙市"}), include_unplaced=True), ["b.txt", "c.txt"]),
        (PassageFilter(places=frozenset()), []),
        (PassageFilter(places=frozenset({""})), []),
        (PassageFilter(places=frozenset(), include_unplaced=True), ["c.txt"]),
        (PassageFilter(include_unplaced=True), ["a.txt", "b.txt", "c.txt"]),
        (PassageFilter(places=frozenset({"甲市", "乙市"}), years=frozenset({2018})), ["a.txt"]),
        (PassageFilter(sources=frozenset({"b.txt"}), places=frozenset({"甲市"})), []),
        (PassageFilter(places=frozenset({"甲市') OR 1 --"})), []),
    ],
)
def test_a_filter_lets_through_what_it_matches(scoped: Store, within: PassageFilter, sources: list[str]) -> None:
    everything = [p for source in ("a.txt", "b.txt", "c.txt") for p in scoped.document_passages(source)]
    assert [p.source for p in everything if within.matches(p)] == sources
    assert scoped.passage_ids(within).tolist() == [p.passage_id for p in everything if within.matches(p)]


@pytest.mark.parametrize("within", FILTERS)
def test_a_filter_is_true_where_it_restricts(within: PassageFilter) -> None:
    assert bool(within) == (within != PassageFilter())
    assert not PassageFilter(include_unplaced=True)


# What an index is bound to


def test_another_encoder_is_refused(store: Store) -> None:
    put(store, "a.txt", ["一"])
    with pytest.raises(IndexMismatchError) as caught:
        check_facts(store.facts, IndexFacts("bge-m3@2", 1024, "v1-160"))
    assert str(caught.value) == (
        "Index was built with 'e5@1' (16 dims); the config names 'bge-m3@2' (1024 dims). "
        "Rebuild it: youju index --rebuild"
    )


def test_another_chunking_is_refused(store: Store) -> None:
    with pytest.raises(IndexMismatchError, match="chunking 'v1-160'; the config asks for 'v1-99'"):
        check_facts(store.facts, IndexFacts("e5@1", 16, "v1-99"))
    check_facts(store.facts, IndexFacts("e5@1", 16, "v1-160"))


def test_an_index_without_documents_adopts_another_encoder(store: Store) -> None:
    store.bind(IndexFacts("bge@2", 8, "v2"))
    assert store.facts == IndexFacts("bge@2", 8, "v2")


def test_an_index_with_documents_does_not(store: Store) -> None:
    put(store, "a.txt", ["一"])
    with pytest.raises(IndexMismatchError):
        store.bind(IndexFacts("bge@2", 8, "v2"))
    assert store.facts.encoder == "e5@1"


def test_an_index_that_was_never_bound_is_missing(tmp_path: Path) -> None:
    Store.open(tmp_path, create=True).close()
    with pytest.raises(IndexMissingError, match="Make one: youju index PATH"):
        SQLiteBackend().open(load_config({}, index=tmp_path))


# Opening


@pytest.mark.parametrize("readonly", [False, True])
def test_a_missing_index_says_how_to_make_one(tmp_path: Path, readonly: bool) -> None:
    with pytest.raises(IndexMissingError, match="Make one: youju index PATH"):
        Store.open(tmp_path / "none", readonly=readonly)
    (tmp_path / FILE).touch()
    with pytest.raises(IndexMissingError):
        Store.open(tmp_path, readonly=readonly)


@pytest.mark.parametrize("readonly", [False, True])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, readonly: bool) -> None:
    (tmp_path / FILE).write_text("这不是数据库。" * 1000, encoding="utf-8")
    with pytest.raises(IndexCorruptError, match="Rebuild it: youju index --rebuild"):
        Store.open(tmp_path, readonly=readonly)


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / FILE)
    connection.execute("CREATE TABLE meta (x)")
    connection.close()
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(IndexCorruptError, match="not an index of youju"):
        Store.open(tmp_path, create=True)
    assert (tmp_path / FILE).read_bytes() == before


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    Store.open(tmp_path, create=True).close()
    connection = sqlite3.connect(tmp_path / FILE)
    connection.execute("PRAGMA user_version=7")
    connection.close()
    with pytest.raises(IndexMismatchError, match=r"has format 7; .* formats up to 3\. Update youju"):
        Store.open(tmp_path, readonly=True)


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9])
def test_a_cut_off_file_is_damaged(tmp_path: Path, keep: float) -> None:
    with Store.open(tmp_path, create=True) as opened:
        opened.bind(IndexFacts("e5@1", 16, "v1"))
        put(opened, "a.txt", [f"词{i} " * 50 for i in range(200)])
    content = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(IndexCorruptError), Store.open(tmp_path, readonly=True) as opened:  # noqa: PT012 - any of them
        opened.document_passages("a.txt")
        opened.vectors()
        opened.lexical.search(["词1"], 9)
        opened.document("a.txt")


def test_a_second_writer_is_told_who_writes(store: Store, tmp_path: Path) -> None:
    with pytest.raises(IndexLockedError, match=f"being written by process {os.getpid()}"):
        Store.open(tmp_path)
    put(store, "a.txt", ["一"])
    with Store.open(tmp_path, readonly=True) as reader:
        assert [info.source for info in reader.documents()] == ["a.txt"]
    store.close()
    Store.open(tmp_path).close()


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    Store.open(tmp_path, create=True).close()
    with Store.open(tmp_path, readonly=True) as reader, pytest.raises(IndexReadOnlyError):
        reader.bind(IndexFacts("e5@1", 16, "v1"))


def test_a_read_only_folder_is_read_and_not_written(open_folder: Path) -> None:
    with Store.open(open_folder, create=True) as opened:
        opened.bind(IndexFacts("e5@1", 16, "v1"))
        put(opened, "a.txt", ["学校"])
    with write_protected(open_folder):
        with Store.open(open_folder, readonly=True) as reader:
            assert reader.document("a.txt").text == "学校"
            assert len(reader.lexical.search(["学校"], 9)) == 1
        with pytest.raises(IndexReadOnlyError, match="cannot be written"):
            Store.open(open_folder)
        with pytest.raises(IndexReadOnlyError), Store.rebuild(open_folder):
            pass
        with pytest.raises(IndexReadOnlyError):
            Store.open(open_folder / "new", create=True)


def test_threads_share_a_store(store: Store) -> None:
    put(store, "a.txt", ["学校 一", "学校 二"])
    wrong: list[object] = []

    def read() -> None:
        for _ in range(30):
            texts = {p.text for p in store.document_passages("a.txt")}
            found = {p.text for p in store.passages([key for key, _ in store.lexical.search(["学校"], 9)])}
            if texts not in ({"学校 一", "学校 二"}, {"学校 三"}) or not found <= {"学校 一", "学校 二", "学校 三"}:
                wrong.append((texts, found))

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for texts in (["学校 三"], ["学校 一", "学校 二"]) * 10:
        put(store, "a.txt", texts)
    for thread in threads:
        thread.join()
    assert wrong == []


# Rebuilding


def test_a_rebuilt_index_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    with Store.open(tmp_path, create=True) as opened:
        opened.bind(IndexFacts("e5@1", 16, "v1"))
        put(opened, "a.txt", ["旧"])
        state = opened.state
    with Store.rebuild(tmp_path) as new:
        new.bind(IndexFacts("bge@2", 16, "v2"))
        put(new, "b.txt", ["新"])
        with Store.open(tmp_path, readonly=True) as old:
            assert [info.source for info in old.documents()] == ["a.txt"]
    with Store.open(tmp_path, readonly=True) as now:
        assert [info.source for info in now.documents()] == ["b.txt"]
        assert now.facts.encoder == "bge@2"
        assert now.state != state
    assert sorted(path.name for path in tmp_path.iterdir()) == ["youju.lock", FILE]


def test_a_failed_rebuild_leaves_the_old_index(tmp_path: Path) -> None:
    with Store.open(tmp_path, create=True) as opened:
        opened.bind(IndexFacts("e5@1", 16, "v1"))
        put(opened, "a.txt", ["旧"])
    with pytest.raises(KeyboardInterrupt), Store.rebuild(tmp_path) as new:  # noqa: PT012 - where it ends matters
        new.bind(IndexFacts("bge@2", 16, "v2"))
        raise KeyboardInterrupt
    with Store.open(tmp_path) as now:
        assert now.document("a.txt").text == "旧"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["youju.lock", FILE]


def test_a_rebuild_replaces_a_damaged_index(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"damaged" * 999)
    with Store.rebuild(tmp_path) as new:
        new.bind(IndexFacts("e5@1", 16, "v1"))
        put(new, "a.txt", ["新"])
    with Store.open(tmp_path) as now:
        assert now.document("a.txt").text == "新"


# Kills

WRITER = """
import itertools, os, sys
from pathlib import Path
from tests.support.fakes import HashingEncoder
from tests.support.rag.stores import passage
from rag.index.faiss_index import DenseIndex
from rag.index.protocols import IndexFacts, PreparedDocument
from rag.schema.documents import Document
from rag.index.sqlite import Store

folder, encoder = Path(sys.argv[1]), HashingEncoder(16)
with Store.open(folder, create=True) as store:
    store.bind(IndexFacts(encoder.name, encoder.dim, "v1"))
    for n in itertools.count():
        source = "abc"[n % 3]
        texts = [f"第{n}次 {i}" for i in range(1 + n * 37 % 150)]
        store.replace(PreparedDocument(
            Document(source, f"第{n}次", "", 0), "", parts=[], passages=[passage(source, *t) for t in enumerate(texts)],
            vectors=encoder.encode(texts), tokens=[text.split() for text in texts]))
        if n % 7 == 6:
            store.remove([source])
        if n % 5 == 4:
            DenseIndex.load_or_build(store, folder)
        print(n, flush=True)
"""

INTERRUPTED = """
import os, signal, sys
from pathlib import Path
from tests.support.rag.stores import put
from rag.index.sqlite import Store

store = Store.open(Path(sys.argv[1]))
store._database.rows("PRAGMA cache_size=1")  # so that pages reach the file before the end of the transaction
with store._database.transaction():
    store._database.rows("UPDATE documents SET text = ?", ("新" * 9,))
    store._database.rows("UPDATE passages SET text = ?", ("新" * 9,))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def writer(code: str, folder: Path) -> subprocess.Popen[str]:
    path = str(ROOT)
    return subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        env=os.environ | {"PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
    )


def table_sizes(folder: Path) -> dict[str, int]:
    connection = sqlite3.connect(folder / FILE)
    try:
        names = ("documents", "parts", "passages", "vectors", "lexical")
        return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}
    finally:
        connection.close()


def test_a_writer_killed_at_any_moment_leaves_whole_documents(tmp_path: Path) -> None:
    random.seed(20)
    for _ in range(8):
        with writer(WRITER, tmp_path) as process:
            process.stdout.readline()
            time.sleep(random.uniform(0, 0.3))
            process.kill()
        with Store.open(tmp_path) as store:
            assert store._database.rows("PRAGMA integrity_check") == [("ok",)]
            store._database.rows("INSERT INTO lexical (lexical) VALUES ('integrity-check')")
            keys = set()
            for info in store.documents():
                passages = store.document_passages(info.source)
                time_of_writing = store.document(info.source).text
                assert {p.text.split()[0] for p in passages} == {time_of_writing}
                assert [p.ordinal for p in passages] == list(range(info.n_passages))
                found = {key for key, _ in store.lexical.search([time_of_writing], 999)}
                assert found == {p.passage_id for p in passages}
                keys |= found
            assert set(store.vectors()[0].tolist()) == keys
            sizes = table_sizes(tmp_path)
            assert sizes["passages"] == sizes["vectors"] == sizes["lexical"] == len(keys)


@pytest.fixture
def interrupted(open_folder: Path) -> Path:
    """An index whose writer was killed while pages of its transaction were already in the file."""
    with Store.open(open_folder, create=True) as store:
        store.bind(IndexFacts("e5@1", 16, "v1"))
        put(store, "a.txt", ["旧 " * 999 for _ in range(99)])
    with writer(INTERRUPTED, open_folder) as process:
        assert process.wait() == -signal.SIGKILL
    assert (open_folder / f"{FILE}-journal").stat().st_size > 0
    assert "新新新".encode() in (open_folder / FILE).read_bytes()
    return open_folder


@pytest.mark.parametrize("readonly", [False, True])
def test_an_interrupted_write_is_undone_by_whoever_opens_next(interrupted: Path, readonly: bool) -> None:
    with Store.open(interrupted, readonly=readonly) as store:
        assert {p.text for p in store.document_passages("a.txt")} == {"旧 " * 999}
        assert store._database.rows("PRAGMA integrity_check") == [("ok",)]


def test_an_interrupted_write_on_a_read_only_medium_says_what_to_do(interrupted: Path) -> None:
    with write_protected(interrupted), pytest.raises(IndexReadOnlyError, match="interrupted and must be undone first"):
        Store.open(interrupted, readonly=True)


def test_a_rebuild_after_an_interrupted_write_is_not_undone(interrupted: Path) -> None:
    with Store.rebuild(interrupted) as new:
        new.bind(IndexFacts("e5@1", 16, "v1"))
        put(new, "b.txt", ["重建"])
    with Store.open(interrupted) as store:
        assert [info.source for info in store.documents()] == ["b.txt"]
        assert store._database.rows("PRAGMA integrity_check") == [("ok",)]
