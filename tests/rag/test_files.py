"""A file is replaced whole or not at all, in one way."""

import os
import re
import stat
from pathlib import Path

import pytest

from rag.errors import BatchError
from rag.files import GIVEN_UP_SECONDS, check_writable, draft_of, put_in_place, replace_folder, write_whole, writing_to

ROOT = Path(__file__).parents[2]


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def mode(file):
    return stat.S_IMODE(file.stat().st_mode)


def test_text_is_written_as_utf_8_with_halves_of_characters_as_escapes(tmp_path):
    write_whole(tmp_path / "a", "桥\ud800\n")
    assert (tmp_path / "a").read_bytes() == "桥\\ud800\n".encode()
    write_whole(tmp_path / "a", b"\xff\r\n")
    assert (tmp_path / "a").read_bytes() == b"\xff\r\n"
    assert names(tmp_path) == ["a"]


def test_permissions_are_kept_and_a_new_file_has_those_of_the_system(tmp_path):
    (tmp_path / "plain").touch()
    write_whole(tmp_path / "new", "x")
    assert mode(tmp_path / "new") == mode(tmp_path / "plain")
    (tmp_path / "new").chmod(0o640)
    write_whole(tmp_path / "new", "y")
    assert mode(tmp_path / "new") == 0o640


def test_a_private_file_is_private_before_anything_is_in_it(tmp_path):
    (tmp_path / "a").touch(mode=0o644)
    with draft_of(tmp_path / "a", mode=0o600) as draft:
        assert (mode(draft), draft.stat().st_size) == (0o600, 0)
    assert mode(tmp_path / "a") == 0o600


def test_a_block_that_fails_leaves_the_file_as_it_was_and_no_draft(tmp_path):
    write_whole(tmp_path / "a", "before")
    with (
        pytest.raises(UnicodeEncodeError),
        draft_of(tmp_path / "a") as draft,
        draft.open("w", encoding="ascii") as half,
    ):
        half.write("half" * 10_000 + "桥")
    assert (tmp_path / "a").read_text() == "before"
    assert names(tmp_path) == ["a"]


def test_the_file_before_is_read_until_the_block_ends(tmp_path):
    write_whole(tmp_path / "a", "before")
    with draft_of(tmp_path / "a") as draft:
        draft.write_text("after")
        assert (tmp_path / "a").read_text() == "before"
    assert (tmp_path / "a").read_text() == "after"


def test_drafts_of_killed_writers_go_and_those_of_others_at_work_stay(tmp_path):
    old, young, other = (tmp_path / name for name in (".a[1].0.tmp", ".a[1].1.tmp", ".b.0.tmp"))
    for draft in (old, young, other):
        draft.touch()
    for draft in (old, other):
        os.utime(draft, (0, old.stat().st_mtime - GIVEN_UP_SECONDS - 1))
    write_whole(tmp_path / "a[1]", "x")
    assert names(tmp_path) == [".a[1].1.tmp", ".b.0.tmp", "a[1]"]


def test_whether_a_file_can_be_written_is_seen_without_a_trace(tmp_path):
    check_writable(tmp_path / "a")
    assert names(tmp_path) == []
    for file in (tmp_path / "none" / "a", tmp_path):
        with pytest.raises(OSError, match="directory"):
            check_writable(file)


def test_a_refusal_is_told_in_words(tmp_path):
    with pytest.raises(BatchError, match=r"none/a cannot be written: No such file or directory\. Name another\."):  # noqa: SIM117
        with writing_to(tmp_path / "none" / "a", advice="Name another."):
            write_whole(tmp_path / "none" / "a", "x")


def test_a_finished_file_takes_the_place_of_another(tmp_path):
    (tmp_path / "new").write_bytes(b"n")
    (tmp_path / "old").write_bytes(b"o")
    put_in_place(tmp_path / "new", tmp_path / "old")
    assert (names(tmp_path), (tmp_path / "old").read_bytes()) == (["old"], b"n")


def test_a_folder_takes_the_place_of_another_with_nothing_left_of_it(tmp_path):
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    replace_folder(tmp_path / "new", tmp_path / "old")
    assert (names(tmp_path), names(tmp_path / "old")) == (["old"], ["new"])
    replace_folder(tmp_path / "old", tmp_path / "deep" / "there")
    assert names(tmp_path / "deep" / "there") == ["new"]


def test_no_other_file_makes_drafts():
    own = re.compile(r"""\.(tmp|part)["']""")  # how a draft is called
    sources = [path for folder in ("rag", "ui") for path in (ROOT / folder).rglob("*.py")]
    assert [p.relative_to(ROOT).as_posix() for p in sources if own.search(p.read_text("utf-8"))] == ["rag/files.py"]
