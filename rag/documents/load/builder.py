"""The text of a file that is none itself, written piece by piece, with the blocks that tell where each piece stood.

A paragraph is a line, and so is a row of a table: no line of such a text ends in the middle of a sentence. Knows no
format.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from rag.documents.styles import TABLE_LEVEL
from rag.errors import DocumentTooLargeError
from rag.schema.documents import Block

if TYPE_CHECKING:
    from rag.documents.load.grid import Grid
    from rag.schema.documents import BlockKind

__all__ = ["TextBuilder"]

MAX_CHARS: Final = 20_000_000  # of a whole file; a thousand pages have about a million
# What breaks a line: a paragraph is one. A form feed would begin a page.
_BREAKS: Final = re.compile(r"[ \t]*[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+[ \t]*")


class TextBuilder:
    """Writes a document's text from its first paragraph to its last.

    Args:
        name: The file's name, for errors.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lines: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []
        self._counts: dict[BlockKind, int] = {}

    def paragraph(self, text: str) -> None:
        """Add a paragraph; a blank one is none. Line breaks inside it become spaces.

        Raises:
            DocumentTooLargeError: The text passes 20 million characters.
        """
        self._add(text)

    def title(self, text: str) -> None:
        """Add the document's title; a line right behind it is more of it. It is a heading of the first level too."""
        start, end = self._add(text)
        if start < end:
            self._blocks += [Block("heading", 1, start, end), Block("title", 1, start, end)]

    def heading(self, text: str, level: int) -> None:
        """Add a heading.

        Args:
            text: What it says, with its number as it is shown.
            level: From 1 for the outermost.
        """
        start, end = self._add(text)
        if start < end:
            self._blocks.append(Block("heading", level, start, end))

    def table(self, grid: Grid) -> None:
        """Add a table: its titles, and a line for each row."""
        with self.inside("table"):
            self._rows(grid)

    def _rows(self, grid: Grid) -> None:
        titled = False
        for row in grid.lines():
            start, end = self._add(row.text)
            if row.is_title and not titled:
                self._blocks.append(Block("heading", TABLE_LEVEL, start, end))
                titled = True
            # The line is written as it is: a row has no line breaks, nor outer white space.
            for number, written in enumerate(row.cells, start=1):
                if written.cell.address:
                    place = (start + written.start, start + written.end)
                    self._blocks.append(Block("cell", number, *place, written.cell.address))

    @contextmanager
    def inside(self, kind: BlockKind, name: str = "") -> Iterator[None]:
        """What is added meanwhile stands in one block: a slide, a sheet, a member."""
        self._counts[kind] = number = self._counts.get(kind, 0) + 1
        position, start = len(self._blocks), self._length
        try:
            yield
        finally:
            if self._length > start:
                self._blocks.insert(position, Block(kind, number, start, self._length, name))

    def insert(self, text: str, blocks: Sequence[Block], *, name: str) -> bool:
        """Add the text of a whole file as a member, a line a paragraph, with its blocks.

        Members of its own are named behind it, and what stands outside them is a member too: none stands in another.

        Returns:
            Whether there was anything to add.
        """
        if not text.strip():
            return False
        start, text = self._length, text if text.endswith("\n") else text + "\n"
        self._lines.append(text)
        self._length += len(text)
        self._limit()
        inner = [block for block in blocks if block.kind == "member"]
        cuts = [(block.start, block.end, f"{name}/{block.name}") for block in inner]
        between = pairwise([(0, 0, ""), *cuts, (len(text), 0, "")])
        outside = [(one[1], other[0], name) for one, other in between if text[one[1] : other[0]].strip()]
        for first, last, path in sorted([*cuts, *outside]):
            self._counts["member"] = number = self._counts.get("member", 0) + 1
            self._blocks.append(Block("member", number, start + first, start + last, path))
        others = (block for block in blocks if block.kind != "member")
        self._blocks += [replace(each, start=start + each.start, end=start + each.end) for each in others]
        return True

    @property
    def text(self) -> str:
        """What was written, a line a paragraph."""
        return "".join(self._lines)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """What stands where, by where it begins, the outer one first."""
        return tuple(sorted(self._blocks, key=lambda block: (block.start, -block.end)))

    def _add(self, text: str) -> tuple[int, int]:
        line = _BREAKS.sub(" ", text).strip()
        start = self._length
        if line:
            self._lines.append(line + "\n")
            self._length += len(line) + 1
        self._limit()
        return start, start + len(line)

    def _limit(self) -> None:
        if self._length > MAX_CHARS:
            raise DocumentTooLargeError(
                f"{self._name} has more than {MAX_CHARS:,} characters of text. Split it into several files."
            )
