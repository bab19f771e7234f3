"""The command line with bad input: a sentence that says what to do, and the documented exit code; never a traceback."""

import json
import os
from pathlib import Path

import pytest
from openpyxl import load_workbook

from rag.errors import GenerationError, ModelMissingError
from tests.support.console import ASKED, INDEX, ROADS, SAID
from tests.support.fakes import HashingEncoder, ScriptedGenerator
from tests.support.plugins import installed
from tests.support.rag.stores import write_protected


def test_settings_are_code_3(youju, monkeypatch):
    monkeypatch.setenv("YOUJU_TOP_K", "many")
    assert youju("ask", ASKED) == 3
    assert youju.err == "youju: top_k is 'many'; expected a whole number.\n"


def test_models_that_are_missing_are_code_4(indexed):
    def missing():
        raise ModelMissingError("The model is not there. Fetch it: youju models pull")

    indexed.generator = missing
    Path("q.txt").write_text(ASKED, encoding="utf-8")
    gold = {"question": ASKED, "must_include": ["86"]}
    Path("gold.jsonl").write_text(json.dumps(gold), encoding="utf-8")
    for command in (["ask", ASKED], ["batch", "q.txt", "--out", "a.jsonl"], ["eval", "gold.jsonl"]):
        assert indexed(*command) == 4
        assert indexed.err.endswith("youju: The model is not there. Fetch it: youju models pull\n")
    assert not Path("a.jsonl").exists(), "no record says in place of the model that it is missing"
    indexed.encoder = missing
    assert indexed("index", "docs") == 4
    assert indexed("search", ASKED) == 4


def test_a_reader_that_is_missing_is_code_4_for_quotes_alone(indexed):
    Path("q.txt").write_text(ASKED, encoding="utf-8")
    for command in (["ask", ASKED], ["batch", "q.txt", "--out", "a.jsonl"]):
        assert indexed(*command, "--mode", "quotes") == 4
        assert "Fetch it: youju models pull" in indexed.err
    assert not Path("a.jsonl").exists()
    assert indexed("ask", ASKED) == 0
    assert SAID in indexed.out


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("gone.txt", None, "gone.txt does not exist"),
        ("a.txt", b"\x00\x01\x02", "a.txt is binary, not text"),
        ("a.pdf", b"%PDF-1.7", "a.pdf is no PDF file that can be read"),
        ("a.txt", b"", "a.txt is empty"),
        ("a.txt", "\u3000\n".encode(), "a.txt is empty"),
        ("a.txt", "版权所有\n".encode(), "a.txt holds no text beside page furniture"),
        ("empty", "folder", "empty holds no file that can be indexed"),
    ],
)
def test_documents_that_are_none_are_code_5(youju, name, content, words):
    if content == "folder":
        Path(name).mkdir()
    elif content is not None:
        Path(name).write_bytes(content)
    assert youju("index", name) == 5
    assert words in youju.err


def test_a_bad_file_among_good_ones_is_code_10(youju):
    Path("docs/bad.txt").write_bytes(b"\x00")
    assert youju("index", "docs") == 10
    assert youju.out.startswith("2 added, 0 replaced, 0 unchanged")
    assert f"not indexed: {Path('docs/bad.txt')}: bad.txt is binary, not text" in youju.err
    assert youju("ask", ASKED) == 0


def test_what_of_a_file_was_left_out_is_told(youju, tmp_path):
    code = """
from rag.documents.load import Extracted
class Loader:
    suffixes = frozenset({".noting"})
    def extract(self, path, *, max_bytes):
        return Extracted(path.read_text(encoding="utf-8"), "text/x-noting", notes=("One sheet is hidden.", "Two."))
"""
    Path("a.noting").write_text("全市新建学校12所。", encoding="utf-8")
    with installed(tmp_path / "lib", {"noting": code}, {"youju.loaders": {".noting": "noting:Loader"}}):
        assert youju("index", "a.noting") == 0
    assert "note: a.noting: One sheet is hidden. Two.\n" in youju.err


def test_removing_what_is_not_there_is_code_5(indexed):
    assert indexed("index", "--remove", "x.txt") == 5
    assert "It holds: roads.txt, schools.txt" in indexed.err


