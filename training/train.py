"""The training loop: batches -> trained weights, kept on disk so that a stopped run goes on where it was."""

from __future__ import annotations

import hashlib
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol

import torch
from torch import Tensor

from training.batches import Item, collate, encode_example, make_batches
from training.data import DataError
from training.export import file_sha256, restore
from training.losses import losses
from training.model import ReaderNetwork

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tokenizers import Tokenizer

    from rag.progress import Progress
    from training.recipe import Example

__all__ = ["Settings", "train"]

_STAGE: Final = "Training"
_SAVE_SECONDS: Final = 240.0
_WARM_UP: Final = 0.06
_CLIP: Final = 1.0
_TAG_WEIGHT: Final = 0.5
_RANK_WEIGHT: Final = 0.7


@dataclass(frozen=True, slots=True)
class Settings:
    """How long and how.

    Attributes:
        rank: Rank of the changes to each matrix; 0 trains the matrices themselves.
        passes: Passes over the questions; each makes new examples.
        tokens: Padded tokens of a batch.
        learning_rate: Highest; it rises over the first 6 % of the steps and falls to nothing in a straight line.
        weight_decay: Of AdamW (Loshchilov & Hutter 2019, arXiv:1711.05101).
        seed: Decides examples, order and first weights.
        threads: CPU threads; 0 takes all.
        minutes: Most minutes of training, after which the rate has fallen to nothing; 0 takes all examples.
        begin_with: Digest of the weights file that training begins with; empty where it begins with the encoder.
    """

    rank: int = 40
    passes: int = 1
    tokens: int = 2304
    learning_rate: float = 6e-4
    weight_decay: float = 0.01
    seed: int = 20
    threads: int = 0
    minutes: float = 0.0
    begin_with: str = ""


class GroupMaker(Protocol):
    """Makes examples in groups: of a question, those that answer it and those that must rank behind them."""

    def make_groups(self, n_pass: int) -> list[tuple[Example, ...]]:
        """The groups of one pass; the same for the same pass."""


def train(
    makers: Sequence[GroupMaker],
    tokenizer: Tokenizer,
    *,
    encoder: Path,
    folder: Path,
    settings: Settings,
    progress: Progress,
    begin_with: Path | None = None,
) -> ReaderNetwork:
    """Train a reader, or go on with one.

    Args:
        makers: Make the examples of each pass.
        tokenizer: The encoder's.
        encoder: Its folder.
        folder: Where ``checkpoint.pt`` and ``log.jsonl`` are kept; a checkpoint of other settings or
            examples is not used.
        settings: How.
        progress: Hears of steps.
        begin_with: A weights file of the same rank to begin with, instead of the encoder as it is.

    Returns:
        The trained network, ready to read.

    Raises:
        DataError: The maker makes no example.
    """
    torch.manual_seed(settings.seed)
    network = ReaderNetwork(encoder, rank=settings.rank)
    if begin_with is not None:
        settings = replace(settings, begin_with=file_sha256(begin_with))
        restore(network, begin_with)
    parameters = list(network.trained().values())
    optimizer = torch.optim.AdamW(parameters, lr=settings.learning_rate, weight_decay=settings.weight_decay, fused=True)
    checkpoint = folder / "checkpoint.pt"
    folder.mkdir(parents=True, exist_ok=True)
    passes = [_batches(makers, tokenizer, settings, n_pass) for n_pass in range(settings.passes)]
    batches = [batch for one in passes for batch in one]
    if not batches:
        raise DataError("No example could be made: the data, or the share of it that is asked for, is too small.")
    made_of = _fingerprint(batches, settings)
    begin, spent = _resume(checkpoint, network, optimizer, made_of)
    clock = _Clock(settings.minutes * 60, len(batches), spent)
    saved, shown = time.monotonic(), _Shown()
    workers = _Workers(network, settings.threads)
    network.train()
    for step in range(begin, len(batches)):
        progress(_STAGE, step, len(batches), unit="steps")
        if (done := clock.done(step)) >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = settings.learning_rate * _schedule(done)
        shown.add(workers.backward(batches[step]))
        torch.nn.utils.clip_grad_norm_(parameters, _CLIP)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if time.monotonic() - saved > _SAVE_SECONDS or clock.done(step + 1) >= 1:
            _save(checkpoint, network, optimizer, made_of, step + 1, clock.spent)
            line = {"step": step + 1, "of": len(batches), **shown.means()}
            with (folder / "log.jsonl").open("a", encoding="utf-8") as log:
                log.write(json.dumps(line | {"seconds": round(time.monotonic() - saved, 1)}) + "\n")
            saved, shown = time.monotonic(), _Shown()
    progress(_STAGE, len(batches), len(batches), unit="steps")
    return network.eval()


