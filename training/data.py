"""Reading-comprehension data: a folder of ``*_contexts.jsonl`` and ``*_questions.jsonl``, checked line by line."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from rag.text.language import detect_language

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["DataError", "Question", "describe", "dev_sets", "load_questions", "load_sets", "share_of"]

_QUESTIONS: Final = "_questions.jsonl"
_ONLY_MEASURED: Final = ("_dev", "_test")  # sets whose names end so are never trained on


class DataError(Exception):
    """The data is not what ``training/README.md`` describes."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what answers it in its context, or nothing where nothing does.

    Attributes:
        id: Unique within its set; of all sets, where :func:`load_sets` read it.
        text: The question.
        context: The paragraph.
        context_id: Its name; questions of one paragraph share it.
        answers: (text, start) of every accepted answer; start counts code points of ``context``. Empty where the
            context does not answer.
        dataset: Where it comes from.
        licence: Its licence.
        lang: Language of the context: "zh", "ja", "en" or another of :func:`rag.text.language.detect_language`.
        several: Whether the answers are parts of one, rather than one answer marked in several ways.
    """

    id: str
    text: str
    context: str
    context_id: str
    answers: tuple[tuple[str, int], ...]
    dataset: str
    licence: str
    lang: str = "zh"
    several: bool = False


def share_of(name: str, salt: str) -> float:
    """A number from 0 to 1 that a name always gets."""
    return int(hashlib.sha256(f"{salt}/{name}".encode()).hexdigest()[:8], 16) / 2**32


def load_sets(folder: Path, most: Mapping[str, int], *, seed: int) -> list[Question]:
    """Read all sets of a folder that are there to be trained on, with ids that are unique among all of them.

    Args:
        folder: Holds ``{set}_contexts.jsonl`` and ``{set}_questions.jsonl``.
        most: Most questions of a set, by its name; a set that is not named is taken whole.
        seed: Decides which questions.

    Raises:
        DataError: There is no such set, or a line is not as described.
    """
    names = sorted(path.name.removesuffix(_QUESTIONS) for path in folder.glob(f"*{_QUESTIONS}"))
    names = [name for name in names if not name.endswith(_ONLY_MEASURED) and most.get(name, 1)]
    if not names:
        raise DataError(f"{folder} holds no set to train on. training/README.md says what the folder must hold.")
    questions: list[Question] = []
    for name in names:
        read = sorted(load_questions(folder, name), key=lambda q: share_of(q.id, f"{seed}/{name}"))
        questions += [
            replace(q, id=f"{name}/{q.id}", context_id=f"{name}/{q.context_id}")
            for q in read[: most.get(name, len(read))]
        ]
    return questions


def dev_sets(folder: Path) -> list[str]:
    """Names of the sets of a folder that are there for choosing (``*_dev``)."""
    return sorted(path.name.removesuffix(_QUESTIONS) for path in folder.glob(f"*_dev{_QUESTIONS}"))


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
        if not answers and line.get("answer_type") != "none":
            raise DataError(f"{where}: it has no answer, and its answer_type is not 'none'.")
        return Question(
            line["id"],
            line["question"],
            context,
            line["context_id"],
            answers,
            line.get("dataset", ""),
            line.get("licence", ""),
            detect_language(context),
            line.get("answer_type") == "multi",
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
