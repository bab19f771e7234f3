"""One at a time, in the order they came, for work that may wait long and may be given up while it waits.

A plain lock would let whoever has just had it have it again; here two long uploads take turns file by file.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["FairLock", "WorkCancelled"]

LOOK_SECONDS: Final = 0.2  # between two looks at whether who waits still wants to


class WorkCancelled(Exception):  # noqa: N818 - no error: what was asked for
    """Whoever wanted the work wants it no more."""


class FairLock:
    """A line in which the first one works and the others wait."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._line: list[object] = []

    @contextmanager
    def turn(self, *, waits: Callable[[], None], stopped: Callable[[], bool]) -> Iterator[None]:
        """Wait for one's turn, and have it for the length of the block.

        Args:
            waits: Called once if the caller has to wait.
            stopped: Whether the turn is still wanted, asked again and again while it waits.

        Raises:
            Stopped: It is wanted no more.
        """
        ticket = object()
        with self._changed:
            self._line.append(ticket)
            first = self._line[0] is ticket
        try:
            if not first:
                waits()
            self._wait(ticket, stopped)
            yield
        finally:
            with self._changed:
                self._line.remove(ticket)
                self._changed.notify_all()

    def _wait(self, ticket: object, stopped: Callable[[], bool]) -> None:
        with self._changed:
            while self._line[0] is not ticket:
                if stopped():
                    raise WorkCancelled
                self._changed.wait(LOOK_SECONDS)
