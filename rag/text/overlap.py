"""Likeness of two wordings by pairs of characters."""

from __future__ import annotations

import re

__all__ = ["character_pairs"]


def character_pairs(text: str) -> set[str]:
    """Pairs of neighbouring characters of Chinese runs, words of others; figures are compared elsewhere."""
    letters = re.sub(r"[\d\W_]+", " ", text.lower())
    pairs: set[str] = set()
    for run in re.findall(r"[\u3040-\u9fff\uac00-\ud7af]+|[^\W\u3040-\u9fff\uac00-\ud7af]+", letters):
        wide = "\u3040" <= run[0] <= "\ud7af"
        pairs |= {run[i : i + 2] for i in range(len(run) - 1)} if wide else {run}
    return pairs
