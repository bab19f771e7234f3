"""What was read, scored: the order of the sentences, the sides of a question, two wordings as one."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from rag.question.relation import PlaceRelation, YearRelation
from rag.question.scope import NOTHING_NAMED, NamedScope
from rag.scoring.features import FEATURES
from rag.scoring.sides import FEW, Side, score_side, score_sides, together
from tests.support.fakes import ScriptedReader, some_evidence
from tests.support.questions import wording
from tests.support.rag.decisions import candidate
from tests.support.scoring import BY_READER, IN_SCOPE, chosen, scorer

ASKED = "新建学校多少所？"
SECTION = some_evidence("全市新建学校12所。", "新修公路86公里。", "招聘教师400名。")


def likely(score: float) -> float:
    return 1 / (1 + math.exp(-score))


def numbers(side: Side) -> list[int]:
    return [span.evidence.number for span in side.found]


# One side


def test_every_sentence_is_there_once_the_likeliest_first() -> None:
    reader = ScriptedReader({"400名": 1.0, "12所": 3.0, "学校": 2.0})
    side = score_side(ASKED, NOTHING_NAMED, SECTION, {}, reader=reader, scorer=BY_READER)
    assert [(span.evidence.number, span.text) for span in side.found] == [(1, "12所"), (3, "400名"), (2, "")]
    assert [span.probability for span in side.found] == pytest.approx(chosen(3, 1, -20))
    assert (side.asked, side.named, side.threshold) == (ASKED, NOTHING_NAMED, 0.3)
    assert side.best is side.found[0]
    assert side.probability == pytest.approx(chosen(3, 1, -20)[0])


def test_the_order_is_that_of_the_probabilities_and_not_of_the_reader() -> None:
    by_wording = scorer(read=1.0, said=5.0)
    reader = ScriptedReader({"86公里": 4.0, "12所": 1.0})
    side = score_side(ASKED, NOTHING_NAMED, SECTION, {}, reader=reader, scorer=by_wording)
    assert numbers(side) == [1, 2, 3]
    assert side.found[0].features[FEATURES.index("said")] == 1.0
    worths = [
        sum(span.features[FEATURES.index(name)] * n for name, n in (("read", 1), ("said", 5))) for span in side.found
    ]
    assert side.found[0].probability == pytest.approx(chosen(*worths)[0])


def test_of_equally_likely_sentences_the_first_of_the_document_comes_first() -> None:
    side = score_side(ASKED, NOTHING_NAMED, SECTION, {}, reader=ScriptedReader(), scorer=scorer())
    assert numbers(side) == [1, 2, 3]


def test_a_sentence_of_another_place_or_year_stands_back_and_is_told_to_be_one() -> None:
    there = some_evidence("新建学校30所。", place="临川县", years=(2025,), source="b.txt", after=SECTION)
    named = NamedScope(("海州市",), (2031,))
    reader = ScriptedReader({"30所": 9.0, "12所": 1.0})
    side = score_side(ASKED, named, there, {}, reader=reader, scorer=IN_SCOPE)
    assert side.found[0].text == "12所"
    (far,) = [span for span in side.found if span.text == "30所"]
    assert (far.relations.place, far.relations.year) == (PlaceRelation.OTHER, YearRelation.OTHER)
    assert far.is_elsewhere
    assert not side.found[0].is_elsewhere


def test_a_sentence_that_is_too_unlikely_is_no_best_one() -> None:
    unsure = score_side(ASKED, NOTHING_NAMED, SECTION, {}, reader=ScriptedReader({"12所": -1.0}), scorer=BY_READER)
    assert (unsure.best, unsure.probability) == (None, pytest.approx(likely(-1)))
    assert replace(unsure, threshold=0.25).best is unsure.found[0]


def test_without_sentences_nothing_is_found() -> None:
    side = score_side(ASKED, NOTHING_NAMED, [], {}, reader=ScriptedReader({"12所": 3.0}), scorer=BY_READER)
    assert (side.found, side.best, side.probability) == ((), None, 0.0)


# Several sides


def test_each_side_is_read_and_scored_for_itself() -> None:
    evidence = some_evidence("全县新建学校30所。", place="临川县", source="b.txt", after=SECTION)
    reader = ScriptedReader({"12所": 3.0, "30所": 2.0})
    asked = wording("海州市和临川县新建学校多少所？", NamedScope(("海州市", "临川县"), ()))
    here, there = score_sides(asked, evidence, {}, reader=reader, scorer=IN_SCOPE)
    assert reader.asked == [here.asked, there.asked]
    assert (here.named.places, there.named.places) == (("海州市",), ("临川县",))
    assert (here.found[0].text, there.found[0].text) == ("12所", "30所")


# Two wordings as one


def side(*probabilities: float, asked: str = ASKED) -> Side:
    """The sentences of the section in their order, each as likely as is told."""
    found = [candidate(e, "", probability=p) for e, p in zip(SECTION, probabilities, strict=False)]
    return Side(asked, NOTHING_NAMED, tuple(sorted(found, key=lambda span: -span.probability)), 0.3)


def test_a_sentence_is_as_likely_as_by_the_surer_wording() -> None:
    for sides in ((side(0.8, 0.3), side(0.2, 0.9)), (side(0.2, 0.9), side(0.8, 0.3))):
        (joined,) = together(sides[:1], sides[1:])
        assert [span.probability for span in joined.found] == [0.9, 0.8]
        assert numbers(joined) == [2, 1]


def test_the_span_is_the_surer_wordings() -> None:
    (schools, *_) = SECTION
    one = Side("甲", NOTHING_NAMED, (candidate(schools, "学校", probability=0.4),), 0.3)
    other = Side("乙", NOTHING_NAMED, (candidate(schools, "12所", probability=0.9),), 0.3)
    (joined,) = together([one], [other])
    assert (joined.asked, joined.found[0].text) == ("甲", "12所")


def test_a_sentence_that_the_other_wording_does_not_have_keeps_its_probability() -> None:
    (joined,) = together([side(0.8, 0.4)], [side(0.8)])
    assert [span.probability for span in joined.found] == pytest.approx([0.8, 0.4])


def test_nothing_found_stays_nothing() -> None:
    (joined,) = together([side()], [side()])
    assert (joined.found, joined.best, joined.probability) == ((), None, 0.0)


def test_where_they_have_different_numbers_of_sides_the_surer_wording_stands_alone() -> None:
    two, one = [side(0.2), side(0.6)], [side(0.5)]
    assert together(two, one) == tuple(two)
    assert together(one, two) == tuple(two)
    assert together([side(0.7)], two) == (side(0.7),)


def test_what_many_sentences_say_alike_is_as_sure_as_what_one_says() -> None:
    many = some_evidence(*(f"全市新建学校12所（{n}）。" for n in range(20)))
    found = tuple(candidate(one, "12所", probability=0.045) for one in many)
    side = Side(ASKED, NOTHING_NAMED, found, 0.5, 0.3)
    assert side.probability == pytest.approx(0.9)
    assert len(side.shown) == FEW
