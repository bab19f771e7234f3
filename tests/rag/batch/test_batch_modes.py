"""A file of answers holds one mode; a run can be stopped from outside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag.batch.run import run_batch
from rag.errors import BatchError, GenerationError
from tests.support.fakes import CannedPipeline
from tests.support.rag.batches import ANSWERS, QUESTIONS, answer, ids, records


def test_answers_of_two_modes_never_stand_in_one_file(tmp_path: Path) -> None:
    out, pipeline = tmp_path / "a.jsonl", CannedPipeline(ANSWERS)
    run_batch(pipeline, QUESTIONS[:2], out, mode="quotes")
    before = out.read_bytes()
    with pytest.raises(BatchError, match=r"begun in mode 'quotes', .* mode 'answer'\. Continue it with --mode quotes"):
        run_batch(pipeline, QUESTIONS, out)
    assert (out.read_bytes(), len(pipeline.asked)) == (before, 2)
    run_batch(pipeline, QUESTIONS, out, mode="quotes")
    assert len(pipeline.asked) == 5


def test_a_file_that_tells_no_mode_is_continued_in_any(tmp_path: Path) -> None:
    out = tmp_path / "a.jsonl"
    old = answer("旧。").to_dict() | {"id": "q1", "question": "第1问？"}
    out.write_text(json.dumps(old) + "\n", encoding="utf-8")
    run_batch(CannedPipeline(ANSWERS), QUESTIONS[:2], out, mode="quotes")
    assert [record.get("mode") for record in records(out)] == [None, "quotes"]


def test_a_run_that_is_stopped_asks_no_more_and_is_continued(tmp_path: Path) -> None:
    out, pipeline = tmp_path / "a.jsonl", CannedPipeline(ANSWERS)
    summary = run_batch(pipeline, QUESTIONS, out, stopped=lambda: len(pipeline.asked) == 2)
    assert (summary.interrupted, summary.n_answered, ids(out)) == (True, 2, ["q1", "q2"])
    assert not run_batch(pipeline, QUESTIONS, out).interrupted
    assert ids(out) == ["q1", "q2", "q3", "q4", "q5"]


def test_a_question_that_fails_because_of_the_stop_is_asked_again(tmp_path: Path) -> None:
    out, pipeline = tmp_path / "a.jsonl", CannedPipeline(ANSWERS | {"第2问？": GenerationError("The desk is closed.")})
    run_batch(pipeline, QUESTIONS, out, stopped=lambda: len(pipeline.asked) >= 2)
    assert (pipeline.asked, ids(out)) == (["第1问？", "第2问？"], ["q1"])
