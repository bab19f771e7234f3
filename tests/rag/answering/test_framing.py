"""An answer's frame: which part has nothing."""

from __future__ import annotations

from dataclasses import replace

from rag.answering.case import AnsweringTools, Case
from rag.answering.framing import framed
from rag.answering.quotation import answered, cited
from rag.question.scope import NamedScope
from rag.schema.answers import Answer
from rag.scoring.sides import Side
from tests.support.fakes import ScriptedReader, some_evidence
from tests.support.questions import asked, found
from tests.support.rag.decisions import UNLIKELY, candidate
from tests.support.scoring import BY_READER

HAIZHOU = NamedScope(("海州市",), (2031,))
QUESTION = "2031年海州市新建学校多少所？"


def told(question: str, *sides: Side) -> str:
    """The framed answer of the likeliest sentence of each side that has one."""
    evidence = list({span.evidence.number: span.evidence for side in sides for span in side.found}.values())
    was_found = replace(found(asked(question, HAIZHOU), evidence), sides=sides)
    tools = AnsweringTools(
        reader=ScriptedReader(), scorer=BY_READER, write=lambda _: _never(), similarity=lambda _one, _others: []
    )
    shown: Answer = answered(
        asked(question), evidence, *cited([side.best for side in sides if side.best]), confidence=0.9
    )
    return framed(Case(was_found, tools, ScriptedReader()), shown).text


def _never() -> None:
    raise AssertionError("framing writes nothing")


def side(text: str, *, probability: float = 0.9, question: str = QUESTION, **about: object) -> Side:
    (sentence,) = some_evidence(text, **about)
    span = candidate(sentence, text[:2], probability=probability, named=HAIZHOU)
    return Side(question, HAIZHOU, (span,), 0.3)


def test_a_sentence_of_the_place_and_year_that_is_asked_for_stands_alone() -> None:
    assert told(QUESTION, side("新建学校12所。")) == "新建学校12所。[1]"


def test_a_part_of_which_nothing_is_found_is_told_by_its_question() -> None:
    first = side("新建学校12所。", question="2031年海州市新建学校多少所？")
    second = side("新修公路86公里。", probability=UNLIKELY, question="2031年海州市关闭煤矿几处？")
    assert told("2031年海州市新建学校多少所，关闭煤矿几处？", first, second) == (
        "新建学校12所。[1]“2031年海州市关闭煤矿几处”的这一内容，资料中没有提到。"
    )
