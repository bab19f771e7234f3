"""What was quoted and what was written, to be held against each other."""

from __future__ import annotations

from rag.answering.citing import cite
from rag.answering.quotation import Quotation, quote
from rag.question.scope import NOTHING_NAMED, NamedScope
from rag.reading.evidence_reader import ReadSpan
from rag.schema.answers import Answer
from rag.schema.search import Evidence
from rag.scoring.features import relations
from rag.scoring.sides import MANY, CandidateSpan, Side
from tests.support.fakes import some_evidence
from tests.support.questions import asked
from tests.support.questions import reply as written_reply

FACT, LIST = "新建学校多少所？", "开展了哪些工作？"

SCHOOLS, ROADS, CHECKS = "全市新建学校12所。", "全市新修公路86公里。", "落实司机自查、班组互查、站点抽查制度。"

SECTION = some_evidence(SCHOOLS, ROADS, CHECKS)

SURE, UNLIKELY, THRESHOLD = 0.9, 0.1, 0.3


def candidate(
    evidence: Evidence, found: str, *, probability: float = SURE, named: NamedScope = NOTHING_NAMED, score: float = 0.0
) -> CandidateSpan:
    """A span of a sentence, as likely as is told; empty where nothing is named."""
    start = evidence.text.index(found)
    return CandidateSpan(ReadSpan(evidence, start, start + len(found), score), probability, relations(named, evidence))


def span(text: str, found: str, *, probability: float = SURE) -> CandidateSpan:
    """A span of one of the sentences above."""
    (one,) = [e for e in SECTION if e.text == text]
    return candidate(one, found, probability=probability)


def side(*found: CandidateSpan, named: NamedScope = NOTHING_NAMED, asked: str = FACT) -> Side:
    return Side(asked, named, found, THRESHOLD, 0.5, MANY)


def written(reply: str, query: str = FACT) -> Answer:
    return cite(asked(query), written_reply(reply), SECTION)


def quotation(*sides: Side, query: str = FACT) -> Quotation:
    return quote(asked(query), SECTION, SECTION, sides=sides)
