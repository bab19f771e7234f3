"""What searching and indexing need of a store. Knows none.

A store joins by one class that fulfils :class:`IndexBackend` and a row in :mod:`rag.index.opening`. What it must do
stands as tests in ``tests/contracts/index_backend_contract.py``; :mod:`rag.index.memory` is a small one, complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Protocol, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from rag.config import Config
from rag.schema.documents import Document, DocumentInfo, Part, Passage

__all__ = [
    "EVERYTHING",
    "IndexBackend",
    "IndexFacts",
    "IndexWriter",
    "LexicalIndex",
    "OpenedIndex",
    "PassageFilter",
    "PassageSource",
    "PassageStore",
    "PreparedDocument",
    "Scored",
    "VectorIndex",
]

FloatArray: TypeAlias = npt.NDArray[np.float32]
Scored: TypeAlias = tuple[int, float]
"""A passage's key with its score; higher is better."""


@dataclass(frozen=True, slots=True)
class PassageFilter:
    """Which passages a search may return: data that a store turns into its own conditions.

    ``None`` does not restrict; an empty set is a restriction that nothing fulfils. Restrictions are joined by "and".

    Attributes:
        sources: Names of documents.
        hidden: Names of documents whose passages are left out, whatever else holds.
        years: A passage must speak of one of these.
        places: A passage must speak of one of these, as the documents write them.
        include_unplaced: Whether passages of no known place are returned beside those of ``places``.
    """

    sources: frozenset[str] | None = None
    hidden: frozenset[str] = frozenset()
    years: frozenset[int] | None = None
    places: frozenset[str] | None = None
    include_unplaced: bool = False

    def __bool__(self) -> bool:
        """Whether anything is restricted."""
        return bool(self.hidden) or not (self.sources is None and self.years is None and self.places is None)

    def matches(self, passage: Passage) -> bool:
        """Whether a passage may be returned; the conditions of every store must agree with this."""
        return (
            (self.sources is None or passage.source in self.sources)
            and passage.source not in self.hidden
            and (self.years is None or not self.years.isdisjoint(passage.years))
            and self._is_of_place(passage.place)
        )

    def _is_of_place(self, place: str) -> bool:
        if self.places is None:
            return True
        return place in self.places if place else self.include_unplaced


EVERYTHING: Final = PassageFilter()


class PassageSource(Protocol):
    """Gives passages that no ranker returned: the neighbours of one that was found."""

    def section_passages(self, source: str, section: int) -> Sequence[Passage]:
        """All passages of a section, in order."""

    def document_passages(self, source: str) -> Sequence[Passage]:
        """All passages of a document, in order."""


@dataclass(frozen=True, slots=True)
class IndexFacts:
    """What an index was made with; one made otherwise cannot be searched together with it.

    Attributes:
        encoder: Name of the encoder, with the fingerprint of its weights.
        dim: Length of its vectors.
        chunking: Fingerprint of the rules that cut documents into passages.
    """

    encoder: str
    dim: int
    chunking: str


@dataclass(frozen=True, slots=True, eq=False)
class PreparedDocument:
    """A document as it goes into an index.

    Attributes:
        document: The document as loaded.
        path: Where the file stands that it was read from.
        parts: Its parts, in order.
        passages: Its passages, in order; the store gives them keys, whatever they say.
        vectors: Their embeddings. Shape: (n_passages, dim).
        tokens: Their lexical tokens.
        copies: Where further files of the same content stand.
    """

    document: Document
    path: str
    parts: Sequence[Part]
    passages: Sequence[Passage]
    vectors: FloatArray
    tokens: Sequence[Sequence[str]]
    copies: Sequence[str] = ()

    def check(self, dim: int) -> None:
        """Refuse what does not fit together or does not fit the index.

        Raises:
            ValueError: Vectors or tokens do not fit the passages, or a vector is not finite.
        """
        n, shape = len(self.passages), self.vectors.shape
        if shape != (n, dim) or len(self.tokens) != n:
            raise ValueError(
                f"{n} passages need vectors of shape ({n}, {dim}) and as many token lists; got {shape} and "
                f"{len(self.tokens)}."
            )
        if not np.isfinite(self.vectors).all():
            raise ValueError(f"A vector of {self.document.source} is not finite; the encoder is broken.")


