"""Offsets of a document's text -> where that stands in the file itself: page, slide, sheet and cells, member. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rag.schema.documents import Location

if TYPE_CHECKING:
    from rag.schema.documents import Block, BlockKind

__all__ = ["Locator"]


class Locator:
    """Finds places of one document.

    Args:
        blocks: What its file sets apart; those of one kind do not overlap, and come by where they begin.
    """

    def __init__(self, blocks: Iterable[Block]) -> None:
        self._blocks: dict[BlockKind, list[Block]] = {}
        for block in blocks:
            self._blocks.setdefault(block.kind, []).append(block)

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
        )

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
