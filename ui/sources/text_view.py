"""The text of a document as HTML: its lines, rows of tables, headings, cleaned noise and the cited span.

Every line is a block of its own, and so is what an item of the outline leads to; the line breaks of the original are
told by the blocks. The template escapes everything; knows nothing of the panel around it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from rag.text.sentences import BETWEEN_CELLS
from ui.text.templates import Html, render
from ui.text.words import Words

if TYPE_CHECKING:
    from rag.documents.view import DocumentView, Piece
    from rag.schema.documents import Block

__all__ = ["MARK_ID", "render_pieces"]

MARK_ID: Final = "yj-source-mark"
_CELLS: Final = re.compile(f"({BETWEEN_CELLS})")
_BREAK: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


class _Bit(NamedTuple):
    """A stretch of one kind that is cited as a whole or not at all."""

    piece: Piece
    start: int
    text: str
    cited: bool


def render_pieces(
    view: DocumentView, first: int, last: int, *, cited: tuple[int, int], dividers: Mapping[int, str]
) -> Html:
    """Render a stretch of a document.

    Args:
        view: The document.
        first: First raw offset to render.
        last: Raw offset behind it.
        cited: The span to mark; an empty one marks nothing. Noise in it is marked only where there is nothing else.
        dividers: What stands between two lines, by the offset that it comes before.

    Returns:
        Blocks of HTML.
    """
    pieces = view.between(first, last)
    spoken = any(piece.kind != "noise" and piece.text.strip() for piece in view.between(*cited))
    starts = {item.start for item in view.outline}
    tables = [block for block in view.blocks if block.kind == "table"]
    writer = _Writer({position: item.level for position, item in enumerate(view.outline)})
    for bit in _bits(pieces, cited, noise_too=not spoken):
        if bit.start in dividers:
            writer.divide(dividers[bit.start])
        if bit.start in starts:
            writer.begin(bit.start)
        writer.in_table = _is_inside(bit.start, tables)
        if bit.piece.kind == "noise":
            writer.write(bit)
            continue
        for number, line in enumerate(_BREAK.split(bit.text)):
            if number:
                writer.close()
            writer.write(bit._replace(text=line))
    writer.close()
    return render("sources/text.html", Words(), "zh", blocks=writer.blocks, mark_id=MARK_ID)


def _bits(pieces: Iterable[Piece], cited: tuple[int, int], *, noise_too: bool) -> Iterator[_Bit]:
    """Cut pieces where the cited span begins and ends."""
    for piece in pieces:
        left = min(max(piece.start, cited[0]), piece.end)
        right = max(min(piece.end, cited[1]), left)
        for start, end, inside in ((piece.start, left, False), (left, right, True), (right, piece.end, False)):
            if start < end:
                text = piece.text[start - piece.start : end - piece.start]
                yield _Bit(piece, start, text, inside and (noise_too or piece.kind != "noise"))


def _is_inside(offset: int, blocks: list[Block]) -> bool:
    position = bisect_right(blocks, offset, key=lambda block: block.start) - 1
    return position >= 0 and offset < blocks[position].end


class _Shown(NamedTuple):
    """A bit as the template prints it; of what is cited, the page leads to the "first"."""

    text: str
    is_between: bool
    is_noise: bool
    is_blank: bool
    mark: Literal["", "first", "more"]


class _Run(NamedTuple):
    """Bits that stand in a heading of this level, or in none: then it is 0."""

    level: int
    bits: list[_Shown]


class _Block(NamedTuple):
    """A line, with the offset by which the outline leads to it; or what stands between two lines."""

    divider: str
    anchor: int | None = None
    has_heading: bool = False
    is_row: bool = False
    runs: list[_Run] | None = None


class _Writer:
    """Puts bits into blocks; a heading that is cut by noise or by the cited span stays one element.

    Attributes:
        in_table: Whether what is written stands in a table.
    """

    def __init__(self, levels: dict[int, int]) -> None:
        self.blocks: list[_Block] = []
        self.in_table = False
        self._is_row = False  # of the open block
        self._levels = levels
        self._anchor: int | None = None  # of the open block, and its runs
        self._runs: list[_Run] = []
        self._item = -1  # of the last run
        self._marked = False

    def begin(self, offset: int) -> None:
        """Begin a block that the outline leads to, by the offset in its id."""
        self.close()
        self._anchor = offset

    def divide(self, words: str) -> None:
        """Say what begins here in the original: a page, a slide, a member."""
        self.close()
        self.blocks.append(_Block(words))

    def write(self, bit: _Bit) -> None:
        """Add a bit to the open block."""
        if not bit.text:
            return
        item, is_blank = bit.piece.item, not bit.text.strip()
        if not self._runs or item != self._item:
            self._runs.append(_Run(min(6, self._levels[item] + 2) if item >= 0 else 0, []))
            self._item = item
        mark: Literal["", "first", "more"] = ""
        self._is_row |= self.in_table and BETWEEN_CELLS in bit.text
        for text in filter(None, _CELLS.split(bit.text) if self.in_table else [bit.text]):
            if bit.cited and not is_blank:
                mark, self._marked = "more" if self._marked else "first", True
            shown = _Shown(text, text == BETWEEN_CELLS, bit.piece.kind == "noise", is_blank, mark)
            self._runs[-1].bits.append(shown)

    def close(self) -> None:
        """End the open block."""
        if self._runs or self._anchor is not None:
            has_heading = any(run.level for run in self._runs)
            self.blocks.append(_Block("", self._anchor, has_heading, self._is_row, self._runs))
        self._anchor, self._runs, self._is_row = None, [], False
