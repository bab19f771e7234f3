"""The command in processes of its own: killed, interrupted, two at once, its output cut off."""

import json
import os
import signal
import time

import pytest

from rag.config import load_config
from rag.index.faiss_index import DenseIndex
from rag.index.ingest import index_paths
from rag.index.sqlite import Store
from tests.support.console import ASKED, ROADS, SAID
from tests.support.fakes import HashingEncoder
from tests.support.rag.processes import start
from tests.support.rag.stores import contents, held

NUMBERS = range(10, 18)


@pytest.fixture
def home(tmp_path):
    (tmp_path / "docs").mkdir()
    for n in NUMBERS:
        (tmp_path / "docs" / f"{n}.txt").write_text(ROADS.replace("86", str(n)), encoding="utf-8")
    return tmp_path / "home"


pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends signals")


def run(home, *arguments, **rest):
    """Run the command to its end: code, output, errors."""
    with start(home, *arguments, **rest) as process:
        out, err = process.communicate(timeout=120)
    assert "Traceback" not in err, err
    return process.returncode, out, err


def stop(process, how, *, after):
    """Send a signal when a model begins its n-th piece of work; return what was said on the way."""
    said = []
    for line in process.stderr:
        said.append(line)
        after -= line.count("working")
        if after <= 0:
            break
    time.sleep(0.02)
    process.send_signal(how)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, "".join(said) + err


def config_of(home):
    return load_config({"YOUJU_HOME": str(home)})


def put_in(home, path):
    """Index what a test begins with, in this process: that is sooner done."""
    index_paths(config_of(home), [home.parent / path], encoder=HashingEncoder())


def undisturbed(home):
    """What the index of the same documents holds where nothing went wrong."""
    other = load_config({"YOUJU_HOME": str(home.parent / "other")})
    index_paths(other, [home.parent / "docs"], encoder=HashingEncoder())
    return contents(other)


def assert_sound(home):
    config = config_of(home)
    assert contents(config) == undisturbed(home)
    with Store.open(config.index, readonly=True) as store:
        assert store._database.rows("PRAGMA integrity_check") == [("ok",)]
        assert store._database.rows("PRAGMA foreign_key_check") == []
        assert len(DenseIndex.load_or_build(store, config.index)) == len(store.vectors()[0])


# Killed


@pytest.mark.parametrize("after", [1, 2, 6])
def test_a_killed_index_is_completed_by_the_same_command(home, after):
    with start(home, "index", "docs", slow=0.2) as process:
        code, out, _ = stop(process, signal.SIGKILL, after=after)
    assert (code, out) == (-signal.SIGKILL, "")
    n_done = len(held(config_of(home)))
    assert after - 1 <= n_done < len(NUMBERS)
    code, out, _ = run(home, "index", "docs")
    assert code == 0
    assert out.startswith(f"{len(NUMBERS) - n_done} added, 0 replaced, {n_done} unchanged;")
    assert_sound(home)


def test_a_killed_rebuild_leaves_the_old_index_and_is_completed_by_the_same_command(home):
    put_in(home, "docs")
    with start(home, "index", "--rebuild", slow=0.2) as process:
        stop(process, signal.SIGKILL, after=4)
    assert_sound(home)
    assert run(home, "index", "--rebuild")[0] == 0
    assert_sound(home)
    assert not list((home / "index").glob("*.new*"))


