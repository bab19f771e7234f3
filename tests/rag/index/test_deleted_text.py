"""Deleted text stands in no file any more: the bytes of everything under the index folder are searched."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from rag.config import load_config
from rag.index.ingest import index_paths, remove_sources
from tests.support.fakes import HashingEncoder

SECRET = "鄨瓺县qzxkvw"
TEXT = f"{SECRET}2031年工作总结\n\n一、学校\n{SECRET}新建学校12所，负责人qzxkvwjh。\n"
KEPT = "海州市2031年交通工作总结\n\n一、道路\n新修公路86公里。\n"
PARTS = ("鄨瓺", "qzxkvw")  # also what is left of it where words were cut


@pytest.fixture(params=["sqlite", "memory"])
def config(tmp_path, request):
    return load_config({"YOUJU_HOME": str(tmp_path / "home"), "YOUJU_INDEX_BACKEND": request.param})


def put(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def index(config, *paths, **rest):
    return index_paths(config, paths, encoder=HashingEncoder(), **rest)


def standing_in(folder: Path) -> set[tuple[str, str]]:
    """Which files hold a part of the secret, in any of the encodings that text is kept in."""
    return {
        (file.name, part)
        for file in folder.rglob("*")
        if file.is_file()
        for part in PARTS
        for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030")
        if part.encode(encoding) in file.read_bytes() or ascii(part)[1:-1].encode() in file.read_bytes()
    }


@pytest.fixture
def indexed(config, tmp_path):
    docs = tmp_path / "docs"
    put(docs, f"{SECRET}.txt", TEXT)
    for n in range(40):  # so that the lexical index has several pieces
        put(docs, f"{n:02}.txt", KEPT.replace("86", str(n)))
    index(config, docs)
    assert {part for _, part in standing_in(config.index)} == set(PARTS)
    return docs


def test_a_removed_document_leaves_nothing(config, indexed):
    remove_sources(config, [f"{SECRET}.txt"])
    assert standing_in(config.index) == set()


def test_a_pruned_document_leaves_nothing(config, indexed):
    (indexed / f"{SECRET}.txt").unlink()
    index(config, indexed, prune=True)
    assert standing_in(config.index) == set()


def test_an_edited_document_leaves_nothing_of_what_it_said(config, indexed):
    file = (indexed / f"{SECRET}.txt").rename(indexed / "report.txt")
    index(config, indexed)
    put(indexed, file.name, KEPT)
    index(config, indexed)
    assert standing_in(config.index) == set()


def test_a_rebuild_without_a_document_leaves_nothing(config, indexed):
    (indexed / f"{SECRET}.txt").unlink()
    index(config, indexed, rebuild=True, prune=True)
    assert standing_in(config.index) == set()


def test_what_a_killed_writer_removed_is_cleared_away_by_the_next_one(tmp_path):
    config = load_config({"YOUJU_HOME": str(tmp_path / "home")})
    docs = put(tmp_path / "docs", f"{SECRET}.txt", TEXT).parent
    put(docs, "roads.txt", KEPT)
    index(config, docs)
    from rag.index.sqlite import Store  # noqa: PLC0415

    with Store.open(config.index) as store:  # not through the backend, which clears away at the end
        store.remove([f"{SECRET}.txt"])
    assert standing_in(config.index) != set(), "else this test shows nothing"
    index(config, put(docs, "more.txt", KEPT.replace("86", "87")))
    assert standing_in(config.index) == set()


def test_text_that_an_earlier_version_deleted_is_cleared_away(tmp_path):
    kept = Path(__file__).parents[2] / "from_before" / "index_with_pages"
    shutil.copytree(kept, tmp_path / "index")
    connection = sqlite3.connect(tmp_path / "index" / "youju.sqlite")
    connection.execute("PRAGMA secure_delete=OFF")
    for change in ("UPDATE documents SET path = ?", "UPDATE documents SET path = substr(path, 1, 0) || ''"):
        connection.execute(change, (SECRET * 2000,) if "?" in change else ())
        connection.commit()
    connection.close()
    assert standing_in(tmp_path / "index") != set(), "else this test shows nothing"
    index(load_config({"YOUJU_HOME": str(tmp_path)}), put(tmp_path / "docs", "roads2.txt", KEPT))
    assert standing_in(tmp_path / "index") == set()
