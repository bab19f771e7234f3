"""Turns of a conversation, messages to the generator, and the two modes of answering."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["Message", "Mode", "Turn"]

Mode: TypeAlias = Literal["answer", "quotes"]
"""How a question is answered: in the generator's words, or by quotation alone."""


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier message of the conversation."""

    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message to the generator."""

    role: Literal["system", "user", "assistant"]
    content: str
