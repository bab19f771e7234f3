"""The command line: what it says of itself, and what works. What goes wrong: test_commands.py."""

import io
import json
import re
import sys
from pathlib import Path

import pytest

from rag.cli.main import main
from rag.index.sqlite import Store
from tests.support.console import ASKED, INDEX, ROADS, SAID
from tests.support.fakes import ScriptedReader

COMMANDS = ["models", "index", "search", "ask", "batch", "eval", "exam"]
ACTIONS = ["models pull", "models list", "models verify"]


# What it says of itself


@pytest.mark.parametrize("command", ["", *COMMANDS, *ACTIONS])
def test_every_command_explains_itself(youju, command):
    assert youju(*command.split(), "--help") == 0
    assert youju.out.startswith(f"usage: youju {command}".strip())


def test_the_page_explains_its_own_arguments(youju, monkeypatch):
    monkeypatch.setattr(sys, "argv", [])  # the page reads it
    monkeypatch.delitem(sys.modules, "ui.__main__", raising=False)  # other tests import what here is run
    assert youju("chat", "--help") == 0
    assert "--port" in youju.out


def test_the_help_names_the_exit_codes(youju):
    youju("--help")
    for words in ("0 done", "2 wrong usage", "5 documents", "7 question", "10 done but some", "130 interrupted"):
        assert words in " ".join(youju.out.split())


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["ask"],
        ["ask", "a", "b"],
        ["ask", "a", "--nonsense"],
        ["ask", "a", "--year", "last"],
        ["ask", "a", "--mode", "guess"],
        ["search", "a", "--mode", "quotes"],
        ["batch", "q.txt", "--out", "a.jsonl", "--mode", "answers"],
        ["eval", "gold.jsonl", "--mode", ""],
        ["search", "a", "--top-k", "0"],
        ["search", "a", "--top-k", "-3"],
        ["search", "a", "--top-k", "many"],
        ["search", "a", "--top-k", "9" * 30],
        ["index"],
        ["index", "docs", "--list"],
        ["index", "docs", "--remove", "roads.txt"],
        ["index", "--list", "--rebuild"],
        ["batch", "q.txt"],
        ["models"],
        ["models", "push"],
        ["eval"],
        ["eval", "gold.jsonl", "--compare", "a.jsonl"],
        ["eval", "gold.jsonl", "--compare", "a.jsonl", "b.jsonl", "--retrieval-only"],
        ["eval", "gold.jsonl", "--compare", "a.jsonl", "b.jsonl", "--out", "c.jsonl"],
        ["eval", "gold.jsonl", "--compare", "a.jsonl", "b.jsonl", "--show"],
        ["eval", "gold.jsonl", "--retrieval-only", "--out", "c.jsonl"],
    ],
)
def test_wrong_usage_is_code_2_with_the_usage(youju, arguments):
    assert youju(*arguments) == 2
    assert youju.err.startswith("usage: youju")
    assert "error: " in youju.err


def test_a_count_of_none_says_what_is_expected(youju):
    youju("search", "a", "--top-k", "0")
    assert "argument --top-k: '0' is not a number from 1" in youju.err


def test_indexing_nothing_gives_an_example(youju):
    youju("index")
    assert "name the files or folders to index, or try the sample: youju index --sample" in youju.err


# What works


def test_documents_are_indexed_listed_removed_and_rebuilt(youju):
    assert youju("index", "docs") == 0
    assert youju.out == f"2 added, 0 replaced, 0 unchanged; 4 passages in {INDEX.resolve()}\n"
    assert youju("index", "docs") == 0
    assert youju.out.startswith("0 added, 0 replaced, 2 unchanged;")
    assert youju("index", "--list") == 0
    assert [line.split("\t")[:4] for line in youju.out.splitlines()] == [
        ["roads.txt", "2 passages", "海州市", "2031"],
        ["schools.txt", "2 passages", "临川县", "2030"],
    ]
    assert youju("index", "--remove", "roads.txt") == 0
    assert youju.out == "Removed: roads.txt\n"
    assert youju("index", "--rebuild") == 0
    assert youju.out.startswith("0 added, 0 replaced, 1 unchanged; 2 passages")


def test_an_answer_is_printed_with_its_sources(indexed):
    assert indexed("ask", ASKED) == 0
    start = ROADS.index("2031年，")
    quote = SAID.removesuffix("[1]")
    assert indexed.out == f"{SAID}\n  [1] roads.txt {start}-{start + len(quote)}: {quote}\n"


