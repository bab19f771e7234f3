"""What answering tells whoever looks inside: each module makes known what it did, as a step of a kind of its own.

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
"""Is told of every step when it was done."""


def ignore_steps(step: Step) -> None:
    """Nobody looks."""
