"""A page's lines and characters -> its tables: what stands in which cell. Pure; knows no format.

A word stands in the cell that holds most of its characters: one that runs over the edge of its cell is not cut. A table
is certain where two rows of it have two cells with text and more, where every line of text that it touches stands in
it whole, and where its rows are ruled: several lines of figures in several cells of one row are rows without rules.
Boxes most of which hold whole sentences are none: they are columns of prose.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

from rag.documents.load.grid import Cell
from rag.documents.load.ruled.rulings import Lattice, Line, Region, lattices
from rag.text.unicode import is_chinese

__all__ = ["PageLine", "PlacedCell", "RuledPage", "RuledTable", "tables_on"]

Box: TypeAlias = tuple[float, float, float, float]
PageLine: TypeAlias = tuple[int, int, Box]
"""A line of text: start and end in the page's text, and its box in shares of the page."""

MOST_TABLES: Final = 20  # grids of a page that are looked at
LINE_APART: Final = 3.0  # points between the middles of two lines of a cell
NARROW: Final = 4.0  # points; a gap between the borders of two cells, and no column
MARGINS: Final = 12.0
"""Points inside a cell that stay empty at its sides, at the most: Word leaves 5.4 on each."""
_FIGURE_END: Final = re.compile(r"[\d,.]+$")
_FIGURE_BEGIN: Final = re.compile(r"[\d,.]*\d%?")
_WHOLE_FIGURE: Final = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?%?|\d+\.\d+%?")
_FIGURES: Final = re.compile(r"[-+]?\d[\d,.]*%?")


@dataclass(frozen=True, slots=True)
class PlacedCell(Cell):
    """A cell with its rectangle.

    Attributes:
        box: Left, top, right, bottom in shares of the page.
    """

    box: Box = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class RuledPage:
    """A page on which lines are drawn.

    Attributes:
        text: Its text.
        lines: The lines of it.
        size: Width and height in points.
        rulings: What is drawn across and down, in points.
        spots: Of each character of the text the middle in points and the number of its word; None where it shows
            nothing.
    """

    text: str
    lines: tuple[PageLine, ...]
    size: tuple[float, float]
    rulings: tuple[Line, ...]
    spots: tuple[tuple[float, float, int] | None, ...]


@dataclass(frozen=True, slots=True)
class RuledTable:
    """A table on a page.

    Attributes:
        rows: Its cells, each where it begins; None where there is none or another one covers the place.
        lines: Which lines of the page's text stand in it.
        columns: Where its columns begin, and the last one ends, in points.
        top: Where it begins on the page, as a share of it.
        bottom: Where it ends.
        n_full: How many rows have two cells with text and more.
    """

    rows: tuple[tuple[PlacedCell | None, ...], ...]
    lines: tuple[int, ...]
    columns: tuple[float, ...]
    top: float
    bottom: float
    n_full: int


def tables_on(page: RuledPage) -> list[RuledTable]:
    """The ruled tables of a page, in the order of its text; what stands in another one is a part of that."""
    found: list[RuledTable] = []
    for lattice in lattices(page.rulings)[:MOST_TABLES]:
        table = _table(page, lattice)
        if table is not None and not any(set(table.lines) & set(other.lines) for other in found):
            found.append(table)
    return sorted(found, key=lambda table: table.lines)


def _table(page: RuledPage, lattice: Lattice) -> RuledTable | None:
    held = _held(page, lattice)
    touched = _touched(page, held)
    if touched is None or not touched:
        return None
    texts = {region: _text_of(page, offsets, lattice.box_of(region)) for region, offsets in held.items()}
    if _has_unruled_rows(texts) or 2 * sum("。" in text for text in texts.values()) > len(texts):
        return None
    width, height = page.size
    rows, columns = _kept(lattice, texts)
    placed: list[list[PlacedCell | None]] = [[None] * len(columns) for _ in rows]
    for region, text in texts.items():
        left, top, right, bottom = lattice.box_of(region)
        box = (left / width, top / height, right / width, bottom / height)
        n_rows = sum(1 for row in rows if region.row <= row < region.row + region.n_rows)
        n_columns = sum(1 for column in columns if region.column <= column < region.column + region.n_columns)
        cell = PlacedCell(text, n_columns=n_columns, n_rows=n_rows, box=box)
        placed[rows.index(region.row)][columns.index(region.column)] = cell
    filled = Counter(row for region in texts for row in rows if region.row <= row < region.row + region.n_rows)
    edges = (*(lattice.xs[column] for column in columns), lattice.xs[-1])
    top, bottom = lattice.ys[0] / height, lattice.ys[-1] / height
    return RuledTable(tuple(map(tuple, placed)), touched, edges, top, bottom, sum(1 for n in filled.values() if n > 1))


