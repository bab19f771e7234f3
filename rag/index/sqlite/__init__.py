"""The index on disk: documents, parts, passages, vectors and the lexical index, in one SQLite file.

``database`` opens and guards the file, ``lock`` keeps writers apart, ``tables`` knows rows,
``contents`` what can be asked, ``store`` how it changes.
"""

from rag.index.sqlite.store import Store
from rag.index.sqlite.tables import DocumentInfo

__all__ = ["DocumentInfo", "Store"]
