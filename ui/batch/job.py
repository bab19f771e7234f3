"""A batch job: its state, and what it asks through.

Knows nothing of files, threads or Gradio.
"""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from rag.errors import CorpusIndexError, ModelError
from rag.schema.search import Hidden
from ui.batch.store import Job, State
from ui.scheduling.queue import LineFullError, QuestionStoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rag.schema.answers import Answer
    from rag.schema.messages import Mode, Turn
    from rag.schema.search import Scope

__all__ = ["Asker", "Background", "JobInfo", "Run", "info_of"]


FULL_SECONDS = 2.0  # before another attempt where the line is full


class Asker(Protocol):
    """What answers: the desk, which keeps the line."""

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        mode: Mode = "answer",
        question_id: str = "",
        owner: str = "",
        hidden: Hidden = frozenset(),
        background: bool = True,
        session: str = "",
    ) -> Answer:
        """Answer one question, blocking; in the background whoever is at the page goes first."""

    def stop(self, session: str) -> None:
        """End what was asked under this name with a :class:`ui.scheduling.queue.QuestionStoppedError`."""


@dataclass(frozen=True, slots=True)
class JobInfo:
    """How a batch stands.

    Attributes:
        id: Unguessable.
        name: What its owner calls the file; untrusted.
        mode: How it is answered.
        n_questions: Questions of the set.
        n_done: Those that have an answer or an error.
        n_errors: Those that have an error.
        state: Where it is; ``stopped`` ones can be continued.
        started_at: When it was made, in seconds since the epoch.
        seconds_left: How long it will take at its present pace; None where that is not known.
        seconds_each: That pace.
        has_expected: Whether there can be a score sheet.
        error: Why it failed as a whole; empty otherwise.
    """

    id: str
    name: str
    mode: Mode
    n_questions: int
    n_done: int
    n_errors: int
    state: State
    started_at: float
    seconds_left: float | None = None
    seconds_each: float | None = None
    has_expected: bool = False
    error: str = ""

    @property
    def active(self) -> bool:
        """Whether it is in line or at work."""
        return self.state in ("waiting", "running", "stopping")


def info_of(job: Job, n_done: int, n_errors: int) -> JobInfo:
    """How a batch stands that is not active; one whose server was killed was stopped by that."""
    state: State = job.state if job.state in ("done", "failed") else "stopped"
    return JobInfo(
        id=job.id,
        name=job.name,
        mode=job.mode,
        n_questions=job.n_questions,
        n_done=n_done,
        n_errors=n_errors,
        state=state,
        started_at=job.created_at,
        has_expected=job.has_expected,
        error=job.error,
    )


@dataclass(eq=False)
class Run:
    """A batch in line or at work."""

    owner: str
    job: Job
    retry_errors: bool
    n_done: int
    n_errors: int
    stop: threading.Event = field(default_factory=threading.Event)
    deleted: bool = False
    started: float | None = None
    n_asked: int = 0
    session: str = field(default_factory=lambda: secrets.token_hex(16))  # by which the desk knows its question
    fatal: str = ""  # what makes every further question futile

    def ended(self) -> bool:
        """Whether no further question is to be asked."""
        return self.stop.is_set() or bool(self.fatal)

    def info(self) -> JobInfo:
        """How it stands, with its pace."""
        each = left = None
        if self.started is not None and self.n_asked:
            each = (time.monotonic() - self.started) / self.n_asked
            left = each * (self.job.n_questions - self.n_done)
        state: State = "waiting" if self.started is None else "stopping" if self.stop.is_set() else "running"
        known = info_of(self.job, self.n_done, self.n_errors)
        return replace(known, state=state, seconds_each=each, seconds_left=left)


class Background:
    """Asks for a batch: behind those who are at the page, counting, and telling what makes the rest futile."""

    def __init__(self, asker: Asker, run: Run, hidden: Hidden) -> None:
        self._asker, self._run, self._hidden = asker, run, hidden

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        scope: Scope | None = None,  # noqa: ARG002 - a batch has none
        mode: Mode = "answer",
        question_id: str = "",
    ) -> Answer:
        """Answer one question, waiting where the line is full.

        Raises:
            StoppedError: The batch was stopped, or the desk is closed.
            RagError: It cannot be answered.
        """
        ask = partial(
            self._asker.ask,
            question,
            history=history,
            mode=mode,
            question_id=question_id,
            owner=self._run.owner,
            hidden=self._hidden,
            background=True,
            session=self._run.session,
        )
        failed = True
        try:
            answer = self._patiently(ask)
            failed = answer.error is not None
        except (ModelError, CorpusIndexError) as error:
            self._run.fatal = str(error)
            raise
        except QuestionStoppedError:
            self._run.stop.set()  # the desk may be closed before we are
            raise
        finally:
            if not (failed and self._run.ended()):
                self._run.n_asked += 1
                self._run.n_done += 1
                self._run.n_errors += failed
        return answer

    def _patiently(self, ask: Callable[[], Answer]) -> Answer:
        while not self._run.stop.is_set():
            try:
                return ask()
            except LineFullError:
                self._run.stop.wait(FULL_SECONDS)
        raise QuestionStoppedError("The batch was stopped.")
