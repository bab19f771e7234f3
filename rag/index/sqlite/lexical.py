"""Full-text search, and a filter of passages as SQL.

The full-text index is asked first, then each match is looked up by its key: what a search costs follows the matches,
not the passages. Left to itself SQLite does the reverse where few passages are allowed, and runs ``MATCH`` again for
each of them (1.2 to 8 s a question with 6,565 passages); ``CROSS JOIN`` fixes the order
(https://sqlite.org/optoverview.html#crossjoin).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.index.protocols import EVERYTHING, PassageFilter
from rag.index.sqlite.tables import match_any, to_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.index.sqlite.database import Database

__all__ = ["LexicalSearch", "condition"]

_SOURCES = "SELECT document_id FROM documents WHERE source IN (SELECT value FROM json_each(?))"
_YEARS = "EXISTS (SELECT 1 FROM json_each(p.years) WHERE value IN (SELECT value FROM json_each(?)))"


def condition(within: PassageFilter) -> tuple[str, list[str]]:
    """A filter as an SQL condition on ``passages p``, and the values to bind; ``1`` where nothing is restricted."""
    clauses: list[tuple[str, frozenset[str] | frozenset[int]]] = []
    if within.sources is not None:
        clauses.append((f"p.document_id IN ({_SOURCES})", within.sources))
    if within.hidden:
        clauses.append((f"p.document_id NOT IN ({_SOURCES})", within.hidden))
    if within.years is not None:
        clauses.append((_YEARS, within.years))
    if within.places is not None:
        unplaced = frozenset({""}) if within.include_unplaced else frozenset[str]()
        clauses.append(("p.place IN (SELECT value FROM json_each(?))", within.places - {""} | unplaced))
    return " AND ".join(sql for sql, _ in clauses) or "1", [to_json(list(values)) for _, values in clauses]


class LexicalSearch:
    """Ranks passages by the words that they share with a query: SQLite's BM25 (k1 = 1.2, b = 0.75, fixed there)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def search(
        self, tokens: Sequence[str], top_k: int, *, within: PassageFilter = EVERYTHING
    ) -> list[tuple[int, float]]:
        """Passages that hold any of the tokens, best first; equal scores by key.

        Args:
            tokens: Lexical tokens of the query; whatever they hold, they are words, never query syntax.
            top_k: Most passages to return.
            within: Which passages may be returned.

        Returns:
            Keys with scores; a score is above 0, higher is better.
        """
        query = match_any(tokens)
        if not query or top_k < 1:
            return []
        join, where, values = "", "", list[str]()
        if within:
            sql, values = condition(within)
            join, where = "CROSS JOIN passages p ON p.passage_id = lexical.rowid", f"AND {sql}"
        rows = self._database.rows(
            f"SELECT lexical.rowid, -bm25(lexical) FROM lexical {join} "  # noqa: S608 - constants
            f"WHERE lexical MATCH ? {where} ORDER BY 2 DESC, 1 LIMIT ?",
            (query, *values, top_k),
        )
        return [(int(key), float(score)) for key, score in rows]
