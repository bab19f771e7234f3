"""Files -> index: load, chunk, embed, store; one document at a time, so that nothing done is lost.

A document already indexed with the same bytes is passed over; a changed one is replaced in one
transaction; a bad file is reported and the rest goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rag.chunk import chunk_document, chunking_fingerprint, searchable_text
from rag.config import Config
from rag.embed import Encoder, embed_passages, load_encoder
from rag.errors import DocumentError, DocumentFormatError, DocumentNotFoundError, IndexCorruptError, IndexMissingError
from rag.index import DenseIndex
from rag.load import find_files, load_document
from rag.progress import Progress, no_progress
from rag.schema import Document
from rag.store import Store
from rag.tokenize import lexical_tokens

__all__ = ["IndexReport", "index_paths", "remove_sources"]


@dataclass(slots=True)
class IndexReport:
    """What became of each file.

    Attributes:
        added: New documents.
        replaced: Documents whose content had changed.
        unchanged: Documents already indexed.
        failed: Files with the reason in words.
        n_passages: Passages in the index afterwards.
    """

    added: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
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
    kept = _kept_documents(config.index) if rebuild else []
    if not files and not kept:
        raise DocumentNotFoundError(
            f"There is nothing to index: no path was named and {config.index} holds no readable document. "
            "Name the files: youju index --rebuild PATH"
        )
    encoder = encoder or load_encoder(config)
    opened = Store.rebuild(config.index) if rebuild else Store.open(config.index, create=True)
    with opened as store:
        report = _index_files(config, files, kept, store, encoder, progress)
    with Store.open(config.index, readonly=True) as store:
        DenseIndex.load_or_build(store, config.index)
    return report


def _kept_documents(folder: Path) -> list[tuple[Path, Document]]:
    """The documents of an index with where they came from; none where there is none yet, or it is damaged."""
    try:
        with Store.open(folder, readonly=True) as store:
            return [(Path(info.path), store.document(info.source)) for info in store.documents()]
    except (IndexCorruptError, IndexMissingError):
        return []


def remove_sources(config: Config, sources: Sequence[str]) -> None:
    """Take documents out of the index.

    Raises:
        DocumentNotFoundError: A source is not in the index; nothing is removed then.
    """
    with Store.open(config.index) as store:
        for source in sources:
            store.document(source)
        for source in sources:
            store.remove_document(source)
        DenseIndex.load_or_build(store, config.index)


def _index_files(
    config: Config,
    files: Sequence[Path],
    kept: Sequence[tuple[Path, Document]],
    store: Store,
    encoder: Encoder,
    progress: Progress,
) -> IndexReport:
    store.adopt(encoder.name, encoder.dim, chunking_fingerprint(config.passage_chars))
    report = IndexReport()
    known = {info.source: info.sha256 for info in store.documents()}
    named = {path.name for path in files}
    work: list[tuple[Path, Document | None]] = [(path, None) for path in files]
    work += [(path, document) for path, document in kept if document.source not in named]
    taken: dict[str, Path] = {}
    for number, (path, kept_document) in enumerate(work, start=1):
        stage = f"[{number}/{len(work)}] {path.name}"
        try:
            document = kept_document or load_document(path, max_bytes=config.max_file_bytes)
            if document.source in taken:
                raise DocumentFormatError(
                    f"{path} has the same name as {taken[document.source]}. Rename one: names tell documents apart."
                )
            taken[document.source] = path
            if known.get(document.source) == document.sha256:
                report.unchanged.append(document.source)
                progress(stage, 1, 1, unit="files")
                continue
            _index_document(config, document, path, store, encoder, progress, stage)
        except DocumentError as error:
            report.failed[str(path)] = str(error)
            continue
        (report.replaced if document.source in known else report.added).append(document.source)
    report.n_passages = sum(info.n_passages for info in store.documents())
    return report


def _index_document(
    config: Config, document: Document, path: Path, store: Store, encoder: Encoder, progress: Progress, stage: str
) -> None:
    chunked = chunk_document(document, passage_chars=config.passage_chars)
    if not chunked.passages:
        raise DocumentFormatError(
            f"{document.source} holds no text beside page furniture. Nothing was indexed from it."
        )
    texts = [searchable_text(passage) for passage in chunked.passages]

    def report(_stage: str, done: int, total: int, /, *, unit: str = "") -> None:
        progress(stage, done, total, unit=unit or "passages")

    vectors = embed_passages(texts, encoder=encoder, progress=report)
    tokens = [lexical_tokens(text) for text in texts]
    store.replace_document(
        document,
        str(path.resolve()),
        parts=chunked.parts,
        passages=chunked.passages,
        vectors=vectors,
        tokens=tokens,
    )
