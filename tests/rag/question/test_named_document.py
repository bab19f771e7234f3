"""A document that a question names by its title."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answering.about_document import about_part
from rag.question.named_document import NamedDocument, asks_what_it_is_about, asks_what_it_says, find_named_document
from rag.retrieval.named_document import telling_passages
from rag.schema.documents import Part, Passage, Sentence
from tests.support.fakes import some_evidence

REPORT = Part("海州市2031年工作总结与2032年计划", "", "海州市", (2031, 2032), "", 0, 1000)
SAMPLE = Part("2033精选工作报告范文(一)", "", "临川县", (2030,), "", 1000, 2000)
FILE = Part("2033精选工作报告范文5篇", "", "", (2033,), "", 0, 1000)
PARTS = [("a.txt", REPORT), ("b.txt", FILE), ("b.txt", SAMPLE)]


@pytest.mark.parametrize(
    ("question", "part"),
    [
        ("《海州市2031年工作总结与2032年计划》提到多少座桥？", REPORT),
        ("标题为“2033精选工作报告范文（一）”的报告说的是哪里？", SAMPLE),
        ("標題為「2033精選工作報告範文(一)」的報告說的是哪裡？", SAMPLE),
        ("《海州市2031年工作总结》提到多少座桥？", REPORT),  # the beginning of one title alone
        ("“2033精选工作报告范文”有几篇？", None),  # of two titles
        ("《临川县志》提到多少座桥？", None),
        ("海州市2031年工作总结提到多少座桥？", None),  # not quoted
        ("“一键报警”有多少处？", None),
    ],
)
def test_a_quoted_title_names_its_part(question: str, part: Part | None) -> None:
    titled = find_named_document(question, PARTS)
    assert (titled and titled.part) == part


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("标题是“2033精选工作报告范文(一)”的那份报告，总结的是哪座城市、哪一年的工作？", True),
        ("《2033精选工作报告范文(一)》这份文件讲的是哪一年？", True),
        ('Which city is the report titled "2033精选工作报告范文(一)" about?', True),
        ("《2033精选工作报告范文(一)》这份文件提到多少座桥？", False),
        ("哪座城市新建了桥梁？", False),  # no document is asked about
    ],
)
def test_what_a_document_is_about_is_a_question_of_place_or_year(question: str, *, asks: bool) -> None:
    assert asks_what_it_is_about(question) is asks


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("这份文件讲什么", True),
        ("概括一下这份文件", True),
        ("這個文件的主要內容是什麼？", True),
        ("What is this document about?", True),
        ("《工作总结》讲什么？", False),  # no document is known by that title
        ("这份文件讲了哪些桥？", False),
        ("哪些文件提到了桥？", False),
        ("这份文件是谁发的", False),
    ],
)
def test_what_a_document_says_is_a_question_of_nothing_in_it(question: str, *, asks: bool) -> None:
    assert asks_what_it_says(question) is asks


def test_a_title_stands_for_the_document() -> None:
    assert asks_what_it_says("《工作总结》讲什么？", titled=True)
    assert not asks_what_it_says("《工作总结》提到几座桥？", titled=True)


def passage(number: int, text: str, *heading: str) -> Passage:
    start = 1000 + 100 * number
    sentence = Sentence(text, start, start + len(text))
    return Passage(number, "b.txt", SAMPLE.title, "", (), heading, 0, 0, text, start, sentence.end, (sentence,))


def test_the_passages_that_tell_are_the_first_two_and_those_that_name_place_and_year() -> None:
    passages = [
        passage(0, "各位领导："),
        passage(1, "现将工作报告如下。"),
        passage(2, "新建桥梁12座。"),
        passage(3, "临川縣的公路通车。"),
        passage(4, "临川县的学校开学。"),
        passage(5, "投入3亿元。", "一、2030年工作"),
        Passage(9, "b.txt", "", "", (), (), 0, 0, "临川县2030年", 10, 20, ()),  # of another part
    ]
    assert [p.passage_id for p in telling_passages(SAMPLE, passages)] == [0, 1, 3, 5]


def test_what_a_part_is_about_is_told_with_the_sentences_that_tell_it() -> None:
    about = {"title": SAMPLE.title, "source": "b.txt", "place": "临川县", "years": (2030,)}
    first = some_evidence("新建桥梁12座。", heading=("一、2030年工作",), **about)
    both = some_evidence("临川县的公路通车。", after=first, heading=("二、交通",), **about)
    evidence = [replace(e, start=e.start + SAMPLE.start, end=e.end + SAMPLE.start) for e in both]
    told = about_part(NamedDocument("b.txt", SAMPLE), evidence, language="zh")
    assert told is not None
    (sentence,), citations = told
    assert sentence.text == "这份文件讲的是临川县2030年的情况。"
    assert [c.quote for c in citations] == ["新建桥梁12座。", "临川县的公路通车。"]
    assert sentence.markers == (1, 2)


def test_where_no_sentence_tells_place_or_year_nothing_is_said() -> None:
    evidence = some_evidence("新建桥梁12座。", title=SAMPLE.title, source="b.txt", heading=())
    assert about_part(NamedDocument("b.txt", SAMPLE), evidence, language="zh") is None
