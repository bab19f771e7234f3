"""Read evidence for each side of a question: evidence -> candidate spans, in scope and out of scope.

Groups neighbouring sentences into windows behind their headings, reads them, and says of every span which sentence it
stands in. Does not decide what is shown (``rag.answering.quotation``), nor between reader and generator
(``rag.answering.arbitration``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from rag.question.analysis import Wording
from rag.question.scope import NamedScope, in_scope
from rag.reading.model import Reading, Window, heading_line
from rag.reading.rescoring import rescore
from rag.schema.search import Evidence
from rag.text.figures import Figure, find_figures
from rag.text.language import detect_language
from rag.text.sentences import join_sentences

__all__ = ["LEAST_PROBABILITY", "CandidateSpan", "Side", "SpanReader", "read_evidence", "read_sides"]

WINDOW_SENTENCES: Final = 3


WINDOW_CHARS: Final = 160


LONG_SENTENCE_CHARS: Final = 320  # a longer one is read in pieces: the network takes 512 tokens


LEAST_PROBABILITY: Final = 0.2
"""Under it the documents are taken not to say (XQuAD, questions that no measure uses: 0.87 of those whose paragraph is
missing are below, 0.17 of the others; dev: all unanswerable questions but one are below, of 18 facts none)."""


LEAST_FOREIGN: Final = 0.3
"""The same for questions in another language than Chinese, which the reader tells less well apart."""


_COMMA: Final = re.compile(r"[，；;、：]|(?<!\d)[,:]|[,:](?!\d)")  # none inside 1,068 or 10:30


class SpanReader(Protocol):
    """What is needed of :class:`rag.reading.model.Reader`."""

    def read(self, question: str, windows: Sequence[Window], *, limit: int = 4) -> list[Reading]:
        """Read windows for a question; one reading a window, in their order."""

    def probability(self, score: float, question: str = "") -> float:
        """Probability that the best of all windows' spans answers, from its score and the question's language."""


@dataclass(frozen=True, slots=True)
class CandidateSpan:
    """A span of evidence that may answer.

    Attributes:
        evidence: The sentence it stands in.
        start: First code point in the sentence's text.
        end: Behind its last.
        score: The reader's score against "not here", weighed by where and how it is said
        (:mod:`rag.reading.rescoring`).
        probability: That it answers, calibrated.
        in_scope: Whether the sentence speaks of the place and year that the question names.
    """

    evidence: Evidence
    start: int
    end: int
    score: float
    probability: float
    in_scope: bool

    @property
    def text(self) -> str:
        """The span."""
        return self.evidence.text[self.start : self.end]

    @property
    def figures(self) -> list[Figure]:
        """Figures of the sentence that lie in the span, in part at least; their offsets are the sentence's."""
        return [f for f in find_figures(self.evidence.text) if f.start < self.end and self.start < f.end]


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


@dataclass(frozen=True, slots=True)
class Side:
    """One thing that a question asks about, and what was found for it.

    Attributes:
        asked: The question about this side alone.
        named: Place and year of this side.
        found: Spans that may answer, in scope, best first.
        out_of_scope: Spans of sentences that are out of scope, best first: never an answer, perhaps the closest thing.
        probability: That the best of them answers, calibrated; 0 where there is none.
        threshold: Under this probability the documents are taken not to say.
    """

    asked: str
    named: NamedScope
    found: tuple[CandidateSpan, ...]
    out_of_scope: tuple[CandidateSpan, ...]
    probability: float
    threshold: float = LEAST_PROBABILITY

    @property
    def best(self) -> CandidateSpan | None:
        """The best span, where it is likely enough to be shown."""
        return self.found[0] if self.found and self.probability >= self.threshold else None


def read_sides(wording: Wording, evidence: Sequence[Evidence], *, reader: SpanReader) -> tuple[Side, ...]:
    """Read evidence for each side that a question compares: asked for both at once, the reader finds neither.

    Args:
        wording: The standalone question, analysed.
        evidence: Sentences in document order.
        reader: The reader.

    Returns:
        The sides in the order of the question; one where it compares nothing.
    """
    read = []
    for asked in wording.sides:
        spans = read_evidence(asked.text, evidence, named=asked.named, reader=reader)
        found, beside = (tuple(one for one in spans if one.in_scope == inside) for inside in (True, False))
        least = LEAST_PROBABILITY if detect_language(asked.text) == "zh" else LEAST_FOREIGN
        read.append(Side(asked.text, asked.named, found, beside, found[0].probability if found else 0.0, least))
    return tuple(read)


def read_evidence(
    question: str, evidence: Sequence[Evidence], *, named: NamedScope, reader: SpanReader
) -> list[CandidateSpan]:
    """Find the spans of evidence that may answer, best first; what is out of scope comes last.

    Args:
        question: The standalone question.
        evidence: Sentences in document order.
        named: Places and years that the question names.
        reader: The reader.
    """
    windows = [_window(pieces) for pieces in _groups(evidence)]
    readings = reader.read(question, [window for window, _ in windows])
    best = max((one.score for one in evidence), default=0.0)
    found = []
    for (_, pieces), reading in zip(windows, readings, strict=True):
        for span in reading.spans:
            piece = next(p for p in reversed(pieces) if p.start <= span.start)
            start, end = (min(at, piece.end) - piece.start + piece.offset for at in (span.start, span.end))
            if start < end:
                e = piece.evidence
                score = span.score + rescore(question, e, e.text[start:end], best=best)
                found.append(
                    CandidateSpan(e, start, end, score, reader.probability(score, question), in_scope(e, named))
                )
    return sorted(found, key=lambda one: (not one.in_scope, -one.score))


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
