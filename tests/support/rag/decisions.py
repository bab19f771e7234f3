"""What was quoted and what was written, to be held against each other."""

from __future__ import annotations

from rag.answering.arbitration import (
    FAINT,
)
from rag.answering.citing import cite
from rag.answering.quotation import Quotation, quote
from rag.question.scope import NamedScope
from rag.reading.evidence_reader import LEAST_PROBABILITY, CandidateSpan, Side
from rag.schema.answers import Answer
from tests.support.fakes import some_evidence
from tests.support.questions import asked
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


def side(*found: CandidateSpan) -> Side:
    return Side(FACT, ANYWHERE, found, (), found[0].probability if found else 0.0)


def written(reply: str, query: str = FACT) -> Answer:
    return cite(asked(query), written_reply(reply), SECTION)


def quotation(*sides: Side, query: str = FACT) -> Quotation:
    return quote(asked(query), SECTION, sides=sides)
