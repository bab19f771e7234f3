"""Files -> index: prepare, embed, write; one document at a time, so that nothing done is lost.

Documents are prepared (:mod:`rag.index.prepare`) by an executor, in this process or in several; what is prepared is
embedded and written here, in the order of the files, so that the index is the same whichever executor it was.
Which document a file is, and what became of documents whose files moved or are gone, is found out before anything is
read (:mod:`rag.index.plan`): a file that is indexed already costs its digest. A changed one is replaced in one
transaction; a bad file is reported and the rest goes on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from rag.config import Config
from rag.documents.chunk import chunking_fingerprint
from rag.documents.load import find_files, unread_files
from rag.encoders import Encoder, embed_passages, load_encoder
from rag.errors import (
    DocumentError,
    DocumentNotFoundError,
    IndexCorruptError,
    IndexMismatchError,
    IndexMissingError,
)
from rag.execution import Outcome, WorkerDiedError, executor_of
from rag.index.opening import open_store, write_index
from rag.index.plan import Entry, FoundFile, plan_documents
from rag.index.prepare import PreparedText, Task, prepare_document
from rag.index.protocols import IndexFacts, IndexWriter, PreparedDocument
from rag.progress import Progress, no_progress
from rag.schema.documents import Document, DocumentInfo
from rag.text.unicode import whole_text

__all__ = ["IndexReport", "index_paths", "remove_sources"]


@dataclass(slots=True)
class IndexReport:
    """What became of each document and of each file that became none.

    Attributes:
        added: New documents.
        replaced: Documents whose content had changed.
        unchanged: Documents already indexed with the same content, made anew by a rebuild.
        moved: Documents whose files were moved or renamed, by the name that they have now: the name before.
        copies: Files of the same content as another one: the document that both are.
        gone: Documents whose files are no longer in the folders that were named: where they stood.
        removed: Documents that were taken out: those that were gone, where that was asked for, and those whose file
            holds by now what another document holds.
        failed: Files with the reason in words.
        unread: Files in the named folders that are of no known format, with the reason.
        notes: Files that were indexed now, with what of them was left out or altered, a sentence each.
        n_passages: Passages in the index afterwards.
    """

    added: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)
    copies: dict[str, str] = field(default_factory=dict)
    gone: dict[str, str] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    notes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    n_passages: int = 0


def index_paths(
    config: Config,
    paths: Sequence[Path],
    *,
    rebuild: bool = False,
    prune: bool = False,
    encoder: Encoder | None = None,
    progress: Progress = no_progress,
) -> IndexReport:
    """Bring files and folders into the index.

    Args:
        config: Settings; ``config.index`` is the folder.
        paths: Files and folders; may be empty for a rebuild.
        rebuild: Make everything anew, what is indexed already (from the texts kept in the index) and
            ``paths``; the old index stays until the new one is whole.
        prune: Take out documents whose files are no longer in the folders among ``paths``.
        encoder: The encoder; loaded by the settings by default.
        progress: Told of passages embedded.

    Returns:
        What became of each document and file.

    Raises:
        DocumentNotFoundError: A path does not exist or holds nothing.
        CorpusIndexError: The index belongs to another model or chunking, is locked, damaged or read-only.
        ModelError: The encoder is not there.
    """
    files = find_files(paths)
    kept = _kept_documents(config) if rebuild else {}
    if not files and not kept:
        raise DocumentNotFoundError(
            f"There is nothing to index: no path was named and {config.index} holds no readable document. "
            "Name the files: youju index --rebuild PATH"
        )
    encoder = encoder or load_encoder(config)
    with write_index(config, create=True, rebuild=rebuild) as writer:
        writer.bind(IndexFacts(encoder.name, encoder.dim, chunking_fingerprint(config.passage_chars)))
        run = _Indexing(config, writer, encoder, kept, progress)
        report = run.run(files, folders=[path.resolve() for path in paths if path.is_dir()], prune=prune)
    report.unread = {str(path): reason for path, reason in unread_files(paths).items()}
    return report


def _kept_documents(config: Config) -> dict[str, _Kept]:
    """The documents of an index; none where there is none yet, or where it cannot be read."""
    try:
        with closing(open_store(config)) as store:
            return {info.source: _Kept(store.document(info.source), info) for info in store.documents()}
    except (IndexCorruptError, IndexMissingError, IndexMismatchError):
        return {}


def remove_sources(config: Config, sources: Sequence[str]) -> None:
    """Take documents out of the index.

    Raises:
        DocumentNotFoundError: A source is not in the index; nothing is removed then.
    """
    with write_index(config) as writer:
        writer.remove(sources)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A document of the index that is made anew, and what the index tells of it."""

    document: Document
    info: DocumentInfo


