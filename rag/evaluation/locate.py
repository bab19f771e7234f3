"""Where a quote stands in raw texts: gold quotes were taken from other extractions of the same documents.

Whitespace, width and case are passed over. A quote that noise cuts (page marks, a spliced domain name) is followed
across gaps; the cells of a row are found in a line that has their headers between them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple, TypeAlias

from rag.text.unicode import compatible

__all__ = ["Locate", "make_locator", "squeeze"]

Locate: TypeAlias = Callable[[str, str], Sequence[tuple[str, int, int]]]
"""Start of a file name, quote -> every (source, start, end) where it stands, in raw offsets."""

LONGEST_GAP: Final = 60  # characters of noise inside a gold quote


def make_locator(texts: Mapping[str, str]) -> Locate:
    """Build a finder of quotes over the raw texts of the documents.

    Args:
        texts: Raw text by source.

    Returns:
        A finder that ignores whitespace, width and case, and follows a quote across noise of at most 60
        characters where it does not stand there in one piece. Pieces of a quote that tabs or spaces part, as cells
        of a row, are found where they stand in this order in one line.
    """
    squeezed = {source: squeeze(text) for source, text in texts.items()}
    lines = cache(lambda source: tuple(_lines(texts[source])))

    def locate(prefix: str, quote: str) -> list[tuple[str, int, int]]:
        wanted = squeeze(quote)[0]
        named = [source for source in squeezed if wanted and source.startswith(prefix)]
        found = []
        for source in named:
            text, offsets = squeezed[source]
            found += [(source, offsets[a], offsets[b - 1] + 1) for a, b in _places(text, wanted)]
        pieces = [_whole(squeeze(piece)[0]) for piece in quote.split()]
        if found or len(pieces) < 2:
            return found
        return [(source, *span) for source in named for line in lines(source) if (span := _in_line(line, pieces))]

    return locate


def squeeze(text: str) -> tuple[str, list[int]]:
    """Text without whitespace, and the offset of each character left."""
    chars: list[str] = []
    offsets: list[int] = []
    for i, char in enumerate(text):
        for plain in compatible(char).casefold():
            if not plain.isspace():
                chars.append(plain)
                offsets.append(i)
    return "".join(chars), offsets


class _Line(NamedTuple):
    """A line without whitespace: its characters, their raw offsets."""

    text: str
    offsets: list[int]


def _lines(text: str) -> Iterator[_Line]:
    start = 0
    for line in text.splitlines(keepends=True):
        plain, offsets = squeeze(line)
        yield _Line(plain, [start + offset for offset in offsets])
        start += len(line)


def _whole(piece: str) -> re.Pattern[str]:
    """A piece of a quote; a number in it is no part of a longer one."""
    before, after = (r"(?<!\d)" if piece[:1].isdigit() else ""), (r"(?!\d)" if piece[-1:].isdigit() else "")
    return re.compile(before + re.escape(piece) + after)


def _in_line(line: _Line, pieces: Sequence[re.Pattern[str]]) -> tuple[int, int] | None:
    """From the first to the last piece, where all of them stand in this order in a line."""
    first = found = pieces[0].search(line.text)
    for piece in pieces[1:]:
        found = piece.search(line.text, found.end()) if found else None
    return (line.offsets[first.start()], line.offsets[found.end() - 1] + 1) if first and found else None


def _places(text: str, wanted: str) -> list[tuple[int, int]]:
    exact = [(m.start(), m.start() + len(wanted)) for m in re.finditer(f"(?={re.escape(wanted)})", text)]
    if exact:
        return exact
    starts = (m.start() for m in re.finditer(re.escape(wanted[:6]), text))
    return [(start, end) for start in starts if (end := _follow(text, start, wanted))]


def _follow(text: str, position: int, wanted: str) -> int:
    """Where a quote ends that begins here and may be cut by noise; 0 where it does not go on."""
    done = 0
    while done < len(wanted):
        if text[position : position + 1] != wanted[done]:
            position = text.find(wanted[done : done + 4], position, position + LONGEST_GAP)
            if position < 0:
                return 0
        position, done = position + 1, done + 1
    return position
