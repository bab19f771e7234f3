"""Offsets of a document's text -> where that stands in its file: page, box, slide, sheet, cells, member. Pure."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rag.schema.documents import Location

if TYPE_CHECKING:
    from rag.schema.documents import Block, BlockKind, Box

__all__ = ["Locator"]

_UNITS = 10_000  # of a page's width and height, in the name of a line


class Locator:
    """Finds places of one document.

    Args:
        blocks: What its file sets apart; those of one kind do not overlap, and come by where they begin.
        text: Its text, by which a line that is cited in part is cut; without it all characters count as equally wide.
    """

    def __init__(self, blocks: Iterable[Block], text: str = "") -> None:
        self._blocks: dict[BlockKind, list[Block]] = {}
        for block in blocks:
            self._blocks.setdefault(block.kind, []).append(block)
        self._text = text if "line" in self._blocks else ""

    def location(self, start: int, end: int) -> Location:
        """Where a span stands.

        Args:
            start: First raw offset.
            end: Raw offset behind it.

        Returns:
            Page, slide, sheet and member that it begins in, and the cells that it touches; empty where there are none.
        """
        page, slide, sheet, member = (self._at(kind, start) for kind in ("page", "slide", "sheet", "member"))
        if page and member and page.start < member.start:  # of a member before this one, which has none
            page = None
        return Location(
            page=page.number if page else None,
            slide=slide.number if slide else None,
            sheet=sheet.name if sheet else "",
            cells=self._cells(start, end),
            member=member.name if member else "",
            box=self._box(page, start, end) if page else None,
        )

    def boxes(self, start: int, end: int) -> list[tuple[int, Box]]:
        """The rectangles of a span, one a line, each with its page.

        A line that is cited in part is cut by its share of characters, wide ones counted twice: near enough in Chinese,
        rough elsewhere. A cell of a table is not cut: its text may stand in several lines.
        """
        lines = self._blocks.get("line", [])
        first = bisect_right(lines, start, key=lambda line: line.end)
        found = []
        for line in lines[first : bisect_left(lines, end, key=lambda line: line.start)]:
            page = self._at("page", line.start)
            cited = (line.start, line.end) if self._at("table", line.start) else (start, end)
            found.append((page.number if page else 1, _cut(line, self._text[line.start : line.end], *cited)))
        return found

    def _box(self, page: Block, start: int, end: int) -> Box | None:
        """The rectangle around a span, up to the end of its page."""
        boxes = [box for number, box in self.boxes(start, min(end, page.end)) if number == page.number]
        if not boxes:
            return None
        lefts, tops, rights, bottoms = zip(*boxes, strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)

    def _at(self, kind: BlockKind, offset: int) -> Block | None:
        """The block of a kind that an offset stands in; a page goes on up to the next one."""
        blocks = self._blocks.get(kind, [])
        position = bisect_right(blocks, offset, key=lambda block: block.start) - 1
        return blocks[position] if position >= 0 and (offset < blocks[position].end or kind == "page") else None

    def _cells(self, start: int, end: int) -> str:
        blocks = self._blocks.get("cell", [])
        first = bisect_right(blocks, start, key=lambda block: block.end)
        last = bisect_left(blocks, end, key=lambda block: block.start) - 1
        if last < first:
            return ""
        one, other = blocks[first].name, blocks[last].name
        return one if one == other else f"{one}:{other}"


def _cut(line: Block, text: str, start: int, end: int) -> Box:
    """The rectangle of what a span has of a line."""
    left, top, right, bottom = (int(side) for side in line.name.split())
    widths = [2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text] or [1] * (line.end - line.start)
    each = (right - left) / sum(widths)
    first, last = max(start, line.start) - line.start, min(end, line.end) - line.start
    sides = left + sum(widths[:first]) * each, top, left + sum(widths[:last]) * each, bottom
    across, up, over, down = (round(side / _UNITS, 4) for side in sides)
    return across, up, over, down
