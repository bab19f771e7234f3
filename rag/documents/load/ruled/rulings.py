"""Lines drawn on a page -> grids of cells. Pure; knows no format, and no text.

Lines that nearly coincide are one, those that touch make up one grid, and what no line parts is one cell. A cell that
is no rectangle, or a grid too large for a page, makes the whole grid none: better none than a wrong one.

Not covered: tables whose rows or columns are parted by white space alone or by shaded stripes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final, NamedTuple, TypeAlias

__all__ = ["Lattice", "Line", "Region", "lattices"]

# In points. Set on the 31 ruled pages of two budgets, where lines of one border are drawn up to 0.6 points apart.
SAME: Final = 2.0
"""Between two lines that are one, and between the end of a line and the one that it meets."""
JOINED: Final = 3.0
"""Between two pieces of one line."""
SHORTEST: Final = 5.0
"""Of a line that rules something: a dot or a tick is shorter."""
MOST_COLUMNS: Final = 60
MOST_ROWS: Final = 250
MOST_LINES: Final = 1_000
"""Of a page in each direction, pieces of one line as one."""

Line: TypeAlias = tuple[float, float, float, float]
"""Left, top, right, bottom: across where top is bottom, else down."""


class _Ruling(NamedTuple):
    """A line: where it stands, and from where to where it goes."""

    at: float
    start: float
    end: float


class Region(NamedTuple):
    """A cell: the first row and column, and how many of each it covers."""

    row: int
    column: int
    n_rows: int
    n_columns: int


@dataclass(frozen=True, slots=True)
class Lattice:
    """A grid of cells.

    Attributes:
        xs: Where its columns begin, and the last one ends, in points from the left.
        ys: Where its rows begin, and the last one ends, in points from the top.
        regions: Its closed cells.
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    regions: tuple[Region, ...]

    @property
    def box(self) -> Line:
        """The rectangle around it."""
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]

    def box_of(self, region: Region) -> Line:
        """The rectangle of a cell."""
        right, bottom = region.column + region.n_columns, region.row + region.n_rows
        return self.xs[region.column], self.ys[region.row], self.xs[right], self.ys[bottom]

    def place(self, x: float, y: float) -> tuple[int, int] | None:
        """Row and column at a point; None outside."""
        row, column = bisect_right(self.ys, y) - 1, bisect_right(self.xs, x) - 1
        return (row, column) if 0 <= row < len(self.ys) - 1 and 0 <= column < len(self.xs) - 1 else None


def lattices(lines: Iterable[Line]) -> list[Lattice]:
    """Find the grids that lines make up, from the largest to the smallest; none of one column.

    Args:
        lines: Lines across and down, in points from the top left corner of a page.
    """
    across, down = [], []
    for left, top, right, bottom in lines:
        if top == bottom:
            across.append(_Ruling(top, left, right))
        else:
            down.append(_Ruling(left, top, bottom))
    across, down = _merged(across), _merged(down)
    if max(len(across), len(down)) > MOST_LINES:
        return []
    found = [lattice for group in _touching(across, down) if (lattice := _lattice(*group)) is not None]
    return sorted(found, key=lambda each: (each.box[0] - each.box[2]) * (each.box[3] - each.box[1]))


def _merged(rulings: Iterable[_Ruling]) -> list[_Ruling]:
    """The lines, those that nearly coincide as one, pieces that follow one another joined."""
    groups: list[list[_Ruling]] = []
    for each in sorted(rulings):
        if groups and each.at - groups[-1][0].at <= SAME:
            groups[-1].append(each)
        else:
            groups.append([each])
    merged = []
    for group in groups:
        at = sum(each.at for each in group) / len(group)
        pieces: list[_Ruling] = []
        for each in sorted(group, key=lambda one: one.start):
            if pieces and each.start <= pieces[-1].end + JOINED:
                pieces[-1] = _Ruling(at, pieces[-1].start, max(pieces[-1].end, each.end))
            else:
                pieces.append(_Ruling(at, each.start, each.end))
        merged += [piece for piece in pieces if piece.end - piece.start >= SHORTEST]
    return merged


def _touching(across: Sequence[_Ruling], down: Sequence[_Ruling]) -> Iterator[tuple[list[_Ruling], list[_Ruling]]]:
    """Lines that meet, directly or by way of others."""
    left = set(range(len(down)))
    over = set(range(len(across)))
    while over:
        new = [over.pop()]
        rows, columns = [], []
        while new:
            row = across[new.pop()]
            rows.append(row)
            met = [number for number in left if _meet(row, down[number])]
            left.difference_update(met)
            columns += [down[number] for number in met]
            more = {number for number in over for each in met if _meet(across[number], down[each])}
            over -= more
            new += more
        yield sorted(rows), sorted(columns)


