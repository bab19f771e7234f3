"""Write the index: put documents in, take them out.

The one source of truth: whatever else is built (FAISS) is built from it and can be thrown away.
Embeds nothing, tokenizes nothing, ranks only by SQLite's own BM25 (k1 = 1.2, b = 0.75, fixed there).
How the file survives a kill, and which settings of SQLite see to it: :mod:`rag.index.sqlite.database`.

One process writes at a time; any number read meanwhile. All threads of a process may share a ``Store``.
Keys of passages are never used twice, so that a stale key finds nothing rather than something else.
"""

from __future__ import annotations

import uuid
import weakref
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from rag.errors import no_such_document
from rag.index.refusals import check_facts, missing
from rag.index.sqlite.contents import Contents
from rag.index.sqlite.database import Database, discard, read_only, replace_file
from rag.index.sqlite.lock import WriterLock
from rag.index.sqlite.tables import (
    APPLICATION_ID,
    MIGRATIONS,
    block_rows,
    content_type,
    part_row,
    passage_row,
    to_json,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from rag.index.protocols import IndexFacts, PreparedDocument
    from rag.schema.documents import Passage

__all__ = ["Store"]

FILE: Final = "youju.sqlite"


class Store(Contents):
    """An open index. Made by :meth:`open` or :meth:`rebuild`; closed at the end of a ``with`` block."""

    def __init__(self, database: Database, lock: WriterLock | None) -> None:
        super().__init__(database)
        self._lock = lock
        weakref.finalize(self, database.close)  # a reader may be let go without being closed

    @classmethod
    def open(cls, folder: Path, *, create: bool = False, readonly: bool = False) -> Store:
        """Open the index in ``folder``, for writing unless ``readonly``.

        A writer keeps all other writers out until it is closed. A reader needs no write access at all.

        Raises:
            IndexMissingError: There is none, and ``create`` is not set.
            IndexLockedError: Another process writes.
            IndexReadOnlyError: The folder cannot be written, and ``readonly`` is not set.
            IndexCorruptError: The file is no index, or damaged.
            IndexMismatchError: A newer youju made the index.
        """
        if readonly:
            return cls(_open_file(folder / FILE, readonly=True), None)
        lock = _lock_folder(folder, create=create)
        try:
            return cls(_open_file(folder / FILE, create=create), lock)
        except BaseException:
            lock.release()
            raise

    @classmethod
    @contextmanager
    def rebuild(cls, folder: Path) -> Iterator[Store]:
        """A new, empty index that takes the place of the one in ``folder`` when the block ends without an error.

        Until then the old one stays whole and readable; interrupted, it stays for good.

        Raises:
            IndexLockedError: Another process writes.
            IndexReadOnlyError: The folder cannot be written.
        """
        lock = _lock_folder(folder, create=True)
        new = folder / f"{FILE}.new"
        try:
            discard(new)
            with cls(_open_file(new, create=True), None) as store:
                yield store
            replace_file(new, folder / FILE)
        finally:
            discard(new)
            lock.release()

    def close(self) -> None:
        """Close the file and let others write."""
        self._database.close()
        if self._lock:
            self._lock.release()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def bind(self, facts: IndexFacts) -> None:
        """Note what the index is made with; where it holds documents, refuse anything else.

        Raises:
            IndexMismatchError: The index holds documents that were indexed with something else.
        """
        if self._database.row("SELECT 1 FROM documents LIMIT 1"):
            return check_facts(self.facts, facts)
        values = {"encoder_name": facts.encoder, "dim": str(facts.dim), "chunking": facts.chunking}
        with self._database.transaction():
            self._database.many("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(values.items()))
            self._count_write()
        return None

    def replace(self, prepared: PreparedDocument) -> None:
        """Put a document in, in place of the one of the same name, in one transaction.

        Raises:
            IndexReadOnlyError: The index was opened for reading.
            ValueError: Its fields do not fit each other or the index.
        """
        prepared.check(self.facts.dim)
        vectors = np.asarray(prepared.vectors, "<f4")
        with self._database.transaction():
            self._delete(prepared.document.source)
            key = self._insert_document(prepared)
            for passage, vector, words in zip(prepared.passages, vectors, prepared.tokens, strict=True):
                self._insert_passage(key, passage, vector.tobytes(), " ".join(words))
            self._count_write()

    def _insert_document(self, prepared: PreparedDocument) -> int:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        d, places = prepared.document, (prepared.path, to_json(list(prepared.copies)))
        text = (len(d.text), d.text, now, block_rows(d), to_json(list(d.notes)))
        key = self._database.insert(
            "INSERT INTO documents (source, sha256, n_bytes, encoding, n_chars, text, added_at, blocks, notes, "
            "path, copies) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (d.source, d.sha256, d.n_bytes, content_type(d), *text, *places),
        )
        self._database.many(
            "INSERT INTO parts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(key, ordinal, *part_row(part)) for ordinal, part in enumerate(prepared.parts)],
        )
        return key

    def _insert_passage(self, document_id: int, passage: Passage, vector: bytes, words: str) -> None:
        key = self._database.insert(
            "INSERT INTO passages (document_id, title, place, years, heading, section, ordinal, text, start, "
            '"end", sentences) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
            (document_id, *passage_row(passage)),
        )
        self._database.insert("INSERT INTO vectors VALUES (?, ?)", (key, vector))
        self._database.insert("INSERT INTO lexical (rowid, tokens) VALUES (?, ?)", (key, words))

    def relocate(self, source: str, *, name: str, paths: Sequence[str]) -> None:
        """Give a document another name, or other places, in one transaction; its passages stay as they are.

        Raises:
            DocumentNotFoundError: The index does not hold it.
        """
        with self._database.transaction():
            if source not in (known := self.sources()):
                raise no_such_document(source, known)
            self._database.rows(
                "UPDATE documents SET source = ?, path = ?, copies = ? WHERE source = ?",
                (name, paths[0], to_json(list(paths[1:])), source),
            )
            self._count_write()

    def remove(self, sources: Sequence[str]) -> None:
        """Take documents out, in one transaction.

        Raises:
            DocumentNotFoundError: The index does not hold one of them; nothing is removed then.
        """
        with self._database.transaction():
            known = self.sources()
            for source in dict.fromkeys(sources):
                if source not in known:
                    raise no_such_document(source, known)
                self._delete(source)
            self._count_write()

    def erase(self) -> None:
        """Clear away what deleted documents left in the file, where there are any since this was last done.

        FTS5 keeps the words of deleted rows until it merges its pieces (its own ``secure-delete`` needs SQLite 3.42);
        a file that was written before deleted text was overwritten is written anew once.
        """
        what = self._meta("erase")
        if what == "everything":
            self._database.rows("PRAGMA temp_store=FILE")  # the whole index need not fit into memory
            self._database.rows("VACUUM")
        if what:
            with self._database.transaction():
                self._database.rows("INSERT INTO lexical (lexical) VALUES ('optimize')")
                self._database.rows("DELETE FROM meta WHERE key = 'erase'")

    def _delete(self, source: str) -> None:
        row = self._database.row("SELECT document_id FROM documents WHERE source = ?", (source,))
        if row:
            passages = "SELECT passage_id FROM passages WHERE document_id = ?"
            self._database.rows(f"DELETE FROM lexical WHERE rowid IN ({passages})", row)  # noqa: S608 - a constant
            self._database.rows("DELETE FROM documents WHERE document_id = ?", row)
            self._database.rows("INSERT OR IGNORE INTO meta VALUES ('erase', 'words')")

    def _count_write(self) -> None:
        self._database.rows("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'generation'")


def _lock_folder(folder: Path, *, create: bool) -> WriterLock:
    """Take the writer's lock of a folder that is there, or is to be made."""
    if create:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise read_only(folder) from error
    elif not (folder / FILE).is_file():
        raise missing(folder)
    lock = WriterLock(folder)
    lock.acquire()
    return lock


def _open_file(file: Path, *, create: bool = False, readonly: bool = False) -> Database:
    """Open the database; a new one gets its identity."""
    database = Database(file, application_id=APPLICATION_ID, migrations=MIGRATIONS, create=create, readonly=readonly)
    if readonly:
        return database
    created = datetime.now(UTC).isoformat(timespec="seconds")
    identity = {"index_id": uuid.uuid4().hex, "generation": "0", "created": created}
    try:
        database.many("INSERT OR IGNORE INTO meta VALUES (?, ?)", list(identity.items()))
    except BaseException:
        database.close()
        raise
    return database
