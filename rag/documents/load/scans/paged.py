"""Pages -> a document: a form feed (U+000C) before every page but the first, a block for each page and line. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rag.documents.load.loader import Extracted
from rag.documents.load.scans.reading_order import PageText
from rag.schema.documents import Block

__all__ = ["PAGE_BREAK", "paged", "pages_in_words"]

PAGE_BREAK: Final = "\n\f"
_UNITS: Final = 10_000


def paged(pages: Sequence[PageText], media_type: str, notes: Sequence[str]) -> Extracted:
    """Put pages together; an empty one keeps its number."""
    text = PAGE_BREAK.join(page.text for page in pages)
    return Extracted(text, media_type, blocks=tuple(_blocks(pages)), notes=tuple(notes))


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
