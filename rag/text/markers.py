"""Markers of sources in an answer, ``[1]``: written, found, split at, taken out.

Small models write them in other forms as well (``【1、2】``), which are taken out and no more. What a marker points to
is told by :class:`rag.schema.answers.Citation`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

__all__ = [
    "marked_pieces",
    "marker_numbers",
    "split_at_markers",
    "strip_markers",
    "strip_model_markers",
    "whole_markers",
    "write_markers",
]

_MARKER: Final = re.compile(r"\[(\d{1,3})\]")
_SPACED: Final = re.compile(r"\s*\[\d{1,3}\]")
_PIECE: Final = re.compile(r"(.*?)((?:\[\d{1,3}\])+|$)", re.DOTALL)
_HALF: Final = re.compile(r"\[\d{0,3}\Z")
_MODEL: Final = re.compile(r"\s*[\[［【]+\s*\d{1,3}(?:\s*[,，、-]\s*\d{1,3})*\s*[\]］】]+")
_MODEL_HALF: Final = re.compile(r"\s*[\[［【][\[［【\d\s,，、-]*$")  # what a cut-off generation leaves


def write_markers(numbers: Iterable[int]) -> str:
    """The markers of some sources, side by side.

    >>> write_markers([1, 3])
    '[1][3]'
    """
    return "".join(f"[{number}]" for number in numbers)


def strip_markers(text: str) -> str:
    """The text without markers and the white space before them.

    >>> strip_markers("新建桥梁12座。 [1][2]")
    '新建桥梁12座。'
    """
    return _SPACED.sub("", text)


def strip_model_markers(text: str) -> str:
    """The text without what a model writes for markers, one that is cut off at its end included.

    >>> strip_model_markers("新建桥梁12座【1、2】。维修公路[3")
    '新建桥梁12座。维修公路'
    """
    return _MODEL_HALF.sub("", _MODEL.sub("", text))


def whole_markers(text: str) -> str:
    """Hold back half a marker at the end of streamed text.

    >>> whole_markers("是5。[1"), whole_markers("是5。[1]")
    ('是5。', '是5。[1]')
    """
    return _HALF.sub("", text)


def marker_numbers(text: str) -> list[int]:
    """The numbers of a text's markers, in its order."""
    return [int(number) for number in _MARKER.findall(text)]


def split_at_markers(text: str) -> list[str]:
    """A text in pieces: what stands between markers, and every second one the number of a marker as written.

    >>> split_at_markers("是5。[1]对。")
    ['是5。', '1', '对。']
    """
    return _MARKER.split(text)


def marked_pieces(text: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Pieces of a text, each with the markers that stand behind it."""
    for match in _PIECE.finditer(text):
        yield match[1], tuple(marker_numbers(match[2]))
