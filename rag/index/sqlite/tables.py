"""The tables of the index, and the way between their rows and our nouns.

Knows nothing of files or connections. Tuples are kept as JSON, vectors as little-endian float32.
"""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from rag.documents.cleaning.pages import page_blocks
from rag.schema.documents import Block, Document, DocumentInfo, Part, Passage, Sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["APPLICATION_ID", "DOCUMENTS", "MIGRATIONS", "PASSAGES"]

APPLICATION_ID: Final = 0x596F756A  # "Youj" in the file's header
# Tokens are separated by blanks and nothing else: FTS5's ascii tokenizer takes every non-ASCII character as part of a
# token (its unicode61 follows a Unicode table that differs between builds), and here all ASCII punctuation as well.
_PUNCTUATION: Final = "!#$%&()*+,-./:;<=>?@[\\]^_`{|}~"
FORMAT_2: Final = "ALTER TABLE documents ADD COLUMN blocks TEXT NOT NULL DEFAULT ''"
# Before format 3 deleted text was not overwritten: it is the next writer's to clear away.
FORMAT_3: Final = """
ALTER TABLE documents ADD COLUMN copies TEXT NOT NULL DEFAULT '[]';
ALTER TABLE documents ADD COLUMN notes TEXT NOT NULL DEFAULT '[]';
INSERT INTO meta SELECT 'erase', 'everything' WHERE EXISTS (SELECT 1 FROM documents)
"""
FORMAT_1: Final = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    document_id INTEGER PRIMARY KEY, source TEXT NOT NULL UNIQUE, path TEXT NOT NULL, sha256 TEXT NOT NULL,
    n_bytes INTEGER NOT NULL, encoding TEXT NOT NULL, n_chars INTEGER NOT NULL, text TEXT NOT NULL,
    added_at TEXT NOT NULL);
CREATE TABLE parts (
    document_id INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE, ordinal INTEGER NOT NULL,
    title TEXT NOT NULL, issuer TEXT NOT NULL, place TEXT NOT NULL, years TEXT NOT NULL, date TEXT NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, PRIMARY KEY (document_id, ordinal)) WITHOUT ROWID;
CREATE TABLE passages (
    passage_id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    title TEXT NOT NULL, place TEXT NOT NULL, years TEXT NOT NULL, heading TEXT NOT NULL, section INTEGER NOT NULL,
    ordinal INTEGER NOT NULL, text TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    sentences TEXT NOT NULL, UNIQUE (document_id, ordinal));
CREATE INDEX passages_by_section ON passages (document_id, section, ordinal);
CREATE TABLE vectors (
    passage_id INTEGER PRIMARY KEY REFERENCES passages ON DELETE CASCADE, vector BLOB NOT NULL);
CREATE VIRTUAL TABLE lexical USING fts5 (tokens, tokenize="ascii tokenchars '{_PUNCTUATION}'")
"""
MIGRATIONS: Final = (FORMAT_1, FORMAT_2, FORMAT_3)
PASSAGES: Final = """
SELECT p.passage_id, d.source, p.title, p.place, p.years, p.heading, p.section, p.ordinal, p.text, p.start, p."end",
    p.sentences
FROM passages p JOIN documents d USING (document_id)"""
DOCUMENTS: Final = """
SELECT d.source, d.path, d.n_chars, d.sha256, d.added_at, d.copies, d.notes,
    (SELECT count(*) FROM passages p WHERE p.document_id = d.document_id),
    parts.title, issuer, parts.place, parts.years, date, parts.start, parts."end"
FROM documents d LEFT JOIN parts USING (document_id) ORDER BY d.source, parts.ordinal"""


def to_json(value: object) -> str:
    """JSON, with Chinese text as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def content_type(document: Document) -> str:
    """What a document's file is, in the notation of RFC 9110: ``text/plain; charset=utf-8``."""
    return f"{document.media_type}; charset={document.encoding}" if document.encoding else document.media_type


def document_from(row: Sequence[Any]) -> Document:
    """A document from source, text, sha256, n_bytes, content type, blocks and notes.

    Before there was a content type, the column held the encoding alone, and ``pdf`` for PDF files. Format 1 kept no
    blocks: pages are found again by their form feeds.
    """
    source, text, sha256, n_bytes, kind, kept, notes = row
    media_type, _, encoding = kind.partition("; charset=")
    if "/" not in media_type:
        media_type, encoding = ("application/pdf", "") if kind == "pdf" else ("text/plain", kind)
    blocks = tuple(Block(*block) for block in json.loads(kept)) if kept else page_blocks(text)
    return Document(source, text, sha256, n_bytes, encoding, media_type, blocks, tuple(json.loads(notes)))


def block_rows(document: Document) -> str:
    """The blocks of a document as JSON."""
    return to_json([[b.kind, b.number, b.start, b.end, b.name] for b in document.blocks])


def part_row(part: Part) -> tuple[Any, ...]:
    """A part as columns, after its document and ordinal."""
    return (part.title, part.issuer, part.place, to_json(part.years), part.date, part.start, part.end)


def passage_row(passage: Passage) -> tuple[Any, ...]:
    """A passage as columns, after its key and document."""
    p = passage
    sentences = to_json([[s.text, s.start, s.end] for s in p.sentences])
    years, heading = to_json(p.years), to_json(p.heading)
    return (p.title, p.place, years, heading, p.section, p.ordinal, p.text, p.start, p.end, sentences)


def part_from(row: Sequence[Any]) -> Part:
    """A part from the columns of :func:`part_row`."""
    title, issuer, place, years, date, start, end = row
    return Part(title, issuer, place, tuple(json.loads(years)), date, start, end)


def passage_from(row: Sequence[Any]) -> Passage:
    """A passage from the columns that ``PASSAGES`` selects."""
    key, source, title, place, years, heading, section, ordinal, text, start, end, sentences = row
    return Passage(
        passage_id=key,
        source=source,
        title=title,
        place=place,
        years=tuple(json.loads(years)),
        heading=tuple(json.loads(heading)),
        section=section,
        ordinal=ordinal,
        text=text,
        start=start,
        end=end,
        sentences=tuple(Sentence(*sentence) for sentence in json.loads(sentences)),
    )


def documents_from(rows: Iterable[Sequence[Any]]) -> list[DocumentInfo]:
    """Documents from the rows that ``DOCUMENTS`` selects, one a part: those of a document follow each other."""
    found = []
    for facts, own in groupby(rows, key=lambda row: row[:8]):
        source, path, n_chars, sha256, added_at, copies, notes, n_passages = facts
        parts = tuple(part_from(row[8:]) for row in own if row[8] is not None)
        told = tuple(json.loads(copies)), tuple(json.loads(notes))
        found.append(DocumentInfo(source, path, parts, n_passages, n_chars, sha256, added_at, *told))
    return found


def match_any(tokens: Iterable[str]) -> str:
    """The FTS5 query for any of the tokens, each quoted: whatever it holds, it is a word and never syntax.

    >>> match_any(["90.21%", 'a" OR b', "90.21%"])
    '"90.21%" OR "a"" OR b"'
    """
    words = (word.replace("\0", "").replace('"', '""') for word in dict.fromkeys(tokens))
    return " OR ".join(f'"{word}"' for word in words if word.strip())
