"""Watch files and folders by looking at them again and again; index them when they have changed and come to rest.

A file that is being written changes its size or time from one look to the next: it waits until it has stayed the same
for a while. Needs nothing of the system but a file's size and time. Knows nothing of the index.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeAlias

from rag.documents.load import find_files
from rag.errors import DocumentNotFoundError

__all__ = ["LOOK_SECONDS", "SETTLE_SECONDS", "Look", "Watch", "look_at"]

Look: TypeAlias = dict[str, tuple[int, int]]
"""Size and time of change of each file."""
LOOK_SECONDS: Final = 2.0
SETTLE_SECONDS: Final = 5.0  # longer than the pauses of a copy over a network


class Watch:
    """Tells when what is watched is to be indexed.

    Args:
        look: Looks at the files.
        clock: Tells seconds that only ever grow.
        settle_seconds: How long files must have stayed the same.
    """

    def __init__(self, look: Callable[[], Look], clock: Callable[[], float], settle_seconds: float) -> None:
        self._look = look
        self._clock = clock
        self._settle_seconds = settle_seconds
        self._indexed: Look | None = None
        self._last, self._since = look(), clock()

    def is_due(self) -> bool:
        """Look again: whether the files differ from those that were indexed, and have come to rest."""
        now = self._look()
        if now != self._last:
            self._last, self._since = now, self._clock()
        return self._last != self._indexed and self._clock() - self._since >= self._settle_seconds

    def done(self) -> None:
        """What was seen last is indexed; what has changed meanwhile is due when it has come to rest."""
        self._indexed = self._last


def look_at(paths: Sequence[Path]) -> Look:
    """Size and time of change of the files that would be indexed; of those that vanish while one looks, nothing."""
    seen: Look = {}
    for path in paths:
        with suppress(DocumentNotFoundError):
            for file in find_files([path]):
                with suppress(OSError):
                    status = file.stat()
                    seen[str(file)] = (status.st_size, status.st_mtime_ns)
    return seen
