"""Evidence -> the quotation that answers, by the reader alone: in a fraction of a second and without a generator.

The reader's spans decide, its calibrated score together with the scope of the question refuses. What is shown is the
sentence around a span, word for word, so nothing can be invented. Does not retrieve, generate or load.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from rag.evidence import asks_for_section, named_section
from rag.language import Language, sentence_in
from rag.read import Reading, Window, heading_line
from rag.retrieve import sides
from rag.schema import Answer, AnswerSentence, Citation, Evidence
from rag.scope import QuestionScope, find_years, place_stem
from rag.sentences import join_sentences, split_clauses
from rag.tokenize import simplify

__all__ = ["Found", "Reads", "quote", "read_evidence"]

WINDOW_SENTENCES: Final = 3
WINDOW_CHARS: Final = 160
LONG_SENTENCE_CHARS: Final = 320  # a longer one is read in pieces: the network takes 512 tokens
LEAST_PROBABILITY: Final = 0.3
"""Under it the documents are taken not to say (dev: of 13 unanswerable questions one is above, of 18 facts none below).
"""
LEAST_SHARE: Final = 0.3
"""A further part of an answer must be this likely, against the best one."""
MOST_QUOTES: Final = 8
_SEVERAL: Final = re.compile(
    r"分别|各(?:是|为|有|多少|几|自)|以及|哪些|哪几|哪[二两三四五六七八九十]|[几多][^？?]{0,16}[几多]少?|和[^，？?]{1,16}(?:分别|各)"
    r"|\bboth\b|\brespectively\b|\beach\b|\bwhich\b.*\b(?:are|were)\b",
    re.IGNORECASE,
)


_COMMA: Final = re.compile(r"[，；;、：]|(?<!\d)[,:]|[,:](?!\d)")  # none inside 1,068 or 10:30


class Reads(Protocol):
    """What is needed of :class:`rag.read.Reader`."""

    def read(self, question: str, windows: Sequence[Window], *, limit: int = 4) -> list[Reading]:
        """Read windows for a question; one reading a window, in their order."""

    def probability(self, score: float) -> float:
        """Probability that the best of all windows' spans answers, from its score."""


