"""Which of the two is shown: the quotation or what the generator wrote."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answering.arbitration import (
    Arbitrated,
    Because,
    Ruling,
    agrees,
    arbitrate,
    quotation_as_answer,
    with_omitted_sentences,
    with_original_wording,
)
from rag.answering.citing import cite
from rag.observer import Step
from rag.schema.answers import Answer, AnswerSentence, Citation
from rag.schema.search import Evidence
from rag.scoring.sides import CandidateSpan, Side
from tests.support.questions import asked
from tests.support.questions import reply as written_reply
from tests.support.rag.decisions import (
    CHECKS,
    FACT,
    LIST,
    ROADS,
    SCHOOLS,
    SECTION,
    UNLIKELY,
    quotation,
    side,
    span,
    written,
)


def quoted(*sides: Side, query: str = FACT) -> Answer:
    return quotation(*sides, query=query).answer


# Do they say the same?


@pytest.mark.parametrize(
    ("text", "found", "reply", "same"),
    [
        (SCHOOLS, "12所", "全市新建学校12所。", True),
        (SCHOOLS, "12所", "全市新建学校十二所。", True),  # in another notation
        (SCHOOLS, "全市新建学校12所", "新建的学校为12所。", True),
        (SCHOOLS, "12所", "全市新修公路86公里。", False),
        (SCHOOLS, "12所", "资料中没有提到。", False),
        (SCHOOLS, "12所", "全市新建学校13所。", False),  # withheld: nothing is said
        (SCHOOLS, "12所", "招聘教师12名。", False),  # of something else
        (CHECKS, "司机自查、班组互查、站点抽查", "落实了司机自查、班组互查、站点抽查。", True),
        (CHECKS, "司机自查、班组互查、站点抽查", "落实了司机自查和班组互查。", True),  # most of it
        (CHECKS, "司机自查、班组互查、站点抽查", "落实站点抽查制度。", False),  # too little of it
        (CHECKS, "自查", "落实司机自查。", True),
    ],
)
def test_an_answer_agrees_where_it_says_what_was_found(text: str, found: str, reply: str, *, same: bool) -> None:
    assert agrees(written(reply), span(text, found)) is same


def test_in_another_language_words_agree_by_what_they_cite() -> None:
    e = SECTION[2]
    said = AnswerSentence("Drivers checked themselves.", (1,))
    here = Citation(1, e.source, e.title, e.heading, e.start, e.end, e.text)
    answer = Answer(
        question="What was put in place?",
        query="What was put in place?",
        sentences=(said,),
        citations=(here,),
        abstained=False,
    )
    found = span(CHECKS, "司机自查")
    assert agrees(answer, found)
    for elsewhere in (replace(here, source="b.txt"), replace(here, start=e.end, end=e.end + 5)):
        assert not agrees(replace(answer, citations=(elsewhere,)), found)
    assert not agrees(answer, span(SCHOOLS, "12所")), "a figure is compared in any language"


# Which is shown


SCHOOLS_AND_ROADS = side(span(SCHOOLS, "12所"), span(ROADS, "86公里"))


@pytest.mark.parametrize(
    ("query", "reply", "sides", "ruling", "because"),
    [
        (LIST, "新建学校12所，新修公路86公里。", [SCHOOLS_AND_ROADS], "generated", "they_agree"),
        (LIST, "新建学校12所。", [SCHOOLS_AND_ROADS], "quoted", "they_differ"),  # a part is left out
        (LIST, "新建学校86所，新修公路12公里。", [SCHOOLS_AND_ROADS], "quoted", "they_differ"),  # exchanged
        (FACT, "新建学校12所。", [side(span(SCHOOLS, "12所"))], "generated", "they_agree"),
        (FACT, "新修公路86公里。", [side(span(SCHOOLS, "12所"))], "quoted", "they_differ"),
        # Of a comparison both sides must be there, as far as they were found.
        (FACT, "新建学校12所。", [side(span(SCHOOLS, "12所")), side(span(ROADS, "86公里"))], "quoted", "they_differ"),
        (
            FACT,
            "新建学校12所，新修公路86公里。",
            [side(span(SCHOOLS, "12所")), side(span(ROADS, "86公里"))],
            "generated",
            "they_agree",
        ),
        (FACT, "新建学校12所。", [side(span(SCHOOLS, "12所")), side()], "generated", "they_agree"),
        # What is read and not quoted need not be said.
        (
            FACT,
            "新建学校12所。",
            [side(span(SCHOOLS, "12所"), span(ROADS, "86公里", probability=UNLIKELY))],
            "generated",
            "they_agree",
        ),
        # A sentence without a span has nothing that must be said.
        (FACT, "新修公路86公里。", [side(span(SCHOOLS, ""))], "generated", "they_agree"),
        (
            FACT,
            "资料中没有提到。",
            [side(span(SCHOOLS, "12所"))],
            "quoted",
            "nothing_that_the_generator_says_is_supported",
        ),
        (
            FACT,
            "新建学校13所。",
            [side(span(SCHOOLS, "12所"))],
            "quoted",
            "nothing_that_the_generator_says_is_supported",
        ),
    ],
)
def test_the_ruling_and_its_reason(query: str, reply: str, sides: list[Side], ruling: str, because: str) -> None:
    told: list[Step] = []
    shown = quotation(*sides, query=query)
    assert arbitrate(written(reply, query), shown, sides, observe=told.append) == ruling
    assert told == [Arbitrated(Ruling(ruling), Because(because))]
    assert arbitrate(written(reply, query), shown, sides) == ruling, "the same unobserved"


@pytest.mark.parametrize(("reply", "ruling"), [("新建学校12所。", "generated"), ("资料中没有提到。", "quoted")])
def test_a_section_that_is_named_whole_stands_in_for_a_generator_that_says_nothing(reply: str, ruling: str) -> None:
    query = "概括一下建设的主要内容。"
    whole = quotation(side(), query=query)
    assert (whole.is_whole, whole.answer.confidence) == (True, None)
    assert arbitrate(written(reply, query), whole, [side()]) == ruling


# The quotation as the answer


def test_a_quotation_is_shown_as_it_is_in_its_own_language() -> None:
    answer = quoted(side(span(SCHOOLS, "12所")))
    assert quotation_as_answer(answer, "zh") == answer


def test_a_quotation_in_another_language_is_introduced() -> None:
    answer = quotation_as_answer(quoted(side(span(SCHOOLS, "12所"))), "en")
    assert answer.text == f"The document says: {SCHOOLS}[1]"
    assert [c.quote for c in answer.citations] == [SCHOOLS]
    assert answer.sentences[0].spans == (), "a span of the quotation is none of the sentence around it"


def test_evidence_is_told_apart_by_place_not_by_wording() -> None:
    twin: Evidence = replace(SECTION[2], source="b.txt")
    answer = cite(asked("What?"), written_reply(CHECKS), [twin])
    assert agrees(answer, span(CHECKS, "司机自查")), "in its own language wording is enough"


# Sections


def test_a_summary_is_completed_by_the_sentences_that_it_leaves_out() -> None:
    section = replace(quoted(side(span(SCHOOLS, "12所"), span(ROADS, "86公里"), span(CHECKS, "自查")), query=LIST))
    done = with_omitted_sentences(written("全市新建学校12所。", LIST), section)
    assert [s.text for s in done.sentences] == [SCHOOLS, *(c.quote for c in section.citations if c.quote != SCHOOLS)]
    assert [c.marker for c in done.citations] == [m for s in done.sentences for m in s.markers]


def test_a_summary_that_says_all_is_left_as_it_is() -> None:
    section = quoted(side(span(SCHOOLS, "12所"), span(CHECKS, "自查")), query=LIST)
    answer = written("全市新建学校12所。落实司机自查、班组互查、站点抽查制度。", LIST)
    assert with_omitted_sentences(answer, section) == answer


# In another language


TOLD = AnswerSentence("Drivers checked themselves.", (1,))


@pytest.mark.parametrize(
    ("found", "added"),
    [
        (span(CHECKS, "司机自查"), ["In the document's words: “司机自查”."]),
        (span(SCHOOLS, "12所"), []),  # a figure was compared; and it is not what is cited
        (span(CHECKS, "司机自查", probability=UNLIKELY), []),
    ],
)
def test_what_was_found_is_also_told_as_the_document_writes_it(found: CandidateSpan, added: list[str]) -> None:
    answer = Answer(
        question="Who?", query="Who?", sentences=(TOLD,), citations=(Citation.of(1, SECTION[2]),), abstained=False
    )
    told = with_original_wording(answer, [side(found)], "en")
    assert [s.text for s in told.sentences] == [TOLD.text, *added]
    assert all(s.markers == (1,) for s in told.sentences)


def test_in_the_documents_own_language_nothing_is_told_twice() -> None:
    answer = Answer(
        question="谁？", query="谁？", sentences=(TOLD,), citations=(Citation.of(1, SECTION[2]),), abstained=False
    )
    assert with_original_wording(answer, [side(span(CHECKS, "司机自查"))], "zh") == answer
