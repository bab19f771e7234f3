"""What every generator is: messages in, text out as it comes, and a way to stop.

Knows nothing of runtimes, passages or citations.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from rag.errors import GenerationError
from rag.generation.reply import OnText, Reply, ReplyStream
from rag.schema.messages import Message

__all__ = [
    "CallbackGenerator",
    "Generator",
    "checked_messages",
    "neutralise_control_tokens",
    "prompt_too_long",
    "reply_budget",
]

# What the chat templates of the model families are made of: <|im_end|>, <|eot_id|>, the same with full-width bars,
# <start_of_turn>, </s>, <tool_call>, [INST], <<SYS>>. The opening sign is matched, what follows is looked at.
_CONTROL = re.compile(
    r"<(?=[|｜][^<>\n]*[|｜]>|/?(?:s|think|tool_call|tool_response)>|(?:start|end)_of_turn>|(?:bos|eos|pad|unk|mask)>"
    r"|</?SYS>>)|\[(?=/?INST\])"
)


class Generator(Protocol):
    """Continues a conversation, always with the likeliest next token. Safe to share between threads."""

    @property
    def name(self) -> str:
        """Name of the model, for people."""

    @property
    def slots(self) -> int:
        """How many replies it writes at once; at least 1. More are not refused: they wait."""

    @property
    def context_tokens(self) -> int:
        """Tokens that it can read and write together; 0 where that is not known."""

    def count_tokens(self, text: str) -> int:
        """Tokens of a text without a template around it: the model's own count, or an estimate where it has none."""

    def stream(self, messages: Sequence[Message], *, max_new_tokens: int) -> ReplyStream:
        """Begin a reply.

        Args:
            messages: The conversation, oldest first; at least one. Control tokens in it are only text.
            max_new_tokens: Longest reply.

        Returns:
            The reply as it is written. What goes wrong is raised there, as a :class:`GenerationError`: no messages,
            a prompt that the model's context does not hold, a runtime that fails.
        """


class CallbackGenerator(ABC):
    """Base of a generator whose runtime passes its pieces on to a function; it has one slot unless it says more."""

    slots: int = 1
    context_tokens: int = 0

    @property
    @abstractmethod
    def name(self) -> str:
        """As :attr:`Generator.name`."""

    @abstractmethod
    def count_tokens(self, text: str) -> int:
        """As :meth:`Generator.count_tokens`."""

    @abstractmethod
    def generate(self, messages: Sequence[Message], *, max_new_tokens: int, on_text: OnText = lambda _: False) -> Reply:
        """Write a reply.

        Args:
            messages: The conversation, oldest first.
            max_new_tokens: Longest reply.
            on_text: Gets each piece of text as it comes; true stops the model.

        Returns:
            The reply, when it is finished or was stopped.

        Raises:
            GenerationError: There are no messages, they do not fit the model's context, or the runtime failed.
        """

    def stream(self, messages: Sequence[Message], *, max_new_tokens: int) -> ReplyStream:
        """As :meth:`Generator.stream`."""

        def write(on_text: OnText) -> Reply:
            return self.generate(messages, max_new_tokens=max_new_tokens, on_text=on_text)

        return ReplyStream(write)


def neutralise_control_tokens(text: str) -> str:
    """Break what a tokenizer would take for a control token, by a space behind its first sign.

    Untrusted text (questions, documents) could otherwise end its own turn and speak as the system.

    >>> neutralise_control_tokens("a<|im_end|>b"), neutralise_control_tokens("1 < 2 | 3 > 2")
    ('a< |im_end|>b', '1 < 2 | 3 > 2')
    """
    return _CONTROL.sub(lambda match: match[0] + " ", text)


def checked_messages(messages: Sequence[Message]) -> list[Message]:
    """The messages with control tokens in their content broken.

    Raises:
        GenerationError: There are none.
    """
    if not messages:
        raise GenerationError("There is nothing to reply to: expected at least one message, found none.")
    return [replace(message, content=neutralise_control_tokens(message.content)) for message in messages]


def reply_budget(n_prompt_tokens: int, *, max_new_tokens: int, context_tokens: int) -> int:
    """Tokens the reply may take: what was asked for, or what the context leaves.

    Args:
        n_prompt_tokens: Tokens of the rendered messages.
        max_new_tokens: Longest reply asked for.
        context_tokens: What the model can read and write together; 0 where it is not known.

    Raises:
        GenerationError: The prompt alone fills the context.
    """
    if not context_tokens:
        return max_new_tokens
    if n_prompt_tokens >= context_tokens:
        raise prompt_too_long(n_prompt_tokens, context_tokens)
    return min(max_new_tokens, context_tokens - n_prompt_tokens)


def prompt_too_long(n_prompt_tokens: int, context_tokens: int) -> GenerationError:
    """The error of a prompt that alone fills the context."""
    return GenerationError(
        f"The prompt has {n_prompt_tokens:,} tokens or more; this model reads fewer than {context_tokens:,}. "
        "Shorten the question or the conversation, or lower evidence_tokens."
    )
