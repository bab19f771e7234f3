"""A backup is whole, also while others write; what is restored is what was saved; what is no backup is refused."""

import hashlib
import json
import shutil
import sqlite3
import threading
import zipfile
from pathlib import Path

import pytest

from rag.backup.contents import MANIFEST
from rag.backup.restore import restore_backup
from rag.backup.save import save_backup
from rag.config import load_config
from rag.errors import WorkspaceError
from rag.index.ingest import index_paths
from rag.index.opening import open_index
from rag.index.sqlite import Store
from tests.support.console import ROADS, SCHOOLS, youju  # noqa: F401 - a fixture
from tests.support.fakes import HashingEncoder
from tests.support.rag.stores import contents, held, put


@pytest.fixture
def config(tmp_path):
    config = load_config({"YOUJU_HOME": str(tmp_path / "home")})
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "roads.txt").write_text(ROADS, encoding="utf-8")
    (docs / "schools.txt").write_text(SCHOOLS, encoding="utf-8")
    index_paths(config, [docs], encoder=HashingEncoder())
    write(config.workspace / "users", "{}\n")
    write(config.workspace / "batches/ab/cd/answers.jsonl", '{"answer": "一"}\n')
    write(config.workspace / "youju-uploads/ab/under_way.txt", "x")
    write(config.workspace / "users.lock", "")
    history = sqlite3.connect(config.workspace / "history.sqlite")
    history.executescript("CREATE TABLE said (text); INSERT INTO said VALUES ('海州市')")
    history.close()
    return config


@pytest.fixture
def other(tmp_path):
    return load_config({"YOUJU_HOME": str(tmp_path / "other")})


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def said(config) -> list[tuple[str]]:
    connection = sqlite3.connect(config.workspace / "history.sqlite")
    try:
        return connection.execute("SELECT text FROM said").fetchall()
    finally:
        connection.close()


def test_what_is_restored_is_what_was_saved(config, other, tmp_path):
    saved = save_backup(config, tmp_path / "b.zip")
    assert [entry.name for entry in saved] == [
        "index/youju.sqlite",
        "workspace/batches/ab/cd/answers.jsonl",
        "workspace/history.sqlite",
        "workspace/users",
    ]
    assert restore_backup(other, tmp_path / "b.zip") == saved
    assert (contents(other), held(other)) == (contents(config), held(config))
    assert said(other) == [("海州市",)]
    assert (other.workspace / "batches/ab/cd/answers.jsonl").read_text(encoding="utf-8") == '{"answer": "一"}\n'
    assert not (other.workspace / "youju-uploads").exists()
    with open_index(other) as opened, open_index(config) as before:
        assert opened.lexical.search(["公路"], 9) == before.lexical.search(["公路"], 9) != []


def test_nobody_else_can_read_it(config, tmp_path):
    save_backup(config, tmp_path / "b.zip")
    assert (tmp_path / "b.zip").stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.zip", "docs", "home"]


def test_no_backup_is_replaced(config, tmp_path):
    write(tmp_path / "b.zip", "mine")
    with pytest.raises(WorkspaceError, match="is there already"):
        save_backup(config, tmp_path / "b.zip")
    assert (tmp_path / "b.zip").read_text() == "mine"


def test_nothing_to_back_up_is_an_error(other, tmp_path):
    with pytest.raises(WorkspaceError, match="nothing to back up"):
        save_backup(other, tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


def test_a_writer_at_work_is_saved_with_what_it_has_finished(config, other, tmp_path):
    stop, written = threading.Event(), []

    def write_on():
        with Store.open(config.index) as store:
            while not stop.is_set():
                put(store, f"{len(written):04}.txt", ["新建学校", "新修公路"])
                written.append(1)

    # The vectors of `put` have another length than this index has.
    shutil.rmtree(config.index)
    with Store.open(config.index, create=True) as store:
        from rag.index.protocols import IndexFacts  # noqa: PLC0415

        store.bind(IndexFacts("e5@1", 16, "v1"))
    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        while len(written) < 3:
            stop.wait(0.01)
        before = len(written)
        save_backup(config, tmp_path / "b.zip")
        after = len(written) + 1
    finally:
        stop.set()
        writer.join()
    restore_backup(other, tmp_path / "b.zip")
    with Store.open(other.index, readonly=True) as store:
        names = [info.source for info in store.documents()]
        assert names == [f"{n:04}.txt" for n in range(len(names))]
        assert before <= len(names) <= after
        assert len(store.vectors()[0]) == 2 * len(names)
        assert store._database.rows("PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("there", ["index/youju.sqlite", "workspace/users"])
def test_what_is_there_is_never_replaced(config, other, tmp_path, there):
    save_backup(config, tmp_path / "b.zip")
    write(other.home / there, "mine")
    with pytest.raises(WorkspaceError, match="holds something already, and nothing is replaced"):
        restore_backup(other, tmp_path / "b.zip")
    assert [str(p.relative_to(other.home)) for p in other.home.rglob("*") if p.is_file()] == [there]


def test_a_restore_that_was_killed_between_the_folders_is_completed(config, other, tmp_path):
    save_backup(config, tmp_path / "b.zip")
    restore_backup(other, tmp_path / "b.zip")
    shutil.rmtree(other.workspace)
    restore_backup(other, tmp_path / "b.zip")
    assert said(other) == [("海州市",)]


def forged(tmp_path, names, *, manifest=None, sizes=None):
    """A zip file that claims to be a backup."""
    digest = hashlib.sha256(b"x").hexdigest()
    listed = [{"name": name, "size": (sizes or {}).get(name, 1), "sha256": digest} for name in names]
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, "x")
        archive.writestr(MANIFEST, manifest or json.dumps({"youju_backup": 1, "made_at": "", "files": listed}))
    return tmp_path / "b.zip"


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "index/../../evil",
        "/etc/evil",
        "index//evil",
        "index/a\\evil",
        "index/C:evil",
        "other/evil",
        "index",
        "index/.hidden",
        "index/dense.faiss",
        "workspace/youju-uploads/a/b.txt",
        "index/evil ",
        "index/e\x01vil",
    ],
)
def test_a_path_that_is_none_of_a_backup_is_refused(other, tmp_path, name):
    with pytest.raises(WorkspaceError, match="which is no file of a backup"):
        restore_backup(other, forged(tmp_path, [name]))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.zip"]


