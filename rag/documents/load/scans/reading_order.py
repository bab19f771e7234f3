"""Lines that were recognized on a page -> the page's text, as people read it: skew taken out, columns one by one. Pure.

Not covered: text that runs down the page, lines around a picture, more than skew of some degrees.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple, TypeAlias

__all__ = ["Box", "PageTable", "PageText", "Piece", "page_text"]

Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right, bottom."""

# Set on 10 pages of two columns and of tables that the tests make.
SAME_ROW = 0.5  # of a line's height, between the middles of two pieces of one line
GAP = 1.0  # of a line's height, between columns
COLUMN_LINES = 4  # at the least, in each of two columns
COLUMN_WIDTH = 8.0  # of a line's height, at the least; cells of a table are shorter
FULL_LINES = 0.5  # of a column's lines that are nearly as wide as it; those of a table's column are not
NEARLY = 0.8


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one line.

    Attributes:
        text: Its characters.
        corners: x and y of its corners as shares of the page, from the top left one clockwise.
    """

    text: str
    corners: tuple[tuple[float, float], ...]

    @property
    def box(self) -> Box:
        """The rectangle around it."""
        xs, ys = zip(*self.corners, strict=True)
        return min(xs), min(ys), max(xs), max(ys)


class PageTable(NamedTuple):
    """A table in the text of a page, a line a row.

    Attributes:
        start: Where it begins.
        end: Where it ends.
        title: Start and end of its title; None where it has none.
        goes_on: Whether it goes on with the last table of the page before it.
    """

    start: int
    end: int
    title: tuple[int, int] | None = None
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of a page.

    Attributes:
        text: Its lines.
        lines: Of each piece its start and end in the text, and its box as shares of the page.
        tables: The tables in it.
    """

    text: str
    lines: tuple[tuple[int, int, Box], ...] = ()
    tables: tuple[PageTable, ...] = ()


@dataclass(frozen=True, slots=True)
class _Placed:
    """A piece with its rectangle in pixels, the page's skew taken out."""

    piece: Piece
    left: float
    right: float
    middle: float
    height: float


def page_text(pieces: Sequence[Piece], *, width: float, height: float) -> PageText:
    """Put the pieces of a page in order.

    Args:
        pieces: In any order.
        width: Of the page, in any unit.
        height: Of the page, in the same unit.
    """
    placed = _upright([piece for piece in pieces if piece.text.strip()], width, height)
    text, lines = "", []
    for row in _in_order(placed):
        for number, each in enumerate(row):
            text += " " if number else "\n" if text else ""
            lines.append((len(text), len(text) + len(each.piece.text), each.piece.box))
            text += each.piece.text
    return PageText(text, tuple(lines))


def _upright(pieces: Sequence[Piece], width: float, height: float) -> list[_Placed]:
    """Turn a page by the angle at which most of its text, by length, stands."""
    corners = [[(x * width, y * height) for x, y in piece.corners] for piece in pieces]
    angles = sorted((math.atan2(b[1] - a[1], b[0] - a[0]), math.dist(a, b)) for a, b, *_ in corners)
    half, angle = sum(length for _, length in angles) / 2, 0.0
    for angle, length in angles:  # noqa: B007 - the one at which the sum passes a half
        half -= length
        if half <= 0:
            break
    cos, sin = math.cos(angle), math.sin(angle)
    placed = []
    for piece, points in zip(pieces, corners, strict=True):
        xs = [x * cos + y * sin for x, y in points]
        ys = [y * cos - x * sin for x, y in points]
        placed.append(_Placed(piece, min(xs), max(xs), (min(ys) + max(ys)) / 2, max(ys) - min(ys)))
    return placed


def _in_order(placed: Sequence[_Placed]) -> Iterator[list[_Placed]]:
    """The rows of a page, those of a left column before those of the column beside it."""
    rows = _rows(placed)
    start = 0
    while start < len(rows):
        end, at = _columns_from(rows, start)
        if at is None:
            yield rows[start]
            start += 1
            continue
        band = [each for row in rows[start:end] for each in row]
        yield from _in_order([each for each in band if each.left < at])
        yield from _in_order([each for each in band if each.left >= at])
        start = end


def _rows(placed: Sequence[_Placed]) -> list[list[_Placed]]:
    """Pieces that stand on one line, from left to right; the lines from the top down."""
    rows: list[list[_Placed]] = []
    for each in sorted(placed, key=lambda one: one.middle):
        row = rows[-1] if rows else []
        if row and each.middle - row[0].middle <= SAME_ROW * min(each.height, row[0].height):
            row.append(each)
        else:
            rows.append([each])
    return [sorted(row, key=lambda one: one.left) for row in rows]


def _columns_from(rows: Sequence[Sequence[_Placed]], start: int) -> tuple[int, float | None]:
    """The end of the rows from ``start`` on that one gap parts, and where; None where they are no columns."""
    seen: list[_Placed] = []
    end, at = start, None
    for number in range(start, len(rows)):
        seen.extend(rows[number])
        gap = _gap(seen)
        if gap is None and (at is not None or len(rows[number]) > 1):
            break
        end, at = number + 1, gap
    band = [each for row in rows[start:end] for each in row]
    if at is None or not all(
        _is_column([each for each in band if (each.left < at) == is_left]) for is_left in (True, False)
    ):
        return start, None
    return end, at


def _gap(placed: Sequence[_Placed]) -> float | None:
    """Where the right part begins behind the widest stretch that no piece touches; None where there is no gap."""
    height = median(each.height for each in placed)
    widest, at, right = GAP * height, None, math.inf
    for each in sorted(placed, key=lambda one: one.left):
        if each.left - right >= widest:
            widest, at = each.left - right, each.left
        right = each.right if right == math.inf else max(right, each.right)
    return at


def _is_column(placed: Sequence[_Placed]) -> bool:
    """Whether pieces are the lines of a column of text and not the cells of a table."""
    if len(placed) < COLUMN_LINES:
        return False
    width = max(each.right for each in placed) - min(each.left for each in placed)
    full = sum(each.right - each.left >= NEARLY * width for each in placed)
    return width >= COLUMN_WIDTH * median(each.height for each in placed) and full >= FULL_LINES * len(placed)
