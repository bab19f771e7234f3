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
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from rag.files import write_whole
from rag.index.protocols import EVERYTHING, PassageFilter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy.typing as npt

    from rag.index.sqlite import Store

__all__ = ["DenseIndex"]

KeysOf: TypeAlias = "Callable[[PassageFilter], npt.NDArray[np.int64]]"

SNAPSHOT: Final = "dense.faiss"
SIDECAR: Final = "dense.json"
KEPT_FILTERS: Final = 64  # selections of keys that are kept; one of a million passages takes 125 kB


class DenseIndex:
    """Passage vectors that can be searched by dot product, which is the cosine for unit vectors.

    Attributes:
        state: The store's state that it was built from; where the store's differs by now, load again.
    """

    def __init__(
        self,
        ids: npt.NDArray[np.int64],
        vectors: npt.NDArray[np.float32],
        *,
        state: str = "",
        keys_of: KeysOf | None = None,
    ) -> None:
        """Index vectors.

        Args:
            ids: Keys of the passages. Shape: (n,).
            vectors: Their embeddings. Shape: (n, dim).
            state: The state of the store that they are of.
            keys_of: Tells the keys that a filter lets through; without it only unfiltered searches are possible.
        """
        index: Any = _faiss().IndexIDMap2(_faiss().IndexFlatIP(vectors.shape[1]))
        if len(ids):
            index.add_with_ids(np.ascontiguousarray(vectors, np.float32), np.ascontiguousarray(ids, np.int64))
        self._set(index, state, keys_of)

    def _set(self, index: Any, state: str, keys_of: KeysOf | None) -> None:  # noqa: ANN401 - as below
        self.state, self._index = state, index
        # Of one state: an index of another state has selections of its own.
        self._selection = lru_cache(KEPT_FILTERS)(lambda within: _Selection(keys_of(within))) if keys_of else None

    @classmethod
    def load_or_build(cls, store: Store, folder: Path) -> DenseIndex:
        """The index of what the store holds: from the snapshot where it matches, else built, and the snapshot written.

        Args:
            store: Where the vectors are.
            folder: Where the snapshot is; where it cannot be written, the index lives in memory alone.
        """
        found = _read_snapshot(folder, store)
        if found is not None:
            index, state = cls.__new__(cls), found[0]
            index._set(found[1], state, store.passage_ids)  # noqa: SLF001 - its own
            return index
        while True:
            state = store.state
            ids, vectors = store.vectors()
            if store.state == state:  # nobody wrote in between
                break
        built = cls(ids, vectors, state=state, keys_of=store.passage_ids)
        with suppress(OSError):
            _write_snapshot(folder, built, store)
        return built

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(
        self, vector: npt.NDArray[np.float32], top_k: int, *, within: PassageFilter = EVERYTHING
    ) -> list[tuple[int, float]]:
        """The passages nearest to a query, best first; equal scores by key.

        Args:
            vector: The query's embedding. Shape: (dim,).
            top_k: Most passages to return.
            within: Which passages may be returned.

        Returns:
            Keys with cosine similarities.

        Raises:
            ValueError: The vector has another length than those of the index, or nobody knows what a filter means.
        """
        faiss = _faiss()
        if vector.shape != (self._index.d,):
            raise ValueError(f"The query vector has shape {vector.shape}; the index needs ({self._index.d},).")
        parameters = None
        if within:
            if self._selection is None:
                raise ValueError("This index was made without keys_of; it cannot be searched with a filter.")
            selection = self._selection(within)
            top_k = min(top_k, selection.n_keys)
            parameters = faiss.SearchParameters(sel=selection.selector)
        top_k = min(top_k, len(self))
        if top_k < 1:
            return []
        query = np.ascontiguousarray(vector[None, :], np.float32)
        scores, ids = self._index.search(query, top_k, params=parameters)
        found = [(int(key), float(score)) for key, score in zip(ids[0], scores[0], strict=True) if key >= 0]
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))


class _Selection:
    """Keys to choose from, as FAISS takes them: one bit a key."""

    def __init__(self, keys: npt.NDArray[np.int64]) -> None:
        self.n_keys = len(keys)
        chosen = np.zeros(int(keys[-1]) + 1 if len(keys) else 1, bool)
        chosen[keys] = True
        self.selector = _faiss().IDSelectorBitmap(np.packbits(chosen, bitorder="little"))


def _faiss() -> Any:  # noqa: ANN401 - its types do not know of its own Python layer
    import faiss  # noqa: PLC0415 - heavy

    return faiss


def _identity(store: Store) -> dict[str, Any]:
    """What a snapshot must have been made from."""
    return {"state": store.state, "encoder": store.facts.encoder, "dim": store.facts.dim}


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
