"""Observers of answering: each module emits steps of its own kind.

An observer only listens; what is answered is the same with and without one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

__all__ = ["Observer", "Step", "ignore_steps"]


class Step:
    """Something that was done on the way from a question to its answer; each module has its own kinds."""

    __slots__ = ()


Observer: TypeAlias = Callable[[Step], None]
"""Called after each step."""


def ignore_steps(step: Step) -> None:
    """Ignore all steps."""
