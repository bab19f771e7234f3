"""Every store keeps the contract, and is found by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.config import load_config
from rag.errors import ConfigError
from rag.index.ingest import index_paths
from rag.index.memory import MemoryBackend
from rag.index.opening import BACKENDS, index_backend
from rag.index.sqlite.backend import SQLiteBackend
from rag.pipeline import Pipeline
from tests.contracts.index_backend_contract import IndexBackendContract
from tests.support.fakes import HashingEncoder, QuotingGenerator, QuotingReader
from tests.support.plugins import installed
from tests.support.scoring import IN_SCOPE
from tests.support.small_home import ANSWERED, DOCUMENTS


class TestSQLite(IndexBackendContract):
    backend = "sqlite"


class TestMemory(IndexBackendContract):
    backend = "memory"


def test_every_store_keeps_the_contract() -> None:
    assert {each.backend for each in IndexBackendContract.__subclasses__()} == set(BACKENDS)


@pytest.mark.parametrize(("name", "kind"), [("sqlite", SQLiteBackend), ("memory", MemoryBackend)])
def test_a_store_is_named_in_the_settings(name: str, kind: type) -> None:
    assert type(index_backend(load_config({}, index_backend=name))) is kind


def test_an_unknown_store_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"index_backend is 'oracle'; expected one of memory, sqlite\."):
        index_backend(load_config({}, index_backend="oracle"))


def test_a_store_of_another_package_is_found_by_its_entry_point(tmp_path: Path) -> None:
    code = "from rag.index.memory import MemoryBackend as Backend\n"
    with installed(tmp_path, {"other": code}, {"youju.index_backends": {"other": "other:Backend"}}):
        assert isinstance(index_backend(load_config({}, index_backend="other")), MemoryBackend)
        with pytest.raises(ConfigError, match=r"expected one of memory, other, sqlite\."):
            index_backend(load_config({}, index_backend="oracle"))


def test_a_store_whose_package_is_not_installed_says_which_extra_brings_it(tmp_path: Path) -> None:
    entries = {"youju.index_backends": {"faraway": "faraway:Backend [faraway]"}}
    with (
        installed(tmp_path, {"faraway": "import faraway_client\n"}, entries),
        pytest.raises(ConfigError) as caught,
    ):
        index_backend(load_config({}, index_backend="faraway"))
    assert str(caught.value) == (
        "index_backend 'faraway' needs the package 'faraway_client', which is not installed. "
        "Install it: pip install 'youju[faraway]'"
    )


@pytest.mark.parametrize("backend", sorted(BACKENDS))
def test_a_question_is_answered_from_any_store(tmp_path: Path, backend: str) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    config = load_config({"YOUJU_HOME": str(tmp_path / "home")}, index_backend=backend)
    index_paths(config, [folder], encoder=HashingEncoder())
    pipeline = Pipeline.open(
        config, encoder=HashingEncoder, generator=QuotingGenerator, reader=QuotingReader, scorer=IN_SCOPE
    )
    assert pipeline.ask(ANSWERED).text == "2031年，海州市新建学校12所，改扩建学校30所。[1]"
    assert [hit.passage.source for hit in pipeline.search("云岭县新修公路")][:1] == ["roads.txt"]