@dataclass(frozen=True, slots=True)
class Found:
    """A span of evidence that may answer.

    Attributes:
        evidence: The sentence it stands in.
        start: First code point in the sentence's text.
        end: Behind its last.
        score: The reader's score, against "not here".
        in_scope: Whether the sentence speaks of the place and year that the question names.
    """

    evidence: Evidence
    start: int
    end: int
    score: float
    in_scope: bool

    @property
    def text(self) -> str:
        """The span."""
        return self.evidence.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A sentence, or a part of a long one, as it stands in a window.

    Attributes:
        evidence: The sentence.
        offset: Where the piece begins in it.
        text: Its text.
        start: Where it begins in the window.
    """

    evidence: Evidence
    offset: int
    text: str
    start: int = 0

    @property
    def end(self) -> int:
        """Where it ends in the window."""
        return self.start + len(self.text)


def read_evidence(question: str, evidence: Sequence[Evidence], *, named: QuestionScope, reader: Reads) -> list[Found]:
    """Find the spans of evidence that may answer, best first; what is out of scope comes last.

    Args:
        question: The standalone question.
        evidence: Sentences in document order.
        named: Places and years that the question names.
        reader: The reader.
    """
    windows = [_window(pieces) for pieces in _groups(evidence)]
    readings = reader.read(question, [window for window, _ in windows])
    found = []
    for (_, pieces), reading in zip(windows, readings, strict=True):
        for span in reading.spans:
            piece = next(p for p in reversed(pieces) if p.start <= span.start)
            start, end = (min(at, piece.end) - piece.start + piece.offset for at in (span.start, span.end))
            if start < end:
                found.append(Found(piece.evidence, start, end, span.score, _in_scope(piece.evidence, named)))
    return sorted(found, key=lambda one: (not one.in_scope, -one.score))


def quote(
    question: str, query: str, evidence: Sequence[Evidence], *, named: QuestionScope, reader: Reads, language: Language
) -> Answer:
    """Answer with sentences of the evidence, or abstain.

    Args:
        question: The user's words.
        query: The standalone question.
        evidence: Sentences in document order.
        named: Places and years that the question names.
        reader: The reader.
        language: Language of a refusal.

    Returns:
        The sentences around the spans that answer, each cited; ``confidence`` is the calibrated probability that the
        answer is there (of the surest side of a comparison; None where a whole section is quoted), and ``spans`` the
        spans themselves. Abstained where that is too small.
    """
    if section := _section(query, evidence, named):
        return _answer(question, query, evidence, section, None)
    # Each side of a comparison is read for itself: asked for both, the reader finds neither.
    found = [
        [one for one in read_evidence(asked, evidence, named=scope, reader=reader) if one.in_scope]
        for asked, scope in sides(query, named)
    ]
    confidences = [reader.probability(usable[0].score) if usable else 0.0 for usable in found]
    confidence = max(confidences)
    if confidence < LEAST_PROBABILITY:
        reason = sentence_in(language, "not_found")
        return Answer(question, query, (), (), True, reason, tuple(evidence), confidence=confidence)
    several = _asks_several(query)
    chosen = [one for usable in found for one in _chosen(usable, several=several, reader=reader)]
    return _answer(question, query, evidence, list(dict.fromkeys(chosen)), confidence)


def _answer(
    question: str, query: str, evidence: Sequence[Evidence], chosen: Sequence[Found], confidence: float | None
) -> Answer:
    sentences, citations = _cited(chosen)
    return Answer(question, query, sentences, citations, False, "", tuple(evidence), confidence=confidence)


def _section(query: str, evidence: Sequence[Evidence], named: QuestionScope) -> list[Found]:
    """The section that a question for a whole section names: no span answers it, so all its sentences do."""
    if not asks_for_section(query) or len(named.places) > 1:
        return []
    sentences = [e for e in named_section(query, evidence) if _in_scope(e, named)]
    return [Found(e, 0, 0, 0.0, in_scope=True) for e in sentences]


def _chosen(usable: Sequence[Found], *, several: bool, reader: Reads) -> list[Found]:
    """The best span; where several things are asked for, the further ones that are likely enough."""
    if not usable or (best := reader.probability(usable[0].score)) < LEAST_PROBABILITY:
        return []
    likely = [one for one in usable[1:] if reader.probability(one.score) >= LEAST_SHARE * best]
    return [usable[0], *(likely[: MOST_QUOTES - 1] if several else ())]


def _asks_several(query: str) -> bool:
    return len(split_clauses(query)) > 1 or asks_for_section(query) or bool(_SEVERAL.search(query))


def _in_scope(evidence: Evidence, named: QuestionScope) -> bool:
    """Whether a sentence may speak of what the question names; where nothing is known of it, it may."""
    text = simplify(" ".join((evidence.title, *evidence.heading, evidence.text)))
    stems = [simplify(place_stem(place)) for place in named.places]
    elsewhere = stems and evidence.place and simplify(place_stem(evidence.place)) not in stems
    if elsewhere and not any(stem in text for stem in stems):
        return False
    if named.years and evidence.years and not set(named.years) & set(evidence.years):
        return bool(set(named.years) & set(find_years(text)))
    return True


def _groups(evidence: Sequence[Evidence]) -> list[list[_Piece]]:
    """Neighbouring sentences of a section, together up to a window's size."""
    groups: list[list[_Piece]] = []
    for piece in (piece for one in evidence for piece in _pieces(one)):
        last = groups[-1][-1].evidence if groups else None
        one = piece.evidence
        fits = (
            last is not None
            and (last.source, last.title, last.heading) == (one.source, one.title, one.heading)
            and len(groups[-1]) < WINDOW_SENTENCES
            and sum(len(other.text) for other in groups[-1]) + len(piece.text) <= WINDOW_CHARS
        )
        if fits:
            groups[-1].append(piece)
        else:
            groups.append([piece])
    return groups


def _pieces(evidence: Evidence) -> list[_Piece]:
    """A sentence, or a long one cut behind commas."""
    pieces, begin, text = [], 0, evidence.text
    while len(text) - begin > LONG_SENTENCE_CHARS:
        room = text[begin : begin + LONG_SENTENCE_CHARS + 1]  # one more tells whether a figure goes on
        commas = [match.end() for match in _COMMA.finditer(room) if match.end() < len(room)]
        size = commas[-1] if commas else LONG_SENTENCE_CHARS
        pieces.append(_Piece(evidence, begin, text[begin : begin + size]))
        begin += size
    return [*pieces, _Piece(evidence, begin, text[begin:])]


def _window(pieces: Sequence[_Piece]) -> tuple[Window, list[_Piece]]:
    placed: list[_Piece] = []
    text = ""
    for piece in pieces:
        text = join_sentences([text, piece.text]) if text else piece.text
        placed.append(replace(piece, start=len(text) - len(piece.text)))
    first = pieces[0].evidence
    return Window(heading_line(first.place, first.years, first.title, first.heading), text), placed


def _cited(chosen: Sequence[Found]) -> tuple[tuple[AnswerSentence, ...], tuple[Citation, ...]]:
    """The sentences around the spans in document order, each with its citation; the spans are marked in them."""
    by_sentence: dict[int, list[Found]] = {}
    for one in chosen:
        by_sentence.setdefault(one.evidence.number, []).append(one)
    sentences, citations = [], []
    for marker, number in enumerate(sorted(by_sentence), start=1):
        own = sorted(by_sentence[number], key=lambda one: one.start)
        e = own[0].evidence
        spans = tuple((one.start, one.end) for one in own if one.start < one.end)
        sentences.append(AnswerSentence(e.text, (marker,), True, spans))
        citations.append(Citation(marker, e.source, e.title, e.heading, e.start, e.end, e.text))
    return tuple(sentences), tuple(citations)
