"""Texts to unit vectors: order, prefixes, limits, and two runtimes that agree."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.config import Config, load_config
from rag.encoders import Encoder, convert_encoder, embed_passages, embed_query, load_encoder
from rag.encoders.model_facts import read_facts
from rag.errors import ModelError, PassageTooLongError, QuestionError
from rag.runtimes.openvino_cpu import batches_of_like_length
from tests.support.fakes import HashingEncoder

ROOT = Path(__file__).parents[3]
TEXTS = [
    "全市普通高考录取率达到90.21%。",
    "新修农村公路",
    "The bridge was opened in 2019, three months late.",
    "招收中小学新生1,400名，比上年增长8.22%；" * 12,
    "",
]


class Listener:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, int, int, str]] = []

    def __call__(self, stage: str, done: int, total: int, /, *, unit: str = "") -> None:
        self.heard.append((stage, done, total, unit))


def model_folder(folder: Path, *, weights: bytes = b"w" * 300_000, prompts: dict[str, str] | None = None) -> Path:
    """A folder that looks like a model as far as its facts go."""
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(weights)
    if prompts is not None:
        content = json.dumps({"prompts": prompts})
        (folder / "config_sentence_transformers.json").write_text(content, encoding="utf-8")
    return folder


# Passages and queries


def test_vectors_come_in_the_order_of_the_texts() -> None:
    texts = [f"{'长' * (n * 7 % 50)}{n}" for n in range(150)]
    encoder = HashingEncoder(32)
    np.testing.assert_array_equal(embed_passages(texts, encoder=encoder), HashingEncoder(32).encode(texts))


def test_passages_and_queries_get_their_prefixes() -> None:
    encoder = HashingEncoder(query_prefix="query: ", passage_prefix="passage: ")
    embed_passages(["甲"], encoder=encoder)
    embed_query("乙", encoder=encoder)
    assert encoder.encoded == ["passage: 甲", "query: 乙"]


def test_progress_counts_passages() -> None:
    listener = Listener()
    embed_passages(["甲"] * 150, encoder=HashingEncoder(), progress=listener)
    assert listener.heard == [("Embedding", done, 150, "passages") for done in (0, 64, 128, 150)]


def test_no_passages_give_no_vectors() -> None:
    listener = Listener()
    assert embed_passages([], encoder=HashingEncoder(8), progress=listener).shape == (0, 8)
    assert listener.heard == []


def test_a_passage_too_long_is_refused_and_not_cut() -> None:
    encoder = HashingEncoder(max_tokens=20, passage_prefix="passage: ")
    embed_passages(["字" * 9], encoder=encoder)
    with pytest.raises(PassageTooLongError) as caught:
        embed_passages(["短", "字" * 10], encoder=encoder)
    assert str(caught.value) == (
        "A passage has 21 tokens with its headings; hashing@00000000 reads at most 20. "
        "It begins: '字字字字字字字字字字'. Set passage_chars lower and index again."
    )


def test_a_query_too_long_is_refused() -> None:
    encoder = HashingEncoder(max_tokens=20, query_prefix="query: ")
    assert embed_query("字" * 11, encoder=encoder).shape == (64,)
    with pytest.raises(QuestionError, match="has 21 tokens; the encoder reads at most 20"):
        embed_query("字" * 12, encoder=encoder)


@given(st.lists(st.integers(1, 600), max_size=200))
def test_batches_hold_each_text_once_and_stay_small(lengths: list[int]) -> None:
    batches = list(batches_of_like_length(lengths))
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    for batch in batches:
        assert lengths[batch[-1]] == max(lengths[i] for i in batch)
        assert len(batch) == 1 or (len(batch) <= 32 and len(batch) * lengths[batch[-1]] <= 2048)


# What a folder tells


@pytest.mark.parametrize(
    ("label", "prompts", "query", "passage"),
    [
        ("multilingual-e5-small", None, "query: ", "passage: "),
        ("E5-base-v2", {}, "query: ", "passage: "),
        ("my_e5", {"query": "", "document": ""}, "query: ", "passage: "),
        ("multilingual-e5-small", {"query": "q: ", "document": "d: "}, "q: ", "d: "),
        ("some-model", {"query": "搜索：", "passage": "段落："}, "搜索：", "段落："),
        ("some-model", {"query": "搜索："}, "搜索：", ""),
        ("bge-m3", None, "", ""),
        ("core5-large", None, "", ""),
    ],
)
def test_prefixes(tmp_path: Path, label: str, prompts: dict[str, str] | None, query: str, passage: str) -> None:
    facts = read_facts(model_folder(tmp_path / "m", prompts=prompts), label=label)
    assert (facts.query_prefix, facts.passage_prefix) == (query, passage)


def test_an_instructed_e5_gets_its_task(tmp_path: Path) -> None:
    facts = read_facts(model_folder(tmp_path / "m"), label="multilingual-e5-large-instruct")
    assert facts.query_prefix.startswith("Instruct: ")
    assert facts.query_prefix.endswith("\nQuery: ")
    assert facts.passage_prefix == ""


def test_the_name_holds_the_label_and_follows_the_weights(tmp_path: Path) -> None:
    name = read_facts(model_folder(tmp_path / "one"), label="e5").name
    copied = read_facts(model_folder(tmp_path / "two"), label="e5").name
    trained = read_facts(model_folder(tmp_path / "three", weights=b"v" * 300_000), label="e5").name
    longer = read_facts(model_folder(tmp_path / "four", weights=b"w" * 300_001), label="e5").name
    prompted = read_facts(model_folder(tmp_path / "five", prompts={"query": "q"}), label="e5").name
    assert name == copied
    assert name.startswith("e5@")
    assert len({name, trained, longer, prompted}) == 4


def test_a_folder_without_weights_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"holds no weights \(model\.safetensors\)"):
        read_facts(tmp_path, label="e5")


def test_unreadable_prompts_are_an_error(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m")
    (folder / "config_sentence_transformers.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match=r"config_sentence_transformers\.json cannot be read"):
        read_facts(folder, label="e5")


def test_runtimes_are_loaded_only_when_needed() -> None:
    code = "import sys, rag.encoders; print(sorted({'torch', 'openvino', 'sentence_transformers'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# Real weights


@pytest.fixture(scope="module")
def config(model_home: Path) -> Config:
    return load_config({"YOUJU_HOME": str(model_home)})


@pytest.fixture(scope="module")
def folder(config: Config) -> Path:
    return config.home / "models" / "multilingual-e5-small"


@pytest.fixture(scope="module")
def openvino(config: Config) -> Encoder:
    return load_encoder(config)


@pytest.fixture(scope="module")
def torch(config: Config) -> Encoder:
    return load_encoder(config.replace(encoder_runtime="torch"))


@pytest.mark.model("encoder")
def test_both_runtimes_give_the_same_vectors(openvino: Encoder, torch: Encoder) -> None:
    ours, theirs = embed_passages(TEXTS, encoder=openvino), embed_passages(TEXTS, encoder=torch)
    np.testing.assert_allclose((ours * theirs).sum(axis=1), 1.0, atol=2e-4)
    assert (ours.dtype, ours.shape) == (np.float32, (5, 384))


@pytest.mark.model("encoder")
def test_both_runtimes_name_and_count_alike(openvino: Encoder, torch: Encoder) -> None:
    assert openvino.name == torch.name
    assert openvino.name.startswith("multilingual-e5-small@")
    assert (openvino.dim, openvino.max_tokens) == (torch.dim, torch.max_tokens) == (384, 512)
    assert [openvino.count_tokens(t) for t in TEXTS] == [torch.count_tokens(t) for t in TEXTS]
    assert (openvino.query_prefix, openvino.passage_prefix) == ("query: ", "passage: ")


@pytest.mark.model("encoder")
def test_vectors_have_length_one(openvino: Encoder, torch: Encoder) -> None:
    for encoder in (openvino, torch):
        np.testing.assert_allclose(np.linalg.norm(encoder.encode(TEXTS), axis=1), 1.0, atol=1e-5)


@pytest.mark.model("encoder")
def test_a_batch_equals_one_at_a_time(openvino: Encoder) -> None:
    together = openvino.encode(TEXTS)
    alone = np.concatenate([openvino.encode([text]) for text in TEXTS])
    np.testing.assert_allclose((together * alone).sum(axis=1), 1.0, atol=2e-4)


@pytest.mark.model("encoder")
@pytest.mark.parametrize(
    ("question", "nearest"), [("高考录取率是多少？", 0), ("修了哪些路？", 1), ("When did the bridge open?", 2)]
)
def test_a_question_is_nearest_to_its_answer(openvino: Encoder, question: str, nearest: int) -> None:
    scores = embed_passages(TEXTS[:3], encoder=openvino) @ embed_query(question, encoder=openvino)
    assert int(scores.argmax()) == nearest


@pytest.mark.model("encoder")
def test_real_tokens_are_counted_against_the_limit(openvino: Encoder) -> None:
    with pytest.raises(PassageTooLongError, match="reads at most 512"):
        embed_passages(["一二三四五六七八九十" * 100], encoder=openvino)
    with pytest.raises(ValueError, match="reads at most 512"):
        openvino.encode(["一二三四五六七八九十" * 100])


@pytest.mark.model("encoder")
def test_half_a_surrogate_pair_is_embedded(openvino: Encoder) -> None:
    assert np.isfinite(embed_query("坏字\ud800", encoder=openvino)).all()


@pytest.mark.model("encoder")
def test_the_converted_model_needs_no_torch(config: Config, openvino: Encoder) -> None:
    code = (
        "import sys; from rag.config import load_config; from rag.encoders import load_encoder\n"
        "load_encoder(load_config()).encode(['甲'])\n"
        "print(sorted({'torch', 'sentence_transformers', 'transformers'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"YOUJU_HOME": str(config.home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.model("encoder")
def test_a_damaged_conversion_is_made_anew(config: Config, folder: Path, openvino: Encoder, tmp_path: Path) -> None:
    copied = tmp_path / "openvino" / openvino.name
    shutil.copytree(config.home / "openvino" / openvino.name, copied)
    weights = copied / "openvino_model.bin"
    weights.write_bytes(weights.read_bytes()[:-1000])
    listener = Listener()
    mended = load_encoder(config.replace(home=tmp_path), folder=folder, progress=listener)
    np.testing.assert_allclose(mended.encode(TEXTS), openvino.encode(TEXTS), atol=1e-3)
    assert [heard[1:] for heard in listener.heard] == [(0, 2, "steps"), (1, 2, "steps"), (2, 2, "steps")]
    assert weights.stat().st_size == (config.home / "openvino" / openvino.name / weights.name).stat().st_size
    again = Listener()
    load_encoder(config.replace(home=tmp_path), folder=folder, progress=again)
    assert again.heard == []
    assert [path.name for path in (tmp_path / "openvino").iterdir()] == [openvino.name]


@pytest.mark.model("encoder")
def test_a_home_that_cannot_be_written_is_no_error(
    config: Config, folder: Path, openvino: Encoder, tmp_path: Path
) -> None:
    nowhere = tmp_path / "a file"
    nowhere.touch()
    encoder = load_encoder(config.replace(home=nowhere), folder=folder)
    np.testing.assert_allclose(encoder.encode(TEXTS), openvino.encode(TEXTS), atol=1e-3)


@pytest.mark.model("encoder")
@pytest.mark.parametrize("runtime", ["openvino", "torch"])
def test_a_folder_that_is_no_model_is_an_error(config: Config, tmp_path: Path, runtime: str) -> None:
    foreign = model_folder(tmp_path / "foreign")
    with pytest.raises(ModelError, match="could not be loaded as a sentence-transformers model"):
        load_encoder(config.replace(home=tmp_path, encoder=str(foreign), encoder_runtime=runtime), folder=foreign)


@pytest.mark.model("encoder")
def test_converting_what_is_converted_does_nothing(config: Config, openvino: Encoder) -> None:
    listener = Listener()
    convert_encoder(config, progress=listener)
    convert_encoder(config.replace(encoder_runtime="torch"), progress=listener)
    assert listener.heard == []


def test_a_model_is_the_same_however_its_settings_are_written(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    pooling = tmp_path / "1_Pooling" / "config.json"
    pooling.parent.mkdir()
    names = []
    for written in ('{"a": true, "b": 1}', '{\n "b": 1,\n "a": true\n}', '{"a": false, "b": 1}'):
        pooling.write_text(written, encoding="utf-8")
        names.append(read_facts(tmp_path, label="tiny").name)
    assert names[0] == names[1] != names[2]
