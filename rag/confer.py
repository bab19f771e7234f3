"""A question read in two wordings, its own and its translation -> one judgement of what is there.

A small model translates badly and the reader knows other languages than Chinese badly, but they err differently: what
is there is found by both, by search and by reading, and what is not there mostly by one of them. Calls no model.

The weights were chosen on 239 English questions of XQuAD over its Chinese paragraphs that no measure uses, each once
with its paragraph and once without (benchmarks/hidden_documents.py). By the surer wording alone, as it was before:
AUC 0.81, 0.23 of the hidden ones refused, 0.05 of the others. By both: AUC 0.85, 0.56 and 0.13.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from rag.reading import Found, Side

__all__ = ["confer"]

LEAST_TOGETHER: Final = 0.15
"""Under it the documents are taken not to say. At 0.2, 0.69 of the hidden ones are refused and 0.20 of the others."""
AGREED: Final = 8.0
"""What is lost, in log-odds, where no passage stands high for both wordings; half of it is the most."""
LEAST_AGREED: Final = 0.5
TOGETHER: Final = 0.5
"""Added to the log-odds, so that they stay those of a probability (a logistic curve: slope 0.97, intercept 0.47)."""
_SUREST: Final = 0.9999  # a probability of 1 has no log-odds


def confer(sides: Sequence[Side], others: Sequence[Side], *, agreement: float) -> tuple[Side, ...]:
    """Judge each side by both wordings: the mean of their log-odds, and how far search agrees.

    Args:
        sides: What was found in the surer wording.
        others: What was found in the other one.
        agreement: How high the best passage stands in both searches, from 0 to 1 (:func:`rag.retrieve.agreement`).

    Returns:
        The sides with the probabilities of both wordings together; as they were where the other wording has another
        number of sides, since nothing tells which belongs to which.
    """
    if len(sides) != len(others):
        return tuple(sides)
    lost = AGREED * (1 - max(LEAST_AGREED, min(agreement, 1.0)))
    return tuple(_together(one, other.probability, lost) for one, other in zip(sides, others, strict=True))


def _together(side: Side, other: float, lost: float) -> Side:
    """A side whose best span is as likely as both wordings make it, and the further ones less by as much."""
    shift = (_log_odds(other) - _log_odds(side.probability)) / 2 - lost + TOGETHER
    found: tuple[Found, ...] = tuple(replace(one, probability=_shifted(one.probability, shift)) for one in side.found)
    return replace(
        side, found=found, probability=found[0].probability if found else side.probability, least=LEAST_TOGETHER
    )


def _shifted(probability: float, shift: float) -> float:
    return 1 / (1 + math.exp(-(_log_odds(probability) + shift)))


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, 1 - _SUREST), _SUREST)
    return math.log(bounded / (1 - bounded))
