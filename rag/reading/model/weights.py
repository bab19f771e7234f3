"""Load the reader's weights: the encoder's layers with the changes that training made.

The file holds low-rank changes (Hu et al. 2021, arXiv:2106.09685) to each matrix, the vectors as they became, and the
heads; a few megabytes. The matrices themselves, and the word embeddings, are those of the encoder in ``models.txt``.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rag.errors import ModelCorruptError, ModelError

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float32]

__all__ = ["FORMAT", "LAYER_MATRICES", "SHIPPED", "Calibration", "ReaderWeights", "load_weights"]

FORMAT: Final = "1"
SHIPPED: Final = Path(__file__).parent / "data" / "reader.safetensors"
"""The weights that come with youju; described in the model card beside them."""
LAYER_MATRICES: Final = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)
_LAYER_NORMS: Final = ("attention.output.LayerNorm", "output.LayerNorm")


@dataclass(frozen=True, slots=True)
class Calibration:
    """(slope, intercept) of the logistic curves from score to probability (Platt 1999).

    Attributes:
        chinese: For questions in Chinese, the language of the documents it was trained on.
        other: For questions in other languages, whose right answers have lower scores.
    """

    chinese: tuple[float, float]
    other: tuple[float, float]

    @classmethod
    def of_json(cls, text: str) -> Calibration:
        """Read it from a weights file's metadata: ``{"zh": [2.1, -0.3], "other": [1.8, 0.2]}``; one pair for both."""
        curves = json.loads(text)
        if isinstance(curves, list):
            curves = {"zh": curves, "other": curves}
        (a, b), (c, d) = curves["zh"], curves["other"]
        return cls((float(a), float(b)), (float(c), float(d)))


@dataclass(frozen=True, slots=True)
class ReaderWeights:
    """Everything the network is made of.

    Attributes:
        tensors: BertModel's tensors but for the word embeddings, changed, and ``head.weight``, ``head.bias``.
        word: The encoder's word embeddings, read from the disk as they are needed. Shape: (vocabulary, dim).
        n_layers: Number of layers.
        n_heads: Attention heads of a layer.
        eps: Of the layer normalisation.
        calibration: From score to probability.
    """

    tensors: dict[str, FloatArray]
    word: FloatArray
    n_layers: int
    n_heads: int
    eps: float
    calibration: Calibration


def load_weights(path: Path, encoder: Path, *, encoder_name: str) -> ReaderWeights:
    """Load the reader's weights upon those of its encoder.

    Args:
        path: The weights file.
        encoder: Folder of the encoder.
        encoder_name: Its name with the fingerprint of its weights (``Encoder.name``).

    Raises:
        ModelError: The reader was trained on another encoder.
        ModelCorruptError: A file is damaged or missing.
    """
    from safetensors import SafetensorError, safe_open  # noqa: PLC0415 - heavy

    try:
        with safe_open(path, framework="np") as file:
            facts = file.metadata() or {}
            changes = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
        if facts.get("format") != FORMAT:
            raise ModelCorruptError(f"{path} is no reader of format {FORMAT}. Install youju again.")
        if facts["encoder"].rpartition("@")[2] != encoder_name.rpartition("@")[2]:
            raise ModelError(
                f"The reader was trained on the encoder {facts['encoder']}, and the one in use is {encoder_name}. "
                "Set encoder back, or ask without mode 'quotes'."
            )
        config = json.loads((encoder / "config.json").read_text(encoding="utf-8"))
        with safe_open(encoder / "model.safetensors", framework="np") as file:
            tensors = {name: _changed(name, file, changes) for name in _names(int(config["num_hidden_layers"]))}
            tensors |= {name: changes[name] for name in ("head.weight", "head.bias")}
            _check(tensors, file, changes, config)
        calibration = Calibration.of_json(facts["calibration"])
        return ReaderWeights(
            tensors,
            _word_embeddings(encoder / "model.safetensors"),
            int(config["num_hidden_layers"]),
            int(config["num_attention_heads"]),
            float(config["layer_norm_eps"]),
            calibration,
        )
    except (OSError, SafetensorError, KeyError, ValueError, TypeError, ArithmeticError, struct.error) as error:
        raise ModelCorruptError(
            f"The reader cannot be loaded from {path} and {encoder}: {error}. "
            "Install youju again, and fetch the encoder again: youju models pull"
        ) from error


def _names(n_layers: int) -> list[str]:
    names = ["embeddings.position_embeddings.weight", "embeddings.token_type_embeddings.weight"]
    names += ["embeddings.LayerNorm.weight", "embeddings.LayerNorm.bias"]
    parts = (*LAYER_MATRICES, *_LAYER_NORMS)
    return names + [
        f"encoder.layer.{i}.{part}.{kind}" for i in range(n_layers) for part in parts for kind in ("weight", "bias")
    ]


def _changed(name: str, encoder: Any, changes: dict[str, FloatArray]) -> FloatArray:  # noqa: ANN401
    """A tensor of the encoder as training left it."""
    if name in changes:
        return changes[name].astype(np.float32)
    tensor: FloatArray = encoder.get_tensor(name).astype(np.float32)
    if f"{name}.up" in changes:
        change = changes[f"{name}.up"].astype(np.float32) @ changes[f"{name}.down"].astype(np.float32)
        if change.shape != tensor.shape:  # it would be spread over all rows
            raise ValueError(f"{name}.up has the shape {list(changes[f'{name}.up'].shape)}")
        tensor = tensor + change
    return tensor


def _check(tensors: dict[str, FloatArray], encoder: Any, changes: dict[str, FloatArray], config: Any) -> None:  # noqa: ANN401
    """Nothing may be left over, and everything must have the shape that the network gives it.

    Raises:
        ValueError: Some tensor does not.
    """
    known = {known for name in tensors for known in (name, f"{name}.up", f"{name}.down")}
    if unknown := changes.keys() - known:
        raise ValueError(f"no tensor of the encoder is called {min(unknown)}")
    if lone := {name for name in changes if name.endswith(".down") and f"{name[:-5]}.up" not in changes}:
        raise ValueError(f"{min(lone)} stands alone")
    width, n_heads = int(config["hidden_size"]), int(config["num_attention_heads"])
    if n_heads < 1 or width % n_heads:
        raise ValueError(f"{width} dimensions cannot be shared by {n_heads} heads")
    heads = {"head.weight": [3, width], "head.bias": [3]}
    for name, tensor in tensors.items():
        shape = heads.get(name) or encoder.get_slice(name).get_shape()
        if list(tensor.shape) != shape:
            raise ValueError(f"{name} has the shape {list(tensor.shape)}, expected {shape}")


def _word_embeddings(path: Path) -> FloatArray:
    """The table of word embeddings, mapped and not read: a question needs a few hundred of 250,000 rows.

    The layout is that of the safetensors format: length of the header (uint64), header (JSON), tensors.
    """
    with path.open("rb") as file:
        (n_header,) = struct.unpack("<Q", file.read(8))
        entry = json.loads(file.read(n_header))["embeddings.word_embeddings.weight"]
    if entry["dtype"] != "F32":
        raise ValueError(f"its word embeddings are {entry['dtype']}, expected F32")
    return np.memmap(path, "<f4", mode="r", offset=8 + n_header + entry["data_offsets"][0], shape=tuple(entry["shape"]))
