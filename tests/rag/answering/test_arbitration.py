"""Which of the two is shown: the reader's quotation or what the generator wrote."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from rag.answering.arbitration import (
    FAINT,
    Ruling,
    agrees,
    arbitrate,
    arbitrate_again,
    quotation_as_answer,
    with_omitted_sentences,
    with_original_wording,
    withheld_if_about_missing_side,
)
from rag.answering.citing import cite
from rag.answering.quotation import Quotation, quote
from rag.question.scope import NamedScope
from rag.reading.evidence_reader import LEAST_PROBABILITY, CandidateSpan, Side
from rag.schema.answers import Answer, AnswerSentence, Citation
from rag.schema.search import Evidence
from tests.support.fakes import some_evidence
from tests.support.questions import asked, wording
from tests.support.questions import reply as written_reply

ANYWHERE = NamedScope((), ())
FACT, LIST = "新建学校多少所？", "开展了哪些工作？"
SCHOOLS, ROADS, CHECKS = "全市新建学校12所。", "全市新修公路86公里。", "落实司机自查、班组互查、站点抽查制度。"
SECTION = some_evidence(SCHOOLS, ROADS, CHECKS)
SURE, FAINTLY, UNLIKELY = 0.9, (FAINT + LEAST_PROBABILITY) / 2, FAINT / 2


def span(text: str, found: str, *, probability: float = SURE) -> CandidateSpan:
    (one,) = [e for e in SECTION if e.text == text]
    start = text.index(found)
    return CandidateSpan(one, start, start + len(found), 1.0, probability, in_scope=True)


FAINT_ROADS = span(ROADS, "86公里", probability=FAINTLY)


def side(*found: CandidateSpan) -> Side:
    return Side(FACT, ANYWHERE, found, (), found[0].probability if found else 0.0)


def written(reply: str, query: str = FACT) -> Answer:
    return cite(asked(query), written_reply(reply), SECTION)


def quotation(*sides: Side, query: str = FACT) -> Quotation:
    return quote(asked(query), SECTION, sides=sides)


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


@pytest.mark.parametrize(
    ("query", "reply", "sides", "ruling"),
    [
        (FACT, "新建学校12所。", [side(span(SCHOOLS, "12所"))], "generated"),
        (FACT, "新修公路86公里。", [side(span(SCHOOLS, "12所"))], "look_again"),
        (FACT, "资料中没有提到。", [side(span(SCHOOLS, "12所"))], "look_again"),
        (FACT, "新建学校13所。", [side(span(SCHOOLS, "12所"))], "look_again"),
        # Of a comparison both sides must be there, as far as they were found.
        (FACT, "新建学校12所。", [side(span(SCHOOLS, "12所")), side(span(ROADS, "86公里"))], "look_again"),
        (
            FACT,
            "新建学校12所，新修公路86公里。",
            [side(span(SCHOOLS, "12所")), side(span(ROADS, "86公里"))],
            "generated",
        ),
        (FACT, "新建学校12所。", [side(span(SCHOOLS, "12所")), side()], "generated"),
        # For a list it is enough that they cite the same.
        (LIST, "全市新建学校12所。", [side(span(SCHOOLS, "全市新建学校"))], "generated"),
        (LIST, "新修公路86公里。", [side(span(SCHOOLS, "12所"))], "look_again"),
        # Where nothing likely was found, only what was faintly found, or a list.
        (FACT, "新建学校12所。", [side(span(SCHOOLS, "12所", probability=FAINTLY))], "generated"),
        (FACT, "新建学校12所。", [side(span(ROADS, "86公里", probability=FAINTLY))], "refused"),
        # The order of what is faint says little: the second may be what the generator says.
        (FACT, "新建学校12所。", [side(FAINT_ROADS, span(SCHOOLS, "12所", probability=FAINTLY))], "generated"),
        (FACT, "新建学校12所。", [side(span(SCHOOLS, "12所", probability=UNLIKELY))], "refused"),
        (FACT, "新建学校12所。", [side()], "refused"),
        (FACT, "资料中没有提到。", [side()], "refused"),
        (LIST, "新建学校12所。", [side(span(SCHOOLS, "12所", probability=UNLIKELY))], "generated"),
        (LIST, "新建学校12所。", [side()], "refused"),  # the reader finds nothing like it
        (LIST, "资料中没有提到。", [side()], "refused"),
    ],
)
def test_the_ruling(query: str, reply: str, sides: list[Side], ruling: Ruling) -> None:
    assert arbitrate(wording(query), written(reply, query), quotation(*sides, query=query), sides) == ruling


@pytest.mark.parametrize(("reply", "ruling"), [("新建学校12所。", "generated"), ("资料中没有提到。", "quoted")])
def test_a_section_that_is_named_whole_stands_in_for_a_generator_that_says_nothing(reply: str, ruling: Ruling) -> None:
    query = "概括一下建设的主要内容。"
    whole = quotation(side(), query=query)
    assert (whole.is_whole, whole.answer.confidence) == (True, None)
    assert arbitrate(wording(query), written(reply, query), whole, [side()]) == ruling


@pytest.mark.parametrize(
    ("reply", "ruling"),
    [("新建学校12所。", "generated"), ("新修公路86公里。", "quoted"), ("资料中没有提到。", "quoted")],
)
def test_the_second_look_decides(reply: str, ruling: Ruling) -> None:
    assert arbitrate_again(written(reply), [side(span(SCHOOLS, "12所"))]) == ruling


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


def test_a_list_on_other_sentences_is_not_overruled_by_an_unsure_reader() -> None:
    unsure = side(span(ROADS, "86公里", probability=SURE / 2))
    answer = written("落实司机自查、班组互查、站点抽查制度。", LIST)
    assert arbitrate(wording(LIST), answer, quotation(unsure, query=LIST), [unsure]) == "generated"
    sure = side(span(ROADS, "86公里"))
    assert arbitrate(wording(LIST), answer, quotation(sure, query=LIST), [sure]) == "look_again"


def test_of_two_that_differ_the_sentence_that_speaks_of_what_was_asked_is_shown() -> None:
    off = side(span(ROADS, "86公里"))
    answer = written("全市新建学校12所。")
    assert arbitrate(wording("全市新建学校多少所？"), answer, quotation(off), [off]) == "generated"
    assert arbitrate(wording("全市新修公路多少公里？"), answer, quotation(off), [off]) == "look_again"


def test_a_quotation_that_speaks_of_nothing_that_was_asked_is_not_shown() -> None:
    off = side(span(ROADS, "86公里"))
    nothing = written("资料中没有提到。")
    assert arbitrate(wording("图书馆藏书几册？"), nothing, quotation(off), [off]) == "refused"


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


# A comparison of which one side is missing


@pytest.mark.parametrize(
    ("reply", "abstained"),
    [
        ("2030年新建学校12所。", True),  # the other year's figure
        ("2031年新建学校12所。", False),
        ("新建学校12所。", False),
        ("2031年新建学校12所。2030年新建学校12所。", True),
        ("2031年比2030年多建学校12所。", False),  # names both: it compares
    ],
)
def test_what_is_said_of_a_side_that_was_not_found_is_not_shown(reply: str, *, abstained: bool) -> None:
    there, missing = (
        replace(one, named=NamedScope((), (year,)))
        for one, year in (
            (side(span(SCHOOLS, "12所")), 2031),
            (side(span(ROADS, "86公里", probability=UNLIKELY)), 2030),
        )
    )
    said = tuple(AnswerSentence(text, (1,)) for text in re.findall("[^。]+。", reply))
    generated = Answer(question=FACT, query=FACT, sentences=said, citations=(), abstained=False)
    assert withheld_if_about_missing_side(generated, [there, missing]).abstained is abstained
    for sides in ([there], [there, there], [missing, missing]):
        assert withheld_if_about_missing_side(generated, sides) is generated
