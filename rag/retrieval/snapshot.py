"""One state of an index, opened for reading: its store, its retriever, its documents' texts.

Tells when the index has changed since, so that who holds it can open it anew: another process may add documents
to the file, or put a rebuilt file in its place, while questions are being answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import replace
from functools import lru_cache

from rag.config import Config
from rag.documents.chunk import chunking_fingerprint
from rag.documents.cleaning.clean import clean_document
from rag.documents.location import Locator
from rag.documents.view import DocumentView, document_view
from rag.encoders import Encoder
from rag.errors import IndexMissingError, no_such_document
from rag.index.opening import open_index, open_store, write_index
from rag.index.protocols import IndexFacts, OpenedIndex, PassageStore
from rag.index.refusals import check_facts
from rag.retrieval.search import HybridRetriever
from rag.schema.documents import Document, DocumentInfo
from rag.schema.search import Evidence

__all__ = ["IndexSnapshot"]


class _Texts:
    """Documents made ready for reading, the last few kept: to clean a long one takes seconds."""

    def __init__(self, store: PassageStore) -> None:
        # Nothing here holds on to this object: the store is closed as soon as nobody uses it any more.
        clean = lru_cache(maxsize=32)(lambda source: clean_document(store.document(source)))
        self.clean = clean
        self.locate = lru_cache(maxsize=1024)(lambda source: _locator(store.document(source)))
        self.view = lru_cache(maxsize=16)(
            lambda source: document_view(store.document(source), store.parts(source), clean=clean(source))
        )


class IndexSnapshot:
    """An opened index. Closed when the last one who uses it lets it go: another thread may still read from it.

    Attributes:
        store: What is indexed.
        retriever: Finds passages in it.
        hidden: Documents that are not there for this user.
    """

    def __init__(
        self, index: OpenedIndex, encoder: Encoder, *, hidden: frozenset[str] = frozenset(), texts: _Texts | None = None
    ) -> None:
        """Read from an opened index.

        Args:
            index: The index.
            encoder: What embeds questions; the index must have been made with it.
            hidden: Documents that are not there for this user.
            texts: Documents that were made ready for another user of the same index.
        """
        self.store = index.store
        self.hidden = hidden
        self.retriever = HybridRetriever(index, encoder, hidden=hidden)
        self._index = index
        self._texts = own = texts or _Texts(index.store)
        # Does not hold this object, only the index: who lets both go closes the index.
        self._views = lru_cache(maxsize=64)(
            lambda unseen: IndexSnapshot(index, encoder, hidden=hidden | unseen, texts=own)
        )

    @classmethod
    def open(
        cls, config: Config, encoder: Encoder, *, create: bool = False, opened: OpenedIndex | None = None
    ) -> IndexSnapshot:
        """Open the index that the settings name.

        Args:
            config: The settings.
            encoder: What embeds questions; the index must have been made with it.
            create: Make an empty index where there is none, to be filled while it is open.
            opened: The index, where it is open already.

        Raises:
            CorpusIndexError: Nothing was indexed, or with another model, or the file is damaged.
        """
        if create:
            _make_empty(config, encoder)
        index = opened or open_index(config)
        try:
            check_facts(index.store.facts, _facts(config, encoder))
            return cls(index, encoder)
        except BaseException:
            index.close()
            raise

    def without(self, unseen: frozenset[str]) -> IndexSnapshot:
        """The same index as one sees it who must not see some documents."""
        return self._views(unseen)

    def is_current(self) -> bool:
        """Whether the index still is what was opened; takes a tenth of a millisecond."""
        return self._index.is_current()

    def document(self, source: str) -> Document:
        """A document as it was loaded.

        Raises:
            DocumentNotFoundError: There is no such document, or it is hidden.
        """
        self._check_seen(source)
        return self.store.document(source)

    def documents(self) -> list[DocumentInfo]:
        """What may be seen, by name."""
        return [info for info in self.store.documents() if info.source not in self.hidden]

    def files_of(self, source: str) -> tuple[str, ...]:
        """Where the file of a document and its copies stood; nothing of one that is hidden or not there."""
        return next(((info.path, *info.copies) for info in self.documents() if info.source == source), ())

    def quote_at(self, source: str, start: int, end: int) -> str:
        """The cleaned text between two raw offsets of a document.

        Raises:
            DocumentNotFoundError: There is no such document.
        """
        self._check_seen(source)
        return self._texts.clean(source).between(start, end)

    def view(self, source: str) -> DocumentView:
        """A document laid out for reading; at once where it was read before.

        Raises:
            DocumentNotFoundError: There is no such document, or it is hidden.
        """
        self._check_seen(source)
        return self._texts.view(source)

    def located(self, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
        """The evidence with where each sentence stands in the file itself."""
        locate = self._texts.locate
        return tuple(replace(e, location=locate(e.source).location(e.start, e.end)) for e in evidence)

    def _check_seen(self, source: str) -> None:
        """Refuse a document that is hidden, in words that do not tell it from one that is not there."""
        if not self.hidden:
            return
        known = [info.source for info in self.documents()]
        if source not in known:  # the store's own words would name what is hidden
            raise no_such_document(source, known)


def _locator(document: Document) -> Locator:
    return Locator(document.blocks, document.text)


def _facts(config: Config, encoder: Encoder) -> IndexFacts:
    return IndexFacts(encoder.name, encoder.dim, chunking_fingerprint(config.passage_chars))


def _make_empty(config: Config, encoder: Encoder) -> None:
    """Make an index without documents; one that has none already is bound to the encoder of today."""
    facts = _facts(config, encoder)
    with suppress(IndexMissingError), closing(open_store(config)) as store:
        if store.documents() or store.facts == facts:
            return
    with write_index(config, create=True) as writer:
        writer.bind(facts)
