"""When a watched folder is due to be indexed: once what changed has come to rest."""

import os

import pytest

from rag.index.watch import Watch, look_at


class Folder:
    """Files that a test changes, and a clock that it sets."""

    def __init__(self):
        self.files, self.now = {"a.txt": (1, 1)}, 100.0
        self.watch = Watch(lambda: dict(self.files), lambda: self.now, 5.0)

    def after(self, seconds, **changes):
        """Whether it is due when so much time has passed; a change is seen with the same look."""
        self.now += seconds
        self.files |= {f"{name}.txt": value for name, value in changes.items()}
        return self.watch.is_due()


@pytest.fixture
def folder():
    return Folder()


def test_what_is_there_at_first_is_due_once_it_is_at_rest(folder):
    assert [folder.after(2), folder.after(2), folder.after(2)] == [False, False, True]
    folder.watch.done()
    assert [folder.after(2), folder.after(100)] == [False, False]


def test_a_file_that_grows_waits(folder):
    folder.after(9)
    folder.watch.done()
    assert [folder.after(2, b=(n, n)) for n in range(5)] == [False] * 5
    assert [folder.after(2), folder.after(2), folder.after(2)] == [False, False, True]


def test_a_file_that_goes_is_a_change(folder):
    folder.after(9)
    folder.watch.done()
    folder.files.clear()
    assert [folder.after(2), folder.after(6)] == [False, True]


def test_what_could_not_be_indexed_stays_due(folder):
    assert [folder.after(9), folder.after(2), folder.after(2)] == [True, True, True]


def test_what_changes_while_it_is_indexed_is_due_again(folder):
    assert folder.after(9)
    folder.files["a.txt"] = (2, 2)
    folder.watch.done()
    assert [folder.after(0), folder.after(6)] == [False, True]


def test_a_change_that_is_taken_back_is_none(folder):
    folder.after(9)
    folder.watch.done()
    folder.after(2, a=(2, 2))
    assert [folder.after(2, a=(1, 1)), folder.after(9)] == [False, False]


def test_a_look_tells_size_and_time_of_known_kinds(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"123")
    (tmp_path / "a.unknown").write_bytes(b"1")
    (tmp_path / ".hidden.txt").write_bytes(b"1")
    os.utime(tmp_path / "a.txt", ns=(5, 7))
    assert look_at([tmp_path, tmp_path / "no", tmp_path / "empty"]) == {str(tmp_path / "a.txt"): (3, 7)}
