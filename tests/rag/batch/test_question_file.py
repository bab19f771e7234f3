from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from rag.batch.question_file import GoldSpan, Question, read_gold, read_questions
from rag.errors import BatchError
from rag.schema.messages import Turn

EVAL = Path(__file__).parents[2] / "eval"


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def pairs(path: Path) -> list[tuple[str, str]]:
    return [(question.question_id, question.question) for question in read_questions(path)]


def workbook(path: Path, rows: list[list[Any]]) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_jsonl_gives_ids_history_and_the_other_fields(tmp_path: Path) -> None:
    history = [{"role": "user", "content": "甲？"}, {"role": "assistant", "content": "乙。"}]
    record = {"id": 7, "question": " 那它呢？ ", "history": history, "topic": "数字"}
    path = written(tmp_path, "q.jsonl", json.dumps(record, ensure_ascii=False) + "\n\n")
    assert read_questions(path) == [
        Question("7", "那它呢？", (Turn("user", "甲？"), Turn("assistant", "乙。")), {"topic": "数字"})
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("name", ["q.txt", "q.csv"])
def test_every_usual_encoding_is_read(tmp_path: Path, encoding: str, name: str) -> None:
    path = written(tmp_path, name, "问题\r\n录取率是多少？\r\n\r\n有多少所学校？\r\n".encode(encoding))
    expected = ["录取率是多少？", "有多少所学校？"]
    texts = [question for _, question in pairs(path)]
    assert texts == (expected if name == "q.csv" else ["问题", *expected])


@pytest.mark.parametrize(
    "header", ["id,question", "编号,问题", "序号,题目", "ID,Question", '"id","question"', "id;question", "id\tquestion"]
)
def test_column_names_are_known_in_both_languages(tmp_path: Path, header: str) -> None:
    separator = next(mark for mark in ",;\t" if mark in header)
    path = written(tmp_path, "q.csv", f"{header}\na1{separator}一共几所？\n")
    assert pairs(path) == [("a1", "一共几所？")]


def test_columns_may_stand_in_any_order_and_others_are_kept(tmp_path: Path) -> None:
    path = written(tmp_path, "q.csv", '领域,问题,id\n师资,"多少名，\n教师？",x\n')
    assert read_questions(path) == [Question("x", "多少名，\n教师？", (), {"领域": "师资"})]


def test_one_unnamed_column_is_the_question(tmp_path: Path) -> None:
    path = written(tmp_path, "q.csv", "第一问？\n\n第二问？\n")
    assert pairs(path) == [("line-1", "第一问？"), ("line-3", "第二问？")]


def test_a_workbook_is_read(tmp_path: Path) -> None:
    rows = [["编号", "问题", "历史"], [1, "多少？", None], [None, None, None], [2.0, 2019, ""], ["c", None, None]]
    assert pairs(workbook(tmp_path / "q.xlsx", rows)) == [("1", "多少？"), ("2", "2019"), ("c", "")]


def test_history_in_a_cell_is_json(tmp_path: Path) -> None:
    cell = json.dumps([{"role": "user", "content": "甲？"}], ensure_ascii=False)
    (question,) = read_questions(workbook(tmp_path / "q.xlsx", [["question", "history"], ["乙？", cell]]))
    assert question.history == (Turn("user", "甲？"),)


def test_made_ids_name_the_line_and_never_meet_a_given_one(tmp_path: Path) -> None:
    path = written(tmp_path, "q.csv", "id,question\nline-3,甲？\n,乙？\n,丙？\n")
    ids = [question_id for question_id, _ in pairs(path)]
    assert ids == ["line-3", "line-3xxxxxx", "line-4"]
    assert [question_id for question_id, _ in pairs(path)] == ids


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "q.jsonl",
            '{"id": "a", "question": "甲"}\n{"id": "a", "question": "乙"}\n',
            "lines 1 and 2 both have the id 'a'",
        ),
        ("q.jsonl", '{"question": "甲"}\n\n{"question": \n', "line 3 is no JSON"),
        ("q.jsonl", '{"question": "甲"}\n["乙"]\n', "line 2 is list, expected an object"),
        ("q.jsonl", '{"id": "a", "text": "甲"}\n', "line 1 has no text in 'question'. Found: id, text"),
        ("q.jsonl", '{"question": 5}\n', "line 1 has no text in 'question'"),
        ("q.jsonl", "[" * 100_000, "line 1 is no JSON"),
        ("q.jsonl", '{"question": "甲", "history": ["乙"]}\n', "line 1: 'history' is malformed"),
        ("q.jsonl", '{"question": "甲", "history": 5}\n', "line 1: 'history' is malformed"),
        (
            "q.jsonl",
            '{"question": "甲", "history": [{"role": "x", "content": "乙"}]}\n',
            "line 1: 'history' has an unknown",
        ),
        ("q.csv", "a,b\n1,甲？\n", "no column of questions.*'question' or '问题'; found: a, b"),
        ("q.csv", "id,question\na,甲？\na,乙？\n", "lines 2 and 3 both have the id 'a'"),
        ("q.csv", 'id,question\na,"' + "甲" * 200_000 + '"\n', "is no valid table: field larger"),
        ("q.csv", "", "holds no question"),
        ("q.csv", "id,question\n", "holds no question"),
        ("q.txt", "\n \n", "holds no question"),
        ("q.txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00", "is no text in UTF-8"),
        ("q.xlsx", b"PK\x03\x04 no workbook", "is no readable .xlsx workbook"),
        ("q.xlsx", b"", "is no readable .xlsx workbook"),
        ("q.pdf", b"%PDF", "ends in '.pdf', expected .jsonl, .csv, .tsv, .xlsx or .txt"),
        ("questions", "甲？", "ends in 'nothing', expected"),
    ],
)
def test_a_malformed_set_is_refused_with_its_place(
    tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    with pytest.raises(BatchError, match=message):
        read_questions(written(tmp_path, name, content))


@pytest.mark.parametrize("name", ["q.txt", "q.csv", "q.jsonl", "q.xlsx"])
def test_a_missing_set_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BatchError, match="does not exist"):
        read_questions(tmp_path / name)