@pytest.mark.parametrize(
    "command",
    [
        ["ask", ASKED],
        ["search", ASKED],
        ["index", "--list"],
        ["index", "--remove", "x"],
        ["batch", "q.txt", "--out", "a"],
    ],
)
def test_without_an_index_the_code_is_6_and_it_says_what_to_do(youju, command):
    Path("q.txt").write_text(ASKED, encoding="utf-8")
    assert youju(*command) == 6
    assert youju.err == (
        f"youju: There is no index in {INDEX.resolve()}. Make one: youju index PATH, or youju index --sample\n"
    )


def test_the_sample_is_indexed_by_name(youju):
    assert youju("index", "--sample") == 0
    assert youju.out.startswith("5 added, 0 replaced, 0 unchanged;")
    assert youju("index", "--sample", "docs") == 0
    assert youju.out.startswith("2 added, 0 replaced, 5 unchanged;")
    assert youju("index", "--list", "--sample") == 2


def test_an_index_without_documents_says_what_to_do(indexed):
    indexed("index", "--remove", "roads.txt", "--remove", "schools.txt")
    assert indexed("ask", ASKED) == 6
    assert indexed.err == (
        f"youju: The index in {INDEX.resolve()} holds no document. "
        "Add some: youju index PATH, or youju index --sample\n"
    )


def test_an_index_of_another_model_is_code_6_and_a_rebuild_helps(indexed):
    indexed.encoder = lambda: HashingEncoder(32, name="other@1")
    for command in (["ask", ASKED], ["index", "docs"]):
        assert indexed(*command) == 6
        assert "built with 'hashing@00000000' (64 dims); the config names 'other@1' (32 dims)" in indexed.err
        assert "youju index --rebuild" in indexed.err
    assert indexed("index", "--rebuild") == 0
    assert indexed("ask", ASKED) == 0
    assert SAID in indexed.out


