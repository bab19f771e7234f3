"""Examples -> batches of like length, in an order that depends on the seed alone."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor

from rag.reading.model.tokens import Window, encode_window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokenizers import Tokenizer

    from training.recipe import Example

__all__ = ["Batch", "Item", "collate", "encode_example", "make_batches"]

_MULTIPLE: Final = 8  # batches come in few widths: what the products are compiled for is kept
_PAD: Final = 1  # <pad> of the XLM-R vocabulary


@dataclass(frozen=True, slots=True)
class Item:
    """An example in tokens.

    Attributes:
        ids: Token ids.
        first: Position of the first token of the text; answers lie behind it.
        spans: (first, last) positions of what answers; (0, 0) alone where nothing does.
        group: Number of its group: the windows of one question, which are ranked against one another.
    """

    ids: list[int]
    first: int
    spans: tuple[tuple[int, int], ...]
    group: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """Items of like length, groups together. Shapes: (n, n_tokens); of ``group``: (n,)."""

    ids: Tensor
    mask: Tensor
    allowed: Tensor
    starts: Tensor
    ends: Tensor
    tags: Tensor
    group: Tensor


def encode_example(tokenizer: Tokenizer, example: Example, group: int = 0) -> Item | None:
    """The example in tokens, or None where its answer was cut off."""
    encoded = encode_window(tokenizer, example.question, Window(example.heading, example.text))
    spans = []
    for start, end in example.spans:
        inside = [i for i, (left, right) in enumerate(encoded.offsets) if left < end and start < right and left < right]
        if not inside or encoded.offsets[inside[-1]][1] < end:
            return None
        spans.append((encoded.first + inside[0], encoded.first + inside[-1]))
    return Item(encoded.ids, encoded.first, tuple(spans) or ((0, 0),), group)


def make_batches(groups: Sequence[Sequence[Item]], *, tokens: int, seed: str) -> list[list[Item]]:
    """Batches of at most ``tokens`` padded tokens, groups of like length together, batches in random order.

    A group is never cut; one that is too large alone makes a batch of its own.
    """
    rng = Random(seed)
    shuffled = [group for group in groups if group]
    rng.shuffle(shuffled)
    shuffled.sort(key=_group_width)
    batches: list[list[Item]] = [[]]
    for group in shuffled:
        if batches[-1] and (len(batches[-1]) + len(group)) * _group_width(group) > tokens:
            batches.append([])
        batches[-1] += group
    rng.shuffle(batches)
    return batches if shuffled else []


def collate(items: Sequence[Item]) -> Batch:
    """One batch of tensors."""
    shape = (len(items), _width(max(len(item.ids) for item in items)))
    ids, mask = torch.full(shape, _PAD), torch.zeros(shape, dtype=torch.bool)
    allowed, starts, ends, tags = (torch.zeros(shape, dtype=torch.bool) for _ in range(4))
    for i, item in enumerate(items):
        n = len(item.ids)
        ids[i, :n] = torch.tensor(item.ids)
        mask[i, :n] = True
        allowed[i, 0] = True
        allowed[i, item.first : n - 1] = True
        for first, last in item.spans:
            starts[i, first] = True
            ends[i, last] = True
            if first:
                tags[i, first : last + 1] = True
    return Batch(ids, mask, allowed, starts, ends, tags, torch.tensor([item.group for item in items]))


def _group_width(group: Sequence[Item]) -> int:
    return _width(max(len(item.ids) for item in group))


def _width(length: int) -> int:
    return -(-length // _MULTIPLE) * _MULTIPLE
