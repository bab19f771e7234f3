"""The SQLite file under the store: open it, check its format, translate SQLite's errors into words.

Knows nothing of documents or of what the tables mean.

How it keeps its promises:

- **Rollback journal, not WAL.** A kill at any moment leaves either the old or the new state: the next opening
  rolls an unfinished transaction back. A closed index is one file, which can be copied, and read from read-only media;
  WAL would need its ``-wal`` and ``-shm`` files beside it, writable even for reading. Its price, that readers wait
  while a transaction is written out, is milliseconds here: one transaction is one document.
- ``synchronous=FULL``: a finished transaction is on disk before the call returns, so a power cut loses none.
- ``foreign_keys=ON``: what belongs to a document goes with it.
- ``cache_size`` 64 MB for a writer: a document's transaction stays in memory until it is committed, so that readers
  are shut out for the commit alone.
- ``secure_delete=ON``: what is deleted is overwritten in the file; a rollback journal is deleted with each commit.
- ``temp_store=MEMORY``: reading never needs a place to write. ``query_only=ON`` for readers.
- ``trusted_schema=OFF``: a prepared index file runs no function from its schema.

One connection, used by all threads in turn under a lock: statements take milliseconds, and a second connection
would have to be closed by the thread that opened it.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from rag.errors import (
    CorpusIndexError,
    DiskFullError,
    IndexCorruptError,
    IndexLockedError,
    IndexMismatchError,
    IndexReadOnlyError,
    RagError,
)
from rag.files import put_in_place
from rag.index.refusals import missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["Database"]

BUSY_SECONDS: Final = 30.0
READ_PRAGMAS: Final = ("foreign_keys=ON", "trusted_schema=OFF", "temp_store=MEMORY")
WRITE_PRAGMAS: Final = ("journal_mode=DELETE", "synchronous=FULL", "cache_size=-65536", "secure_delete=ON")


class Database:
    """An open SQLite file of our format.

    Args:
        file: The file.
        application_id: The number in the file's header that says it is ours.
        migrations: SQL scripts; the n-th turns format n into format n + 1, the first one makes the tables.
        create: Make the file where it is missing.
        readonly: Open for reading; never changes the file, but for undoing what a killed writer left half done.
    """

    def __init__(
        self,
        file: Path,
        *,
        application_id: int,
        migrations: Sequence[str],
        create: bool = False,
        readonly: bool = False,
    ) -> None:
        self.file = file
        self._lock = threading.RLock()
        if not create and not (file.is_file() and file.stat().st_size):
            raise missing(file.parent)
        # Where the medium allows it, a reader opens the file for writing too: only so can SQLite undo an unfinished
        # transaction. On a read-only medium there is no such thing to undo, or it cannot be undone.
        writable = os.access(file.parent, os.W_OK) and (os.access(file, os.W_OK) or not file.exists())
        if not writable and not readonly:
            raise read_only(file.parent)
        self._number = _number(file)  # before it is opened: what takes its place meanwhile is noticed
        mode = "ro" if not writable else "rwc" if create else "rw"
        with self._errors():
            self._connection = sqlite3.connect(
                f"{file.absolute().as_uri()}?mode={mode}",
                uri=True,
                timeout=BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
        try:
            self._prepare(application_id, migrations, readonly=readonly, writable=writable)
            self._number = self._number or _number(file)
        except BaseException:
            self.close()
            raise

    def _prepare(self, application_id: int, migrations: Sequence[str], *, readonly: bool, writable: bool) -> None:
        """Check that the file is ours, set it up, and bring it to the newest format, for readers as well."""
        version = self._checked_version(application_id, len(migrations), readonly=readonly, writable=writable)
        for pragma in (*READ_PRAGMAS, *(() if readonly else WRITE_PRAGMAS)):
            self.rows(f"PRAGMA {pragma}")
        if version < len(migrations):
            self._migrate(migrations, application_id)
        if readonly:
            self.rows("PRAGMA query_only=ON")

    def _migrate(self, migrations: Sequence[str], application_id: int) -> None:
        """Bring the file from its format to the newest one, in one step."""
        with self.transaction():
            version = int(self.row("PRAGMA user_version")[0])  # another process may have done it meanwhile
            for script in migrations[version:]:
                for statement in script.split(";\n"):
                    self.rows(statement)
            self.rows(f"PRAGMA application_id={application_id:d}")
            self.rows(f"PRAGMA user_version={len(migrations):d}")

    def _checked_version(self, application_id: int, newest: int, *, readonly: bool, writable: bool) -> int:
        """The format of the file.

        Raises:
            IndexMissingError: It is empty, and opened for reading.
            IndexCorruptError: It is another program's.
            IndexMismatchError: It is of a newer format, or of an older one and cannot be written.
        """
        found = self.row("PRAGMA application_id")[0]
        empty = self.row("SELECT count(*) FROM sqlite_master")[0] == 0
        version = int(self.row("PRAGMA user_version")[0])
        if empty and readonly:
            raise missing(self.file.parent)
        if found != application_id and not empty:
            raise corrupt(self.file, "it is an SQLite file, but not an index of youju")
        if version > newest:
            raise IndexMismatchError(
                f"The index {self.file} has format {version}; this version of youju reads formats up to {newest}. "
                "Update youju, or rebuild the index: youju index --rebuild"
            )
        if version < newest and not writable:
            raise IndexMismatchError(
                f"The index {self.file} has format {version}; this version of youju reads format {newest}, and it "
                "cannot be written. Give write access to its folder once, and it is brought up to date."
            )
        return version

    @property
    def in_place(self) -> bool:
        """Whether the name still stands for the file that was opened, and not for one that took its place."""
        return _number(self.file) == self._number

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """Run a statement to its end; values are bound, never formatted."""
        with self._lock, self._errors():
            return self._connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> Any:  # noqa: ANN401 - a row has columns of any type
        """The first row, or None."""
        found = self.rows(sql, parameters)
        return found[0] if found else None

    def many(self, sql: str, parameters: Sequence[Sequence[Any]]) -> None:
        """Run a statement once for each row of values."""
        with self._lock, self._errors():
            self._connection.executemany(sql, parameters)

    def insert(self, sql: str, parameters: Sequence[Any]) -> int:
        """Insert a row; return its key."""
        with self._lock, self._errors():
            return int(self._connection.execute(sql, parameters).lastrowid or 0)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the block, or nothing of it. Other threads wait."""
        with self._lock:
            self.rows("BEGIN IMMEDIATE")
            try:
                yield
                self.rows("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # the first error is the one to tell
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the file; a transaction that is not finished is undone."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _translate(error, self.file) from error
        except UnicodeDecodeError as error:  # SQLite tells of damage in the words of the damaged part
            raise corrupt(self.file, "it is damaged") from error

    @contextmanager
    def sound(self) -> Iterator[None]:
        """For making our nouns of rows: a row that none can be made of is damage, too.

        Raises:
            IndexCorruptError: A value is not what was written.
        """
        try:
            yield
        except (ValueError, TypeError) as error:
            raise corrupt(self.file, f"it is damaged ({error})") from error


def replace_file(new: Path, old: Path) -> None:
    """Put a closed database in the place of another one.

    What a killed writer left half done in the old file is undone first: a journal that outlived its file would be
    applied to the file that takes its place.

    Raises:
        IndexLockedError: A reader holds the old file, where the system does not let it go on with what it has.
    """
    if old.is_file():
        with suppress(sqlite3.Error):
            connection = sqlite3.connect(f"{old.absolute().as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS)
            try:
                connection.execute("PRAGMA user_version").fetchall()
            finally:
                connection.close()
    try:
        journal_of(old).unlink(missing_ok=True)
        put_in_place(new, old)
    except PermissionError as error:
        raise IndexLockedError(
            f"{old} could not be replaced: another program has it open. Close it and try again."
        ) from error


def _number(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def discard(file: Path) -> None:
    """Remove a database that was never finished."""
    for leftover in (file, journal_of(file)):
        with suppress(OSError):
            leftover.unlink(missing_ok=True)


def journal_of(file: Path) -> Path:
    """Where SQLite notes what it needs to undo an unfinished transaction."""
    return file.with_name(file.name + "-journal")


def read_only(folder: Path) -> IndexReadOnlyError:
    """The error for a folder that cannot be written."""
    return IndexReadOnlyError(
        f"The index folder {folder} cannot be written. Give write access to it, or name another one with YOUJU_INDEX."
    )


def unfinished_write(file: Path) -> IndexReadOnlyError:
    """The error for a half-done write that cannot be undone where it stands."""
    return IndexReadOnlyError(
        f"A write to {file} was interrupted and must be undone first, which needs write access to its folder. "
        "Give write access once, then try again."
    )


def corrupt(file: Path, why: str) -> IndexCorruptError:
    """The error for a file that is no index."""
    return IndexCorruptError(f"{file} cannot be used as an index: {why}. Rebuild it: youju index --rebuild")


def _translate(error: sqlite3.Error, file: Path) -> RagError:
    """SQLite's error in the words of our own tree."""
    code = (getattr(error, "sqlite_errorcode", None) or sqlite3.SQLITE_ERROR) & 0xFF  # without the extended part
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        unfinished = journal_of(file).exists()
        return unfinished_write(file) if unfinished else read_only(file.parent)
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return corrupt(file, f"it is damaged ({error})")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return IndexLockedError(
            f"{file} was locked by another process for {BUSY_SECONDS:.0f} seconds. Wait until it ends, then try again."
        )
    if code == sqlite3.SQLITE_FULL:
        return DiskFullError(f"The disk that holds {file} is full; nothing was changed. Free some room and try again.")
    advice = "Try again; if it stays, rebuild the index: youju index --rebuild"
    if "no such module" in str(error):
        advice = "This Python's SQLite lacks full-text search; use a Python whose SQLite has FTS5."
    return CorpusIndexError(f"SQLite {sqlite3.sqlite_version} could not use {file}: {error}. {advice}")
