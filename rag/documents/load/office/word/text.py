"""The text of a Word document's paragraph: its runs in a row, characters of symbol fonts as what they look like.

Expects the plain tree of :mod:`rag.documents.load.office.word.tree`; what floats (text boxes) is no part of the text.

Not covered: formulas beyond their characters in a row, and symbols of fonts other than those named here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rag.documents.load.office.package import tag

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["BREAK", "FLOATING", "LOST", "floating_in", "text_of"]

BREAK: Final = "\n"
"""A line break inside a paragraph."""
FLOATING: Final = tag("w:txbxContent")
LOST: Final = "\ufffd"
"""In place of a symbol of which nothing is known."""
_OPTIONAL_HYPHEN: Final = "\u00ad"
_PRIVATE: Final = range(0xF000, 0xF100)
# Code in the font -> what it looks like. Symbol: Adobe's encoding of that name; Wingdings: ISO/IEC JTC1/SC2/WG2 N4384.
_SYMBOL: Final = dict(
    zip(
        (*range(0x41, 0x5B), *range(0x61, 0x7B)),
        "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖαβχδεφγηιϕκλμνοπθρστυϖωξψζ",
        strict=True,
    )
) | dict(
    zip(
        (0xA3, 0xA5, 0xAC, 0xAD, 0xAE, 0xAF, 0xB0, 0xB1, 0xB3, 0xB4, 0xB5, 0xB7, 0xB8, 0xB9, 0xBB, 0xC5, 0xE5),
        "≤∞←↑→↓°±≥×∝•÷≠≈⊕∑",
        strict=True,
    )
)
_WINGDINGS: Final = dict(
    zip(
        (
            0x6C,
            0x6E,
            0x6F,
            0x71,
            0x72,
            0x75,
            0x76,
            0x9F,
            0xA1,
            0xA7,
            0xA8,
            0xD8,
            0xDF,
            0xE0,
            0xE8,
            0xFB,
            0xFC,
            0xFD,
            0xFE,
        ),
        "●■□❑❒◆❖•○▪◻➢←→➔✗✓☒☑",
        strict=True,
    )
) | {0x81 + number: chr(0x2460 + number) for number in range(10)}
_WINGDINGS_2: Final = dict(zip((0x50, 0x52, 0x53, 0x51, 0x54, 0xA3), "✓☑☒✗☒□", strict=True))
_FONTS: Final = {"symbol": _SYMBOL, "wingdings": _WINGDINGS, "wingdings 2": _WINGDINGS_2}
_SAYS: Final = {
    tag("w:tab"): "\t",
    tag("w:ptab"): "\t",
    tag("w:br"): BREAK,
    tag("w:cr"): BREAK,
    tag("w:noBreakHyphen"): "-",
    tag("m:den"): "/",
}
_SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"
_TEXT: Final = (tag("w:t"), tag("m:t"))
_STOPS: Final = tag("w:tabs")
_READ: Final = frozenset({*_TEXT, tag("w:sym"), *_SAYS})


def text_of(paragraph: _Element) -> str:
    """The text of a paragraph, with line breaks where it has some; what floats in it is left out."""
    floats = next(paragraph.iter(FLOATING), None) is not None
    elements = _own(paragraph) if floats else paragraph.iter(*_READ)
    pieces = [_said(element) for element in elements if element.tag in _READ and not _is_stop(element)]
    return "".join(pieces).replace(_OPTIONAL_HYPHEN, "")


def floating_in(element: _Element) -> list[_Element]:
    """The text boxes in a paragraph or table, those in other text boxes left out."""
    if next(element.iter(FLOATING), None) is None:
        return []
    return [each for each in _own(element) if each.tag == FLOATING]


def _own(element: _Element) -> Iterator[_Element]:
    """What stands in an element, in order; of a text box the box alone."""
    open_elements = [iter(element)]
    while open_elements:
        child = next(open_elements[-1], None)
        if child is None:
            open_elements.pop()
            continue
        yield child
        if child.tag != FLOATING:
            open_elements.append(iter(child))


def _is_stop(element: _Element) -> bool:
    """Whether an element says where a tab stops, and is none."""
    parent = element.getparent()
    return parent is not None and parent.tag == _STOPS


def _said(element: _Element) -> str:
    if element.tag in _TEXT:
        kept = element.get(_SPACE) == "preserve" or element.tag != _TEXT[0]
        text = " ".join((element.text or "").splitlines())
        return text if kept else text.strip(" \t")
    if element.tag == tag("w:sym"):
        return _symbol(element.get(tag("w:char"), ""), element.get(tag("w:font"), ""))
    return _SAYS[str(element.tag)]


def _symbol(code: str, font: str) -> str:
    try:
        number = int(code, 16)
    except ValueError:
        return LOST
    if number in _PRIVATE or number < 0x100:
        look = _FONTS.get(font.strip().lower(), {}).get(number % 0x100)
        return look if look else LOST if number in _PRIVATE else chr(number)
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else LOST
