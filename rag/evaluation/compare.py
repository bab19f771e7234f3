"""Compare two sets of answers to the same gold questions: rates, differences, what flipped. No IO.

What an answer is worth is decided in :mod:`rag.evaluation.measures`. Only questions that both sets answer are compared,
so that the difference is between answers and not between questions. The 95% interval of the difference in correctness
comes from resampling the questions in pairs: both answers to a question are drawn together, which leaves the luck of
which questions were drawn out of the difference (percentile method; Efron and Tibshirani 1993, ch. 13 and 16.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from rag.errors import BatchError
from rag.evaluation.intervals import interval_of
from rag.evaluation.report import padded
from rag.evaluation.run import score_answers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rag.batch.question_file import GoldQuestion
    from rag.batch.run import Record
    from rag.evaluation.locate import Locate
    from rag.evaluation.report import Result

__all__ = ["Comparison", "Difference", "Pair", "compare_answers"]

COMPARED = ("correct", "refused", "wrongly_refused", "citation_recall")
MOST_NAMED = 20  # ids in one line of the table; the JSON has all


class Difference(NamedTuple):
    """What B's rate is above A's, with the 95% interval of that; ``total`` counts the questions judged."""

    value: float
    low: float
    high: float
    total: int


@dataclass(frozen=True, slots=True)
class Pair:
    """One question and its two results."""

    a: Result
    b: Result

    @property
    def question(self) -> GoldQuestion:
        """What was asked."""
        return self.a.question

    @property
    def flip(self) -> Literal["+", "-", ""]:
        """``+`` where B is right and A was wrong, ``-`` the other way; right is refused where nothing answers."""
        name = "correct" if self.question.answerable else "refused"
        before, after = self.a.scores[name].hits, self.b.scores[name].hits
        if before == after:
            return ""
        return "+" if after > before else "-"

    def to_dict(self) -> dict[str, Any]:
        """A flipped question, for a file."""
        question = self.question
        told = {"id": question.question_id, "type": question.kind, "question": question.question, "flip": self.flip}
        return told | {"expected": question.answer, "a": _told(self.a), "b": _told(self.b)}

    def __str__(self) -> str:
        """What was asked and what each answered."""
        question = self.question
        lines = [f"{self.flip or '='} {question.question_id} ({question.kind}) {_one_line(question.question)}"]
        if question.answer:
            lines.append(f"    expected  {_one_line(question.answer)}")
        return "\n".join([*lines, f"    A  {_told(self.a)}", f"    B  {_told(self.b)}"])


@dataclass(frozen=True)
class Comparison:
    """Two sets of answers against one gold set, in the order of its questions.

    Attributes:
        pairs: The questions that both answer.
        names: What the two sets are called.
        only_a: Ids of gold questions that A alone answers.
        only_b: Likewise B.
        neither: Ids of gold questions that neither answers.
    """

    pairs: tuple[Pair, ...]
    names: tuple[str, str] = ("A", "B")
    only_a: tuple[str, ...] = ()
    only_b: tuple[str, ...] = ()
    neither: tuple[str, ...] = ()

    @cached_property
    def flips(self) -> tuple[Pair, ...]:
        """The questions that one gets right and the other wrong."""
        return tuple(pair for pair in self.pairs if pair.flip)

    def to_dict(self) -> dict[str, Any]:
        """The whole comparison, for a file."""
        return {
            "a": self.names[0],
            "b": self.names[1],
            "n_questions": len(self.pairs),
            "left_out": {"only_a": list(self.only_a), "only_b": list(self.only_b), "neither": list(self.neither)},
            "all": _row_dict(self.pairs),
            "by_type": {kind: _row_dict(pairs) for kind, pairs in self._by_type().items()},
            "flips": [pair.to_dict() for pair in self.flips],
        }

    def table(self) -> str:
        """Rates of both as plain text, over all questions and by type; then what was left out."""
        lines = [f"A  {self.names[0]}", f"B  {self.names[1]}", ""]
        lines.append(
            f"{'type':<18}{'n':>4}{'correct A':>11}{'B':>6}{'B - A':>7}  {'95% interval':<16}"
            f"{'refused A':>11}{'B':>6}{'wrongly A':>11}{'B':>6}{'cit.rec A':>11}{'B':>6}"
        )
        lines += [_row("all", self.pairs), *(_row(kind, pairs) for kind, pairs in self._by_type().items())]
        told = ((self.only_a, "only A answers"), (self.only_b, "only B answers"), (self.neither, "neither answers"))
        left_out = [f"Left out, since {why}: {len(ids)} ({_listed(ids)})" for ids, why in told if ids]
        return "\n".join([*lines, *([""] if left_out else []), *left_out])

    def flipped(self) -> str:
        """Every question that one gets right and the other wrong, one after the other."""
        if not self.flips:
            return "No question flipped."
        n_better = sum(pair.flip == "+" for pair in self.flips)
        head = f"{n_better} right in B alone (+), {len(self.flips) - n_better} right in A alone (-)"
        return "\n\n".join([head, *map(str, self.flips)])

    def _by_type(self) -> dict[str, tuple[Pair, ...]]:
        kinds: dict[str, tuple[Pair, ...]] = {}
        for pair in self.pairs:
            kinds[pair.question.kind] = (*kinds.get(pair.question.kind, ()), pair)
        return kinds


def compare_answers(
    a: Iterable[Record],
    b: Iterable[Record],
    gold: Sequence[GoldQuestion],
    *,
    names: tuple[str, str] = ("A", "B"),
    locate: Locate | None = None,
) -> Comparison:
    """Measure two sets of stored answers against the same gold questions.

    Args:
        a: Records of the first set, as ``youju batch`` or ``youju eval --out`` writes them.
        b: Records of the second.
        gold: Questions whose answers are known; answers to other questions are passed over.
        names: What to call the two sets, in messages too.
        locate: Finds gold quotes in the documents; without it they are compared as text.

    Returns:
        The comparison, over the questions that both answer.

    Raises:
        BatchError: No gold question is answered by both, an id stands for another question, or a record is malformed.
    """
    sets = [{str(record["id"]): record for record in records} for records in (a, b)]
    asked = [question.question_id for question in gold]
    shared = [question for question in gold if all(question.question_id in records for records in sets)]
    if not shared:
        counts = [sum(each in records for each in asked) for records in sets]
        raise BatchError(
            f"No question of the gold set is answered by both: of its {len(gold)} questions, {names[0]} answers "
            f"{counts[0]} and {names[1]} {counts[1]}. Name two files of answers to the same gold set."
        )
    before, after = (
        [_scored(records[question.question_id], question, name, locate) for question in shared]
        for records, name in zip(sets, names, strict=True)
    )
    return Comparison(
        tuple(Pair(one, other) for one, other in zip(before, after, strict=True)),
        names,
        only_a=tuple(each for each in asked if each in sets[0] and each not in sets[1]),
        only_b=tuple(each for each in asked if each in sets[1] and each not in sets[0]),
        neither=tuple(each for each in asked if each not in sets[0] and each not in sets[1]),
    )


def _scored(record: Record, question: GoldQuestion, name: str, locate: Locate | None) -> Result:
    try:
        return score_answers([record], [question], locate=locate).results[0]
    except BatchError as error:
        raise BatchError(f"{name}: {error}") from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:  # a file that another program wrote
        raise BatchError(
            f"{name}: the answer {question.question_id!r} is malformed ({type(error).__name__}: {error}). "
            "Name a file that youju batch or youju eval --out wrote."
        ) from error


def _share(pairs: Sequence[Pair], name: str) -> tuple[float, float, int] | None:
    """The rates of A and of B, and out of how many; None where the measure applies to no question."""
    shares = [[pair.a.scores[name], pair.b.scores[name]] for pair in pairs if name in pair.a.scores]
    total = sum(each.total for each, _ in shares)
    if not total:
        return None
    return sum(each.hits for each, _ in shares) / total, sum(each.hits for _, each in shares) / total, total


def _difference(pairs: Sequence[Pair]) -> Difference | None:
    """How many more of the answerable questions B gets right; None where none is answerable."""
    judged = [pair for pair in pairs if "correct" in pair.a.scores]
    if not judged:
        return None
    gains = [pair.b.scores["correct"].hits - pair.a.scores["correct"].hits for pair in judged]
    low, high = interval_of(gains, [1] * len(gains))
    return Difference(sum(gains) / len(gains), low, high, len(gains))


def _row(kind: str, pairs: Sequence[Pair]) -> str:
    cells = {name: _cells(_share(pairs, name)) for name in COMPARED}
    gain = _difference(pairs)
    told = f"{gain.value:>+7.2f}  {f'{gain.low:+.2f} to {gain.high:+.2f}':<16}" if gain else f"{'-':>7}  {'':<16}"
    rest = "".join(cells[name] for name in COMPARED if name != "correct")
    return padded(kind, 18) + f"{len(pairs):>4}" + cells["correct"] + told + rest


def _cells(share: tuple[float, float, int] | None) -> str:
    return f"{share[0]:>11.2f}{share[1]:>6.2f}" if share else f"{'-':>11}{'-':>6}"


def _row_dict(pairs: Sequence[Pair]) -> dict[str, Any]:
    row: dict[str, Any] = {"n": len(pairs)}
    for name in COMPARED:
        if share := _share(pairs, name):
            row[name] = dict(zip(("a", "b", "total"), share, strict=True))
    if gain := _difference(pairs):
        row["difference"] = gain._asdict()
    return row


def _told(result: Result) -> str:
    """What was answered, on one line; a refusal and an error say that they are one."""
    record: Mapping[str, Any] = result.record
    if record["error"]:
        return f"(error) {_one_line(record['error'])}"
    return f"{'(refused) ' if record['abstained'] else ''}{_one_line(record['answer'])}".strip()


def _one_line(text: object) -> str:
    return " ".join(str(text).split())


def _listed(ids: Sequence[str]) -> str:
    more = f", and {len(ids) - MOST_NAMED} more" if len(ids) > MOST_NAMED else ""
    return ", ".join(ids[:MOST_NAMED]) + more
