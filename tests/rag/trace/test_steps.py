"""Rulings and weights told as they are made: with their reasons and their parts, and the same unobserved."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rag.reading.rescoring import weights

from rag.answering.arbitration import Arbitrated, Because, Ruling, arbitrate, arbitrate_again
from rag.observer import Step
from rag.reading.evidence_reader import Side
from tests.support.fakes import some_evidence
from tests.support.questions import wording
from tests.support.rag.decisions import (
    FACT,
    FAINTLY,
    LIST,
    ROADS,
    SCHOOLS,
    SURE,
    UNLIKELY,
    quotation,
    side,
    span,
    written,
)

HERE = [side(span(SCHOOLS, "12所"))]
OTHER_TOPIC = "公交线路多少条？"


@pytest.mark.parametrize(
    ("query", "reply", "sides", "ruling", "because"),
    [
        ("概括一下建设的主要内容。", "新建学校12所。", [side()], "generated", "quoted_whole"),
        (FACT, "新建学校12所。", HERE, "generated", "they_agree"),
        (FACT, "新修公路86公里。", HERE, "look_again", "they_differ"),
        (
            FACT,
            "新建学校12所。",
            [side(span(ROADS, "86公里"))],
            "generated",
            "the_generator_speaks_more_of_the_question",
        ),
        (OTHER_TOPIC, "资料中没有提到。", HERE, "refused", "the_reader_hardly_speaks_of_the_question"),
        (LIST, "全市新建学校12所。", [side(span(SCHOOLS, "新建"))], "generated", "a_list_rests_on_the_same_sentences"),
        (
            LIST,
            "全市新建学校12所。",
            [side(span(ROADS, "86公里", probability=SURE / 2))],
            "generated",
            "a_list_and_the_reader_is_unsure",
        ),
        (
            LIST,
            "新建学校12所。",
            [side(span(SCHOOLS, "12所", probability=UNLIKELY))],
            "generated",
            "a_list_and_the_reader_finds_a_little",
        ),
        (
            FACT,
            "新建学校12所。",
            [side(span(SCHOOLS, "12所", probability=FAINTLY))],
            "generated",
            "they_agree_on_what_is_found_faintly",
        ),
        (FACT, "新建学校12所。", [side()], "refused", "the_reader_finds_nothing_likely"),
        (FACT, "资料中没有提到。", [side()], "refused", "neither_finds_anything"),
        (FACT, "新建学校13所。", [side()], "refused", "neither_finds_anything"),
    ],
)
def test_a_ruling_is_told_with_its_reason(
    query: str, reply: str, sides: list[Side], ruling: Ruling, because: Because
) -> None:
    told: list[Step] = []
    answer, quoted = written(reply, query), quotation(*sides, query=query)
    assert arbitrate(wording(query), answer, quoted, sides, observe=told.append) == arbitrate(
        wording(query), answer, quoted, sides
    )
    assert told == [Arbitrated(ruling, because)]


@pytest.mark.parametrize(
    ("reply", "ruled"),
    [
        ("新建学校12所。", Arbitrated("generated", "they_agree", again=True)),
        ("新修公路86公里。", Arbitrated("quoted", "they_differ", again=True)),
    ],
)
def test_the_second_look_is_told_as_one(reply: str, ruled: Arbitrated) -> None:
    told: list[Step] = []
    arbitrate_again(written(reply), HERE, observe=told.append)
    assert told == [ruled]


def test_the_parts_of_a_weight_are_each_for_one_thing() -> None:
    (schools,) = some_evidence(SCHOOLS)  # it scores 0.5
    parts = weights(FACT, schools, "12所", best=1.0)
    assert (parts.retrieved, parts.repeated) == (-4.0, 0.0), "half the best score"
    assert parts.said > 0
    assert weights(FACT, schools, "新建学校", best=0.5).repeated == -4.0
    assert weights(FACT, replace(schools, text="公交31条。", heading=(), title=""), "31条", best=0.5).said < 0
    for part in (parts, weights(FACT, schools, "新建学校", best=1.0)):
        assert part.total == part.retrieved + part.said + part.repeated
