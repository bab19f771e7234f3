"""Run gold questions through the pipeline, or judge stored answers to them.

What a single answer is worth is decided in :mod:`rag.evaluation.measures`, what all are worth in
:mod:`rag.evaluation.report`. Is never imported by the pipeline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from rag.batch.question_file import Question
from rag.batch.run import Asker, Record, answer_or_error
from rag.errors import BatchError, RagError
from rag.evaluation.funnel import Observed, funnel
from rag.evaluation.locate import Locate, make_locator
from rag.evaluation.measures import QuoteAt, measure
from rag.evaluation.report import Report, Result
from rag.progress import Progress, no_progress
from rag.schema.records import to_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rag.batch.question_file import GoldQuestion
    from rag.schema.answers import Answer
    from rag.schema.messages import Mode, Turn
    from rag.schema.search import Evidence, Retrieved, Scope

__all__ = ["Evaluated", "evaluate", "score_answers"]


class _Named(Protocol):
    @property
    def source(self) -> str: ...


class Evaluated(Asker, Protocol):
    """A pipeline that can be measured."""

    def gather(self, question: str, *, history: Sequence[Turn] = (), scope: Scope | None = None) -> Retrieved:
        """Find the evidence, without the generator."""

    def quote_at(self, source: str, start: int, end: int) -> str:
        """The cleaned text between two raw offsets of a document."""

    def documents(self) -> Sequence[_Named]:
        """What the index holds."""

    def document_text(self, source: str) -> str:
        """A document's text as it was loaded."""


def evaluate(
    pipeline: Evaluated,
    gold: Sequence[GoldQuestion],
    *,
    retrieval_only: bool = False,
    mode: Mode = "answer",
    with_funnel: bool = False,
    locate: Locate | None = None,
    progress: Progress = no_progress,
    on_result: Callable[[Result], None] | None = None,
) -> Report:
    """Put every gold question to the pipeline and measure what comes back.

    Args:
        pipeline: What is measured.
        gold: Questions whose answers are known.
        retrieval_only: Measure the evidence only; the generator is not used.
        mode: How to answer.
        with_funnel: Measure as well where answers are lost (:mod:`rag.evaluation.funnel`).
        locate: Finds gold quotes in the documents; by default made from the pipeline's documents.
        progress: Told of every finished question.
        on_result: Called with every result as soon as it is there.

    Returns:
        The report. A question that fails is a result with an error, never the end.
    """
    locate = locate or make_locator({d.source: pipeline.document_text(d.source) for d in pipeline.documents()})
    observed = Observed(pipeline) if with_funnel else None
    results = []
    progress("evaluating", 0, len(gold), unit="question")
    for question in gold:
        if retrieval_only:
            result = _retrieve_one(pipeline, question, locate)
        else:
            asked = Question(question.question_id, question.question, question.history)
            record = _full_record(answer_or_error(observed or pipeline, asked, mode=mode))
            scores = measure(question, record, locate=locate, quote_at=pipeline.quote_at)
            if observed:
                scores |= funnel(question, observed.found, record.get("citations") or [], locate)
            result = Result(question, record, scores)
        results.append(result)
        if on_result is not None:
            on_result(result)
        progress("evaluating", len(results), len(gold), unit="question")
    return Report(tuple(results), retrieval_only)


def score_answers(
    records: Iterable[Record],
    gold: Sequence[GoldQuestion],
    *,
    locate: Locate | None = None,
    quote_at: QuoteAt | None = None,
) -> Report:
    """Measure stored answers, e.g. of a batch run; no pipeline is needed.

    Raises:
        BatchError: A gold question has no answer under its id, or one to another question.
    """
    by_id = {str(record["id"]): record for record in records}
    results = []
    for question in gold:
        record = by_id.get(question.question_id)
        if record is None or record["question"] != question.question:
            found = "no answer" if record is None else f"an answer to {record['question'][:60]!r}"
            raise BatchError(
                f"Under {question.question_id!r} the answers hold {found}. Name the answers to this gold set."
            )
        results.append(Result(question, record, measure(question, record, locate=locate, quote_at=quote_at)))
    return Report(tuple(results))


def _retrieve_one(pipeline: Evaluated, question: GoldQuestion, locate: Locate) -> Result:
    try:
        found = pipeline.gather(question.question, history=question.history)
        record: Record = {"evidence": _evidence_dicts(found.evidence), "timings": {"retrieve_seconds": found.seconds}}
    except RagError as error:
        record = {"evidence": [], "error": str(error)}
    scores = measure(question, record | {"abstained": False, "answer": ""}, locate=locate)
    return Result(question, record, {name: share for name, share in scores.items() if name == "evidence_recall"})


def _full_record(answer: Answer) -> Record:
    """The record of a batch run, with what only the live answer has."""
    sentences = [to_record(sentence) for sentence in answer.sentences]
    shown = {"sentences": sentences, "evidence": _evidence_dicts(answer.evidence), "reply": answer.reply}
    return answer.to_dict() | shown


def _evidence_dicts(evidence: Iterable[Evidence]) -> list[dict[str, Any]]:
    return [
        {"source": e.source, "start": e.start, "end": e.end, "heading": list(e.heading), "text": e.text}
        for e in evidence
    ]
