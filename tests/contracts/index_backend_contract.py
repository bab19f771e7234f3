"""What every store must do, as tests: a subclass names its backend, and pytest runs them all.

    class TestMyStore(IndexBackendContract):
        backend = "mystore"

A store of another kind than files overrides ``damage`` (or sets it to None, and the tests of damage are left out).
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rag.config import Config, load_config
from rag.documents.cleaning.pages import page_blocks
from rag.errors import (
    CorpusIndexError,
    DocumentNotFoundError,
    IndexLockedError,
    IndexMismatchError,
    IndexMissingError,
)
from rag.index.opening import open_index, open_store, write_index
from rag.index.protocols import IndexFacts, IndexWriter, OpenedIndex, PassageFilter, PreparedDocument
from rag.schema.documents import Document, Part, Passage, Sentence
from tests.support.fakes import HashingEncoder

ENCODER = HashingEncoder(16)
FACTS = IndexFacts("e5@1", 16, "v1-80")
TEXTS = {
    "a.txt": ["新建 学校 12 所", "招聘 教师 860 人", "学校 学校 学位"],
    "b.txt": ["新修 公路 86 公里", "新建 桥梁 12 座"],
    "c.txt": ["培训 教师 9000 人次"],
}
PLACES = {"a.txt": ("甲市", (2018, 2019)), "b.txt": ("乙县", (2019,)), "c.txt": ("", ())}
PART = Part("工作总结", "教育局", "甲市", (2018, 2019), "2019-12-31", 0, 99)


def prepared(
    source: str, texts: Sequence[str], *, place: str = "甲市", years: tuple[int, ...] = ()
) -> PreparedDocument:
    """A document of one sentence a passage, two passages a section."""
    joined = "\n".join(texts)
    starts = [sum(len(text) + 1 for text in texts[:n]) for n in range(len(texts))]
    passages = [
        Passage(
            passage_id=-1,
            source=source,
            title="工作总结",
            place=place,
            years=years,
            heading=("一、成绩", "（一）学校"),
            section=n // 2,
            ordinal=n,
            text=text,
            start=start,
            end=start + len(text),
            sentences=(Sentence(text, start, start + len(text)),),
        )
        for n, (text, start) in enumerate(zip(texts, starts, strict=True))
    ]
    return PreparedDocument(
        Document(source, joined, "ab" * 32, len(joined.encode())),
        f"/docs/{source}",
        parts=[replace(PART, place=place, years=years)],
        passages=passages,
        vectors=ENCODER.encode(texts),
        tokens=[text.split() for text in texts],
    )


def filled(writer: IndexWriter) -> None:
    """Put in the documents of ``TEXTS``."""
    writer.bind(FACTS)
    for source, texts in TEXTS.items():
        place, years = PLACES[source]
        writer.replace(prepared(source, texts, place=place, years=years))


def bm25(documents: Sequence[Sequence[str]], query: Sequence[str]) -> list[float]:
    """BM25 with k1 = 1.2 and b = 0.75, as SQLite's FTS5 has it."""
    counts = [Counter(words) for words in documents]
    mean = sum(len(words) for words in documents) / len(documents)
    scores = [0.0] * len(documents)
    for word in query:
        holding = sum(1 for count in counts if count[word])
        rarity = max(math.log((len(documents) - holding + 0.5) / (holding + 0.5)), 1e-6)
        for n, count in enumerate(counts):
            rise = count[word] * 2.2 / (count[word] + 1.2 * (0.25 + 0.75 * count.total() / mean))
            scores[n] += rarity * rise
    return scores


