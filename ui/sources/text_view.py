"""The text of a document as HTML: its lines, headings, cleaned noise and the cited span.

Every line is a block of its own, and so is what an item of the outline leads to; the line breaks of the original are
told by the blocks. Everything is escaped; knows nothing of the panel around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from ui.text.escape import escape

if TYPE_CHECKING:
    from rag.documents.view import DocumentView, Piece

__all__ = ["MARK_ID", "render_pieces"]

MARK_ID: Final = "yj-source-mark"
CHUNK_CHARS: Final = 10_000  # `escape` cuts what is longer than a page would show of a quote; here all of it is shown
_BREAK: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


class _Bit(NamedTuple):
    """A stretch of one kind that is cited as a whole or not at all."""

    piece: Piece
    start: int
    text: str
    cited: bool


def render_pieces(view: DocumentView, first: int, last: int, *, cited: tuple[int, int]) -> str:
    """Render a stretch of a document.

    Args:
        view: The document.
        first: First raw offset to render.
        last: Raw offset behind it.
        cited: The span to mark; an empty one marks nothing. Noise in it is marked only where there is nothing else.

    Returns:
        Blocks of escaped HTML.
    """
    pieces = view.between(first, last)
    spoken = any(piece.kind != "noise" and piece.text.strip() for piece in view.between(*cited))
    starts = {item.start for item in view.outline}
    pages = {at + 1: number for number, at in enumerate(view.page_breaks, start=2)}
    writer = _Writer({position: item.level for position, item in enumerate(view.outline)})
    for bit in _bits(pieces, cited, noise_too=not spoken):
        if bit.start in pages:
            writer.page(pages[bit.start])
        if bit.start in starts:
            writer.begin(bit.start)
        if bit.piece.kind == "noise":
            writer.write(bit)
            continue
        for number, line in enumerate(_BREAK.split(bit.text)):
            if number:
                writer.close()
            writer.write(bit._replace(text=line))
    writer.close()
    return "".join(writer.blocks)


def _bits(pieces: Iterable[Piece], cited: tuple[int, int], *, noise_too: bool) -> Iterator[_Bit]:
    """Cut pieces where the cited span begins and ends."""
    for piece in pieces:
        left = min(max(piece.start, cited[0]), piece.end)
        right = max(min(piece.end, cited[1]), left)
        for start, end, inside in ((piece.start, left, False), (left, right, True), (right, piece.end, False)):
            if start < end:
                text = piece.text[start - piece.start : end - piece.start]
                yield _Bit(piece, start, text, inside and (noise_too or piece.kind != "noise"))


class _Writer:
    """Puts bits into blocks; a heading that is cut by noise or by the cited span stays one element."""

    def __init__(self, levels: dict[int, int]) -> None:
        self.blocks: list[str] = []
        self._levels = levels
        self._line: list[str] = []
        self._heading = ""  # the tag of the heading that is open
        self._item = -1
        self._has_heading = False
        self._anchor = ""
        self._marked = False

    def begin(self, offset: int) -> None:
        """Begin a block that the outline leads to, by the offset in its id."""
        self.close()
        self._anchor = f' id="yj-source-at-{offset}" tabindex="-1"'

    def page(self, number: int) -> None:
        """Begin a page of the original."""
        self.close()
        self.blocks.append(f'<p class="yj-source-page">— {number} —</p>')

    def write(self, bit: _Bit) -> None:
        """Add a bit to the open block."""
        if not bit.text:
            return
        if bit.piece.item != self._item:
            self._end_heading()
            if bit.piece.item >= 0:
                self._begin_heading(bit.piece.item)
        html = _shown(bit.text)
        if bit.cited and bit.text.strip():
            first = "" if self._marked else f' id="{MARK_ID}" tabindex="-1"'
            html, self._marked = f'<mark class="yj-source-mark"{first}>{html}</mark>', True
        if bit.piece.kind == "noise":
            blank = "" if bit.text.strip() else " yj-source-blank"
            html = f'<span class="yj-source-noise{blank}">{html}</span>'
        self._line.append(html)

    def close(self) -> None:
        """End the open block."""
        self._end_heading()
        if self._line or self._anchor:
            tag = "div" if self._has_heading else "p"  # a paragraph may not hold a heading
            self.blocks.append(f'<{tag} class="yj-source-line" dir="auto"{self._anchor}>{"".join(self._line)}</{tag}>')
        self._line, self._anchor, self._has_heading = [], "", False

    def _begin_heading(self, item: int) -> None:
        level = self._levels[item]
        self._item, self._heading, self._has_heading = item, f"h{min(6, level + 2)}", True
        self._line.append(f'<{self._heading} class="yj-source-heading">')

    def _end_heading(self) -> None:
        if self._item >= 0:
            self._line.append(f"</{self._heading}>")
        self._item = -1


def _shown(text: str) -> str:
    plain = _BREAK.sub("\n", text)
    return "".join(escape(plain[at : at + CHUNK_CHARS]) for at in range(0, len(plain), CHUNK_CHARS))
