from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from rag.batch.question_file import Question
from rag.batch.run import answer_or_error, read_answers, run_batch
from rag.errors import BatchError, GenerationError
from rag.schema.answers import Answer, Timings
from tests.support.fakes import CannedPipeline
from tests.support.rag.batches import ANSWERS, QUESTIONS, answer, ids, records

ROOT = Path(__file__).parents[3]


def test_a_record_holds_everything_that_was_answered(tmp_path: Path) -> None:
    out = tmp_path / "a.jsonl"
    summary = run_batch(CannedPipeline(ANSWERS), QUESTIONS[:1], out)
    assert records(out) == [
        {
            "id": "q1",
            "question": "第1问？",
            "answer": "答1。[1]",
            "abstained": False,
            "reason": "",
            "notes": [],
            "withheld": [],
            "cut_off": False,
            "confidence": None,
            "citations": [
                {
                    "marker": 1,
                    "source": "甲.txt",
                    "title": "报告",
                    "heading": ["一、总结"],
                    "start": 10,
                    "end": 14,
                    "quote": "共3所。",
                    "location": {"page": None, "slide": None, "sheet": "", "cells": "", "member": "", "box": None},
                    "page": None,
                }
            ],
            "timings": {
                "retrieve_seconds": None,
                "first_token_seconds": None,
                "total_seconds": None,
                "quoted_seconds": None,
            },
            "error": None,
            "mode": "answer",
        }
    ]
    assert (summary.n_questions, summary.n_answered, summary.n_kept, summary.n_errors) == (1, 1, 0, 0)
    assert not summary.interrupted


def test_a_failing_question_becomes_a_record_and_the_run_goes_on(tmp_path: Path) -> None:
    failures = {
        "第2问？": GenerationError("The generator stopped.\nTry again."),
        "第3问？": ZeroDivisionError("division by zero"),
        "第4问？": ValueError(),
    }
    out = tmp_path / "a.jsonl"
    summary = run_batch(CannedPipeline(ANSWERS | failures), QUESTIONS, out)
    assert [record["error"] for record in records(out)] == [
        None,
        "The generator stopped. Try again.",
        "This question could not be answered: division by zero (ZeroDivisionError).",
        "This question could not be answered: no details (ValueError).",
        None,
    ]
    assert [record["answer"] for record in records(out)] == ["答1。[1]", "", "", "", "答5。[1]"]
    assert (summary.n_answered, summary.n_errors) == (5, 3)
    assert "--retry-errors" in str(summary)


def test_every_question_is_answered_in_the_mode_of_the_run(tmp_path: Path) -> None:
    pipeline = CannedPipeline(ANSWERS | {"第2问？": GenerationError("no")})
    run_batch(pipeline, QUESTIONS[:2], tmp_path / "a.jsonl")
    run_batch(pipeline, QUESTIONS, tmp_path / "b.jsonl", mode="quotes")
    assert pipeline.modes == ["answer", "answer", *["quotes"] * 5]
    assert [record["mode"] for record in records(tmp_path / "b.jsonl")] == ["quotes"] * 5


def test_ctrl_c_keeps_what_is_finished_and_the_same_call_continues(tmp_path: Path) -> None:
    out = tmp_path / "a.jsonl"
    stopped = CannedPipeline(ANSWERS | {"第3问？": KeyboardInterrupt()})
    summary = run_batch(stopped, QUESTIONS, out)
    assert (summary.interrupted, summary.n_answered, ids(out)) == (True, 2, ["q1", "q2"])
    assert "3 to go" in str(summary)
    going_on = CannedPipeline(ANSWERS)
    summary = run_batch(going_on, QUESTIONS, out)
    assert going_on.asked == ["第3问？", "第4问？", "第5问？"]
    assert (summary.interrupted, summary.n_answered, summary.n_kept) == (False, 3, 2)
    assert ids(out) == ["q1", "q2", "q3", "q4", "q5"]


@pytest.mark.parametrize("cut", [1, 5, 40, -1])
def test_a_torn_line_is_cut_off_kept_aside_and_asked_again(tmp_path: Path, cut: int) -> None:
    out = tmp_path / "a.jsonl"
    run_batch(CannedPipeline(ANSWERS), QUESTIONS, out)
    whole = out.read_bytes()
    lines = whole.splitlines(keepends=True)
    torn = lines[2].rstrip(b"\n")[:cut]
    out.write_bytes(b"".join(lines[:2]) + torn)
    again = CannedPipeline(ANSWERS)
    run_batch(again, QUESTIONS, out)
    assert again.asked == ["第3问？", "第4问？", "第5问？"]
    assert out.read_bytes() == whole
    assert (tmp_path / "a.jsonl.torn").read_bytes() == torn + b"\n"


