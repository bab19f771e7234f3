"""The lines of a text frame on a slide, with the numbers of its lists as they are shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rag.documents.load.office.counting import written_number
from rag.documents.load.office.package import tag

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["TextFrame", "is_off"]

_OFF: Final = ("0", "false", "off")
_RUN, _BREAK, _FIELD = tag("a:r"), tag("a:br"), tag("a:fld")
_ENDINGS: Final = {
    "Period": "{}.",
    "ParenR": "{})",
    "ParenBoth": "({})",
    "Minus": "- {} -",
    "DbPeriod": "{}．",
    "Plain": "{}",
}
# Beginning of a scheme's name (ECMA-376-1, 20.1.10.61) -> how it counts.
_SCHEMES: Final = {
    "alphaLc": "lowerLetter",
    "alphaUc": "upperLetter",
    "romanLc": "lowerRoman",
    "romanUc": "upperRoman",
    "circleNum": "decimalEnclosedCircle",
    "ea1Chs": "chineseCountingThousand",
    "ea1Cht": "chineseCountingThousand",
    "ea1Jpn": "chineseCountingThousand",
}
_DEEPEST: Final = 8


def is_off(element: _Element, name: str, *, default: str = "1") -> bool:
    """Whether a switch that is an attribute is off."""
    return element.get(name, default) in _OFF


class TextFrame:
    """The text of a shape or cell.

    Args:
        owner: The element that holds paragraphs.
    """

    def __init__(self, owner: _Element) -> None:
        self._owner = owner

    def lines(self) -> Iterator[tuple[int, str]]:
        """Level of a paragraph from 0, and its text with its number; blank ones are left out."""
        counts: dict[int, tuple[str, int]] = {}
        for paragraph in self._owner.iter(tag("a:p")):
            text = _text(paragraph)
            if not text.strip():
                continue
            properties = paragraph.find(tag("a:pPr"))
            level = _number(properties.get("lvl") if properties is not None else None, 0)
            numbering = properties.find(tag("a:buAutoNum")) if properties is not None else None
            counts = {above: count for above, count in counts.items() if above <= level}
            if numbering is None:
                counts.pop(level, None)
                yield level, text
            else:
                yield level, _counted(numbering, counts, level) + text


def _text(paragraph: _Element) -> str:
    pieces = []
    for element in paragraph:
        if element.tag == _BREAK:
            pieces.append(" ")
        elif element.tag == _RUN or (element.tag == _FIELD and not element.get("type", "").startswith("slidenum")):
            pieces.append(element.findtext(tag("a:t")) or "")
        elif element.tag not in (tag("a:pPr"), tag("a:endParaRPr")):
            pieces += [each.text or "" for each in element.iter(tag("m:t"))]
    return "".join(pieces)


def _counted(numbering: _Element, counts: dict[int, tuple[str, int]], level: int) -> str:
    """The next number at a level, with the space behind it."""
    scheme = numbering.get("type", "arabicPeriod")
    before, last = counts.get(level, ("", 0))
    number = last + 1 if before == scheme else _number(numbering.get("startAt"), 1)
    counts[level] = (scheme, number)
    style = next((style for begin, style in _SCHEMES.items() if scheme.startswith(begin)), "decimal")
    ending = next((form for end, form in reversed(_ENDINGS.items()) if scheme.endswith(end)), "{}")
    return ending.format(written_number(number, style)) + " "


def _number(told: str | None, default: int) -> int:
    return int(told) if told is not None and told.isdecimal() and len(told) < 6 else default