@pytest.mark.parametrize("content", [b"damaged" * 99, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_index_is_code_6_and_a_rebuild_helps(indexed, content):
    (INDEX / "youju.sqlite").write_bytes(content)
    for command in (["ask", ASKED], ["index", "docs"], ["index", "--list"]):
        assert indexed(*command) == 6
        assert "youju index --rebuild" in indexed.err
    assert indexed("index", "docs", "--rebuild") == 0
    assert indexed("ask", ASKED) == 0
    assert SAID in indexed.out


def test_a_read_only_index_is_asked_but_not_written(youju, open_folder, monkeypatch):
    monkeypatch.setenv("YOUJU_HOME", str(open_folder))
    assert youju("index", "docs") == 0
    assert youju("ask", ASKED) == 0  # loads whatever is loaded late
    with write_protected(open_folder):
        assert youju("ask", ASKED) == 0
        assert SAID in youju.out
        for command in (["--remove", "roads.txt"], ["--rebuild"]):
            assert youju("index", *command) == 6
            assert f"The index folder {open_folder / 'index'} cannot be written. Give write access to it" in youju.err
    assert youju("index", "--list") == 0
    assert youju.out.count("\n") == 2


def test_settings_that_may_not_be_read_are_code_3(youju, open_folder, monkeypatch):
    home = open_folder / "a" / "b"
    home.mkdir(parents=True)
    home.chmod(0o700)
    (home / "config.toml").write_text("top_k = 3", encoding="utf-8")
    monkeypatch.setenv("YOUJU_HOME", str(home))
    with write_protected(open_folder):
        assert youju("index", "--list") == 3
        assert youju.err.startswith(f"youju: {home / 'config.toml'} cannot be looked for: Permission denied.")
    home.chmod(0o755)
    (home / "config.toml").chmod(0o600)
    with write_protected(open_folder):
        assert youju("index", "--list") == 3
        assert youju.err.startswith(f"youju: {home / 'config.toml'} cannot be read: Permission denied.")


@pytest.mark.parametrize("question", ["", " ", "？？", "a" * 100_000, "长" * 100_000])
def test_a_question_that_is_none_is_code_7(indexed, question):
    for command in ("ask", "search"):
        assert indexed(command, question) == 7
        words = "The question is empty." if len(question) < 9 else "has 100,000 characters; the limit is 2,000."
        assert words in indexed.err
        assert len(indexed.err) < 200
        assert indexed.out == ""


def test_a_generator_that_fails_is_code_8(indexed):
    indexed.generator = lambda: ScriptedGenerator([GenerationError("It ran out of memory. Ask again.")])
    assert indexed("ask", ASKED, "--json") == 8
    assert (indexed.out, indexed.err) == ("", "youju: It ran out of memory. Ask again.\n")


def test_a_broken_character_in_a_question_is_no_obstacle(indexed):
    broken = os.fsdecode(ASKED.encode() + b"\xff")
    assert indexed("ask", broken, "--json") == 0
    assert json.loads(indexed.out)["answer"] == SAID


# Question sets


def written(name, *lines):
    Path(name).write_text("\n".join(lines), encoding="utf-8")
    return name


def answers(name="a.jsonl"):
    return [json.loads(line) for line in Path(name).read_text(encoding="utf-8").splitlines()]


def test_a_set_is_answered_and_the_same_command_has_nothing_left_to_do(indexed):
    written("q.txt", ASKED, "临川县2030年新建学校多少所？")
    assert indexed("batch", "q.txt", "--out", "a.jsonl") == 0
    assert indexed.out.startswith("2 answered in ")
    assert [record["answer"] for record in answers()] == [SAID, "2030年，临川县新建学校12所。[1]"]
    before = Path("a.jsonl").read_bytes()
    assert indexed("batch", "q.txt", "--out", "a.jsonl") == 0
    assert "0 answered" in indexed.out
    assert Path("a.jsonl").read_bytes() == before


def test_a_set_becomes_a_workbook_as_well(indexed):
    written("q.txt", ASKED, "临川县2030年新建学校多少所？")
    assert indexed("batch", "q.txt", "--out", "a.jsonl", "--xlsx", "a.xlsx") == 0
    assert indexed.out.endswith("The same as a workbook: a.xlsx\n")
    rows = list(load_workbook("a.xlsx")["回答"].iter_rows(values_only=True))
    assert [row[:4] for row in rows[1:]] == [
        ("line-1", ASKED, SAID, "已回答"),
        ("line-2", "临川县2030年新建学校多少所？", "2030年，临川县新建学校12所。[1]", "已回答"),
    ]


@pytest.mark.parametrize(("out", "code"), [("nowhere/a.xlsx", 9), ("docs", 9), ("q.txt", 2), ("./a.jsonl", 2)])
def test_a_workbook_that_cannot_be_written_is_told_before_the_work(indexed, out, code):
    indexed.generator = None  # would fail where it is needed
    written("q.txt", ASKED)
    assert indexed("batch", "q.txt", "--out", "a.jsonl", "--xlsx", out) == code
    assert not Path("a.jsonl").exists()
    assert Path("q.txt").read_text(encoding="utf-8") == ASKED


def test_answers_of_another_mode_are_not_continued(indexed):
    written("q.txt", ASKED)
    indexed("batch", "q.txt", "--out", "a.jsonl")
    answered = answers()
    written("a.jsonl", *(json.dumps(record | {"mode": "quotes"}) for record in answered))
    assert indexed("batch", "q.txt", "--out", "a.jsonl") == 9
    assert "Continue it with --mode quotes, or name another file" in indexed.err


def test_a_set_with_bad_questions_is_answered_as_far_as_it_goes_and_code_10(indexed):
    lines = [{"id": "a", "question": ""}, {"id": "b", "question": ASKED}, {"id": "c", "question": "长" * 100_000}]
    written("q.jsonl", *map(json.dumps, lines))
    assert indexed("batch", "q.jsonl", "--out", "a.jsonl") == 10
    assert "2 failed" in indexed.out
    assert [(r["id"], r["answer"], (r["error"] or "")[:22]) for r in answers()] == [
        ("a", "", "The question is empty."),
        ("b", SAID, ""),
        ("c", "", "The question has 100,0"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "out", "words"),
    [
        ("gone.txt", None, "a.jsonl", "gone.txt does not exist"),
        ("q.pdf", b"%PDF", "a.jsonl", "is no question set"),
        ("q.txt", b"\x00\xff\x00", "a.jsonl", "is no text"),
        ("q.txt", b"\n\n", "a.jsonl", "holds no question"),
        ("q.jsonl", b"{", "a.jsonl", "line 1 is no JSON"),
        ("q.xlsx", b"abc", "a.jsonl", "is no readable .xlsx workbook"),
        ("q.txt", ASKED.encode(), "nowhere/a.jsonl", "The folder"),
        ("q.txt", ASKED.encode(), "docs", "is no ordinary file"),
        ("q.txt", ASKED.encode(), "q.txt", "is no file of answers"),
        ("q.txt", ASKED.encode(), "docs/roads.txt", "is no file of answers"),
    ],
)
def test_question_sets_and_outputs_that_are_none_are_code_9(indexed, name, content, out, words):
    if content is not None:
        Path(name).write_bytes(content)
    assert indexed("batch", name, "--out", out) == 9
    assert words in indexed.err
    assert Path("docs/roads.txt").read_text(encoding="utf-8") == ROADS
    assert content is None or Path(name).read_bytes() == content


def test_a_gold_set_is_measured_and_written_whole(indexed):
    gold = {"question": ASKED, "must_include": ["86"], "gold": [{"source": "roads", "quote": "新修公路86公里"}]}
    written("gold.jsonl", json.dumps(gold))
    assert indexed("eval", "gold.jsonl", "--show", "--json", "m.json") == 0
    assert "1.00" in indexed.out
    assert json.loads(Path("m.json").read_text(encoding="utf-8"))
    assert indexed("eval", "gold.jsonl", "--retrieval-only") == 0
    assert sorted(path.name for path in Path().iterdir()) == ["docs", "gold.jsonl", "home", "m.json"]


@pytest.mark.parametrize("option", ["--json", "--out"])
@pytest.mark.parametrize("out", ["nowhere/m.json", "docs"])
def test_measures_that_cannot_be_written_are_told_before_the_work(indexed, option, out):
    indexed.generator = None  # would fail where it is needed
    written("gold.jsonl", json.dumps({"question": ASKED, "must_include": ["86"]}))
    assert indexed("eval", "gold.jsonl", option, out) == 9
    assert f"{Path(out)} cannot be written" in indexed.err


def test_old_measures_stay_where_the_new_ones_cannot_be_made(indexed):
    written("gold.jsonl", json.dumps({"question": ASKED, "must_include": ["86"]}))
    written("m.json", "old")

    def missing():
        raise ModelMissingError("gone")

    indexed.generator = missing
    assert indexed("eval", "gold.jsonl", "--json", "m.json") == 4
    assert Path("m.json").read_text(encoding="utf-8") == "old"


def test_a_gold_set_that_is_none_is_code_9(indexed):
    assert indexed("eval", "gone.jsonl") == 9
    assert indexed("eval", written("gold.jsonl", "[]")) == 9


# Two files of answers side by side

GOLD = {"id": "roads", "question": ASKED, "must_include": ["86"], "gold": [{"source": "roads", "quote": "公路86公里"}]}
WRONG = {"id": "roads", "question": ASKED, "answer": "68公里。", "abstained": False, "citations": [], "error": None}


def test_answers_are_written_and_compared_without_a_model(indexed):
    written("gold.jsonl", json.dumps(GOLD))
    written("old.jsonl", json.dumps(WRONG))
    assert indexed("eval", "gold.jsonl", "--out", "new.jsonl") == 0
    (record,) = answers("new.jsonl")
    assert (record["id"], record["question"], record["answer"], record["error"]) == ("roads", ASKED, SAID, None)
    assert [sentence["markers"] for sentence in record["sentences"]] == [[1]]
    assert [item["source"] for item in record["evidence"]]
    indexed.encoder = indexed.generator = None  # would fail where one is needed
    assert indexed("eval", "gold.jsonl", "--compare", "old.jsonl", "new.jsonl", "--json", "c.json") == 0
    assert indexed.out.startswith("A  old.jsonl\nB  new.jsonl\n\ntype ")
    assert indexed.out.endswith(f"+ roads (fact) {ASKED}\n    A  68公里。\n    B  {SAID}\n")
    assert indexed.err == ""
    assert json.loads(Path("c.json").read_text(encoding="utf-8"))["all"]["correct"] == {"a": 0.0, "b": 1.0, "total": 1}


def test_without_an_index_quotes_are_compared_as_text_unless_one_was_named(youju):
    for name, record in (("gold.jsonl", GOLD), ("a.jsonl", WRONG)):
        written(name, json.dumps(record))
    assert youju("eval", "gold.jsonl", "--compare", "a.jsonl", "a.jsonl") == 0
    assert youju.err == f"There is no index in {INDEX.resolve()}; gold quotes are compared as text.\n"
    assert youju.out.endswith("No question flipped.\n")
    assert youju("eval", "gold.jsonl", "--compare", "a.jsonl", "a.jsonl", "--index", "gone") == 6


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "b.jsonl cannot be read: No such file or directory"),
        ("", "No question of the gold set is answered by both"),
        ("nonsense\n", "b.jsonl is no file of answers: line 1 is no JSON object"),
        (json.dumps({"id": "roads"}), "b.jsonl is no file of answers: line 1 lacks some of"),
        (json.dumps(WRONG | {"id": "other"}), "of its 1 questions, a.jsonl answers 1 and b.jsonl 0."),
        (json.dumps(WRONG | {"question": "别的？"}), "b.jsonl: Under 'roads' the answers hold an answer to '别的？'"),
        (json.dumps(WRONG | {"citations": [1]}), "b.jsonl: the answer 'roads' is malformed"),
    ],
)
def test_answers_that_cannot_be_compared_are_code_9(youju, content, words):
    for name, record in (("gold.jsonl", GOLD), ("a.jsonl", WRONG)):
        written(name, json.dumps(record))
    if content is not None:
        written("b.jsonl", content)
    assert youju("eval", "gold.jsonl", "--compare", "a.jsonl", "b.jsonl") == 9
    assert words in youju.err
    assert youju.out == ""