class PassageStore(PassageSource, Protocol):
    """What an index holds. Safe to share between threads; closed when nobody holds it any more."""

    @property
    def state(self) -> str:
        """Changes with every write, also by another process and by a rebuild, and never comes back."""

    @property
    def facts(self) -> IndexFacts:
        """What the index was made with; ``dim`` is 0 before it was bound to anything."""

    def document(self, source: str) -> Document:
        """The document as it was loaded.

        Raises:
            DocumentNotFoundError: The index does not hold it.
        """

    def documents(self) -> list[DocumentInfo]:
        """What the index holds, by name."""

    def parts(self, source: str) -> Sequence[Part]:
        """The parts of a document, in order; none for a document that is not there."""

    def passages(self, ids: Iterable[int]) -> list[Passage]:
        """Passages by key, in the order of the keys; keys that are gone are left out."""

    def close(self) -> None:
        """Let go of files and connections."""


class VectorIndex(Protocol):
    """Ranks passages by the cosine of their vectors and a query's, exactly or nearly so."""

    def search(self, vector: FloatArray, top_k: int, *, within: PassageFilter = EVERYTHING) -> list[Scored]:
        """At most ``top_k`` passages that the filter matches, best first, equal scores by key. Shape: (dim,)."""


class LexicalIndex(Protocol):
    """Ranks passages by the words that they share with a query (BM25)."""

    def search(self, tokens: Sequence[str], top_k: int, *, within: PassageFilter = EVERYTHING) -> list[Scored]:
        """At most ``top_k`` passages that hold a token and that the filter matches, best first, equal scores by key."""


@dataclass(frozen=True, slots=True)
class OpenedIndex:
    """One state of an index, opened for reading.

    Attributes:
        store: What it holds.
        vectors: Dense search in it.
        lexical: Full-text search in it.
        state: The state of the store that all three show.
    """

    store: PassageStore
    vectors: VectorIndex
    lexical: LexicalIndex
    state: str

    def is_current(self) -> bool:
        """Whether nobody has written since; takes a tenth of a millisecond."""
        return self.store.state == self.state

    def close(self) -> None:
        """Let go of files and connections."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class IndexWriter(Protocol):
    """Changes an index. Each call is done whole or not at all, and stays done whatever comes after it."""

    def documents(self) -> list[DocumentInfo]:
        """What the index holds, by name."""

    def bind(self, facts: IndexFacts) -> None:
        """Note what the index is made with; where it holds documents, refuse anything else.

        Raises:
            IndexMismatchError: The index holds documents that were indexed with something else.
        """

    def replace(self, prepared: PreparedDocument) -> None:
        """Put a document in, in place of the one of the same name.

        Raises:
            ValueError: Its fields do not fit each other or the index.
        """

    def relocate(self, source: str, *, name: str, paths: Sequence[str]) -> None:
        """Give a document another name, or other places; its passages, with their keys, stay as they are.

        Args:
            source: Its name until now.
            name: Its name from now on; no other document's.
            paths: Where its files stand, at least one.

        Raises:
            DocumentNotFoundError: The index does not hold it.
        """

    def remove(self, sources: Sequence[str]) -> None:
        """Take documents out.

        Raises:
            DocumentNotFoundError: The index does not hold one of them; nothing is removed then.
        """


class IndexBackend(Protocol):
    """A kind of store. ``config.index`` says where the index is, in the backend's own terms."""

    def open_store(self, config: Config) -> PassageStore:
        """What the index holds, without what only searching needs.

        Raises:
            CorpusIndexError: There is no index, or it cannot be read.
        """

    def open(self, config: Config) -> OpenedIndex:
        """The present state of the index.

        Raises:
            CorpusIndexError: There is no index, nothing was ever indexed, or it cannot be read.
        """

    def write(
        self, config: Config, *, create: bool = False, rebuild: bool = False
    ) -> AbstractContextManager[IndexWriter]:
        """Change the index; one writer at a time, readers read meanwhile.

        Args:
            config: The settings.
            create: Make the index where there is none.
            rebuild: Begin with an empty index, which takes the place of the old one when the block ends without an
                error.

        Raises:
            IndexMissingError: There is no index, and neither ``create`` nor ``rebuild`` is set.
            IndexLockedError: Another process writes.
            IndexReadOnlyError: It cannot be written.
        """
