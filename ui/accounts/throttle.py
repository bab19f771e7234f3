"""Slow down guesses of passwords: each failure doubles the wait before the next try.

Knows nothing of users or requests: it counts by any name. Not the library ``limits``: it counts tries in a window, and
has no wait that doubles, no bound on the names that it keeps in memory, and no clock that a test can set.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Throttle"]

MOST_NAMES = 10_000  # remembered at once: an attacker with endless addresses fills no memory


@dataclass(slots=True)
class _Tries:
    n: int = 0
    open_at: float = 0.0


class Throttle:
    """Counts failed tries by name. Safe to share between threads."""

    def __init__(self, *, n_free: int, most_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with a clean slate.

        Args:
            n_free: Tries before the first wait, as people mistype.
            most_seconds: Longest wait; so long after the last one all is forgotten.
            clock: What tells the time.
        """
        self._n_free = n_free
        self._most_seconds = most_seconds
        self._clock = clock
        self._tries: OrderedDict[str, _Tries] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, name: str) -> float:
        """Count a try that is about to be made; it counts as failed until :meth:`succeed`, so that none slips by.

        Returns:
            0 where it may be made; else the seconds until one may, and it is not counted.
        """
        with self._lock:
            now = self._clock()
            tries = self._tries.get(name)
            if tries is None or now > tries.open_at + self._most_seconds:
                tries = _Tries()
            if now < tries.open_at:
                return tries.open_at - now
            tries.n += 1
            beyond = tries.n - self._n_free
            tries.open_at = now + (min(2.0 ** min(beyond, 30), self._most_seconds) if beyond >= 0 else 0.0)
            self._tries[name] = tries
            self._tries.move_to_end(name)
            while len(self._tries) > MOST_NAMES:
                self._tries.popitem(last=False)
            return 0.0

    def succeed(self, name: str) -> None:
        """Forget the tries of a name: this one was right."""
        with self._lock:
            self._tries.pop(name, None)