def _kept(lattice: Lattice, texts: dict[Region, str]) -> tuple[list[int], list[int]]:
    """The rows in which a text begins, and the columns in which one does or that are no gap between two borders."""
    begun = {region.column for region in texts}
    wide = {column for column, (left, right) in enumerate(pairwise(lattice.xs)) if right - left >= NARROW}
    return sorted({region.row for region in texts}), sorted(begun | wide)


def _held(page: RuledPage, lattice: Lattice) -> dict[Region, list[int]]:
    """The characters of each cell that has any, by their offsets in the page's text."""
    owner = {
        (row, column): region
        for region in lattice.regions
        for row in range(region.row, region.row + region.n_rows)
        for column in range(region.column, region.column + region.n_columns)
    }
    words: dict[int, list[int]] = defaultdict(list)
    for offset, spot in enumerate(page.spots):
        if spot is not None:
            words[spot[2]].append(offset)
    held: dict[Region, list[int]] = defaultdict(list)
    for offsets in words.values():
        spots = (page.spots[offset] for offset in offsets)
        places = (lattice.place(spot[0], spot[1]) for spot in spots if spot is not None)
        regions = Counter(owner.get(place) if place else None for place in places)
        region, _ = regions.most_common(1)[0]
        if region is not None:
            held[region] += offsets
    return {region: sorted(offsets) for region, offsets in sorted(held.items())}


def _touched(page: RuledPage, held: dict[Region, list[int]]) -> tuple[int, ...] | None:
    """The lines of text in a table; None where one of them stands partly outside."""
    inside = {offset for offsets in held.values() for offset in offsets}
    touched = []
    for number, (start, end, _) in enumerate(page.lines):
        seen = {offset for offset in range(start, end) if not page.text[offset].isspace()}
        if seen & inside:
            if not seen <= inside:
                return None
            touched.append(number)
    return tuple(touched)


def _text_of(page: RuledPage, offsets: Sequence[int], box: Line) -> str:
    """The characters of a cell, a line of it a line; a word or figure that is broken for want of room is whole."""
    lines: list[list[int]] = [[]]
    text = ""
    for offset in offsets:
        between = _between(page, lines[-1][-1], offset) if lines[-1] else ""
        if between == "\n":
            if _is_broken(text, page.text[offset : offsets[-1] + 1]) and _is_full(page, lines[-1], box):
                between = ""
            lines.append([])
        text += between + page.text[offset]
        lines[-1].append(offset)
    return text


def _is_broken(before: str, behind: str) -> bool:
    """Whether Chinese goes on in the next line, or a figure with decimals or grouped digits does."""
    if is_chinese(before[-1]) or is_chinese(behind[0]):
        return True
    end, begin = _FIGURE_END.search(before), _FIGURE_BEGIN.match(behind)
    return bool(end and begin and _WHOLE_FIGURE.fullmatch(end.group() + begin.group()))


def _is_full(page: RuledPage, line: Sequence[int], box: Line) -> bool:
    """Whether no other character had fitted into a line of a cell."""
    xs = [spot[0] for offset in line if (spot := page.spots[offset]) is not None]
    each = (max(xs) - min(xs)) / max(1, len(xs) - 1)
    return max(xs) - min(xs) + 2 * each > box[2] - box[0] - MARGINS


def _between(page: RuledPage, before: int, offset: int) -> str:
    """What parts two characters of a cell that follow one another in it: nothing, a space, a line break."""
    between = page.text[before + 1 : offset]
    if not between:
        return ""
    one, other = page.spots[before], page.spots[offset]
    apart = one is not None and other is not None and abs(one[1] - other[1]) > LINE_APART
    return "\n" if "\n" in between or apart else " "


def _has_unruled_rows(texts: dict[Region, str]) -> bool:
    """Whether cells beside each other hold columns of figures, equally many, line under line."""
    stacked = ((region, text.split("\n")) for region, text in texts.items() if "\n" in text)
    figures = Counter(
        (region.row, len(lines)) for region, lines in stacked if all(_FIGURES.fullmatch(line) for line in lines)
    )
    return any(n > 1 for n in figures.values())
