"""One judgement of a question that is read in two wordings."""

import math

import pytest

from rag.confer import AGREED, LEAST_AGREED, LEAST_TOGETHER, TOGETHER, confer
from rag.reading import Found, Side
from rag.retrieve import agreement, fuse_wordings
from rag.schema import Evidence, Hit, Passage
from rag.scope import QuestionScope

SENTENCE = Evidence(1, "全市新建学校12所，修公路86公里。", "a.txt", "", "", (), (), 0, 17, score=0.05)


def side(*probabilities: float) -> Side:
    found = tuple(Found(SENTENCE, 6, 9, 0.0, p, in_scope=True) for p in probabilities)
    return Side("", QuestionScope((), ()), found, (), probabilities[0] if probabilities else 0.0)


def log_odds(p: float) -> float:
    return math.log(p / (1 - p))


def test_the_mean_of_the_log_odds_where_search_agrees():
    (judged,) = confer([side(0.8, 0.3)], [side(0.2)], agreement=1.0)
    # 1.39 and -1.39 make 0.
    assert log_odds(judged.probability) == pytest.approx(TOGETHER)
    assert judged.found[0].probability == judged.probability
    apart = log_odds(judged.found[0].probability) - log_odds(judged.found[1].probability)
    assert apart == pytest.approx(log_odds(0.8) - log_odds(0.3)), "the further ones are less likely by as much"


def test_what_one_wording_finds_alone_is_not_shown():
    alone, both = (confer([side(0.5)], [side(p)], agreement=0.9)[0] for p in (0.01, 0.5))
    assert alone.best is None
    assert both.best is both.found[0]
    assert both.least == LEAST_TOGETHER


@pytest.mark.parametrize(("agreed", "lost"), [(1.0, 0.0), (0.9, 0.1 * AGREED), (0.1, (1 - LEAST_AGREED) * AGREED)])
def test_search_that_does_not_agree_makes_it_less_likely(agreed, lost):
    (judged,) = confer([side(0.5)], [side(0.5)], agreement=agreed)
    assert log_odds(judged.probability) == pytest.approx(TOGETHER - lost)


@pytest.mark.parametrize("other", [0.0, 1.0])
def test_certainty_has_bounds(other):
    (judged,) = confer([side(1.0)], [side(other)], agreement=1.0)
    assert 0 < judged.probability < 1


def test_nothing_found_stays_nothing():
    (judged,) = confer([side()], [side()], agreement=1.0)
    assert (judged.found, judged.best, judged.probability) == ((), None, 0.0)


def test_sides_that_do_not_match_stay_as_they_are():
    sides = (side(0.8), side(0.7))
    assert confer(sides, [side(0.1)], agreement=0.5) == sides


def hit(number: int, rank: int) -> Hit:
    passage = Passage(number, "a.txt", "", "", (), (), 0, number, "文", number, number + 1, ())
    return Hit(passage, 1.0, rank)


def test_agreement_is_1_where_both_wordings_put_the_same_passage_first():
    same = fuse_wordings([hit(1, 1), hit(2, 2)], [hit(1, 1), hit(3, 2)], 5)
    apart = fuse_wordings([hit(1, 1)], [hit(2, 1)], 5)
    assert agreement(same) == pytest.approx(1)
    assert agreement(apart) == pytest.approx(2 / 3)
    assert agreement([]) == 0
