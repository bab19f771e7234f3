"""The pages of a text: a form feed (U+000C) begins each but the first, as in the text of a PDF file.

What stands between the text of two pages is noise: page numbers, running heads and feet. Pure.

Not covered: notes at the foot of a page, and heads that change with the chapter.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import TypeAlias

from rag.documents.cleaning.wrapped_lines import Line, Spans, lines_of
from rag.schema.documents import Block

__all__ = ["page_at", "page_blocks", "page_breaks", "page_furniture"]

# Numbers that nothing else looks like; a bare one must count up with the pages.
PAGE_NUMBER = re.compile(
    r"\s*(?:[-\u2010-\u2015－·]+\s*\d{1,4}\s*[-\u2010-\u2015－·]+|第\s*\d{1,4}\s*页(?:\s*[,，/／]?\s*共\s*\d+\s*页)?"
    r"|(?:Page|p\.)\s*\d+(?:\s*(?:of|/)\s*\d+)?)\s*",
    re.IGNORECASE,
)
MOST_CHARS = 100  # of a line that may be furniture
EDGE_LINES = 3  # of a page, at its top and bottom, that may be furniture
SAME_ON = 2  # pages, of a line that says the same; a third of all pages
COUNTING_ON = 3  # pages, of a line whose number counts up with them; two where it is nothing but the number

Key: TypeAlias = tuple[bool, str, int | None]


def page_breaks(text: str) -> tuple[int, ...]:
    """Offsets of the form feeds; the first page begins before them all."""
    return tuple(match.start() for match in re.finditer("\f", text))


def page_blocks(text: str) -> tuple[Block, ...]:
    """The pages of a text, each from its form feed on; none where there is no form feed."""
    breaks = page_breaks(text)
    starts, ends = (0, *breaks), (*breaks, len(text))
    pages = [Block("page", n, start, end) for n, (start, end) in enumerate(zip(starts, ends, strict=True), 1)]
    return tuple(pages) if breaks else ()


def page_at(breaks: Sequence[int], offset: int) -> int | None:
    """The page that an offset stands on, from 1; None where there are no pages."""
    return bisect_right(breaks, offset) + 1 if breaks else None


def page_furniture(text: str) -> Spans:
    """Find page numbers, running heads and running feet of a text with form feeds.

    A line at the edge of a page is one where it is a page number, where it stands at that edge of other pages too, or
    where it does so with a number that counts up with them.
    """
    pages = _page_spans(text)
    if len(pages) < 2:
        return
    edges = [
        (number, bottom, _edge(text, start, end, bottom=bottom))
        for number, (start, end) in enumerate(pages)
        for bottom in (False, True)
    ]
    seen: Counter[Key] = Counter()
    for number, bottom, lines in edges:
        seen.update({key for line in lines for key in _keys(line.text, number, bottom)})
    for number, bottom, lines in edges:
        start, end = pages[number]
        for line in lines:
            if not _is_furniture(line.text, number, bottom, seen, len(pages)):
                break
            # with the line break between it and the text
            yield (max(start, line.start - 1), line.end) if bottom else (line.start, min(line.end + 1, end))


def _keys(line: str, page: int, bottom: bool) -> Iterator[Key]:
    """What a line has in common with its likes on other pages: all of it, or all but a number that counts up."""
    squeezed = re.sub(r"\s+", "", line)
    yield bottom, squeezed, None
    for match in re.finditer(r"(?<!\d)\d{1,4}(?!\d)", squeezed):
        yield bottom, f"{squeezed[: match.start()]}#{squeezed[match.end() :]}", int(match.group()) - page


def _is_furniture(line: str, page: int, bottom: bool, seen: Counter[Key], n_pages: int) -> bool:
    if PAGE_NUMBER.fullmatch(line):
        return True
    for key in _keys(line, page, bottom):
        same = key[2] is None
        least = max(SAME_ON, n_pages // 3) if same else SAME_ON if key[1] == "#" else COUNTING_ON
        if seen[key] >= least:
            return True
    return False


def _page_spans(text: str) -> list[tuple[int, int]]:
    """Where each page begins and ends, the form feeds left out."""
    breaks = page_breaks(text)
    return list(zip([0, *(at + 1 for at in breaks)], [*breaks, len(text)], strict=True))


def _edge(text: str, start: int, end: int, *, bottom: bool) -> list[Line]:
    """The first or last short lines of a page that hold anything, from its edge inwards."""
    page = [Line(start + line.start, start + line.end, line.text) for line in lines_of(text[start:end])]
    filled = [line for line in (reversed(page) if bottom else page) if line.text.strip()]
    return list(takewhile(lambda line: len(line.text) <= MOST_CHARS, filled[:EDGE_LINES]))
