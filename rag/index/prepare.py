"""A file -> what of it goes into an index, but for the vectors: loaded, cleaned, cut, its words found.

Pure, and everything is picklable: so it can be done in another process. The encoder cannot be shared; whoever writes
the index embeds.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rag.documents.chunk import chunk_document, searchable_text
from rag.documents.load import load_document
from rag.errors import DocumentFormatError
from rag.schema.documents import Document, Part, Passage
from rag.text.unicode import whole_text
from rag.text.words import lexical_tokens

__all__ = ["PreparedText", "Task", "prepare_document"]


@dataclass(frozen=True, slots=True)
class Task:
    """A document to be prepared.

    Attributes:
        path: Its file; read unless ``document`` is there.
        passage_chars: Sentences are put together up to this length.
        max_bytes: A larger file is refused.
        known_sha256: Digest of the file that is indexed already; a file of the same content is only loaded.
        document: The document, where it is loaded already.
    """

    path: str
    passage_chars: int
    max_bytes: int
    known_sha256: str = ""
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class PreparedText:
    """What goes into an index, but for the vectors.

    Attributes:
        document: The document as loaded.
        path: Where its file stands.
        unchanged: Whether it is what is indexed already; there are no passages then.
        parts: Its parts.
        passages: Its passages.
        texts: What is embedded of each passage.
        tokens: Lexical tokens of each passage.
    """

    document: Document
    path: str
    unchanged: bool = False
    parts: tuple[Part, ...] = ()
    passages: tuple[Passage, ...] = ()
    texts: tuple[str, ...] = ()
    tokens: tuple[tuple[str, ...], ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What of the file was left out or altered, a sentence each; nothing where it is indexed already."""
        return () if self.unchanged else self.document.notes


def prepare_document(task: Task) -> PreparedText:
    """Load, clean and cut one document.

    Raises:
        DocumentError: The file cannot be read, or holds no text.
    """
    document, place = task.document, task.path
    if document is None:
        document, place = load_document(Path(task.path), max_bytes=task.max_bytes), whole_text(_resolved(task.path))
        if document.sha256 == task.known_sha256:
            return PreparedText(document, place, unchanged=True)
    chunked = chunk_document(document, passage_chars=task.passage_chars)
    if not chunked.passages:
        raise DocumentFormatError(
            f"{document.source} holds no text beside page furniture. Nothing was indexed from it."
        )
    texts = tuple(searchable_text(passage) for passage in chunked.passages)
    tokens = tuple(tuple(lexical_tokens(text)) for text in texts)
    return PreparedText(
        document, place, parts=tuple(chunked.parts), passages=tuple(chunked.passages), texts=texts, tokens=tokens
    )


def _resolved(path: str) -> str:
    return str(Path(path).resolve())
