"""A trained network -> the weights file that ``rag.reading.model`` loads."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from rag.reading.model.weights import FORMAT, LAYER_MATRICES, Calibration

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt
    from torch import Tensor, nn

    from training.model import ReaderNetwork, StackedLinear

__all__ = ["export", "file_sha256", "with_calibration"]

_STACKS: Final = {
    "qkv": LAYER_MATRICES[:3],
    "out": LAYER_MATRICES[3:4],
    "wide": LAYER_MATRICES[4:5],
    "narrow": LAYER_MATRICES[5:],
}
_NORMS: Final = {"norm_attention": "attention.output.LayerNorm", "norm_output": "output.LayerNorm"}


def export(network: ReaderNetwork, path: Path, *, encoder_name: str, about: dict[str, str]) -> None:
    """Write the weights: low-rank changes and vectors in float16, heads in float32.

    Args:
        network: A trained network.
        path: The file.
        encoder_name: The encoder it was trained on, with the fingerprint of its weights.
        about: What else to say in the file's metadata.
    """
    tensors = {"head.weight": _single(network.head.weight), "head.bias": _single(network.head.bias)}
    tensors |= _norm(network.norm, "embeddings.LayerNorm")
    for i, layer in enumerate(network.layers):
        name = f"encoder.layer.{i}"
        for stack, parts in _STACKS.items():
            tensors |= _linear(getattr(layer, stack), [f"{name}.{part}" for part in parts])
        for norm, part in _NORMS.items():
            tensors |= _norm(getattr(layer, norm), f"{name}.{part}")
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {"format": FORMAT, "encoder": encoder_name, **about}
    save_file(tensors, path, metadata=metadata | {"calibration": _as_json(Calibration((1.0, 0.0), (1.0, 0.0)))})


def with_calibration(path: Path, calibration: Calibration) -> None:
    """Write the calibration into a weights file."""
    with safe_open(path, framework="np") as file:
        metadata = file.metadata()
    save_file(load_file(path), path, metadata=metadata | {"calibration": _as_json(calibration)})


def file_sha256(path: Path) -> str:
    """Hex digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _as_json(calibration: Calibration) -> str:
    return json.dumps({"zh": calibration.chinese, "other": calibration.other})


def _linear(linear: StackedLinear, names: list[str]) -> dict[str, npt.NDArray[np.generic]]:
    tensors = {f"{name}.bias": _half(bias) for name, bias in zip(names, linear.bias.chunk(len(names)), strict=True)}
    if linear.down is None:
        rows = linear.weight.chunk(len(names))
        return tensors | {f"{name}.weight": _half(weight) for name, weight in zip(names, rows, strict=True)}
    for name, up, down in zip(names, linear.up, linear.down, strict=True):
        tensors |= {f"{name}.weight.up": _half(up), f"{name}.weight.down": _half(down)}
    return tensors


def _norm(norm: nn.LayerNorm, name: str) -> dict[str, npt.NDArray[np.generic]]:
    return {f"{name}.weight": _half(norm.weight), f"{name}.bias": _half(norm.bias)}


def _half(tensor: Tensor) -> npt.NDArray[np.generic]:
    return np.ascontiguousarray(_single(tensor).astype(np.float16))


def _single(tensor: Tensor) -> npt.NDArray[np.generic]:
    return np.ascontiguousarray(tensor.detach().float().numpy())
