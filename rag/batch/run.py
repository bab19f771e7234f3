"""Question sets in, one JSON line an answer out; interrupted at any time, the same call continues.

Each answer is on disk before the next question is begun. A line that a kill tore is cut off, kept beside the file
(``ANSWERS.jsonl.torn``), and its question asked again. Records end up in the order of the questions. A hidden lock file
beside the answers keeps two runs apart; it stays, since removing it would be a race. Knows nothing of retrieval.
"""

from __future__ import annotations

import json
import logging
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, TypeAlias

from filelock import FileLock, Timeout

from rag.errors import BatchError, RagError
from rag.files import draft_of, writing_to
from rag.progress import Progress, no_progress
from rag.schema.answers import Answer, Timings
from rag.schema.messages import Mode, Turn
from rag.schema.search import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from rag.batch.question_file import Question

__all__ = ["Asker", "BatchSummary", "Record", "answer_or_error", "read_answers", "run_batch"]

Record: TypeAlias = "dict[str, Any]"
"""An answer as :meth:`rag.schema.answers.Answer.to_dict` writes it, and of a batch run its ``mode``."""

_FIELDS = {"id", "question", "answer", "abstained", "citations", "error"}
_START = b'{"id"'
_log = logging.getLogger(__name__)


class Asker(Protocol):
    """What answers a question."""

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        scope: Scope | None = None,
        mode: Mode = "answer",
        question_id: str = "",
    ) -> Answer:
        """Answer one question."""


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """How a run ended.

    Attributes:
        out: The file of answers.
        n_questions: Questions of the set.
        n_answered: Asked in this run, failed ones included.
        n_kept: Found in the file and not asked again.
        n_errors: Records of the set that hold an error.
        interrupted: Whether the run was stopped by hand.
        seconds: Duration of this run.
    """

    out: Path
    n_questions: int
    n_answered: int
    n_kept: int
    n_errors: int
    interrupted: bool
    seconds: float

    def __str__(self) -> str:
        """The summary as a person reads it, with what can be done next."""
        n_left = self.n_questions - self.n_answered - self.n_kept
        text = f"{self.n_answered} answered in {self.seconds:.0f} s, {self.n_kept} were there already, "
        text += f"{self.n_errors} failed: {self.out}"
        if self.interrupted:
            text += f"\nInterrupted with {n_left} to go. The same command continues where this one stopped."
        elif self.n_errors:
            text += "\nThe records that failed say why under 'error'; --retry-errors asks them again."
        return text


def run_batch(
    pipeline: Asker,
    questions: Sequence[Question],
    out: Path,
    *,
    progress: Progress = no_progress,
    retry_errors: bool = False,
    mode: Mode = "answer",
    stopped: Callable[[], bool] = lambda: False,
) -> BatchSummary:
    """Answer a question set.

    Args:
        pipeline: What answers.
        questions: The set; ids differ.
        out: The file of answers; an existing one is continued.
        progress: Told of every finished question.
        retry_errors: Ask again what failed in an earlier run.
        mode: How to answer; a file that was begun in another mode is not continued.
        stopped: Looked at before every question; once true, the run ends as by Ctrl-C. A question that fails while
            it is true is not recorded: it was given up, and is asked when the run is continued.

    Returns:
        What was done; after Ctrl-C too, with every finished answer on disk.

    Raises:
        BatchError: The file is in use, holds something else or answers in another mode, or cannot be written.
    """
    started, out = time.monotonic(), _checked_target(out)
    with _locked(out):
        answers = _Answers(out, questions, mode)
        todo = [question for question in questions if answers.wants(question, retry_errors=retry_errors)]
        n_kept, n_answered, interrupted = len(questions) - len(todo), 0, False
        try:
            progress("answering", n_kept, len(questions), unit="question")
            for question in todo:
                record = None if stopped() else answer_or_error(pipeline, question, mode=mode).to_dict()
                if record is None or (record["error"] and stopped()):
                    interrupted = True
                    break
                answers.append(record, question)
                n_answered += 1
                progress("answering", n_kept + n_answered, len(questions), unit="question")
        except KeyboardInterrupt:
            interrupted = True
        finally:
            answers.close()
        n_errors = answers.finish()
    return BatchSummary(out, len(questions), n_answered, n_kept, n_errors, interrupted, time.monotonic() - started)


def answer_or_error(pipeline: Asker, question: Question, *, mode: Mode = "answer") -> Answer:
    """Answer a question; a failure becomes an answer whose ``error`` says in one sentence what happened."""
    started = time.monotonic()
    try:
        return pipeline.ask(question.question, history=question.history, mode=mode, question_id=question.question_id)
    except RagError as error:
        message = str(error)
    except Exception as error:  # noqa: BLE001 - one question must not end a run of thousands
        _log.debug("question %s failed", question.question_id, exc_info=True)
        message = f"This question could not be answered: {str(error) or 'no details'} ({type(error).__name__})."
    return Answer(
        question=question.question,
        query="",
        sentences=(),
        citations=(),
        abstained=False,
        timings=Timings(total_seconds=time.monotonic() - started),
        error=" ".join(message.split())[:500],
        question_id=question.question_id,
    )


