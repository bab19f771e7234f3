"""A conversation that the page shows and the history keeps; it goes on where keeping fails.

Knows nothing of Gradio or of HTML.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from rag.errors import RagError
from ui.conversations.records import title_of
from ui.settings import MAX_COMMENT_CHARS

if TYPE_CHECKING:
    from ui.conversations.history import ConversationInfo, Rating, Verdict
    from ui.exchange import Exchange

__all__ = ["Conversation", "Conversations", "Keeps"]

MOST_LISTED = 100
T = TypeVar("T")
log = logging.getLogger(__name__)


class Keeps(Protocol):
    """What a conversation needs of :class:`ui.conversations.history.History`.

    Another owner's conversation is as one that does not exist.
    """

    def begin(self, owner: str, title: str) -> str:
        """Begin a conversation; its id."""

    def save(self, owner: str, conversation_id: str, exchange: Exchange, *, index_version: str = "") -> None:
        """Keep an exchange."""

    def truncate(self, owner: str, conversation_id: str, after_number: int) -> None:
        """Forget what comes after an exchange."""

    def load(self, owner: str, conversation_id: str) -> list[Exchange]:
        """All exchanges."""

    def list(self, owner: str, words: str = "", limit: int = 100) -> list[ConversationInfo]:
        """Conversations, newest first."""

    def title(self, owner: str, conversation_id: str) -> str:
        """What it is called."""

    def rename(self, owner: str, conversation_id: str, title: str) -> None:
        """Give it another title."""

    def delete(self, owner: str, conversation_id: str) -> None:
        """Forget it."""

    def rate(
        self,
        owner: str,
        conversation_id: str,
        number: int,
        verdict: Verdict,
        comment: str = "",
        index_version: str = "",
    ) -> None:
        """Say what an answer is worth."""

    def ratings(self, owner: str, conversation_id: str) -> dict[int, Rating]:
        """What was said of answers, by number."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """What one tab shows.

    Attributes:
        identity: Its id in the history; empty while nothing of it is kept.
        past: Finished exchanges, in order.
        replaces: The number of the exchange that the next question takes the place of; 0 for none.
        ratings: What the user thinks of answers, by number.
    """

    identity: str = ""
    past: tuple[Exchange, ...] = ()
    replaces: int = 0
    ratings: tuple[tuple[int, Rating], ...] = ()

    @property
    def before(self) -> tuple[Exchange, ...]:
        """What comes before the next question: all, or what precedes the exchange that it replaces."""
        return tuple(e for e in self.past if not self.replaces or e.number < self.replaces)

    def exchange(self, number: int) -> Exchange | None:
        """The exchange of a number."""
        return next((e for e in self.past if e.number == number), None)

    def rating(self, number: int) -> Rating | None:
        """What the user thinks of an answer."""
        return dict(self.ratings).get(number)


class Conversations:
    """Conversations of all users, kept where they can be."""

    def __init__(self, history: Keeps | None, *, index_version: Callable[[], str]) -> None:
        """Keep conversations.

        Args:
            history: Where they are kept; None keeps none.
            index_version: The version of the index that answers.
        """
        self._history = history
        self._version = index_version

    def listed(self, owner: str, words: str = "") -> list[ConversationInfo]:
        """The user's conversations, newest first, with the words somewhere in them."""
        none: list[ConversationInfo] = []
        return self._try(lambda history: history.list(owner, words, MOST_LISTED), none)

    def title(self, owner: str, identity: str) -> str:
        """The title of a kept conversation; empty where it is not there or not this user's."""
        return self._try(lambda history: history.title(owner, identity), "")

    def opened(self, owner: str, identity: str) -> Conversation:
        """A kept conversation; an empty one where it is not there or not this user's."""
        if not identity:
            return Conversation()
        none: list[Exchange] = []
        past = self._try(lambda history: history.load(owner, identity), none)
        if not past:
            return Conversation()
        nothing: dict[int, Rating] = {}
        ratings = self._try(lambda history: history.ratings(owner, identity), nothing)
        return Conversation(identity, tuple(past), ratings=tuple(sorted(ratings.items())))

    def said(self, owner: str, talk: Conversation, exchange: Exchange) -> Conversation:
        """The conversation with one more finished exchange, kept."""
        past = (*talk.before, exchange)
        identity = self._try(lambda history: self._keep(history, owner, talk, exchange), talk.identity)
        ratings = tuple((number, rating) for number, rating in talk.ratings if number < exchange.number)
        return Conversation(identity, past, ratings=ratings)

    def rated(self, owner: str, talk: Conversation, number: int, act: str, text: str = "") -> Conversation:
        """The conversation with the user's word on one of its answers.

        Args:
            owner: Who says it.
            talk: The conversation.
            number: The exchange.
            act: "up" or "down", which the same again takes back; or "comment".
            text: The comment.
        """
        old = talk.rating(number)
        if not talk.identity or talk.exchange(number) is None or (act == "comment" and old is None):
            return talk
        verdict: Verdict = old.verdict if old and act == "comment" else "down" if act == "down" else "up"
        verdict = "" if old and act == old.verdict else verdict
        comment = text[:MAX_COMMENT_CHARS] if act == "comment" else old.comment if old else ""
        self._try(lambda history: history.rate(owner, talk.identity, number, verdict, comment, self._version()), None)
        ratings = self._try(lambda history: history.ratings(owner, talk.identity), dict(talk.ratings))
        return replace(talk, ratings=tuple(sorted(ratings.items())))

    def rename(self, owner: str, identity: str, title: str) -> None:
        """Give a conversation another title."""
        self._try(lambda history: history.rename(owner, identity, title), None)

    def delete(self, owner: str, identity: str) -> None:
        """Forget a conversation."""
        self._try(lambda history: history.delete(owner, identity), None)

    def _keep(self, history: Keeps, owner: str, talk: Conversation, exchange: Exchange) -> str:
        identity = talk.identity or history.begin(owner, title_of(exchange.question))
        if talk.replaces:
            history.truncate(owner, identity, talk.replaces - 1)
        history.save(owner, identity, exchange, index_version=self._version())
        return identity

    def _try(self, do: Callable[[Keeps], T], otherwise: T) -> T:
        """What the history says; where it cannot be used the page goes on without it."""
        if self._history is None:
            return otherwise
        try:
            return do(self._history)
        except RagError as error:
            log.warning("History: %s", error)
            return otherwise
