"""The batches of the page over a scripted desk: no Gradio, no browser."""
# ruff: noqa: F401, F811 - fixtures are imported, and named again where they are used

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from rag.errors import GenerationError, ModelMissingError
from tests.support.batch_asker import GatedAsker, asked, asker, drop, jobs, lines, one, until
from ui.batch.jobs import BatchJobs
from ui.batch.question_upload import RefusedError
from ui.scheduling.queue import LineFullError, QuestionStoppedError

ROOT = Path(__file__).parents[3]


# Start to end


def test_a_set_is_answered_in_the_background_question_by_question(
    jobs: BatchJobs, drop: Any, asker: GatedAsker
) -> None:
    job_id = drop(lines(3), mode="quotes")
    until(lambda: asker.asked)
    info = one(jobs)
    assert (info.id, info.name, info.mode, info.n_questions) == (job_id, "题目.txt", "quotes", 3)
    assert (info.state, info.n_done, info.seconds_left) == ("running", 0, None)
    asker.let(2)
    until(lambda: one(jobs).n_done == 2)
    assert one(jobs).seconds_left == pytest.approx(one(jobs).seconds_each, rel=0.5)
    asker.let()
    until(lambda: one(jobs).state == "done")
    assert asked(jobs, job_id) == ["第1问？", "第2问？", "第3问？"]
    assert [record["question"] for record in jobs.answers("甲", job_id, 2)] == ["第1问？", "第2问？"]
    assert (asker.most_running, asker.modes, asker.in_background) == (1, ["quotes"] * 3, [True] * 3)


def test_a_question_of_the_chat_goes_before_the_next_of_the_batch(
    jobs: BatchJobs, drop: Any, asker: GatedAsker
) -> None:
    drop(lines(3))
    until(lambda: asker.asked == ["第1问？"])
    chat = threading.Thread(target=asker.ask, args=("聊天？",))
    chat.start()
    until(lambda: asker.n_in_front)
    asker.let(4)
    chat.join(timeout=30)
    until(lambda: one(jobs).state == "done")
    assert asker.asked == ["第1问？", "聊天？", "第2问？", "第3问？"]


def test_a_second_batch_waits_for_the_first_whosever_it_is(jobs: BatchJobs, drop: Any, asker: GatedAsker) -> None:
    drop(lines(2))
    until(lambda: asker.asked)
    drop("乙问？", owner="乙")
    assert one(jobs, "乙").state == "waiting"
    asker.open()
    until(lambda: one(jobs, "乙").state == "done")
    assert asker.asked == ["第1问？", "第2问？", "乙问？"]


def test_documents_that_an_owner_must_not_see_are_named_to_the_desk(tmp_path: Path) -> None:
    asker = GatedAsker()
    jobs = BatchJobs(tmp_path, asker, hidden_of=lambda owner: frozenset({f"not for {owner}"}))
    (tmp_path / "q.txt").write_text("问？", encoding="utf-8")
    jobs.start("甲", tmp_path / "q.txt", "q.txt", "answer")
    until(lambda: one(jobs).state == "done")
    assert asker.hidden == [frozenset({"not for 甲"})]


def test_a_question_that_fails_is_counted_and_can_be_asked_again(jobs: BatchJobs, drop: Any, asker: GatedAsker) -> None:
    asker.script["第2问？"] = GenerationError("The generator stopped.")
    asker.open()
    job_id = drop(lines(3))
    until(lambda: one(jobs).state == "done")
    assert (one(jobs).n_done, one(jobs).n_errors) == (3, 1)
    del asker.script["第2问？"]
    jobs.resume("甲", job_id)
    until(lambda: one(jobs).state == "done")
    assert (one(jobs).n_done, one(jobs).n_errors, asker.asked[3:]) == (3, 0, ["第2问？"])
    with pytest.raises(RefusedError, match="nothing left to ask"):
        jobs.resume("甲", job_id)


