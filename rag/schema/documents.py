"""Documents and their pieces: Document -> Part -> Passage -> Sentence.

All ``start``/``end`` are half-open offsets, in Unicode code points, into the *original* text of the
document as loaded (``Document.text``); all ``text``/``quote`` are cleaned text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

__all__ = [
    "NOWHERE",
    "PICTURE_TYPES",
    "WRAPPED_TYPES",
    "Block",
    "BlockKind",
    "Box",
    "Document",
    "DocumentInfo",
    "Location",
    "Part",
    "Passage",
    "Sentence",
]

BlockKind: TypeAlias = Literal["page", "title", "heading", "sheet", "table", "cell", "slide", "member", "line"]

Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom of a rectangle, as shares of the page's width and height as it is shown."""

PICTURE_TYPES: Final = frozenset({"image/png", "image/jpeg", "image/tiff", "image/bmp", "image/webp"})

WRAPPED_TYPES: Final = frozenset({"text/plain", "text/markdown", "application/pdf"}) | PICTURE_TYPES
"""Kinds of files of which a line may end in the middle of a sentence."""


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a document's text that the file itself sets apart.

    Attributes:
        kind: What it is: a page, a slide; a sheet of a workbook, a table and a cell in it; a heading by its style, and
            the document's title; a member of an archive or an attachment of a message; a line of a page.
        number: Which one of its kind, from 1; of a heading its level, from 1 for the outermost.
        start: First raw offset.
        end: Raw offset behind it.
        name: What people know it by: ``Sheet1`` of a sheet, ``B7`` of a cell, the path of a member; of a line left,
            top, right and bottom in ten-thousandths of the page: ``572 451 9246 624``; else empty.
    """

    kind: BlockKind
    number: int
    start: int
    end: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Location:
    """Where something stands in the file itself, as people find it there.

    Attributes:
        page: The page it begins on, from 1; None where the document has no pages.
        slide: The slide it begins on, from 1; None where there are none.
        sheet: The sheet it stands on; empty where there are none.
        cells: Its cells on that sheet: ``B7``, or ``B7:F7`` from the first to the last one; empty where there are none.
        member: Path of the member of an archive, or name of the attachment; empty where there are none.
        box: The rectangle around it on its page, up to the page's end; None where the file does not tell.
    """

    page: int | None = None
    slide: int | None = None
    sheet: str = ""
    cells: str = ""
    member: str = ""
    box: Box | None = None

    @property
    def label(self) -> str:
        """In one line, outermost first: ``b.xlsx · Sheet1!B7``, ``p. 3``, ``slide 2``; empty where nothing is told."""
        on_sheet = f"{self.sheet}!{self.cells}" if self.sheet and self.cells else self.sheet or self.cells
        page = "" if self.page is None else f"p. {self.page}"
        slide = "" if self.slide is None else f"slide {self.slide}"
        return " · ".join(filter(None, [self.member, on_sheet, page, slide]))

    @classmethod
    def of_record(cls, citation: Mapping[str, Any]) -> Location:
        """The location of a citation as records keep it; older ones told the page alone."""
        kept = dict(citation.get("location") or {"page": citation.get("page")})
        box = kept.pop("box", None)
        return cls(**kept, box=tuple(box) if box else None)


NOWHERE: Final = Location()
"""Where something stands in a file that sets nothing apart."""


@dataclass(frozen=True, slots=True)
class Document:
    """A source file as loaded, before anything was cleaned.

    Attributes:
        source: The file's name, with the folders before it that tell it apart from others; unique within an index.
        text: The whole decoded text, unaltered: what every offset counts in. A form feed begins a new page.
        sha256: Hex digest of the file's bytes.
        n_bytes: Size of the file.
        encoding: How the bytes were decoded, for people; empty where the file is no text.
        media_type: What the file is, as IANA names it.
        blocks: What the file sets apart in its text, by where it begins, the outer one first; those of one kind do not
            overlap.
        notes: What its loader left out or altered, a sentence each.
    """

    source: str
    text: str
    sha256: str
    n_bytes: int
    encoding: str = "utf-8"
    media_type: str = "text/plain"
    blocks: tuple[Block, ...] = ()
    notes: tuple[str, ...] = field(default=(), compare=False)

    @property
    def is_wrapped(self) -> bool:
        """Whether a line may end in the middle of a sentence; elsewhere a line is a paragraph or a row of a table."""
        return self.media_type in WRAPPED_TYPES


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
        path: Where its file stood when it was last seen.
        parts: Its parts, in order.
        n_passages: Passages that can be retrieved.
        n_chars: Length of the original text.
        sha256: Hex digest of the file's bytes.
        added_at: When it was indexed: ISO 8601, UTC.
        copies: Where further files of the same content stood.
        notes: What its loader left out or altered, a sentence each.
    """

    source: str
    path: str
    parts: tuple[Part, ...]
    n_passages: int
    n_chars: int
    sha256: str
    added_at: str
    copies: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

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
