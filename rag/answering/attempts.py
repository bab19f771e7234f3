"""Answers that need no generator, tried in the order of certainty: a document, a premise, a sum.

Each attempt takes a case and returns its answer, or None where it is not for it. To add one, write it here and name it
in ``ATTEMPTS``, with the route that tells of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from rag.answering.about_document import about_part, outline
from rag.answering.arithmetic import compute
from rag.answering.case import Case
from rag.answering.columns import needs_whole_column, reckon_column, say_column
from rag.answering.phrases import sentence_in
from rag.answering.premise import judge_premise
from rag.answering.quotation import answered
from rag.answering.refusal import refuse
from rag.answering.steps import Decided, Route
from rag.schema.answers import Answer, AnswerSentence, Citation
from rag.scoring.cells import CERTAIN
from rag.scoring.features import relations
from rag.text.sentences import BETWEEN_CELLS

__all__ = ["ATTEMPTS", "Attempt", "answer_by_rule"]

Attempt: TypeAlias = Callable[[Case], Answer | None]


def about_document(case: Case) -> Answer | None:
    """Say what place and year the document is about that the question names by its title."""
    document = case.asked.document
    if document is None or not case.asked.asks_about_document:
        return None
    about = about_part(document, case.read, language=case.language)
    return _answered(case, *about) if about else None


def outline_of_document(case: Case) -> Answer | None:
    """Name the sections of the only document that is searched, where that is asked."""
    told = outline(case.read, language=case.language) if case.asked.asks_for_outline else None
    return _answered(case, *told) if told else None


def confirm_premise(case: Case) -> Answer | None:
    """Confirm or correct what a yes-or-no question takes for granted, with the sentence that speaks of it."""
    premise = judge_premise(case.asked.for_rules, case.evidence, named=case.asked.named, look_again=case.look_again)
    if premise is None:
        return None
    years = "、".join(map(str, premise.years))
    text = sentence_in(case.language, premise.verdict).format(years=years) + premise.evidence.text
    return _answered(case, (AnswerSentence(text, (1,)),), (Citation.of(1, premise.evidence),))


def calculate(case: Case) -> Answer | None:
    """Compute what is asked for, where both operands were found."""
    computed = compute(case.asked.for_rules, case.sides, language=case.language, evidence=case.read)
    if computed is None:
        return None
    return _answered(case, *computed, confidence=min(side.probability for side in case.sides))


def column_of_table(case: Case) -> Answer | None:
    """Tell what a whole column of a table comes to, where that is asked and all its rows can be reckoned with."""
    result = reckon_column(
        case.asked.query, case.found.tables, lambda row: relations(case.asked.named, row).is_elsewhere
    )
    return _answered(case, *say_column(result, case.language), confidence=CERTAIN) if result else None


def column_not_reckoned(case: Case) -> Answer | None:
    """Refuse to show a row of a table as the largest of all, where the column could not be reckoned with."""
    best = [side.best.evidence for side in case.sides if side.best]
    rows = [row for row in best if BETWEEN_CELLS in row.text]
    return refuse(case) if rows and len(rows) == len(best) and needs_whole_column(case.asked.query) else None


ATTEMPTS: Final[tuple[tuple[Attempt, Route], ...]] = (
    (about_document, Route.ABOUT_DOCUMENT),
    (outline_of_document, Route.ABOUT_DOCUMENT),
    (column_of_table, Route.COMPUTED),
    (column_not_reckoned, Route.REFUSED),
    (confirm_premise, Route.PREMISE),
    (calculate, Route.COMPUTED),
)


def answer_by_rule(case: Case) -> Answer | None:
    """The answer of the first attempt that gives one; None where all leave it to reader and generator."""
    for attempt, route in ATTEMPTS:
        if (answer := attempt(case)) is not None:
            case.tools.observe(Decided(route))
            return answer
    return None


def _answered(
    case: Case,
    sentences: tuple[AnswerSentence, ...],
    citations: tuple[Citation, ...],
    *,
    confidence: float | None = None,
) -> Answer:
    return answered(case.asked, case.evidence, sentences, citations, confidence)
