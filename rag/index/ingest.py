"""Files -> index: load, chunk, embed, store; one document at a time, so that nothing done is lost.

A document already indexed with the same bytes is passed over; a changed one is replaced in one
transaction; a bad file is reported and the rest goes on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from rag.config import Config
from rag.documents.chunk import chunk_document, chunking_fingerprint, searchable_text
from rag.documents.load import find_files, load_document, readable_name, unread_files
from rag.encoders import Encoder, embed_passages, load_encoder
from rag.errors import (
    DocumentError,
    DocumentFormatError,
    DocumentNotFoundError,
    IndexCorruptError,
    IndexMismatchError,
    IndexMissingError,
)
from rag.index.opening import open_store, write_index
from rag.index.protocols import IndexFacts, IndexWriter, PreparedDocument
from rag.progress import Progress, no_progress
from rag.schema.documents import Document
from rag.text.unicode import whole_text
from rag.text.words import lexical_tokens

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
        n_passages: Passages in the index afterwards.
    """

    added: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
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
        report = _Indexing(config, writer, encoder, kept, progress).run(files)
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

    def run(self, files: Sequence[Path]) -> IndexReport:
        n_files = len(files) + len(self._kept.keys() - {readable_name(path) for path in files})
        for number, path in enumerate(files, start=1):
            try:
                self._index_file(path, f"[{number}/{n_files}] {readable_name(path)}")
            except DocumentError as error:
                self._report.failed[str(path)] = str(error)
        for source, old in self._kept.items():
            if source not in self._done:
                self._index_kept(old, f"[{min(len(self._done) + 1, n_files)}/{n_files}] {source}")
        self._report.n_passages = sum(info.n_passages for info in self._writer.documents())
        return self._report

    def _index_file(self, path: Path, stage: str) -> None:
        document = load_document(path, max_bytes=self._config.max_file_bytes)
        source, place = document.source, whole_text(str(path.resolve()))
        self._refuse_namesake(document, path, place)
        sha256, _ = self._before.get(source, ("", ""))
        same, report = sha256 == document.sha256, self._report
        if same and source not in self._kept:
            self._progress(stage, 1, 1, unit="files")
        else:
            self._put(document, place, stage)
        (report.unchanged if same else report.replaced if sha256 else report.added).append(source)
        self._done[source] = place

    def _index_kept(self, old: _Kept, stage: str) -> None:
        try:
            self._put(old.document, old.path, stage)
        except DocumentError as error:
            self._report.failed[old.path] = str(error)
        else:
            self._report.unchanged.append(old.document.source)
            self._done[old.document.source] = old.path

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

    def _put(self, document: Document, place: str, stage: str) -> None:
        chunked = chunk_document(document, passage_chars=self._config.passage_chars)
        if not chunked.passages:
            raise DocumentFormatError(
                f"{document.source} holds no text beside page furniture. Nothing was indexed from it."
            )

        def report(_stage: str, done: int, total: int, /, *, unit: str = "") -> None:
            self._progress(stage, done, total, unit=unit)

        texts = [searchable_text(passage) for passage in chunked.passages]
        self._writer.replace(
            PreparedDocument(
                document,
                place,
                parts=chunked.parts,
                passages=chunked.passages,
                vectors=embed_passages(texts, encoder=self._encoder, progress=report),
                tokens=[lexical_tokens(text) for text in texts],
            )
        )


def _holds(path: str, sha256: str) -> bool:
    """Whether the file at a path still is the one that was indexed."""
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest() == sha256
    except (OSError, ValueError):
        return False
