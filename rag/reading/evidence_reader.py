"""Read sentences for a question: evidence -> the spans in it that may answer, with the reader's score of each.

Groups neighbouring sentences into windows behind their headings, reads them, and says of every span which sentence it
stands in. What a score is worth beside everything else that is known of a sentence is not told here
(:mod:`rag.scoring`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from rag.reading.model import Reading, Window, heading_line
from rag.schema.search import Evidence
from rag.text.figures import Figure, find_figures
from rag.text.sentences import join_sentences

__all__ = ["ReadSpan", "SpanReader", "best_of_sentences", "read_evidence"]


WINDOW_SENTENCES: Final = 3


WINDOW_CHARS: Final = 160


FURTHEST_APART: Final = 60
"""Sentences further apart than this many characters of the original are read in windows of their own."""


LONG_SENTENCE_CHARS: Final = 320  # a longer one is read in pieces: the network takes 512 tokens


_COMMA: Final = re.compile(r"[，；;、：]|(?<!\d)[,:]|[,:](?!\d)")  # none inside 1,068 or 10:30


class SpanReader(Protocol):
    """What is needed of :class:`rag.reading.model.Reader`."""

    def read(self, question: str, windows: Sequence[Window], *, limit: int = 4) -> list[Reading]:
        """Read windows for a question; one reading a window, in their order."""


@dataclass(frozen=True, slots=True)
class ReadSpan:
    """A span of evidence that may answer.

    Attributes:
        evidence: The sentence it stands in.
        start: First code point in the sentence's text.
        end: Behind its last; equal to ``start`` where the reader names no span in the sentence.
        score: The reader's score against "not here", in logits.
    """

    evidence: Evidence
    start: int
    end: int
    score: float

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


def read_evidence(question: str, evidence: Sequence[Evidence], *, reader: SpanReader) -> list[ReadSpan]:
    """Find the spans of evidence that may answer, best first.

    Args:
        question: The standalone question, or one of its sides.
        evidence: Sentences in document order.
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
                found.append(ReadSpan(piece.evidence, start, end, span.score))
    return sorted(found, key=lambda one: -one.score)


def best_of_sentences(evidence: Sequence[Evidence], spans: Sequence[ReadSpan]) -> list[ReadSpan]:
    """The best span of each sentence, in the order of the sentences; an empty one where the reader names none.

    Args:
        evidence: The sentences.
        spans: What was read in them, best first.
    """
    best: dict[int, ReadSpan] = {}
    for span in spans:
        best.setdefault(span.evidence.number, span)
    return [best.get(e.number) or ReadSpan(e, 0, 0, float("-inf")) for e in evidence]


def _groups(evidence: Sequence[Evidence]) -> list[list[_Piece]]:
    """Neighbouring sentences of a section, together up to a window's size."""
    groups: list[list[_Piece]] = []
    for piece in (piece for one in evidence for piece in _pieces(one)):
        last = groups[-1][-1].evidence if groups else None
        one = piece.evidence
        fits = (
            last is not None
            and (last.source, last.title, last.heading) == (one.source, one.title, one.heading)
            and one.start - last.end <= FURTHEST_APART
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
