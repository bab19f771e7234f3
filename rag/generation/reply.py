"""A reply: the pieces of text while they are written, and the whole afterwards.

Knows nothing of models, prompts or citations.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import TypeAlias

__all__ = ["Finish", "OnText", "Pieces", "Reply", "ReplyStream"]

OnText: TypeAlias = Callable[[str], bool]
"""Gets each piece of text as it comes; true stops the model."""


class Finish(StrEnum):
    """Why a reply ended."""

    STOP = "stop"  # the model ended by itself
    LENGTH = "length"  # the limit was reached: the reply is cut off
    STOPPED = "stopped"  # whoever listened ended it


@dataclass(frozen=True, slots=True)
class Reply:
    """What a generator wrote.

    Attributes:
        text: All pieces that were passed on, joined.
        n_prompt_tokens: Tokens of the rendered messages; 0 where a server does not say.
        n_new_tokens: Tokens written, the end token included.
        finish: Why it ended.
    """

    text: str
    n_prompt_tokens: int
    n_new_tokens: int
    finish: Finish


class ReplyStream:
    """A reply while it is written: an iterator over pieces of text, and the whole reply afterwards.

    ::

        with generator.stream(messages, max_new_tokens=320) as stream:
            for piece in stream:
                print(piece, end="")
        stream.reply.finish

    The model writes in a thread of its own. Closing the stream stops the model at its next token and does not wait
    for that. No piece ends inside a character.
    """

    def __init__(self, write: Callable[[OnText], Reply], *, on_close: Callable[[], None] = lambda: None) -> None:
        """Begin to write.

        Args:
            write: Writes the reply and passes on its pieces; runs in the thread of the stream.
            on_close: What else ends the writing, where ``write`` may wait long between two pieces.
        """
        self._pieces: queue.SimpleQueue[str | Reply | BaseException] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._outcome: Reply | BaseException | None = None
        self._on_close = on_close
        # No daemon: a runtime torn down while it computes crashes the interpreter.
        thread = threading.Thread(target=_write_into, args=(write, self._pieces, self._closed), name="youju-generate")
        thread.start()

    def __iter__(self) -> ReplyStream:
        return self

    def __next__(self) -> str:
        if self._closed.is_set() or self._outcome is not None:
            raise StopIteration
        item = self._pieces.get()
        if isinstance(item, str):
            return item
        self._outcome = item
        if isinstance(item, BaseException):
            raise item
        raise StopIteration

    def __enter__(self) -> ReplyStream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        self._closed.set()

    @property
    def reply(self) -> Reply:
        """The whole reply, once all pieces were taken or the stream was closed; then it waits until the model stopped.

        Raises:
            RuntimeError: The reply is still being written.
            GenerationError: The model failed.
        """
        if self._outcome is None and not self._closed.is_set():
            raise RuntimeError("The reply is not finished. Take all pieces of the stream, or close it, first.")
        while self._outcome is None:
            item = self._pieces.get()
            self._outcome = None if isinstance(item, str) else item
        if isinstance(self._outcome, BaseException):
            raise self._outcome
        return self._outcome

    def read(self) -> Reply:
        """Take all pieces, and give the whole reply.

        Raises:
            GenerationError: The model failed.
        """
        with self:
            for _ in self:
                pass
        return self.reply

    def close(self) -> None:
        """Stop the model, if it still writes."""
        if not self._closed.is_set():
            self._closed.set()
            if self._outcome is None:
                self._on_close()


def _write_into(
    write: Callable[[OnText], Reply],
    pieces: queue.SimpleQueue[str | Reply | BaseException],
    closed: threading.Event,
) -> None:
    def on_text(piece: str) -> bool:
        pieces.put(piece)
        return closed.is_set()

    try:
        pieces.put(write(on_text))
    except BaseException as error:  # noqa: BLE001 - raised again where the pieces are taken
        pieces.put(error)


class Pieces:
    """Passes pieces on to a listener, remembers them, and notices when the listener has had enough.

    An exception of the listener must not travel through a runtime written in another language: it stops the model
    and is raised again by :meth:`finish`.
    """

    def __init__(self, on_text: OnText) -> None:
        self._on_text = on_text
        self._texts: list[str] = []
        self._error: BaseException | None = None
        self.stopped = False

    @property
    def text(self) -> str:
        """All pieces so far, joined."""
        return "".join(self._texts)

    @property
    def n_pieces(self) -> int:
        """How many pieces were passed on."""
        return len(self._texts)

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
        finish = Finish.STOPPED if self.stopped else Finish.LENGTH if at_limit else Finish.STOP
        return Reply(self.text, n_prompt_tokens, n_new_tokens, finish)