def test_a_file_larger_than_it_says_is_refused(other, tmp_path):
    file = tmp_path / "b.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("workspace/users", b"0" * 50_000_000)
        listed = [{"name": "workspace/users", "size": 10, "sha256": hashlib.sha256(b"0" * 10).hexdigest()}]
        archive.writestr(MANIFEST, json.dumps({"youju_backup": 1, "made_at": "", "files": listed}))
    with pytest.raises(WorkspaceError, match="workspace/users is not what was saved"):
        restore_backup(other, file)
    assert list(tmp_path.rglob("users")) == []


def test_more_than_the_disk_holds_is_refused(other, tmp_path):
    with pytest.raises(WorkspaceError, match="Free some room"):
        restore_backup(other, forged(tmp_path, ["index/a"], sizes={"index/a": 10**18}))


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"youju_backup": 1, "files": [1]}', '{"youju_backup": 1}'])
def test_a_list_that_is_none_is_refused(other, tmp_path, manifest):
    with pytest.raises(WorkspaceError, match=r"cannot be restored: Its manifest\.json is not one"):
        restore_backup(other, forged(tmp_path, ["index/a"], manifest=manifest or "no json"))


def test_a_newer_format_is_refused(other, tmp_path):
    with pytest.raises(WorkspaceError, match=r"has format 2; .* Update youju"):
        restore_backup(other, forged(tmp_path, ["index/a"], manifest='{"youju_backup": 2, "files": []}'))


@pytest.mark.parametrize("where", [0.1, 0.5, 0.9])
def test_a_damaged_file_is_refused_whole(config, other, tmp_path, where):
    save_backup(config, tmp_path / "b.zip")
    content = bytearray((tmp_path / "b.zip").read_bytes())
    for at in range(int(len(content) * where), int(len(content) * where) + 40):
        content[at] ^= 0xFF
    (tmp_path / "b.zip").write_bytes(content)
    with pytest.raises(WorkspaceError, match="cannot be restored"):
        restore_backup(other, tmp_path / "b.zip")
    assert not other.home.exists() or list(other.home.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip file" * 99])
def test_what_is_no_zip_file_is_refused(other, tmp_path, content):
    (tmp_path / "b.zip").write_bytes(content)
    with pytest.raises(WorkspaceError, match="it is no backup, or damaged"):
        restore_backup(other, tmp_path / "b.zip")


def test_a_damaged_database_is_refused(other, tmp_path):
    content = b"SQLite format 3\0" + b"\xff" * 5000
    listed = [{"name": "index/youju.sqlite", "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}]
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("index/youju.sqlite", content)
        archive.writestr(MANIFEST, json.dumps({"youju_backup": 1, "made_at": "", "files": listed}))
    with pytest.raises(WorkspaceError, match=r"index/youju\.sqlite is a damaged database"):
        restore_backup(other, tmp_path / "b.zip")


def test_the_commands_tell_what_they_did(youju, monkeypatch, tmp_path):  # noqa: F811
    assert youju("backup", "b.zip") == 11
    assert youju("index", "docs") == 0
    assert youju("backup", "b.zip") == 0
    assert youju.out.startswith("1 files, ")
    assert youju.out.endswith(" bytes in b.zip\n")
    assert youju("backup", "b.zip") == 11
    monkeypatch.setenv("YOUJU_HOME", str(tmp_path / "other"))
    assert youju("restore", "no.zip") == 11
    assert youju("restore", "b.zip") == 0
    assert youju("documents", "list") == 0
    assert [line.split("\t")[0] for line in youju.out.splitlines()] == ["roads.txt", "schools.txt"]
