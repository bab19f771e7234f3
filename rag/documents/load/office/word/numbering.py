"""The numbers of a Word document's lists, as they are shown: they stand in no text, but are counted. Knows no lines.

Source: ECMA-376-1:2016, 17.9.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from rag.documents.load.office.counting import written_number
from rag.documents.load.office.package import tag
from rag.documents.load.office.word.styles import Numbered, WordStyles
from rag.documents.load.office.word.tree import is_on, value_of

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["WordNumbering"]

_LEVELS: Final = range(9)
_PLACE: Final = re.compile(r"%([1-9])")
_FULL_WIDTH: Final = "、）】〕》．。：，"
"""A number that ends so needs no space before what it numbers, whatever the distance on the page."""
_BORROWED: Final = 5  # steps from a list to the one whose numbers it borrows


@dataclass(frozen=True, slots=True)
class _Level:
    """How a level of a list counts and is shown."""

    start: int
    style: str
    template: str
    glued: bool
    restarts_after: int
    in_digits: bool
    paragraph_style: str


class WordNumbering:
    """Counts the items of a document's lists, from its beginning to its end.

    Args:
        root: Of the part with the lists; None where the document has none.
        styles: The document's styles.
    """

    def __init__(self, root: _Element | None, styles: WordStyles) -> None:
        self._styles = styles
        lists = root.findall(tag("w:num")) if root is not None else []
        kinds = root.findall(tag("w:abstractNum")) if root is not None else []
        self._lists = {each.get(tag("w:numId"), ""): each for each in lists}
        self._kinds = {each.get(tag("w:abstractNumId"), ""): each for each in kinds}
        self._kind_of: dict[str, str] = {}
        self._levels: dict[str, dict[int, _Level]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[str] = set()

    def number(self, paragraph: _Element) -> str:
        """The number before a paragraph, counted one up, with the space behind it; empty where it has none."""
        numbered = self._styles.numbering(paragraph)
        if numbered.list_id not in self._lists or numbered.list_id is None:
            return ""
        kind = self._kind_of.get(numbered.list_id) or self._kind(numbered.list_id)
        levels = self._levels_of(numbered.list_id, kind)
        at = self._level(numbered, levels)
        if at not in levels:
            return ""
        counts = self._counts.setdefault(kind, {})
        self._begin(numbered.list_id, counts)
        _count_up(counts, levels, at)
        return _shown(counts, levels, at)

    def _level(self, numbered: Numbered, levels: dict[int, _Level]) -> int:
        by_style = (at for at, level in levels.items() if numbered.style and level.paragraph_style == numbered.style)
        return next(by_style, numbered.level or 0)

    def _kind(self, list_id: str) -> str:
        """The id of what counts for a list; one that names a style borrows the list of that."""
        kind = value_of(self._lists.get(list_id), "w:abstractNumId") or ""
        for _ in range(_BORROWED):
            style = value_of(self._kinds.get(kind), "w:numStyleLink")
            lender = self._styles.list_of_style(style) if style else None
            if lender is None:
                break
            kind = value_of(self._lists.get(lender), "w:abstractNumId") or kind
        self._kind_of[list_id] = kind
        return kind

    def _levels_of(self, list_id: str, kind: str) -> dict[int, _Level]:
        if list_id not in self._levels:
            levels = _levels(self._kinds.get(kind))
            for override in self._overrides(list_id):
                levels |= _levels(override)
            for at, start in self._starts(list_id).items():
                if at in levels:
                    levels[at] = replace(levels[at], start=start)
            self._levels[list_id] = levels
        return self._levels[list_id]

    def _begin(self, list_id: str, counts: dict[int, int]) -> None:
        """A list that says so counts anew where it is used first."""
        if list_id not in self._begun:
            self._begun.add(list_id)
            for at in self._starts(list_id):
                counts.pop(at, None)

    def _overrides(self, list_id: str) -> list[_Element]:
        return self._lists[list_id].findall(tag("w:lvlOverride"))

    def _starts(self, list_id: str) -> dict[int, int]:
        """What a list's levels begin with, where it says so itself."""
        told = ((each.get(tag("w:ilvl")), value_of(each, "w:startOverride")) for each in self._overrides(list_id))
        return {_number(level, 0): _number(start, 1) for level, start in told if start is not None}


def _levels(owner: _Element | None) -> dict[int, _Level]:
    found = owner.findall(tag("w:lvl")) if owner is not None else []
    return {
        number: _read(level, number) for level in found if (number := _number(level.get(tag("w:ilvl")), -1)) in _LEVELS
    }


def _read(level: _Element, number: int) -> _Level:
    return _Level(
        start=_number(value_of(level, "w:start"), 0 if level.find(tag("w:start")) is None else 1),
        style=_style(level),
        template=value_of(level, "w:lvlText") or "",
        glued=value_of(level, "w:suff") == "nothing",
        restarts_after=_number(value_of(level, "w:lvlRestart"), number),
        in_digits=is_on(level, "w:isLgl"),
        paragraph_style=value_of(level, "w:pStyle") or "",
    )


def _style(level: _Element) -> str:
    """How a level counts; a kind of Word's own stands in an alternative, with its plain one beside it."""
    styles = [each.get(tag("w:val"), "decimal") for each in level.iter(tag("w:numFmt"))]
    return next((style for style in styles if style != "custom"), "decimal")


def _count_up(counts: dict[int, int], levels: dict[int, _Level], at: int) -> None:
    for above in range(at):
        if above not in counts and above in levels:
            counts[above] = levels[above].start
    counts[at] = counts[at] + 1 if at in counts else levels[at].start
    for below in _LEVELS[at + 1 :]:
        if below in levels and at < levels[below].restarts_after:
            counts.pop(below, None)


def _shown(counts: dict[int, int], levels: dict[int, _Level], at: int) -> str:
    own = levels[at]
    if own.style == "bullet":
        return ""

    def written(match: re.Match[str]) -> str:
        level = int(match[1]) - 1
        style = "decimal" if own.in_digits or level not in levels else levels[level].style
        return written_number(counts.get(level, 0), style) if level in counts else ""

    text = _PLACE.sub(written, own.template).strip()
    return text if not text or own.glued or text.endswith(tuple(_FULL_WIDTH)) else f"{text} "


def _number(told: str | None, default: int) -> int:
    return int(told) if told is not None and told.isdecimal() and len(told) < 10 else default