class _Clock:
    """How much of the training is done, by steps or by time, whichever is further."""

    def __init__(self, limit: float, n_steps: int, spent: float) -> None:
        self._limit, self._n_steps = limit, n_steps
        self._begun = time.monotonic() - spent

    @property
    def spent(self) -> float:
        """Seconds of training, those before a stop among them."""
        return time.monotonic() - self._begun

    def done(self, step: int) -> float:
        """From 0 to 1."""
        by_time = self.spent / self._limit if self._limit else 0.0
        return max(step / self._n_steps, by_time)


class _Workers:
    """Threads that read a part of the batch each: beside other work, threads within a product wait for each other."""

    def __init__(self, network: ReaderNetwork, n: int) -> None:
        self._network, self._n = network, n or torch.get_num_threads()
        self._parameters = list(network.trained().values())
        self._pool = ThreadPoolExecutor(self._n)

    def backward(self, items: Sequence[Item]) -> list[float]:
        """Set the parameters' gradients; returns the losses of spans, tags and ranking."""
        parts = _in_parts(items, self._n)
        shares = [len(part) / len(items) for part in parts]
        read = list(self._pool.map(self._gradients, parts, shares))
        for i, parameter in enumerate(self._parameters):
            parameter.grad = sum((gradients[i] for gradients, _ in read[1:]), start=read[0][0][i])
        return [sum(one) for one in zip(*(shown for _, shown in read), strict=True)]

    def _gradients(self, items: Sequence[Item], share: float) -> tuple[tuple[Tensor, ...], list[float]]:
        torch.set_num_threads(1)  # of this thread
        read = losses(self._network, collate(items))
        span, tag, rank = read
        total = (span + _TAG_WEIGHT * tag + _RANK_WEIGHT * rank) * share
        return torch.autograd.grad(total, self._parameters), [loss.item() * share for loss in read]


def _in_parts(items: Sequence[Item], n: int) -> list[list[Item]]:
    """At most ``n`` parts of about as many tokens; a group stays together."""
    groups: dict[int, list[Item]] = {}
    for item in items:
        groups.setdefault(item.group, []).append(item)
    sizes = {number: sum(len(item.ids) for item in group) for number, group in groups.items()}
    parts: list[list[Item]] = [[] for _ in range(n)]
    tokens = [0] * n
    for number in sorted(sizes, key=lambda number: (-sizes[number], number)):
        least = tokens.index(min(tokens))
        parts[least] += groups[number]
        tokens[least] += sizes[number]
    return [part for part in parts if part]


@dataclass(slots=True)
class _Shown:
    """Losses since the last line of the log."""

    sums: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    n: int = 0

    def add(self, losses: Sequence[float]) -> None:
        """One step's losses."""
        self.sums = [total + loss for total, loss in zip(self.sums, losses, strict=True)]
        self.n += 1

    def means(self) -> dict[str, float]:
        """Their means by name."""
        names = ("span_loss", "tag_loss", "rank_loss")
        return {name: total / max(1, self.n) for name, total in zip(names, self.sums, strict=True)}


def _batches(makers: Sequence[GroupMaker], tokenizer: Tokenizer, settings: Settings, n_pass: int) -> list[list[Item]]:
    groups = [group for maker in makers for group in maker.make_groups(n_pass)]
    items = [
        [item for example in group if (item := encode_example(tokenizer, example, number))]
        for number, group in enumerate(groups)
    ]
    return make_batches(items, tokens=settings.tokens, seed=f"{settings.seed}/{n_pass}")


def _schedule(done: float) -> float:
    return done / _WARM_UP if done < _WARM_UP else (1 - done) / (1 - _WARM_UP)


def _fingerprint(batches: list[list[Item]], settings: Settings) -> str:
    """Short hash of all that decides the result: settings, examples and their order."""
    digest = hashlib.sha256(json.dumps(asdict(settings)).encode())
    for batch in batches:
        digest.update(repr([(item.ids, item.spans, item.group) for item in batch]).encode())
    return digest.hexdigest()[:16]


def _save(
    path: Path, network: ReaderNetwork, optimizer: torch.optim.Optimizer, made_of: str, step: int, spent: float
) -> None:
    state = {
        "made_of": made_of,
        "step": step,
        "spent": spent,
        "weights": {name: parameter.detach() for name, parameter in network.trained().items()},
        "optimizer": optimizer.state_dict(),
    }
    unfinished = path.with_suffix(".unfinished")
    torch.save(state, unfinished)
    unfinished.replace(path)


def _resume(path: Path, network: ReaderNetwork, optimizer: torch.optim.Optimizer, made_of: str) -> tuple[int, float]:
    """Steps and seconds that a checkpoint of the same settings and examples has behind it."""
    if not path.is_file():
        return 0, 0.0
    state = torch.load(path, weights_only=True)
    if state.get("made_of") != made_of:
        return 0, 0.0
    network.load_state_dict(state["weights"], strict=False)
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"]), float(state["spent"])