def test_a_model_that_is_missing_fails_the_batch_once_and_records_nothing(
    jobs: BatchJobs, drop: Any, asker: GatedAsker
) -> None:
    asker.script["第1问？"] = ModelMissingError("The model is not there. Fetch it: youju models pull")
    asker.open()
    job_id = drop(lines(3))
    until(lambda: one(jobs).state == "failed")
    assert (one(jobs).error, one(jobs).n_done) == ("The model is not there. Fetch it: youju models pull", 0)
    assert (asker.asked, jobs.answers("甲", job_id, 9)) == (["第1问？"], [])
    del asker.script["第1问？"]
    jobs.resume("甲", job_id)
    until(lambda: one(jobs).state == "done")
    assert (one(jobs).error, one(jobs).n_done) == ("", 3)


# Stop, continue, kill


def test_a_stop_gives_up_the_question_in_work_and_it_is_asked_again(
    jobs: BatchJobs, drop: Any, asker: GatedAsker
) -> None:
    job_id = drop(lines(4))
    asker.let()
    until(lambda: len(asker.asked) == 2)
    jobs.stop("甲", job_id)
    until(lambda: one(jobs).state == "stopped")
    assert (asked(jobs, job_id), one(jobs).n_done, one(jobs).n_errors) == (["第1问？"], 1, 0)
    jobs.stop("甲", job_id)
    asker.open()
    jobs.resume("甲", job_id)
    until(lambda: one(jobs).state == "done")
    assert asker.asked == ["第1问？", "第2问？", "第2问？", "第3问？", "第4问？"]
    assert asked(jobs, job_id) == lines(4).split()
    assert set(asker.owners) == {"甲"}


def test_a_desk_that_is_closed_first_stops_the_batch_and_fails_no_question(
    jobs: BatchJobs, drop: Any, asker: GatedAsker
) -> None:
    asker.script["第2问？"] = QuestionStoppedError("No more questions are taken: the server is going down.")
    asker.open()
    job_id = drop(lines(4))
    until(lambda: one(jobs).state == "stopped")
    assert (asked(jobs, job_id), one(jobs).n_errors) == (["第1问？"], 0)