def test_a_last_line_that_only_lacks_its_end_is_kept(tmp_path: Path) -> None:
    out = tmp_path / "a.jsonl"
    run_batch(CannedPipeline(ANSWERS), QUESTIONS[:2], out)
    out.write_bytes(out.read_bytes().rstrip(b"\n"))
    again = CannedPipeline(ANSWERS)
    run_batch(again, QUESTIONS[:3], out)
    assert again.asked == ["第3问？"]
    assert ids(out) == ["q1", "q2", "q3"]
    assert not (tmp_path / "a.jsonl.torn").exists()


def test_a_killed_run_loses_at_most_the_question_in_work(tmp_path: Path) -> None:
    out = tmp_path / "a.jsonl"
    script = (
        "import time\n"
        "from pathlib import Path\n"
        "from tests.support.fakes import CannedPipeline\n"
        "from rag.batch.run import run_batch\n"
        "from rag.batch.question_file import Question\n"
        "class Slow(CannedPipeline):\n"
        "    def ask(self, question, **rest):\n"
        "        if question == '第4问？':\n"
        "            print('now', flush=True)\n"
        "            time.sleep(60)\n"
        "        return super().ask(question, **rest)\n"
        "run_batch(Slow(), [Question(f'q{i}', f'第{i}问？') for i in range(1, 6)], Path('a.jsonl'))\n"
    )
    paths = str(ROOT)
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=tmp_path, env=os.environ | {"PYTHONPATH": paths}, stdout=subprocess.PIPE
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"now\n"
        with pytest.raises(BatchError, match="Another run is writing"):
            run_batch(CannedPipeline(), QUESTIONS, out)
        run.send_signal(signal.SIGKILL)
    assert ids(out) == ["q1", "q2", "q3"]
    again = CannedPipeline()
    run_batch(again, QUESTIONS, out)
    assert again.asked == ["第4问？", "第5问？"]
    assert ids(out) == ["q1", "q2", "q3", "q4", "q5"]


def test_errors_are_asked_again_on_demand_and_stand_in_their_place(tmp_path: Path) -> None:
    out = tmp_path / "a.jsonl"
    run_batch(CannedPipeline(ANSWERS | {"第2问？": GenerationError("no")}), QUESTIONS, out)
    kept = CannedPipeline(ANSWERS)
    assert run_batch(kept, QUESTIONS, out).n_errors == 1
    assert kept.asked == []
    retried = CannedPipeline(ANSWERS)
    assert run_batch(retried, QUESTIONS, out, retry_errors=True).n_errors == 0
    assert retried.asked == ["第2问？"]
    assert [(record["id"], record["error"]) for record in records(out)] == [(f"q{i}", None) for i in range(1, 6)]


def test_records_stand_in_the_order_of_the_questions_and_none_is_dropped(tmp_path: Path) -> None:
    out = tmp_path / "a.jsonl"
    run_batch(CannedPipeline(ANSWERS), QUESTIONS[2:4], out)
    run_batch(CannedPipeline(ANSWERS), [QUESTIONS[4], QUESTIONS[0], QUESTIONS[3]], out)
    assert ids(out) == ["q5", "q1", "q4", "q3"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [".a.jsonl.lock", "a.jsonl"]


def test_progress_counts_what_was_there_as_done(tmp_path: Path) -> None:
    out, seen = tmp_path / "a.jsonl", []
    run_batch(CannedPipeline(ANSWERS), QUESTIONS[:2], out)

    def progress(stage: str, done: int, total: int, /, *, unit: str = "") -> None:
        seen.append((done, total))

    run_batch(CannedPipeline(ANSWERS), QUESTIONS, out, progress=progress)
    assert seen == [(2, 5), (3, 5), (4, 5), (5, 5)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("plain text", "line 1 is no JSON object"),
        ('{"id": "q1", "question": "第1问？"}\n', "line 1 lacks some of"),
        ("[1, 2]\n", "line 1 lacks some of"),
        ('{"id": "q1"\n{"id"', "line 1 is no JSON object"),
        ("\x00\xff\x00", "line 1 is no JSON object"),
    ],
)
def test_a_file_that_is_not_ours_is_refused_and_untouched(tmp_path: Path, content: str, message: str) -> None:
    out = tmp_path / "a.jsonl"
    out.write_bytes(content.encode())
    pipeline = CannedPipeline(ANSWERS)
    with pytest.raises(BatchError, match=message):
        run_batch(pipeline, QUESTIONS, out)
    assert (out.read_bytes(), pipeline.asked) == (content.encode(), [])