class _Indexing:
    """One run: documents that only moved, then each file that must be read, then what a rebuild makes of kept texts."""

    def __init__(
        self, config: Config, writer: IndexWriter, encoder: Encoder, kept: Mapping[str, _Kept], progress: Progress
    ) -> None:
        self._config = config
        self._writer = writer
        self._encoder = encoder
        self._kept = kept
        self._progress = progress
        self._before = {info.source: info for info in writer.documents()}
        self._before |= {source: old.info for source, old in kept.items()}
        self._report = IndexReport()
        self._n_told = self._n_read = 0

    def run(self, files: Sequence[Path], *, folders: Sequence[Path], prune: bool) -> IndexReport:
        found = self._found(files)
        plan = plan_documents(self._before.values(), found, folders=folders, is_there=_is_there)
        gone, report = plan.gone, self._report
        report.removed = [entry.before for entry in (*plan.superseded, *(gone if prune else ()))]
        report.gone = {} if prune else {entry.before: entry.paths[0] for entry in gone}
        if self._kept:
            stay = [*plan.settled, *(() if prune else gone)]
            unread = [entry for entry in stay if not entry.seen]
            read = [*(entry for entry in stay if entry.seen), *plan.loads]
            self._n_read = len(read) + len(unread)
            self._load(read)
            self._remake(unread)
        else:
            self._n_read = len(plan.loads)
            self._settle(plan.settled)
            self._load(plan.loads)
        report.n_passages = sum(info.n_passages for info in self._writer.documents())
        return report

    def _found(self, files: Sequence[Path]) -> list[FoundFile]:
        found = []
        for number, path in enumerate(files, start=1):
            found.append(_found(path, self._config.max_file_bytes))
            self._progress("Looking for changes", number, len(files), unit="files")
        return found

    def _settle(self, entries: Sequence[Entry]) -> None:
        """Note where documents stand whose texts are indexed already, and take out those that are to go."""
        for entry in entries:
            info = self._before[entry.before]
            if (entry.name, entry.paths) != (info.source, [info.path, *info.copies]):
                self._writer.relocate(info.source, name=entry.name, paths=entry.paths)
            if entry.seen:
                self._report.unchanged.append(entry.name)
                self._report_places(entry)
        if self._report.removed:
            self._writer.remove(self._report.removed)

    def _load(self, entries: Sequence[Entry]) -> None:
        """Read documents from their files."""
        files = [(entry.file or entry.seen[0]).path for entry in entries]
        tasks = [self._task(entry.name, path) for entry, path in zip(entries, files, strict=True)]
        for path, (entry, outcome) in zip(files, self._prepared(entries, tasks), strict=True):
            try:
                prepared = outcome.get()
                self._put(prepared, entry)
            except (DocumentError, WorkerDiedError) as error:
                self._report.failed |= {str(file.path): str(error) for file in entry.seen}
                if entry.before in self._kept:  # what was read before the file went bad stays
                    self._remake([entry])
            else:
                self._outcome_of(entry, prepared.document.sha256).append(entry.name)
                if prepared.document.notes:
                    self._report.notes[str(path)] = prepared.document.notes
                self._report_places(entry)

    def _remake(self, entries: Sequence[Entry]) -> None:
        """Make documents anew of the texts that the index kept."""
        kept = [self._kept[entry.before].document for entry in entries]
        tasks = [
            self._task(entry.name, Path(entry.paths[0]), document)
            for entry, document in zip(entries, kept, strict=True)
        ]
        for entry, outcome in self._prepared(entries, tasks):
            try:
                self._put(outcome.get(), entry)
            except (DocumentError, WorkerDiedError) as error:
                self._report.failed[entry.paths[0]] = str(error)
            else:
                self._report.unchanged.append(entry.name)

    def _prepared(
        self, entries: Sequence[Entry], tasks: Sequence[Task]
    ) -> Iterator[tuple[Entry, Outcome[PreparedText]]]:
        executor = executor_of(self._config.workers if len(tasks) > 1 else 0)
        with closing(executor.map(prepare_document, tasks)) as outcomes:
            yield from zip(entries, outcomes, strict=True)

    def _task(self, source: str, path: Path, document: Document | None = None) -> Task:
        return Task(source, str(path), self._config.passage_chars, self._config.max_file_bytes, document)

    def _stage(self, entry: Entry) -> str:
        self._n_told = min(self._n_told + 1, self._n_read)
        return f"[{self._n_told}/{self._n_read}] {entry.name}"

    def _outcome_of(self, entry: Entry, sha256: str) -> list[str]:
        before = self._before.get(entry.before)
        if before is None:
            return self._report.added
        return self._report.unchanged if before.sha256 == sha256 else self._report.replaced

    def _report_places(self, entry: Entry) -> None:
        new = [file for file in entry.seen if file.place != entry.paths[0] and file.place in (entry.added or ())]
        if entry.before and entry.added and entry.paths[0] in entry.added:
            self._report.moved[entry.name] = entry.before
        self._report.copies |= {str(file.path): entry.name for file in new}

    def _put(self, prepared: PreparedText, entry: Entry) -> None:
        stage = self._stage(entry)

        def report(_stage: str, done: int, total: int, /, *, unit: str = "") -> None:
            self._progress(stage, done, total, unit=unit)

        self._writer.replace(
            PreparedDocument(
                prepared.document,
                entry.paths[0],
                parts=prepared.parts,
                passages=prepared.passages,
                vectors=embed_passages(prepared.texts, encoder=self._encoder, progress=report),
                tokens=prepared.tokens,
                copies=entry.paths[1:],
            )
        )


def _found(path: Path, max_bytes: int) -> FoundFile:
    """A file with its digest; none of what cannot be read or is too large: its loader says why."""
    sha256 = ""
    with suppress(OSError, ValueError):
        if path.stat().st_size <= max_bytes:
            with path.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return FoundFile(path, whole_text(str(path.resolve())), sha256)


def _is_there(path: str) -> bool:
    try:
        return Path(path).is_file()
    except (OSError, ValueError):
        return True  # who may not look does not know that it is gone
