"""Which of many texts are worded most like another: what a search would confuse, without a model."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from rag.reading.model.tokens import normalise
from rag.text.unicode import HAN

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["WordingIndex", "wording"]

_TERM: Final = re.compile(rf"[{HAN}\u3040-\u30ff]+|[^\W_{HAN}\u3040-\u30ff]+")
_MOST_COMMON: Final = 2000  # a term that more texts share than this tells nothing
_RAREST: Final = 16  # terms of a query that are looked up


class WordingIndex:
    """Texts by the terms that they share."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Index the texts."""
        self._texts_of: dict[str, list[int]] = defaultdict(list)
        for i, text in enumerate(texts):
            for term in wording(text):
                self._texts_of[term].append(i)

    def most_like(self, query: str, n: int) -> list[int]:
        """Numbers of the ``n`` texts that share most of the query's rarest terms, the likest first."""
        found = [self._texts_of[term] for term in sorted(wording(query)) if term in self._texts_of]
        found = sorted((texts for texts in found if len(texts) <= _MOST_COMMON), key=len)[:_RAREST]
        shared: Counter[int] = Counter()
        for texts in found:
            weight = 1 + 1 / len(texts)
            for text in texts:
                shared[text] += weight  # type: ignore[assignment]
        return [text for text, _ in shared.most_common(n)]


def wording(text: str) -> set[str]:
    """Pairs of neighbouring characters of Chinese and Japanese, words of other scripts.

    >>> sorted(wording("新建泊位 of 5")), wording("The town")
    (['5', 'of', '建泊', '新建', '泊位'], {'the', 'town'})
    """
    terms: set[str] = set()
    for run in _TERM.findall(normalise(text).lower()):
        wide = not run[0].isascii() and len(run) > 1
        terms |= {run[i : i + 2] for i in range(len(run) - 1)} if wide else {run}
    return terms