def test_answers_to_another_set_are_refused_and_untouched(tmp_path: Path) -> None:
    out = tmp_path / "a.jsonl"
    run_batch(CannedPipeline(ANSWERS), QUESTIONS, out)
    before = out.read_bytes()
    with pytest.raises(BatchError, match=r"under 'q1' it answers '第1问？', expected '别的？'"):
        run_batch(CannedPipeline(), [Question("q1", "别的？")], out)
    with pytest.raises(BatchError, match="none of its 5 answers is to one of these 1 questions"):
        run_batch(CannedPipeline(), [Question("z", "别的？")], out)
    assert out.read_bytes() == before


def test_the_questions_are_never_overwritten(tmp_path: Path) -> None:
    for name, content in (("q.csv", "id,question\nq1,第1问？\n"), ("q.jsonl", '{"id": "q1", "question": "第1问？"}')):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        with pytest.raises(BatchError, match="is no file of answers"):
            run_batch(CannedPipeline(), QUESTIONS, path)
        assert path.read_text(encoding="utf-8") == content


def test_an_impossible_place_is_refused_before_the_first_question(tmp_path: Path) -> None:
    pipeline = CannedPipeline(ANSWERS)
    with pytest.raises(BatchError, match="does not exist"):
        run_batch(pipeline, QUESTIONS, tmp_path / "nowhere" / "a.jsonl")
    with pytest.raises(BatchError, match="is no ordinary file"):
        run_batch(pipeline, QUESTIONS, tmp_path)
    assert pipeline.asked == []


@pytest.mark.skipif(not Path("/sys/kernel").is_dir(), reason="needs a folder that nobody may write")
def test_a_read_only_folder_is_refused_before_the_first_question() -> None:
    pipeline = CannedPipeline(ANSWERS)
    with pytest.raises(BatchError, match=r"cannot be written: .*(Permission denied|Read-only).*name another file"):
        run_batch(pipeline, QUESTIONS, Path("/sys/kernel/a.jsonl"))
    assert pipeline.asked == []


def test_two_runs_never_write_one_file(tmp_path: Path) -> None:
    with FileLock(tmp_path / ".a.jsonl.lock"), pytest.raises(BatchError, match="Another run is writing"):
        run_batch(CannedPipeline(ANSWERS), QUESTIONS, tmp_path / "a.jsonl")
    assert not (tmp_path / "a.jsonl").exists()


def test_half_a_surrogate_pair_is_written_and_found_again(tmp_path: Path) -> None:
    out, odd = tmp_path / "a.jsonl", [Question("q1", "坏\ud800字？")]
    run_batch(CannedPipeline(), odd, out)
    again = CannedPipeline()
    run_batch(again, odd, out)
    assert (again.asked, read_answers(out)[0]["question"]) == ([], "坏\ud800字？")


def test_the_later_record_of_an_id_counts(tmp_path: Path) -> None:
    out = tmp_path / "a.jsonl"
    first, second = (answer(text).to_dict() | {"id": "q1", "question": "第1问？"} for text in ("旧。", "新。"))
    out.write_text(f"{json.dumps(first)}\n{json.dumps(second)}\n", encoding="utf-8")
    assert [record["answer"] for record in read_answers(out)] == ["新。[1]"]


def test_an_unreadable_file_of_answers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BatchError, match="cannot be read: No such file"):
        read_answers(tmp_path / "a.jsonl")


def test_a_failure_is_timed() -> None:
    class Slow(CannedPipeline):
        def ask(self, question: str, **rest: Any) -> Answer:
            time.sleep(0.02)
            return super().ask(question, **rest)

    failed = answer_or_error(Slow({"甲？": GenerationError("no")}), Question("x", "甲？"))
    assert (failed.question_id, failed.error, failed.timings.retrieve_seconds) == ("x", "no", None)
    assert failed.timings == Timings(total_seconds=failed.timings.total_seconds)
    assert 0.02 <= (failed.timings.total_seconds or 0) < 5
