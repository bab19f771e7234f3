"""What tells whether a sentence answers, on examples small enough to count by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from rag.question.relation import PlaceRelation, YearRelation
from rag.question.scope import NOTHING_NAMED, NamedScope
from rag.reading.evidence_reader import ReadSpan
from rag.schema.documents import Passage
from rag.schema.search import Evidence, Hit
from rag.scoring.features import FEATURES, NEAR, feature_rows, relations
from tests.support.fakes import some_evidence

ASKED = "新建学校多少所？"


def read(evidence: Evidence, found: str, score: float = 0.0) -> ReadSpan:
    """A span of a sentence; an empty one was found none."""
    start = evidence.text.index(found)
    return ReadSpan(evidence, start, start + len(found), score if found else float("-inf"))


def rows(
    spans: Sequence[ReadSpan],
    *,
    asked: str = ASKED,
    named: NamedScope = NOTHING_NAMED,
    hits: Mapping[int, Hit] | None = None,
) -> list[dict[str, float]]:
    """The features by their names."""
    table = feature_rows(asked, named, spans, hits or {})
    assert table.shape == (len(spans), len(FEATURES))
    return [dict(zip(FEATURES, map(float, row), strict=True)) for row in table]


def one(
    text: str, found: str = "", *, asked: str = ASKED, named: NamedScope = NOTHING_NAMED, **about: object
) -> dict[str, float]:
    """The features of a sentence that is read alone."""
    (sentence,) = some_evidence(text, **about)
    (row,) = rows([read(sentence, found)], asked=asked, named=named)
    return row


def hit(score: float, *, dense: tuple[int, float] | None = None, lexical: tuple[int, float] | None = None) -> Hit:
    passage = Passage(1, "a.txt", "", "", (), (), 0, 0, "文", 0, 1, ())
    (dense_rank, dense_score), (lexical_rank, lexical_score) = dense or (None, None), lexical or (None, None)
    return Hit(
        passage,
        score,
        1,
        dense_score=dense_score,
        dense_rank=dense_rank,
        lexical_score=lexical_score,
        lexical_rank=lexical_rank,
    )


def test_without_sentences_there_are_no_rows() -> None:
    table = feature_rows(ASKED, NOTHING_NAMED, [], {})
    assert (table.shape, table.dtype) == ((0, len(FEATURES)), np.float64)


# What the reader says


def test_the_readers_score_its_lead_and_its_rank() -> None:
    schools, roads, teachers = some_evidence("新建学校12所。", "新修公路86公里。", "招聘教师400名。")
    table = rows([read(schools, "12所", 4.0), read(roads, "86公里", -1.0), read(teachers, "")])
    assert [row["read"] for row in table] == pytest.approx([0.4, -0.1, -2.0]), "unread is less than any score"
    assert [row["read_lead"] for row in table] == pytest.approx([0.5, -0.5, -2.4])
    assert [row["read_rank"] for row in table] == pytest.approx([1.0, 1 / 2, 1 / 3])


def test_two_that_are_read_alike_share_a_rank_and_neither_leads() -> None:
    evidence = some_evidence("新建学校12所。", "新建学校13所。")
    table = rows([read(e, "学校", 2.0) for e in evidence])
    assert [(row["read_lead"], row["read_rank"]) for row in table] == [(0.0, 1.0)] * 2


def test_one_sentence_leads_over_nothing() -> None:
    assert rows([read(*some_evidence("新建学校12所。"), "12所", 4.0)])[0]["read_lead"] == pytest.approx(2.4)


@pytest.mark.parametrize(
    ("asked", "text", "foreign", "not_chinese"),
    [
        (ASKED, "新建学校12所。", 0.0, 0.0),
        ("How many schools were built?", "新建学校12所。", 1.0, 1.0),
        ("How many schools were built?", "The town built 12 schools last year.", 0.0, 1.0),
        (ASKED, "The town built 12 schools last year.", 1.0, 0.0),
    ],
)
def test_the_language_of_question_and_sentence(asked: str, text: str, foreign: float, not_chinese: float) -> None:
    (row,) = rows([read(*some_evidence(text), "12", 4.0)], asked=asked)
    assert (row["foreign"], row["not_chinese"]) == (foreign, not_chinese)
    assert row["read_foreign"] == pytest.approx(0.4 * foreign)


# Where search put it


def test_where_search_put_the_passage() -> None:
    evidence = some_evidence("新建学校12所。", "新修公路86公里。", "招聘教师400名。")
    hits = {1: hit(0.03, dense=(1, 0.87), lexical=(4, 2.5)), 2: hit(0.015, dense=(20, 0.79))}
    first, second, third = rows([read(e, "") for e in evidence], hits=hits)
    names = ("dense", "dense_rank", "lexical", "lexical_rank", "retrieved")
    assert [first[name] for name in names] == pytest.approx([0.7, 20 / 21, 1.0, 20 / 24, 1.0])
    assert [second[name] for name in names] == pytest.approx([-0.1, 20 / 40, 0.0, 0.0, 0.5])
    assert [third[name] for name in names] == [0.0] * 5, "no ranker returned it"


def test_the_rank_for_the_question_without_its_places_and_years_counts_apart() -> None:
    (sentence,) = some_evidence("新建学校12所。")
    (row,) = rows([read(sentence, "")], hits={1: replace(hit(0.02), bare_rank=5)})
    assert (row["bare_rank"], row["dense_rank"]) == (20 / 25, 0.0)


def test_bm25_counts_against_the_best_passage() -> None:
    evidence = some_evidence("新建学校12所。", "新修公路86公里。")
    hits = {1: hit(0.02, lexical=(1, 8.0)), 2: hit(0.02, lexical=(2, 2.0))}
    assert [row["lexical"] for row in rows([read(e, "") for e in evidence], hits=hits)] == [1.0, 0.25]


# What it says of the question


def test_the_share_of_the_questions_pairs_of_characters() -> None:
    # The question's own: 新建 建学 学校; what asks, and the year, is none of them.
    asked = "2031年新建学校多少所？"
    assert one("新建学校12所。", asked=asked, heading=())["said"] == 1.0
    assert one("新建的学校12所。", asked=asked, heading=())["said"] == pytest.approx(2 / 3)
    assert one("新修公路86公里。", asked=asked, heading=())["said"] == 0.0
    assert one("新建學校12所。", asked=asked, heading=())["said"] == 1.0, "in either script"


def test_what_headings_and_title_say_counts_apart() -> None:
    row = one("共12座。", asked="新建学校？", heading=("一、新建学校",))
    assert (row["said"], row["said_above"]) == (0.0, 1.0)
    assert (row["weighed"], row["weighed_above"]) == (0.0, 1.0)
    assert one("共12座。", heading=(), title="新建情况")["said_above"] == pytest.approx(1 / 3)


def test_a_word_that_few_sentences_hold_weighs_more() -> None:
    evidence = some_evidence("学校很多。", "学校不少。", "港口很多。", heading=())
    table = rows([read(e, "") for e in evidence], asked="学校、港口？")
    common, rare = math.log(4 / 2.5), math.log(4 / 1.5)  # 学校 in two of three, 港口 in one
    total = common + rare
    assert [row["weighed"] for row in table] == pytest.approx([common / total, common / total, rare / total])


@pytest.mark.parametrize(
    ("found", "near"),
    [
        ("12所", 1.0),  # its clause says 新建 and 学校
        ("86公里", 1.0),  # the clause before it does
        ("400名", 0.0),  # that is two clauses away
        ("", 1.0),  # no span: the whole sentence is near
    ],
)
def test_what_the_clause_of_the_span_and_the_one_before_say_of_the_question(found: str, near: float) -> None:
    row = one("新建学校12所，新修公路86公里，招聘教师400名。", found, asked="新建学校？", heading=())
    assert (row["said"], row["said_near"], row["weighed_near"]) == (1.0, near, near)


def test_near_a_span_is_no_more_than_a_few_words() -> None:
    far = "新建学校" + "和" * NEAR + "12所。"
    assert one(far, "12所", asked="新建学校？", heading=())["said_near"] == 0.0
    assert one(far[4:], "12所", asked="新建学校？", heading=())["said"] == 0.0


def test_where_the_rarest_word_of_the_question_stands() -> None:
    # 港口 stands in one sentence of three, 学校 in two.
    evidence = [*some_evidence("港口和学校。", "学校很多。", heading=()), *some_evidence("很多。", heading=("港口",))]
    table = rows([read(e, "") for e in evidence], asked="学校、港口？")
    assert [row["weighed_most"] for row in table] == [1.0, 0.0, 0.5]


@pytest.mark.parametrize(("found", "repeats"), [("学校", 1.0), ("12所", 0.0), ("", 0.0), ("新", 0.0)])
def test_a_span_that_stands_in_the_question_repeats_it(found: str, repeats: float) -> None:
    assert one("新建学校12所。", found)["repeats"] == repeats
    assert one("新建學校12所。", found.replace("学", "學"))["repeats"] == repeats


# Whether it is of the type


@pytest.mark.parametrize(
    ("asked", "text", "found", "of_span", "of_sentence"),
    [
        ("新建学校多少所？", "新建学校12所。", "12所", 1.0, 1.0),
        ("新建学校多少所？", "新建学校12所。", "学校", -1.0, 1.0),
        ("新建学校多少所？", "新建学校。", "学校", -1.0, -1.0),
        ("新建学校多少所？", "新建学校12所。", "", -1.0, 1.0),
        ("新建学校多少所？", "投资12万元。", "12万元", -1.0, -1.0),  # a figure of another unit
        ("新建学校的情况", "新建学校12所。", "学校", 0.0, 0.0),  # of no type
        ("新建了学校吗？", "新建学校12所。", "12所", 0.0, 0.0),  # any statement may be a yes or a no
    ],
)
def test_the_type_of_span_and_sentence(asked: str, text: str, found: str, of_span: float, of_sentence: float) -> None:
    row = one(text, found, asked=asked)
    assert (row["type_span"], row["type_sentence"]) == (of_span, of_sentence)


# Whose it is


PLACES = ("place_same", "place_other", "place_outer", "place_inner")
YEARS = ("year_same", "year_other", "year_neighbour")


@pytest.mark.parametrize(
    ("named", "about", "place"),
    [
        (NamedScope(("海州市",), ()), {}, "place_same"),
        (NamedScope(("临川县",), ()), {}, "place_other"),
        (NamedScope(("海州市",), ()), {"place": ""}, ""),  # unknown is not other
        (NOTHING_NAMED, {}, ""),
        (NamedScope((), (), ("杭州市",)), {"place": "浙江省"}, "place_outer"),
        (NamedScope((), (), ("浙江省",)), {"place": "杭州市"}, "place_inner"),
    ],
)
def test_how_the_place_stands_to_the_one_asked_for(named: NamedScope, about: dict[str, object], place: str) -> None:
    row = one("新建学校12所。", named=named, **about)
    assert [name for name in PLACES if row[name]] == ([place] if place else [])
    assert {row[name] for name in PLACES} <= {0.0, 1.0}


@pytest.mark.parametrize(
    ("year", "about", "relation"),
    [
        (2031, {}, "year_same"),
        (2035, {}, "year_other"),
        (2030, {}, "year_neighbour"),
        (2031, {"years": ()}, ""),
    ],
)
def test_how_the_year_stands_to_the_one_asked_for(year: int, about: dict[str, object], relation: str) -> None:
    row = one("新建学校12所。", named=NamedScope((), (year,)), **about)
    assert [name for name in YEARS if row[name]] == ([relation] if relation else [])


@pytest.mark.parametrize(
    ("text", "same", "other"),
    [
        ("海政发〔2030〕12号规定了学校。", 1.0, 0.0),
        ("海政发〔2030〕0012号规定了学校。", 0.0, 1.0),  # alike is not the same
        ("海政发〔2030〕15号规定了学校。", 0.0, 1.0),
        ("新建学校12所。", 0.0, 0.0),
    ],
)
def test_an_identifier_that_the_question_names(text: str, same: float, other: float) -> None:
    row = one(text, asked="海政发〔2030〕12号规定了什么？", heading=())
    assert (row["identifier_same"], row["identifier_other"]) == (same, other)
    plain = one(text, heading=())
    assert (plain["identifier_same"], plain["identifier_other"]) == (0.0, 0.0), "where the question names none"


@pytest.mark.parametrize(
    ("place", "year", "elsewhere"),
    [
        ("same", "same", False),
        ("other", "same", True),
        ("same", "other", True),
        ("unknown", "unknown", False),
        ("outer", "neighbour", False),
    ],
)
def test_elsewhere_is_another_place_or_another_year(place: str, year: str, *, elsewhere: bool) -> None:
    (sentence,) = some_evidence("新建学校12所。")
    related = replace(relations(NOTHING_NAMED, sentence), place=PlaceRelation(place), year=YearRelation(year))
    assert related.is_elsewhere is elsewhere


# What it looks like


def test_length_heading_and_cells() -> None:
    assert one("新建学校12所。")["length"] == pytest.approx(math.log(9) - 4)
    assert one("一、建设")["heading"] == 1.0
    assert one("新建学校12所。")["heading"] == 0.0
    assert (one("学校｜12所")["cells"], one("学校12所。")["cells"]) == (1.0, 0.0)
