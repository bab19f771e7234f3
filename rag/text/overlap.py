"""Likeness of wording: which part of one text's pairs of characters another text says.

The one measure of this kind; how much is enough stands with its callers. Figures count for nothing as a rule: they are
compared exactly (:mod:`rag.text.figures`). Not covered: meaning, and likeness across languages or scripts; callers put
both texts into simplified characters (:func:`rag.text.words.simplify`) where they may differ.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from typing import Final

from rag.text.unicode import UNSPACED

__all__ = ["character_pairs", "share_said"]

_NO_LETTERS: Final = re.compile(r"[\d\W_]+")
_NO_CHARACTERS: Final = re.compile(r"[\W_]+")
_RUN: Final = re.compile(rf"(?P<wide>[\d{UNSPACED}]+)|[^\d\s{UNSPACED}]+")


def character_pairs(text: str, *, digits: bool = False) -> set[str]:
    """Pairs of neighbouring characters of Chinese runs, words of others.

    Args:
        text: Any text.
        digits: Whether digits are characters of such runs; else they part them.

    >>> sorted(character_pairs("新建12座桥梁, Built"))
    ['built', '座桥', '新建', '桥梁']
    """
    pairs: set[str] = set()
    for run in _RUN.finditer((_NO_CHARACTERS if digits else _NO_LETTERS).sub(" ", text.lower())):
        word = run.group()
        pairs |= {word[i : i + 2] for i in range(len(word) - 1)} if run["wide"] else {word}
    return pairs


def share_said(text: str, by: str | AbstractSet[str], *, empty: float = 0.0, digits: bool = False) -> float:
    """Share of a text's character pairs that another text says.

    Args:
        text: What should be said.
        by: The other text, or its :func:`character_pairs`.
        empty: The share of a text that has no pairs.
        digits: Whether digits count, as in headings: 2019年计划 does not say 2020年计划.

    Returns:
        From 0 to 1.

    >>> share_said("新建桥梁", "桥梁已新建")
    0.6666666666666666
    """
    wanted = character_pairs(text, digits=digits)
    held = character_pairs(by, digits=digits) if isinstance(by, str) else by
    return len(wanted & held) / len(wanted) if wanted else empty
