"""Put an exam to a pipeline and judge each answer by the place that it is known to stand at.

Right is an answer that cites that place and says its figure, or a refusal where nothing is left that could answer; all
else is wrong, a refusal where there was an answer, or an error. Never imported by the pipeline.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest
from random import Random
from typing import Final, Protocol

from rag.config import Config
from rag.errors import BatchError, RagError
from rag.evaluation.exam.make import make_exam
from rag.evaluation.exam.questions import ExamDocument, ExamQuestion, QuestionKind
from rag.evaluation.measures import compact
from rag.index.opening import open_store
from rag.progress import Progress, no_progress
from rag.schema.answers import Answer
from rag.schema.messages import Mode
from rag.schema.search import Hidden
from rag.text.figures import figures_missing
from rag.text.markers import strip_markers

__all__ = ["Outcome", "Sat", "choose_questions", "exam_of_index", "judge", "sit_exam"]

SHARES: Final[dict[QuestionKind, float]] = {
    "asked": 0.4,
    "other_words": 0.2,
    "hidden": 0.2,
    "other_year": 0.1,
    "other_place": 0.1,
}
"""How an exam is made up where the documents allow it: three of five questions can be answered."""
COVERED: Final = 0.5
"""What of a long answer's span (a definition, a list) the citations must cover."""
_WORDED: Final = frozenset({"definition", "list"})


class Outcome(StrEnum):
    """What became of a question."""

    RIGHT = "right"
    WRONG = "wrong"
    REFUSED_RIGHTLY = "refused_rightly"
    REFUSED_WRONGLY = "refused_wrongly"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Sat:
    """A question that was asked.

    Attributes:
        question: The question.
        outcome: How it ended.
        said: The answer, or the reason of a refusal or an error.
        confidence: The answer's confidence; None where it has none.
        seconds: How long it took.
        cited: The first document that the answer cites; empty where it cites none.
    """

    question: ExamQuestion
    outcome: Outcome
    said: str
    confidence: float | None
    seconds: float
    cited: str = ""

    @property
    def answered(self) -> bool:
        """Whether an answer was given."""
        return self.outcome in (Outcome.RIGHT, Outcome.WRONG)


class Examined(Protocol):
    """A pipeline that sits an exam."""

    def ask(self, question: str, *, mode: Mode = "answer", question_id: str = "", hidden: Hidden = ...) -> Answer:
        """Answer a question."""


def exam_of_index(config: Config, *, n_questions: int, seed: int = 0) -> list[ExamQuestion]:
    """Make an exam of what an index holds.

    Args:
        config: The settings; ``config.index`` is the folder.
        n_questions: How many questions at most.
        seed: Chooses questions and wordings.

    Raises:
        CorpusIndexError: There is no index, or it cannot be used.
        BatchError: No question can be made of its documents.
    """
    with closing(open_store(config)) as store:
        documents = [
            ExamDocument(info.source, store.document(info.source).text, tuple(store.document_passages(info.source)))
            for info in store.documents()
        ]
    questions = choose_questions(list(make_exam(documents, seed=seed)), n_questions, seed=seed)
    if not questions:
        raise BatchError(
            f"No question can be made of the {len(documents)} documents in {config.index}: they hold no sentence that "
            "tells a figure, a date, a definition or a list in a form that the rules know. Add documents of prose, or "
            "write questions yourself: youju eval GOLD.jsonl"
        )
    return questions


def choose_questions(questions: Sequence[ExamQuestion], n_questions: int, *, seed: int = 0) -> list[ExamQuestion]:
    """Choose questions of all kinds (:data:`SHARES`) and of as many documents as there are.

    They come in chance order, so that an exam that is interrupted has been one on all documents.
    """
    chosen: list[ExamQuestion] = []
    left = n_questions
    rest = 1.0
    for kind, share in reversed(SHARES.items()):  # what the rare kinds lack is filled up by the common ones
        of_kind = _in_turn([question for question in questions if question.kind == kind], Random(f"{seed} {kind}"))  # noqa: S311
        taken = of_kind[: round(left * share / rest)]
        chosen += taken
        left -= len(taken)
        rest -= share
    Random(seed).shuffle(chosen)  # noqa: S311 - no secret
    return chosen


def _in_turn(questions: Sequence[ExamQuestion], random: Random) -> list[ExamQuestion]:
    """Questions in chance order, one of each document, then a second of each, and so on."""
    by_source: dict[str, list[ExamQuestion]] = defaultdict(list)
    for question in questions:
        by_source[question.source].append(question)
    groups = list(by_source.values())
    random.shuffle(groups)
    for group in groups:
        random.shuffle(group)
    return [question for row in zip_longest(*groups) for question in row if question is not None]


def sit_exam(
    pipeline: Examined,
    questions: Sequence[ExamQuestion],
    *,
    mode: Mode = "quotes",
    progress: Progress = no_progress,
    on_result: Callable[[Sat], None] | None = None,
) -> list[Sat]:
    """Ask every question and judge what comes back.

    Args:
        pipeline: What is examined.
        questions: The exam.
        mode: How to answer.
        progress: Told of every finished question.
        on_result: Called with every result as soon as it is there.

    Returns:
        The results in order. A question that fails is a result with an error, never the end.
    """
    results = []
    progress("asking", 0, len(questions), unit="question")
    for question in questions:
        started = time.perf_counter()
        try:
            answer = pipeline.ask(
                question.question, mode=mode, question_id=question.question_id, hidden=question.hidden
            )
        except RagError as error:
            result = Sat(question, Outcome.ERROR, str(error), None, time.perf_counter() - started)
        else:
            seconds = time.perf_counter() - started
            cited = answer.citations[0].source if answer.citations else ""
            result = Sat(question, judge(question, answer), answer.text, answer.confidence, seconds, cited)
        results.append(result)
        if on_result is not None:
            on_result(result)
        progress("asking", len(results), len(questions), unit="question")
    return results


def judge(question: ExamQuestion, answer: Answer) -> Outcome:
    """How a question ended."""
    if answer.abstained:
        return Outcome.REFUSED_WRONGLY if question.answerable else Outcome.REFUSED_RIGHTLY
    right = _is_right(question, answer) if question.answerable else _told_elsewhere(question, answer)
    return Outcome.RIGHT if right else Outcome.WRONG


def _is_right(question: ExamQuestion, answer: Answer) -> bool:
    """Whether an answer cites the place that the question was made from and says what stands there."""
    covered = sum(
        max(0, min(cite.end, question.end) - max(cite.start, question.start))
        for cite in answer.citations
        if cite.source == question.source
    )
    if question.type in _WORDED:
        return covered >= COVERED * (question.end - question.start)
    return (covered > 0 or _told_elsewhere(question, answer)) and _says(question, answer)


def _says(question: ExamQuestion, answer: Answer) -> bool:
    said = strip_markers(answer.text)
    if question.type == "who":
        return compact(question.answer) in compact(said)
    return compact(question.answer) in compact(said) or not figures_missing(question.answer, said)


def _told_elsewhere(question: ExamQuestion, answer: Answer) -> bool:
    """Whether another document has the very sentence: then it answers as well."""
    if question.kind in ("other_year", "other_place"):
        return False
    sentence = compact(question.sentence)
    return any(sentence in compact(cite.quote) for cite in answer.citations)