@pytest.mark.parametrize("name", ["q.txt", "q.xlsx"])
def test_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(BatchError, match=r"cannot be read|is no file"):
        read_questions(tmp_path / name)


def test_gold_fields_are_read(tmp_path: Path) -> None:
    record = {
        "id": "g1",
        "question": "多少？",
        "lang": "en",
        "type": "list",
        "answerable": True,
        "answer": "3所",
        "must_include": ["3", ["甲", "乙"]],
        "must_not_include": ["4"],
        "gold": [{"source": "001", "quote": "共3所"}],
        "history": [{"role": "user", "content": "哪里？"}],
    }
    (gold,) = read_gold(written(tmp_path, "gold.jsonl", json.dumps(record)))
    assert (gold.question_id, gold.lang, gold.kind, gold.answer) == ("g1", "en", "list", "3所")
    assert gold.must_include == (("3",), ("甲", "乙"))
    assert gold.must_not_include == ("4",)
    assert gold.gold == (GoldSpan("001", "共3所"),)
    assert gold.history == (Turn("user", "哪里？"),)


def test_a_sheet_that_claims_more_cells_than_it_has_is_read_for_what_it_has(tmp_path: Path) -> None:
    book = Workbook()
    for cell in ("问题", "甲？"):
        book.active.append([cell])
    book.save(tmp_path / "small.xlsx")
    path = tmp_path / "q.xlsx"
    with zipfile.ZipFile(tmp_path / "small.xlsx") as small, zipfile.ZipFile(path, "w") as huge:
        for name in small.namelist():
            xml = small.read(name)
            if name.endswith("sheet1.xml"):
                xml = xml.replace(b'"A1:A2"', b'"A1:XFD1048576"').replace(b'r="2"', b'r="1048576"')
                xml = xml.replace(b'r="A2"', b'r="A1048576"')
            huge.writestr(name, xml)
    assert [(each.question_id, each.question) for each in read_questions(path)] == [("line-1048576", "甲？")]


def test_a_sheet_of_too_many_rows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.batch.question_file.MOST_ROWS", 2)
    book = Workbook()
    for cell in ("问题", "甲？", "乙？"):
        book.active.append([cell])
    book.save(tmp_path / "q.xlsx")
    with pytest.raises(BatchError, match=r"q\.xlsx has more than 2 rows"):
        read_questions(tmp_path / "q.xlsx")


def test_the_gold_sets_are_read_whole() -> None:
    dev = read_gold(EVAL / "dev.jsonl")
    assert [len(dev), sum(gold.answerable for gold in dev), sum(bool(gold.history) for gold in dev)] == [60, 47, 2]
    assert len(read_gold(EVAL / "smoke.jsonl")) == 10


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("must_include", "1400", "'must_include' is '1400', expected a list"),
        ("gold", [{"source": "001"}], "'gold' lacks 'source' or 'quote'"),
        ("gold", ["001"], "'gold' lacks 'source' or 'quote'"),
    ],
)
def test_malformed_gold_is_refused(tmp_path: Path, field: str, value: object, message: str) -> None:
    path = written(tmp_path, "gold.jsonl", json.dumps({"id": "a", "question": "甲", field: value}))
    with pytest.raises(BatchError, match=message):
        read_gold(path)
