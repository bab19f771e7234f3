"""Judge spans by two wordings of a question, its own and its translation.

A small model translates badly and the reader knows other languages than Chinese badly, but they err differently: what
is there is found by both, by search and by reading, and what is not there mostly by one of them. Where the question
finds A with 0.8 and B with 0.7, its translation A with 0.1 and B with 0.3, B is what both find. Calls no model.

The weights were chosen on 239 English questions of XQuAD over its Chinese paragraphs that no measure uses, each once
with its paragraph and once without (benchmarks/hidden_documents.py; docs/experiments.md, "Two wordings, one
judgement").
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from rag.reading.evidence_reader import CandidateSpan, Side

__all__ = ["LEAST_TOGETHER", "judge_two_wordings"]

LEAST_TOGETHER: Final = 0.12
"""Under it the documents are taken not to say: 0.59 of the hidden questions are below, and 0.14 of the others; at 0.2,
0.76 and 0.26."""
AGREED: Final = 8.0
"""What is lost, in log-odds, where no passage stands high for both wordings; half of it is the most."""
LEAST_AGREED: Final = 0.5
TOGETHER: Final = 0.5
"""Added to the log-odds, so that they stay those of a probability (a logistic curve: slope 0.97, intercept 0.47)."""
UNSEEN: Final = 0.01
"""Probability of a span by a wording that does not find it (0.001 and 0.03 find fewer right ones)."""
_SUREST: Final = 0.9999  # a probability of 1 has no log-odds


def judge_two_wordings(sides: Sequence[Side], others: Sequence[Side], *, agreement: float) -> tuple[Side, ...]:
    """Judge every span by both wordings: the mean of its log-odds, and how far search agrees.

    Args:
        sides: What was found in one wording.
        others: What was found in the other one.
        agreement: How high the best passage stands in both searches, from 0 to 1
        (:func:`rag.retrieval.fusion.agreement`).

    Returns:
        The sides of the first wording with what both find, best first; nothing where the other wording has another
        number of sides, since nothing tells which belongs to which.
    """
    if len(sides) != len(others):
        return ()
    added = TOGETHER - AGREED * (1 - max(LEAST_AGREED, min(agreement, 1.0)))
    return tuple(_together(one, other, added) for one, other in zip(sides, others, strict=True))


def _together(one: Side, other: Side, added: float) -> Side:
    judged = []
    for span in _apart([*one.found, *other.found]):
        both = (_likeliest(span, one.found), _likeliest(span, other.found))
        judged.append((sum(map(_log_odds, both)) / 2 + added, span))
    judged.sort(key=lambda item: -item[0])
    # Behind the best the sums count, not the means: these halve what sets it apart, and all would seem to answer.
    found = tuple(replace(span, probability=1 / (1 + math.exp(judged[0][0] - 2 * odds))) for odds, span in judged)
    return replace(one, found=found, probability=found[0].probability if found else 0.0, threshold=LEAST_TOGETHER)


def _apart(spans: Sequence[CandidateSpan]) -> list[CandidateSpan]:
    """Of spans that overlap, the likeliest alone: both wordings find "12" and "12 schools"."""
    kept: list[CandidateSpan] = []
    for span in sorted(spans, key=lambda one: -one.probability):
        if not any(_overlap(span, other) for other in kept):
            kept.append(span)
    return kept


def _likeliest(span: CandidateSpan, found: Sequence[CandidateSpan]) -> float:
    return max((one.probability for one in found if _overlap(one, span)), default=UNSEEN)


def _overlap(one: CandidateSpan, other: CandidateSpan) -> bool:
    return one.evidence.number == other.evidence.number and one.start < other.end and other.start < one.end


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, 1 - _SUREST), _SUREST)
    return math.log(bounded / (1 - bounded))
