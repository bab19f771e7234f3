"""Files that are not what they say, whose names lead elsewhere, that swell, pry or count on a spreadsheet."""

import json
import tempfile
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from rag.batch.question_file import read_questions
from rag.errors import BatchError
from rag.index.plan import UPLOADS
from rag.index.sqlite import Store
from tests.support.audited import audited
from tests.support.batch_asker import GatedAsker, answer_to, until
from tests.support.fakes import HashingEncoder
from tests.support.hostile import (
    FORMULAS,
    HOSTILE,
    NAMES,
    TYPED,
    climbing_workbook,
    prying_workbook,
    xml_bomb,
    zip_bomb,
)
from ui.batch.jobs import BatchJobs
from ui.batch.question_upload import RefusedError
from ui.documents.library import Library
from ui.settings import load_page_config

TEXT = "云岭县2030年交通工作总结\n\n一、道路\n2030年，云岭县新修公路86公里。\n"
DISGUISED = {
    "program": b"MZ\x90\x00" + bytes(200),
    "elf": b"\x7fELF\x02\x01\x01" + bytes(200),
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n" + bytes(50),
    "zip": b"PK\x03\x04" + bytes(200),
    "workbook": zip_bomb(1000),
    "gzip": b"\x1f\x8b\x08\x00" + bytes(200),
    "database": b"SQLite format 3\x00" + bytes(200),
    "class": b"\xca\xfe\xba\xbe" + bytes(200),
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(64),
    "polyglot": b"GIF89a/*" + bytes(30) + b"*/=alert(1)//",
    "half utf-16": b"\xff\xfe\x00\xd8\x41\x00",
}


@pytest.fixture(autouse=True)
def _temporary_files_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # openpyxl writes its sheets there first


class Encoding:
    encoder = HashingEncoder()


@pytest.fixture
def library(tmp_path):
    config = load_page_config({"YOUJU_HOME": str(tmp_path / "home")}, max_file_bytes=300_000, max_upload_files=200)
    library = Library(config, Encoding(), logins=True)
    yield library
    library.close()


@pytest.fixture
def drop(tmp_path):
    folder = tmp_path / "uploads"
    folder.mkdir()

    def make(named):
        files = []
        for number, (name, content) in enumerate(named):
            path = folder / f"upload-{number}"
            path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
            files.append((name, path))
        return files

    return make


def added(library, files):
    """The last step of each file, by its number."""
    steps = {}
    library.add("ann", files, tell=lambda step: steps.update({step.number: step}))
    return list(steps.values())


