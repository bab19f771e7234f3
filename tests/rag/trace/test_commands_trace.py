"""``youju ask --explain`` in this process, with stand-ins for the models."""

import json

import pytest
from rag.reading.rescoring import weights

from tests.support.console import ASKED, ROADS, SAID
from tests.support.fakes import ScriptedGenerator, ScriptedReader


@pytest.fixture
def read(indexed):
    """An index, and a reader that finds the kilometres."""
    indexed.reader = lambda: ScriptedReader({"86公里": 3.0}, rescore=weights)
    return indexed


def section(out, title):
    """The lines under a title of the text."""
    (block,) = [block for block in f"\n\n{out}".split("\n\n== ") if block.startswith(f"{title}\n")]
    return block.split("\n")[1:]


def test_an_explained_answer_tells_its_way_from_the_question_to_the_timings(read):
    assert read("ask", ASKED, "--explain") == 0
    titles = [line[3:] for line in read.out.splitlines() if line.startswith("== ")]
    assert titles == ["Question", "Passages", "Evidence", "Reader", "Prompt 1", "Decision", "Answer", "Timings"]
    assert section(read.out, "Question")[0] == f"asked        {ASKED}"
    assert "places       海州市" in section(read.out, "Question")
    assert any("dense #1" in line and "year asked for: raised" in line for line in section(read.out, "Passages"))
    evidence = section(read.out, "Evidence")
    assert "2031年，海州市新修公路86公里。" in evidence[-2]
    assert evidence[-1].startswith("     because ranks ")
    assert section(read.out, "Reader")[1].startswith("  1.000  86公里  (sentence 3, in scope; score ")
    assert section(read.out, "Decision") == [
        "reader and generator, held against each other",
        "the generator's answer is shown, because the generator says what the reader found",
    ]
    assert section(read.out, "Answer")[0] == SAID
    assert read.err == ""


def test_the_prompt_is_shown_as_sent_with_the_reply_and_each_sentences_check(read):
    read.generator = lambda: ScriptedGenerator(["2031年，海州市新修公路68公里。"])
    assert read("ask", ASKED, "--explain") == 0
    assert f"【问题】{ASKED}" in read.out
    assert "[check] 2031年，海州市新修公路68公里。  withheld: figure not in the citation: 68\n" in read.out


def test_as_json_it_is_one_record(read):
    assert read("ask", ASKED, "--explain", "--json") == 0
    assert read.out.count("\n") == 1
    record = json.loads(read.out)
    assert (record["question"], record["route"], record["answer"]["answer"]) == (ASKED, "both", SAID)
    (last,) = [e for e in record["evidence"] if "86公里" in e["text"]]
    assert ROADS[last["start"] : last["end"]] == last["text"]
    assert last["why"][0]["cause"] == "ranked"
    assert record["drafts"][0]["prompt"][-1]["content"].endswith(ASKED)
    assert read.err == ""


def test_quotes_are_explained_without_the_generator(read):
    read.generator = None  # would fail where it is needed
    assert read("ask", ASKED, "--explain", "--mode", "quotes") == 0
    assert section(read.out, "Decision") == ["the reader's quotation, without the generator"]
    assert "== Prompt" not in read.out


def test_without_the_option_nothing_but_the_answer_is_told(read):
    assert read("ask", ASKED) == 0
    assert read.out.startswith(SAID)
    assert "== " not in read.out


def test_an_empty_scope_is_explained(read):
    assert read("ask", ASKED, "--explain", "--year", "1999") == 0
    assert section(read.out, "Decision") == ["no passage was found in what may be searched"]
    assert "searched in  1999" in section(read.out, "Question")
    assert "== Passages" not in read.out
