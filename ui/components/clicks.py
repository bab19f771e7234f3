"""What a click on one of our own buttons says, as the browser sends it: checked. Knows nothing of Gradio."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Click", "parse_click"]

MAX_CHARS = 10_000
_NAMES = frozenset({"retry", "edit", "up", "down", "comment", "open", "rename", "delete", "unscope"})


class Click(NamedTuple):
    """A click.

    Attributes:
        name: What is wanted; empty where the browser sent something else.
        target: The number of an exchange, the id of a conversation, or the name of a field.
        text: The text that goes with it.
    """

    name: str = ""
    target: str = ""
    text: str = ""

    @property
    def number(self) -> int:
        """The target as the number of an exchange; 0 where it is none."""
        return int(self.target) if self.target.isascii() and self.target.isdecimal() and len(self.target) < 7 else 0


def parse_click(sent: object) -> Click:
    """Read what was sent.

    >>> act_of({"act": "retry", "number": "2"}).number, act_of({"act": "run", "number": "rm"}), act_of("?").name
    (2, Act(name='', target='', text=''), '')
    """
    if not isinstance(sent, dict):
        return Click()
    name, target, text = (_text(sent.get(key)) for key in ("act", "number", "text"))
    return Click(name, target, text) if name in _NAMES else Click()


def _text(value: object) -> str:
    return value[:MAX_CHARS] if isinstance(value, str) else ""
