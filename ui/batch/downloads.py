"""Files to be downloaded through Gradio, each at an address that nobody can guess.

Gradio serves whatever lies in its temporary folder to anybody who knows the path, whose middle is by its own habit a
hash of the content. What is offered here lies under 256 random bits instead, for an hour at most, and is taken away
with the batch. Knows nothing of batches or Gradio.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import shutil
import time
from pathlib import Path

from ui.text.invisible import letters_only

__all__ = ["Downloads"]

KEPT_SECONDS = 3600.0
_PREFIX = "youju-"


class Downloads:
    """What is on offer in a folder."""

    def __init__(self, folder: Path) -> None:
        """Take the folder that is served; what an earlier server left there is removed once it is an hour old."""
        self._folder = folder
        self._sweep()

    def offer(self, file: Path, *, name: str, key: str) -> Path:
        """Copy a file to a place of its own.

        Args:
            file: The file.
            name: How it is to be called; untrusted, of which letters, digits and little else are kept.
            key: What it belongs to.

        Returns:
            The copy.

        Raises:
            OSError: The disk refuses.
        """
        self._sweep()
        place = self._folder / f"{_prefix(key)}{secrets.token_urlsafe(32)}"
        place.mkdir(parents=True, mode=0o700)
        stem = letters_only(name, between="_")[:60] or "questions"
        offered = place / f"{stem}-answers{file.suffix}"
        shutil.copyfile(file, offered)
        return offered

    def withdraw(self, key: str) -> None:
        """Remove what belongs to a key."""
        for place in self._folder.glob(f"{_prefix(key)}*"):
            shutil.rmtree(place, ignore_errors=True)

    def _sweep(self) -> None:
        oldest = time.time() - KEPT_SECONDS
        for place in self._folder.glob(f"{_PREFIX}*"):
            with contextlib.suppress(OSError):
                if place.stat().st_mtime < oldest:
                    shutil.rmtree(place, ignore_errors=True)


def _prefix(key: str) -> str:
    return f"{_PREFIX}{hashlib.sha256(key.encode()).hexdigest()[:16]}-"
