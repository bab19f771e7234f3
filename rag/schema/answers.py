"""The nouns of youju, as frozen dataclasses.

The chain is Document -> Part -> Passage -> Sentence -> Evidence -> Citation -> Answer.
All ``start``/``end`` are half-open offsets, in Unicode code points, into the *original* text of the
document as loaded (``Document.text``); all ``text``/``quote`` are cleaned text. Cleaning only deletes
characters (and turns odd spaces into plain ones), so a quote is a subsequence of what stands at its offsets.

Knows nothing of models, files or storage; behaves only as far as validation and serialisation go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from rag.schema.documents import NOWHERE, Location
from rag.schema.search import Evidence, Retrieved
from rag.text.markers import write_markers
from rag.text.sentences import join_sentences
from rag.text.untrusted import escape_markdown

__all__ = ["Answer", "AnswerSentence", "Citation", "Delta", "Event", "Problem", "Quoted", "Timings", "Withheld"]


@dataclass(frozen=True, slots=True)
class Citation:
    """Marker -> exact span of a document.

    Attributes:
        marker: The number in ``[1]``, from 1, in order of first use.
        source: Name of the document.
        title: Title of the part.
        heading: Heading path inside the part, outermost first.
        start: First raw offset of the quote.
        end: Raw offset behind the quote.
        quote: Cleaned text of the span.
        location: Where it stands in the file itself: page, slide, sheet and cells, member.
    """

    marker: int
    source: str
    title: str
    heading: tuple[str, ...]
    start: int
    end: int
    quote: str
    location: Location = NOWHERE

    @property
    def file(self) -> str:
        """The document, and where in it: ``report.pdf p. 3``, ``table.xlsx Sheet1!B7``."""
        return f"{self.source} {self.location.label}".rstrip()

    @property
    def page(self) -> int | None:
        """The page it begins on, from 1; None where the document has no pages."""
        return self.location.page

    @classmethod
    def of(cls, marker: int, sentence: Evidence) -> Citation:
        """The citation of a whole sentence of evidence."""
        e = sentence
        return cls(marker, e.source, e.title, e.heading, e.start, e.end, e.text, e.location)

    @classmethod
    def of_record(cls, kept: Mapping[str, Any]) -> Citation:
        """A citation as :meth:`Answer.to_dict` writes it, by this version of youju or an earlier one."""
        own = {name: kept[name] for name in ("marker", "source", "title", "start", "end", "quote")}
        return cls(**own, heading=tuple(kept["heading"]), location=Location.of_record(kept))

    def meets(self, place: Citation | Evidence) -> bool:
        """Whether something stands where this does, in part at least."""
        return self.source == place.source and self.start < place.end and place.start < self.end


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """A sentence of the answer with the markers of what supports it.

    Attributes:
        text: The sentence, without markers.
        markers: Markers of its citations; none of a sentence of youju's own ("the documents do not say").
        spans: Where in ``text`` the very answer stands, as half-open spans; known of quotations only.
    """

    text: str
    markers: tuple[int, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()


class Problem(StrEnum):
    """Why citations do not support a sentence of the generator's."""

    NOTHING_CITED = "nothing_cited"
    FIGURE = "figure_not_in_the_citation"
    YEAR = "year_not_of_the_citation"
    WORDING = "wording_not_in_the_citation"


