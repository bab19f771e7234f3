"""A reader so small that its weights are made up, with a tokenizer of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pytest
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from rag.reading.model.weights import LAYER_MATRICES, Calibration

FloatArray = npt.NDArray[np.float32]

NAME: Final = "tiny@0123abcd"

CALIBRATION: Final = Calibration((0.75, -1.5), (0.5, 0.25))

HIDDEN, WIDE, HEADS, LAYERS, POSITIONS, RANK = 32, 64, 4, 2, 512, 3

NORMS: Final = ("attention.output.LayerNorm", "output.LayerNorm")

WORDS: Final = ("▁", "学校", "公路", "海州", "20", "31", "▁2", "多少")

CHARACTERS: Final = "0123456789,.%():?。、的新建修改所公路里学校教师海州市临川县年共有名多少台湾经济与发展标题一二三abc"


@dataclass(frozen=True)
class Tiny:
    """A tiny encoder, and a reader that was trained on it."""

    encoder: Path
    weights: Path


def tiny_tokenizer() -> Tokenizer:
    """A tokenizer as XLM-R has one: pieces with a mark for a space, width folded, <s> 0, <pad> 1, </s> 2."""
    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    pieces += [(word, -1.0) for word in WORDS] + [(ch, -4.0) for ch in dict.fromkeys(CHARACTERS)]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>"])
    return tokenizer


def write_tiny(folder: Path) -> Tiny:
    """Write an encoder's folder as ``rag.models`` does, and the file of weights as training does."""
    rng = np.random.default_rng(11)
    encoder = folder / "encoder"
    encoder.mkdir(parents=True)
    tokenizer = tiny_tokenizer()
    tokenizer.enable_truncation(8)  # as many a published tokenizer.json does
    tokenizer.save(str(encoder / "tokenizer.json"))
    config = {
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "intermediate_size": WIDE,
        "vocab_size": tokenizer.get_vocab_size(),
        "max_position_embeddings": POSITIONS,
        "type_vocab_size": 1,
        "layer_norm_eps": 1e-12,
    }
    (encoder / "config.json").write_text(json.dumps(config), encoding="utf-8")

    def drawn(*shape: int, std: float = 0.2, mean: float = 0.0) -> FloatArray:
        return rng.normal(mean, std, shape).astype(np.float32)

    def norm(name: str) -> dict[str, FloatArray]:
        return {f"{name}.weight": drawn(HIDDEN, mean=1.0), f"{name}.bias": drawn(HIDDEN)}

    base = {
        "embeddings.word_embeddings.weight": drawn(tokenizer.get_vocab_size(), HIDDEN, std=1.0),
        "embeddings.position_embeddings.weight": drawn(POSITIONS, HIDDEN),
        "embeddings.token_type_embeddings.weight": drawn(1, HIDDEN),
        **norm("embeddings.LayerNorm"),
        "pooler.dense.weight": np.zeros((HIDDEN, HIDDEN), np.float32),
        "pooler.dense.bias": np.zeros(HIDDEN, np.float32),
    }
    changes = {"head.weight": drawn(3, HIDDEN), "head.bias": drawn(3)} | norm("embeddings.LayerNorm")
    for i in range(LAYERS):
        for part in LAYER_MATRICES:
            name = f"encoder.layer.{i}.{part}"
            rows, columns = WIDE if part == "intermediate.dense" else HIDDEN, WIDE if part == "output.dense" else HIDDEN
            base |= {f"{name}.weight": drawn(rows, columns), f"{name}.bias": drawn(rows)}
            changes |= {f"{name}.weight.up": drawn(rows, RANK), f"{name}.weight.down": drawn(RANK, columns)}
            changes[f"{name}.bias"] = drawn(rows)
        for part in NORMS:
            base |= norm(f"encoder.layer.{i}.{part}")
            changes |= norm(f"encoder.layer.{i}.{part}")
    save_file(base, encoder / "model.safetensors", metadata={"format": "pt"})
    halves = {name: each if name.startswith("head.") else each.astype(np.float16) for name, each in changes.items()}
    about = {
        "format": "1",
        "encoder": NAME,
        "calibration": json.dumps({"zh": CALIBRATION.chinese, "other": CALIBRATION.other}),
    }
    save_file(halves, folder / "reader.safetensors", metadata=about)
    return Tiny(encoder, folder / "reader.safetensors")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return write_tiny(tmp_path_factory.mktemp("tiny"))


def expected_tensors(tiny: Tiny) -> dict[str, FloatArray]:
    """The encoder's tensors with the reader's changes, by the definition of both."""
    tensors = load_file(tiny.encoder / "model.safetensors")
    changes = {name: each.astype(np.float32) for name, each in load_file(tiny.weights).items()}
    for name, each in changes.items():
        if name.endswith(".up"):
            tensors[name.removesuffix(".up")] += each @ changes[name.removesuffix("up") + "down"]
        elif not name.endswith(".down"):
            tensors[name] = each
    return tensors
