"""The SQLite file under the history: opening, format, and SQLite's errors in words for users of the page.

Knows nothing of conversations or of what the tables mean. Apart from ``rag/index/sqlite/database.py``, because this
file is user data and no index: it cannot be rebuilt, several processes may open and migrate it with no lock beside it,
and what one must do about an error differs.

- **Rollback journal, not WAL.** What a user deletes must be gone: with ``secure_delete=ON`` SQLite overwrites it in
  the only file there is, while WAL would keep old pages in a second file until the next checkpoint. The folder also may
  lie on a network share, where WAL does not work. Its price, that readers wait while a transaction is written, is
  milliseconds: a transaction is one exchange.
- ``synchronous=FULL``: what was saved outlives a kill and a power cut; an unfinished transaction is undone by the
  next opening.
- Nobody else on the machine may read it: the file is made with mode 600, its journal takes that over.
- The file is opened when it is first needed, and again when another one took its place (moved away, restored from a
  copy), so that the page never writes into a file that has no name any more.

One connection, used by all threads in turn under a lock.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from rag.errors import WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["HistoryFile"]

BUSY_SECONDS: Final = 10.0  # a page waits less patiently than a program; a transaction takes milliseconds
PRAGMAS: Final = (
    *("foreign_keys=ON", "trusted_schema=OFF", "temp_store=MEMORY"),
    *("journal_mode=DELETE", "synchronous=FULL", "secure_delete=ON"),
)
LATER: Final = "What you do now is not kept; the answers themselves are not affected."


class HistoryFile:
    """An SQLite file of our format, opened when it is first used.

    Args:
        file: The file.
        application_id: The number in the file's header that says it is ours.
        migrations: SQL scripts; the n-th turns format n into format n + 1, the first one makes the tables.
        create: Make the file, and its folder, where they are missing.
    """

    def __init__(self, file: Path, *, application_id: int, migrations: Sequence[str], create: bool = True) -> None:
        self.file = file
        self._application_id = application_id
        self._migrations = migrations
        self._create = create
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._inode: tuple[int, int] | None = None
        self._closed = False

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """Run a statement to its end; values are bound, never formatted.

        Raises:
            WorkspaceError: The file cannot be used.
        """
        with self._lock, self._errors():
            return self._opened().execute(sql, parameters).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the block, or nothing of it. Other threads wait, and other processes that write.

        Raises:
            WorkspaceError: The file cannot be written.
        """
        with self._lock:
            self.rows("BEGIN IMMEDIATE")
            try:
                yield
                self.rows("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # the first error is the one to tell
                    if self._connection is not None and self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def sound(self) -> Iterator[None]:
        """For making our nouns of rows: a row that none can be made of is damage, too.

        Raises:
            WorkspaceError: A value is not what was written.
        """
        try:
            yield
        except (ValueError, TypeError, LookupError, OverflowError, RecursionError) as error:
            raise self._damaged(f"a row of it cannot be read ({type(error).__name__})") from error

    def close(self) -> None:
        """Close the file for good; a transaction that is not finished is undone."""
        with self._lock:
            self._closed = True
            self._drop()

    def _opened(self) -> sqlite3.Connection:
        """The connection, to the file that bears the name now."""
        if self._closed:
            raise WorkspaceError("The history was closed; the page is ending.")
        if self._connection is not None and not self._connection.in_transaction and self._inode != _inode(self.file):
            self._drop()
        if self._connection is None:
            self._connection = self._open()
            try:
                self._prepare(self._connection)
            except BaseException:
                self._drop()
                raise
            self._inode = _inode(self.file)
        return self._connection

    def _open(self) -> sqlite3.Connection:
        if self._create:
            self._make()
        elif not self.file.is_file():
            raise WorkspaceError(f"Nothing was kept yet: there is no {self.file}. It is made by the page: youju chat")
        # Only who may write can undo what a killed process left half done; else it is opened for reading alone.
        writable = os.access(self.file, os.W_OK) and os.access(self.file.parent, os.W_OK)
        return sqlite3.connect(
            f"{self.file.absolute().as_uri()}?mode={'rw' if writable else 'ro'}",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )

    def _make(self) -> None:
        """Make an empty file that only its owner can read; one that is there is left as it is."""
        if self.file.exists():
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):  # another process was quicker
            os.close(os.open(self.file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Check that the file is ours, and bring it to the newest format."""
        newest = len(self._migrations)
        if self._format(connection) > newest:
            raise WorkspaceError(
                f"The history {self.file} was written by a newer version of youju. Update youju. {LATER}"
            )
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").fetchall()
        if self._format(connection) == newest:
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            for script in self._migrations[self._format(connection) :]:  # asked again: another process was quicker
                for statement in script.split(";\n"):
                    connection.execute(statement)
            connection.execute(f"PRAGMA application_id={self._application_id:d}")
            connection.execute(f"PRAGMA user_version={newest:d}")
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise

    def _format(self, connection: sqlite3.Connection) -> int:
        """The format of the file; 0 is a new one."""
        version, application_id, n_tables = connection.execute(
            "SELECT (SELECT user_version FROM pragma_user_version), "
            "(SELECT application_id FROM pragma_application_id), (SELECT count(*) FROM sqlite_master)"
        ).fetchone()
        if n_tables and application_id != self._application_id:
            raise self._damaged("it is an SQLite file, but not a history of youju")
        return int(version)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._translated(error) from error
        except UnicodeDecodeError as error:  # SQLite tells of damage in the words of the damaged part
            raise self._damaged("it is damaged") from error
        except OSError as error:
            raise self._refused(error.strerror or str(error)) from error

    def _translated(self, error: sqlite3.Error) -> WorkspaceError:
        code = (getattr(error, "sqlite_errorcode", None) or sqlite3.SQLITE_ERROR) & 0xFF  # without the extended part
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
            return self._refused(str(error))
        if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            return self._damaged(f"it is damaged ({error})")
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return WorkspaceError(
                f"The history {self.file} was locked by another program for {BUSY_SECONDS:.0f} seconds. "
                f"End that program, then try again. {LATER}"
            )
        if code == sqlite3.SQLITE_FULL:
            return WorkspaceError(f"The disk that holds the history {self.file} is full. Free some room. {LATER}")
        return WorkspaceError(
            f"SQLite {sqlite3.sqlite_version} could not use the history {self.file}: {error}. {LATER}"
        )

    def _refused(self, why: str) -> WorkspaceError:
        return WorkspaceError(
            f"The history {self.file} cannot be opened or written: {why}. Give write access to its folder, or name "
            f"another one with YOUJU_WORKSPACE. {LATER}"
        )

    def _damaged(self, why: str) -> WorkspaceError:
        return WorkspaceError(
            f"The history {self.file} cannot be used: {why}. Move the file away, or put a copy in its place; "
            f"without one the page starts a new one. {LATER}"
        )


def _inode(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
