"""Every store keeps the contract, and is found by its name."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint, EntryPoints
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


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A folder of modules that other packages registered as stores, each under its own name."""
    monkeypatch.syspath_prepend(tmp_path)

    def entry_points(*, group: str, **chosen: str) -> EntryPoints:
        found = [EntryPoint(p.stem, f"{p.stem}:Backend [{p.stem}]", group) for p in tmp_path.glob("*.py")]
        return EntryPoints(found).select(**chosen)

    monkeypatch.setattr("rag.plugins.entry_points", entry_points)
    yield tmp_path
    for path in tmp_path.glob("*.py"):
        sys.modules.pop(path.stem, None)


def test_a_store_of_another_package_is_found_by_its_entry_point(registered: Path) -> None:
    (registered / "other.py").write_text("from rag.index.memory import MemoryBackend as Backend\n", encoding="utf-8")
    assert isinstance(index_backend(load_config({}, index_backend="other")), MemoryBackend)
    with pytest.raises(ConfigError, match=r"expected one of memory, other, sqlite\."):
        index_backend(load_config({}, index_backend="oracle"))


def test_a_store_whose_package_is_not_installed_says_which_extra_brings_it(registered: Path) -> None:
    (registered / "faraway.py").write_text("import faraway_client\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
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
    pipeline = Pipeline.open(config, encoder=HashingEncoder, generator=QuotingGenerator, reader=QuotingReader)
    assert pipeline.ask(ANSWERED).text == "2031年，海州市新建学校12所，改扩建学校30所。[1]"
    assert [hit.passage.source for hit in pipeline.search("云岭县新修公路")][:1] == ["roads.txt"]
