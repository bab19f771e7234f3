"""Which pages wait for an answer, and where their users went meanwhile. Knows nothing of Gradio or of answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.conversations.conversation import Conversation

__all__ = ["InFlight", "InFlightQuestions"]


@dataclass(slots=True)
class InFlight:
    """A question that a page waits for.

    Attributes:
        instead: What the user has gone on to. The question's own last message then shows it, for whatever was still on
            its way to the browser comes before that.
    """

    instead: Conversation | None = None


class InFlightQuestions:
    """The questions that are under way, at most one a session that is still wanted."""

    def __init__(self) -> None:
        self._by_session: dict[str, InFlight] = {}

    @contextmanager
    def asking(self, session: str) -> Iterator[InFlight]:
        """A question of a session, under way for the length of the block."""
        mine = self._by_session[session] = InFlight()
        try:
            yield mine
        finally:
            if self.is_latest(session, mine):
                del self._by_session[session]

    def is_wanted(self, session: str) -> bool:
        """Whether a question of the session is under way whose answer its user waits for."""
        question = self._by_session.get(session)
        return question is not None and question.instead is None

    def is_latest(self, session: str, question: InFlight) -> bool:
        """Whether none was asked since."""
        return self._by_session.get(session) is question

    def go_on_to(self, session: str, talk: Conversation) -> None:
        """Have what is under way end in another conversation."""
        if question := self._by_session.get(session):
            question.instead = talk
