"""What can be asked of an open index.

Every statement runs to its end before it returns, so no reader keeps a writer waiting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from rag.errors import no_such_document
from rag.index.protocols import IndexFacts
from rag.index.sqlite.lexical import LexicalSearch, condition
from rag.index.sqlite.tables import DOCUMENTS, PASSAGES, document_from, documents_from, part_from, passage_from, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rag.index.protocols import PassageFilter
    from rag.index.sqlite.database import Database
    from rag.schema.documents import Document, DocumentInfo, Part, Passage

__all__ = ["Contents"]

FloatArray: TypeAlias = npt.NDArray[np.float32]
IntArray: TypeAlias = npt.NDArray[np.int64]


class Contents:
    """What needs no write access.

    Attributes:
        lexical: Full-text search over the passages.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.lexical = LexicalSearch(database)

    @property
    def facts(self) -> IndexFacts:
        """What the index was made with; empty before it was bound to anything."""
        with self._database.sound():
            return IndexFacts(self._meta("encoder_name"), int(self._meta("dim") or 0), self._meta("chunking"))

    @property
    def state(self) -> str:
        """Changes with every write, and never comes back; also where another file has taken this one's place."""
        written = f"{self._meta('index_id')}:{self._meta('generation')}"
        return written if self._database.in_place else f"{written}:replaced"

    def document(self, source: str) -> Document:
        """The document as it was loaded.

        Raises:
            DocumentNotFoundError: The index does not hold it.
        """
        row = self._database.row(
            "SELECT source, text, sha256, n_bytes, encoding, blocks, notes FROM documents WHERE source = ?", (source,)
        )
        if row is None:
            raise no_such_document(source, self.sources())
        with self._database.sound():
            return document_from(row)

    def sources(self) -> list[str]:
        """The names of the documents, sorted."""
        return [source for (source,) in self._database.rows("SELECT source FROM documents ORDER BY source")]

    def documents(self) -> list[DocumentInfo]:
        """What the index holds, by name."""
        rows = self._database.rows(DOCUMENTS)
        with self._database.sound():
            return documents_from(rows)

    def parts(self, source: str) -> list[Part]:
        """The parts of a document, in order; none for a document that is not there."""
        rows = self._database.rows(
            'SELECT title, issuer, p.place, years, date, start, "end" FROM parts p JOIN documents USING (document_id) '
            "WHERE source = ? ORDER BY ordinal",
            (source,),
        )
        with self._database.sound():
            return [part_from(row) for row in rows]

    def passages(self, ids: Iterable[int]) -> list[Passage]:
        """Passages by key, in the order of the keys; keys that are gone are left out."""
        order = [int(key) for key in ids]
        rows = self._database.rows(
            f"{PASSAGES} WHERE p.passage_id IN (SELECT value FROM json_each(?))",  # noqa: S608 - a constant
            (to_json(order),),
        )
        found = {passage.passage_id: passage for passage in self._made(rows)}
        return [found[key] for key in order if key in found]

    def section_passages(self, source: str, section: int) -> list[Passage]:
        """The passages of one section, in order."""
        sql = f"{PASSAGES} WHERE source = ? AND section = ? ORDER BY ordinal"
        return self._made(self._database.rows(sql, (source, section)))

    def document_passages(self, source: str) -> list[Passage]:
        """All passages of a document, in order."""
        return self._made(self._database.rows(f"{PASSAGES} WHERE source = ? ORDER BY ordinal", (source,)))

    def vectors(self) -> tuple[IntArray, FloatArray]:
        """All vectors by ascending key.

        Returns:
            Keys and embeddings. Shapes: (n_passages,) int64 and (n_passages, dim) float32.
        """
        rows = self._database.rows("SELECT passage_id, vector FROM vectors ORDER BY passage_id")
        with self._database.sound():
            ids = np.array([row[0] for row in rows], np.int64)
            flat = np.frombuffer(b"".join(row[1] for row in rows), "<f4").astype(np.float32)
            return ids, flat.reshape(len(rows), self.facts.dim)

    def passage_ids(self, within: PassageFilter) -> IntArray:
        """Keys of the passages that a filter lets through, ascending. Shape: (n_passages,)."""
        sql, values = condition(within)
        rows = self._database.rows(
            f"SELECT p.passage_id FROM passages p WHERE {sql} ORDER BY p.passage_id",  # noqa: S608 - a constant
            values,
        )
        return np.array([key for (key,) in rows], np.int64)

    def _made(self, rows: Sequence[Any]) -> list[Passage]:
        with self._database.sound():
            return [passage_from(row) for row in rows]

    def _meta(self, key: str) -> str:
        row = self._database.row("SELECT value FROM meta WHERE key = ?", (key,))
        return str(row[0]) if row else ""
