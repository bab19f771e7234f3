"""A file -> what of it goes into an index, but for the vectors: loaded, cleaned, cut, its words found.

Pure, and everything is picklable: so it can be done in another process. The encoder cannot be shared; whoever writes
the index embeds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from rag.documents.chunk import chunk_document, searchable_text
from rag.documents.load import load_document
from rag.errors import DocumentFormatError
from rag.schema.documents import Document, Part, Passage
from rag.text.words import lexical_tokens

__all__ = ["PreparedText", "Task", "prepare_document"]


@dataclass(frozen=True, slots=True)
class Task:
    """A document to be prepared.

    Attributes:
        source: Its name in the index.
        path: Its file; read unless ``document`` is there.
        passage_chars: Sentences are put together up to this length.
        max_bytes: A larger file is refused.
        document: The document, where it is loaded already.
    """

    source: str
    path: str
    passage_chars: int
    max_bytes: int
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class PreparedText:
    """What goes into an index, but for the vectors.

    Attributes:
        document: The document as loaded.
        parts: Its parts.
        passages: Its passages.
        texts: What is embedded of each passage.
        tokens: Lexical tokens of each passage.
    """

    document: Document
    parts: tuple[Part, ...]
    passages: tuple[Passage, ...]
    texts: tuple[str, ...]
    tokens: tuple[tuple[str, ...], ...]


def prepare_document(task: Task) -> PreparedText:
    """Load, clean and cut one document.

    Raises:
        DocumentError: The file cannot be read, or holds no text.
    """
    document = task.document or load_document(Path(task.path), max_bytes=task.max_bytes)
    document = replace(document, source=task.source)
    chunked = chunk_document(document, passage_chars=task.passage_chars)
    if not chunked.passages:
        raise DocumentFormatError(
            f"{document.source} holds no text beside page furniture. Nothing was indexed from it."
        )
    texts = tuple(searchable_text(passage) for passage in chunked.passages)
    tokens = tuple(tuple(lexical_tokens(text)) for text in texts)
    return PreparedText(document, tuple(chunked.parts), tuple(chunked.passages), texts, tokens)
