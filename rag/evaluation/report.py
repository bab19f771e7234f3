"""Results of an evaluation: rates with intervals, overall and by type, and every failure. Asks nothing.

A rate is the sum of hits over the sum of totals; its 95% interval comes from 1,000 bootstrap resamples of the questions
with a fixed seed (percentile method; Efron and Tibshirani 1993, ch. 13).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from rag.batch.run import Record
from rag.evaluation.funnel import STAGES
from rag.evaluation.intervals import interval_of
from rag.evaluation.measures import Share
from rag.text.markers import strip_markers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rag.batch.question_file import GoldQuestion

__all__ = ["MEASURES", "Rate", "Report", "Result", "padded"]

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


_NO_FAILURE = ("answered_wrongly", "citation_precision", "right_document", *STAGES)


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
            if (share.hits > 0 if name == "wrongly_refused" else share.hits < share.total) and name not in _NO_FAILURE
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
