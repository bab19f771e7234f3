"""Questions, analysed as the pipeline does it but with the scope given; evidence found; replies written."""

from __future__ import annotations

from collections.abc import Sequence

from rag.generation import Finish, Reply
from rag.question.analysis import QuestionAnalysis, Wording, analyse_wording
from rag.question.kind import is_small_talk
from rag.question.named_document import NamedDocument, asks_what_it_is_about
from rag.question.scope import NOTHING_NAMED, NamedScope
from rag.reading.evidence_reader import SpanReader
from rag.retrieval.budget import Selection
from rag.retrieval.described_place import DescribedPlace
from rag.retrieval.evidence import likeliest_sentences
from rag.retrieval.find_evidence import FoundEvidence
from rag.schema.documents import Part
from rag.schema.messages import Turn
from rag.schema.search import Evidence
from rag.scoring.scorer import Scorer
from rag.scoring.sides import score_sides, together
from rag.text.language import Language, detect_language
from tests.support.scoring import BY_READER


def wording(question: str, named: NamedScope = NOTHING_NAMED) -> Wording:
    return analyse_wording(question, named)


def asked(
    question: str,
    named: NamedScope = NOTHING_NAMED,
    *,
    chinese: str = "",
    language: Language | None = None,
    history: Sequence[Turn] = (),
    document: NamedDocument | None = None,
) -> QuestionAnalysis:
    """A question that stands alone, naming what it is told to name."""
    analysis = QuestionAnalysis(
        question=question,
        history=tuple(history),
        language=language or detect_language(question),
        is_small_talk=is_small_talk(question),
        wording=wording(question, named),
        document=document,
        asks_about_document=asks_what_it_is_about(question),
    )
    return analysis.in_chinese(chinese) if chinese else analysis


def found(
    analysis: QuestionAnalysis,
    evidence: Sequence[Evidence],
    *,
    reader: SpanReader | None = None,
    scorer: Scorer = BY_READER,
    parts: Sequence[Part] = (),
    described_place: DescribedPlace | None = None,
) -> FoundEvidence:
    """A question with the sentences that were found for it, read and scored where there is a reader."""
    selection = Selection(tuple(evidence), (), budget_tokens=0, spent_tokens=0)
    if reader is None:
        return FoundEvidence(analysis, (), selection, None, tuple(parts), (), selection.evidence, described_place)
    readings = tuple(score_sides(wording, evidence, {}, reader=reader, scorer=scorer) for wording in analysis.wordings)
    sides = readings[0] if len(readings) == 1 else together(*readings)
    chosen = likeliest_sentences(sides, evidence, budget_tokens=1000)
    return FoundEvidence(analysis, (), selection, None, tuple(parts), sides, chosen, described_place, readings, scorer)


def reply(text: str, finish: Finish = Finish.STOP) -> Reply:
    return Reply(text, n_prompt_tokens=1, n_new_tokens=1, finish=finish)