def test_the_machine_that_questions_are_sent_to_is_named(indexed, monkeypatch):
    monkeypatch.setenv("YOUJU_GENERATOR_URL", "http://llm.example:8080/v1")
    note = "Questions and their evidence are sent to the generator on llm.example:8080."
    assert indexed("ask", ASKED) == 0
    assert note in indexed.err
    assert indexed("search", ASKED) == 0
    assert note not in indexed.err


def test_an_answer_as_json_is_one_record_on_one_line(indexed):
    assert indexed("ask", ASKED, "--json") == 0
    assert indexed.out.count("\n") == 1
    record = json.loads(indexed.out)
    assert (record["answer"], record["abstained"], record["error"]) == (SAID, False, None)
    (citation,) = record["citations"]
    assert ROADS[citation["start"] : citation["end"]] == citation["quote"] == SAID.removesuffix("[1]")
    assert "新修公路" in indexed.out


def test_quotes_are_printed_without_the_generator(indexed):
    readers = []
    indexed.reader = lambda: readers.append(ScriptedReader({"86公里": 3.0})) or readers[-1]
    indexed.generator = None  # would fail where it is needed
    Path("q.txt").write_text(ASKED, encoding="utf-8")
    Path("gold.jsonl").write_text(json.dumps({"question": ASKED, "must_include": ["86"]}), encoding="utf-8")
    assert indexed("ask", ASKED, "--json", "--mode", "quotes") == 0
    record = json.loads(indexed.out)
    assert (record["answer"], record["confidence"], record["timings"]["first_token_seconds"]) == (SAID, 0.9526, None)
    assert indexed("batch", "q.txt", "--out", "a.jsonl", "--mode", "quotes") == 0
    assert json.loads(Path("a.jsonl").read_text(encoding="utf-8"))["answer"] == SAID
    assert indexed("eval", "gold.jsonl", "--mode", "quotes", "--json", "m.json") == 0
    report = json.loads(Path("m.json").read_text(encoding="utf-8"))
    assert report["results"][0]["record"]["answer"] == SAID
    assert [reader.asked for reader in readers] == [[ASKED]] * 3


def test_a_console_without_chinese_gets_numbers_and_not_a_failure(indexed, monkeypatch):
    for command in ("ask", "search"):
        narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", narrow)
            assert main([command, ASKED], models=indexed.models()) == 0
        assert b"\\u516c\\u91cc" in narrow.buffer.getvalue()
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    monkeypatch.setattr(sys, "stdout", narrow)
    assert main(["ask", ASKED, "--json"], models=indexed.models()) == 0
    assert json.loads(narrow.buffer.getvalue())["answer"] == SAID


@pytest.mark.parametrize(
    ("scope", "sources"),
    [
        (["--source", "schools.txt"], {"schools.txt"}),
        (["--year", "2031"], {"roads.txt"}),
        (["--place", "临川县"], {"schools.txt"}),
        (["--source", "schools.txt", "--source", "roads.txt"], {"roads.txt", "schools.txt"}),
        (["--year", "1999"], set()),
    ],
)
def test_a_search_stays_in_its_scope(indexed, scope, sources):
    assert indexed("search", "多少", *scope) == 0
    assert {name for name in ("roads.txt", "schools.txt") if name in indexed.out} == sources
    assert ("Nothing was found." in indexed.err) == (not sources)


def test_a_search_tells_ranks_scores_and_places(indexed):
    assert indexed("search", ASKED, "--top-k", "9") == 0
    lines = indexed.out.splitlines()
    ranks = r"0\.\d{4}  dense #\d \d\.\d{3}  lexical (?:#\d \d\.\d\d|-)"
    assert all(re.fullmatch(rf" {rank}\. {ranks}", line) for rank, line in enumerate(lines[::3], start=1))
    start = ROADS.index("一、道路")
    assert f"    roads.txt {start}-{len(ROADS) - 1}  海州市2031年交通工作总结 > 一、道路" in lines
    assert f"    一、道路 {SAID.removesuffix('[1]')}" in lines
    assert indexed("search", ASKED, "--top-k", "1") == 0
    assert indexed.out.count(" dense #") == 1


def test_another_index_can_be_named(indexed):
    assert indexed("index", "docs/schools.txt", "--index", "other") == 0
    assert indexed("ask", "临川县2030年新建学校多少所？", "--index", "other") == 0
    assert "12所" in indexed.out
    with Store.open(Path("other"), readonly=True) as store:
        assert [info.source for info in store.documents()] == ["schools.txt"]
