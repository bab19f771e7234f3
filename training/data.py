"""Reading-comprehension data: a folder of ``*_contexts.jsonl`` and ``*_questions.jsonl``, checked line by line."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["DataError", "Question", "describe", "load_questions"]


class DataError(Exception):
    """The data is not what ``training/README.md`` describes."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question whose answer stands in its context.

    Attributes:
        id: Unique within the folder.
        text: The question.
        context: The paragraph.
        context_id: Its name; questions of one paragraph share it.
        answers: (text, start) of every accepted answer; start counts code points of ``context``.
        dataset: Where it comes from.
        licence: Its licence.
    """

    id: str
    text: str
    context: str
    context_id: str
    answers: tuple[tuple[str, int], ...]
    dataset: str
    licence: str


def load_questions(folder: Path, prefix: str) -> list[Question]:
    """Read ``{prefix}_contexts.jsonl`` and ``{prefix}_questions.jsonl``.

    Raises:
        DataError: A file is missing, or a line is not as described; names the file and the line.
    """
    contexts: dict[str, str] = {}
    for where, line in _lines(folder / f"{prefix}_contexts.jsonl"):
        try:
            contexts[line["context_id"]] = line["text"]
        except (KeyError, TypeError) as error:
            raise DataError(f"{where}: expected context_id and text, found {line!r:.80}.") from error
    questions: dict[str, Question] = {}
    for where, line in _lines(folder / f"{prefix}_questions.jsonl"):
        question = _question(where, line, contexts)
        if question.id in questions:
            raise DataError(f"{where}: a second question has the id {question.id!r}.")
        questions[question.id] = question
    return list(questions.values())


def describe(questions: list[Question]) -> list[str]:
    """One line for each source: name, licence, number of questions; for the model card."""
    counts = Counter((question.dataset, question.licence) for question in questions)
    return [f"{dataset} ({licence}): {n:,} questions" for (dataset, licence), n in sorted(counts.items())]


def _question(where: str, line: Any, contexts: dict[str, str]) -> Question:  # noqa: ANN401 - whatever JSON holds
    try:
        context = contexts[line["context_id"]]
        answers = tuple((answer["text"], int(answer["start"])) for answer in line["answers"])
        for text, start in answers:
            if not text or start < 0 or context[start : start + len(text)] != text:
                raise DataError(f"{where}: the answer {text!r} does not stand at {start} of its context.")
        if not answers:
            raise DataError(f"{where}: it has no answer, and every question must have one.")
        return Question(
            line["id"],
            line["question"],
            context,
            line["context_id"],
            answers,
            line.get("dataset", ""),
            line.get("licence", ""),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{where}: not as training/README.md describes it ({error!r}).") from error


def _lines(path: Path) -> Iterator[tuple[str, Any]]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield f"{path.name}, line {number}", _parsed(line, f"{path}, line {number}")
    except FileNotFoundError as error:
        raise DataError(f"{path} is missing. training/README.md says what the folder must hold.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read: {error}") from error


def _parsed(line: str, where: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise DataError(f"{where}: no JSON ({error.msg} at column {error.colno}).") from error
