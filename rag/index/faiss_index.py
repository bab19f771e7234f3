"""Vectors -> FAISS: exact dense search, with a snapshot on disk. The only importer of faiss.

Knows nothing of text. The store is the truth; the snapshot only saves the time of reading it, and is built again
whenever it does not match the store to the byte.

Search is exact, by a flat index: 100,000 passages of 384 dimensions take 9 ms a question on two cores (300,000: 25 ms),
with a scope or without, and 154 MB. An approximate index (HNSW, IVF) would begin to pay beyond a million passages,
where it is a tenth of a second; it would lose hits, most of all under a scope, so it is not wanted below that.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rag.files import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import numpy.typing as npt

    from rag.index.sqlite import Store

__all__ = ["DenseIndex"]

SNAPSHOT: Final = "dense.faiss"
SIDECAR: Final = "dense.json"


class DenseIndex:
    """Passage vectors that can be searched by dot product, which is the cosine for unit vectors.

    Attributes:
        state: The store's state that it was built from; where the store's differs by now, load again.
    """

    def __init__(self, ids: npt.NDArray[np.int64], vectors: npt.NDArray[np.float32], *, state: str = "") -> None:
        faiss = _faiss()
        self.state = state
        self._index: Any = faiss.IndexIDMap2(faiss.IndexFlatIP(vectors.shape[1]))
        if len(ids):
            self._index.add_with_ids(np.ascontiguousarray(vectors, np.float32), np.ascontiguousarray(ids, np.int64))

    @classmethod
    def load_or_build(cls, store: Store, folder: Path) -> DenseIndex:
        """The index of what the store holds: from the snapshot where it matches, else built, and the snapshot written.

        Args:
            store: Where the vectors are.
            folder: Where the snapshot is; where it cannot be written, the index lives in memory alone.
        """
        found = _read_snapshot(folder, store)
        if found is not None:
            index = cls.__new__(cls)
            index.state, index._index = found  # noqa: SLF001 - its own
            return index
        while True:
            state = store.state
            ids, vectors = store.vectors()
            if store.state == state:  # nobody wrote in between
                break
        built = cls(ids, vectors, state=state)
        with suppress(OSError):
            _write_snapshot(folder, built, store)
        return built

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(
        self, vector: npt.NDArray[np.float32], top_k: int, allowed: Iterable[int] | None = None
    ) -> list[tuple[int, float]]:
        """The passages nearest to a query, best first; equal scores by key.

        Args:
            vector: The query's embedding. Shape: (dim,).
            top_k: Most passages to return.
            allowed: Keys to choose from; None for all.

        Returns:
            Keys with cosine similarities.

        Raises:
            ValueError: The vector has another length than those of the index.
        """
        faiss = _faiss()
        if vector.shape != (self._index.d,):
            raise ValueError(f"The query vector has shape {vector.shape}; the index needs ({self._index.d},).")
        parameters = None
        if allowed is not None:
            keys = np.fromiter(allowed, np.int64)
            top_k = min(top_k, len(keys))
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBatch(keys))
        top_k = min(top_k, len(self))
        if top_k < 1:
            return []
        query = np.ascontiguousarray(vector[None, :], np.float32)
        scores, ids = self._index.search(query, top_k, params=parameters)
        found = [(int(key), float(score)) for key, score in zip(ids[0], scores[0], strict=True) if key >= 0]
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))


def _faiss() -> Any:  # noqa: ANN401 - its types do not know of its own Python layer
    import faiss  # noqa: PLC0415 - heavy

    return faiss


def _identity(store: Store) -> dict[str, Any]:
    """What a snapshot must have been made from."""
    return {"state": store.state, "encoder": store.encoder_name, "dim": store.dim}


def _read_snapshot(folder: Path, store: Store) -> tuple[str, Any] | None:
    """The snapshot's state and index, or None where there is none, or it is damaged or of another state."""
    try:
        sidecar = json.loads((folder / SIDECAR).read_text(encoding="utf-8"))
        # The sidecar is read before the bytes are trusted: faiss is never given what it did not write itself.
        if not isinstance(sidecar, dict) or _identity(store) != {key: sidecar.get(key) for key in _identity(store)}:
            return None
        content = (folder / SNAPSHOT).read_bytes()
        if hashlib.sha256(content).hexdigest() != sidecar.get("sha256"):
            return None
        return sidecar["state"], _faiss().deserialize_index(np.frombuffer(content, np.uint8))
    except (OSError, ValueError, RuntimeError):  # the last: written by a faiss that knows more than this one
        return None


def _write_snapshot(folder: Path, index: DenseIndex, store: Store) -> None:
    """Write snapshot and sidecar, each whole or not at all; the sidecar last, since it vouches for the other."""
    content = _faiss().serialize_index(index._index).tobytes()  # noqa: SLF001 - its own
    sidecar = _identity(store) | {"state": index.state, "n_passages": len(index)}
    sidecar["sha256"] = hashlib.sha256(content).hexdigest()
    write_whole(folder / SNAPSHOT, content)
    write_whole(folder / SIDECAR, json.dumps(sidecar))
