"""Allow one writer at a time for an index folder, by a lock that the system frees when its holder dies."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from rag.errors import IndexLockedError
from rag.index.sqlite.database import read_only

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["WriterLock"]


class WriterLock:
    """Lets one process at a time write an index folder; a killed holder holds nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = FileLock(folder / "youju.lock", timeout=0, thread_local=False)
        # Beside the lock file, because some versions of the lock empty it when they try it.
        self._pid = folder / "youju.pid"

    def acquire(self) -> None:
        """Take the lock, at once or not at all.

        Raises:
            IndexLockedError: Another process holds it.
            IndexReadOnlyError: The folder cannot be written.
        """
        try:
            self._lock.acquire()
            self._pid.write_text(str(os.getpid()), encoding="ascii")
        except Timeout:
            holder = ""
            with suppress(OSError):
                holder = self._pid.read_text(encoding="ascii").strip()
            who = f"process {holder}" if holder.isdecimal() else "another process"
            raise IndexLockedError(
                f"The index in {self._folder} is being written by {who}. Wait until it ends, or stop it."
            ) from None
        except (OSError, NotImplementedError) as error:
            self._lock.release()
            raise read_only(self._folder) from error

    def release(self) -> None:
        """Let others write."""
        if self._lock.is_locked:
            with suppress(OSError):
                self._pid.unlink(missing_ok=True)
            self._lock.release()
