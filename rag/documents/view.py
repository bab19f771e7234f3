"""Lay a document out for reading: its raw text in pieces, headings and removed text apart.

Made of what chunking is made of (``rag.documents.cleaning.clean``, ``rag.documents.structure``), so that the headings
are those of the passages and the noise is what no quote holds. Pure; knows nothing of HTML.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, TypeAlias

import numpy as np

from rag.documents.cleaning.clean import CleanText, clean_document
from rag.documents.cleaning.pages import page_at, page_breaks
from rag.documents.structure import split_document, split_sections
from rag.documents.styles import styles_of
from rag.schema.documents import Document, Part

__all__ = ["DocumentView", "OutlineItem", "Piece", "PieceKind", "document_view"]

PieceKind: TypeAlias = Literal["text", "noise", "heading"]
Spans: TypeAlias = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class OutlineItem:
    """A line of the outline: a part where there are several, or a heading.

    Attributes:
        title: The part's title or the heading, with numbering, without end marks.
        level: Depth from 1; a part's headings are one deeper than the part.
        start: Raw offset at which it begins.
    """

    title: str
    level: int
    start: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of raw text of one kind.

    Attributes:
        start: First raw offset.
        end: Raw offset behind it.
        text: The raw text, unaltered.
        kind: "noise" is what cleaning removes, white space included; "heading" is text that is a heading.
        item: Position in the outline of the heading that the piece belongs to, also where it is noise inside one;
            -1 elsewhere.
    """

    start: int
    end: int
    text: str
    kind: PieceKind
    item: int = -1


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document laid out for reading.

    Attributes:
        source: Name of the document.
        n_chars: Length of its raw text.
        parts: Its parts, in order.
        pieces: The raw text, every character in exactly one piece, in order. A piece begins wherever an item of the
            outline or a page does.
        outline: Parts (where there are several) and headings, in order.
        page_breaks: Raw offsets of the form feeds; the first page begins before them all.
    """

    source: str
    n_chars: int
    parts: tuple[Part, ...]
    pieces: tuple[Piece, ...]
    outline: tuple[OutlineItem, ...]
    page_breaks: tuple[int, ...] = ()

    def page_at(self, offset: int) -> int | None:
        """The page that an offset stands on, from 1; None where the document has no pages."""
        return page_at(self.page_breaks, offset)

    def between(self, start: int, end: int) -> list[Piece]:
        """The pieces of a stretch of raw text, the outer ones cut to it."""
        first = max(0, bisect_right(self.pieces, start, key=lambda piece: piece.start) - 1)
        found = []
        for position in range(first, len(self.pieces)):
            piece = self.pieces[position]
            if piece.start >= end:
                break
            left, right = max(start, piece.start), min(end, piece.end)
            if left < right:
                text = piece.text[left - piece.start : right - piece.start]
                found.append(piece if text == piece.text else replace(piece, start=left, end=right, text=text))
        return found

    def part_at(self, offset: int) -> Part | None:
        """The part that an offset stands in, or the last one before it; None where there is none."""
        position = bisect_right(self.parts, offset, key=lambda part: part.start)
        return self.parts[max(0, position - 1)] if self.parts else None

    def path_at(self, offset: int) -> tuple[int, ...]:
        """Positions in the outline of what an offset stands under, outermost first."""
        position = bisect_right(self.outline, offset, key=lambda item: item.start) - 1
        path: list[int] = []
        for at in range(position, -1, -1):
            level = self.outline[at].level
            if not path or level < self.outline[path[-1]].level:
                path.append(at)
            if level == 1:
                break
        return tuple(reversed(path))


def document_view(document: Document, parts: Sequence[Part], *, clean: CleanText | None = None) -> DocumentView:
    """Lay out a document for reading.

    Args:
        document: The document as loaded.
        parts: Its parts, as chunking found them.
        clean: Its cleaned text, where the caller has it already: to clean is most of the work.

    Returns:
        The pieces, which join to the raw text, and the outline.
    """
    clean = clean or clean_document(document)
    outline, headings = _outline(document, clean, parts)
    pages = page_breaks(document.text)
    starts = [*(item.start for item in outline), *(at + 1 for at in pages)]
    pieces = tuple(_pieces(document.text, _removed(document.text, clean), headings, starts))
    return DocumentView(document.source, len(document.text), tuple(parts), pieces, tuple(outline), pages)


def _outline(
    document: Document, clean: CleanText, parts: Sequence[Part]
) -> tuple[list[OutlineItem], dict[int, tuple[int, int]]]:
    """The outline, and of each item that is a heading the raw span of its text.

    A paragraph that only begins with a number is found under that number, but it has no heading of its own.
    """
    styles = styles_of(document, clean)
    outline: list[OutlineItem] = []
    headings: dict[int, tuple[int, int]] = {}
    titles = {part.start: part.title for part in parts}
    for span in split_document(document, clean):
        text = clean.text[span.start : span.end]
        if not text.strip():
            continue
        begin = clean.offsets[span.start + len(text) - len(text.lstrip())]
        if len(parts) > 1:
            outline.append(OutlineItem(titles.get(begin) or span.title, 1, begin))
        for section in split_sections(clean.text, span.start, span.end, styles=styles):
            if not section.heading:
                continue
            if section.breaks:
                heading = clean.text[section.start : section.breaks[0]].rstrip()
                headings[len(outline)] = clean.raw_span(section.start, section.start + len(heading))
            level = len(section.heading) + (len(parts) > 1)
            outline.append(OutlineItem(section.heading[-1], level, clean.offsets[section.start]))
    return outline, headings


def _removed(raw: str, clean: CleanText) -> Spans:
    r"""The raw spans that cleaning removes; the ``\r`` of a ``\r\n`` that stays is left with its line break."""
    kept = np.concatenate(([-1], np.asarray(clean.offsets, np.int64), [len(raw)]))
    spans = []
    for gap in np.flatnonzero(np.diff(kept) > 1):
        start, end = int(kept[gap]) + 1, int(kept[gap + 1])
        if raw[end - 1 : end + 1] == "\r\n":
            end -= 1
        if start < end:
            spans.append((start, end))
    return spans


def _pieces(raw: str, removed: Spans, headings: dict[int, tuple[int, int]], starts: Sequence[int]) -> Iterator[Piece]:
    """Cut the raw text wherever its kind changes or an item of the outline begins."""
    cuts = {0, len(raw), *starts}
    cuts.update(cut for spans in (removed, headings.values()) for span in spans for cut in span)
    noise, titles = iter([*removed, (len(raw), len(raw))]), iter([*headings.items(), (-1, (len(raw), len(raw)))])
    gone, (item, title) = next(noise), next(titles)
    for start, end in pairwise(sorted(cuts)):
        while gone[1] <= start:
            gone = next(noise)
        while title[1] <= start:
            item, title = next(titles)
        inside = item if title[0] <= start else -1
        kind: PieceKind = "noise" if gone[0] <= start else "heading" if inside >= 0 else "text"
        yield Piece(start, end, raw[start:end], kind, inside)
