"""The funnel: at which stage an answer is lost."""

from __future__ import annotations

from dataclasses import replace

from rag.batch.question_file import GoldQuestion, GoldSpan
from rag.evaluation.funnel import STAGES, funnel
from rag.evaluation.measures import Share
from rag.retrieval.find_evidence import FoundEvidence
from rag.schema.search import Evidence
from tests.support.fakes import some_evidence
from tests.support.questions import asked, found
from tests.support.rag.decisions import candidate, side

TEXTS = ("全市新建学校12所。", "新修公路86公里。", "改造桥梁9座。", "植树3万棵。", "关闭煤矿2处。")
SENTENCES = some_evidence(*TEXTS)
GOLD = GoldQuestion("q", "关闭煤矿几处？", gold=(GoldSpan("a", TEXTS[4]),))


def was_found(*order: int) -> FoundEvidence:
    """The sentences, as likely as their order tells, the likeliest first."""
    spans = [candidate(SENTENCES[i], "", probability=1 / (n + 2)) for n, i in enumerate(order)]
    return replace(found(asked(GOLD.question), SENTENCES), sides=(side(*spans),))


def cited(evidence: Evidence) -> dict[str, object]:
    return {"source": evidence.source, "start": evidence.start, "end": evidence.end, "quote": evidence.text}


def held(shares: dict[str, Share]) -> list[str]:
    return [name for name in STAGES if shares[name].hits]


def test_an_answer_is_lost_where_it_is_no_longer_among_the_sentences() -> None:
    assert held(funnel(GOLD, was_found(4, 0, 1, 2, 3), [cited(SENTENCES[4])], None)) == [
        "read",
        "best_three",
        "best",
        "shown",
    ]
    assert held(funnel(GOLD, was_found(0, 4, 1, 2, 3), [cited(SENTENCES[0])], None)) == ["read", "best_three"]
    assert held(funnel(GOLD, was_found(0, 1, 2, 4, 3), [], None)) == ["read"]


def test_what_was_not_searched_is_lost_from_the_beginning() -> None:
    assert held(funnel(GOLD, None, [], None)) == []


def test_one_gold_quote_of_two_is_enough() -> None:
    both = replace(GOLD, gold=(*GOLD.gold, GoldSpan("b", "别处的一句话，哪里也找不到。")))
    assert "best" in held(funnel(both, was_found(4, 0), [], None))


def test_only_answerable_questions_with_gold_quotes_are_measured() -> None:
    assert funnel(replace(GOLD, answerable=False), was_found(4), [], None) == {}
    assert funnel(replace(GOLD, gold=()), was_found(4), [], None) == {}
