"""The ratings of the history's answers, by conversation; :class:`ui.conversations.history.History` says whose that is.

What somebody saw is kept with what he said of it, so that feedback outlives the answer that was replaced.
Knows nothing of owners.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

from rag.errors import WorkspaceError
from ui.conversations.records import as_json, exchange_of, shown
from ui.conversations.tables import RATE
from ui.settings import MAX_COMMENT_CHARS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ui.conversations.database import HistoryFile
    from ui.exchange import Exchange

__all__ = ["Rating", "Ratings", "Verdict"]

ROWS_AT_ONCE: Final = 200  # the file is free for others in between

Verdict: TypeAlias = Literal["up", "down", ""]


@dataclass(frozen=True, slots=True)
class Rating:
    """What a user thinks of an answer; ``rated_at`` is in UTC, ``index_version`` the state of the index behind it."""

    verdict: Verdict
    comment: str
    index_version: str
    rated_at: datetime


class Ratings:
    """The ratings in a history's file."""

    def __init__(self, file: HistoryFile) -> None:
        self._file = file

    def keep(self, place: tuple[int, int], verdict: Verdict, comment: str, index_version: str, at: float) -> bool:
        """Keep a rating of the exchange at a place (conversation, number), or take it back; False if there is none.

        Raises:
            WorkspaceError: The verdict is none, or the comment is too long; nothing can be kept.
        """
        if verdict not in get_args(Verdict):
            raise WorkspaceError(f"The verdict is {verdict!r:.40}; expected 'up', 'down' or ''.")
        if len(comment) > MAX_COMMENT_CHARS:
            raise WorkspaceError(
                f"The comment has {len(comment):,} characters; the limit is {MAX_COMMENT_CHARS:,}. Shorten it."
            )
        rows = self._file.rows(
            "SELECT record, index_version FROM exchanges WHERE conversation = ? AND number = ?", place
        )
        if rows and not verdict:
            self._file.rows("DELETE FROM ratings WHERE conversation = ? AND number = ?", place)
        elif rows:
            with self._file.sound():
                seen = shown(exchange_of(rows[0][0]))
            kept = {"comment": comment, "index_version": index_version or rows[0][1], "shown": seen}
            self._file.rows(RATE, (*place, verdict, at, as_json(kept)))
        return bool(rows)

    def of(self, conversation: int) -> dict[int, Rating]:
        """The ratings of a conversation's answers that still stand, by number."""
        sql = "SELECT number, verdict, rated_at, record FROM ratings WHERE conversation = ? AND number IS NOT NULL"
        return {number: self._rating(*row)[0] for number, *row in self._file.rows(sql, (conversation,))}

    def part_from(self, conversation: int, exchange: Exchange) -> None:
        """Where another answer takes an exchange's place, its rating stays with the old one."""
        place = (conversation, exchange.number)
        rows = self._file.rows(
            "SELECT verdict, rated_at, record FROM ratings WHERE conversation = ? AND number = ?", place
        )
        saying = json.loads(as_json(shown(exchange))) if rows else None
        if any(self._rating(*row)[1] != saying for row in rows):
            self._file.rows("UPDATE ratings SET number = NULL WHERE conversation = ? AND number = ?", place)

    def part_behind(self, conversation: int, after_number: int) -> None:
        """The ratings of all exchanges behind a number stay without them."""
        sql = "UPDATE ratings SET number = NULL WHERE conversation = ? AND number > ?"
        self._file.rows(sql, (conversation, after_number))

    def everything(self) -> Iterator[dict[str, Any]]:
        """All ratings, the oldest first, with what was rated; see :meth:`ui.conversations.history.History.feedback`."""
        last = 0
        while rows := self._file.rows(
            "SELECT key, number, verdict, rated_at, record FROM ratings WHERE key > ? ORDER BY key LIMIT ?",
            (last, ROWS_AT_ONCE),
        ):
            last = rows[-1][0]
            for _, number, *row in rows:
                rating, seen = self._rating(*row)
                yield {
                    "time": rating.rated_at.isoformat(timespec="seconds"),
                    "verdict": rating.verdict,
                    "comment": rating.comment,
                    **seen,
                    "index_version": rating.index_version,
                    "replaced": number is None,
                }

    def _rating(self, verdict: Verdict, rated_at: float, record: str) -> tuple[Rating, dict[str, Any]]:
        """A rating, and what somebody saw who gave it."""
        with self._file.sound():
            kept = json.loads(record)
            rating = Rating(verdict, kept["comment"], kept["index_version"], datetime.fromtimestamp(rated_at, UTC))
            return rating, dict(kept["shown"])
