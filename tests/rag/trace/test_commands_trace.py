"""``youju ask --explain`` in this process, with stand-ins for the models."""

import json

import pytest

from tests.support.console import ASKED, ROADS, SAID
from tests.support.fakes import ScriptedGenerator, ScriptedReader


@pytest.fixture
def read(indexed):
    """An index, and a reader that finds the kilometres."""
    indexed.reader = lambda: ScriptedReader({"86公里": 3.0})
    return indexed


@pytest.fixture
def composes(read):
    """The same where two sentences are found, and a text is made of them."""
    read.reader = lambda: ScriptedReader({"86公里": 3.0, "交通": 2.9})
    read.generator = lambda: ScriptedGenerator([WRITTEN])
    return read


LIST = "海州市2031年开展了哪些工作？"
WRITTEN = "2031年海州市交通工作总结：新修公路86公里。"


def section(out, title):
    """The lines under a title of the text."""
    (block,) = [block for block in f"\n\n{out}".split("\n\n== ") if block.startswith(f"{title}\n")]
    return block.split("\n")[1:]


def test_an_explained_answer_tells_its_way_from_the_question_to_the_timings(read):
    assert read("ask", ASKED, "--explain") == 0
    titles = [line[3:] for line in read.out.splitlines() if line.startswith("== ")]
    assert titles == ["Question", "Passages", "Evidence", "Reader", "Decision", "Answer", "Timings"]
    assert section(read.out, "Question")[0] == f"asked        {ASKED}"
    assert "places       海州市" in section(read.out, "Question")
    assert any("dense #1" in line for line in section(read.out, "Passages"))
    evidence = section(read.out, "Evidence")
    (at,) = [n for n, line in enumerate(evidence) if line.endswith(SAID.removesuffix("[1]"))]
    assert evidence[at + 1].startswith("     probability 0.953; read because ranks ")
    assert section(read.out, "Reader")[:3] == [
        f"read as {ASKED}: probability 0.953, shown from 0.300",
        "  0.953  86公里  (sentence 3, read 3.00, same place, same year)",
        "         most by: reader's score +3.00",
    ]
    assert section(read.out, "Decision") == ["quoted, without the generator"]
    assert section(read.out, "Answer")[0] == SAID
    assert read.err == ""


def test_a_composed_text_is_explained_with_its_prompt_and_the_ruling(composes):
    assert composes("ask", LIST, "--explain") == 0
    assert "== Prompt 1" in composes.out
    assert section(composes.out, "Decision") == [
        "the generator's text, held against the quotation",
        "the generator's answer is shown, because the generator's text says all that the quotation says",
    ]


def test_the_prompt_is_shown_as_sent_with_the_reply_and_each_sentences_check(composes):
    composes.generator = lambda: ScriptedGenerator(["2031年，海州市新修公路68公里。"])
    assert composes("ask", LIST, "--explain") == 0
    assert f"【问题】{LIST}" in composes.out
    assert "[check] 2031年，海州市新修公路68公里。  withheld: figure not in the citation: 68\n" in composes.out


def test_as_json_it_is_one_record(composes):
    assert composes("ask", LIST, "--explain", "--json") == 0
    assert composes.out.count("\n") == 1
    record = json.loads(composes.out)
    assert (record["question"], record["route"], record["drafts"][0]["reply"]) == (LIST, "both", WRITTEN)
    (last,) = [e for e in record["evidence"] if "86公里" in e["text"]]
    assert ROADS[last["start"] : last["end"]] == last["text"]
    assert last["why"][0]["cause"] == "ranked"
    assert record["drafts"][0]["prompt"][-1]["content"].endswith(LIST)
    assert composes.err == ""


def test_quotes_are_explained_without_the_generator(read):
    read.generator = None  # would fail where it is needed
    assert read("ask", ASKED, "--explain", "--mode", "quotes") == 0
    assert section(read.out, "Decision") == ["quoted, without the generator"]
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
