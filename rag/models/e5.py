"""Turns the packed 4-bit encoder (``E5S1``) into an ordinary sentence-transformers folder.

The layout of the packed file is described in ``models.txt``. The weights become float32: every product of a
block's scale and a 4-bit number is exact there. Imports numpy and safetensors when called, and no model library.
"""

from __future__ import annotations

import json
import mmap
import shutil
import struct
from typing import TYPE_CHECKING, Any

from rag.errors import ModelCorruptError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float32]

__all__ = ["write_sentence_transformer"]

_MAGIC = b"E5S1"
_VERSION = 1
_HEADER = struct.Struct("<4si7ifi")
_TOKENIZER = struct.Struct("<5iQ")
_ENTRY = struct.Struct("<BIQQ")

# Packed name -> BertModel's name.
_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_BERT_CONFIG = {
    "architectures": ["BertModel"],
    "model_type": "bert",
    "hidden_act": "gelu",  # the exact one, by the error function, as the packed file's own engine computes it
    "hidden_dropout_prob": 0.1,
    "attention_probs_dropout_prob": 0.1,
    "initializer_range": 0.02,
    "dtype": "float32",
}
_TOKENIZER_CONFIG = {
    # The general class takes tokenizer.json as it is; the XLM-R class may rebuild parts of it.
    "tokenizer_class": "PreTrainedTokenizerFast",
    "model_input_names": ["input_ids", "attention_mask"],  # all tokens are of type 0
    "bos_token": "<s>",
    "cls_token": "<s>",
    "eos_token": "</s>",
    "sep_token": "</s>",
    "pad_token": "<pad>",
    "unk_token": "<unk>",
    "mask_token": "<mask>",
}
_POOLING_CONFIG = {
    "pooling_mode_cls_token": False,
    "pooling_mode_mean_tokens": True,
    "pooling_mode_max_tokens": False,
    "pooling_mode_mean_sqrt_len_tokens": False,
}


def write_sentence_transformer(packed: Path, tokenizer: Path, folder: Path) -> None:
    """Write a folder that ``SentenceTransformer(folder)`` loads without a network.

    Args:
        packed: The ``E5S1`` file.
        tokenizer: The publisher's ``tokenizer.json``.
        folder: Where to write; must exist.

    Raises:
        ModelCorruptError: The packed file is not laid out as described.
    """
    from safetensors.numpy import save_file  # noqa: PLC0415 - only when a model is built

    with packed.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as packed_bytes:
        try:
            config, offset = _read_header(packed_bytes)
            tensors = _read_tensors(packed_bytes, offset, config)
        except (struct.error, KeyError, ValueError, UnicodeDecodeError) as error:
            raise ModelCorruptError(f"{packed.name} is not laid out as models.txt says: {error}.") from error
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "tokenizer.json").write_bytes(tokenizer.read_bytes())
    for name, content in _json_files(config).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    (folder / "2_Normalize").mkdir(exist_ok=True)
    shutil.copymode(folder / "config.json", folder / "model.safetensors")  # it is written for its owner alone


def _read_header(packed: mmap.mmap) -> tuple[dict[str, Any], int]:
    """Read the sizes of the model; returns them with the offset of the tensor directory."""
    magic, version, hidden, layers, heads, feed_forward, vocabulary, positions, types, eps, block = _HEADER.unpack_from(
        packed
    )
    if (magic, version, block) != (_MAGIC, _VERSION, 32):
        raise ValueError(f"it begins with {magic!r}, version {version}, blocks of {block}")
    offset = _HEADER.size
    n_pieces, bos, eos, pad, _, n_text_bytes = _TOKENIZER.unpack_from(packed, offset)
    # The tables of the packed tokenizer: offsets, scores, pieces, then the normalisation map.
    offset += _TOKENIZER.size + 4 * (n_pieces + 1) + 4 * n_pieces + n_text_bytes
    _, n_map_bytes = struct.unpack_from("<iI", packed, offset)
    return {
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "intermediate_size": feed_forward,
        "vocab_size": vocabulary,
        "max_position_embeddings": positions,
        "type_vocab_size": types,
        "layer_norm_eps": float(f"{eps:.6g}"),  # a float32 that stands for a round number
        "bos_token_id": bos,
        "eos_token_id": eos,
        "pad_token_id": pad,
    }, offset + 8 + n_map_bytes