def read_answers(path: Path) -> list[Record]:
    """Read a file of answers; where an id stands twice, the later record counts.

    Raises:
        BatchError: The file is missing, or holds something else.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BatchError(f"{path} cannot be read: {error.strerror}. Name a file that youju batch wrote.") from error
    return list(_by_id(_parse(content, path)[0]).values())


class _Answers:
    """The file of answers: what it holds, appending to it, its order."""

    def __init__(self, out: Path, questions: Sequence[Question], mode: Mode) -> None:
        """Read the file, make sure that it is ours, of this set and mode, and only then cut off a torn line."""
        self._out, self._mode = out, mode
        self._set = {question.question_id: question.question for question in questions}
        with _writing(out):
            content = out.read_bytes() if out.exists() else b""
        self._lines, torn = _parse(content, out)
        self._records = _by_id(self._lines)
        self._check_set()
        with _writing(out):
            if torn:
                with out.with_name(out.name + ".torn").open("ab") as side:
                    side.write(torn + b"\n")
                os.truncate(out, len(content) - len(torn))
            self._file: BinaryIO = out.open("ab")
            if content and not torn and not content.endswith(b"\n"):
                self._file.write(b"\n")

    def wants(self, question: Question, *, retry_errors: bool) -> bool:
        """Whether a question is still to be asked."""
        record = self._records.get(question.question_id)
        return record is None or (retry_errors and record["error"] is not None)

    def append(self, record: Record, question: Question) -> None:
        """Write a record through to the disk."""
        record |= {"id": question.question_id, "question": question.question, "mode": self._mode}
        with _writing(self._out):
            self._file.write(_line(record))
            self._file.flush()
            os.fsync(self._file.fileno())
        self._records[question.question_id] = record
        self._lines.append(record)

    def close(self) -> None:
        """Close the file; what was appended is there."""
        self._file.close()

    def finish(self) -> int:
        """Put the records in the order of the questions, and count those that failed."""
        asked = [self._records[key] for key in self._set if key in self._records]
        others = [record for key, record in self._records.items() if key not in self._set]
        if [*asked, *others] != self._lines:
            self._rewrite([*asked, *others])
        return sum(record["error"] is not None for record in asked)

    def _rewrite(self, records: Sequence[Record]) -> None:
        with _writing(self._out), draft_of(self._out) as draft, draft.open("wb") as file:
            file.writelines(_line(record) for record in records)

    def _check_set(self) -> None:
        for key, record in self._records.items():
            if record.get("mode", self._mode) != self._mode:
                raise BatchError(
                    f"{self._out} was begun in mode {record['mode']!r}, this run answers in mode {self._mode!r}. "
                    f"Continue it with --mode {record['mode']}, or name another file for these answers."
                )
            if record["question"] != self._set.get(key, record["question"]):
                raise BatchError(
                    f"{self._out} belongs to another set: under {key!r} it answers {record['question'][:60]!r}, "
                    f"expected {self._set[key][:60]!r}. Name another file for these answers."
                )
        if self._records and not self._records.keys() & self._set.keys():
            raise BatchError(
                f"{self._out} belongs to another set: none of its {len(self._records)} answers is to one of these "
                f"{len(self._set)} questions. Name another file for these answers."
            )


def _parse(content: bytes, path: Path) -> tuple[list[Record], bytes]:
    """The records of a file, and the torn line at its end, if any."""
    lines = content.split(b"\n")
    records: list[Record] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            if number == len(lines) and line.startswith(_START[: len(line)]):
                return records, line
            record = None
        if not isinstance(record, dict) or not record.keys() >= _FIELDS:
            found = "is no JSON object" if record is None else "lacks some of " + ", ".join(sorted(_FIELDS))
            raise BatchError(
                f"{path} is no file of answers: line {number} {found}. Name another file; it is untouched."
            )
        records.append(record)
    return records, b""


def _by_id(records: Sequence[Record]) -> dict[str, Record]:
    return {str(record["id"]): record for record in records}


def _line(record: Record) -> bytes:
    try:
        return json.dumps(record, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:  # half a surrogate pair in a question: only an escape can hold it
        return json.dumps(record).encode() + b"\n"


def _checked_target(out: Path) -> Path:
    out = out.resolve()
    if not out.parent.is_dir():
        raise BatchError(f"The folder {out.parent} does not exist. Create it, or name another one.")
    if not out.exists() or out.is_file():
        return out
    raise BatchError(f"{out} is no ordinary file. Name a file for the answers.")


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    lock = FileLock(out.with_name(f".{out.name}.lock"))
    with _writing(out):
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise BatchError(f"Another run is writing {out}. Wait for it, or name another file.") from error
    try:
        yield
    finally:
        lock.release()


def _writing(out: Path) -> AbstractContextManager[None]:
    """Say what to do where the disk refuses."""
    return writing_to(
        out,
        advice="Every finished answer in it is safe. "
        "Free the disk or the permission and repeat the command, or name another file.",
    )
