"""Rows of the document list, and what a question can be restricted to."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DocumentRow"]


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document as one user sees it in the list.

    Attributes:
        source: Its name in the index.
        titles: Titles of its parts, in order.
        places: Places its parts speak of, each once.
        years: Years its parts speak of, ascending.
        date: The latest date of publication that it tells, ISO; empty where it tells none.
        n_passages: Passages that can be found.
        n_chars: Length of its text.
        added_at: When it was indexed: ISO 8601, UTC.
        notes: What of its file was left out or altered, in the loader's own words.
        own: Whether this user uploaded it.
        removable: Whether this user may take it out.
    """

    source: str
    titles: tuple[str, ...]
    places: tuple[str, ...]
    years: tuple[int, ...]
    date: str
    n_passages: int
    n_chars: int
    added_at: str
    notes: tuple[str, ...]
    own: bool
    removable: bool
