"""One judgement of a question that is read in two wordings."""

import math

import pytest

from rag.question.scope import NamedScope
from rag.reading.evidence_reader import CandidateSpan, Side
from rag.reading.two_wordings import AGREED, LEAST_AGREED, TOGETHER, UNSEEN, judge_two_wordings
from rag.retrieval.fusion import agreement, fuse_wordings
from rag.schema.documents import Passage
from rag.schema.search import Evidence, Hit

SENTENCE = Evidence(1, "全市新建学校12所，修公路86公里。", "a.txt", "", "", (), (), 0, 17, score=0.05)
SCHOOLS, ROADS = (6, 9), (13, 17)


def side(*found: tuple[tuple[int, int], float]) -> Side:
    spans = tuple(CandidateSpan(SENTENCE, start, end, 0.0, p, in_scope=True) for (start, end), p in found)
    return Side("", NamedScope((), ()), spans, (), spans[0].probability if spans else 0.0)


def log_odds(p: float) -> float:
    return math.log(p / (1 - p))


def test_the_mean_of_the_log_odds_where_search_agrees():
    (judged,) = judge_two_wordings([side((SCHOOLS, 0.8))], [side((SCHOOLS, 0.2))], agreement=1.0)
    assert log_odds(judged.probability) == pytest.approx(TOGETHER)  # 1.39 and -1.39 make 0
    assert judged.found[0].probability == judged.probability


def test_what_both_find_goes_before_what_one_is_surer_of():
    one, other = side((ROADS, 0.82), (SCHOOLS, 0.7)), side((SCHOOLS, 0.43), (ROADS, 0.12))
    for sides in ((one, other), (other, one)):
        (judged,) = judge_two_wordings(sides[:1], sides[1:], agreement=1.0)
        assert [found.text for found in judged.found] == ["12所", "86公里"]
        assert judged.best is judged.found[0]


def test_what_sets_the_best_apart_counts_in_full():
    (judged,) = judge_two_wordings(
        [side((SCHOOLS, 0.8), (ROADS, 0.3))], [side((SCHOOLS, 0.7), (ROADS, 0.2))], agreement=1.0
    )
    best, second = (log_odds(found.probability) for found in judged.found)
    assert best - second == pytest.approx(log_odds(0.8) - log_odds(0.3) + log_odds(0.7) - log_odds(0.2))


def test_a_span_that_one_wording_finds_alone_is_unlikely():
    (judged,) = judge_two_wordings([side((SCHOOLS, 0.5))], [side((ROADS, 0.3))], agreement=0.9)
    assert judged.best is None
    assert log_odds(judged.probability) == pytest.approx(log_odds(UNSEEN) / 2 + TOGETHER - 0.1 * AGREED)


def test_of_spans_that_overlap_the_likeliest_stands_for_all():
    (judged,) = judge_two_wordings([side(((6, 8), 0.6))], [side((SCHOOLS, 0.9))], agreement=1.0)
    assert [found.text for found in judged.found] == ["12所"]
    assert log_odds(judged.probability) == pytest.approx((log_odds(0.6) + log_odds(0.9)) / 2 + TOGETHER)


@pytest.mark.parametrize(("agreed", "lost"), [(1.0, 0.0), (0.9, 0.1 * AGREED), (0.1, (1 - LEAST_AGREED) * AGREED)])
def test_search_that_does_not_agree_makes_it_less_likely(agreed, lost):
    (judged,) = judge_two_wordings([side((SCHOOLS, 0.5))], [side((SCHOOLS, 0.5))], agreement=agreed)
    assert log_odds(judged.probability) == pytest.approx(TOGETHER - lost)


@pytest.mark.parametrize("other", [0.0, 1.0])
def test_certainty_has_bounds(other):
    (judged,) = judge_two_wordings([side((SCHOOLS, 1.0))], [side((SCHOOLS, other))], agreement=1.0)
    assert 0 < judged.probability < 1


def test_nothing_found_stays_nothing():
    (judged,) = judge_two_wordings([side()], [side()], agreement=1.0)
    assert (judged.found, judged.best, judged.probability) == ((), None, 0.0)


def test_sides_that_do_not_match_are_not_judged():
    assert judge_two_wordings([side((SCHOOLS, 0.8)), side()], [side((SCHOOLS, 0.1))], agreement=0.5) == ()


def hit(number: int, rank: int) -> Hit:
    passage = Passage(number, "a.txt", "", "", (), (), 0, number, "文", number, number + 1, ())
    return Hit(passage, 1.0, rank)


def test_agreement_is_1_where_both_wordings_put_the_same_passage_first():
    same = fuse_wordings([hit(1, 1), hit(2, 2)], [hit(1, 1), hit(3, 2)], 5)
    apart = fuse_wordings([hit(1, 1)], [hit(2, 1)], 5)
    assert agreement(same) == pytest.approx(1)
    assert agreement(apart) == pytest.approx(2 / 3)
    assert agreement([]) == 0
