"""The training loop: batches -> trained weights, kept on disk so that a stopped run goes on where it was."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor
from torch.nn import functional

from training.batches import Batch, Item, collate, encode_example, make_batches
from training.data import DataError
from training.model import ReaderNetwork

if TYPE_CHECKING:
    from pathlib import Path

    from tokenizers import Tokenizer

    from rag.progress import Progress
    from training.examples import ExampleMaker

__all__ = ["Settings", "losses", "train"]

_STAGE: Final = "Training"
_SAVE_SECONDS: Final = 240.0
_WARM_UP: Final = 0.06
_CLIP: Final = 1.0
_TAG_WEIGHT: Final = 1.0
_FAR: Final = -1e4


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
    """

    rank: int = 40
    passes: int = 3
    tokens: int = 1536
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    seed: int = 20
    threads: int = 0


def train(
    maker: ExampleMaker, tokenizer: Tokenizer, *, encoder: Path, folder: Path, settings: Settings, progress: Progress
) -> ReaderNetwork:
    """Train a reader, or go on with one.

    Args:
        maker: Makes the examples of each pass.
        tokenizer: The encoder's.
        encoder: Its folder.
        folder: Where ``checkpoint.pt`` and ``log.jsonl`` are kept; a checkpoint of other settings or
            examples is not used.
        settings: How.
        progress: Hears of steps.

    Returns:
        The trained network, ready to read.

    Raises:
        DataError: The maker makes no example.
    """
    if settings.threads:
        torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    network = ReaderNetwork(encoder, rank=settings.rank)
    parameters = list(network.trained().values())
    optimizer = torch.optim.AdamW(parameters, lr=settings.learning_rate, weight_decay=settings.weight_decay, fused=True)
    checkpoint = folder / "checkpoint.pt"
    folder.mkdir(parents=True, exist_ok=True)
    passes = [_batches(maker, tokenizer, settings, n_pass) for n_pass in range(settings.passes)]
    batches = [batch for one in passes for batch in one]
    if not batches:
        raise DataError("No example could be made: the data, or the share of it that is asked for, is too small.")
    made_of = _fingerprint(batches, settings)
    begin = _resume(checkpoint, network, optimizer, made_of)
    saved, shown = time.monotonic(), [0.0, 0.0, 0]
    network.train()
    for step in range(begin, len(batches)):
        progress(_STAGE, step, len(batches), unit="steps")
        for group in optimizer.param_groups:
            group["lr"] = settings.learning_rate * _schedule(step / len(batches))
        span_loss, tag_loss = losses(network, collate(batches[step]))
        (span_loss + _TAG_WEIGHT * tag_loss).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(parameters, _CLIP)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        shown = [shown[0] + span_loss.item(), shown[1] + tag_loss.item(), shown[2] + 1]
        if time.monotonic() - saved > _SAVE_SECONDS or step + 1 == len(batches):
            _save(checkpoint, network, optimizer, made_of, step + 1)
            line = {
                "step": step + 1,
                "of": len(batches),
                "span_loss": shown[0] / shown[2],
                "tag_loss": shown[1] / shown[2],
            }
            with (folder / "log.jsonl").open("a", encoding="utf-8") as log:
                log.write(json.dumps(line | {"seconds": round(time.monotonic() - saved, 1)}) + "\n")
            saved, shown = time.monotonic(), [0.0, 0.0, 0]
    progress(_STAGE, len(batches), len(batches), unit="steps")
    return network.eval()


def losses(network: ReaderNetwork, batch: Batch) -> tuple[Tensor, Tensor]:
    """Loss of span ends and of tags.

    Ends: negative log of the probability of all accepted starts together, and of all ends (Clark & Gardner 2018,
    arXiv:1710.10723, section 3.2). Tags: cross-entropy of each token of the text being part of an answer.
    """
    logits = network(batch.ids, batch.mask)
    span = torch.zeros(())
    for which, gold in ((0, batch.starts), (1, batch.ends)):
        scores = logits[..., which].masked_fill(~batch.allowed, _FAR)
        right = scores.masked_fill(~gold, _FAR)
        span = span + (scores.logsumexp(1) - right.logsumexp(1)).mean() / 2
    text = batch.allowed.clone()
    text[:, 0] = False
    tag = functional.binary_cross_entropy_with_logits(logits[..., 2], batch.tags.float(), reduction="none")
    return span, (tag * text).sum() / text.sum()


def _batches(maker: ExampleMaker, tokenizer: Tokenizer, settings: Settings, n_pass: int) -> list[list[Item]]:
    items = [item for example in maker.make(n_pass) if (item := encode_example(tokenizer, example))]
    return make_batches(items, tokens=settings.tokens, seed=f"{settings.seed}/{n_pass}")


def _schedule(done: float) -> float:
    return done / _WARM_UP if done < _WARM_UP else (1 - done) / (1 - _WARM_UP)


def _fingerprint(batches: list[list[Item]], settings: Settings) -> str:
    """Short hash of all that decides the result: settings, examples and their order."""
    digest = hashlib.sha256(json.dumps(asdict(settings)).encode())
    for batch in batches:
        digest.update(repr([(item.ids, item.spans) for item in batch]).encode())
    return digest.hexdigest()[:16]


def _save(path: Path, network: ReaderNetwork, optimizer: torch.optim.Optimizer, made_of: str, step: int) -> None:
    state = {
        "made_of": made_of,
        "step": step,
        "weights": {name: parameter.detach() for name, parameter in network.trained().items()},
        "optimizer": optimizer.state_dict(),
    }
    unfinished = path.with_suffix(".unfinished")
    torch.save(state, unfinished)
    unfinished.replace(path)


def _resume(path: Path, network: ReaderNetwork, optimizer: torch.optim.Optimizer, made_of: str) -> int:
    """Steps that a checkpoint of the same settings and examples has behind it."""
    if not path.is_file():
        return 0
    state = torch.load(path, weights_only=True)
    if state.get("made_of") != made_of:
        return 0
    network.load_state_dict(state["weights"], strict=False)
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"])
