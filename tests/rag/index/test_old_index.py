"""An index that an earlier version wrote (commit 4ce702e) is read, searched and written to as it is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from rag.config import Config, load_config
from rag.index.ingest import index_paths
from rag.index.opening import open_index
from rag.pipeline import Pipeline
from rag.schema.search import Scope
from tests.support.fakes import HashingEncoder, QuotingGenerator, QuotingReader
from tests.support.scoring import IN_SCOPE

KEPT = Path(__file__).parents[2] / "from_before" / "index_with_pages"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    shutil.copytree(KEPT, tmp_path / "index")
    return load_config({"YOUJU_HOME": str(tmp_path)})


def pipeline_of(config: Config) -> Pipeline:
    return Pipeline.open(
        config, encoder=HashingEncoder, generator=QuotingGenerator, reader=QuotingReader, scorer=IN_SCOPE
    )


def test_whatever_the_earlier_version_found_in_it_is_found(config: Config) -> None:
    pipeline = pipeline_of(config)
    for asked in json.loads((KEPT / "hits.json").read_text(encoding="utf-8")):
        scope = Scope(**{name: frozenset(values) for name, values in asked["scope"].items()})
        found = {hit.passage.passage_id for hit in pipeline.search(asked["question"], scope=scope, top_k=99)}
        assert {passage_id for passage_id, *_ in asked["hits"]} <= found


def test_its_snapshot_is_read_and_not_written_again(config: Config) -> None:
    open_index(config)
    for name in ("dense.faiss", "dense.json"):
        assert (config.index / name).read_bytes() == (KEPT / name).read_bytes()


def test_its_documents_are_those_that_were_loaded(config: Config) -> None:
    store = open_index(config).store
    assert [info.source for info in store.documents()] == ["pages.pdf", "roads.md", "schools.txt"]
    assert "新建学校12所" in store.document("schools.txt").text
    kinds = [
        (store.document(info.source).media_type, store.document(info.source).encoding) for info in store.documents()
    ]
    assert kinds == [("application/pdf", ""), ("text/plain", "utf-8"), ("text/plain", "gb18030")]
    assert store.document("roads.md").notes == store.documents()[1].notes == ()
    assert [(b.kind, b.number) for b in store.document("pages.pdf").blocks] == [("page", 1), ("page", 2)]


def test_a_document_is_added_to_it(config: Config, tmp_path: Path) -> None:
    (tmp_path / "bridges.txt").write_text("海州市2031年桥梁工作总结\n\n一、桥梁\n新建桥梁7座。\n", encoding="utf-8")
    report = index_paths(config, [tmp_path / "bridges.txt"], encoder=HashingEncoder())
    assert (report.added, report.failed) == (["bridges.txt"], {})
    assert len(pipeline_of(config).documents()) == 4
