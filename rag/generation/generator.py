"""What every generator is: messages in, text out as it comes, and a way to stop.

Knows nothing of runtimes, passages or citations.
"""

import queue
import re
import threading
from collections.abc import Callable, Sequence
from collections.abc import Generator as PieceStream
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from rag.errors import GenerationError
from rag.schema.messages import Message

__all__ = ["Generator", "Pieces", "Reply", "neutralise_control_tokens", "reply_budget", "stream"]

# What the chat templates of the model families are made of: <|im_end|>, <|eot_id|>, the same with full-width bars,
# <start_of_turn>, </s>, <tool_call>, [INST], <<SYS>>. The opening sign is matched, what follows is looked at.
_CONTROL = re.compile(
    r"<(?=[|｜][^<>\n]*[|｜]>|/?(?:s|think|tool_call|tool_response)>|(?:start|end)_of_turn>|(?:bos|eos|pad|unk|mask)>"
    r"|</?SYS>>)|\[(?=/?INST\])"
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a generator wrote.

    Attributes:
        text: All pieces that were passed on, joined.
        n_prompt_tokens: Tokens of the rendered messages.
        n_new_tokens: Tokens written, the end token included.
        finish: ``stop`` the model ended by itself; ``length`` the limit was reached; ``stopped`` the listener ended it.
    """

    text: str
    n_prompt_tokens: int
    n_new_tokens: int
    finish: Literal["stop", "length", "stopped"]


class Generator(Protocol):
    """Continues a conversation, always with the likeliest next token."""

    @property
    def name(self) -> str:
        """Name of the model, for people."""

    def count_tokens(self, text: str) -> int:
        """Tokens of a text as the model counts them, without a template around it."""

    def generate(
        self, messages: Sequence[Message], *, max_new_tokens: int, on_text: Callable[[str], bool] = lambda _: False
    ) -> Reply:
        """Write a reply.

        Args:
            messages: The conversation, oldest first.
            max_new_tokens: Longest reply.
            on_text: Gets each piece of text as it comes; true stops the model.

        Returns:
            The reply, when it is finished or was stopped.

        Raises:
            GenerationError: The prompt does not fit the model's context, or the runtime failed.
        """

    def stream(self, messages: Sequence[Message], *, max_new_tokens: int) -> PieceStream[str, None, Reply]:
        """Yield the reply as it comes; see :func:`stream`. A class that names this one as its base inherits it."""
        return stream(self, messages, max_new_tokens=max_new_tokens)


class Pieces:
    """Passes pieces on to a listener, remembers them, and notices when the listener has had enough.

    An exception of the listener must not travel through a runtime written in another language: it stops the model
    and is raised again by :meth:`finish`.
    """

    def __init__(self, on_text: Callable[[str], bool]) -> None:
        self._on_text = on_text
        self._texts: list[str] = []
        self._error: BaseException | None = None
        self.stopped = False

    def add(self, piece: str) -> bool:
        """Take a piece; true means stop."""
        # Only a cut inside a character gives U+FFFD: there is no text in it.
        piece = piece.replace("\ufffd", "")
        if piece and not self.stopped:
            self._texts.append(piece)
            try:
                self.stopped = bool(self._on_text(piece))
            except BaseException as error:  # noqa: BLE001 - raised again in finish()
                self._error, self.stopped = error, True
        return self.stopped

    def finish(self, *, n_prompt_tokens: int, n_new_tokens: int, at_limit: bool) -> Reply:
        """The reply; raises what the listener raised."""
        if self._error is not None:
            raise self._error
        finish: Literal["stop", "length", "stopped"] = "stopped" if self.stopped else "length" if at_limit else "stop"
        return Reply("".join(self._texts), n_prompt_tokens, n_new_tokens, finish)


def neutralise_control_tokens(text: str) -> str:
    """Break what a tokenizer would take for a control token, by a space behind its first sign.

    Untrusted text (questions, documents) could otherwise end its own turn and speak as the system.

    >>> neutralise_control_tokens("a<|im_end|>b"), neutralise_control_tokens("1 < 2 | 3 > 2")
    ('a< |im_end|>b', '1 < 2 | 3 > 2')
    """
    return _CONTROL.sub(lambda match: match[0] + " ", text)


def neutralised(messages: Sequence[Message]) -> list[Message]:
    """The messages with control tokens in their content broken."""
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
        raise GenerationError(
            f"The prompt has {n_prompt_tokens:,} tokens or more; this model reads fewer than {context_tokens:,}. "
            "Shorten the question or the conversation, or lower evidence_tokens."
        )
    return min(max_new_tokens, context_tokens - n_prompt_tokens)


def stream(generator: Generator, messages: Sequence[Message], *, max_new_tokens: int) -> PieceStream[str, None, Reply]:
    """Yield the reply piece by piece, while the model writes in a thread of its own.

    ``reply = yield from stream(...)`` gives the whole. Closing the iterator stops the model at its next token;
    it does not wait for that.

    Raises:
        GenerationError: As :meth:`Generator.generate`.
    """
    pieces: queue.SimpleQueue[str | Reply | BaseException] = queue.SimpleQueue()
    closed = threading.Event()

    def on_text(piece: str) -> bool:
        pieces.put(piece)
        return closed.is_set()

    def work() -> None:
        try:
            pieces.put(generator.generate(messages, max_new_tokens=max_new_tokens, on_text=on_text))
        except BaseException as error:  # noqa: BLE001 - raised again where the consumer is
            pieces.put(error)

    # No daemon: a runtime torn down while it computes crashes the interpreter.
    threading.Thread(target=work, name="youju-generate").start()
    try:
        while True:
            item = pieces.get()
            if isinstance(item, Reply):
                return item
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        closed.set()