@pytest.mark.parametrize("output", [["--json", "a.jsonl"], ["--json", "gold.jsonl"], ["--show"], ["--mode", "quotes"]])
def test_a_comparison_never_writes_over_what_it_reads_and_asks_nothing(youju, output):
    for name, record in (("gold.jsonl", GOLD), ("a.jsonl", WRONG)):
        written(name, json.dumps(record))
    assert youju("eval", "gold.jsonl", "--compare", "a.jsonl", "a.jsonl", *output) == 2
    assert "error: --" in youju.err
    assert (json.loads(Path("gold.jsonl").read_text()), json.loads(Path("a.jsonl").read_text())) == (GOLD, WRONG)


# Whatever else


def test_ctrl_c_is_code_130(indexed):
    indexed.generator = lambda: ScriptedGenerator([KeyboardInterrupt()])
    assert indexed("ask", ASKED) == 130
    assert "interrupted" in indexed.err
    written("q.txt", ASKED, "临川县2030年新建学校多少所？")
    assert indexed("batch", "q.txt", "--out", "a.jsonl") == 130


def test_what_nobody_thought_of_is_one_sentence_and_code_1(indexed):
    indexed.generator = lambda: 1 // 0
    assert indexed("ask", ASKED) == 1
    assert indexed.err.startswith("youju: something that should not happen: ZeroDivisionError: ")
    assert "youju --debug" in indexed.err
    with pytest.raises(ZeroDivisionError):
        indexed("--debug", "ask", ASKED)


def test_a_system_that_refuses_is_told_in_its_words(indexed):
    def full():
        raise OSError(28, "No space left on device")

    indexed.generator = full
    assert indexed("ask", ASKED) == 1
    assert indexed.err == (
        "youju: the system refused: [Errno 28] No space left on device. "
        "Check the path, the permissions and the free disk, then try again.\n"
    )


def test_files_that_no_loader_reads_are_listed_and_are_no_failure(youju):
    Path("docs/report.dwg").write_text("x", encoding="utf-8")
    assert youju("index", "docs") == 0
    assert youju.out.startswith("2 added, 0 replaced, 0 unchanged")
    assert "not indexed: docs/report.dwg: files ending in '.dwg' are not taken from a folder" in youju.err


def test_thousands_of_files_that_no_loader_reads_are_counted(youju):
    for n in range(120):
        Path(f"docs/{n}.dwg").write_bytes(b"x")
    assert youju("index", "docs") == 0
    assert youju.err.count("files ending in '.dwg'") == 100
    assert youju.err.endswith("not indexed: 20 more\n120 files not indexed: 0 failed, 120 of no known kind\n")
