"""youju feedback export: what users said of answers, for people and programs, without their names."""

import csv
import io
import json
import os
from pathlib import Path

import pytest

from tests.support.rag.processes import loaded_by, start
from tests.support.ui.exchanges import answer, done
from ui.conversations.feedback import COLUMNS
from ui.conversations.history import History
from ui.exchange import Exchange

WORKSPACE = Path("home/workspace")
HOSTILE = '=HYPERLINK("http://evil.test")'


@pytest.fixture
def rated(youju):
    """Two users, three answers, two of them rated."""
    history = History(WORKSPACE)
    for owner, comment in (("ann", "少了三所\n很多"), ("bob", HOSTILE)):
        kept = history.begin(owner, "学校")
        history.save(owner, kept, done(), index_version="i7")
        history.save(owner, kept, done(2, question=f"{owner}未评"))
        history.rate(owner, kept, 1, "down", comment)
    history.close()
    return youju


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("command", ["feedback", "feedback export"])
def test_the_command_explains_itself(youju, command):
    assert youju(*command.split(), "--help") == 0
    assert youju.out.startswith(f"usage: youju {command}")


def test_its_help_has_an_example_and_is_quick(youju):
    youju("feedback", "export", "--help")
    assert "example: youju feedback export --out feedback.csv" in " ".join(youju.out.split())
    code = (
        "from rag.cli.main import main\ntry:\n    main(['feedback', 'export', '--help'])\nexcept SystemExit:\n    pass"
    )
    assert loaded_by(code) == set()


@pytest.mark.parametrize("arguments", [[], ["import"], ["export", "more"], ["export", "--format", "xlsx"]])
def test_wrong_usage_is_code_2(youju, arguments):
    assert youju("feedback", *arguments) == 2


def test_before_anything_was_kept_it_says_so_with_code_11_and_makes_nothing(youju):
    assert youju("feedback", "export", "--out", "f.jsonl") == 11
    assert youju.err == (
        f"youju: Nothing was kept yet: there is no {(WORKSPACE / 'history.sqlite').absolute()}. "
        "It is made by the page: youju chat\n"
    )
    assert not Path("f.jsonl").exists()
    assert not WORKSPACE.exists()


def test_no_rating_is_an_empty_export_and_a_word(youju):
    history = History(WORKSPACE)
    history.begin("ann", "学校")
    history.close()
    assert youju("feedback", "export") == 0
    assert youju.out == ""
    assert youju.err == "No answer has been rated yet; users rate them on the chat page: youju chat\n"


def test_records_are_shown_a_line_each(rated):
    assert rated("feedback", "export") == 0
    records = [json.loads(line) for line in rated.out.splitlines()]
    assert [record["comment"] for record in records] == ["少了三所\n很多", HOSTILE]
    assert list(records[0]) == [
        *("time", "verdict", "comment", "question", "query", "stage", "answer", "abstained", "citations"),
        *("index_version", "replaced"),
    ]
    assert records[0]["answer"] == "新建学校12所。[1]"
    assert records[0]["citations"][0]["quote"] == "海州市新建学校12所。"
    assert "ann" not in rated.out
    assert "bob" not in rated.out


def test_a_file_is_written_in_the_format_that_its_name_tells(rated):
    assert rated("feedback", "export", "--out", "f.csv") == 0
    assert rated.out == "2 ratings in f.csv\n"
    content = Path("f.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf"), "spreadsheets know UTF-8 by it"
    assert rated("feedback", "export", "--out", "f.txt") == 0
    assert json.loads(Path("f.txt").read_text(encoding="utf-8").splitlines()[0])["verdict"] == "down"
    assert rated("feedback", "export", "--out", "g.txt", "--format", "csv") == 0
    assert Path("g.txt").read_bytes() == content


def test_a_table_has_a_column_for_each_field_and_citations_that_can_be_read(rated):
    assert rated("feedback", "export", "--format", "csv") == 0
    first, second = rows(rated.out)
    assert tuple(first) == COLUMNS
    assert first["comment"] == "少了三所\n很多"
    assert first["citations"] == "[1] a.txt 23-35 总结 › 一、建设: 海州市新建学校12所。"
    assert (first["index_version"], first["abstained"], first["replaced"]) == ("i7", "False", "False")
    assert second["comment"] == f"'{HOSTILE}"


@pytest.mark.parametrize(
    "start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "＋1", "－1", "＠x"]
)
def test_no_cell_is_a_formula(youju, start):
    history = History(WORKSPACE)
    kept = history.begin("ann", "t")
    history.save("ann", kept, done(question=start, text=start), index_version=start)
    history.rate("ann", kept, 1, "up", start)
    history.close()
    assert youju("feedback", "export", "--format", "csv", "--out", "f.csv") == 0
    with Path("f.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    for column in ("question", "answer", "comment", "index_version"):
        assert row[column].startswith("'"), column
        assert row[column][1:].startswith(start), column


def test_text_that_utf8_cannot_hold_is_exported_all_the_same(youju):
    history = History(WORKSPACE)
    kept = history.begin("ann", "t")
    history.save("ann", kept, Exchange(1, "a\ud800b\0c", "done", answer=answer()))
    history.rate("ann", kept, 1, "up")
    history.close()
    assert youju("feedback", "export", "--out", "f.jsonl") == 0
    assert json.loads(Path("f.jsonl").read_text(encoding="utf-8"))["question"] == "a\ud800b\0c"
    assert youju("feedback", "export", "--out", "f.csv") == 0
    assert rows(Path("f.csv").read_text(encoding="utf-8-sig"))[0]["question"] == "a?b\ufffdc"


def test_a_damaged_history_is_code_11(youju):
    WORKSPACE.mkdir(parents=True)
    (WORKSPACE / "history.sqlite").write_bytes(b"no database" * 1000)
    assert youju("feedback", "export") == 11
    assert "cannot be used: it is damaged" in youju.err


def test_a_file_that_cannot_be_written_is_code_9(rated):
    assert rated("feedback", "export", "--out", "nowhere/f.csv") == 9
    assert "nowhere/f.csv cannot be written" in rated.err


def test_it_reads_while_the_page_writes(rated):
    history = History(WORKSPACE)
    kept = history.begin("ann", "学校")
    history.save("ann", kept, done())
    history.rate("ann", kept, 1, "up")
    assert rated("feedback", "export") == 0
    assert len(rated.out.splitlines()) == 3
    history.close()


@pytest.mark.skipif(os.name != "posix", reason="a pipe")
def test_as_a_command_of_its_own_on_a_console_without_chinese(rated):
    home = WORKSPACE.parent.absolute()
    with start(home, "feedback", "export", PYTHONIOENCODING="ascii") as process:
        out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, "")
    assert json.loads(out.splitlines()[0])["comment"] == "少了三所\n很多"
    assert out.isascii()
