"""Progress reporting protocol, and a bar for the terminal.

A step calls ``progress(stage, done, total)`` with counts of real work (bytes, passages, questions),
never of elapsed time. Knows nothing of terminals but for :class:`TerminalProgress`.
"""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any, Protocol, TextIO

__all__ = ["Progress", "TerminalProgress", "no_progress"]

LOG_SECONDS = 10.0


class Progress(Protocol):
    """Receives how far a step is."""

    def __call__(self, stage: str, done: int, total: int, /, *, unit: str = "") -> None:
        """Report that ``done`` of ``total`` units of ``stage`` are finished."""


def no_progress(stage: str, done: int, total: int, /, *, unit: str = "") -> None:
    """Listen to nothing."""


class TerminalProgress:
    """Progress bars, one line a stage; redrawn seldom where the output is no terminal but a log."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._bar: Any = None
        self._stage = ""

    def __call__(self, stage: str, done: int, total: int, /, *, unit: str = "") -> None:
        """Draw the bar of ``stage``; a new stage ends the one before."""
        from tqdm import tqdm  # noqa: PLC0415 - only where something is shown

        if stage != self._stage or self._bar is None or done < self._bar.n:
            self.close()
            self._stage = stage
            # What was there before counts as done, but not for the pace that the estimate is made from.
            self._bar = tqdm(
                total=total,
                initial=done,
                desc=stage,
                unit=unit or "it",
                unit_scale=unit == "B",
                file=self._stream,
                dynamic_ncols=True,
                mininterval=0.1 if self._stream.isatty() else LOG_SECONDS,
            )
        self._bar.total = total
        self._bar.update(done - self._bar.n)
        if done >= total:
            self.close()

    def close(self) -> None:
        """End the current line."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def __enter__(self) -> TerminalProgress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
