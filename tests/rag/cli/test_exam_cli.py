"""``youju exam`` with stand-ins for the models: the sheet, its files, the limit that it sets, and bad input."""

import csv
import json
from pathlib import Path

import pytest

from rag.cli.exam import apply_limit
from rag.evaluation.exam.sheet import Sheet
from rag.evaluation.exam.sitting import Outcome
from rag.index.least_confidence import FILE, StoredLimit, store_limit, stored_limit
from tests.rag.evaluation.exam.test_sheet import many
from tests.support.console import ASKED, INDEX, SAID, indexed, youju
from tests.support.fakes import QuotingReader

__all__ = ["indexed", "youju"]

REPORTS = {
    f"{thing}.txt": f"海州市2031年{thing}工作总结\n\n一、2031年工作\n"
    + "".join(f"全市{verb}{thing}{kind}{number}个。\n" for number, (verb, kind) in enumerate(WORK, start=11))
    for thing, WORK in {
        "渔业": [("新建", "码头"), ("改建", "冷库"), ("培育", "合作社"), ("引进", "加工企业"), ("关闭", "养殖场")],
        "林业": [("新建", "苗圃"), ("改建", "护林站"), ("培育", "龙头企业"), ("引进", "检疫设备"), ("关闭", "木材厂")],
    }.items()
}


@pytest.fixture
def examined(youju):
    youju.reader = QuotingReader
    for name, text in REPORTS.items():
        Path("docs", name).write_text(text, encoding="utf-8")
    assert youju("index", "docs") == 0
    return youju


def test_the_sheet_is_printed_and_written(examined):
    assert examined("exam", "--questions", "20", "--json", "sheet.json", "--csv", "sheet.csv", "--show") == 0
    assert "how it is asked" in examined.out
    sheet = json.loads(Path("sheet.json").read_text(encoding="utf-8"))
    with Path("sheet.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sheet["n_questions"] == len(rows) == 20
    assert sum(sheet["outcomes"].values()) == 20
    assert sheet["outcomes"]["right"] > 0
    assert [row["id"] for row in rows] == [result["id"] for result in sheet["results"]]
    for result in sheet["results"]:
        document = Path("docs", result["source"]).read_text(encoding="utf-8")
        assert document[result["start"] : result["end"]] == result["answer"]


def test_files_are_indexed_for_the_exam_alone(examined):
    before = INDEX.stat().st_mtime_ns
    assert examined("exam", "docs/渔业.txt", "--questions", "10", "--json", "sheet.json") == 0
    assert set(json.loads(Path("sheet.json").read_text(encoding="utf-8"))["by_document"]) == {"渔业.txt"}
    assert INDEX.stat().st_mtime_ns == before


def test_a_limit_that_is_set_is_heeded_until_it_is_taken_away(examined):
    assert examined("ask", ASKED, "--mode", "quotes") == 0
    assert SAID in examined.out
    store_limit(INDEX, "quotes", StoredLimit(1.0, 0.05, 40, 2, 100, ""))
    assert examined("ask", ASKED, "--mode", "quotes", "--json") == 0
    record = json.loads(examined.out)
    assert record["abstained"]
    assert record["answer"].startswith("没有足够的把握，不作回答（可信度")
    assert "此索引要求100%" in record["answer"]
    assert "2031年，海州市新修公路86公里。" in [cite["quote"] for cite in record["citations"]]
    assert examined("exam", "--questions", "20", "--json", "sheet.json") == 0
    assert json.loads(Path("sheet.json").read_text(encoding="utf-8"))["outcomes"]["right"] > 0, "measured without it"
    (INDEX / FILE).unlink()
    assert examined("ask", ASKED, "--mode", "quotes") == 0
    assert SAID in examined.out


def test_apply_sets_what_the_sheet_says(examined):
    store_limit(INDEX, "quotes", StoredLimit(1.0, 0.05, 40, 2, 100, ""))
    assert examined("exam", "--questions", "60", "--apply", "--json", "sheet.json") == 0
    limit = json.loads(Path("sheet.json").read_text(encoding="utf-8"))["limit"]
    assert stored_limit(INDEX, "quotes") == (1.0 if limit is None else limit["limit"] or None)


def test_a_limit_is_set_taken_away_or_left_as_it_is(tmp_path, capsys):
    right, wrong = many(38, Outcome.RIGHT, 0.9), many(6, Outcome.WRONG, 0.4)
    apply_limit(tmp_path, "quotes", Sheet((*right, *wrong)))
    assert stored_limit(tmp_path, "quotes") == 0.9
    assert "From now on this index refuses below 0.900 (quotes)" in capsys.readouterr().out
    apply_limit(tmp_path, "quotes", Sheet(tuple(wrong)))
    assert stored_limit(tmp_path, "quotes") == 0.9
    assert capsys.readouterr().err == "The limit of this index was left as it is.\n"
    apply_limit(tmp_path, "quotes", Sheet(tuple(right)))
    assert stored_limit(tmp_path, "quotes") is None
    assert capsys.readouterr().out == "This index refuses no answer for its confidence (quotes).\n"


class InterruptedReader(QuotingReader):
    """Somebody presses Ctrl-C while it reads for the fourth question."""

    def read(self, question, windows, *, limit=4):
        if len(set(self.asked)) == 3 and question not in self.asked:
            raise KeyboardInterrupt
        return super().read(question, windows, limit=limit)


def test_an_interrupted_exam_shows_what_was_asked_and_sets_nothing(examined):
    examined.reader = InterruptedReader
    assert examined("exam", "--questions", "20", "--json", "sheet.json", "--apply") == 130
    n_asked = json.loads(Path("sheet.json").read_text(encoding="utf-8"))["n_questions"]
    assert 3 <= n_asked < 20  # some questions are refused without it
    assert f"youju: interrupted after {n_asked} of 20 questions." in examined.err
    assert examined.out.endswith("s in all.\n")
    assert not (INDEX / FILE).exists()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["docs", "--index", "home/index"], 2, "name files and folders, or an index with --index, not both"),
        (["docs", "--apply"], 2, "--apply sets the limit of an index; index the files first"),
        (["--questions", "0"], 2, "'0' is not a number from 1"),
        (["--json", "a", "--csv", "a"], 2, "--json and --csv each need a file of their own"),
        (["--json", "gone/a.json"], 9, "Name another file, in a folder that exists."),
        (["gone.txt"], 5, "gone.txt does not exist"),
        (["--index", "nowhere"], 6, "There is no index in"),
        (["docs/list.txt"], 9, "No question can be made of the 1 documents"),
    ],
)
def test_bad_input_is_told_before_the_work(youju, arguments, code, words):
    youju.reader = QuotingReader
    Path("docs/list.txt").write_text("苹果\n梨\n桃\n", encoding="utf-8")
    assert youju("exam", *arguments) == code
    assert words in youju.err


def test_an_empty_index_is_code_6(examined):
    assert (
        examined(
            "index", *(part for name in ("roads", "schools", "渔业", "林业") for part in ("--remove", f"{name}.txt"))
        )
        == 0
    )
    assert examined("exam") == 6
    assert "holds no document" in examined.err


def test_without_the_reader_nothing_is_asked(indexed):
    assert indexed("exam") == 4
    assert "youju models pull" in indexed.err
