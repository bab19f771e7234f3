"""The index on disk: documents, parts, passages, vectors and the lexical index, in one SQLite file, and FAISS.

``backend`` puts it together; ``database`` opens and guards the file, ``lock`` keeps writers apart, ``tables`` knows
rows, ``contents`` and ``lexical`` what can be asked, ``store`` how it changes.
"""

from rag.index.sqlite.store import Store

__all__ = ["Store"]
