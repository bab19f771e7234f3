"""Run gold questions through the pipeline and report rates with intervals, by type, with failures.

What a single answer is worth is decided in :mod:`rag.evaluation.measures`. A rate is the sum of hits over the sum of
totals; its 95% interval comes from 1,000 bootstrap resamples of the questions with a fixed seed (percentile method;
Efron and Tibshirani 1993, ch. 13). Is never imported by the pipeline.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from rag.batch.question_file import Question
from rag.batch.run import Asker, Record, answer_or_error
from rag.errors import BatchError, RagError
from rag.evaluation.funnel import STAGES, Observed, funnel
from rag.evaluation.intervals import interval_of
from rag.evaluation.measures import Locate, QuoteAt, Share, make_locator, measure
from rag.progress import Progress, no_progress
from rag.schema.records import to_record
from rag.text.markers import strip_markers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from rag.batch.question_file import GoldQuestion
    from rag.schema.answers import Answer
    from rag.schema.messages import Mode, Turn
    from rag.schema.search import Evidence, Retrieved, Scope

__all__ = ["MEASURES", "Evaluated", "Rate", "Report", "Result", "evaluate", "padded", "score_answers"]

MEASURES = {
    "evidence_recall": "evidence recall",
    "correct": "correct",
    "answered_wrongly": "answered wrongly",
    "refused": "refused (unanswerable)",
    "wrongly_refused": "wrongly refused",
    "citation_recall": "citation recall",
    "citation_precision": "citation precision",
    "right_document": "right document cited",
    "citations_resolve": "citations resolve",
    "figures_cited": "figures in their citation",
    "retrieved": "answer is retrieved",
    "read": "answer is read",
    "best_three": "answer in the best three",
    "best": "answer in the best",
    "shown": "answer is shown",
}
_SHORT = (
    "evidence",
    "correct",
    "wrong",
    "refused",
    "wr.ref",
    "cit.rec",
    "cit.prec",
    "doc",
    "resolve",
    "figures",
    *("",) * 5,
)


_BAD = ("answered_wrongly", "wrongly_refused")
_NO_FAILURE = ("citation_precision", "right_document", *STAGES)


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


class Rate(NamedTuple):
    """A rate over questions with its 95% interval; ``total`` counts what was judged."""

    value: float
    low: float
    high: float
    hits: int
    total: int


@dataclass(frozen=True, slots=True)
class Result:
    """One question, its answer record (with ``evidence`` and ``sentences``) and its measures."""

    question: GoldQuestion
    record: Record
    scores: Mapping[str, Share]

    @property
    def failures(self) -> tuple[str, ...]:
        """The measures that this question does not fully meet; citation precision is no failure by itself."""
        below = [
            name
            for name, share in self.scores.items()
            if (share.hits > 0 if name in _BAD else share.hits < share.total) and name not in _NO_FAILURE
        ]
        return tuple(name for name in MEASURES if name in below)

    def __str__(self) -> str:
        """What was asked, expected and found, for a look at what went wrong."""
        lines = [f"{self.question.question_id} ({self.question.kind}) {', '.join(self.failures) or 'all met'}"]
        lines += [f"  asked     {self.question.question}", f"  expected  {self.question.answer}"]
        if "answer" in self.record:
            lines.append(f"  answered  {self.record['error'] or self.record['answer']}")
        lines += [f"  gold      {span.source}: {span.quote}" for span in self.question.gold]
        lines += [f"  [{c['marker']}]       {c['source']}: {c['quote']}" for c in self.record.get("citations") or []]
        if "evidence_recall" in self.failures:
            lines += [f"  evidence  {item['source']}: {item['text']}" for item in self.record.get("evidence", [])]
        return "\n".join(lines)


@dataclass(frozen=True)
class Report:
    """Results of an evaluation, in the order of the questions."""

    results: tuple[Result, ...]
    retrieval_only: bool = False

    @cached_property
    def rates(self) -> dict[str, Rate]:
        """Every measure that applies, over all questions."""
        return _rates(self.results)

    @cached_property
    def medians(self) -> dict[str, float]:
        """Medians a question: seconds of each stage, sentences and characters of evidence, characters of answer."""
        answered = [r.record for r in self.results if not r.record.get("error")]
        values: dict[str, list[float]] = {}
        for record in answered:
            for name, seconds in (record.get("timings") or {}).items():
                values.setdefault(name, []).extend([] if seconds is None else [seconds])
            if "evidence" in record:
                values.setdefault("evidence_sentences", []).append(len(record["evidence"]))
                values.setdefault("evidence_chars", []).append(sum(len(e["text"]) for e in record["evidence"]))
            if record.get("answer") and not record["abstained"]:
                values.setdefault("answer_chars", []).append(len(strip_markers(record["answer"])))
        return {name: float(median(each)) for name, each in values.items() if each}

    def to_dict(self) -> dict[str, Any]:
        """The whole report, for a file."""
        return {
            "n_questions": len(self.results),
            "n_errors": sum(bool(r.record.get("error")) for r in self.results),
            "retrieval_only": self.retrieval_only,
            "rates": {name: rate._asdict() for name, rate in self.rates.items()},
            "by_type": {
                kind: {name: rate._asdict() for name, rate in _rates(rows).items()}
                for kind, rows in self._by_type().items()
            },
            "medians": self.medians,
            "results": [
                {"id": r.question.question_id, "type": r.question.kind, "failures": list(r.failures)}
                | {"scores": {name: list(share) for name, share in r.scores.items()}, "record": r.record}
                for r in self.results
            ],
        }

    def table(self) -> str:
        """The report as plain text: overall with intervals, per type, medians."""
        lines = [f"{'measure':<28}{'rate':>6}   {'95% interval':<14}{'of':>5}"]
        for name, rate in self.rates.items():
            lines.append(f"{MEASURES[name]:<28}{rate.value:>6.2f}   {rate.low:.2f} - {rate.high:<8.2f}{rate.total:>4}")
        shown = [(name, short) for name, short in zip(MEASURES, _SHORT, strict=True) if short and name in self.rates]
        lines += ["", f"{'type':<18}{'n':>4}" + "".join(f"{short:>9}" for _, short in shown)]
        for kind, results in self._by_type().items():
            rates = _rates(results, with_intervals=False)
            cells = [f"{rates[name].value:>9.2f}" if name in rates else f"{'-':>9}" for name, _ in shown]
            lines.append(padded(kind, 18) + f"{len(results):>4}" + "".join(cells))
        lines += [
            "",
            *(f"{name.replace('_', ' ') + ', median':<28}{each:>8.2f}" for name, each in self.medians.items()),
        ]
        if n_errors := sum(bool(r.record.get("error")) for r in self.results):
            lines.append(f"{n_errors} of {len(self.results)} questions ended in an error and count as not met.")
        return "\n".join(lines)

    def failures(self) -> str:
        """Every question that does not fully meet a measure, one after the other."""
        failed = [str(result) for result in self.results if result.failures]
        return "\n\n".join(failed) or "No question failed."

    def _by_type(self) -> dict[str, list[Result]]:
        kinds: dict[str, list[Result]] = {}
        for result in self.results:
            kinds.setdefault(result.question.kind, []).append(result)
        return kinds


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


def _rates(results: Sequence[Result], *, with_intervals: bool = True) -> dict[str, Rate]:
    rates = {}
    for name in MEASURES:
        shares = [r.scores[name] for r in results if name in r.scores and r.scores[name].total]
        if shares:
            rates[name] = _rate(shares, with_interval=with_intervals)
    return rates


def _rate(shares: Sequence[Share], *, with_interval: bool) -> Rate:
    """The rate over questions, with its interval or with itself in place of it."""
    hits, totals = [share.hits for share in shares], [share.total for share in shares]
    value = sum(hits) / sum(totals)
    low, high = interval_of(hits, totals) if with_interval else (value, value)
    return Rate(value, low, high, sum(hits), sum(totals))


def padded(text: str, width: int) -> str:
    """Text filled up to a width of the terminal, where Chinese characters take two columns."""
    columns = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
    return text + " " * max(1, width - columns)
