"""Keep batches on disk: a folder for each, with its questions, answers and state.

``<workspace>/batches/<hash of the owner>/<id>/``: ``job.json``, ``questions.*``, ``answers.jsonl``. An owner's name is
only ever hashed; an id that is not of our making names nothing. Runs nothing.
"""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from rag.batch.run import read_answers
from rag.errors import BatchError, RecordError
from rag.files import write_whole
from rag.schema.records import from_record, to_record
from ui.accounts.owners import owner_folder
from ui.batch.question_upload import RefusedError

if TYPE_CHECKING:
    from pathlib import Path

    from rag.batch.run import Record
    from rag.schema.messages import Mode

__all__ = ["Job", "JobStore", "State"]

State: TypeAlias = Literal["waiting", "running", "stopping", "stopped", "done", "failed"]
"""``failed`` says that the batch as a whole cannot go on, as where a model is missing; questions fail one by one."""

_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Job:
    """What is kept of a batch.

    Attributes:
        id: Unguessable.
        name: What its owner calls the file; untrusted.
        mode: How it is answered.
        questions: Name of the copy of the question file.
        created_at: Seconds since the epoch.
        n_questions: Questions of the set.
        has_expected: Whether the file says what is expected.
        state: As it was last written; of a server that was killed it may still say ``running``.
        error: Why it failed; empty otherwise.
    """

    id: str
    name: str
    mode: Mode
    questions: str
    created_at: float
    n_questions: int
    has_expected: bool = False
    state: State = "waiting"
    error: str = ""


class JobStore:
    """The folders of all batches."""

    def __init__(self, workspace: Path) -> None:
        self._root = workspace.resolve() / "batches"
        self._counted: dict[Path, tuple[tuple[int, int], tuple[int, int]]] = {}

    def new_folder(self, owner: str) -> tuple[str, Path]:
        """A new id, and an empty folder that is no batch yet.

        Raises:
            BatchError: The workspace cannot be written.
        """
        job_id = secrets.token_hex(16)
        draft = self._of(owner) / f".{job_id}"
        try:
            draft.mkdir(parents=True)
        except OSError as error:
            raise BatchError(f"{self._root} cannot be written: {error.strerror or error}.") from error
        return job_id, draft

    def add(self, owner: str, job: Job, draft: Path) -> None:
        """Make a batch of the folder that :meth:`new_folder` gave."""
        _write(draft, job)
        draft.rename(self._of(owner) / job.id)

    def drop(self, draft: Path) -> None:
        """Remove a folder that becomes no batch."""
        shutil.rmtree(draft, ignore_errors=True)

    def jobs(self, owner: str) -> list[Job]:
        """An owner's batches, the latest first."""
        try:
            names = [path.name for path in self._of(owner).iterdir()]
        except OSError:
            return []
        found = []
        for name in filter(_ID.fullmatch, names):
            with contextlib.suppress(RefusedError):  # deleted meanwhile, or damaged
                found.append(self.job(owner, name))
        return sorted(found, key=lambda job: (-job.created_at, job.id))

    def job(self, owner: str, job_id: str) -> Job:
        """A batch.

        Raises:
            RefusedError: The owner has none of this id.
        """
        try:
            return from_record(Job, json.loads((self.folder(owner, job_id) / "job.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, RecursionError, RecordError) as error:
            raise RefusedError("unknown") from error

    def save(self, owner: str, job: Job) -> None:
        """Write what is known of a batch; nothing where it was deleted meanwhile."""
        with contextlib.suppress(OSError):
            _write(self.folder(owner, job.id), job)

    def delete(self, owner: str, job_id: str) -> None:
        """Remove a batch with all that it holds."""
        folder = self.folder(owner, job_id)
        with contextlib.suppress(OSError):
            (folder / "job.json").unlink()  # first: what is left after a kill is a batch no more
        shutil.rmtree(folder, ignore_errors=True)

    def delete_all(self, owner: str) -> int:
        """Remove all batches of an owner; return how many they were.

        Raises:
            BatchError: Files of them cannot be removed.
        """
        n_jobs, folder = len(self.jobs(owner)), self._of(owner)
        for job in self.jobs(owner):
            self.delete(owner, job.id)
        try:
            if folder.exists():
                shutil.rmtree(folder)
        except OSError as error:
            raise BatchError(f"{folder} cannot be removed: {error.strerror or error}.") from error
        return n_jobs

    def folder(self, owner: str, job_id: str) -> Path:
        """The folder of a batch, which need not be there.

        Raises:
            RefusedError: No batch can have this id.
        """
        if not isinstance(job_id, str) or not _ID.fullmatch(job_id):
            raise RefusedError("unknown")
        return self._of(owner) / job_id

    def questions(self, owner: str, job: Job) -> Path:
        """The copy of the question file."""
        return self.folder(owner, job.id) / job.questions

    def answers(self, owner: str, job_id: str) -> Path:
        """The file of answers, which is there once there is one."""
        return self.folder(owner, job_id) / "answers.jsonl"

    def counts(self, owner: str, job_id: str) -> tuple[int, int]:
        """How many questions have an answer, and how many of these an error."""
        path = self.answers(owner, job_id)
        try:
            stat = path.stat()
            key = (stat.st_size, stat.st_mtime_ns)
            known = self._counted.get(path)
            if known is None or known[0] != key:
                records = read_answers(path)
                known = key, (len(records), sum(record["error"] is not None for record in records))
                self._counted[path] = known
        except (OSError, BatchError):
            return 0, 0
        return known[1]

    def first_answers(self, owner: str, job_id: str, limit: int) -> list[Record]:
        """The first records of the file of answers, without reading the rest."""
        found: list[dict[str, Any]] = []
        with contextlib.suppress(OSError), self.answers(owner, job_id).open("rb") as file:
            for line in file:
                if len(found) >= limit:
                    break
                with contextlib.suppress(ValueError):  # a line that is being written
                    found.append(cast("dict[str, Any]", json.loads(line)))
        return found

    def _of(self, owner: str) -> Path:
        return self._root / owner_folder(owner, n_chars=32)


def _write(folder: Path, job: Job) -> None:
    write_whole(folder / "job.json", json.dumps(to_record(job), ensure_ascii=False).encode("utf-8", "replace"))
