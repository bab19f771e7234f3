"""Check a question and its history: length, emptiness, malformed turns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from rag.errors import QuestionError
from rag.schema.messages import Turn
from rag.text.unicode import whole_text

__all__ = ["History", "checked_history", "checked_question"]

History: TypeAlias = "Sequence[Turn | Mapping[str, Any]]"
"""Earlier turns, oldest first: :class:`Turn`, or mappings with ``role`` and ``content`` as chat programs keep them."""

EXPECTED = 'expected a list of turns, each {"role": "user" or "assistant", "content": "..."}, oldest first'


def checked_question(question: str, *, max_chars: int) -> str:
    """The question as it is searched and read, without blanks around it.

    Raises:
        QuestionError: There is nothing in it, or too much.
    """
    if not isinstance(question, str):
        raise QuestionError(f"The question is of type {type(question).__name__}, expected text.")
    text = whole_text(question).strip()
    if not any(ch.isalnum() for ch in text):
        raise QuestionError("The question is empty. Write what you want to know, e.g. a figure, a list or a summary.")
    if len(text) > max_chars:
        raise QuestionError(f"The question has {len(text):,} characters; the limit is {max_chars:,}. Shorten it.")
    return text


def checked_history(history: History) -> tuple[Turn, ...]:
    """Earlier turns as :class:`Turn`.

    Raises:
        QuestionError: An item is no turn.
    """
    if isinstance(history, str | Mapping) or not isinstance(history, Sequence):
        raise QuestionError(f"The history is of type {type(history).__name__}; {EXPECTED}.")
    return tuple(_turn(item, number) for number, item in enumerate(history, start=1))


def _turn(item: Turn | Mapping[str, Any], number: int) -> Turn:
    role: Any
    content: Any
    if isinstance(item, Turn):
        role, content = item.role, item.content
    elif isinstance(item, Mapping):
        role, content = item.get("role"), item.get("content")
    else:
        raise QuestionError(f"Item {number} of the history is of type {type(item).__name__}; {EXPECTED}.")
    if role not in ("user", "assistant"):
        raise QuestionError(f"Item {number} of the history has the role {role!r}; {EXPECTED}.")
    if not isinstance(content, str):
        raise QuestionError(f"Item {number} of the history has no text as its content; {EXPECTED}.")
    return Turn(role, whole_text(content))