@dataclass(frozen=True, slots=True)
class Withheld:
    """A sentence of the generator's that is not shown, since nothing supports it.

    Attributes:
        problem: What is wrong with it.
        values: Its figures or years that do not stand in what it would cite.
    """

    problem: Problem
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Timings:
    """Wall-clock seconds from the question to each point; None for one that was not reached.

    Attributes:
        retrieve_seconds: Evidence was chosen.
        first_token_seconds: The generator began to write.
        total_seconds: The answer was checked.
        quoted_seconds: The reader's quotation was there.
    """

    retrieve_seconds: float | None = None
    first_token_seconds: float | None = None
    total_seconds: float | None = None
    quoted_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The reply, parsed, checked and cited: every sentence of it is supported by what it cites.

    Attributes:
        question: What the user asked.
        query: What was searched: the standalone question.
        sentences: The answer's sentences; empty where it abstained.
        citations: What the markers stand for, by marker; of an abstention, the closest sentences.
        abstained: True where the documents do not say, or nothing could be shown to be so.
        reason: Why it abstained, in the question's language; empty otherwise.
        notes: What the reader of the answer must know besides, in the question's language: that sentences were
            withheld and why, that the generator reached its limit.
        withheld: The sentences that are not shown.
        cut_off: Whether the generator was stopped by its limit of tokens: the answer may lack its end.
        evidence: The sentences that were shown to the generator.
        timings: Seconds of each stage.
        confidence: The reader's calibrated probability that the evidence holds the answer; None where it did not read.
        reply: The generator's own words, before any check, for inspection.
        error: What went wrong, for batch records; None otherwise.
        question_id: The id in a question set; empty otherwise.
    """

    question: str
    query: str
    sentences: tuple[AnswerSentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    abstained: bool = False
    reason: str = ""
    notes: tuple[str, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    cut_off: bool = False
    evidence: tuple[Evidence, ...] = ()
    timings: Timings = field(default_factory=Timings)
    confidence: float | None = None
    reply: str = ""
    error: str | None = None
    question_id: str = ""

    @classmethod
    def abstention(
        cls,
        question: str,
        query: str,
        reason: str,
        *,
        citations: tuple[Citation, ...] = (),
        evidence: tuple[Evidence, ...] = (),
        confidence: float | None = None,
        reply: str = "",
    ) -> Answer:
        """An answer that says nothing but why, and perhaps cites what comes closest."""
        return cls(
            question=question,
            query=query,
            abstained=True,
            reason=reason,
            citations=citations,
            evidence=evidence,
            confidence=confidence,
            reply=reply,
        )

    @property
    def text(self) -> str:
        """The answer with its markers, e.g. ``新建桥梁12座。[1]``; the reason where it abstained."""
        if not self.sentences:
            return self.reason
        return join_sentences([s.text + write_markers(s.markers) for s in self.sentences])

    def to_dict(self) -> dict[str, Any]:
        """The record that ``youju ask --json`` and ``youju batch`` write."""
        return {
            "id": self.question_id,
            "question": self.question,
            "answer": self.text,
            "abstained": self.abstained,
            "reason": self.reason,
            "notes": list(self.notes),
            "withheld": [asdict(w) | {"values": list(w.values)} for w in self.withheld],
            "cut_off": self.cut_off,
            "confidence": None if self.confidence is None else round(self.confidence, 4),
            "citations": [asdict(c) | {"heading": list(c.heading), "page": c.page} for c in self.citations],
            "timings": asdict(self.timings),
            "error": self.error,
        }

    def __repr__(self) -> str:
        """The answer and its sources as a person reads them."""
        lines = [
            self.text,
            *(f"  ({note})" for note in self.notes),
            *(f"  [{c.marker}] {c.file} {c.start}-{c.end}: {c.quote}" for c in self.citations),
        ]
        return "\n".join(lines)

    def _repr_markdown_(self) -> str:
        """The same for notebooks, with document text escaped."""
        quotes = [
            f"> **[{c.marker}]** {escape_markdown(' › '.join((c.title, *c.heading)))}: {escape_markdown(c.quote)}"
            for c in self.citations
        ]
        notes = [f"*{escape_markdown(note)}*" for note in self.notes]
        return "\n\n".join([escape_markdown(self.text, keep="[]"), *notes, *quotes])


@dataclass(frozen=True, slots=True)
class Delta:
    """More text of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """The instant answer: what the reader quotes while the generator is still to write."""

    answer: Answer


Event: TypeAlias = Retrieved | Quoted | Delta | Answer
"""What a streamed question yields: one Retrieved, at most one Quoted, any number of Delta, one Answer at the end.

The Answer is final: it replaces the streamed text, since checks may withhold a sentence.
"""
