"""A trained network -> the weights file that ``rag.reading.model`` loads."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from rag.reading.model.weights import FORMAT, LAYER_MATRICES, Calibration
from training.data import DataError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt
    from torch import Tensor, nn

    from training.model import ReaderNetwork, StackedLinear

__all__ = ["export", "file_sha256", "restore", "with_calibration"]

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
    tensors = {
        name: _single(tensor) if name.startswith("head.") else _single(tensor).astype(np.float16)
        for name, tensor in _named(network).items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {"format": FORMAT, "encoder": encoder_name, **about}
    save_file(tensors, path, metadata=metadata | {"calibration": _as_json(Calibration((1.0, 0.0), (1.0, 0.0)))})


def with_calibration(path: Path, calibration: Calibration) -> None:
    """Write the calibration into a weights file."""
    with safe_open(path, framework="np") as file:
        metadata = file.metadata()
    save_file(load_file(path), path, metadata=metadata | {"calibration": _as_json(calibration)})


def restore(network: ReaderNetwork, path: Path) -> None:
    """Give a network the weights of a file that :func:`export` wrote of a network of the same rank.

    Raises:
        DataError: The file is of another rank, or of another network.
    """
    named = _named(network)
    saved = load_file(path)
    if {name: saved[name].shape for name in saved} != {name: tuple(tensor.shape) for name, tensor in named.items()}:
        raise DataError(f"{path} cannot be gone on with: its tensors are not those of this network and rank.")
    with torch.no_grad():
        for name, tensor in named.items():
            tensor.copy_(torch.from_numpy(saved[name].astype(np.float32)))


def file_sha256(path: Path) -> str:
    """Hex digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _as_json(calibration: Calibration) -> str:
    return json.dumps({"zh": calibration.chinese, "other": calibration.other})


def _named(network: ReaderNetwork) -> dict[str, Tensor]:
    """What training changes, by the names of the weights file; views of the parameters."""
    tensors: dict[str, Tensor] = {"head.weight": network.head.weight, "head.bias": network.head.bias}
    tensors |= _norm(network.norm, "embeddings.LayerNorm")
    for i, layer in enumerate(network.layers):
        name = f"encoder.layer.{i}"
        for stack, parts in _STACKS.items():
            tensors |= _linear(getattr(layer, stack), [f"{name}.{part}" for part in parts])
        for norm, part in _NORMS.items():
            tensors |= _norm(getattr(layer, norm), f"{name}.{part}")
    return tensors


def _linear(linear: StackedLinear, names: list[str]) -> dict[str, Tensor]:
    tensors = {f"{name}.bias": bias for name, bias in zip(names, linear.bias.chunk(len(names)), strict=True)}
    if linear.down is None:
        rows = linear.weight.chunk(len(names))
        return tensors | {f"{name}.weight": weight for name, weight in zip(names, rows, strict=True)}
    for name, up, down in zip(names, linear.up, linear.down, strict=True):
        tensors |= {f"{name}.weight.up": up, f"{name}.weight.down": down}
    return tensors


def _norm(norm: nn.LayerNorm, name: str) -> dict[str, Tensor]:
    return {f"{name}.weight": norm.weight, f"{name}.bias": norm.bias}


def _single(tensor: Tensor) -> npt.NDArray[np.float32]:
    return np.ascontiguousarray(tensor.detach().float().numpy())
