"""What tells whether a sentence answers a question, in numbers: one row of named features for each sentence.

The reader knows one window at a time. What it cannot see stands here: where search put the passage, how much of the
question the sentence and its headings say, whether the type of answer fits, and whose place and year it is. Nothing
here decides: what a feature is worth was learned (:mod:`rag.scoring.scorer`).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from rag.question.answer_type import AnswerType, asked_type, asked_units, holds_type
from rag.question.kind import strip_asking
from rag.question.relation import PlaceRelation, YearRelation, place_relation, year_relation
from rag.question.scope import NamedScope
from rag.question.tense import asks_for_plan, tells_of_period, tells_of_plan
from rag.reading.evidence_reader import ReadSpan
from rag.schema.search import Evidence, Hit
from rag.text.identifiers import Identifier, agreement, identifiers
from rag.text.language import detect_language
from rag.text.numbering import is_own_heading
from rag.text.overlap import character_pairs
from rag.text.sentences import BETWEEN_CELLS
from rag.text.words import lexical_tokens, simplify
from rag.text.years import strip_plain_years

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["FEATURES", "Relations", "feature_rows", "relations"]

FEATURES: Final = (
    "read",  # the reader's score of the best span, in tens of logits
    "read_lead",  # the same less that of the best other sentence
    "read_rank",  # 1 where no sentence has a better score, 1/2 for the second
    "read_foreign",  # the reader's score where the sentence is in another language than the question
    "dense",  # cosine with the passage, in tenths from 0.8
    "dense_rank",  # from 1 for the first passage downwards
    "bare_rank",  # the same for the question without its places and years
    "lexical",  # BM25 against the best passage's
    "lexical_rank",
    "retrieved",  # fused score against the best passage's
    "said",  # share of the question's character pairs in the sentence
    "said_above",  # the same with title and headings
    "weighed",  # share of the question's words, weighed by how few of these sentences hold them
    "weighed_above",  # the same with title and headings
    "said_near",  # share of the question's character pairs in the clause of the span and the one before it
    "weighed_near",  # the same by words, weighed
    "weighed_most",  # 1 where the question's weightiest word is in the sentence, 1/2 where it is above it
    "repeats",  # the span stands in the question
    "type_span",  # the span is of the type asked for: 1, else -1; 0 where any would be
    "type_sentence",  # the sentence holds one
    "place_same",
    "place_other",
    "place_outer",
    "place_inner",
    "year_same",
    "year_other",
    "year_neighbour",
    "identifier_same",
    "identifier_other",
    "plan",  # the sentence speaks of a plan, the question does not
    "period",  # the same of a period of several years
    "length",  # natural logarithm of the characters, less 4
    "heading",  # the sentence is a heading
    "cells",  # it is a row of cells
    "foreign",  # it is in another language than the question
    "not_chinese",  # the question is
)
"""Names of the features, in the order of a row."""

NEAR: Final = 60
"""Characters around a span that speak of it at most."""
_CLAUSE_END: Final = re.compile(r"[，；;、：。]|(?<!\d)[,:.]|[,:.](?!\d)")
_UNREAD: Final = -20.0
"""The reader's score of a sentence in which it names no span: lower than any that it gives."""
_RANK_SCALE: Final = 20.0
_COMMON_COSINE: Final = 0.8


@dataclass(frozen=True, slots=True)
class Relations:
    """How a sentence's place and year stand to those asked for."""

    place: PlaceRelation
    year: YearRelation

    @property
    def is_elsewhere(self) -> bool:
        """Whether the sentence speaks of another place or another year than the one asked for."""
        return self.place is PlaceRelation.OTHER or self.year is YearRelation.OTHER


def relations(named: NamedScope, evidence: Evidence) -> Relations:
    """How a sentence's place and year stand to those that a question names."""
    return Relations(place_relation(named, evidence), year_relation(named, evidence))


