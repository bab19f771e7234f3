"""The batches of the page: started, watched, stopped, continued, deleted; each owner sees only their own.

One thread asks one question at a time, batch after batch, and lets the questions of the chat go first: the desk is told
that these can wait. Answers are written by :func:`rag.batch.run.run_batch`, so that a kill loses at most the question
in work; a batch that was running then is shown as stopped and continues where it was. Knows nothing of Gradio or HTML.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rag.batch.run import Record, read_answers, run_batch
from rag.batch.workbook import write_xlsx
from rag.errors import BatchError, RagError
from rag.schema.search import Hidden
from ui.batch.job import Asker, Background, JobInfo, Run, info_of
from ui.batch.question_upload import RefusedError, read_set, shown_name, take_set
from ui.batch.scores import ScoreSheet, read_expected, score
from ui.batch.store import Job, JobStore, State

if TYPE_CHECKING:
    from rag.schema.messages import Mode
    from ui.text.words import Lang

__all__ = ["Asker", "BatchJobs", "JobInfo"]

MOST_JOBS = 50  # of one owner

log = logging.getLogger(__name__)


class BatchJobs:
    """All batches of a server."""

    def __init__(
        self,
        workspace: Path,
        asker: Asker,
        *,
        max_questions: int = 5000,
        max_bytes: int = 50_000_000,
        hidden_of: Callable[[str], Hidden] = lambda _: frozenset(),
    ) -> None:
        """Take over what lies in the workspace.

        Args:
            workspace: Folder of user data.
            asker: What answers.
            max_questions: A longer set is refused.
            max_bytes: A larger file is refused.
            hidden_of: The documents that an owner's answers must not come from.
        """
        self._store, self._asker, self._hidden_of = JobStore(workspace), asker, hidden_of
        self._limits = (max_bytes, max_questions)
        self._line: list[Run] = []  # the first one is at work, if the thread has come to it
        self._changed = threading.Condition()
        self._making = threading.Lock()
        self._worker: threading.Thread | None = None
        self._closed = False
        self._scored: dict[str, tuple[tuple[int, int], ScoreSheet]] = {}

    def start(self, owner: str, file: Path, name: str, mode: Mode) -> str:
        """Put a question file in line.

        Args:
            owner: Whose it is.
            file: Where the upload lies; it is copied.
            name: What the owner calls it.
            mode: How to answer.

        Returns:
            The id of the batch.

        Raises:
            BatchError: The file is no question set, or too large; or there are too many batches.
        """
        kept = len(self._store.jobs(owner))
        if kept >= MOST_JOBS:
            raise RefusedError("full", found=kept, most=MOST_JOBS)
        job_id, draft = self._store.new_folder(owner)
        try:
            own, questions = take_set(file, name, draft, max_bytes=self._limits[0], max_questions=self._limits[1])
            try:
                has_expected = read_expected(own, questions) is not None
            except BatchError as error:
                raise BatchError(str(error).replace(str(own), shown_name(name))) from error
            job = Job(job_id, shown_name(name), mode, own.name, time.time(), len(questions), has_expected)
            self._store.add(owner, job, draft)
        finally:
            self._store.drop(draft)
        self._enter(Run(owner, job, retry_errors=False, n_done=0, n_errors=0))
        return job_id

    def stop(self, owner: str, job_id: str) -> None:
        """Stop a batch; its question in work is given up, and asked again when it is continued.

        Raises:
            RefusedError: The owner has none of this id.
        """
        self._store.job(owner, job_id)
        with self._changed:
            run = self._run_of(owner, job_id)
            if run is not None:
                run.stop.set()
                if run.started is None:
                    self._leave(run, "stopped")
                    run = None
        if run is not None:
            self._asker.stop(run.session)

    def resume(self, owner: str, job_id: str) -> None:
        """Continue a batch that was stopped; of one that is finished, ask again what ended in an error.

        Raises:
            RefusedError: The owner has none of this id, it is active, or nothing is left to ask.
        """
        job = self._store.job(owner, job_id)
        n_done, n_errors = self._store.counts(owner, job_id)
        retry = n_done >= job.n_questions
        if retry and not n_errors:
            raise RefusedError("finished")
        if retry:
            n_done, n_errors = n_done - n_errors, 0
        self._enter(Run(owner, replace(job, state="waiting", error=""), retry, n_done, n_errors))

    def delete(self, owner: str, job_id: str) -> None:
        """Remove a batch with its questions and answers; one at work is stopped, and gone from the list at once.

        Raises:
            RefusedError: The owner has none of this id.
        """
        self._store.job(owner, job_id)
        with self._changed:
            run = self._run_of(owner, job_id)
            if run is not None:
                run.deleted = True  # what it still writes is removed when it leaves
                run.stop.set()
                if run.started is None:
                    self._line.remove(run)
            self._store.delete(owner, job_id)
            self._scored.pop(job_id, None)
        if run is not None:
            self._asker.stop(run.session)

    def jobs(self, owner: str) -> list[JobInfo]:
        """An owner's batches, the latest first."""
        with self._changed:
            runs = {run.job.id: run for run in self._line if run.owner == owner}
            return [
                runs[job.id].info() if job.id in runs else info_of(job, *self._store.counts(owner, job.id))
                for job in self._store.jobs(owner)
            ]

    def answers(self, owner: str, job_id: str, limit: int) -> list[Record]:
        """The first answers, as many as there are up to the limit.

        Raises:
            RefusedError: The owner has no batch of this id.
        """
        self._store.job(owner, job_id)
        return self._store.first_answers(owner, job_id, limit)

    def files(self, owner: str, job_id: str, *, lang: Lang = "zh") -> tuple[Path, Path]:
        """The answers as they are now, as jsonl and as a workbook, made anew.

        Raises:
            BatchError: The owner has no batch of this id, or the disk refuses.
        """
        return self.file(owner, job_id, "jsonl", lang=lang), self.file(owner, job_id, "xlsx", lang=lang)

    def file(self, owner: str, job_id: str, kind: Literal["jsonl", "xlsx"], *, lang: Lang = "zh") -> Path:
        """One of the two files. Errors as of :meth:`files`."""
        self._store.job(owner, job_id)
        answers = self._store.answers(owner, job_id)
        made = answers.with_name(f"download.{kind}")
        with self._making:
            if kind == "xlsx":
                write_xlsx(made, read_answers(answers) if answers.exists() else (), lang=lang)
                return made
            content = answers.read_bytes() if answers.exists() else b""
            made.write_bytes(content[: content.rfind(b"\n") + 1])  # no line that is being written
        return made

    def scores(self, owner: str, job_id: str) -> ScoreSheet | None:
        """How the answers stand to what the file expects; None where it expects nothing or nothing is answered.

        Raises:
            BatchError: The owner has no batch of this id, or its file says it wrongly.
        """
        job = self._store.job(owner, job_id)
        counts = self._store.counts(owner, job_id)
        if not (job.has_expected and counts[0]):
            return None
        with self._making:  # thousands of answers take seconds: whoever asks again meanwhile gets the same sheet
            known = self._scored.get(job_id)
            if known is None or known[0] != counts:
                own = self._store.questions(owner, job)
                expected = read_expected(own, read_set(own, job.name))
                if expected is None:
                    return None
                known = counts, score(read_answers(self._store.answers(owner, job_id)), expected)
                self._scored[job_id] = known
            return known[1]

    def close(self, *, timeout: float | None = 30.0) -> None:
        """Stop everything, and wait until the thread is done. What waits or runs can be continued later."""
        with self._changed:
            self._closed = True
            for run in list(self._line):
                run.stop.set()
                if run.started is None:
                    self._leave(run, "stopped")
            self._changed.notify_all()
            sessions = [run.session for run in self._line]
        for session in sessions:
            self._asker.stop(session)
        if self._worker is not None:
            self._worker.join(timeout)

    def _enter(self, run: Run) -> None:
        with self._changed:
            if self._run_of(run.owner, run.job.id) is not None:
                raise RefusedError("active")
            self._store.save(run.owner, run.job)
            self._line.append(run)
            if self._worker is None:
                # A daemon: whatever ends the server ends it, and every finished answer is on disk.
                self._worker = threading.Thread(target=self._work, name="batch", daemon=True)
                self._worker.start()
            self._changed.notify_all()

    def _leave(self, run: Run, state: State, error: str = "") -> None:
        """Take a run out of the line; the lock is held."""
        self._line.remove(run)
        if run.deleted:
            self._store.delete(run.owner, run.job.id)
        else:
            self._store.save(run.owner, replace(run.job, state=state, error=error))

    def _run_of(self, owner: str, job_id: str) -> Run | None:
        return next((run for run in self._line if (run.owner, run.job.id) == (owner, job_id)), None)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._line or self._closed)
                if self._closed and not self._line:
                    return
                run = self._line[0]
                run.started = time.monotonic()
                self._store.save(run.owner, replace(run.job, state="running"))
            state, error = self._answer(run)
            with self._changed:
                self._leave(run, state, error)

    def _answer(self, run: Run) -> tuple[State, str]:
        """Ask what is left of a batch; the state that it ends in, and why it failed."""
        try:
            summary = run_batch(
                Background(self._asker, run, self._hidden_of(run.owner)),
                read_set(self._store.questions(run.owner, run.job), run.job.name),
                self._store.answers(run.owner, run.job.id),
                retry_errors=run.retry_errors,
                mode=run.job.mode,
                stopped=run.ended,
            )
        except RagError as error:
            return "failed", str(error).replace(str(self._store.folder(run.owner, run.job.id)), "").lstrip("/\\")
        except Exception as error:
            log.exception("A batch could not go on")
            return "failed", f"An internal error ({type(error).__name__}); see the terminal."
        if run.fatal:
            return "failed", run.fatal
        return ("stopped" if summary.interrupted else "done"), ""
