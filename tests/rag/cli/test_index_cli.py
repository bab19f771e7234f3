"""`youju index` on a folder that changes: what it says, what it takes out, with which code it ends."""

import itertools
from pathlib import Path

from tests.support.console import ROADS


def test_what_is_no_longer_there_is_told_with_the_command_that_takes_it_out(indexed):
    Path("docs/roads.txt").unlink()
    assert indexed("index", "docs") == 0
    assert indexed.out.startswith("0 added, 0 replaced, 1 unchanged; ")
    assert f"no longer there: {Path('docs/roads.txt').resolve()} (roads.txt)\n" in indexed.err
    assert indexed.err.endswith("1 document of files that are no longer there; to take out: youju index --prune docs\n")
    assert indexed("index", "--prune", "docs") == 0
    assert indexed.out.startswith("0 added, 0 replaced, 1 unchanged, 1 removed; ")
    assert indexed.err.endswith("removed: roads.txt\n")
    indexed("index", "--list")
    assert [line.split("\t")[0] for line in indexed.out.splitlines()] == ["schools.txt"]


def test_an_empty_folder_takes_nothing_out(indexed):
    for file in Path("docs").iterdir():
        file.unlink()
    assert indexed("index", "--prune", "docs") == 5
    indexed("index", "--list")
    assert len(indexed.out.splitlines()) == 2


def test_pruning_needs_a_folder(indexed):
    assert indexed("index", "--prune") == 2
    assert indexed("index", "--prune", "--rebuild") == 2


def test_a_copy_and_a_renamed_file_are_told(indexed):
    Path("docs/copy.txt").write_text(ROADS, encoding="utf-8")
    Path("docs/schools.txt").rename("docs/classes.txt")
    assert indexed("index", "docs") == 0
    assert indexed.out.startswith("0 added, 0 replaced, 2 unchanged, 1 moved, 1 copies; ")
    assert f"moved: schools.txt is now classes.txt\nthe same content: {Path('docs/copy.txt')} as roads.txt\n" in (
        indexed.err
    )


def test_files_of_no_known_kind_are_code_10_only_where_that_is_asked_for(indexed):
    Path("docs/picture.unknown").write_bytes(b"x")
    assert indexed("index", "docs") == 0
    assert indexed.err.endswith("1 file not indexed: 0 failed, 1 of no known kind\n")
    assert indexed("index", "docs", "--strict") == 10
    Path("docs/picture.unknown").unlink()
    assert indexed("index", "docs", "--strict") == 0


def watched(youju, monkeypatch, *steps):
    """Run --watch; each step is done at a look of its own, after which the files come to rest."""
    clock, left = itertools.count(), iter(steps)

    def wait(_seconds):
        step = next(left, None)
        if step is None:
            raise KeyboardInterrupt
        step()

    monkeypatch.setattr("time.monotonic", lambda: float(next(clock) * 10))
    monkeypatch.setattr("rag.cli.watch.watch.__kwdefaults__", {"wait": wait})
    return youju("index", "docs", "--watch")


def rest():
    """Nothing changes until the next look."""


def test_a_watched_folder_is_indexed_when_it_has_changed(youju, monkeypatch):
    def change():
        Path("docs/new.txt").write_text(ROADS.replace("86", "99"), encoding="utf-8")

    def spoil():
        Path("docs/roads.txt").write_bytes(b"\x00\x01")

    assert watched(youju, monkeypatch, rest, change, rest, spoil, rest, rest) == 130
    assert [line.partition(";")[0] for line in youju.out.splitlines()] == [
        "2 added, 0 replaced, 0 unchanged",
        "1 added, 0 replaced, 2 unchanged",
        "0 added, 0 replaced, 2 unchanged",
    ]
    assert "roads.txt is binary, not text" in youju.err


def test_a_folder_that_is_not_there_is_not_watched(youju):
    assert youju("index", "no", "--watch") == 5
    assert youju("index", "--watch") == 2
    assert youju("index", "docs", "--watch", "--rebuild") == 2