@dataclass(frozen=True, slots=True)
class _Said:
    """A text as it is compared with a question."""

    pairs: frozenset[str]
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question as sentences are compared with it."""

    text: str
    plain: str
    language: str
    named: NamedScope
    said: _Said
    type: AnswerType
    units: tuple[str, ...]
    identifiers: frozenset[Identifier]
    for_plan: bool
    for_period: bool


def feature_rows(
    question: str, named: NamedScope, spans: Sequence[ReadSpan], hits: Mapping[int, Hit]
) -> npt.NDArray[np.float64]:
    """The features of sentences.

    Args:
        question: The standalone question, or one of its sides.
        named: Places and years that it names.
        spans: The best span of each sentence; one whose span is empty was found none.
        hits: How the passage of each sentence was found, by the sentence's number.

    Returns:
        One row for each span. Shape: (n_spans, n_features).
    """
    if not spans:
        return np.zeros((0, len(FEATURES)))
    asked = _asked(question, named)
    columns: dict[str, list[float]] = {name: [] for name in FEATURES}
    search = _Search.of(hits)
    rest = [_wording(asked, spans), _reading(spans), [search.features(span.evidence.number) for span in spans]]
    for i, span in enumerate(spans):
        foreign = asked.language != detect_language(span.evidence.text)
        row = {name: value for part in rest for name, value in part[i].items()}
        row |= _scope(asked, span.evidence) | _kind(asked, span)
        row["read_foreign"] = row["read"] if foreign else 0.0
        row |= {"foreign": float(foreign), "not_chinese": float(asked.language != "zh")}
        for name in FEATURES:
            columns[name].append(row[name])
    return np.array([columns[name] for name in FEATURES]).T


def _asked(question: str, named: NamedScope) -> _Asked:
    plain = simplify(question)
    core = strip_asking(strip_plain_years(plain))
    return _Asked(
        text=question,
        plain=plain,
        language=detect_language(question),
        named=named,
        said=_said(core),
        type=asked_type(question),
        units=asked_units(question),
        identifiers=identifiers(plain),
        for_plan=asks_for_plan(plain),
        for_period=tells_of_period(plain),
    )


@lru_cache(maxsize=8192)
def _said(text: str) -> _Said:
    plain = simplify(text)
    return _Said(frozenset(character_pairs(plain)), frozenset(lexical_tokens(plain)))


def _reading(spans: Sequence[ReadSpan]) -> list[dict[str, float]]:
    scores = [span.score if span.start < span.end else _UNREAD for span in spans]
    best, second = (*sorted(scores, reverse=True)[:2], _UNREAD)[:2]
    return [
        {
            "read": score / 10,
            "read_lead": (score - (second if score == best else best)) / 10,
            "read_rank": 1 / (1 + sum(other > score for other in scores)),
        }
        for score in scores
    ]


@dataclass(frozen=True, slots=True)
class _Search:
    """What search found, to compare each passage with the best."""

    hits: Mapping[int, Hit]
    best_lexical: float
    best_score: float

    @classmethod
    def of(cls, hits: Mapping[int, Hit]) -> _Search:
        lexical = max((hit.lexical_score or 0.0 for hit in hits.values()), default=0.0)
        return cls(hits, lexical or 1.0, max((hit.score for hit in hits.values()), default=0.0) or 1.0)

    def features(self, number: int) -> dict[str, float]:
        hit = self.hits.get(number)
        if hit is None:
            return dict.fromkeys(("dense", "dense_rank", "bare_rank", "lexical", "lexical_rank", "retrieved"), 0.0)
        return {
            "dense": 0.0 if hit.dense_score is None else (hit.dense_score - _COMMON_COSINE) * 10,
            "dense_rank": _RANK_SCALE / (_RANK_SCALE + hit.dense_rank) if hit.dense_rank else 0.0,
            "bare_rank": _RANK_SCALE / (_RANK_SCALE + hit.bare_rank) if hit.bare_rank else 0.0,
            "lexical": (hit.lexical_score or 0.0) / self.best_lexical,
            "lexical_rank": _RANK_SCALE / (_RANK_SCALE + hit.lexical_rank) if hit.lexical_rank else 0.0,
            "retrieved": hit.score / self.best_score,
        }


def _wording(asked: _Asked, spans: Sequence[ReadSpan]) -> list[dict[str, float]]:
    own = [_said(span.evidence.text) for span in spans]
    above = [_said(" ".join((e.title, e.source, *e.heading))) for e in (span.evidence for span in spans)]
    held = Counter(word for said in own for word in asked.said.words & said.words)
    weight = {word: math.log((len(spans) + 1) / (held[word] + 0.5)) for word in asked.said.words}
    pairs, total = len(asked.said.pairs) or 1, sum(weight.values()) or 1.0
    near = [_said(_near(span)) for span in spans]
    most = max(weight, key=lambda word: (weight[word], word), default="")
    return [
        {
            "said_near": len(asked.said.pairs & by.pairs) / pairs,
            "weighed_near": sum(weight[word] for word in asked.said.words & by.words) / total,
            "weighed_most": 1.0 if most in one.words else 0.5 if most in top.words else 0.0,
            "said": len(asked.said.pairs & one.pairs) / pairs,
            "said_above": len(asked.said.pairs & (one.pairs | top.pairs)) / pairs,
            "weighed": sum(weight[word] for word in asked.said.words & one.words) / total,
            "weighed_above": sum(weight[word] for word in asked.said.words & (one.words | top.words)) / total,
        }
        for one, top, by in zip(own, above, near, strict=True)
    ]


def _near(span: ReadSpan) -> str:
    """The clause of a span and the one before it, as far as :data:`NEAR` reaches; of an empty span the sentence."""
    text = span.evidence.text
    if span.start == span.end:
        return text
    before = [match.end() for match in _CLAUSE_END.finditer(text, 0, span.start)]
    behind = _CLAUSE_END.search(text, span.end)
    start = before[-2] if len(before) > 1 else 0
    return text[max(start, span.start - NEAR) : min(behind.start() if behind else len(text), span.end + NEAR)]


def _scope(asked: _Asked, evidence: Evidence) -> dict[str, float]:
    found = relations(asked.named, evidence)
    numbered = "none"
    if asked.identifiers:
        numbered = agreement(asked.identifiers, _identifiers("\n".join((evidence.text, *evidence.heading))))
    return {
        "place_same": float(found.place is PlaceRelation.SAME),
        "place_other": float(found.place is PlaceRelation.OTHER),
        "place_outer": float(found.place is PlaceRelation.OUTER),
        "place_inner": float(found.place is PlaceRelation.INNER),
        "year_same": float(found.year is YearRelation.SAME),
        "year_other": float(found.year is YearRelation.OTHER),
        "year_neighbour": float(found.year is YearRelation.NEIGHBOUR),
        "identifier_same": float(numbered == "same"),
        "identifier_other": float(numbered in ("other", "alike")),
    }


_identifiers: Final = lru_cache(maxsize=4096)(identifiers)


def _kind(asked: _Asked, span: ReadSpan) -> dict[str, float]:
    e = span.evidence
    plain = simplify(span.text).lower()
    return {
        "repeats": float(len(plain) > 1 and plain in asked.plain.lower()),
        "type_span": _fits(asked, span.text),
        "type_sentence": _fits(asked, e.text),
        "plan": float(not asked.for_plan and tells_of_plan(simplify(e.text), e.heading)),
        "period": float(not asked.for_period and tells_of_period(simplify(e.text))),
        "length": math.log(1 + len(e.text)) - 4,
        "heading": float(is_own_heading(e.text, e.heading)),
        "cells": float(BETWEEN_CELLS in e.text),
    }


def _fits(asked: _Asked, text: str) -> float:
    if asked.type in (AnswerType.OTHER, AnswerType.WHETHER):
        return 0.0
    return 1.0 if text and holds_type(text, asked.type, units=asked.units) else -1.0
