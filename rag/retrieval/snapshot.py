"""One state of an index, opened for reading: its store, its retriever, its documents' texts.

Tells when the index has changed since, so that who holds it can open it anew: another process may add documents
to the file, or put a rebuilt file in its place, while questions are being answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache

from rag.config import Config
from rag.documents.chunk import chunking_fingerprint
from rag.documents.cleaning.clean import clean_text
from rag.documents.cleaning.pages import page_at, page_breaks
from rag.documents.view import DocumentView, document_view
from rag.encoders import Encoder
from rag.errors import IndexMissingError, no_such_document
from rag.index.faiss_index import DenseIndex
from rag.index.sqlite import DocumentInfo, Store
from rag.retrieval.search import HybridRetriever
from rag.schema.documents import Document
from rag.schema.search import Evidence

__all__ = ["Corpus"]


class _Texts:
    """Documents made ready for reading, the last few kept: to clean a long one takes seconds."""

    def __init__(self, store: Store) -> None:
        # Nothing here holds on to this object: the store is closed as soon as nobody uses it any more.
        clean = lru_cache(maxsize=32)(lambda source: clean_text(store.document(source).text))
        self.clean = clean
        self.page_breaks = lru_cache(maxsize=1024)(lambda source: page_breaks(store.document(source).text))
        self.view = lru_cache(maxsize=16)(
            lambda source: document_view(store.document(source), store.parts(source), clean=clean(source))
        )


class Corpus:
    """An opened index. Closed when the last one who uses it lets it go: another thread may still read from it.

    Attributes:
        store: What is indexed.
        retriever: Finds passages in it.
        hidden: Documents that are not there for this user.
    """

    def __init__(
        self,
        store: Store,
        dense: DenseIndex,
        encoder: Encoder,
        *,
        hidden: frozenset[str],
        texts: _Texts | None = None,
    ) -> None:
        self.store = store
        self.hidden = hidden
        self.retriever = HybridRetriever(store, dense, encoder, hidden=hidden)
        self._state = dense.state
        self._texts = own = texts or _Texts(store)
        self.without = lru_cache(maxsize=64)(
            lambda unseen: Corpus(store, dense, encoder, hidden=hidden | unseen, texts=own)
        )
        """The same index as one sees it who must not see some documents."""

    @classmethod
    def open(cls, config: Config, encoder: Encoder, *, create: bool = False) -> Corpus:
        """Open the index that the settings name.

        Args:
            config: The settings.
            encoder: What embeds questions; the index must have been made with it.
            create: Make an empty index where there is none, to be filled while it is open.

        Raises:
            CorpusIndexError: Nothing was indexed, or with another model, or the file is damaged.
        """
        if create:
            _make_empty(config, encoder)
        store = Store.open(config.index, readonly=True)
        try:
            store.check(encoder.name, encoder.dim, chunking_fingerprint(config.passage_chars))
            dense = DenseIndex.load_or_build(store, config.index)
            return cls(store, dense, encoder, hidden=frozenset())
        except BaseException:
            store.close()
            raise

    def is_current(self) -> bool:
        """Whether the index still is what was opened; takes a tenth of a millisecond."""
        return self.store.in_place and self.store.state == self._state

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

    def on_pages(self, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
        """The evidence with the page that each sentence begins on, of documents that have pages."""
        return tuple(replace(item, page=page_at(self._texts.page_breaks(item.source), item.start)) for item in evidence)

    def _check_seen(self, source: str) -> None:
        """Refuse a document that is hidden, in words that do not tell it from one that is not there."""
        if not self.hidden:
            return
        known = [info.source for info in self.documents()]
        if source not in known:  # the store's own words would name what is hidden
            raise no_such_document(source, known)


def _make_empty(config: Config, encoder: Encoder) -> None:
    """Make an index without documents; one that has none already is bound to the encoder of today."""
    facts = (encoder.name, encoder.dim, chunking_fingerprint(config.passage_chars))
    with suppress(IndexMissingError), Store.open(config.index, readonly=True) as store:
        if store.documents() or (store.encoder_name, store.dim, store.chunking) == facts:
            return
    with Store.open(config.index, create=True) as store:
        store.adopt(*facts)
