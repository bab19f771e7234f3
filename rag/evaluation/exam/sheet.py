"""The sheet of an exam: right, wrong and refused by kind, type and document; risk against coverage; a limit.

*Coverage* is the share of the questions with an answer that get one; *risk* the share wrong of all answers given, those
to questions without an answer included (El-Yaniv and Wiener 2010, JMLR 11). Pure: results in, tables out.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from statistics import median
from typing import Any, Final, NamedTuple

from rag.evaluation.exam.sitting import Outcome, Sat
from rag.evaluation.report import padded
from rag.index.least_confidence import StoredLimit
from rag.text.untrusted import is_like_formula

__all__ = ["MOST_WRONG", "Point", "Sheet"]

MOST_WRONG: Final = 0.05
LEAST_ANSWERED: Final = 20
"""A limit is chosen only where so many answers reach it: fewer say nothing of a share of one in twenty."""
SHOWN_LIMITS: Final = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
MOST_DOCUMENTS: Final = 20


class Point(NamedTuple):
    """One point of the curve: what is answered, and what of it is wrong, where answers below ``limit`` are refused."""

    limit: float
    coverage: float
    risk: float
    n_answered: int
    n_wrong: int


@dataclass(frozen=True)
class Sheet:
    """Results of an exam, in the order of its questions."""

    results: tuple[Sat, ...]

    @cached_property
    def curve(self) -> tuple[Point, ...]:
        """A point for every confidence that occurs, from none refused upwards."""
        limits = {sat.confidence for sat in self.results if sat.answered and sat.confidence is not None}
        return tuple(self.at(limit) for limit in sorted({0.0, *limits}))

    def at(self, limit: float) -> Point:
        """What is answered at a limit; an answer without a confidence is answered at every one."""
        answers = [s for s in self.results if s.answered and (s.confidence is None or s.confidence >= limit)]
        n_wrong = sum(sat.outcome is Outcome.WRONG for sat in answers)
        n_answerable = sum(sat.question.answerable for sat in self.results)
        covered = sum(sat.question.answerable for sat in answers)
        coverage = covered / n_answerable if n_answerable else 0.0
        return Point(limit, coverage, n_wrong / len(answers) if answers else 0.0, len(answers), n_wrong)

    def limit(self, most_wrong: float = MOST_WRONG) -> Point | None:
        """The lowest limit at which at most this share of the answers is wrong; None where none has enough answers."""
        fit = (point for point in self.curve if point.n_answered >= LEAST_ANSWERED and point.risk <= most_wrong)
        return next(fit, None)

    def stored(self, most_wrong: float = MOST_WRONG) -> StoredLimit | None:
        """The limit with what set it, to be kept beside the index; None where there is none."""
        point = self.limit(most_wrong)
        if point is None:
            return None
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return StoredLimit(point.limit, most_wrong, point.n_answered, point.n_wrong, len(self.results), now)

    @property
    def n_errors(self) -> int:
        """Questions that ended in an error."""
        return sum(sat.outcome is Outcome.ERROR for sat in self.results)

    def table(self) -> str:
        """The sheet as plain text."""
        lines = [*self._counts("how it is asked", lambda sat: sat.question.kind)]
        lines += ["", *self._counts("what is asked for", lambda sat: sat.question.type)]
        lines += ["", *self._counts("document", lambda sat: sat.question.source, most=MOST_DOCUMENTS)]
        lines += ["", *self._curve_table(), "", self.limit_in_words()]
        seconds = [sat.seconds for sat in self.results]
        lines.append(
            f"{len(self.results)} questions, {median(seconds):.2f} s each (median), {sum(seconds):.0f} s in all."
        )
        if self.n_errors:
            lines.append(f"{self.n_errors} of them ended in an error.")
        return "\n".join(lines)

    def limit_in_words(self, most_wrong: float = MOST_WRONG) -> str:
        """The limit as a sentence."""
        point = self.limit(most_wrong)
        if point is None:
            return (
                f"No limit of confidence leaves at most {most_wrong:.0%} wrong with {LEAST_ANSWERED} answers or more. "
                "Ask more questions (--questions), or look at what is wrong (--show)."
            )
        reached = f"{point.n_wrong} of {point.n_answered} answers wrong, {point.coverage:.0%} of what can be answered"
        if point.limit == 0.0:
            return f"No limit is needed for at most {most_wrong:.0%} wrong: {reached} is answered."
        return f"At most {most_wrong:.0%} are wrong from confidence {point.limit:.3f}: {reached} is answered."

    def wrong(self) -> str:
        """Every question that was answered wrongly or refused wrongly, one after the other."""
        failed = [sat for sat in self.results if sat.outcome in (Outcome.WRONG, Outcome.REFUSED_WRONGLY, Outcome.ERROR)]
        return "\n\n".join(_shown(sat) for sat in failed) or "No question failed."

    def to_dict(self) -> dict[str, Any]:
        """The whole sheet, for a file."""
        point = self.limit()
        return {
            "n_questions": len(self.results),
            "outcomes": dict(Counter(sat.outcome.value for sat in self.results)),
            "by_kind": self._by(lambda sat: sat.question.kind),
            "by_type": self._by(lambda sat: sat.question.type),
            "by_document": self._by(lambda sat: sat.question.source),
            "curve": [point._asdict() for point in self.curve],
            "most_wrong": MOST_WRONG,
            "limit": None if point is None else point._asdict(),
            "results": [_record(sat) for sat in self.results],
        }

    def csv(self) -> str:
        """One row a question, for a spreadsheet; a text that it would take for a formula begins with an apostrophe."""
        written = io.StringIO()
        rows = [_row(sat) for sat in self.results]
        writer = csv.DictWriter(written, _COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
        return written.getvalue()

    def _by(self, name_of: Callable[[Sat], str]) -> dict[str, dict[str, int]]:
        counts: dict[str, Counter[str]] = {}
        for sat in self.results:
            counts.setdefault(name_of(sat), Counter())[sat.outcome.value] += 1
        return {name: {each.value: count[each.value] for each in Outcome} for name, count in counts.items()}

    def _counts(self, head: str, name_of: Callable[[Sat], str], *, most: int = 0) -> list[str]:
        """A table of outcomes; of many documents those with the most wrong come first and the rest is counted."""
        counted = sorted(self._by(name_of).items(), key=lambda item: (-item[1]["wrong"], -item[1]["refused_wrongly"]))
        shown = counted[:most] if most else counted
        lines = [padded(head, 34) + f"{'n':>5}{'right':>8}{'wrong':>8}{'refused':>9}{'rightly':>9}{'error':>7}"]
        lines += [_counts_line(name, count) for name, count in shown]
        if len(shown) < len(counted):
            lines.append(f"and {len(counted) - len(shown)} more documents")
        return lines

    def _curve_table(self) -> Iterable[str]:
        yield f"{'confidence from':<17}{'coverage':>10}{'wrong':>8}{'answered':>10}"
        for limit in SHOWN_LIMITS:
            point = self.at(limit)
            yield f"{limit:<17.2f}{point.coverage:>10.2f}{point.risk:>8.2f}{point.n_answered:>10}"


_COLUMNS: Final = (
    "id", "question", "kind", "type", "outcome", "said", "confidence", "cited", "answer", "source", "start", "end",
    "sentence", "seconds",
)  # fmt: skip


def _counts_line(name: str, count: dict[str, int]) -> str:
    short = name if len(name) <= 30 else name[:14] + "…" + name[-14:]
    refused = count["refused_wrongly"]
    cells = (sum(count.values()), count["right"], count["wrong"], refused, count["refused_rightly"], count["error"])
    return padded(short, 34) + "{:>5}{:>8}{:>8}{:>9}{:>9}{:>7}".format(*cells)


def _row(sat: Sat) -> dict[str, Any]:
    question = sat.question
    own = (question.question_id, question.question, question.kind, question.type, sat.outcome.value, sat.said)
    confidence = None if sat.confidence is None else round(sat.confidence, 4)
    known = (question.answer, question.source, question.start, question.end, question.sentence, round(sat.seconds, 3))
    return dict(zip(_COLUMNS, (*own, confidence, sat.cited, *known), strict=True))


def _record(sat: Sat) -> dict[str, Any]:
    question = sat.question
    extra = {"answerable": question.answerable, "hidden": sorted(question.hidden), "wording": question.wording}
    return _row(sat) | extra | {"twins": [list(twin) for twin in question.twins]}


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and is_like_formula(value) else value


def _shown(sat: Sat) -> str:
    question = sat.question
    expected = question.answer if question.answerable else f"a refusal ({question.kind})"
    confidence = "" if sat.confidence is None else f" ({sat.confidence:.2f})"
    lines = [
        f"{sat.outcome.value}{confidence}: {question.question}",
        f"  expected  {expected}",
        f"  said      {sat.said}",
    ]
    return "\n".join([*lines, f"  from      {question.source}: {question.sentence}"])
