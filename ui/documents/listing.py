"""What the index holds and who uploaded it, read again only when it has changed.

Who uploaded a document is told by where its file stood when it was indexed, which the index keeps with it: in a
folder of its uploader's own (:mod:`rag.index.plan`). So there is one truth, written in one transaction: a kill at any
moment leaves a document with its owner, or neither, and what leaves the index is forgotten. Knows nothing of rights.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final

from rag.config import Config
from rag.errors import IndexMissingError
from rag.index.opening import open_store
from rag.index.plan import uploader_of
from rag.index.protocols import PassageStore
from rag.schema.documents import DocumentInfo

__all__ = ["EVERYBODY", "DocumentListing", "ListedDocument"]

EVERYBODY: Final = "everybody"  # the uploader while nobody has to say who they are


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A document of the index.

    Attributes:
        info: What the index tells of it.
        date: The latest date of its parts; empty where none has one.
        uploader: Key of who uploaded it; empty where it came another way.
    """

    info: DocumentInfo
    date: str
    uploader: str


class DocumentListing:
    """The documents of an index, as they are when asked for. Safe to share between threads."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._store: PassageStore | None = None
        self._state = ""
        self._held: tuple[ListedDocument, ...] = ()

    def held(self) -> tuple[ListedDocument, ...]:
        """Every document, by name; none where there is no index yet.

        Raises:
            CorpusIndexError: The index cannot be read.
        """
        with self._lock:
            if self._store is None or self._store.state != self._state:
                self._store = None
                try:
                    store = open_store(self._config)
                except IndexMissingError:
                    return ()
                # Read before the documents: what is written in between is seen the next time.
                self._state = store.state
                self._held = tuple(_held(info) for info in store.documents())
                self._store = store
            return self._held


def _held(info: DocumentInfo) -> ListedDocument:
    return ListedDocument(info, max((part.date for part in info.parts), default=""), uploader_of(info.path))