def test_where_the_line_is_full_a_batch_waits(
    jobs: BatchJobs, drop: Any, asker: GatedAsker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.batch.job.FULL_SECONDS", 0.01)
    asker.script["第1问？"] = LineFullError(mine=False, n_waiting=100)
    asker.open()
    drop(lines(2))
    until(lambda: len(asker.asked) > 2)
    assert (one(jobs).n_done, set(asker.asked)) == (0, {"第1问？"})
    del asker.script["第1问？"]
    until(lambda: one(jobs).state == "done")
    assert (one(jobs).n_done, one(jobs).n_errors) == (2, 0)


def test_what_waits_is_stopped_at_once_and_what_is_active_is_not_continued_twice(
    jobs: BatchJobs, drop: Any, asker: GatedAsker
) -> None:
    first, second = drop(lines(1)), drop("二问？")
    until(lambda: asker.asked)
    jobs.stop("甲", second)
    assert [info.state for info in jobs.jobs("甲")] == ["stopped", "running"]
    with pytest.raises(RefusedError, match="running or waiting already"):
        jobs.resume("甲", first)


def test_closing_stops_what_runs_and_waits_and_another_server_continues(tmp_path: Path) -> None:
    (tmp_path / "q.txt").write_text(lines(3), encoding="utf-8")
    asker = GatedAsker(shut=True)
    jobs = BatchJobs(tmp_path, asker)
    first, second = (jobs.start("甲", tmp_path / "q.txt", f"{name}.txt", "answer") for name in "ab")
    asker.let()
    until(lambda: len(asker.asked) == 2)
    jobs.close()
    assert (asker.asked, asker.n_running) == (["第1问？", "第2问？"], 0)
    again = BatchJobs(tmp_path, GatedAsker())
    assert {info.name: (info.state, info.n_done) for info in again.jobs("甲")} == {
        "a.txt": ("stopped", 1),
        "b.txt": ("stopped", 0),
    }
    for job_id in (first, second):
        again.resume("甲", job_id)
    until(lambda: [info.state for info in again.jobs("甲")] == ["done", "done"])


def test_a_server_that_was_killed_leaves_a_batch_that_is_continued_where_it_was(tmp_path: Path) -> None:
    (tmp_path / "q.txt").write_text(lines(5), encoding="utf-8")
    script = (
        "import time\n"
        "from pathlib import Path\n"
        "from tests.support.batch_asker import GatedAsker\n"
        "from ui.batch.jobs import BatchJobs\n"
        "class Slow(GatedAsker):\n"
        "    def ask(self, question, **rest):\n"
        "        if question == '第3问？':\n"
        "            print('now', flush=True)\n"
        "            time.sleep(60)\n"
        "        return super().ask(question, **rest)\n"
        "BatchJobs(Path('.'), Slow()).start('甲', Path('q.txt'), 'q.txt', 'answer')\n"
        "time.sleep(60)\n"
    )
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path, env=env, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"now\n"
        server.send_signal(signal.SIGKILL)
    asker = GatedAsker()
    jobs = BatchJobs(tmp_path, asker)
    info = one(jobs)
    assert (info.state, info.n_done, info.active) == ("stopped", 2, False)
    jobs.resume("甲", info.id)
    until(lambda: one(jobs).state == "done")
    assert asker.asked == ["第3问？", "第4问？", "第5问？"]
    assert len(asked(jobs, info.id)) == 5


# Whose it is


def test_another_owners_batches_are_unknown(jobs: BatchJobs, drop: Any, asker: GatedAsker) -> None:
    asker.open()
    job_id = drop(lines(2))
    until(lambda: one(jobs).state == "done")
    assert jobs.jobs("乙") == []
    for act in (
        lambda: jobs.answers("乙", job_id, 5),
        lambda: jobs.files("乙", job_id),
        lambda: jobs.scores("乙", job_id),
        lambda: jobs.stop("乙", job_id),
        lambda: jobs.resume("乙", job_id),
        lambda: jobs.delete("乙", job_id),
    ):
        with pytest.raises(RefusedError, match="no such batch"):
            act()
    assert len(asked(jobs, job_id)) == 2


@pytest.mark.parametrize(
    "job_id", ["", "..", "../x", "/etc/passwd", "0" * 31, "0" * 32, "0" * 31 + "/", "%2e%2e", None]
)
def test_an_id_that_is_not_of_our_making_names_nothing(jobs: BatchJobs, job_id: Any) -> None:
    with pytest.raises(RefusedError, match="no such batch"):
        jobs.answers("甲", job_id, 5)


@pytest.mark.parametrize("owner", ["../../x", "", "a/b", "\x00", "\ud800", "长" * 5000])
def test_an_owners_name_is_no_path(tmp_path: Path, jobs: BatchJobs, drop: Any, asker: GatedAsker, owner: str) -> None:
    asker.open()
    drop("问？", owner=owner)
    until(lambda: one(jobs, owner).state == "done")
    (folder,) = (tmp_path / "workspace" / "batches").iterdir()
    assert len(folder.name) == 32
    assert {path.name for path in tmp_path.iterdir()} == {"workspace", "upload"}


def test_a_batch_is_deleted_with_all_it_held_even_at_work(
    tmp_path: Path, jobs: BatchJobs, drop: Any, asker: GatedAsker
) -> None:
    job_id = drop(lines(2))
    until(lambda: asker.asked)
    jobs.delete("甲", job_id)
    assert jobs.jobs("甲") == []
    until(lambda: not any((tmp_path / "workspace" / "batches").glob("*/*")))
    asker.open()
    drop("后？")
    until(lambda: one(jobs).state == "done")
    assert asker.asked == ["第1问？", "后？"]
