"""Loading the reader's weights upon a tiny encoder of random ones: what is laid on what, and what is damaged."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from rag.config import load_config
from rag.errors import ModelCorruptError, ModelError, ModelMissingError
from rag.reading.model import Reader, Window, load_reader
from rag.reading.model.weights import SHIPPED, load_weights
from tests.support.rag.tiny_reader import (
    CALIBRATION,
    HEADS,
    HIDDEN,
    LAYERS,
    NAME,
    RANK,
    Tiny,
    expected_tensors,
)


@pytest.fixture
def copied(tiny: Tiny, tmp_path: Path) -> Tiny:
    """A tiny reader to be damaged."""
    shutil.copytree(tiny.encoder, tmp_path / "encoder")
    return Tiny(tmp_path / "encoder", Path(shutil.copy(tiny.weights, tmp_path / "reader.safetensors")))


# Loading


def test_changes_are_laid_upon_the_encoders_tensors(tiny: Tiny) -> None:
    loaded = load_weights(tiny.weights, tiny.encoder, encoder_name=NAME)
    expected = expected_tensors(tiny)
    outside = {"embeddings.word_embeddings.weight", "pooler.dense.weight", "pooler.dense.bias"}
    assert loaded.tensors.keys() == expected.keys() - outside
    for name, tensor in loaded.tensors.items():
        assert tensor.dtype == np.float32, name
        np.testing.assert_allclose(tensor, expected[name], atol=1e-6, err_msg=name)
    assert (loaded.n_layers, loaded.n_heads, loaded.eps, loaded.calibration) == (LAYERS, HEADS, 1e-12, CALIBRATION)


def test_what_was_not_trained_is_the_encoders(copied: Tiny) -> None:
    changes = load_file(copied.weights)
    save_file(
        {name: each for name, each in changes.items() if name.startswith("head.")},
        copied.weights,
        metadata={"format": "1", "encoder": NAME, "calibration": "[1, 0]"},
    )
    base = load_file(copied.encoder / "model.safetensors")
    loaded = load_weights(copied.weights, copied.encoder, encoder_name=NAME)
    for name, tensor in loaded.tensors.items():
        np.testing.assert_array_equal(tensor, changes[name] if name.startswith("head.") else base[name], name)


def test_word_embeddings_stay_on_the_disk(tiny: Tiny) -> None:
    word = load_weights(tiny.weights, tiny.encoder, encoder_name=NAME).word
    assert isinstance(word, np.memmap)
    assert not word.flags.writeable
    np.testing.assert_array_equal(
        word, load_file(tiny.encoder / "model.safetensors")["embeddings.word_embeddings.weight"]
    )


def test_another_encoder_is_refused_with_both_names(tiny: Tiny) -> None:
    with pytest.raises(ModelError, match=r"encoder tiny@0123abcd, and the one in use is other@99999999") as caught:
        load_weights(tiny.weights, tiny.encoder, encoder_name="other@99999999")
    assert not isinstance(caught.value, ModelCorruptError), "nothing is damaged"
    with pytest.raises(ModelError, match="tiny@99999999"):
        load_weights(tiny.weights, tiny.encoder, encoder_name="tiny@99999999")


def test_the_same_encoder_may_be_called_otherwise(tiny: Tiny) -> None:
    label = "models/my folder@home@0123abcd"
    assert load_weights(tiny.weights, tiny.encoder, encoder_name=label).n_layers == LAYERS


def test_the_settings_name_weights_and_encoder(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tiny.weights.parent))
    config = load_config(
        {"YOUJU_HOME": str(tmp_path), "YOUJU_ENCODER": str(tiny.encoder), "YOUJU_READER": "~/reader.safetensors"}
    )
    assert load_reader(config, encoder_name=NAME).read("多少？", [Window("", "新建学校12所。")])[0].spans
    with pytest.raises(ModelError, match="tiny@0123abcd, and the one in use is other@1"):
        load_reader(config, encoder_name="other@1")


def test_what_the_settings_name_and_is_not_there_is_told(tiny: Tiny, tmp_path: Path) -> None:
    home = {"YOUJU_HOME": str(tmp_path)}
    with pytest.raises(ModelMissingError, match="youju models pull"):
        load_reader(load_config(home), encoder_name=NAME)
    gone = load_config(home | {"YOUJU_ENCODER": str(tiny.encoder), "YOUJU_READER": str(tmp_path / "gone.safetensors")})
    with pytest.raises(ModelCorruptError, match=r"gone\.safetensors"):
        load_reader(gone, encoder_name=NAME)


# What is damaged


@pytest.mark.parametrize(
    "facts",
    [
        *({"format": "2"}, {"format": ""}, {"encoder": ""}, {"calibration": ""}),
        *(
            {"calibration": each}
            for each in ("[1.0]", "[1, 2, 3]", "{}", '{"zh": [1, 0]}', "null", "[1, null]", "[1,", '["a", "b"]', "5")
        ),
    ],
)
def test_metadata_that_say_nothing_usable_are_damage(copied: Tiny, facts: dict[str, str]) -> None:
    about = {"format": "1", "encoder": NAME, "calibration": "[1, 0]"} | facts
    told = {name: fact for name, fact in about.items() if fact}
    save_file(load_file(copied.weights), copied.weights, metadata=told)
    with pytest.raises(ModelCorruptError):
        load_weights(copied.weights, copied.encoder, encoder_name=NAME)


@pytest.mark.parametrize("name", ["reader.safetensors", "encoder/config.json", "encoder/model.safetensors"])
@pytest.mark.parametrize("kind", ["missing", "empty", "folder", "text", "list"])
def test_a_file_that_is_none_is_damage_and_the_message_says_what_to_do(copied: Tiny, name: str, kind: str) -> None:
    path = copied.weights.parent / name
    path.unlink()
    if kind == "folder":
        path.mkdir()
    elif kind != "missing":
        path.write_bytes({"empty": b"", "text": b"\xff\xfe no model", "list": b"[1, 2]"}[kind])
    with pytest.raises(ModelCorruptError, match="youju models pull"):
        load_weights(copied.weights, copied.encoder, encoder_name=NAME)


@pytest.mark.parametrize("name", ["reader.safetensors", "encoder/model.safetensors", "encoder/config.json"])
@pytest.mark.parametrize("share", [0.0001, 0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.9999])
def test_a_file_that_is_cut_short_is_damage(copied: Tiny, name: str, share: float) -> None:
    path = copied.weights.parent / name
    content = path.read_bytes()
    path.write_bytes(content[: min(len(content) - 1, int(share * len(content)))])
    with pytest.raises(ModelCorruptError):
        load_weights(copied.weights, copied.encoder, encoder_name=NAME)


@pytest.mark.parametrize("name", ["reader.safetensors", "encoder/model.safetensors", "encoder/config.json"])
def test_flipped_bytes_of_a_header_are_told_as_a_model_error_or_do_no_harm(copied: Tiny, name: str) -> None:
    rng = random.Random(23)
    path = copied.weights.parent / name
    content = path.read_bytes()
    header = int.from_bytes(content[:8], "little") + 8 if name.endswith("safetensors") else len(content)
    refused = 0
    for _ in range(200):
        damaged = bytearray(content)
        for _ in range(rng.choice([1, 1, 1, 4])):
            damaged[rng.randrange(header)] ^= 1 << rng.randrange(8)
        path.write_bytes(damaged)
        try:
            load_weights(copied.weights, copied.encoder, encoder_name=NAME)
        except ModelError:
            refused += 1
    assert refused > 50, "most damage is noticed"


KEY: Final = "encoder.layer.1.attention.self.key"


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        *(("head.weight", None), ("head.bias", None), (f"{KEY}.weight.down", None), (f"{KEY}.weight.up", None)),
        *((f"{KEY}.weight.up", (HIDDEN, RANK + 1)), (f"{KEY}.weight.up", (1, RANK)), (f"{KEY}.bias", (HIDDEN - 1,))),
        *(("head.weight", (2, HIDDEN)), ("head.weight", (3, HIDDEN - 1)), ("encoder.layer.7.output.dense.bias", (3,))),
    ],
)
def test_a_tensor_that_is_missing_misshapen_or_unknown_is_damage(
    copied: Tiny, name: str, shape: tuple[int, ...] | None
) -> None:
    changes = load_file(copied.weights)
    changes.pop(name, None)
    added = {} if shape is None else {name: np.zeros(shape, np.float16)}
    save_file(changes | added, copied.weights, metadata={"format": "1", "encoder": NAME, "calibration": "[1, 0]"})
    with pytest.raises(ModelCorruptError, match=r"reader\.safetensors"):
        Reader(copied.weights, copied.encoder, encoder_name=NAME)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("num_attention_heads", 0), ("num_attention_heads", 5), ("num_attention_heads", -4), ("num_hidden_layers", 9)],
)
def test_sizes_that_cannot_be_are_damage(copied: Tiny, setting: str, value: int) -> None:
    path = copied.encoder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(config | {setting: value}), encoding="utf-8")
    with pytest.raises(ModelCorruptError):
        Reader(copied.weights, copied.encoder, encoder_name=NAME)


@pytest.mark.parametrize("damage", ["lost", "half"])
def test_an_encoder_whose_word_embeddings_cannot_be_mapped_is_damage(copied: Tiny, damage: str) -> None:
    path, name = copied.encoder / "model.safetensors", "embeddings.word_embeddings.weight"
    tensors = load_file(path)
    word = tensors.pop(name)
    save_file(tensors | ({name: word.astype(np.float16)} if damage == "half" else {}), path)
    with pytest.raises(ModelCorruptError, match="F16, expected F32" if damage == "half" else "word_embeddings"):
        load_weights(copied.weights, copied.encoder, encoder_name=NAME)


@pytest.mark.parametrize("content", [None, b"", b"{}", b"[]", b"\xff"])
def test_a_tokenizer_that_is_none_is_damage(copied: Tiny, content: bytes | None) -> None:
    path = copied.encoder / "tokenizer.json"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelCorruptError, match=r"tokenizer.json cannot be read"):
        Reader(copied.weights, copied.encoder, encoder_name=NAME)


def test_the_shipped_weights_are_those_that_the_card_describes() -> None:
    card = SHIPPED.with_name("MODEL_CARD.md").read_text(encoding="utf-8")
    assert f"sha256 `{hashlib.sha256(SHIPPED.read_bytes()).hexdigest()}`" in card
    assert f"{SHIPPED.stat().st_size:,} bytes" in card
    assert SHIPPED.stat().st_size <= 8_000_000
    assert "CC BY-SA 4.0" in card
