"""Conversations and feedback of the page's users, kept in one SQLite file of the workspace.

Every method takes the owner first, and another owner's conversation is to it as one that does not exist. A user of
this class goes on without it when it raises :class:`~rag.errors.WorkspaceError`: the next call opens the file anew, so
that a fault that was repaired is over without a restart.

Feedback belongs to its conversation: who deletes a conversation deletes what was said of its answers; what was
exported before stays exported. An answer that is replaced (retry, edit) keeps its rating, apart from the new answer:
what made somebody ask again is worth most.

Knows nothing of Gradio, and not who somebody is: an owner is any text. Does not cover encryption; the file can be read
by whoever runs the page.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from rag.errors import ConversationNotFoundError, WorkspaceError
from rag.text.unicode import whole_text
from ui.conversations.database import HistoryFile
from ui.conversations.ratings import Rating, Ratings, Verdict
from ui.conversations.records import as_json, checked_title, exchange_of, folded, record_of, searched, title_of
from ui.conversations.tables import APPLICATION_ID, BEGIN, LIST, MIGRATIONS, SAVE
from ui.exchange import Exchange
from ui.settings import MAX_SEARCH_CHARS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["ConversationInfo", "History", "Rating", "Verdict", "title_of"]

FILE_NAME: Final = "history.sqlite"
MAX_RECORD_CHARS: Final = 8_000_000  # an exchange with all its evidence has some 30,000
MAX_OWNER_CHARS: Final = 1_000
MOST: Final = 2**31 - 1

Exchanges: TypeAlias = "list[Exchange]"  # inside the class, `list` is its method
Infos: TypeAlias = "list[ConversationInfo]"


@dataclass(frozen=True, slots=True)
class ConversationInfo:
    """A conversation as it is listed; times are in UTC.

    Attributes:
        id: Its id; cannot be guessed.
        title: What its owner calls it.
        created_at: When it began.
        updated_at: When something was last said in it.
        n_exchanges: Its questions.
    """

    id: str
    title: str
    created_at: datetime
    updated_at: datetime
    n_exchanges: int


class History:
    """The conversations and feedback of all users, each user's apart.

    Safe for the threads of a process, and for several processes over one file. Opens the file with the first call.

    Args:
        workspace: The folder of the page's user data, :attr:`rag.config.Config.workspace`.
        create: Make folder and file where they are missing.
        clock: Tells the time in seconds since 1970.
    """

    def __init__(self, workspace: Path, *, create: bool = True, clock: Callable[[], float] = time.time) -> None:
        self._file = HistoryFile(
            workspace / FILE_NAME, application_id=APPLICATION_ID, migrations=MIGRATIONS, create=create
        )
        self._ratings = Ratings(self._file)
        self._clock = clock

    def begin(self, owner: str, title: str) -> str:
        """Begin a conversation; return its id. A title may be made by :func:`title_of`.

        Raises:
            WorkspaceError: The title is empty or too long; nothing can be kept.
        """
        title, whose = checked_title(title), _owner(owner)
        conversation_id = secrets.token_urlsafe(16)
        now = self._clock()
        with self._file.transaction():
            self._file.rows(BEGIN, (conversation_id, whose, title, folded(title), now, now))
        return conversation_id

    def title(self, owner: str, conversation_id: str) -> str:
        """The title of a conversation.

        Raises:
            ConversationNotFoundError: The owner has none of this id.
            WorkspaceError: The file cannot be read.
        """
        key = self._key(owner, conversation_id)
        for (title,) in self._file.rows("SELECT title FROM conversations WHERE key = ?", (key,)):
            return str(title)
        raise _not_found()  # it was deleted in between

    def rename(self, owner: str, conversation_id: str, title: str) -> None:
        """Give a conversation another title.

        Raises:
            ConversationNotFoundError: This owner has none of that id.
            WorkspaceError: The title is empty or too long; nothing can be kept.
        """
        title = checked_title(title)
        with self._file.transaction():
            values = (title, folded(title), self._key(owner, conversation_id))
            self._file.rows("UPDATE conversations SET title = ?, folded = ? WHERE key = ?", values)

    def delete(self, owner: str, conversation_id: str) -> None:
        """Delete a conversation with the feedback on it; the file is overwritten where it stood.

        Raises:
            ConversationNotFoundError: This owner has none of that id.
        """
        with self._file.transaction():
            self._file.rows("DELETE FROM conversations WHERE key = ?", (self._key(owner, conversation_id),))

    def delete_all(self, owner: str) -> int:
        """Delete all conversations of an owner with the feedback on them; return how many they were."""
        with self._file.transaction():
            n_deleted = self._file.rows("SELECT count(*) FROM conversations WHERE owner = ?", (_owner(owner),))[0][0]
            self._file.rows("DELETE FROM conversations WHERE owner = ?", (_owner(owner),))
        return int(n_deleted)

    def save(self, owner: str, conversation_id: str, exchange: Exchange, *, index_version: str = "") -> None:
        """Keep an exchange, in place of one with the same number.

        May be called while it grows; what never came to its end is loaded as a stopped one.

        Args:
            owner: Whose conversation it is.
            conversation_id: The conversation.
            exchange: What is kept, whole.
            index_version: The state of the index that it was answered from.

        Raises:
            ConversationNotFoundError: This owner has none of that id.
            WorkspaceError: It is too long; nothing can be kept.
        """
        record = record_of(exchange)
        if len(record) > MAX_RECORD_CHARS:
            raise WorkspaceError(
                f"This question and answer take {len(record):,} characters; the history keeps up to "
                f"{MAX_RECORD_CHARS:,}. They are not kept."
            )
        if not 1 <= exchange.number <= MOST:
            raise WorkspaceError(f"The exchange has the number {exchange.number}, expected one from 1.")
        with self._file.transaction():
            key = self._key(owner, conversation_id)
            self._ratings.part_from(key, exchange)
            self._file.rows(SAVE, (key, exchange.number, whole_text(index_version), searched(exchange), record))
            self._file.rows("UPDATE conversations SET updated_at = ? WHERE key = ?", (self._clock(), key))

    def truncate(self, owner: str, conversation_id: str, after_number: int) -> None:
        """Forget the exchanges behind a number, for a retry or an edit; their ratings stay as feedback.

        Raises:
            ConversationNotFoundError: This owner has none of that id.
        """
        after_number = max(0, min(after_number, MOST))
        with self._file.transaction():
            key = self._key(owner, conversation_id)
            self._ratings.part_behind(key, after_number)
            self._file.rows("DELETE FROM exchanges WHERE conversation = ? AND number > ?", (key, after_number))

    def load(self, owner: str, conversation_id: str) -> Exchanges:
        """The exchanges of a conversation, in order.

        Raises:
            ConversationNotFoundError: This owner has none of that id.
            WorkspaceError: What was kept is damaged.
        """
        key = self._key(owner, conversation_id)
        rows = self._file.rows("SELECT record FROM exchanges WHERE conversation = ? ORDER BY number", (key,))
        with self._file.sound():
            return [exchange_of(record) for (record,) in rows]

    def index_versions(self, owner: str, conversation_id: str) -> dict[int, str]:
        """The state of the index that each exchange was answered from, by the exchange's number.

        Raises:
            ConversationNotFoundError: This owner has none of that id.
        """
        key = self._key(owner, conversation_id)
        return dict(self._file.rows("SELECT number, index_version FROM exchanges WHERE conversation = ?", (key,)))

    def list(self, owner: str, words: str = "", limit: int = 100) -> Infos:
        """The conversations of an owner, the last used first.

        Args:
            owner: Whose they are.
            words: Only those that hold each of these words in their title, questions or answers, as part of a word
                too; case and width do not matter.
            limit: How many at most.

        Raises:
            WorkspaceError: There are too many words.
        """
        if len(words) > MAX_SEARCH_CHARS:
            raise WorkspaceError(f"The search has {len(words):,} characters; the limit is {MAX_SEARCH_CHARS:,}.")
        asked = as_json(folded(words).split())
        rows = self._file.rows(LIST, (_owner(owner), asked, max(0, min(limit, MOST))))
        with self._file.sound():
            return [ConversationInfo(row[0], row[1], _time(row[2]), _time(row[3]), row[4]) for row in rows]

    def rate(
        self,
        owner: str,
        conversation_id: str,
        number: int,
        verdict: Verdict,
        comment: str = "",
        index_version: str = "",
    ) -> None:
        """Keep what a user thinks of an answer, in place of what he thought before; ``""`` takes it back.

        Args:
            owner: Whose conversation it is.
            conversation_id: The conversation.
            number: The exchange's number; it must have been saved.
            verdict: ``up``, ``down``, or ``""``.
            comment: In the user's own words.
            index_version: The state of the index; by default the one that the exchange was saved with.

        Raises:
            ConversationNotFoundError: This owner has no such exchange.
            WorkspaceError: The comment is too long; nothing can be kept.
        """
        with self._file.transaction():
            place = (self._key(owner, conversation_id), number if 1 <= number <= MOST else 0)
            if not self._ratings.keep(place, verdict, comment, index_version, self._clock()):
                raise _not_found()

    def rating(self, owner: str, conversation_id: str, number: int) -> Rating | None:
        """What the owner thinks of an answer; None where nothing was said of it.

        Raises:
            ConversationNotFoundError: This owner has none of that id.
        """
        return self.ratings(owner, conversation_id).get(number)

    def ratings(self, owner: str, conversation_id: str) -> dict[int, Rating]:
        """What the owner thinks of the answers of a conversation, by the exchange's number.

        Raises:
            ConversationNotFoundError: This owner has none of that id.
        """
        return self._ratings.of(self._key(owner, conversation_id))

    def feedback(self) -> Iterator[dict[str, Any]]:
        """All feedback of all users, in the order it was given, without saying whose it is; not for users to see.

        Returns:
            Records with ``time`` (ISO, UTC), ``verdict``, ``comment``, ``question``, ``query``, ``stage``, ``answer``
            with its markers, ``abstained``, ``citations``, ``index_version``, and ``replaced``: whether the user let
            another answer take its place.
        """
        return self._ratings.everything()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _key(self, owner: str, conversation_id: str) -> int:
        """The row of a conversation, if it is this owner's."""
        if conversation_id.isascii():  # as every id is; SQLite cannot be asked for some of the rest
            sql = "SELECT key FROM conversations WHERE id = ? AND owner = ?"
            for (key,) in self._file.rows(sql, (conversation_id, _owner(owner))):
                return int(key)
        raise _not_found()


def _owner(owner: str) -> bytes:
    """An owner as the file keeps him: no two owners are the same there, whatever their names hold."""
    if not 1 <= len(owner) <= MAX_OWNER_CHARS:
        raise WorkspaceError(f"The owner's name has {len(owner):,} characters; expected 1 to {MAX_OWNER_CHARS:,}.")
    return owner.encode("utf-8", "surrogatepass")


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _not_found() -> ConversationNotFoundError:
    return ConversationNotFoundError("There is no such conversation. It may have been deleted; begin a new one.")
