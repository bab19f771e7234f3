"""SQLite and FAISS as one store: the default, one folder on this machine."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rag.index.faiss_index import DenseIndex
from rag.index.protocols import OpenedIndex
from rag.index.refusals import missing
from rag.index.sqlite.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rag.config import Config

__all__ = ["SQLiteBackend"]


class SQLiteBackend:
    """An index in the folder ``config.index``. Its methods keep the promises of ``IndexBackend``."""

    def open_store(self, config: Config) -> Store:
        """The tables alone; FAISS is not loaded."""
        return Store.open(config.index, readonly=True)

    def open(self, config: Config) -> OpenedIndex:
        """The tables, and the vectors as FAISS has them: from their snapshot where it is of the same state."""
        store = self.open_store(config)
        try:
            return _with_vectors(store, config.index)
        except BaseException:
            store.close()
            raise

    @contextmanager
    def write(self, config: Config, *, create: bool = False, rebuild: bool = False) -> Iterator[Store]:
        """Change the tables, a transaction a call; behind the last one the snapshot of the vectors is written."""
        with Store.rebuild(config.index) if rebuild else Store.open(config.index, create=create) as store:
            yield store
            store.erase()
        with self.open_store(config) as written:
            if written.facts.dim:
                DenseIndex.load_or_build(written, config.index)


def _with_vectors(store: Store, folder: Path) -> OpenedIndex:
    if not store.facts.dim:
        raise missing(folder)
    vectors = DenseIndex.load_or_build(store, folder)
    return OpenedIndex(store, vectors, store.lexical, vectors.state)
