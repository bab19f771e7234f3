"""The history's file when things go wrong: killed, damaged, locked, full, taken away; many threads and processes."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rag.errors import WorkspaceError
from tests.support.rag.stores import write_protected
from tests.support.ui.exchanges import done
from ui.conversations.database import HistoryFile
from ui.conversations.history import History
from ui.conversations.tables import APPLICATION_ID, MIGRATIONS

ROOT = Path(__file__).parents[3]
LATER = "What you do now is not kept; the answers themselves are not affected."

# Saves exchange after exchange into one conversation, and says of each that it is kept.
WRITER = """
import sys
from pathlib import Path
from tests.support.ui.exchanges import done
from ui.conversations.history import History

history = History(Path(sys.argv[1]))
kept = history.begin(sys.argv[2], "writer")
for number in range(1, int(sys.argv[3]) + 1):
    history.save(sys.argv[2], kept, done(number, text="长" * 20_000))
    print(kept, number, flush=True)
history.close()
"""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "history.sqlite"


@pytest.fixture
def history(tmp_path):
    history = History(tmp_path)
    yield history
    history.close()


def write(folder, owner, n_exchanges):
    paths = str(ROOT)
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), owner, str(n_exchanges)],
        env=os.environ | {"PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def refused(history, *words):
    """What the page is told, by a read and a write alike; and it goes on."""
    told = []
    for call in (lambda: history.list("ann"), lambda: history.begin("ann", "学校")):
        with pytest.raises(WorkspaceError) as error:
            call()
        told.append(str(error.value))
    assert all(word in text for text in told for word in words), told


@pytest.mark.skipif(os.name != "posix", reason="mode bits")
def test_nobody_else_can_read_the_file(history, file):
    history.begin("ann", "学校")
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.name != "posix", reason="sends signals")
def test_a_kill_in_the_middle_of_writing_loses_no_finished_exchange(tmp_path):
    for n_seen in (1, 4, 9):
        with write(tmp_path, f"killed{n_seen}", 10_000) as process:
            said = [process.stdout.readline().split() for _ in range(n_seen)]
            process.send_signal(signal.SIGKILL)
            said += [line.split() for line in process.stdout]
        history = History(tmp_path)
        loaded = history.load(f"killed{n_seen}", said[0][0])
        numbers = [exchange.number for exchange in loaded]
        assert numbers[: len(said)] == [int(number) for _, number in said]
        assert len(numbers) <= len(said) + 1, "at most the one whose end was not told any more"
        assert loaded == [done(number, text="长" * 20_000) for number in numbers]
        history.close()


def test_processes_that_begin_a_new_file_at_once_all_keep_their_own(tmp_path):
    writers = [write(tmp_path, f"owner{n}", 5) for n in range(4)]
    for process in writers:
        _, errors = process.communicate(timeout=120)
        assert (process.returncode, errors) == (0, "")
    history = History(tmp_path)
    assert [[info.n_exchanges for info in history.list(f"owner{n}")] for n in range(4)] == [[5]] * 4
    history.close()


def test_threads_over_two_histories_keep_everything_apart(tmp_path):
    histories = [History(tmp_path), History(tmp_path)]

    def work(n):
        own, owner = histories[n % 2], f"owner{n}"
        kept = own.begin(owner, owner)
        for number in range(1, 6):
            own.save(owner, kept, done(number, question=f"{owner} {number}"))
            own.rate(owner, kept, number, "up", owner)
            assert [e.question for e in own.load(owner, kept)] == [f"{owner} {k}" for k in range(1, number + 1)]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(8))) == [None] * 8
    for n in range(8):
        (info,) = histories[1 - n % 2].list(f"owner{n}")
        ratings = histories[0].ratings(f"owner{n}", info.id)
        assert [rating.comment for rating in ratings.values()] == [f"owner{n}"] * 5
    for own in histories:
        own.close()


@pytest.mark.parametrize("content", [b"no database" * 1000, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_file_that_is_damaged_is_told_and_left_alone(history, file, content):
    file.write_bytes(content)
    refused(history, f"The history {file} cannot be used: it is damaged", "Move the file away", LATER)
    assert file.read_bytes() == content


def test_pages_that_are_damaged_are_told(history, file):
    kept = history.begin("ann", "学校")
    history.save("ann", kept, done(text="长" * 20_000))
    content = file.read_bytes()
    file.write_bytes(content[:8192] + b"\xff" * (len(content) - 8192))
    history.close()
    again = History(file.parent)
    with pytest.raises(WorkspaceError, match="damaged"):
        again.load("ann", kept)
    again.close()


@pytest.mark.parametrize("record", ["no json", "[]", '{"number": 1}', '{"number": 1, "question": 7}', "[" * 100_000])
def test_a_record_that_is_damaged_is_told(history, file, record):
    kept = history.begin("ann", "学校")
    history.save("ann", kept, done())
    history.rate("ann", kept, 1, "up")
    with sqlite3.connect(file) as other:
        other.execute("UPDATE exchanges SET record = ?", (record,))
        other.execute("UPDATE ratings SET record = ?", (record,))
    other.close()
    for read in (
        lambda: history.load("ann", kept),
        lambda: history.ratings("ann", kept),
        lambda: list(history.feedback()),
    ):
        with pytest.raises(WorkspaceError):
            read()
    assert [info.title for info in history.list("ann")] == ["学校"]
    history.delete("ann", kept)


def test_a_database_of_others_is_refused_and_left_alone(history, file):
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE conversations (key INTEGER)")
    other.close()
    before = file.read_bytes()
    refused(history, "not a history of youju")
    assert file.read_bytes() == before


def test_a_newer_format_is_refused(history, file):
    history.begin("ann", "学校")
    with sqlite3.connect(file) as other:
        other.execute("PRAGMA user_version=99")
    other.close()
    again = History(file.parent)
    refused(again, "was written by a newer version of youju. Update youju.")
    again.close()


def test_an_older_format_is_brought_up_to_date(history, file):
    kept = history.begin("ann", "学校")
    history.save("ann", kept, done())
    history.close()
    newer = (*MIGRATIONS, "CREATE TABLE more (a);\n")
    again = HistoryFile(file, application_id=APPLICATION_ID, migrations=newer)
    assert again.rows("SELECT id FROM conversations") == [(kept,)]
    assert again.rows("SELECT count(*) FROM exchanges") == [(1,)]
    assert again.rows("SELECT * FROM more") == []
    assert again.rows("PRAGMA user_version") == [(len(newer),)]
    again.close()


def test_a_folder_that_cannot_be_written_is_read_all_the_same(open_folder):
    folder = open_folder / "workspace"
    history = History(folder)
    kept = history.begin("ann", "学校")
    history.save("ann", kept, done())
    history.close()
    with write_protected(folder):
        again = History(folder)
        assert again.load("ann", kept) == [done()]
        with pytest.raises(WorkspaceError, match=r"cannot be opened or written: .*Give write access to its folder"):
            again.save("ann", kept, done())
        again.close()
        fresh = History(folder / "below")
        refused(fresh, "Give write access to its folder", "YOUJU_WORKSPACE", LATER)
        fresh.close()


def test_a_folder_that_is_a_file_is_told(tmp_path):
    (tmp_path / "workspace").write_text("", encoding="utf-8")
    history = History(tmp_path / "workspace")
    refused(history, "cannot be opened or written", "YOUJU_WORKSPACE")
    history.close()


def test_a_full_disk_is_told_and_what_was_kept_stays(history):
    kept = history.begin("ann", "学校")
    history.save("ann", kept, done())
    n_pages = history._file.rows("PRAGMA page_count")[0][0]
    history._file.rows(f"PRAGMA max_page_count={n_pages}")
    with pytest.raises(WorkspaceError, match=r"is full\. Free some room"):
        history.save("ann", kept, done(2, text="长" * 100_000))
    assert history.load("ann", kept) == [done()]
    history._file.rows("PRAGMA max_page_count=100000")
    history.save("ann", kept, done(2))
    assert history.load("ann", kept) == [done(), done(2)]


def test_a_lock_that_does_not_end_is_told_and_does_no_harm_later(history, file, monkeypatch):
    monkeypatch.setattr("ui.conversations.database.BUSY_SECONDS", 0.01)
    history.begin("ann", "学校")
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    refused(history, "was locked by another program", LATER)
    other.execute("ROLLBACK")
    other.close()
    assert [info.title for info in history.list("ann")] == ["学校"]


def test_a_file_that_is_taken_away_and_put_back_is_noticed(history, file):
    history.begin("ann", "学校")
    shutil.move(file, file.with_name("away"))
    assert history.list("ann") == []
    history.begin("ann", "桥")
    shutil.move(file.with_name("away"), file)
    assert [info.title for info in history.list("ann")] == ["学校"]


def test_repairing_a_fault_is_enough_for_the_page_to_go_on(history, file):
    file.write_bytes(b"no database" * 1000)
    refused(history, "damaged")
    file.unlink()
    kept = history.begin("ann", "学校")
    assert history.load("ann", kept) == []


def test_what_is_not_there_is_not_made_by_who_only_reads(tmp_path):
    history = History(tmp_path / "none", create=False)
    with pytest.raises(WorkspaceError, match=r"Nothing was kept yet: there is no .*It is made by the page: youju chat"):
        list(history.feedback())
    assert not (tmp_path / "none").exists()


def test_a_closed_history_stays_closed(history):
    history.begin("ann", "学校")
    history.close()
    history.close()
    with pytest.raises(WorkspaceError, match="was closed"):
        history.list("ann")
