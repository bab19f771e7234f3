"""Build the score sheet of a batch whose question file has expected answers.

A gold set (jsonl, see :func:`rag.batch.question_file.read_gold`) is measured as ``youju eval`` does it, its gold quotes
compared as text. Of a plain table an expected answer is mapped to what a rule can judge: its figures, or the whole of
it where it is short. What no rule can judge is counted and not scored. Knows nothing of Gradio or HTML.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rag.batch.question_file import GoldQuestion, GoldSpan, Question, read_gold
from rag.evaluation.measures import compact
from rag.evaluation.report import Rate, Report, Result
from rag.evaluation.run import score_answers
from rag.text.figures import find_figures

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from rag.batch.run import Record

__all__ = ["Expected", "ScoreSheet", "Unmet", "read_expected", "score"]

SHOWN = ("correct", "refused", "wrongly_refused", "citation_recall", "citation_precision", "figures_cited")
MOST_UNMET = 100
SHORT_CHARS = 12  # an expected answer up to here, without a figure, must stand in the answer as it is
_NAMES = {
    "expected": "expected expected_answer answer gold_answer 标准答案 参考答案 正确答案 答案 预期答案".split(),
    "must": "must_include keywords 必含 关键词 得分点".split(),
    "answerable": "answerable 可回答 能否回答 有无答案".split(),
    "type": "type kind 类型 题型".split(),
    "source": "gold_source source 出处文件 来源文件 文件名".split(),
    "quote": "gold_quote quote 出处原文 原文".split(),
}
_NO = frozenset({"no", "n", "false", "0", "0.0", "否", "不能", "无", "不可", "f", "不可回答"})


@dataclass(frozen=True, slots=True)
class Expected:
    """What a question file expects.

    Attributes:
        gold: Its questions with what is known of them.
        unjudged: Ids of those whose expected answer no rule can judge, or who have none.
        mapped: Whether the expectations were made from plain columns.
    """

    gold: tuple[GoldQuestion, ...]
    unjudged: frozenset[str]
    mapped: bool


@dataclass(frozen=True, slots=True)
class Unmet:
    """A question whose answer falls short: what was expected and found, and the measures it misses."""

    question_id: str
    question: str
    expected: str
    answer: str
    measures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScoreSheet:
    """How the answers of a batch stand to what was expected.

    Attributes:
        n_scored: Questions that are answered and counted here.
        n_questions: Questions of the set.
        n_errors: Questions that ended in an error; they count as not met.
        n_unjudged: Answered questions whose correctness no rule can judge.
        mapped: Whether the expectations were made from plain columns.
        has_places: Whether the file says where answers stand, so that citations can be measured.
        rates: Each measure with its 95% interval.
        by_type: The same for each type of question, with how many there are; empty where there is one type.
        unmet: What fell short, at most a hundred.
        n_unmet: How many fell short in all.
    """

    n_scored: int
    n_questions: int
    n_errors: int
    n_unjudged: int
    mapped: bool
    has_places: bool
    rates: Mapping[str, Rate]
    by_type: Mapping[str, Mapping[str, Rate]]
    unmet: tuple[Unmet, ...]
    n_unmet: int


def read_expected(path: Path, questions: Sequence[Question]) -> Expected | None:
    """What a question file expects; None where it expects nothing.

    Args:
        path: The file.
        questions: What :func:`rag.batch.question_file.read_questions` made of it.

    Raises:
        BatchError: It looks like a gold set and is none; the message names the line.
    """
    names = {name for question in questions for name in question.extra}
    if "abstained" in names:  # answers of ours, dropped as questions: their own answers are no standard
        return None
    is_gold = path.suffix.lower() in (".jsonl", ".ndjson")
    if is_gold and names & {"must_include", "must_not_include", "gold", "answerable"}:
        gold = [_with_answer(question) for question in read_gold(path)]
        return Expected(tuple(gold), frozenset(q.question_id for q in gold if not _can_be_judged(q)), mapped=False)
    columns = {kind: _column(names, kind) for kind in _NAMES}
    if not (columns["expected"] or columns["must"] or columns["answerable"] or columns["quote"]):
        return None
    gold = [_mapped(question, columns) for question in questions]
    return Expected(tuple(gold), frozenset(q.question_id for q in gold if not _can_be_judged(q)), mapped=True)


def score(records: Iterable[Record], expected: Expected) -> ScoreSheet:
    """Measure the answers that are there."""
    by_id = {str(record["id"]): record for record in records}
    answered = [q for q in expected.gold if by_id.get(q.question_id, {}).get("question") == q.question]
    results = score_answers(by_id.values(), answered).results
    judged = tuple(_without_verdict(r) if r.question.question_id in expected.unjudged else r for r in results)
    report = Report(judged)
    kinds: dict[str, list[Result]] = {}
    for result in judged:
        kinds.setdefault(result.question.kind, []).append(result)
    unmet = [_unmet(result) for result in judged if set(result.failures) & set(SHOWN)]
    return ScoreSheet(
        n_scored=len(judged),
        n_questions=len(expected.gold),
        n_errors=sum(bool(r.record.get("error")) for r in judged),
        n_unjudged=sum(r.question.question_id in expected.unjudged for r in judged),
        mapped=expected.mapped,
        has_places=any(question.gold for question in expected.gold),
        rates=_shown(report.rates),
        by_type={k: _shown(Report(tuple(rows)).rates) for k, rows in kinds.items()} if len(kinds) > 1 else {},
        unmet=tuple(unmet[:MOST_UNMET]),
        n_unmet=len(unmet),
    )


def _column(names: Iterable[str], kind: str) -> str:
    """The name of the column of a kind, as the file writes it; empty where there is none."""
    known = {name.strip().lower(): name for name in names}
    return next((known[name] for name in _NAMES[kind] if name in known), "")


def _mapped(question: Question, columns: Mapping[str, str]) -> GoldQuestion:
    """A row of a table as a gold question."""
    cells = {kind: _text(question.extra.get(name, "")) if name else "" for kind, name in columns.items()}
    items = [item for item in cells["must"].replace("；", ";").replace("\n", ";").split(";") if item.strip()]
    gold = (GoldSpan(cells["source"], cells["quote"]),) if cells["quote"] else ()
    made = GoldQuestion(
        question_id=question.question_id,
        question=question.question,
        history=question.history,
        kind=cells["type"] or "fact",
        answerable=cells["answerable"].lower() not in _NO,
        answer=cells["expected"],
        must_include=tuple(tuple(word.strip() for word in item.replace("｜", "|").split("|")) for item in items),
        gold=gold,
    )
    return _with_answer(made)


def _with_answer(question: GoldQuestion) -> GoldQuestion:
    """Where nothing says what an answer must hold, what the expected answer says that a rule can find."""
    if question.must_include or question.must_not_include or not question.answerable:
        return question
    text = question.answer.strip().rstrip("。.;；!！")
    figures = [figure for figure in find_figures(text) if not figure.loose]
    if figures:
        found = tuple((f.text,) if f.kind == "date" else (f.text, f"{f.value.normalize():f}") for f in figures)
    else:
        found = ((text,),) if 0 < len(compact(text)) <= SHORT_CHARS else ()
    return replace(question, must_include=found)


def _can_be_judged(question: GoldQuestion) -> bool:
    return not question.answerable or bool(question.must_include or question.must_not_include)


def _without_verdict(result: Result) -> Result:
    return replace(result, scores={name: share for name, share in result.scores.items() if name != "correct"})


def _unmet(result: Result) -> Unmet:
    answer = str(result.record.get("error") or result.record["answer"])
    measures = tuple(name for name in result.failures if name in SHOWN)
    return Unmet(result.question.question_id, result.question.question, result.question.answer, answer, measures)


def _shown(rates: Mapping[str, Rate]) -> dict[str, Rate]:
    return {name: rates[name] for name in SHOWN if name in rates}


def _text(value: Any) -> str:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        return ";".join("|".join(map(str, item)) if isinstance(item, list) else str(item) for item in value)
    return "" if value is None else str(value).strip()
