"""The documents of the page: who sees which; adding, removing and rebuilding them.

With logins an upload is its user's alone, and what was indexed another way is everybody's; without, all is everybody's.
Uploaded files are deleted as soon as they are read: the index keeps their text. Knows nothing of Gradio or HTML; says
why in keys, which :mod:`ui.documents.view` has the words for.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Protocol

from rag.documents.load import known_suffixes, load_document
from rag.encoders import Encoder
from rag.errors import DocumentError, DocumentNotFoundError
from rag.index.ingest import index_paths, remove_sources
from rag.index.plan import UPLOADS
from ui.accounts.owners import owner_folder
from ui.documents.fair_lock import FairLock, WorkCancelled
from ui.documents.file_names import alike, safe_name
from ui.documents.file_steps import (
    FileStep,
    Refused,
    ReportStep,
    ShouldStop,
    Stage,
    progress_as_steps,
    reason_of,
    reporting_failures,
)
from ui.documents.listing import EVERYBODY, DocumentListing, ListedDocument
from ui.documents.rows import DocumentRow
from ui.settings import PageConfig

__all__ = ["DocumentRow", "FileStep", "Library", "WithEncoder"]


class WithEncoder(Protocol):
    """What is needed of :class:`rag.pipeline.Pipeline`: its encoder, so that no second one is loaded."""

    encoder: Encoder


def never() -> bool:
    """Never cancelled."""
    return False


class Library:
    """The index as the page's users see and change it. Safe to share between threads.

    Attributes:
        config: Limits, and the folders of the index and of the workspace.
        logins: Whether users are told apart.
    """

    def __init__(
        self, config: PageConfig, pipeline: WithEncoder, *, logins: bool, admins: Container[str] = frozenset()
    ) -> None:
        """Take over the uploads of a workspace.

        Args:
            config: The settings.
            pipeline: Whose encoder makes the vectors.
            logins: Whether users are told apart.
            admins: Who may remove what is not theirs, and make the index anew. They do not get to read it.
        """
        self.config = config
        self.logins = logins
        self._pipeline = pipeline
        self._admins = admins
        self._shelf = DocumentListing(config)
        self._turns = FairLock()
        self._closed = threading.Event()
        shutil.rmtree(self._uploads, ignore_errors=True)  # what a killed process had not read yet

    def documents(self, owner: str) -> list[DocumentRow]:
        """What a user sees in the list, by name; an admin sees the names of all.

        Raises:
            CorpusIndexError: The index cannot be read.
        """
        everything = self.may_rebuild(owner)
        seen = [held for held in self._shelf.held() if everything or not self._is_hidden(held, owner)]
        return [self._row(held, owner) for held in seen]

    def hidden(self, owner: str) -> frozenset[str]:
        """Documents that others uploaded, neither to be found nor named for this user; none without logins."""
        return frozenset(held.info.source for held in self._shelf.held() if self._is_hidden(held, owner))

    def may_rebuild(self, owner: str) -> bool:
        """Whether a user may touch what is everybody's: all may where nobody logs in, else admins."""
        return not self.logins or owner in self._admins

    def add(
        self, owner: str, files: Iterable[tuple[str, Path]], *, tell: ReportStep, stopped: ShouldStop = never
    ) -> None:
        """Bring uploaded files into the index one by one; what is done stays, whatever becomes of the others.

        Args:
            owner: Whose they are.
            files: Each with the name it came under. They are taken over: none is left when this returns.
            tell: Told of each step of each file. The last step of each says what became of it.
            stopped: Asked before each file, while one waits for its turn, and while one is embedded.
        """
        files = list(files)
        taken: set[str] = set()
        stopped = self._or_closed(stopped)
        try:
            for number, (name, path) in enumerate(files, start=1):
                step = FileStep(number, name, "checking")
                with reporting_failures(step, tell):
                    if stopped():
                        raise WorkCancelled
                    tell(step)
                    source = self._checked(step, path, taken)
                    self._add_one(owner, replace(step, source=source), path, tell, stopped)
        finally:
            for _, path in files:
                with suppress(OSError):
                    path.unlink(missing_ok=True)

    def remove(self, owner: str, sources: Sequence[str]) -> list[str]:
        """Take documents out of the index; those that are gone already, or not the user's to remove, are left.

        Returns:
            What was removed.

        Raises:
            CorpusIndexError: The index cannot be written now.
        """
        with self._turns.turn(waits=lambda: None, stopped=never):
            removable = {row.source for row in self.documents(owner) if row.removable}
            chosen = [source for source in dict.fromkeys(sources) if source in removable]
            if not chosen:
                return []
            try:
                remove_sources(self.config, chosen)
            except DocumentNotFoundError:  # another process took one out at this moment: none was removed
                return []
            return chosen

    def rebuild(self, owner: str, *, tell: ReportStep, stopped: ShouldStop = never) -> None:
        """Make the whole index anew of the texts that it keeps; the old one answers until the new one is whole.

        Args:
            owner: Who wants it.
            tell: Told how far it is, as of one file; then of every document that could not be made anew.
            stopped: Asked again and again; the old index stays then.
        """
        step, stopped = FileStep(1, "", "checking"), self._or_closed(stopped)
        with reporting_failures(step, tell):
            if not self.may_rebuild(owner):
                raise Refused("not_yours")
            if not self._shelf.held():
                raise Refused("nothing")
            with self._turns.turn(waits=lambda: tell(replace(step, stage="waiting")), stopped=stopped):
                heard = progress_as_steps(step, tell, stopped, named=True)
                report = index_paths(self.config, [], rebuild=True, encoder=self._pipeline.encoder, progress=heard)
            for number, (path, why) in enumerate(report.failed.items(), start=2):
                tell(FileStep(number, PurePath(path).name, "failed", reason="format", detail=why))
            tell(replace(step, stage="rebuilt", total=len(report.unchanged)))

    def close(self) -> None:
        """Stop whatever is being added or made anew, and wait until the index is left alone."""
        self._closed.set()
        with self._turns.turn(waits=lambda: None, stopped=never):
            pass

    @property
    def _uploads(self) -> Path:
        return self.config.workspace / UPLOADS

    def _or_closed(self, stopped: ShouldStop) -> ShouldStop:
        return lambda: self._closed.is_set() or stopped()

    def _is_hidden(self, held: ListedDocument, owner: str) -> bool:
        return self.logins and held.uploader not in ("", EVERYBODY, owner_folder(owner))

    def _is_own(self, held: ListedDocument, owner: str) -> bool:
        return held.uploader == owner_folder(owner) if self.logins else bool(held.uploader)

    def _row(self, held: ListedDocument, owner: str) -> DocumentRow:
        info, own = held.info, self._is_own(held, owner)
        return DocumentRow(
            source=info.source,
            titles=info.titles,
            places=info.places,
            years=info.years,
            date=held.date,
            n_passages=info.n_passages,
            n_chars=info.n_chars,
            added_at=info.added_at,
            notes=info.notes,
            own=own,
            removable=own or self.may_rebuild(owner),
        )

    def _checked(self, step: FileStep, path: Path, taken: set[str]) -> str:
        """What can be told without reading: how many, the name, its kind, its size; returns the name to be used."""
        if step.number > self.config.max_upload_files:
            raise Refused("too_many", f"{self.config.max_upload_files:,}")
        source = safe_name(step.name)
        if not source:
            raise Refused("name")
        if PurePath(source).suffix.lower() not in known_suffixes():
            raise Refused("kind", PurePath(source).suffix or source)
        if path.stat().st_size > self.config.max_file_bytes:
            raise Refused("size", f"{self.config.max_file_bytes / 1e6:,.6g} MB")
        if alike(source) in taken:
            raise Refused("twice")
        taken.add(alike(source))
        return source

    def _add_one(self, owner: str, step: FileStep, path: Path, tell: ReportStep, stopped: ShouldStop) -> None:
        waits = replace(step, stage="waiting")
        with self._turns.turn(waits=lambda: tell(waits), stopped=stopped), self._staged(owner, step, path) as file:
            tell(replace(step, stage="reading"))
            document = load_document(file, max_bytes=self.config.max_file_bytes)
            if self._is_there(owner, step.source, document.sha256):
                tell(replace(step, stage="unchanged"))
                return
            n_passages = 0

            def count(now: FileStep) -> None:
                nonlocal n_passages
                n_passages = now.total
                tell(now)

            heard = progress_as_steps(step, count, stopped)
            report = index_paths(self.config, [file], encoder=self._pipeline.encoder, progress=heard)
            for why in report.failed.values():
                raise Refused("format", why.replace(str(file), step.source))
            stage: Stage = "replaced" if report.replaced else "added"
            tell(replace(step, stage=stage, total=n_passages, notes=document.notes))

    @contextmanager
    def _staged(self, owner: str, step: FileStep, path: Path) -> Iterator[Path]:
        """The file in its owner's folder and under its name, by which the index will know it; gone afterwards."""
        folder = self._uploads / (owner_folder(owner) if self.logins else EVERYBODY)
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / step.source
        try:
            shutil.move(path, file)
            yield file
        except DocumentError as error:  # the loader names the file as it stands on this machine
            raise Refused(reason_of(error), str(error).replace(str(file), step.source)) from error
        finally:
            file.unlink(missing_ok=True)

    def _is_there(self, owner: str, source: str, sha256: str) -> bool:
        """Whether the index has this very document already for this user.

        Raises:
            Refused: Another document has the name, or one that reads like it.
        """
        named_so = [held for held in self._shelf.held() if alike(held.info.source) == alike(source)]
        same = next((held for held in named_so if held.info.source == source), None)
        for other in [same] if same else named_so:
            if self._is_hidden(other, owner):  # says neither what it is nor whether it is the same
                raise Refused("name_taken")
        if same is None:
            if named_so:
                raise Refused("name_alike", named_so[0].info.source)
            return False
        if same.info.sha256 == sha256:
            return True
        if not self._is_own(same, owner):
            raise Refused("name_shared" if self.logins else "name_exists")
        return False
