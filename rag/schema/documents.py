"""Documents and their pieces: Document -> Part -> Passage -> Sentence.

All ``start``/``end`` are half-open offsets, in Unicode code points, into the *original* text of the
document as loaded (``Document.text``); all ``text``/``quote`` are cleaned text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Block", "Document", "DocumentInfo", "Part", "Passage", "Sentence"]


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a document's text that the file itself sets apart.

    Attributes:
        kind: What it is.
        number: Which one of its kind, from 1.
        start: First raw offset.
        end: Raw offset behind it.
    """

    kind: Literal["page"]
    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Document:
    """A source file as loaded, before anything was cleaned.

    Attributes:
        source: The file's name; unique within an index.
        text: The whole decoded text, unaltered: what every offset counts in. A form feed begins a new page.
        sha256: Hex digest of the file's bytes.
        n_bytes: Size of the file.
        encoding: How the bytes were decoded, for people; empty where the file is no text.
        media_type: What the file is, as IANA names it.
        blocks: What the file sets apart in its text, in order; none where it has no pages.
    """

    source: str
    text: str
    sha256: str
    n_bytes: int
    encoding: str = "utf-8"
    media_type: str = "text/plain"
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a document that speaks for one issuer and one period.

    Most documents have one part; a scrape that holds several reports has one for each.
    Facts the text does not tell are empty, never guessed.

    Attributes:
        title: The part's own title.
        issuer: The body that speaks, e.g. an education bureau.
        place: The place it speaks of, without the generic suffix's duties (``X市``, ``X区``).
        years: Years the part reports on or plans for, ascending.
        date: ISO date of publication, if told.
        start: First raw offset of the part.
        end: Raw offset behind the part.
    """

    title: str
    issuer: str
    place: str
    years: tuple[int, ...]
    date: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage: the unit that is shown to the generator and cited.

    Attributes:
        text: Cleaned text.
        start: First raw offset.
        end: Raw offset behind the sentence.
    """

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit that is embedded and retrieved: consecutive sentences of one section.

    Attributes:
        passage_id: Key in the store; -1 before it is stored.
        source: Name of the document.
        title: Title of the part.
        place: Place of the part.
        years: Years of the part.
        heading: Heading path inside the part, outermost first.
        section: Ordinal of the section in its document, so that a section can be had whole.
        ordinal: Position of the passage in its document, from 0.
        text: Cleaned text.
        start: First raw offset.
        end: Raw offset behind the passage.
        sentences: The passage's sentences in order.
    """

    passage_id: int
    source: str
    title: str
    place: str
    years: tuple[int, ...]
    heading: tuple[str, ...]
    section: int
    ordinal: int
    text: str
    start: int
    end: int
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """What a list of documents shows.

    Attributes:
        source: The document's name in the index.
        path: Where its file stood when it was indexed.
        parts: Its parts, in order.
        n_passages: Passages that can be retrieved.
        n_chars: Length of the original text.
        sha256: Hex digest of the file's bytes.
        added_at: When it was indexed: ISO 8601, UTC.
    """

    source: str
    path: str
    parts: tuple[Part, ...]
    n_passages: int
    n_chars: int
    sha256: str
    added_at: str

    @property
    def titles(self) -> tuple[str, ...]:
        """Titles of its parts, in order."""
        return tuple(part.title for part in self.parts)

    @property
    def places(self) -> tuple[str, ...]:
        """Places its parts speak of, each once, in order."""
        return tuple(dict.fromkeys(part.place for part in self.parts if part.place))

    @property
    def years(self) -> tuple[int, ...]:
        """Years its parts speak of, ascending."""
        return tuple(sorted({year for part in self.parts for year in part.years}))
