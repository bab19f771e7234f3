"""The reader's network in OpenVINO, written out in its operators: no torch, no converted copy on the disk.

Built from the weights in about a second. Takes word embeddings instead of token ids, so that the 250,000-row table
stays on the disk and is shared with nothing.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rag.runtimes.openvino_cpu import batches_of_like_length, compile_for_cpu, padded_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from rag.reading.model.weights import ReaderWeights

    FloatArray = npt.NDArray[np.float32]

__all__ = ["Network"]

_FAR: Final = np.float32(-1e4)
_PAD: Final = 1


class Network:
    """Rows of token ids -> logits."""

    def __init__(self, weights: ReaderWeights, *, threads: int = 0) -> None:
        """Build and compile the network for this CPU."""
        self._compiled = compile_for_cpu(_build(weights), threads=threads)
        self._word = weights.word
        tensors = weights.tensors
        self._position = (
            tensors["embeddings.position_embeddings.weight"] + tensors["embeddings.token_type_embeddings.weight"][0]
        )
        self._lock = threading.Lock()  # an inference request serves one caller at a time

    def logits(self, rows: Sequence[Sequence[int]]) -> list[FloatArray]:
        """Logits of each row's tokens, in input order. Shape of each: (n_tokens, 3): start, end, tag."""
        results: list[FloatArray] = [np.empty((0, 3), np.float32)] * len(rows)
        for batch in batches_of_like_length([len(row) for row in rows]):
            width = padded_width(len(rows[batch[-1]]))
            ids = np.full((len(batch), width), _PAD, np.int64)
            away = np.full((len(batch), 1, 1, width), _FAR, np.float32)
            for line, i in enumerate(batch):
                ids[line, : len(rows[i])] = rows[i]
                away[line, 0, 0, : len(rows[i])] = 0
            embedded = self._word[ids] + self._position[:width]
            with self._lock:
                logits = self._compiled([embedded, away])[0]
                for line, i in enumerate(batch):
                    results[i] = np.array(logits[line, : len(rows[i])])
        return results


def _build(weights: ReaderWeights) -> Any:  # noqa: ANN401 - OpenVINO is not typed here
    """The graph of a BERT encoder (Devlin et al. 2019, arXiv:1810.04805) with a linear head."""
    import openvino as ov  # noqa: PLC0415 - heavy
    from openvino import opset13 as ops  # noqa: PLC0415

    width = weights.word.shape[1]
    embedded = ops.parameter([-1, -1, width], np.float32, name="embedded")
    away = ops.parameter([-1, 1, 1, -1], np.float32, name="away")
    parts = _Parts(weights)
    hidden = parts.norm(embedded, "embeddings.LayerNorm")
    for i in range(weights.n_layers):
        name = f"encoder.layer.{i}"
        query, key, value = (
            parts.by_head(hidden, f"{name}.attention.self.{which}") for which in ("query", "key", "value")
        )
        mixed = ops.scaled_dot_product_attention(query, key, value, attention_mask=away)
        joined = ops.reshape(ops.transpose(mixed, np.array([0, 2, 1, 3])), np.array([0, 0, width]), special_zero=True)
        hidden = parts.norm(
            ops.add(hidden, parts.linear(joined, f"{name}.attention.output.dense")),
            f"{name}.attention.output.LayerNorm",
        )
        wide = ops.gelu(parts.linear(hidden, f"{name}.intermediate.dense"), approximation_mode="ERF")
        hidden = parts.norm(ops.add(hidden, parts.linear(wide, f"{name}.output.dense")), f"{name}.output.LayerNorm")
    return ov.Model([parts.linear(hidden, "head")], [embedded, away], "reader")


class _Parts:
    """The pieces that a layer is put together from."""

    def __init__(self, weights: ReaderWeights) -> None:
        from openvino import opset13 as ops  # noqa: PLC0415 - heavy

        self._ops = ops
        self._weights = weights

    def linear(self, hidden: Any, name: str) -> Any:  # noqa: ANN401
        product = self._ops.matmul(hidden, self._constant(f"{name}.weight"), False, True)
        return self._ops.add(product, self._constant(f"{name}.bias"))

    def norm(self, hidden: Any, name: str) -> Any:  # noqa: ANN401
        normed = self._ops.mvn(
            hidden, np.array([-1]), normalize_variance=True, eps=self._weights.eps, eps_mode="inside_sqrt"
        )
        scaled = self._ops.multiply(normed, self._constant(f"{name}.weight"))
        return self._ops.add(scaled, self._constant(f"{name}.bias"))

    def by_head(self, hidden: Any, name: str) -> Any:  # noqa: ANN401
        n_heads = self._weights.n_heads
        shape = np.array([0, 0, n_heads, self._weights.word.shape[1] // n_heads])
        split = self._ops.reshape(self.linear(hidden, name), shape, special_zero=True)
        return self._ops.transpose(split, np.array([0, 2, 1, 3]))

    def _constant(self, name: str) -> Any:  # noqa: ANN401
        return self._ops.constant(self._weights.tensors[name])
