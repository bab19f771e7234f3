"""What becomes a batch and what is refused, and the files that come out."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from rag.errors import BatchError
from tests.support.batch_asker import GatedAsker, answer_to, lines, one, until
from ui.batch.jobs import BatchJobs
from ui.batch.question_upload import RefusedError

# What is taken


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("q.pdf", b"%PDF", "q.pdf is no question set: it ends in '.pdf'"),
        ("q.xlsx", b"abc", "q.xlsx is no readable .xlsx workbook"),
        ("q.txt", b"\n\n", "q.txt holds no question"),
        ("q.txt", b"\x00\xff\x00", "q.txt is no text in UTF-8"),
        ("q.csv", b"a,b\n1,2\n", "q.csv has no column of questions"),
        ("q.jsonl", b"[" * 100_000, "q.jsonl, line 1 is no JSON"),
        ("q.jsonl", b'{"question": "x", "gold": 3}', "q.jsonl, line 1: 'gold' is 3, expected a list"),
        ("q.txt", lines(51).encode(), "q.txt has 51 questions; at most 50 are taken"),
        ("q.txt", b"x" * 100_001, "q.txt has 100,001 bytes; at most 100,000 are taken"),
        ("../../secret.csv", b"\n", "secret.csv holds no question"),
    ],
)
def test_a_file_that_is_no_set_is_refused_by_its_own_name_and_leaves_nothing(
    tmp_path: Path, drop: Any, name: str, content: bytes, words: str
) -> None:
    with pytest.raises(BatchError) as caught:
        drop(content, name)
    assert str(caught.value).startswith(words)
    assert str(tmp_path) not in str(caught.value)
    assert not any((tmp_path / "workspace" / "batches").glob("*/*"))


def test_a_workbook_that_unpacks_to_too_much_is_not_unpacked(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb"
    with (
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/workbook.xml", "w", force_zip64=True) as member,
    ):
        for _ in range(101):
            member.write(b" " * 1_000_000)
    assert bomb.stat().st_size < 200_000
    with pytest.raises(RefusedError, match=r"q\.xlsx unpacks to 101,000,000 bytes"):
        BatchJobs(tmp_path / "workspace", GatedAsker()).start("甲", bomb, "q.xlsx", "answer")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("C:\\x\\题目.txt", "题目.txt"),
        ("../../../etc/<b>.txt", "<b>.txt"),
        ("a\u202etxt.exe\x00.txt", "atxt.exe.txt"),
        ("长" * 300 + ".txt", "长" * 115 + "….txt"),
    ],
)
def test_a_name_is_shown_and_never_a_path(tmp_path: Path, jobs: BatchJobs, drop: Any, name: str, shown: str) -> None:
    job_id = drop("问？", name)
    assert one(jobs).name == shown
    assert (next((tmp_path / "workspace" / "batches").iterdir()) / job_id / "questions.txt").read_text() == "问？"


def test_there_is_a_limit_to_the_batches_of_an_owner(
    jobs: BatchJobs, drop: Any, asker: GatedAsker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.batch.jobs.MOST_JOBS", 2)
    drop("一？")
    drop("二？")
    with pytest.raises(RefusedError, match="You have 2 batches; at most 2 are kept") as caught:
        drop("三？")
    assert caught.value.say("zh") == "已有 2 个批次，最多 2 个。请先删除不再需要的。"
    drop("三？", owner="乙")


# What comes out


def test_files_hold_every_answer_and_cells_stay_text(jobs: BatchJobs, drop: Any, asker: GatedAsker) -> None:
    asker.script["=1+1"] = answer_to("=1+1", "=cmd|' /C calc'!A0")
    asker.open()
    job_id = drop("=1+1\n第2问？\n")
    until(lambda: one(jobs).state == "done")
    jsonl, xlsx = jobs.files("甲", job_id, lang="en")
    records = [json.loads(line) for line in jsonl.read_text(encoding="utf-8").splitlines()]
    assert [(record["question"], record["mode"]) for record in records] == [("=1+1", "answer"), ("第2问？", "answer")]
    sheet = load_workbook(xlsx)["answers"]
    assert [sheet["B2"].value, sheet["C2"].value] == ["=1+1", "=cmd|' /C calc'!A0[1]"]
    assert {sheet["B2"].data_type, sheet["C2"].data_type} == {"s"}


def test_files_of_a_batch_at_work_hold_what_is_finished(jobs: BatchJobs, drop: Any, asker: GatedAsker) -> None:
    job_id = drop(lines(2))
    assert [path.stat().st_size > 0 for path in jobs.files("甲", job_id)] == [False, True]
    asker.let()
    until(lambda: one(jobs).n_done == 1 and len(asker.asked) == 2)
    jsonl, xlsx = jobs.files("甲", job_id)
    assert len(jsonl.read_text(encoding="utf-8").splitlines()) == 1
    assert load_workbook(xlsx)["回答"].max_row == 2


def test_a_sheet_with_answers_is_scored(tmp_path: Path, jobs: BatchJobs, asker: GatedAsker) -> None:
    book = Workbook()
    for row in (("问题", "标准答案"), ("第1问？", "3所"), ("第2问？", 4)):
        book.active.append(row)
    book.save(tmp_path / "q.xlsx")
    asker.open()
    job_id = jobs.start("甲", tmp_path / "q.xlsx", "q.xlsx", "answer")
    until(lambda: one(jobs).state == "done")
    sheet = jobs.scores("甲", job_id)
    assert one(jobs).has_expected
    assert sheet is not None
    assert (sheet.rates["correct"].hits, sheet.rates["correct"].total) == (1, 2)
    assert jobs.scores("甲", job_id) is sheet


def test_a_plain_set_has_no_scores(jobs: BatchJobs, drop: Any, asker: GatedAsker) -> None:
    asker.open()
    job_id = drop(lines(1))
    until(lambda: one(jobs).state == "done")
    assert (one(jobs).has_expected, jobs.scores("甲", job_id)) == (False, None)