def _meet(row: _Ruling, column: _Ruling) -> bool:
    return row.start - SAME <= column.at <= row.end + SAME and column.start - SAME <= row.at <= column.end + SAME


def _lattice(across: Sequence[_Ruling], down: Sequence[_Ruling]) -> Lattice | None:
    """The grid of some lines; None where it is none, or none that is certain."""
    if len(across) < 2 or not down:
        return None
    down = _with_open_sides(across, down)
    xs, ys = tuple(sorted({each.at for each in down})), tuple(sorted({each.at for each in across}))
    if not (3 <= len(xs) <= MOST_COLUMNS + 1 and 2 <= len(ys) <= MOST_ROWS + 1):
        return None
    regions = _regions(_Ruled(across, xs), _Ruled(down, ys))
    return None if regions is None else Lattice(xs, ys, tuple(regions))


def _with_open_sides(across: Sequence[_Ruling], down: Sequence[_Ruling]) -> list[_Ruling]:
    """The lines down, and those that are left out at the sides: there three lines across and more begin or end."""
    top, bottom = across[0], across[-1]
    added = []
    for first, sides in ((min(each.start for each in across), 1), (max(each.end for each in across), 2)):
        reaching = [each for each in across if abs(each[sides] - first) <= SAME]
        outermost = (min if sides == 1 else max)(each.at for each in down)
        if abs(outermost - first) > JOINED and len(reaching) > 2 and top in reaching and bottom in reaching:
            added.append(_Ruling(first, top.at, bottom.at))
    return [*down, *added]


class _Ruled:
    """Which stretches between neighbouring crossings a line runs along.

    Args:
        rulings: Lines of one direction.
        crossings: Where those of the other direction stand.
    """

    def __init__(self, rulings: Iterable[_Ruling], crossings: Sequence[float]) -> None:
        runs = groupby(sorted(rulings), key=lambda each: each.at)
        self._along = [self._stretches(list(run), crossings) for _, run in runs]

    def __call__(self, line: int, stretch: int) -> bool:
        """Whether a line, counted from the first one, runs along a stretch."""
        return self._along[line][stretch]

    @staticmethod
    def _stretches(run: Sequence[_Ruling], crossings: Sequence[float]) -> list[bool]:
        ends = list(pairwise(crossings))
        return [any(each.start - SAME <= a and b <= each.end + SAME for each in run) for a, b in ends]

    @property
    def n_lines(self) -> int:
        """How many lines there are, pieces of one as one."""
        return len(self._along)


def _regions(across: _Ruled, down: _Ruled) -> list[Region] | None:
    """What lines part; None where a part is no rectangle. One that is open to a side is left out."""
    n_rows, n_columns = across.n_lines - 1, down.n_lines - 1
    done: set[tuple[int, int]] = set()
    regions = []
    for row in range(n_rows):
        for column in range(n_columns):
            if (row, column) in done:
                continue
            part = _part(row, column, across, down)
            done |= part
            height, width = max(r for r, _ in part) - row + 1, max(c for _, c in part) - column + 1
            if len(part) != height * width or min(c for _, c in part) < column:
                return None
            region = Region(row, column, height, width)
            if _is_closed(region, across, down):
                regions.append(region)
    return regions


def _part(row: int, column: int, across: _Ruled, down: _Ruled) -> set[tuple[int, int]]:
    """The places of a grid that no line parts from a place."""
    n_rows, n_columns = across.n_lines - 1, down.n_lines - 1
    part, new = {(row, column)}, [(row, column)]
    while new:
        r, c = new.pop()
        beside = {
            (r - 1, c): r > 0 and not across(r, c),
            (r + 1, c): r + 1 < n_rows and not across(r + 1, c),
            (r, c - 1): c > 0 and not down(c, r),
            (r, c + 1): c + 1 < n_columns and not down(c + 1, r),
        }
        more = [place for place, is_open in beside.items() if is_open and place not in part]
        part.update(more)
        new += more
    return part


def _is_closed(region: Region, across: _Ruled, down: _Ruled) -> bool:
    row, column, n_rows, n_columns = region
    ends = all(across(row, c) and across(row + n_rows, c) for c in range(column, column + n_columns))
    return ends and all(down(column, r) and down(column + n_columns, r) for r in range(row, row + n_rows))
