"""Files -> index: prepare, embed, write; one document at a time, so that nothing done is lost.

Documents are prepared (:mod:`rag.index.prepare`) by an executor, in this process or in several; what is prepared is
embedded and written here, in the order of the files, so that the index is the same whichever executor it was.
A document already indexed with the same bytes is passed over; a changed one is replaced in one
transaction; a bad file is reported and the rest goes on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rag.config import Config
from rag.documents.chunk import chunking_fingerprint
from rag.documents.load import find_files, readable_name, unread_files
from rag.encoders import Encoder, embed_passages, load_encoder
from rag.errors import (
    DocumentError,
    DocumentFormatError,
    DocumentNotFoundError,
    IndexCorruptError,
    IndexMismatchError,
    IndexMissingError,
)
from rag.execution import Executor, WorkerDiedError, executor_of
from rag.index.opening import open_store, write_index
from rag.index.prepare import PreparedText, Task, prepare_document
from rag.index.protocols import IndexFacts, IndexWriter, PreparedDocument
from rag.progress import Progress, no_progress
from rag.schema.documents import Document

__all__ = ["IndexReport", "index_paths", "remove_sources"]


@dataclass(slots=True)
class IndexReport:
    """What became of each file.

    Attributes:
        added: New documents.
        replaced: Documents whose content had changed.
        unchanged: Documents already indexed with the same content, made anew by a rebuild.
        failed: Files with the reason in words.
        unread: Files in the named folders that are of no known format, with the reason.
        notes: Files that were indexed now, with what of them was left out or altered, a sentence each.
        n_passages: Passages in the index afterwards.
    """

    added: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    notes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    n_passages: int = 0


def index_paths(
    config: Config,
    paths: Sequence[Path],
    *,
    rebuild: bool = False,
    encoder: Encoder | None = None,
    progress: Progress = no_progress,
) -> IndexReport:
    """Bring files and folders into the index.

    Args:
        config: Settings; ``config.index`` is the folder.
        paths: Files and folders; may be empty for a rebuild.
        rebuild: Make everything anew, what is indexed already (from the texts kept in the index) and
            ``paths``; the old index stays until the new one is whole.
        encoder: The encoder; loaded by the settings by default.
        progress: Told of passages embedded.

    Returns:
        What became of each file.

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
        executor = executor_of(config.workers if len(files) + len(kept) > 1 else 0)
        report = _Indexing(config, writer, encoder, kept, progress).run(files, executor)
    report.unread = {str(path): reason for path, reason in unread_files(paths).items()}
    return report


def _kept_documents(config: Config) -> dict[str, _Kept]:
    """The documents of an index; none where there is none yet, or where it cannot be read."""
    try:
        with closing(open_store(config)) as store:
            return {info.source: _Kept(store.document(info.source), info.path) for info in store.documents()}
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
    """A document of the index that is made anew, and where its file stood."""

    document: Document
    path: str


class _Indexing:
    """One run: each file in turn, what was indexed before where a rebuild has no newer file for it."""

    def __init__(
        self, config: Config, writer: IndexWriter, encoder: Encoder, kept: Mapping[str, _Kept], progress: Progress
    ) -> None:
        self._config = config
        self._writer = writer
        self._encoder = encoder
        self._kept = kept
        self._progress = progress
        self._before = {info.source: (info.sha256, info.path) for info in writer.documents()}
        self._before |= {source: (old.document.sha256, old.path) for source, old in kept.items()}
        self._done: dict[str, str] = {}  # sources of this run, with where their files stand
        self._report = IndexReport()

    def run(self, files: Sequence[Path], executor: Executor) -> IndexReport:
        n_files = len(files) + len(self._kept.keys() - {readable_name(path) for path in files})
        tasks = [self._task(path) for path in files]
        with closing(executor.map(prepare_document, tasks)) as outcomes:
            for number, (path, outcome) in enumerate(zip(files, outcomes, strict=True), start=1):
                with self._reported(str(path)):
                    self._index_file(path, outcome.get(), f"[{number}/{n_files}] {readable_name(path)}")
        left = {source: old for source, old in self._kept.items() if source not in self._done}
        tasks = [self._task_of(old) for old in left.values()]
        with closing(executor.map(prepare_document, tasks)) as outcomes:
            for (source, old), outcome in zip(left.items(), outcomes, strict=True):
                with self._reported(old.path):
                    self._put(outcome.get(), f"[{min(len(self._done) + 1, n_files)}/{n_files}] {source}")
                    self._report.unchanged.append(source)
                    self._done[source] = old.path
        self._report.n_passages = sum(info.n_passages for info in self._writer.documents())
        return self._report

    @contextmanager
    def _reported(self, path: str) -> Iterator[None]:
        """Note why a document cannot be indexed, and go on."""
        try:
            yield
        except (DocumentError, WorkerDiedError) as error:
            self._report.failed[path] = str(error)

    def _task(self, path: Path) -> Task:
        source = readable_name(path)
        sha256, _ = self._before.get(source, ("", ""))
        known = "" if source in self._kept else sha256  # a rebuild makes it anew
        return Task(str(path), self._config.passage_chars, self._config.max_file_bytes, known)

    def _task_of(self, old: _Kept) -> Task:
        return Task(old.path, self._config.passage_chars, self._config.max_file_bytes, document=old.document)

    def _index_file(self, path: Path, prepared: PreparedText, stage: str) -> None:
        document, report = prepared.document, self._report
        self._refuse_namesake(document, path, prepared.path)
        sha256, _ = self._before.get(document.source, ("", ""))
        if prepared.unchanged:
            self._progress(stage, 1, 1, unit="files")
        else:
            self._put(prepared, stage)
        outcome = report.unchanged if sha256 == document.sha256 else report.replaced if sha256 else report.added
        outcome.append(document.source)
        if prepared.notes:
            report.notes[str(path)] = prepared.notes
        self._done[document.source] = prepared.path

    def _refuse_namesake(self, document: Document, path: Path, place: str) -> None:
        """Keep two files of one name from replacing each other; a file that was moved or edited replaces itself."""
        source = document.source
        sha256, before = self._before.get(source, ("", ""))
        other = self._done.get(source, "")
        if not other and before != place and document.sha256 != sha256 and _holds(before, sha256):
            other = before
        if other:
            raise DocumentFormatError(
                f"{path} has the same name as {other}, which is indexed. Rename one: names tell documents apart. "
                f"Or take the other out first: youju index --remove {source}"
            )

    def _put(self, prepared: PreparedText, stage: str) -> None:
        def report(_stage: str, done: int, total: int, /, *, unit: str = "") -> None:
            self._progress(stage, done, total, unit=unit)

        self._writer.replace(
            PreparedDocument(
                prepared.document,
                prepared.path,
                parts=prepared.parts,
                passages=prepared.passages,
                vectors=embed_passages(prepared.texts, encoder=self._encoder, progress=report),
                tokens=prepared.tokens,
            )
        )


def _holds(path: str, sha256: str) -> bool:
    """Whether the file at a path still is the one that was indexed."""
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest() == sha256
    except (OSError, ValueError):
        return False
