"""Adjust a span's score by its passage's rank, by its sentence's wording and by repetition of the question.

The reader knows one window at a time. That retrieval puts another passage first, that the sentence holds hardly a word
of the question, or that the span only repeats the question, it cannot tell. Calls no model.

The weights were chosen on 250 Chinese and 250 English questions of XQuAD that no measure uses, each once with its
paragraph and once without (docs/experiments.md, "Weighing spans"): right sentence first 0.73 -> 0.79 (English 0.56 ->
0.60), AUC of "is there" 0.91 -> 0.93 (0.76 -> 0.78).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rag.question.kind import strip_asking
from rag.schema.search import Evidence
from rag.text.language import detect_language
from rag.text.overlap import share_said
from rag.text.words import simplify
from rag.text.years import strip_plain_years

__all__ = ["Weights", "rescore", "share_of_question", "weights"]

RETRIEVED: Final = 8.0
"""What a span loses whose passage scores nothing against the best hit, in the reader's logits; half of it is lost at
half the best score, and no more: sentences that a whole section brings along have no score of their own."""
LEAST_RETRIEVED: Final = 0.5
SAID_WEIGHT: Final = 8.0
"""What a sentence gains that holds all of the question's words against one that holds none."""
NEUTRAL_SHARE: Final = 0.3
"""Neither gained nor lost at this share. Placed so that the reader's own curve still gives the probability (a logistic
curve fitted anew: slope 0.31, intercept -0.41; the reader's at this share: 0.39 and -0.45)."""
REPEATED: Final = 4.0
"""What a span loses that stands in the question."""
_CHOICE: Final = re.compile(r"还是|或|更|比|\b(?:or|than|more|less)\b", re.IGNORECASE)  # what is named may be chosen


@dataclass(frozen=True, slots=True)
class Weights:
    """What is added to the reader's score of a span, part by part.

    Attributes:
        retrieved: Lost by a passage that ranks behind the best one.
        said: Gained or lost by how much of the question its sentence holds.
        repeated: Lost by a span that only repeats the question.
    """

    retrieved: float = 0.0
    said: float = 0.0
    repeated: float = 0.0

    @property
    def total(self) -> float:
        """All of it."""
        return self.retrieved + self.said + self.repeated


def rescore(question: str, evidence: Evidence, span: str, *, best: float) -> float:
    """What is added to the reader's score of a span.

    Args:
        question: What was asked.
        evidence: The sentence it stands in.
        span: Its text.
        best: The best retrieval score of all evidence.

    >>> sentence = Evidence(1, "新增教师12名", "a.txt", "", "", (), (), 0, 6, score=0.05)
    >>> round(rescore("新增教师几名？", sentence, "12名", best=0.1), 1)
    1.6
    """
    return weights(question, evidence, span, best=best).total


def weights(question: str, evidence: Evidence, span: str, *, best: float) -> Weights:
    """The parts of what :func:`rescore` adds; arguments as there."""
    retrieved = RETRIEVED * (max(LEAST_RETRIEVED, evidence.score / best) - 1) if best > 0 else 0.0
    says = 0.0
    if detect_language(question) == detect_language(evidence.text):  # words of two languages cannot be compared
        says = SAID_WEIGHT * (
            share_of_question(question, (evidence.text, evidence.title, *evidence.heading)) - NEUTRAL_SHARE
        )
    repeats = len(span) > 1 and simplify(span).lower() in simplify(question).lower()
    return Weights(retrieved, says, -REPEATED if repeats and not _CHOICE.search(question) else 0.0)


def share_of_question(query: str, texts: Sequence[str]) -> float:
    """Share of a question's character pairs that texts hold; years and the words that ask are left out."""
    wanted = strip_asking(strip_plain_years(simplify(query)))
    return share_said(wanted, simplify("\n".join(texts)), empty=1.0)
