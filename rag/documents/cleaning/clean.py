"""Raw text -> clean text with a map back to the raw text. Pure, idempotent, no IO.

Cleaning only deletes characters and turns odd spaces, and line breaks in mid-sentence, into plain ones; nothing is
rewritten or guessed, so a cleaned quote is a subsequence of the raw text at its offsets (white space apart). The
rules are about kinds of noise (``rag.documents.cleaning.noise``, ``rag.documents.cleaning.pages``), never about a
certain file.

Not covered: noise that reads like prose (an advertisement written in full sentences), tables whose
columns were lost, and text whose lines were shuffled.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rag.documents.cleaning import noise
from rag.documents.cleaning.pages import page_furniture
from rag.documents.cleaning.wrapped_lines import wrapped_lines
from rag.documents.members import stretches_of
from rag.schema.documents import Document
from rag.text.sentences import BETWEEN_CELLS

__all__ = ["CleanText", "clean_document", "clean_text"]

_Span: TypeAlias = tuple[int, int]

ODD_SPACES = (
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t\x0b\x0c"
)
LINE_BREAKS = "\u0085\u2028\u2029"
_PLAIN = str.maketrans(dict.fromkeys(ODD_SPACES, " ") | dict.fromkeys(LINE_BREAKS, "\n"))
_LONE_RETURN = re.compile("\r(?!\n)")


@dataclass(frozen=True, slots=True)
class CleanText:
    """Cleaned text that knows where each of its characters stood.

    Attributes:
        text: The cleaned text.
        offsets: Raw offset of every character, strictly rising. Shape: (len(text),).
    """

    text: str
    offsets: array[int]

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Turn a span of the cleaned text into one of the raw text.

        Args:
            start: First clean offset.
            end: Clean offset behind the span, greater than ``start``.

        Returns:
            The raw span from the first to the last kept character.

        Raises:
            ValueError: The span is empty or outside the text.
        """
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"span {start}-{end} is not inside a text of {len(self.text)} characters")
        return self.offsets[start], self.offsets[end - 1] + 1

    def clean_span(self, start: int, end: int) -> tuple[int, int]:
        """Turn a raw span into the span of the cleaned characters that stand inside it (may be empty)."""
        return bisect_left(self.offsets, start), bisect_left(self.offsets, end)

    def between(self, start: int, end: int) -> str:
        """The cleaned text that stands between two raw offsets."""
        first, last = self.clean_span(start, end)
        return self.text[first:last]


def clean_document(document: Document) -> CleanText:
    """Remove noise from a document, from each file that it holds apart.

    Where its lines are paragraphs of the file's own, none is put to another.
    """
    stretches = stretches_of(document)
    # Other formats have no lines that end in mid-sentence, and their rows are told by their cells alone.
    tables = [block for block in document.blocks if block.kind == "table" and document.is_wrapped]
    if len(stretches) == 1:
        spans = [(block.start, block.end) for block in tables]
        return clean_text(document.text, wrapped=document.is_wrapped, tables=spans)
    texts: list[str] = []
    offsets = array("L")
    for start, end, _ in stretches:
        clean = clean_text(document.text[start:end], wrapped=document.is_wrapped)
        if not clean.text:
            continue
        # What parts it from the next one: the line break that ends the stretch, which cleaning takes away.
        parted = document.text[end - 1] == "\n" and clean.offsets[-1] < end - start - 1
        texts += [clean.text, "\n" if parted else ""]
        offsets.extend(start + at for at in clean.offsets)
        offsets.extend([end - 1] if parted else [])
    return CleanText("".join(texts), offsets)


def clean_text(raw: str, *, wrapped: bool = True, tables: Sequence[_Span] = ()) -> CleanText:
    """Remove noise from a text.

    Args:
        raw: The text as loaded.
        wrapped: Whether a line may end in the middle of a sentence; such lines are put together.
        tables: Where tables stand in a text with such lines: their rows are whole. What stands between the pages of
            one is no row.

    Returns:
        The cleaned text with its map. Cleaning it again changes nothing: the rules run until they find
        no more (removing a marker can bring a doubled heading together), and each round only shortens.
    """
    clean = CleanText(raw, array("L", range(len(raw))))
    furniture = page_furniture(raw)  # before form feeds become spaces like any other
    clean = _delete(clean, (span for span in furniture if not (tables and BETWEEN_CELLS in raw[slice(*span)])))
    while True:
        text = _LONE_RETURN.sub("\n", clean.text.translate(_PLAIN))
        before = text
        clean = CleanText(text, clean.offsets)
        for rule in noise.RULES:
            spans: Iterable[_Span] = rule(clean.text)
            if rule in noise.OF_PROSE and not wrapped:
                spans = _outside_rows(clean.text, spans)
            elif rule in noise.OF_PROSE and tables:
                spans = _outside_rows(clean.text, spans, [clean.clean_span(*table) for table in tables])
            clean = _delete(clean, spans)
        clean = _unwrapped(clean, tables) if wrapped else clean
        if clean.text == before:
            return clean


def _outside_rows(text: str, spans: Iterable[_Span], tables: Sequence[_Span] | None = None) -> list[_Span]:
    """Spans that begin in no row of a table: a column of telephone numbers is no page's footer.

    Args:
        text: The text.
        spans: Spans of it.
        tables: Where rows are; None: anywhere.
    """
    begun = ((text.rfind("\n", 0, start) + 1, start, end) for start, end in spans)
    return [
        (start, end)
        for line, start, end in begun
        if not (_is_row(text, line) and (tables is None or _is_inside(line, tables)))
    ]


def _is_row(text: str, start: int) -> bool:
    end = text.find("\n", start)
    return BETWEEN_CELLS in text[start : end if end >= 0 else len(text)]


def _is_inside(offset: int, spans: Sequence[_Span]) -> bool:
    at = bisect_right(spans, offset, key=lambda span: span[0]) - 1
    return at >= 0 and offset < spans[at][1]


def _unwrapped(clean: CleanText, tables: Sequence[_Span]) -> CleanText:
    """The text with lines that go on in the next one put together, with a space in place of the break or without.

    Rows of tables say nothing of how wide a line is; where a table stood, an empty line is left.
    """
    inside = [clean.clean_span(*table) for table in tables]
    prose = _delete(CleanText(clean.text, array("L", range(len(clean.text)))), inside)
    joins = [(prose.offsets[end], prose.offsets[start], between) for end, start, between in wrapped_lines(prose.text)]
    characters = list(clean.text) if joins else []
    for end, _, between in joins:
        if between:
            characters[end] = between
    spaced = CleanText("".join(characters), clean.offsets) if joins else clean
    return _delete(spaced, [(end, start) for end, start, between in joins if not between])


def _delete(clean: CleanText, spans: Iterable[tuple[int, int]]) -> CleanText:
    keep: list[str] = []
    offsets = array("L")
    position = 0
    for start, end in sorted(spans):
        if start > position:
            keep.append(clean.text[position:start])
            offsets.extend(clean.offsets[position:start])
        position = max(position, end)
    if not position:
        return clean
    keep.append(clean.text[position:])
    offsets.extend(clean.offsets[position:])
    return CleanText("".join(keep), offsets)
