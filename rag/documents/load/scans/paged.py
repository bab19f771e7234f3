"""Pages -> a document: a form feed (U+000C) before every page but the first, a block for each page and line. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from rag.documents.load.loader import Extracted
from rag.documents.load.scans.reading_order import PageText
from rag.documents.styles import TABLE_LEVEL
from rag.schema.documents import Block

__all__ = ["PAGE_BREAK", "paged", "pages_in_words"]

PAGE_BREAK: Final = "\n\f"
_UNITS: Final = 10_000


def paged(pages: Sequence[PageText], media_type: str, notes: Sequence[str]) -> Extracted:
    """Put pages together; an empty one keeps its number."""
    text = PAGE_BREAK.join(page.text for page in pages)
    return Extracted(text, media_type, blocks=(*_blocks(pages), *_tables(pages)), notes=tuple(notes))


def _blocks(pages: Sequence[PageText]) -> Iterator[Block]:
    start = 0
    for number, page in enumerate(pages, start=1):
        # A page begins with its form feed and ends before the next one; the line break before that is its own.
        end = start + len(page.text) + (len(PAGE_BREAK) - 1 if number < len(pages) else 0)
        yield Block("page", number, max(0, start - 1), end)
        for line, (first, last, box) in enumerate(page.lines, start=1):
            place = " ".join(str(round(side * _UNITS)) for side in box)
            yield Block("line", line, start + first, start + last, place)
        start += len(page.text) + len(PAGE_BREAK)


def _tables(pages: Sequence[PageText]) -> list[Block]:
    """The tables, one that goes on over pages as one, and their titles."""
    start, number = 0, 0
    blocks: list[Block] = []
    last = -1
    for page in pages:
        for table in page.tables:
            if table.goes_on and last >= 0:
                blocks[last] = replace(blocks[last], end=start + table.end)
                continue
            number, last = number + 1, len(blocks)
            blocks.append(Block("table", number, start + table.start, start + table.end))
            if table.title:
                blocks.append(Block("heading", TABLE_LEVEL, start + table.title[0], start + table.title[1]))
        start += len(page.text) + len(PAGE_BREAK)
    return blocks


def pages_in_words(numbers: Sequence[int], n_pages: int) -> str:
    """Which pages of how many, as the subject of a sentence.

    >>> pages_in_words([4], 7), pages_in_words([1, 2, 3, 6], 9)
    ('page 4 of 7', 'pages 1-3, 6 of 9')
    """
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][-1] + 1:
            ranges[-1].append(number)
        else:
            ranges.append([number])
    named = [str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in ranges]
    return f"page{'s' if len(numbers) > 1 else ''} {', '.join(named)} of {n_pages}"
