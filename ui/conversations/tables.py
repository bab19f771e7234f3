"""The tables of the history.

Owners are kept as bytes, so that no two names are the same there, whatever they hold.
"""

from __future__ import annotations

from typing import Final

__all__ = ["APPLICATION_ID", "BEGIN", "LIST", "MIGRATIONS", "RATE", "SAVE"]

APPLICATION_ID: Final = 0x796A6873  # "yjhs"
MIGRATIONS: Final = (
    """
CREATE TABLE conversations (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    owner BLOB NOT NULL,
    title TEXT NOT NULL,
    folded TEXT NOT NULL,
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL
);
CREATE INDEX conversations_of_owner ON conversations (owner, updated_at);
CREATE TABLE exchanges (
    conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
    number INTEGER NOT NULL,
    index_version TEXT NOT NULL,
    folded TEXT NOT NULL, -- before the record: a search does not read on
    record TEXT NOT NULL,
    PRIMARY KEY (conversation, number)
);
CREATE TABLE ratings (
    key INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
    number INTEGER, -- NULL once the answer was replaced by another one
    verdict TEXT NOT NULL,
    rated_at REAL NOT NULL,
    record TEXT NOT NULL,
    UNIQUE (conversation, number)
);
""",
)
LIST: Final = """
SELECT c.id, c.title, c.created_at, c.updated_at, (SELECT count(*) FROM exchanges e WHERE e.conversation = c.key)
FROM conversations c WHERE c.owner = ? AND NOT EXISTS (
    SELECT 1 FROM json_each(?) word WHERE instr(c.folded, word.value) = 0 AND NOT EXISTS (
        SELECT 1 FROM exchanges e WHERE e.conversation = c.key AND instr(e.folded, word.value) > 0))
ORDER BY c.updated_at DESC, c.key DESC LIMIT ?
"""
BEGIN: Final = """
INSERT INTO conversations (id, owner, title, folded, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)
"""
SAVE: Final = """
INSERT INTO exchanges (conversation, number, index_version, folded, record) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (conversation, number) DO UPDATE SET
    index_version = excluded.index_version, folded = excluded.folded, record = excluded.record
"""
RATE: Final = """
INSERT INTO ratings (conversation, number, verdict, rated_at, record) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (conversation, number) DO UPDATE SET
    verdict = excluded.verdict, rated_at = excluded.rated_at, record = excluded.record
"""
