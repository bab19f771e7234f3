import json
from dataclasses import FrozenInstanceError, fields, is_dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rag.schema.answers
from rag.schema.answers import Answer, AnswerSentence, Citation, Timings
from rag.schema.documents import Location
from rag.schema.search import Scope

FIRST = Citation(1, "甲.txt", "海州市2031年总结", ("一、建设", "（一）学校"), 23, 35, "新建学校12所。")
SECOND = Citation(2, "乙.txt", "计划", (), 5, 9, "招400人。", Location(page=3))
ANSWER = Answer(
    question="建了多少？招了多少？",
    query="海州市建了多少？招了多少？",
    sentences=(
        AnswerSentence("新建学校12所。", (1,)),
        AnswerSentence("招聘400人。", (1, 2)),
    ),
    citations=(FIRST, SECOND),
    abstained=False,
    timings=Timings(0.01, 1.5, 2.25, 0.375),
    confidence=0.912345,
    question_id="q7",
)
NOTHING = Answer(question="谁？", query="谁？", sentences=(), citations=(), abstained=True, reason="资料中没有提到。")


def test_the_text_carries_its_markers():
    assert ANSWER.text == "新建学校12所。[1]招聘400人。[1][2]"


def test_the_text_of_an_abstention_is_its_reason():
    assert NOTHING.text == "资料中没有提到。"


def test_a_citation_is_made_of_its_record_again_also_of_one_that_told_the_page_alone():
    now, other = ANSWER.to_dict()["citations"]
    assert (Citation.of_record(now), Citation.of_record(other)) == ANSWER.citations
    del other["location"]
    assert Citation.of_record(other) == SECOND


def test_western_sentences_stay_apart():
    sentences = (AnswerSentence("It has 12.", (1,)), AnswerSentence("Of 30.", ()))
    assert replace(ANSWER, sentences=sentences).text == "It has 12.[1] Of 30."


def test_notes_stand_behind_the_text():
    noted = replace(ANSWER, notes=("有1句未显示。",))
    assert noted.text == ANSWER.text
    assert str(noted).splitlines()[1] == "  (有1句未显示。)"


def test_the_record_has_the_documented_fields_in_order():
    assert ANSWER.to_dict() == {
        "id": "q7",
        "question": "建了多少？招了多少？",
        "answer": "新建学校12所。[1]招聘400人。[1][2]",
        "abstained": False,
        "reason": "",
        "notes": [],
        "withheld": [],
        "cut_off": False,
        "confidence": 0.9123,
        "citations": [
            {
                "marker": 1,
                "source": "甲.txt",
                "title": "海州市2031年总结",
                "heading": ["一、建设", "（一）学校"],
                "start": 23,
                "end": 35,
                "quote": "新建学校12所。",
                "location": {"page": None, "slide": None, "sheet": "", "cells": "", "member": "", "box": None},
                "page": None,
            },
            {
                "marker": 2,
                "source": "乙.txt",
                "title": "计划",
                "heading": [],
                "start": 5,
                "end": 9,
                "quote": "招400人。",
                "location": {"page": 3, "slide": None, "sheet": "", "cells": "", "member": "", "box": None},
                "page": 3,
            },
        ],
        "timings": {
            "retrieve_seconds": 0.01,
            "first_token_seconds": 1.5,
            "total_seconds": 2.25,
            "quoted_seconds": 0.375,
        },
        "error": None,
    }
    assert list(ANSWER.to_dict()) == [
        *("id", "question", "answer", "abstained", "reason", "notes", "withheld", "cut_off"),
        *("confidence", "citations", "timings", "error"),
    ]


def test_the_record_of_an_abstention_says_why():
    record = NOTHING.to_dict()
    assert (record["answer"], record["abstained"], record["reason"]) == ("资料中没有提到。", True, "资料中没有提到。")
    assert (record["id"], record["citations"]) == ("", [])
    assert set(record["timings"].values()) == {None}


@pytest.mark.parametrize(("confidence", "recorded"), [(None, None), (0.0, 0.0), (0.00004, 0.0), (0.99996, 1.0)])
def test_a_record_tells_how_sure_the_reader_was_or_that_none_read(confidence, recorded):
    found = replace(NOTHING, confidence=confidence).to_dict()["confidence"]
    assert found == recorded
    assert (found is None) == (confidence is None)


def test_the_spans_of_a_sentence_are_in_its_text_and_unknown_of_written_ones():
    quoted = AnswerSentence("新建学校12所。", (1,), ((4, 7),))
    assert [quoted.text[start:end] for start, end in quoted.spans] == ["12所"]
    assert ANSWER.sentences[0].spans == ()
    assert replace(ANSWER, sentences=(quoted,)).text == "新建学校12所。[1]", "spans change nothing in the text"


@given(st.text(), st.text(), st.booleans())
def test_a_record_survives_json(question, quote, abstained):
    answer = replace(ANSWER, question=question, citations=(replace(FIRST, quote=quote),), abstained=abstained)
    assert json.loads(json.dumps(answer.to_dict())) == answer.to_dict()


def test_an_answer_shows_itself_with_its_sources():
    assert repr(ANSWER) == (
        "新建学校12所。[1]招聘400人。[1][2]\n  [1] 甲.txt 23-35: 新建学校12所。\n  [2] 乙.txt p. 3 5-9: 招400人。"
    )
    assert repr(NOTHING) == "资料中没有提到。"


def test_a_notebook_shows_the_answer_with_its_sources():
    assert ANSWER._repr_markdown_() == (
        "新建学校12所。[1]招聘400人。[1][2]\n\n"
        "> **[1]** 海州市2031年总结 › 一、建设 › （一）学校: 新建学校12所。\n\n"
        "> **[2]** 计划: 招400人。"
    )


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert\\(1\\)&lt;/script&gt;"),
        ("[x](javascript:1)", "\\[x\\]\\(javascript:1\\)"),
        ("![x](http://a/b.png)", "\\!\\[x\\]\\(http://a/b.png\\)"),
        ("`${x}` **b** _i_ # h", "\\`\\${x\\}\\` \\*\\*b\\*\\* \\_i\\_ \\# h".replace("${", "$\\{")),
        ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
    ],
)
def test_document_text_is_no_markup_in_a_notebook(hostile, shown):
    evil = replace(FIRST, title=hostile, heading=(hostile,), quote=hostile)
    quoted = replace(ANSWER, citations=(evil,))._repr_markdown_().split("\n\n")[1]
    assert quoted == f"> **[1]** {shown} › {shown}: {shown}"


@pytest.mark.parametrize(
    ("scope", "restricts"),
    [
        (Scope(), False),
        (Scope(sources=frozenset({"a"})), True),
        (Scope(years=frozenset({2031})), True),
        (Scope(places=frozenset({"海州"})), True),
    ],
)
def test_a_scope_says_whether_it_restricts(scope, restricts):
    assert bool(scope) is restricts


def test_the_nouns_cannot_be_changed():
    nouns = [getattr(rag.schema.answers, name) for name in rag.schema.answers.__all__]
    for noun in filter(is_dataclass, nouns):
        assert noun.__dataclass_params__.frozen, noun
        assert not hasattr(noun, "__dict__") or "__slots__" in vars(noun), noun
    with pytest.raises(FrozenInstanceError):
        ANSWER.question = "x"
    assert {field.name for field in fields(Citation)} >= {"marker", "source", "start", "end", "quote"}
