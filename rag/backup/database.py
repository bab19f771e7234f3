"""Copy an SQLite database while others write it, and see whether a copy is sound. Knows nothing of what is in it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from rag.errors import WorkspaceError

__all__ = ["copy_database", "is_database", "is_sound"]

MAGIC: Final = b"SQLite format 3\0"
BUSY_SECONDS: Final = 30.0


def is_database(file: Path) -> bool:
    """Whether a file begins like an SQLite database."""
    with file.open("rb") as stream:
        return stream.read(len(MAGIC)) == MAGIC


def copy_database(file: Path, copy: Path) -> None:
    """Copy a database as it is at one moment.

    Raises:
        WorkspaceError: It is damaged, or locked for long.
    """
    # Opened for writing where that is possible: only so can SQLite undo what a killed process left half done.
    mode = "rw" if os.access(file, os.W_OK) and os.access(file.parent, os.W_OK) else "ro"
    uri = f"{file.absolute().as_uri()}?mode={mode}"
    try:
        with (
            closing(sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
    except sqlite3.Error as error:
        raise WorkspaceError(f"{file} cannot be copied: {error}. Nothing was written. Try again.") from error


def is_sound(file: Path) -> bool:
    """Whether SQLite finds nothing wrong with a database."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as database:
        database.execute("PRAGMA trusted_schema=OFF")
        return bool(database.execute("PRAGMA quick_check(1)").fetchall() == [("ok",)])
    return False