def _read_tensors(packed: mmap.mmap, offset: int, config: dict[str, Any]) -> dict[str, FloatArray]:
    """Read every tensor under the name and in the shape that BertModel has for it."""
    import numpy as np  # noqa: PLC0415 - only when a model is built

    shapes = _shapes(config)
    (n_tensors,) = struct.unpack_from("<i", packed, offset)
    offset += 4
    tensors: dict[str, FloatArray] = {}
    for _ in range(n_tensors):
        (n_name,) = struct.unpack_from("<H", packed, offset)
        name = _bert_name(packed[offset + 2 : offset + 2 + n_name].decode("ascii"))
        dtype, n_values, start, n_bytes = _ENTRY.unpack_from(packed, offset + 2 + n_name)
        offset += 2 + n_name + _ENTRY.size
        raw = packed[start : start + n_bytes]
        values = np.frombuffer(raw, "<f4") if dtype == 0 else _dequantise(raw)
        if values.size != n_values:
            raise ValueError(f"{name} has {values.size} values instead of {n_values}")
        tensors[name] = values.reshape(shapes.pop(name))
    if shapes:
        raise ValueError(f"{min(shapes)} is missing")
    # BertModel has a pooler that mean pooling never reads; zeros keep the loader from inventing random weights.
    hidden = config["hidden_size"]
    tensors["pooler.dense.weight"] = np.zeros((hidden, hidden), np.float32)
    tensors["pooler.dense.bias"] = np.zeros(hidden, np.float32)
    return tensors


def _dequantise(raw: bytes) -> FloatArray:
    """Unpack Q4_0: blocks of a float16 scale and 32 numbers of 4 bits, low halves of the bytes first."""
    import numpy as np  # noqa: PLC0415 - only when a model is built

    blocks = np.frombuffer(raw, np.dtype([("scale", "<f2"), ("numbers", "u1", 16)]))
    numbers = np.concatenate([blocks["numbers"] & 0x0F, blocks["numbers"] >> 4], axis=1).astype(np.float32) - 8
    values: FloatArray = numbers * blocks["scale"].astype(np.float32)[:, None]
    return values.reshape(-1)


def _bert_name(packed_name: str) -> str:
    if packed_name in _EMBEDDINGS:
        return _EMBEDDINGS[packed_name]
    layer, what, kind = packed_name.split(".")
    return f"encoder.layer.{int(layer.removeprefix('l'))}.{_LAYER[what]}.{ {'w': 'weight', 'b': 'bias'}[kind] }"


def _shapes(config: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """What a BertModel of this size consists of."""
    hidden, wide = config["hidden_size"], config["intermediate_size"]
    shapes: dict[str, tuple[int, ...]] = {
        _EMBEDDINGS["emb.word"]: (config["vocab_size"], hidden),
        _EMBEDDINGS["emb.pos"]: (config["max_position_embeddings"], hidden),
        _EMBEDDINGS["emb.type"]: (config["type_vocab_size"], hidden),
        _EMBEDDINGS["emb.ln.w"]: (hidden,),
        _EMBEDDINGS["emb.ln.b"]: (hidden,),
    }
    for layer in range(config["num_hidden_layers"]):
        for short in _LAYER:
            rows = wide if short == "fi" else hidden
            columns = wide if short == "fo" else hidden
            shapes[_bert_name(f"l{layer}.{short}.w")] = (rows,) if short.endswith("ln") else (rows, columns)
            shapes[_bert_name(f"l{layer}.{short}.b")] = (rows,)
    return shapes


def _json_files(config: dict[str, Any]) -> dict[str, Any]:
    """The small files around the weights; only names that every 5.x of both libraries reads."""
    positions = config["max_position_embeddings"]
    return {
        "config.json": {**_BERT_CONFIG, **config},
        "tokenizer_config.json": {**_TOKENIZER_CONFIG, "model_max_length": positions},
        "modules.json": [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for i, (path, kind) in enumerate(
                (("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize"))
            )
        ],
        "sentence_bert_config.json": {"max_seq_length": positions, "do_lower_case": False},
        "1_Pooling/config.json": {**_POOLING_CONFIG, "word_embedding_dimension": config["hidden_size"]},
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "document": "passage: "},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    }