@pytest.mark.parametrize("after", [2, 5])  # the first piece of work is warming up
def test_a_killed_batch_is_continued_by_the_same_command(home, after):
    put_in(home, "docs")
    questions = [f"海州市2031年新修公路多少公里？第{n}问" for n in range(6)]
    (home.parent / "q.txt").write_text("\n".join(questions), encoding="utf-8")
    command = ["batch", "q.txt", "--out", "a.jsonl"]
    with start(home, *command, slow=0.3) as process:
        code, out, _ = stop(process, signal.SIGKILL, after=after)
    assert (code, out) == (-signal.SIGKILL, "")
    out_file = home.parent / "a.jsonl"
    before = out_file.read_text(encoding="utf-8")
    assert before.count("\n") == after - 2
    code, out, _ = run(home, *command)
    assert code == 0
    assert out.startswith(f"{6 - before.count(chr(10))} answered in")
    records = [json.loads(line) for line in out_file.read_text(encoding="utf-8").splitlines()]
    assert [record["question"] for record in records] == questions
    assert [record["id"] for record in records] == [f"line-{n}" for n in range(1, 7)]
    assert {record["error"] for record in records} == {None}
    assert out_file.read_text(encoding="utf-8").startswith(before)


# Interrupted by hand


def test_ctrl_c_while_indexing_is_code_130_and_keeps_what_is_finished(home):
    with start(home, "index", "docs", slow=0.2) as process:
        code, _, err = stop(process, signal.SIGINT, after=3)
    assert code == 130
    assert err.endswith("youju: interrupted; what was finished is kept.\n")
    assert "Traceback" not in err
    assert 2 <= len(held(config_of(home))) < len(NUMBERS)
    assert run(home, "index", "docs")[0] == 0
    assert_sound(home)


def test_ctrl_c_in_a_batch_is_code_130_and_says_how_to_go_on(home):
    put_in(home, "docs")
    (home.parent / "q.txt").write_text(f"{ASKED}\n" * 4, encoding="utf-8")
    with start(home, "batch", "q.txt", "--out", "a.jsonl", slow=0.3) as process:
        code, out, err = stop(process, signal.SIGINT, after=3)
    assert code == 130, err
    assert "Interrupted with " in out
    assert "The same command continues where this one stopped." in out
    assert run(home, "batch", "q.txt", "--out", "a.jsonl")[0] == 0
    assert (home.parent / "a.jsonl").read_text(encoding="utf-8").count("\n") == 4


# Two at once


def test_while_one_indexes_another_may_ask_but_not_write(home):
    put_in(home, "docs/10.txt")
    with start(home, "index", "docs", slow=0.4) as process:
        assert process.stderr.readline()
        while "working" not in process.stderr.readline():
            pass
        code, _, err = run(home, "index", "--remove", "10.txt")
        assert code == 6
        assert f"is being written by process {process.pid}. Wait until it ends, or stop it." in err
        code, out, _ = run(home, "ask", ASKED)
        assert code == 0
        assert "新修公路" in out
        process.communicate(timeout=120)
    assert process.returncode == 0
    assert_sound(home)


# Its output


def test_a_reader_that_goes_away_is_no_failure(home):
    put_in(home, "docs")
    with start(home, "search", ASKED) as process:
        process.stdout.close()
        err = process.stderr.read()
        process.wait(timeout=60)
    assert (process.returncode, err) == (0, "")


def test_a_terminal_without_chinese_is_no_failure(home):
    put_in(home, "docs/10.txt")
    code, out, _ = run(home, "ask", ASKED, "--json", PYTHONIOENCODING="ascii")
    assert code == 0
    assert json.loads(out)["answer"] == SAID.replace("86", "10")
    code, out, err = run(home, "ask", "？", PYTHONIOENCODING="ascii")
    assert (code, out) == (7, "")
    assert err.startswith("youju: The question is empty.")


@pytest.mark.parametrize("module", ["rag", "rag.cli.main"])
def test_the_module_is_the_command(home, module):
    code = f"import runpy; runpy.run_module({module!r}, run_name='__main__', alter_sys=True)"
    assert run(home, "ask", ASKED, code=code) == (
        6,
        "",
        f"youju: There is no index in {home / 'index'}. Make one: youju index PATH, or youju index --sample\n",
    )
    code, out, _ = run(home, "--help", code=code)
    assert (code, out.splitlines()[0]) == (0, "usage: youju [-h] [--debug] COMMAND ...")
