"""The text of a paragraph of an OpenDocument file, and what hangs on it: frames and notes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rag.documents.load.office.package import NAMESPACES, tag

if TYPE_CHECKING:
    from lxml.etree import _Element

    from rag.documents.load.office.open_document.styles import OpenStyles

__all__ = ["InlineText", "read_inline"]

MOST_SPACES: Final = 100
_SPACES: Final = re.compile(r"[ \t\r\n]+")
_LEFT_OUT: Final = frozenset(
    {
        *map(tag, ("office:annotation", "office:annotation-end", "text:ruby-text", "text:hidden-text")),
        *map(tag, ("text:tracked-changes", "text:hidden-paragraph", "text:note-citation")),
    }
)
_DRAWN: Final = f"{{{NAMESPACES['draw']}}}"


@dataclass(slots=True)
class InlineText:
    """What a paragraph holds.

    Attributes:
        pieces: Its text, with line breaks.
        frames: Text boxes, pictures and shapes that are tied to it.
        notes: Bodies of its footnotes and endnotes.
    """

    pieces: list[str] = field(default_factory=list)
    frames: list[_Element] = field(default_factory=list)
    notes: list[_Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its text in one piece."""
        return "".join(self.pieces).replace("\u00ad", "")


def read_inline(paragraph: _Element, styles: OpenStyles) -> InlineText:
    """Read a paragraph; what is hidden or deleted is left out."""
    inline = InlineText()
    if not styles.hides(paragraph):
        _read(paragraph, styles, inline)
    return inline


def _read(element: _Element, styles: OpenStyles, inline: InlineText) -> None:
    inline.pieces.append(_SPACES.sub(" ", element.text or ""))
    for child in element:
        _read_child(child, styles, inline)
        inline.pieces.append(_SPACES.sub(" ", child.tail or ""))


def _read_child(child: _Element, styles: OpenStyles, inline: InlineText) -> None:
    name = str(child.tag)
    if name in _LEFT_OUT or styles.hides(child):
        return
    if name == tag("text:note"):
        inline.notes += child.findall(tag("text:note-body"))
    elif name.startswith(_DRAWN) and name != tag("draw:a"):
        inline.frames.append(child)
    elif name == tag("text:s"):
        told = child.get(tag("text:c"), "1")
        inline.pieces.append(" " * min(int(told), MOST_SPACES) if told.isdecimal() else " ")
    elif name == tag("text:tab"):
        inline.pieces.append("\t")
    elif name == tag("text:line-break"):
        inline.pieces.append("\n")
    else:
        _read(child, styles, inline)
