"""Logits -> spans of the text. Pure; knows neither the network nor what a span is used for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from rag.reading.model.tokens import Encoded

__all__ = ["Span", "best_spans", "tagged_spans"]

MAX_SPAN_TOKENS: Final = 80
_TAGGED: Final = 0.5
_CANDIDATES: Final = 64
_LEADING: Final = re.compile(r"(?:[\s，。、；：！？,;:!?）)」』”》】]|\.(?!\d))+|^的(?=.)")
_TRAILING: Final = re.compile(
    r"[\s，。、；：！？,;:!?（(「『“《【]+$|(?<=.)(?<![目标])的$|(?<=.)(?<![总反])之$|(?<=[年月日])起$|(?<=[^\d.])\.$"
)
_PAIRS: Final = {"）": "（", ")": "(", "」": "「", "』": "『", "”": "“", "》": "《", "】": "【"}


@dataclass(frozen=True, slots=True)
class Span:
    """A span of a window's text.

    Attributes:
        start: First code point.
        end: Behind the last.
        score: How much more likely than "not here", in logits of start and end together; comparable between windows.
    """

    start: int
    end: int
    score: float


def best_spans(encoded: Encoded, logits: npt.NDArray[np.float32], text: str, *, limit: int) -> list[Span]:
    """The best spans that do not overlap, best first.

    The score is start + end logit less those of the first token, which stands for "not here"
    (Devlin et al. 2019, arXiv:1810.04805, section 4.3).

    Args:
        encoded: The window in tokens.
        logits: Logits of its tokens. Shape: (at least len(encoded.ids), 3): start, end, tag.
        text: The window's text.
        limit: Most spans.
    """
    n = len(encoded.offsets)
    if not n:
        return []
    rows = slice(encoded.first, encoded.first + n)
    sums = logits[rows, 0][:, None] + logits[rows, 1][None, :]
    distance = np.arange(n)[None, :] - np.arange(n)[:, None]
    sums = np.where((distance >= 0) & (distance < MAX_SPAN_TOKENS), sums, -np.inf) - (logits[0, 0] + logits[0, 1])
    order = np.argsort(sums, axis=None)[::-1][:_CANDIDATES]
    found: list[Span] = []
    for start, end in zip(*np.unravel_index(order, sums.shape), strict=True):
        if not np.isfinite(sums[start, end]):
            break
        span = _trimmed(text, encoded.offsets[start][0], encoded.offsets[end][1], float(sums[start, end]))
        if span and all(span.end <= other.start or other.end <= span.start for other in found):
            found.append(span)
            if len(found) == limit:
                break
    return found


def tagged_spans(encoded: Encoded, logits: npt.NDArray[np.float32], text: str) -> list[Span]:
    """Runs of tokens that the tag head takes for parts of the answer, in order of the text.

    The score is the run's best start and end against "not here", as in :func:`best_spans`.
    """
    n = len(encoded.offsets)
    rows = slice(encoded.first, encoded.first + n)
    tagged = 1 / (1 + np.exp(-logits[rows, 2])) > _TAGGED
    edges = np.flatnonzero(np.diff(np.concatenate(([False], tagged, [False])).astype(np.int8)))
    null = logits[0, 0] + logits[0, 1]
    found = []
    for start, end in edges.reshape(-1, 2):
        inside = slice(encoded.first + start, encoded.first + end)
        score = float(logits[inside, 0].max() + logits[inside, 1].max() - null)
        if span := _trimmed(text, encoded.offsets[start][0], encoded.offsets[end - 1][1], score):
            found.append(span)
    return found


def _trimmed(text: str, start: int, end: int, score: float) -> Span | None:
    """The span without what tokens drag along: tokens of this vocabulary join words with marks and particles."""
    piece = text[start:end]
    if match := _LEADING.match(piece):
        start, piece = start + match.end(), piece[match.end() :]
    while piece:
        if match := _TRAILING.search(piece):
            piece = piece[: match.start()]
        elif piece[-1] in _PAIRS and _PAIRS[piece[-1]] not in piece:
            piece = piece[:-1]
        else:
            break
    return Span(start, start + len(piece), score) if piece else None