class IndexBackendContract:
    """Forty facts about a store, each over a new, empty place of its own."""

    backend: str

    @staticmethod
    def damage(config: Config) -> None:
        """Spoil what the store keeps, as a broken disk would."""
        for file in config.index.iterdir():
            if file.stat().st_size > 100:
                file.write_bytes(b"\x00damaged" * 50)

    @pytest.fixture
    def config(self, tmp_path: Path) -> Config:
        return load_config({"YOUJU_HOME": str(tmp_path)}, index_backend=self.backend)

    @pytest.fixture
    def index(self, config: Config) -> OpenedIndex:
        with write_index(config, create=True) as writer:
            filled(writer)
        return open_index(config)

    # What goes in comes out

    def test_a_document_comes_back_as_it_was_loaded(self, config: Config) -> None:
        text = "一、\u3000甲\r\n\x00乙\f𠮷"
        odd = Document("odd 名.txt", text, "cd" * 32, 21, "gb18030", "text/markdown", page_blocks(text))
        with write_index(config, create=True) as writer:
            writer.bind(FACTS)
            writer.replace(PreparedDocument(odd, "/odd", [], [], ENCODER.encode([]), []))
        assert open_store(config).document("odd 名.txt") == odd

    def test_a_document_that_is_no_text_comes_back_as_it_was_loaded(self, config: Config) -> None:
        text = "第一页\n\f第二页"
        paged = Document("a.pdf", text, "cd" * 32, 2100, "", "application/pdf", page_blocks(text))
        with write_index(config, create=True) as writer:
            writer.bind(FACTS)
            writer.replace(PreparedDocument(paged, "/a.pdf", [], [], ENCODER.encode([]), []))
        assert open_store(config).document("a.pdf") == paged

    def test_what_was_left_out_of_a_document_is_kept_with_it(self, config: Config) -> None:
        notes = ("Sheet '附' is hidden.", "Two pictures were left out.")
        noted = Document("a.xlsx", "甲", "cd" * 32, 2100, "", "text/x-sheet", notes=notes)
        with write_index(config, create=True) as writer:
            writer.bind(FACTS)
            writer.replace(PreparedDocument(noted, "/a.xlsx", [], [], ENCODER.encode([]), []))
        store = open_store(config)
        assert store.document("a.xlsx") == noted
        assert store.documents()[0].notes == notes

    def test_passages_come_back_whole_and_in_order(self, index: OpenedIndex) -> None:
        found = index.store.document_passages("a.txt")
        wanted = prepared("a.txt", TEXTS["a.txt"], years=(2018, 2019)).passages
        assert [replace(passage, passage_id=-1) for passage in found] == list(wanted)

    def test_keys_are_of_one_passage_each(self, index: OpenedIndex) -> None:
        keys = [p.passage_id for source in TEXTS for p in index.store.document_passages(source)]
        assert len(set(keys)) == 6
        assert min(keys) >= 0

    def test_passages_are_had_by_key_in_the_order_asked_for(self, index: OpenedIndex) -> None:
        first, _, third = index.store.document_passages("a.txt")
        assert index.store.passages([third.passage_id, 10**9, first.passage_id]) == [third, first]

    def test_a_section_can_be_had_whole(self, index: OpenedIndex) -> None:
        texts = TEXTS["a.txt"]
        assert [p.text for p in index.store.section_passages("a.txt", 0)] == texts[:2]
        assert [p.text for p in index.store.section_passages("a.txt", 1)] == texts[2:]
        assert list(index.store.section_passages("a.txt", 7)) == []

    def test_documents_are_listed_by_name_with_their_parts(self, index: OpenedIndex) -> None:
        listed = index.store.documents()
        assert [info.source for info in listed] == ["a.txt", "b.txt", "c.txt"]
        a, b, c = listed
        assert a.parts == (PART,)
        assert (a.titles, a.places, a.years) == (("工作总结",), ("甲市",), (2018, 2019))
        assert (b.n_passages, b.n_chars, b.path) == (2, len("\n".join(TEXTS["b.txt"])), "/docs/b.txt")
        assert (c.places, c.years, c.sha256) == ((), (), "ab" * 32)
        assert a.added_at.endswith("+00:00")

    def test_the_parts_of_a_document_are_had_alone(self, index: OpenedIndex) -> None:
        assert list(index.store.parts("a.txt")) == [PART]
        assert list(index.store.parts("no.txt")) == []

    def test_an_unknown_document_is_an_error_that_names_the_known_ones(self, index: OpenedIndex) -> None:
        with pytest.raises(DocumentNotFoundError, match=r"no document 'x\.txt'\. It holds: a\.txt, b\.txt, c\.txt"):
            index.store.document("x.txt")
        assert list(index.store.document_passages("x.txt")) == []

    # Searching

    def keys_of(self, index: OpenedIndex, within: PassageFilter) -> list[int]:
        every = [p for info in index.store.documents() for p in index.store.document_passages(info.source)]
        return [passage.passage_id for passage in every if within.matches(passage)]

    def brute(self, index: OpenedIndex, query: np.ndarray, within: PassageFilter) -> list[tuple[int, float]]:
        keys = self.keys_of(index, within)
        texts = [passage.text for passage in index.store.passages(keys)]
        scores = ENCODER.encode(texts) @ query if texts else []
        return sorted(zip(keys, map(float, scores), strict=True), key=lambda hit: (-hit[1], hit[0]))

    FILTERS = (
        PassageFilter(),
        PassageFilter(sources=frozenset({"a.txt", "no.txt"})),
        PassageFilter(hidden=frozenset({"a.txt"})),
        PassageFilter(sources=frozenset({"a.txt", "b.txt"}), hidden=frozenset({"a.txt"})),
        PassageFilter(years=frozenset({2018})),
        PassageFilter(years=frozenset({2019, 1066})),
        PassageFilter(places=frozenset({"乙县"})),
        PassageFilter(places=frozenset({"乙县"}), include_unplaced=True),
        PassageFilter(places=frozenset(), include_unplaced=True),
        PassageFilter(include_unplaced=True),
        PassageFilter(places=frozenset({"甲市"}), years=frozenset({2019}), sources=frozenset({"a.txt", "b.txt"})),
    )
    NOTHING = (
        PassageFilter(sources=frozenset()),
        PassageFilter(sources=frozenset({"no.txt"})),
        PassageFilter(years=frozenset()),
        PassageFilter(years=frozenset({1066})),
        PassageFilter(places=frozenset()),
        PassageFilter(places=frozenset({"", "甲市') OR 1 --"})),
        PassageFilter(sources=frozenset({"b.txt"}), places=frozenset({"甲市"})),
        PassageFilter(hidden=frozenset(TEXTS)),
    )

    @pytest.mark.parametrize("within", FILTERS)
    def test_dense_search_equals_brute_force(self, index: OpenedIndex, within: PassageFilter) -> None:
        query = ENCODER.encode(["新建 学校"])[0]
        expected = self.brute(index, query, within)
        found = index.vectors.search(query, 99, within=within)
        assert [key for key, _ in found] == [key for key, _ in expected]
        assert [score for _, score in found] == pytest.approx([score for _, score in expected], abs=1e-5)
        assert index.vectors.search(query, 2, within=within) == found[:2]

    @pytest.mark.parametrize("within", FILTERS)
    def test_full_text_search_is_bm25_over_all_passages(self, index: OpenedIndex, within: PassageFilter) -> None:
        words = ["新建", "学校", "教师"]
        passages = index.store.passages(self.keys_of(index, PassageFilter()))
        scores = bm25([passage.text.split() for passage in passages], words)
        expected = [
            (passage.passage_id, score)
            for passage, score in zip(passages, scores, strict=True)
            if score > 0 and within.matches(passage)
        ]
        expected.sort(key=lambda hit: (-hit[1], hit[0]))
        found = index.lexical.search(words, 99, within=within)
        assert [key for key, _ in found] == [key for key, _ in expected]
        assert [score for _, score in found] == pytest.approx([score for _, score in expected], rel=1e-4)
        assert index.lexical.search(words, 1, within=within) == found[:1]

    @pytest.mark.parametrize("within", NOTHING)
    def test_a_filter_that_matches_nothing_finds_nothing(self, index: OpenedIndex, within: PassageFilter) -> None:
        assert self.keys_of(index, within) == []
        assert index.vectors.search(ENCODER.encode(["学校"])[0], 9, within=within) == []
        assert index.lexical.search(["学校", "教师"], 9, within=within) == []

    def test_equal_scores_are_in_the_order_of_keys(self, config: Config) -> None:
        with write_index(config, create=True) as writer:
            writer.bind(FACTS)
            writer.replace(prepared("a.txt", ["学校"] * 4))
        index = open_index(config)
        keys = [p.passage_id for p in index.store.document_passages("a.txt")]
        assert [key for key, _ in index.vectors.search(ENCODER.encode(["学校"])[0], 9)] == sorted(keys)
        assert [key for key, _ in index.lexical.search(["学校"], 9)] == sorted(keys)

    @pytest.mark.parametrize("words", [[], [""], ['"'], ["学校 OR 教师"], ["学*"], ["NEAR(学校 教师)"], ["桥粱"]])
    def test_words_are_words_and_never_syntax(self, index: OpenedIndex, words: list[str]) -> None:
        assert index.lexical.search(words, 9) == []

    def test_none_wanted_finds_none(self, index: OpenedIndex) -> None:
        assert index.vectors.search(ENCODER.encode(["学校"])[0], 0) == []
        assert index.lexical.search(["学校"], 0) == []

    def test_a_vector_of_another_length_is_an_error(self, index: OpenedIndex) -> None:
        with pytest.raises(ValueError, match="shape"):
            index.vectors.search(np.zeros(4, np.float32), 3)

    def test_an_index_without_documents_finds_nothing(self, config: Config) -> None:
        with write_index(config, create=True) as writer:
            writer.bind(FACTS)
        index = open_index(config)
        assert (index.store.documents(), index.lexical.search(["学校"], 5)) == ([], [])
        assert index.vectors.search(ENCODER.encode(["学校"])[0], 5) == []

    def test_what_is_opened_again_finds_the_same(self, config: Config, index: OpenedIndex) -> None:
        again, query = open_index(config), ENCODER.encode(["新建 学校"])[0]
        assert again.state == index.state
        assert again.vectors.search(query, 9) == index.vectors.search(query, 9)
        assert again.lexical.search(["学校", "教师"], 9) == index.lexical.search(["学校", "教师"], 9)

    # Replacing and removing

    def test_a_replaced_document_leaves_nothing_behind(self, config: Config, index: OpenedIndex) -> None:
        old = [p.passage_id for p in index.store.document_passages("a.txt")]
        with write_index(config) as writer:
            writer.replace(prepared("a.txt", ["森林 湖泊"]))
        now = open_index(config)
        assert [p.text for p in now.store.document_passages("a.txt")] == ["森林 湖泊"]
        assert now.store.passages(old) == [], "keys are never used twice"
        assert now.lexical.search(["学校"], 9) == []
        assert len(now.vectors.search(ENCODER.encode(["学校"])[0], 99)) == 4
        assert [info.source for info in now.store.documents()] == ["a.txt", "b.txt", "c.txt"]

    def test_a_document_under_another_name_keeps_its_passages(self, config: Config, index: OpenedIndex) -> None:
        old, document = list(index.store.document_passages("a.txt")), index.store.document("a.txt")
        with write_index(config) as writer:
            writer.relocate("a.txt", name="x/a.txt", paths=["/x/a.txt", "/y/a.txt"])
        now = open_index(config)
        assert list(now.store.document_passages("x/a.txt")) == [replace(p, source="x/a.txt") for p in old]
        assert list(now.store.document_passages("a.txt")) == []
        assert now.store.document("x/a.txt") == replace(document, source="x/a.txt")
        info = {info.source: info for info in now.store.documents()}["x/a.txt"]
        assert (info.path, info.copies) == ("/x/a.txt", ("/y/a.txt",))
        within = PassageFilter(sources=frozenset({"x/a.txt"}))
        assert len(now.vectors.search(ENCODER.encode(["学校"])[0], 9, within=within)) == len(old)
        assert not index.is_current()

    def test_places_and_notes_are_kept(self, config: Config, index: OpenedIndex) -> None:
        one = prepared("a.txt", ["森林"])
        noted = replace(one.document, notes=("A sheet is hidden.", "一张表"))
        with write_index(config) as writer:
            writer.replace(replace(one, document=noted, copies=("/y/a.txt", "/z/a.txt")))
        store = open_store(config)
        assert store.document("a.txt").notes == ("A sheet is hidden.", "一张表")
        assert store.documents()[0].copies == ("/y/a.txt", "/z/a.txt")
        assert store.document("b.txt").notes == ()

    def test_an_unknown_document_cannot_be_moved(self, config: Config, index: OpenedIndex) -> None:
        with pytest.raises(DocumentNotFoundError, match=r"It holds: a\.txt"), write_index(config) as writer:
            writer.relocate("no.txt", name="x.txt", paths=["/x.txt"])
        assert index.is_current()

    def test_a_removed_document_is_found_no_more(self, config: Config, index: OpenedIndex) -> None:
        with write_index(config) as writer:
            writer.remove(["c.txt", "a.txt", "a.txt"])
        now = open_index(config)
        assert [info.source for info in now.store.documents()] == ["b.txt"]
        assert now.lexical.search(["教师"], 9) == []
        assert len(now.vectors.search(ENCODER.encode(["教师"])[0], 99)) == 2
        with pytest.raises(DocumentNotFoundError):
            now.store.document("a.txt")

    def test_removing_an_unknown_document_removes_nothing(self, config: Config, index: OpenedIndex) -> None:
        with pytest.raises(DocumentNotFoundError, match=r"It holds: a\.txt, b\.txt, c\.txt"), write_index(config) as w:
            w.remove(["a.txt", "no.txt"])
        assert len(open_store(config).documents()) == 3
        assert index.is_current()

    @pytest.mark.parametrize(
        "wrong",
        [
            {"vectors": np.zeros((1, 16), np.float32)},
            {"vectors": np.zeros((2, 8), np.float32)},
            {"vectors": np.full((2, 16), np.nan, np.float32)},
            {"tokens": [["新"]]},
        ],
    )
    def test_what_does_not_fit_together_leaves_the_old_document(
        self, config: Config, index: OpenedIndex, wrong: dict[str, object]
    ) -> None:
        with write_index(config) as writer, pytest.raises(ValueError, match="vector"):
            writer.replace(replace(prepared("a.txt", ["甲", "乙"]), **wrong))
        assert open_store(config).document("a.txt") == index.store.document("a.txt")

    def test_what_was_done_before_an_error_stays_done(self, config: Config, index: OpenedIndex) -> None:
        with pytest.raises(KeyboardInterrupt), write_index(config) as writer:  # noqa: PT012 - where it ends matters
            writer.replace(prepared("d.txt", ["水库"]))
            raise KeyboardInterrupt
        assert [p.text for p in open_store(config).document_passages("d.txt")] == ["水库"]

    # What an index was made with

    @pytest.mark.parametrize(
        ("facts", "message"),
        [
            (IndexFacts("bge@2", 16, "v1-80"), r"built with 'e5@1' \(16 dims\); the config names 'bge@2'\."),
            (IndexFacts("bge@2", 8, "v1-80"), r"built with 'e5@1' \(16 dims\); the config names 'bge@2' \(8 dims\)"),
            (IndexFacts("e5@1", 16, "v2-80"), r"the chunking 'v1-80'; the config asks for 'v2-80'"),
        ],
    )
    def test_other_facts_are_refused_with_the_next_step(
        self, config: Config, index: OpenedIndex, facts: IndexFacts, message: str
    ) -> None:
        with write_index(config) as writer, pytest.raises(IndexMismatchError, match=f"{message}.*index --rebuild"):
            writer.bind(facts)
        assert open_store(config).facts == FACTS

    def test_an_index_without_documents_takes_other_facts(self, config: Config) -> None:
        with write_index(config, create=True) as writer:
            writer.bind(FACTS)
        other = IndexFacts("bge@2", 8, "v2")
        with write_index(config) as writer:
            writer.bind(other)
        assert open_store(config).facts == other

    # There or not

    def test_an_index_that_is_not_there_says_how_to_make_one(self, config: Config) -> None:
        for open_it in (open_index, open_store, lambda config: write_index(config).__enter__()):
            with pytest.raises(IndexMissingError, match="Make one: youju index PATH"):
                open_it(config)

    def test_an_index_that_was_never_bound_cannot_be_searched(self, config: Config) -> None:
        with write_index(config, create=True):
            pass
        with pytest.raises(IndexMissingError, match="Make one: youju index PATH"):
            open_index(config)

    @pytest.mark.parametrize("open_it", [open_index, open_store])
    def test_damage_is_told_in_words(
        self, config: Config, index: OpenedIndex, open_it: Callable[[Config], object]
    ) -> None:
        index.close()
        if self.damage is None:
            pytest.skip("this store keeps nothing here that could be damaged")
        self.damage(config)
        with pytest.raises(CorpusIndexError, match="youju index --rebuild"):
            open_it(config)

    # Several at once

    def test_every_write_changes_the_state_for_every_reader(self, config: Config, index: OpenedIndex) -> None:
        other, seen = open_index(config), [index.state]
        assert index.is_current()
        writes: list[Callable[[IndexWriter], None]] = [
            lambda writer: writer.replace(prepared("a.txt", TEXTS["a.txt"])),
            lambda writer: writer.remove(["a.txt"]),
            lambda writer: writer.replace(prepared("a.txt", TEXTS["a.txt"])),
        ]
        for write in writes:
            with write_index(config) as writer:
                write(writer)
            seen.append(open_index(config).state)
        assert len(set(seen)) == 4
        assert not index.is_current()
        assert not other.is_current()

    def test_a_second_writer_is_refused_and_readers_are_not(self, config: Config, index: OpenedIndex) -> None:
        with write_index(config) as writer:
            writer.replace(prepared("d.txt", ["水库"]))
            with pytest.raises(IndexLockedError), write_index(config):
                pass
            assert len(open_index(config).store.documents()) == 4
        assert len(open_index(config).vectors.search(ENCODER.encode(["水库"])[0], 99)) == 7

    def test_two_readers_see_the_same_while_one_writes(self, config: Config, index: OpenedIndex) -> None:
        wrong: list[object] = []

        def read() -> None:
            try:
                for _ in range(20):
                    with open_index(config) as opened:
                        found = opened.lexical.search(["教师"], 9, within=PassageFilter(sources=frozenset({"c.txt"})))
                        texts = [p.text for p in opened.store.passages([key for key, _ in found])]
                        if texts != TEXTS["c.txt"]:
                            wrong.append(texts)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is shown
                wrong.append(error)

        readers = [threading.Thread(target=read) for _ in range(2)]
        for reader in readers:
            reader.start()
        with write_index(config) as writer:
            for n in range(10):
                writer.replace(prepared("a.txt", [f"森林 {n}"] * 3))
        for reader in readers:
            reader.join()
        assert wrong == []

    # Rebuilding

    def test_a_rebuilt_index_takes_the_old_ones_place_at_the_end(self, config: Config, index: OpenedIndex) -> None:
        with write_index(config, rebuild=True) as writer:
            assert writer.documents() == []
            writer.bind(IndexFacts("bge@2", 16, "v2"))
            writer.replace(prepared("d.txt", ["水库"]))
            assert index.is_current()
            assert len(open_store(config).documents()) == 3
        now = open_index(config)
        assert [info.source for info in now.store.documents()] == ["d.txt"]
        assert now.store.facts == IndexFacts("bge@2", 16, "v2")
        assert not index.is_current()

    def test_an_interrupted_rebuild_leaves_the_old_index(self, config: Config, index: OpenedIndex) -> None:
        with pytest.raises(KeyboardInterrupt), write_index(config, rebuild=True) as writer:  # noqa: PT012 - as above
            writer.bind(FACTS)
            writer.replace(prepared("d.txt", ["水库"]))
            raise KeyboardInterrupt
        assert index.is_current()
        assert [info.source for info in open_index(config).store.documents()] == ["a.txt", "b.txt", "c.txt"]

    def test_a_rebuild_makes_an_index_where_there_is_none(self, config: Config) -> None:
        with write_index(config, rebuild=True) as writer:
            filled(writer)
        assert len(open_index(config).store.documents()) == 3
