"""The index on disk: documents, parts, passages, vectors and the lexical index, in one SQLite file."""

from rag.store.store import Store
from rag.store.tables import DocumentInfo

__all__ = ["DocumentInfo", "Store"]
