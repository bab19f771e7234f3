"""Rows of tables as they are written, ``县：甲县｜小学（人）：1,200``: their cells, and whether a question names one.

Pure. Which cell answers is decided in :mod:`rag.scoring.cells`, what a column comes to in
:mod:`rag.answering.columns`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rag.text.sentences import BEHIND_HEADER, BETWEEN_CELLS
from rag.text.words import simplify
from rag.text.years import find_years, strip_years

__all__ = ["RowCell", "cells_of", "names", "plain_header", "unit_of"]

_LEAST_CHARS: Final = 2  # of a header or a row's name: one character stands in too many questions
_UNIT: Final = re.compile(r"\s*[（(][^（）()]*[）)]\s*$")


@dataclass(frozen=True, slots=True)
class RowCell:
    """A cell of a row.

    Attributes:
        header: What stands over it; empty where nothing does.
        value: What stands in it.
        start: First code point of the value in the row.
        end: Behind its last.
    """

    header: str
    value: str
    start: int
    end: int

    @property
    def text(self) -> str:
        """As the row has it."""
        return f"{self.header}{BEHIND_HEADER}{self.value}"


def cells_of(row: str) -> Iterator[RowCell]:
    """The cells of a row that have a header, in order.

    >>> [(cell.header, cell.value) for cell in cells_of("县：甲县｜小学：1,200")]
    [('县', '甲县'), ('小学', '1,200')]
    """
    start = 0
    for piece in row.split(BETWEEN_CELLS):
        header, behind, value = piece.partition(BEHIND_HEADER)
        if behind:
            begin = start + len(header) + len(behind)
            yield RowCell(header.strip(), value.strip(), begin, begin + len(value))
        start += len(piece) + len(BETWEEN_CELLS)


def plain_header(said: str) -> str:
    """A header or a name as it is compared: simplified, in lower case, without a unit in brackets behind it.

    >>> plain_header("在校學生 小學（人）")
    '在校学生 小学'
    """
    return _UNIT.sub("", simplify(said).lower()).strip()


def unit_of(header: str) -> str:
    """The unit that stands in brackets behind a header; empty where none does."""
    match = _UNIT.search(header)
    return match.group().strip(" （()）") if match else ""


def names(asked: str, said: str) -> bool:
    """Whether a question, simplified, names a header or a name.

    A year in it may stand elsewhere in the question; of headers in two rows both parts must be named.

    >>> names("2031年甲县的学位有多少", "2031年学位（个）"), names("甲县的学位有多少", "2031年学位")
    (True, False)
    """
    plain, asked = plain_header(said), asked.lower()
    if len(plain) < _LEAST_CHARS or plain.isdecimal():
        return False
    if plain.isascii():  # "age" does not name "average"
        return re.search(rf"(?<![a-z0-9]){re.escape(plain)}(?:e?s)?(?![a-z0-9])", asked) is not None
    if plain in asked:
        return True
    years = find_years(plain)
    if not set(years) <= set(find_years(asked)):
        return False
    pieces = (strip_years(plain) if years else plain).split()
    return (len(pieces) > 1 or bool(years)) and all(piece in asked for piece in pieces)
