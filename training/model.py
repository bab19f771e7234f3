"""The reader in torch: the encoder's layers, low-rank changes to them, and heads for spans.

A plain BERT (Devlin et al. 2019, arXiv:1810.04805) written out, because it must be fast on two cores: projections of
queries, keys and values in one product, attention by plain products (torch's fused attention is slower backwards on a
CPU: 0.88 s instead of 0.71 s a step of 2,048 tokens), bfloat16 products over float32 weights. The word embeddings are
the encoder's and stay as they are.

Low-rank changes: Hu et al. 2021, arXiv:2106.09685. Span head with the first token as "not here": Devlin et al., 4.3.
Tag head for several spans: Segal et al. 2020, arXiv:1909.13375.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import torch
from safetensors import safe_open
from torch import Tensor, nn
from torch.nn import functional

from rag.reading.model.weights import LAYER_MATRICES

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ReaderNetwork", "StackedLinear"]

_HEADS: Final = 3  # start, end, tag
_INIT_STD: Final = 0.02


class ReaderNetwork(nn.Module):
    """Token ids -> start, end and tag logits.

    Args:
        encoder: Folder of the encoder (``config.json``, ``model.safetensors``).
        rank: Rank of the changes to each matrix; 0 trains the matrices themselves.
    """

    position: Tensor  # a buffer, of which Module says only that it is something

    def __init__(self, encoder: Path, *, rank: int) -> None:
        super().__init__()
        import json  # noqa: PLC0415

        config = json.loads((encoder / "config.json").read_text(encoding="utf-8"))
        self.n_heads = int(config["num_attention_heads"])
        self.eps = float(config["layer_norm_eps"])
        with safe_open(encoder / "model.safetensors", framework="pt") as tensors:
            word = tensors.get_tensor("embeddings.word_embeddings.weight")
            position = tensors.get_tensor("embeddings.position_embeddings.weight")
            kind = tensors.get_tensor("embeddings.token_type_embeddings.weight")[0]
            self.word = nn.Embedding.from_pretrained(word, freeze=True)  # type: ignore[no-untyped-call]
            self.register_buffer("position", position + kind)
            self.norm = _norm(tensors, "embeddings.LayerNorm", self.eps)
            self.layers = nn.ModuleList(
                _Layer(tensors, f"encoder.layer.{i}", n_heads=self.n_heads, eps=self.eps, rank=rank)
                for i in range(int(config["num_hidden_layers"]))
            )
        self.head = nn.Linear(int(config["hidden_size"]), _HEADS)
        nn.init.normal_(self.head.weight, std=_INIT_STD)
        nn.init.zeros_(self.head.bias)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Logits of each token. Shapes: ids and mask (n, n_tokens); result (n, n_tokens, 3), float32."""
        hidden = self.norm(self.word(ids) + self.position[: ids.shape[1]]).to(torch.bfloat16)
        away = torch.zeros(mask.shape, dtype=torch.bfloat16).masked_fill(mask == 0, -1e4)[:, None, None, :]
        for layer in self.layers:
            hidden = layer(hidden, away)
        logits: Tensor = self.head(hidden.float())
        return logits

    def trained(self) -> dict[str, nn.Parameter]:
        """What training changes, by name."""
        return {name: parameter for name, parameter in self.named_parameters() if parameter.requires_grad}


class _Layer(nn.Module):
    def __init__(self, tensors: Any, name: str, *, n_heads: int, eps: float, rank: int) -> None:  # noqa: ANN401
        super().__init__()
        query, key, value, out, wide, narrow = (f"{name}.{part}" for part in LAYER_MATRICES)
        self.n_heads = n_heads
        self.qkv = StackedLinear(tensors, (query, key, value), rank)
        self.out = StackedLinear(tensors, (out,), rank)
        self.wide = StackedLinear(tensors, (wide,), rank)
        self.narrow = StackedLinear(tensors, (narrow,), rank)
        self.norm_attention = _norm(tensors, f"{name}.attention.output.LayerNorm", eps)
        self.norm_output = _norm(tensors, f"{name}.output.LayerNorm", eps)

    def forward(self, hidden: Tensor, away: Tensor) -> Tensor:
        n, length, width = hidden.shape
        per_head = width // self.n_heads
        qkv = self.qkv(hidden).view(n, length, 3, self.n_heads, per_head).permute(2, 0, 3, 1, 4)
        scores = qkv[0] @ qkv[1].transpose(-1, -2) / math.sqrt(per_head) + away
        mixed = (scores.softmax(-1) @ qkv[2]).transpose(1, 2).reshape(n, length, width)
        hidden = _normed(self.norm_attention, hidden + self.out(mixed))
        return _normed(self.norm_output, hidden + self.narrow(functional.gelu(self.wide(hidden))))


class StackedLinear(nn.Module):
    """One matrix, or several stacked, with a low-rank change to each.

    Attributes:
        weight: The matrices, one above the other; trained where there is no rank.
        bias: Their biases, likewise.
        down: The change's first factor for each matrix, or None. Shape of each: (rank, n_columns).
        up: Its second factor for each matrix; not there without a rank. Shape of each: (n_rows, rank).
    """

    frozen: Tensor
    down: nn.ParameterList | None
    up: nn.ParameterList

    def __init__(self, tensors: Any, names: tuple[str, ...], rank: int) -> None:  # noqa: ANN401
        super().__init__()
        weights = [tensors.get_tensor(f"{name}.weight") for name in names]
        biases = [tensors.get_tensor(f"{name}.bias") for name in names]
        self.weight = nn.Parameter(torch.cat(weights), requires_grad=not rank)
        self.bias = nn.Parameter(torch.cat(biases))
        if not rank:
            self.down = None
            return
        self.register_buffer("frozen", self.weight.detach().to(torch.bfloat16), persistent=False)
        n_rows, n_columns = weights[0].shape
        self.down = nn.ParameterList(nn.Parameter(torch.randn(rank, n_columns) * n_columns**-0.5) for _ in names)
        self.up = nn.ParameterList(nn.Parameter(torch.zeros(n_rows, rank)) for _ in names)

    def forward(self, hidden: Tensor) -> Tensor:
        """The product with each row, in bfloat16. Shapes: (n, n_tokens, n_columns) to (n, n_tokens, all rows)."""
        bias = self.bias.to(torch.bfloat16)
        if self.down is None:
            return functional.linear(hidden, self.weight.to(torch.bfloat16), bias)
        # Beside the matrix: its own gradient, a third of all work, is never formed (3,250 instead of 2,870 tokens/s).
        low = functional.linear(hidden, torch.cat(list(self.down)).to(torch.bfloat16)).chunk(len(self.up), -1)
        changes = [functional.linear(one, up.to(torch.bfloat16)) for one, up in zip(low, self.up, strict=True)]
        return functional.linear(hidden, self.frozen, bias) + torch.cat(changes, -1)


def _norm(tensors: Any, name: str, eps: float) -> nn.LayerNorm:  # noqa: ANN401
    norm = nn.LayerNorm(tensors.get_tensor(f"{name}.weight").shape[0], eps=eps)
    norm.weight = nn.Parameter(tensors.get_tensor(f"{name}.weight"))
    norm.bias = nn.Parameter(tensors.get_tensor(f"{name}.bias"))
    return norm


def _normed(norm: nn.LayerNorm, hidden: Tensor) -> Tensor:
    """Layer normalisation in the precision of what it is given."""
    half = hidden.dtype
    return functional.layer_norm(hidden, norm.normalized_shape, norm.weight.to(half), norm.bias.to(half), norm.eps)
