"""The lines of a text, and which of them go on in the next one: a text that was wrapped at a fixed width.

Pure. Not covered: texts of one or two wrapped lines, which do not show their width.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from rag.text.numbering import BEGINS_ITEM
from rag.text.unicode import HAN

__all__ = ["CLOSERS", "END", "WIDE", "Line", "Spans", "lines_of", "paragraphs_of", "wrapped_lines"]

Spans: TypeAlias = Iterator[tuple[int, int]]
"""Where something begins and ends, one after the other."""

WIDE = HAN + r"\u3000-\u303f\uff00-\uffef“”‘’…—"
END = "。！？!?…；;：:"  # a line that ends so is whole
CLOSERS = "”’\"')）]】》」』"


class Line(NamedTuple):
    """A line with its span, the line break left out."""

    start: int
    end: int
    text: str


def lines_of(text: str) -> list[Line]:
    """Split a text into lines."""
    lines, start = [], 0
    for piece in text.split("\n"):
        lines.append(Line(start, start + len(piece), piece))
        start += len(piece) + 1
    return lines


LONG_LINE = 15  # characters
SLACK = 6  # columns: three Chinese characters, of which two are the indent that a text from a PDF has lost
MAX_MEASURE = 240
WIDE_CHARACTER = re.compile(f"[{WIDE}]")
# Marks never stand at the beginning of a line, nor opening ones at its end (GB/T 15834-2011, 5.1).
FIRST_WORD = re.compile(rf"\s*[“‘（《「『【(]*(?:[{WIDE}]|[^\s{WIDE}]+)[，。、；：！？”’）》」』】％%,.;:!?)]*")
HYPHEN_END = re.compile(r"[^\W\d_]-$")
ENDS_OPEN = re.compile(r"(?:[^\W_]['\u2019]?|[,%)-])$")
BEGINS_OPEN = re.compile(r"[a-zà-öø-ÿ(]|[A-Z][a-z]|\d[\d,.]* [a-z]")
LABEL = re.compile(rf"\s*[{HAN}]{{2,8}}\s*[:：]")


def wrapped_lines(text: str) -> Iterator[tuple[int, int, str]]:
    """Find line breaks in mid-sentence, in texts that were wrapped at a fixed width.

    Yields:
        Where a line ends, where the next one begins, and what belongs between them: nothing or a space.
    """
    for line, following in _wrapped(text):
        if _needs_no_space(line.text, following.text):
            yield line.end, following.start, ""
        elif _reads_on(line.text, following.text):
            yield line.end, following.start, " "


def _wrapped(text: str) -> Iterator[tuple[Line, Line]]:
    """Find lines that go on in the next one, in a text that was wrapped at a fixed width.

    Such a text shows itself: most of its lines are about as wide as its widest ones and stop without a
    mark. One break in a text that is not wrapped is left alone: it may end a title or a table row.
    """
    lines = lines_of(text)
    full = [(line, _width_of(line.text)) for line in lines if len(line.text) >= LONG_LINE]
    if len(full) < 4:
        return
    measure = _measure_of([width for _, width in full])
    open_ended = [(line, width) for line, width in full if not _is_whole(line.text)]
    near = [line for line, width in open_ended if abs(width - measure) <= SLACK]
    if measure > MAX_MEASURE or 2 * len(near) < len(full):
        return
    wrapped = {line for line, width in open_ended if width <= measure + SLACK}
    for line, following in pairwise(lines):
        goes_on = following.text.strip() and not _starts_block(following.text)
        # Where the next line's first word had fitted, the break was meant.
        if (
            line in wrapped
            and goes_on
            and _width_of(line.text) + _width_of(_first_word(following.text)) > measure - SLACK
        ):
            yield line, following


def _starts_block(line: str) -> bool:
    """Whether a line begins an item of a list, a numbered heading or what a label announces."""
    return bool(BEGINS_ITEM.match(line) or LABEL.match(line))


def _measure_of(widths: Sequence[int]) -> int:
    """The width to which most lines were wrapped: the middle of the stretch that holds most of them."""
    counts = Counter(widths)

    def n_alike(width: int) -> int:
        return sum(counts[width - less] for less in range(2 * SLACK + 1))

    return max(counts, key=lambda width: (n_alike(width), -width)) - SLACK


def _is_whole(line: str) -> bool:
    """Whether a line ends as a sentence or an item of a list does."""
    return line.rstrip(CLOSERS).endswith(tuple(END))


def _needs_no_space(line: str, following: str) -> bool:
    """Whether two lines are put together without a space between them."""
    chinese = re.search(rf"[{WIDE}]\s*$", line) or re.match(rf"\s*[{WIDE}]", following)
    return bool(chinese or (HYPHEN_END.search(line) and re.match("[a-z]", following)))


def _reads_on(line: str, following: str) -> bool:
    """Whether a line of a Western language stops in mid-sentence: rows of a log or a table begin anew."""
    return bool(ENDS_OPEN.search(line.rstrip()) and BEGINS_OPEN.match(following.lstrip()))


def _width_of(text: str) -> int:
    """Width of a text in half-width columns: a Chinese character or mark takes two."""
    return len(text) + len(WIDE_CHARACTER.findall(text))


def _first_word(text: str) -> str:
    """What could not be parted from the beginning of a line: a Chinese character, or a word."""
    found = FIRST_WORD.match(text)
    return found.group() if found else ""


def paragraphs_of(text: str) -> Iterator[str]:
    """The paragraphs of a text that may be wrapped: lines that go on in the next one are put together."""
    start = 0
    joined = ""
    for end, following, between in (*wrapped_lines(text), (len(text), len(text), "")):
        lines = text[start:end].split("\n")
        for line in lines[:-1]:
            yield joined + line
            joined = ""
        joined += lines[-1] + between
        start = following
    yield joined
