"""What the styles of an OpenDocument file say: what is hidden, which paragraph is the title, how lists are numbered.

Source: OASIS OpenDocument 1.3, part 3, chapters 16 and 19.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rag.documents.load.office.counting import written_number
from rag.documents.load.office.package import tag

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["Level", "OpenStyles", "number_of"]

OUTLINE: Final = "\0outline"
"""The list that numbers headings, which has no name."""
_NUMBERED: Final = (tag("text:list-level-style-number"), tag("text:outline-level-style"))
_MOST_BASES: Final = 32  # styles that are based on each other
# First sign of a format -> how it counts. Chinese ones are written as a row: 一, 二, 三, ...
_FORMATS: Final = {
    "1": "decimal",
    "a": "lowerLetter",
    "A": "upperLetter",
    "i": "lowerRoman",
    "I": "upperRoman",
    "一": "chineseCountingThousand",
    "壹": "chineseLegalSimplified",
    "甲": "ideographTraditional",
    "子": "ideographZodiac",
    "①": "decimalEnclosedCircle",
    "⑴": "decimalEnclosedParen",
    "⒈": "decimalEnclosedFullstop",
    "１": "decimalFullWidth",
}


@dataclass(frozen=True, slots=True)
class Level:
    """How a level of a list counts and is shown.

    Attributes:
        style: How it counts, as WordprocessingML names it; ``none`` where it has no numbers.
        before: What stands before the number.
        behind: What stands behind it.
        n_shown: How many levels the number shows, with its own.
        start: With what it begins.
    """

    style: str
    before: str
    behind: str
    n_shown: int
    start: int


class OpenStyles:
    """The styles of a file.

    Args:
        roots: Of the parts that hold some.
    """

    def __init__(self, roots: Iterable[_Element]) -> None:
        self._parents: dict[str, str] = {}
        self._chains: dict[str, tuple[str, ...]] = {}
        self._hidden: set[str] = set()
        self.hidden_pages: set[str] = set()
        self._lists: dict[str, dict[int, Level]] = {}
        for root in roots:
            for style in root.iter(tag("style:style")):
                self._read(style)
            for each in root.iter(tag("text:list-style"), tag("text:outline-style")):
                is_outline = each.tag == tag("text:outline-style")
                key = OUTLINE if is_outline else each.get(tag("style:name"), "")
                self._lists[key] = {_count(one.get(tag("text:level")), 1): _level(one) for one in each}

    def hides(self, element: _Element) -> bool:
        """Whether the style of a paragraph or span hides it."""
        return any(style in self._hidden for style in self._chain(element))

    def is_title(self, paragraph: _Element) -> bool:
        """Whether a paragraph is the document's title by its style."""
        return "Title" in self._chain(paragraph)

    def is_listed(self, paragraph: _Element) -> bool:
        """Whether a paragraph is a line of a table of contents by its style."""
        return any(style.startswith(("Contents_20_", "Index_20_")) for style in self._chain(paragraph))

    def level(self, list_style: str, level: int) -> Level | None:
        """How a level of a list counts, the level from 1; None where nothing is told of it."""
        return self._lists.get(list_style, {}).get(level)

    def _read(self, style: _Element) -> None:
        name = style.get(tag("style:name"), "")
        self._parents.setdefault(name, style.get(tag("style:parent-style-name"), ""))
        for properties in style:
            if properties.get(tag("text:display")) == "none":
                self._hidden.add(name)
            if properties.get(tag("presentation:visibility")) == "hidden":
                self.hidden_pages.add(name)

    def _chain(self, element: _Element) -> tuple[str, ...]:
        """The style of an element and what it is based on, each once."""
        key = element.get(tag("text:style-name"), "")
        if key not in self._chains:
            name = key
            chain: list[str] = []
            while name and name not in chain and len(chain) < _MOST_BASES:
                chain.append(name)
                name = self._parents.get(name, "")
            self._chains[key] = tuple(chain)
        return self._chains[key]


def number_of(counts: dict[int, int], levels: dict[int, Level], at: int) -> str:
    """The number that a level shows now, with the space behind it; empty where it shows none."""
    own = levels.get(at)
    if own is None or own.style == "none":
        return ""
    shown = range(max(1, at - own.n_shown + 1), at + 1)
    written = (written_number(counts.get(one, 1), levels[one].style) for one in shown if one in levels)
    text = own.before + ".".join(filter(None, written)) + own.behind
    return text if text.endswith(("、", "）", "．", "。", " ")) else f"{text} "


def _level(element: _Element) -> Level:
    sign = element.get(tag("style:num-format"), "")[:1]
    numbered = element.tag in _NUMBERED and sign
    return Level(
        style=_FORMATS.get(sign, "decimal") if numbered else "none",
        before=element.get(tag("style:num-prefix"), ""),
        behind=element.get(tag("style:num-suffix"), ""),
        n_shown=_count(element.get(tag("text:display-levels")), 1),
        start=_count(element.get(tag("text:start-value")), 1),
    )


def _count(told: str | None, default: int) -> int:
    return int(told) if told is not None and told.isdecimal() and len(told) < 6 else default
