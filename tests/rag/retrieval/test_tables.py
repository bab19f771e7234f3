"""Rows that were read -> whole tables, in a real index."""

import pytest

from rag.retrieval import tables
from rag.retrieval.snapshot import IndexSnapshot
from rag.retrieval.tables import whole_tables
from rag.schema.search import Evidence
from tests.support.fakes import HashingEncoder
from tests.support.small_home import SCHOOLS, small_pipeline

BOATS = "乡镇,渔船\n" + "".join(f"第{n}渔业镇,{n * 7}\n" for n in range(1, 81))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> IndexSnapshot:
    documents = {"boats.csv": BOATS, "shops.csv": "乡镇,书店\n白沙镇,3\n青河镇,4\n", "schools.txt": SCHOOLS}
    pipeline = small_pipeline(tmp_path_factory.mktemp("home"), documents)
    return IndexSnapshot.open(pipeline.config, HashingEncoder())


def read(corpus: IndexSnapshot, source: str) -> Evidence:
    """A sentence of a document, as a search would give it."""
    passage = next(iter(corpus.store.document_passages(source)))
    first = passage.sentences[0]
    place = (passage.source, passage.title, passage.place, passage.years, passage.heading)
    return Evidence(1, first.text, *place, first.start, first.end, 1.0)


def test_one_row_that_was_read_brings_all_rows_of_its_table(corpus: IndexSnapshot) -> None:
    (boats,) = whole_tables([read(corpus, "boats.csv")], corpus)
    assert [row.text for row in boats.rows] == [f"乡镇：第{n}渔业镇｜渔船：{n * 7}" for n in range(1, 81)]


def test_each_table_comes_by_itself_and_prose_brings_none(corpus: IndexSnapshot) -> None:
    sentences = [read(corpus, source) for source in ("shops.csv", "schools.txt", "boats.csv")]
    assert [len(table.rows) for table in whole_tables(sentences, corpus)] == [2, 80]


def test_a_row_at_a_cell_has_the_place_of_the_cell(corpus: IndexSnapshot) -> None:
    (shops,) = whole_tables([read(corpus, "shops.csv")], corpus)
    row = shops.rows[1]
    assert row.location.cells == "A3:B3"
    assert shops.at_cell(row, row.text.index("4"), len(row.text)).location.cells == "B3"
    assert shops.at_cell(row, 0, len(row.text)).location.cells == "A3:B3"  # of several cells none is told


def test_a_table_that_is_too_long_is_left_out(corpus: IndexSnapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 79)
    assert whole_tables([read(corpus, "boats.csv")], corpus) == ()
