"""What the network is taught by: spans, tags, and the rank of a window among those of its question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor
from torch.nn import functional

if TYPE_CHECKING:
    from training.batches import Batch
    from training.model import ReaderNetwork

__all__ = ["losses"]

_FAR: Final = -1e4
_PARTS: Final = 2
_MULTIPLE: Final = 8


def losses(network: ReaderNetwork, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """Loss of span ends, of tags, and of ranking.

    Ends: negative log of the probability of all accepted starts together, and of all ends (Clark & Gardner 2018,
    arXiv:1710.10723, section 3.2). Tags: cross-entropy of each token of the text being part of an answer. Ranking: as
    the ends, but over the tokens of all windows of a group at once (their shared normalisation, section 3.3), each
    less its window's "not here": what a window's score is in use. A group without an answer has no ranking.
    """
    logits = _logits(network, batch)
    text = batch.allowed.clone()
    text[:, 0] = False
    span, rank = torch.zeros(()), torch.zeros(())
    for which, gold in ((0, batch.starts), (1, batch.ends)):
        scores = logits[..., which].masked_fill(~batch.allowed, _FAR)
        right = scores.masked_fill(~gold, _FAR)
        span = span + (scores.logsumexp(1) - right.logsumexp(1)).mean() / 2
        against_null = scores - scores[:, :1]
        rank = rank + _rank_loss(against_null, text & ~gold, gold & text, batch.group) / 2
    tag = functional.binary_cross_entropy_with_logits(logits[..., 2], batch.tags.float(), reduction="none")
    return span, (tag * text).sum() / text.sum(), rank


def _logits(network: ReaderNetwork, batch: Batch) -> Tensor:
    """Logits of a batch, read in parts of like length: a group has windows of all lengths."""
    lengths = batch.mask.sum(1)
    parts = lengths.argsort().chunk(_PARTS)
    read = []
    for part in parts:
        width = -(-int(lengths[part].max()) // _MULTIPLE) * _MULTIPLE
        logits = network(batch.ids[part, :width], batch.mask[part, :width])
        read.append(functional.pad(logits, (0, 0, 0, batch.ids.shape[1] - width)))
    return torch.cat(read)[torch.cat(parts).argsort()]


def _rank_loss(scores: Tensor, wrong: Tensor, right: Tensor, group: Tensor) -> Tensor:
    """Negative log of the right tokens' share of themselves and all wrong ones of their group, a mean over windows.

    Shapes: (n, n_tokens); of ``group``: (n,).
    """
    answered = right.any(1)
    mine = scores.masked_fill(~right, _FAR).logsumexp(1)
    inside = group[None, :] == group[:, None]
    others = scores.masked_fill(~wrong, _FAR).logsumexp(1)[None, :].masked_fill(~inside, _FAR).logsumexp(1)
    return (torch.logaddexp(mine, others) - mine)[answered].sum() / answered.sum().clamp(min=1)
