"""The reader's training, on an encoder of two random layers: batches, loop, checkpoints, weights file, measures."""

import ast
import json
import math
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import hypothesis
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

import training.__main__
import training.losses
import training.train
from rag.errors import ModelError
from rag.progress import no_progress
from rag.reading.model import Reader, Window
from rag.reading.model.tokens import MAX_TOKENS, encode_window
from rag.reading.model.weights import LAYER_MATRICES, Calibration
from tests.support.rag.training_questions import QUESTIONS, a_maker
from training.batches import Item, collate, encode_example, make_batches
from training.card import Origin, model_card
from training.data import DataError
from training.examples import ExampleMaker
from training.export import export, restore, with_calibration
from training.losses import losses
from training.model import ReaderNetwork
from training.recipe import KINDS, Example
from training.train import Settings, train

ROOT = Path(__file__).parents[2]
WIDTH = 32
SETTINGS = Settings(rank=4, passes=3, tokens=160, learning_rate=1e-2, threads=1)
Learn = Callable[..., ReaderNetwork]


@pytest.fixture(autouse=True)
def _threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    """Pieces of several characters, as the real one has; <s> is 0, <pad> 1 and </s> 2."""
    made = Tokenizer(models.BPE(unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Split(Regex("[，。；：？、 ]"), "isolated")
    texts = [q.context for q in QUESTIONS] + [q.text for q in QUESTIONS]
    made.train_from_iterator(
        texts,
        trainers.BpeTrainer(vocab_size=600, special_tokens=["<s>", "<pad>", "</s>", "<unk>"], show_progress=False),
    )
    return made


@pytest.fixture(scope="session")
def encoder(tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of an encoder as the real one is laid out, with random weights."""
    folder = tmp_path_factory.mktemp("encoder")
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {"hidden_size": WIDTH, "num_hidden_layers": 2, "num_attention_heads": 4, "layer_norm_eps": 1e-12}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    draw = torch.Generator().manual_seed(1)
    shapes = {"word": tokenizer.get_vocab_size(), "position": MAX_TOKENS, "token_type": 2}
    tensors = {
        f"embeddings.{name}_embeddings.weight": torch.randn(n, WIDTH, generator=draw) for name, n in shapes.items()
    }
    norms = ["embeddings.LayerNorm"]
    for i in range(2):
        norms += [f"encoder.layer.{i}.{part}" for part in ("attention.output.LayerNorm", "output.LayerNorm")]
        for part in LAYER_MATRICES:
            rows = 2 * WIDTH if part == "intermediate.dense" else WIDTH
            columns = 2 * WIDTH if part == "output.dense" else WIDTH
            name = f"encoder.layer.{i}.{part}"
            tensors[f"{name}.weight"] = torch.randn(rows, columns, generator=draw) * columns**-0.5
            tensors[f"{name}.bias"] = torch.randn(rows, generator=draw) * 0.1
    for name in norms:
        tensors |= {f"{name}.weight": torch.rand(WIDTH, generator=draw) + 0.5, f"{name}.bias": torch.zeros(WIDTH)}
    save_file(tensors, folder / "model.safetensors")
    return folder


def few_examples() -> ExampleMaker:
    """Eight whole paragraphs, each with its question, and as many that do not answer."""
    return a_maker({"found": 1.0, "retrieved": 1.0}, whole=1.0, headings=0.0)


# --- batches


def test_the_tokens_of_a_span_cover_the_answer_and_no_token_more(tokenizer: Tokenizer) -> None:
    n_spans = 0
    for example in a_maker(dict.fromkeys(KINDS, 1.0)).make(0):
        item = encode_example(tokenizer, example)
        encoded = encode_window(tokenizer, example.question, Window(example.heading, example.text))
        assert item is not None
        assert (item.ids, item.first) == (encoded.ids, encoded.first)
        assert len(item.spans) == max(1, len(example.spans))
        if not example.spans:
            assert item.spans == ((0, 0),)
        for (first, last), (start, end) in zip(item.spans, example.spans, strict=False):
            offsets = encoded.offsets[first - encoded.first : last - encoded.first + 1]
            assert offsets[0][0] <= start < offsets[0][1]
            assert offsets[-1][0] < end <= offsets[-1][1]
            n_spans += 1
    assert n_spans > 20


def test_an_example_whose_answer_is_cut_off_is_none(tokenizer: Tokenizer) -> None:
    text = "，".join("甲乙丙丁" for _ in range(600)) + "桥长640米。"
    at = text.index("640")
    assert encode_example(tokenizer, Example("桥长多少？", "", text, ((at, at + 4),), "found")) is None
    kept = encode_example(tokenizer, Example("桥长多少？", "", text, ((0, 4),), "found"))
    assert kept is not None
    assert len(kept.ids) == MAX_TOKENS


@given(st.lists(st.integers(1, 120), max_size=60), st.sampled_from([64, 200, 1000]))
@hypothesis.settings(deadline=None)
def test_every_item_is_in_one_batch_and_no_batch_is_over_its_tokens(lengths: list[int], tokens: int) -> None:
    items = [[Item([i] * length, 1, ((0, 0),), i)] for i, length in enumerate(lengths)]
    batches = make_batches(items, tokens=tokens, seed="1")
    assert sorted(item.ids[0] for batch in batches for item in batch) == list(range(len(items)))
    for batch in batches:
        assert batch
        shape = collate(batch).ids.shape
        assert shape[1] % 8 == 0
        assert len(batch) == 1 or shape.numel() <= tokens
    assert make_batches(items, tokens=tokens, seed="1") == batches
    many = [[Item([i] * 8, 1, ((0, 0),), i)] for i in range(40)]
    assert make_batches(many, tokens=tokens, seed="1") != make_batches(many, tokens=tokens, seed="2")


@given(st.lists(st.lists(st.integers(1, 60), min_size=1, max_size=5), max_size=20))
@hypothesis.settings(deadline=None)
def test_a_group_is_never_cut(groups: list[list[int]]) -> None:
    items = [[Item([i] * length, 1, ((0, 0),), i) for length in lengths] for i, lengths in enumerate(groups)]
    batches = make_batches(items, tokens=160, seed="1")
    found = sorted((item.group, len(item.ids)) for batch in batches for item in batch)
    assert found == sorted((i, length) for i, lengths in enumerate(groups) for length in lengths)
    for batch in batches:
        for number in {item.group for item in batch}:
            assert sum(item.group == number for item in batch) == len(groups[number])


def test_a_batch_is_padded_and_marks_what_answers() -> None:
    batch = collate([Item([0, 5, 2, 2, 7, 8, 9, 9, 9, 2], 4, ((5, 6), (8, 8))), Item([0, 5, 2, 2, 7, 2], 4, ((0, 0),))])

    def where(tensor: torch.Tensor) -> list[list[int]]:
        return [torch.nonzero(row).flatten().tolist() for row in tensor]

    assert batch.ids.tolist() == [[0, 5, 2, 2, 7, 8, 9, 9, 9, 2] + [1] * 6, [0, 5, 2, 2, 7, 2] + [1] * 10]
    assert where(batch.mask) == [list(range(10)), list(range(6))]
    assert where(batch.allowed) == [[0, 4, 5, 6, 7, 8], [0, 4]]
    assert (where(batch.starts), where(batch.ends)) == ([[5, 8], [0]], [[6, 8], [0]])
    assert where(batch.tags) == [[5, 6, 8], []]


# --- the loop


def item_losses(network: ReaderNetwork, items: list[Item]) -> tuple[float, float, float]:
    with torch.no_grad():
        span, tag, rank = losses(network, collate(items))
    return span.item(), tag.item(), rank.item()


def test_the_loss_of_a_network_that_knows_nothing_is_that_of_chance(encoder: Path) -> None:
    network = ReaderNetwork(encoder, rank=2)
    torch.nn.init.zeros_(network.head.weight)
    ids = [0, 5, 2, 2, *range(5, 12), 2]  # seven tokens of text and "not here"
    alone = item_losses(network, [Item(ids, 4, ((5, 6),))])
    assert alone == pytest.approx((math.log(8), math.log(2), math.log(7)), abs=1e-4)
    both = item_losses(network, [Item(ids, 4, ((5, 6), (8, 8)))])
    assert both == pytest.approx((math.log(8 / 2), math.log(2), math.log(7 / 2)), abs=1e-4)
    two = item_losses(network, [Item(ids, 4, ((5, 6),)), Item(ids, 4, ((0, 0),))])
    assert two[2] == pytest.approx(math.log(14), abs=1e-4), "the tokens of both windows of the group"
    apart = item_losses(network, [Item(ids, 4, ((5, 6),), 1), Item(ids, 4, ((0, 0),), 2)])
    assert apart[2] == pytest.approx(math.log(7), abs=1e-4), "a window of another group is no rival"
    assert item_losses(network, [Item(ids, 4, ((0, 0),))])[2] == 0


def test_ranking_learns_to_put_the_window_that_answers_first() -> None:
    scores = torch.tensor([[0.0, 1.0, 5.0], [0.0, 4.0, 1.0], [0.0, 9.0, 9.0]], requires_grad=True)
    text = torch.tensor([[False, True, True]] * 3)
    gold = torch.tensor([[False, False, True], [False] * 3, [False] * 3])
    group = torch.tensor([3, 3, 8])
    loss = training.losses._rank_loss(scores, text & ~gold, gold, group)
    assert loss.item() == pytest.approx(math.log1p(math.exp(-4) + math.exp(-1) + math.exp(-4)))
    loss.backward()
    assert scores.grad is not None
    assert scores.grad[0, 2] < 0
    assert scores.grad[0, 1] > 0
    assert scores.grad[1, 1] > scores.grad[1, 2] > 0
    assert not scores.grad[2].any(), "another group"


def test_a_batch_read_in_parts_has_the_logits_of_the_whole(encoder: Path) -> None:
    network = ReaderNetwork(encoder, rank=2)
    items = [Item([0, 5, 2, 2, *range(5, 5 + n), 2], 4, ((0, 0),), n) for n in (30, 3, 12, 21)]
    batch = collate(items)
    with torch.no_grad():
        whole, parts = network(batch.ids, batch.mask), training.losses._logits(network, batch)
    assert parts.shape == whole.shape
    for one, other, item in zip(whole, parts, items, strict=True):
        assert torch.allclose(one[: len(item.ids)], other[: len(item.ids)], atol=0.1)


def test_the_parts_of_a_batch_keep_groups_together_and_are_of_like_size() -> None:
    items = [Item([0] * n, 1, ((0, 0),), group) for n, group in ((30, 1), (10, 2), (20, 1), (25, 3), (10, 2))]
    parts = training.train._in_parts(items, 2)
    assert [sorted((item.group, len(item.ids)) for item in part) for part in parts] == [
        [(1, 20), (1, 30)],
        [(2, 10), (2, 10), (3, 25)],
    ]
    assert training.train._in_parts(items[:1], 2) == [items[:1]]


@pytest.mark.parametrize(("limit", "done"), [(0.0, 0.25), (1000.0, 0.5), (100_000.0, 0.25)])
def test_training_is_as_far_as_its_steps_or_its_time(limit: float, done: float) -> None:
    assert training.train._Clock(limit, 100, spent=500.0).done(25) == pytest.approx(done, abs=0.01)


@pytest.fixture
def learn(encoder: Path, tokenizer: Tokenizer) -> Learn:
    """Trains in a folder; with ``stop_at``, is interrupted before that step, and with ``steps``, tells what it did."""

    def run(
        folder: Path, settings: Settings = SETTINGS, *, stop_at: int = -1, steps: list[int] | None = None
    ) -> ReaderNetwork:
        def progress(stage: str, done: int, total: int, /, *, unit: str = "") -> None:
            if done == stop_at:
                raise KeyboardInterrupt
            if steps is not None:
                steps.append(done)

        maker = few_examples()
        return train([maker], tokenizer, encoder=encoder, folder=folder, settings=settings, progress=progress)

    return run


def weights(network: ReaderNetwork) -> dict[str, list[float]]:
    return {name: parameter.flatten().tolist() for name, parameter in network.named_parameters()}


@pytest.mark.parametrize("rank", [0, 4])
def test_a_handful_of_examples_is_learned(
    rank: int, learn: Learn, encoder: Path, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    settings = replace(SETTINGS, rank=rank, passes=40, tokens=512)
    torch.manual_seed(settings.seed)
    untrained, network = ReaderNetwork(encoder, rank=rank), learn(tmp_path, settings)
    items = [item for example in few_examples().make(99) if (item := encode_example(tokenizer, example))]
    before, after = item_losses(untrained, items), item_losses(network, items)
    assert after[0] < before[0] / 2
    assert after[1] < before[1] / 2
    was, is_now = weights(untrained), weights(network)
    assert {name for name in was if was[name] != is_now[name]} == network.trained().keys()
    assert ("layers.0.qkv.weight" in network.trained()) == (rank == 0)
    logged = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert logged[-1]["step"] == logged[-1]["of"] >= settings.passes


@pytest.mark.parametrize("rank", [0, 4])
def test_a_stopped_run_goes_on_to_the_same_weights(
    rank: int, learn: Learn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, steps = replace(SETTINGS, rank=rank), []
    whole = learn(tmp_path / "whole", settings)
    monkeypatch.setattr(training.train, "_SAVE_SECONDS", 0.0)
    with pytest.raises(KeyboardInterrupt):
        learn(tmp_path / "stopped", settings, stop_at=3)
    resumed = learn(tmp_path / "stopped", settings, steps=steps)
    assert steps[0] == 3
    assert len(steps) > 3, "there was something left to do"
    assert weights(resumed) == weights(whole)


def test_a_finished_run_is_not_repeated(learn: Learn, tmp_path: Path) -> None:
    steps: list[int] = []
    first = learn(tmp_path)
    assert weights(learn(tmp_path, steps=steps)) == weights(first)
    assert len(steps) == 1


def test_a_run_whose_time_is_up_is_finished(learn: Learn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training.train._Clock, "done", lambda _, step: step / 3)
    steps: list[int] = []
    first = learn(tmp_path)
    assert weights(learn(tmp_path, steps=steps)) == weights(first)
    assert steps[0] == 3


def test_a_checkpoint_of_other_settings_is_ignored(learn: Learn, tmp_path: Path) -> None:
    steps: list[int] = []
    other = replace(SETTINGS, learning_rate=SETTINGS.learning_rate / 2)
    learn(tmp_path / "one")
    again = learn(tmp_path / "one", other, steps=steps)
    assert steps[0] == 0
    assert weights(again) == weights(learn(tmp_path / "other", other))


def test_nothing_to_train_on_is_an_error_and_no_weights(encoder: Path, tokenizer: Tokenizer, tmp_path: Path) -> None:
    maker = a_maker({"found": 0.0})
    with pytest.raises(DataError, match="No example could be made"):
        train([maker], tokenizer, encoder=encoder, folder=tmp_path, settings=SETTINGS, progress=no_progress)


# --- the weights file


@pytest.mark.parametrize("rank", [0, 4])
def test_what_was_trained_is_what_is_read(
    rank: int, learn: Learn, encoder: Path, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    network = learn(tmp_path, replace(SETTINGS, rank=rank, passes=20))
    path = tmp_path / "new" / "reader.safetensors"
    export(network, path, encoder_name="tiny@12345678", about={"licence": "CC0"})
    reader = Reader(path, encoder, encoder_name="the same by another name@12345678", threads=1)
    items = [item for example in few_examples().make(0) if (item := encode_example(tokenizer, example))]
    batch = collate(items)
    with torch.no_grad():
        expected = network(batch.ids, batch.mask).numpy()
    spread = expected[batch.mask.numpy()].std()
    for item, row, logits in zip(items, expected, reader._network.logits([item.ids for item in items]), strict=True):
        assert logits.shape == (len(item.ids), 3)
        # Both reckon in bfloat16, each in its own order: about 0.01 of the spread.
        assert np.abs(logits - row[: len(item.ids)]).mean() < spread / 20
    assert reader.probability(1.0) == pytest.approx(1 / (1 + math.exp(-1)))
    with_calibration(path, Calibration((0.5, -1.0), (0.25, 0.0)))
    again = Reader(path, encoder, encoder_name="tiny@12345678", threads=1)
    assert again.probability(1.0) == pytest.approx(1 / (1 + math.exp(0.5)))
    assert again.probability(1.0, "How many are there?") == pytest.approx(1 / (1 + math.exp(-0.25)))
    assert again.read("新馆？", [Window("", "新馆对读者开放。")]) == reader.read(
        "新馆？", [Window("", "新馆对读者开放。")]
    )
    with pytest.raises(ModelError, match="trained on the encoder tiny@12345678"):
        Reader(path, encoder, encoder_name="tiny@87654321", threads=1)


@pytest.mark.parametrize("rank", [0, 4])
def test_a_network_goes_on_from_a_weights_file(rank: int, learn: Learn, encoder: Path, tmp_path: Path) -> None:
    trained = learn(tmp_path, replace(SETTINGS, rank=rank))
    path = tmp_path / "reader.safetensors"
    export(trained, path, encoder_name="tiny@12345678", about={})
    fresh = ReaderNetwork(encoder, rank=rank)
    assert any((fresh.trained()[name] != tensor).any() for name, tensor in trained.trained().items())
    restore(fresh, path)
    for name, tensor in trained.trained().items():
        assert torch.allclose(fresh.trained()[name], tensor, atol=2e-3), name
    with pytest.raises(DataError, match="cannot be gone on with"):
        restore(ReaderNetwork(encoder, rank=rank + 1), path)


def test_the_card_says_what_was_measured() -> None:
    origin = Origin("tiny@1", "a generator", "make reader", ["invented (CC0): 8 questions"], 1234)
    card = model_card(origin, rank=4, size=5678901, sha256="ab" * 32, marks={"test em": 0.51234})
    assert all(
        words in card for words in ("tiny@1", "rank 4", "5,678,901 bytes", "ab" * 32, "- invented (CC0)", "1,234")
    )
    assert "| test em | 0.512 |" in card


# --- the command, and where training stands


def test_help_says_what_can_be_varied(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        training.__main__.main(["--help"])
    said = capsys.readouterr().out
    assert all(
        option in said for option in ("--xquad", "--out", "--passes", "--rank", "--seed", "--without", "--recipe")
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], r".*mrc_test_contexts\.jsonl is missing\. training/README\.md says what the folder must hold\."),
        (["--recipe", "fond=1"], r"--recipe fond=1: the recipe has no 'fond'\. It has: found, .*, most_sentences\."),
        (["--recipe", "found=many"], r"--recipe found=many: expected NAME=NUMBER\."),
    ],
)
def test_a_mistake_is_one_sentence_and_code_2(
    arguments: list[str],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("YOUJU_HOME", str(tmp_path / "home"))
    assert training.__main__.main([str(tmp_path / "nothing"), *arguments]) == 2
    assert re.fullmatch(sentence + "\n", capsys.readouterr().err)


def test_what_is_left_out_and_changed_is_so_in_the_recipe() -> None:
    options = training.__main__._parser().parse_args(
        ["data", "--without", "twin", "--recipe", "scope=0.5", "--recipe", "most_sentences=2", "--recipe", "whole=0"]
    )
    recipe = training.__main__._recipe(options)
    assert (recipe.counts["twin"], recipe.counts["scope"], recipe.counts["found"]) == (0, 0.5, 1)
    assert (recipe.most_sentences, recipe.whole) == (2, 0)


def test_neither_youju_nor_its_page_imports_training_and_the_wheel_leaves_it_out() -> None:
    files = [path for folder in ("rag", "ui") for path in (ROOT / folder).rglob("*.py")]
    assert len(files) > 50
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            assert "training" not in {name.partition(".")[0] for name in names}, path
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    assert build["targets"]["wheel"]["packages"] == ["rag", "ui"]
    assert "training" not in str(build)