def test_no_name_of_an_upload_leads_out_of_its_folder(library, drop, tmp_path):
    files = drop([(name, TEXT.replace("86", str(at))) for at, name in enumerate(NAMES)])
    with audited() as audit:
        steps = added(library, files)
    assert [step.name for step in steps] == NAMES
    assert {step.stage for step in steps} == {"added", "failed"}
    assert {step.reason for step in steps if step.stage == "failed"} <= {"name", "twice", "kind", "name_alike"}
    assert audit.written_outside(tmp_path) == []
    assert audit.called == set()
    assert "/etc/passwd" not in audit.read
    for step in (each for each in steps if each.stage == "added"):
        assert Path(step.source).name == step.source
        assert len(step.source.encode()) <= 255
        assert not set(step.source) & set('/\\<>:"|?*\0\r\n\u202e\u200b')
    assert [path for path in (library.config.workspace / UPLOADS).rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("kind", DISGUISED)
def test_what_is_no_text_is_refused_whatever_it_is_called(library, drop, kind):
    (step,) = added(library, drop([("report.txt", DISGUISED[kind])]))
    assert (step.stage, step.reason in ("format", "encoding")) == ("failed", True)
    assert str(library.config.workspace) not in step.detail
    assert library.documents("ann") == []


def test_hostile_text_is_kept_as_it_is_and_cannot_change_what_others_hold(library, drop, tmp_path):
    texts = {f"t{at}.txt": f"{TEXT}\n二、{text}\n{text}新修公路{at}公里。" for at, text in enumerate(TYPED[::3])}
    with audited() as audit:
        steps = added(library, drop(texts.items()))
    assert [(step.name, step.detail) for step in steps if step.stage != "added"] == []
    assert audit.written_outside(tmp_path) == []
    with Store.open(library.config.index, readonly=True) as store:
        for name, text in texts.items():
            assert store.document(name).text == text
    assert library.hidden("bob") == frozenset(texts)


@pytest.mark.parametrize(
    "text",
    ["(" * 9000, "一、" * 5000, "#" * 9000, "1." * 5000, "\u202e" * 9000, "　" * 9000 + "x", "年" * 9000, "“" * 9000,
     "9" * 9000, "a " * 5000, "\n\n# x" * 2000, "《" * 9000, "①" * 9000, "-" * 9000, "," * 9000, "=" * 9000 + "\n"],
    ids=lambda text: ascii(text[:4]),
)  # fmt: skip
def test_text_made_to_keep_readers_busy_is_read(library, drop, text):
    (step,) = added(library, drop([("long.txt", text)]))
    assert step.over


@pytest.mark.parametrize("file_bytes", [300_001, 5_000_000])
def test_an_oversized_file_is_refused_before_it_is_read(library, drop, file_bytes):
    files = drop([("big.txt", b"x" * file_bytes)])
    with audited() as audit:
        (step,) = added(library, files)
    assert (step.stage, step.reason) == ("failed", "size")
    assert str(files[0][1]) not in audit.read


# Question sets


@pytest.fixture
def asker():
    return GatedAsker()


@pytest.fixture
def jobs(tmp_path, asker):
    jobs = BatchJobs(tmp_path / "workspace", asker)
    yield jobs
    jobs.close()


def start(jobs, tmp_path, content, name):
    path = tmp_path / "dropped"
    path.write_bytes(content)
    return jobs.start("ann", path, name, "answer")


def test_a_workbook_that_swells_is_not_unpacked(jobs, tmp_path):
    bomb = zip_bomb()
    assert len(bomb) < 2_000_000
    with pytest.raises(RefusedError, match=r"bomb\.xlsx unpacks to 29\d,\d{3},\d{3} bytes"):
        start(jobs, tmp_path, bomb, "bomb.xlsx")
    assert jobs.jobs("ann") == []


@pytest.mark.parametrize("workbook", [xml_bomb, prying_workbook], ids=lambda make: make.__name__)
def test_a_workbook_with_entities_is_refused_unread(jobs, tmp_path, workbook):
    with audited() as audit, pytest.raises(BatchError) as caught:
        start(jobs, tmp_path, workbook(), "q.xlsx")
    assert len(str(caught.value)) < 300
    assert str(tmp_path) not in str(caught.value)
    assert "/etc/passwd" not in audit.read
    assert audit.called == set()
    assert jobs.jobs("ann") == []


def test_members_outside_of_a_workbook_are_never_written(jobs, tmp_path):
    with audited() as audit, pytest.raises(BatchError):
        start(jobs, tmp_path, climbing_workbook(), "q.xlsx")
    assert audit.written_outside(tmp_path) == []
    assert not Path("/tmp/youju-was-here").exists()


@pytest.mark.parametrize("name", [*NAMES, "q.csv/../../x.txt", "x.xlsx\0.txt"], ids=lambda name: ascii(name)[:30])
def test_no_name_of_a_question_file_leads_out_of_the_workspace(jobs, tmp_path, name):
    with audited() as audit:
        job = start(jobs, tmp_path, "问？".encode(), name)
        until(lambda: not jobs.jobs("ann")[0].active)
        made = jobs.files("ann", job)
    assert audit.written_outside(tmp_path) == []
    assert all(path.resolve().is_relative_to(tmp_path / "workspace") for path in made)
    assert not set(jobs.jobs("ann")[0].name) & set("/\\\0\r\n\u202e\u200b")


@pytest.mark.parametrize("job", ["", "..", "../../x", "/etc", "%2e%2e", "x" * 300, "\0", "\ud800", "' OR 1=1 --"])
def test_a_forged_batch_is_not_there(jobs, job):
    for do in (jobs.stop, jobs.resume, jobs.delete, jobs.files, jobs.scores, lambda *who: jobs.answers(*who, 5)):
        with audited() as audit, pytest.raises(RefusedError, match="There is no such batch"):
            do("ann", job)
        assert audit.written == set()


def test_cells_stay_text_from_the_question_to_the_workbook(jobs, asker, tmp_path):
    book = Workbook()
    book.active.append(["id", "question"])
    for at, text in enumerate(FORMULAS):
        book.active.append([at, text])
        book.active.cell(at + 2, 2).data_type = "s"
        asker.script[text.strip()] = answer_to(text, text)
    book.save(tmp_path / "q.xlsx")
    job = start(jobs, tmp_path, (tmp_path / "q.xlsx").read_bytes(), "q.xlsx")
    until(lambda: not jobs.jobs("ann")[0].active)
    jsonl, xlsx = jobs.files("ann", job)
    made = load_workbook(xlsx)
    cells = [cell for sheet in made for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    shown = [str(cell.value).strip() for cell in cells]
    records = [json.loads(line) for line in jsonl.read_text(encoding="utf-8").splitlines()]
    assert [record["question"] for record in records] == [text.strip() for text in FORMULAS]
    assert all(text.strip() in shown for text in FORMULAS)
    assert all(not cell.hyperlink for cell in cells)


@pytest.mark.parametrize("kind", ["csv", "jsonl", "tsv", "txt"])
def test_hostile_questions_are_read_as_they_are_or_refused(tmp_path, kind):
    path = tmp_path / f"q.{kind}"
    for text in HOSTILE:
        line = json.dumps({"question": text}) if kind == "jsonl" else text
        path.write_bytes(line.encode("utf-8", "surrogatepass"))
        try:
            (first, *_) = read_questions(path)
        except BatchError:
            continue
        assert first.question.strip('"') in text.replace('""', '"') or kind in ("csv", "tsv")
        assert "\0" not in first.question or kind == "jsonl"
