"""A run over a changed folder, killed at every kind of moment: each document is as before or as after, and a second
run brings the index to what one undisturbed run makes of it."""

import os
import shutil
import signal

import pytest

from rag.config import load_config
from rag.index.ingest import index_paths
from rag.index.opening import open_index
from rag.index.sqlite import Store
from tests.support.fakes import HashingEncoder
from tests.support.rag.processes import start
from tests.support.rag.stores import contents, held

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends signals")

TEXT = "海州市2031年第{n}号工作总结\n\n一、道路\n2031年，海州市新修公路{n}公里。\n"
REMOVED = "鄨瓺县qzxkvw"
# Kills itself at the n-th statement that changes something; n is MOMENT.
DRIVER = """
import os, signal, sys
from rag.cli.arguments import Models
from rag.cli.main import main
from rag.index.sqlite.database import Database
from tests.support.fakes import HashingEncoder

left = int(os.environ["MOMENT"])

def counted(work):
    def count(self, sql, *rest):
        global left
        if not sql.lstrip().startswith(("SELECT", "PRAGMA")):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return work(self, sql, *rest)
    return count

for name in ("rows", "many", "insert"):
    setattr(Database, name, counted(getattr(Database, name)))
sys.exit(main(models=Models(HashingEncoder)))
"""


def put(file, text):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def change(docs):
    """One of each kind: edited, renamed, moved, copied, new, a namesake, a copy edited, gone."""
    put(docs / "edited.txt", TEXT.format(n=100))
    (docs / "renamed.txt").rename(docs / "other.txt")
    (docs / "moved.txt").rename(docs / "sub" / "moved.txt")
    put(docs / "copy.txt", TEXT.format(n=0))
    put(docs / "new.txt", TEXT.format(n=101))
    put(docs / "sub" / "edited.txt", TEXT.format(n=102))
    put(docs / "sub" / "twin.txt", TEXT.format(n=103))
    (docs / "gone.txt").unlink()


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """An index of a folder, and the folder after it was changed."""
    top = tmp_path_factory.mktemp("killed")
    for n, name in enumerate(("same", "edited", "renamed", "moved", "sub/kept")):
        put(top / "docs" / f"{name}.txt", TEXT.format(n=n))
    for name in ("twin.txt", "sub/twin.txt"):
        put(top / "docs" / name, TEXT.format(n=50))
    put(top / "docs/gone.txt", TEXT.format(n=60).replace("道路", REMOVED))
    index_paths(config_of(top), [top / "docs"], encoder=HashingEncoder())
    change(top / "docs")
    return top


def config_of(top):
    return load_config({"YOUJU_HOME": str(top / "home")})


def again(before, top):
    """The same at another place: where the files stand goes with it."""
    shutil.copytree(before / "home", top / "home")
    shutil.copytree(before / "docs", top / "docs")
    config = config_of(top)
    with Store.open(config.index) as store:
        for info in store.documents():
            paths = [path.replace(str(before), str(top)) for path in (info.path, *info.copies)]
            store.relocate(info.source, name=info.source, paths=paths)
    return config


def places(config):
    with Store.open(config.index, readonly=True) as store:
        return {
            info.source: sorted(os.path.relpath(path, config.home.parent) for path in (info.path, *info.copies))
            for info in store.documents()
        }


@pytest.fixture(scope="module")
def undisturbed(before, tmp_path_factory):
    """What one run makes of it: contents, texts, places."""
    top = tmp_path_factory.mktemp("undisturbed")
    config = again(before, top)
    index_paths(config, [top / "docs"], prune=True, encoder=HashingEncoder())
    return contents(config), held(config), places(config)


def test_the_changed_folder_is_what_it_should_be(undisturbed):
    assert undisturbed[2] == {
        "same.txt": ["docs/copy.txt", "docs/same.txt"],
        "edited.txt": ["docs/edited.txt"],
        "other.txt": ["docs/other.txt"],
        "moved.txt": ["docs/sub/moved.txt"],
        "new.txt": ["docs/new.txt"],
        "sub/edited.txt": ["docs/sub/edited.txt"],
        "kept.txt": ["docs/sub/kept.txt"],
        "twin.txt": ["docs/twin.txt"],
        "sub/twin.txt": ["docs/sub/twin.txt"],
    }


@pytest.mark.parametrize("moment", range(1, 75, 4))
def test_killed_at_any_moment_it_is_as_before_or_as_after(before, undisturbed, tmp_path, moment):
    config = again(before, tmp_path)
    old, new = held(config), undisturbed[1]
    with start(tmp_path / "home", "index", "--prune", "docs", code=DRIVER, MOMENT=str(moment)) as process:
        process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, "else nothing was killed"
    texts = held(config)
    assert set(texts.values()) <= {*old.values(), *new.values()}
    assert {*old.values()} & {*new.values()} <= {*texts.values()}, "what stays is there at every moment"
    with Store.open(config.index, readonly=True) as store:
        assert store._database.rows("PRAGMA integrity_check") == [("ok",)]
        assert store._database.rows("PRAGMA foreign_key_check") == []
    report = index_paths(config, [tmp_path / "docs"], prune=True, encoder=HashingEncoder())
    assert (report.failed, report.gone) == ({}, {})
    assert (contents(config), held(config), places(config)) == undisturbed
    with open_index(config) as opened:
        found = opened.vectors.search(HashingEncoder().encode(["公路"])[0], 99)
        assert len(found) == len(undisturbed[0][0])
    for file in config.index.rglob("*"):
        assert not file.is_file() or REMOVED.encode() not in file.read_bytes()
