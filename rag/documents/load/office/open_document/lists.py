"""The numbers of lists and headings of an OpenDocument file, as they are shown: they stand in no text.

Source: OASIS OpenDocument 1.3, part 3, 5.3 and 16.30.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from rag.documents.load.office.open_document.styles import OUTLINE, Level, OpenStyles, number_of
from rag.documents.load.office.package import tag

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["OpenLists"]

_ITEM: Final = tag("text:list-item")
_DEEPEST: Final = 10
_ID: Final = "{http://www.w3.org/XML/1998/namespace}id"


class OpenLists:
    """Counts the items of a document's lists, from its beginning to its end.

    Args:
        styles: The file's styles.
    """

    def __init__(self, styles: OpenStyles) -> None:
        self._styles = styles
        self._headings: dict[int, int] = {}
        self._open: list[tuple[str, dict[int, int]]] = []  # of each list that we are in: its style, its counts
        self._done: dict[str, dict[int, int]] = {}  # counts of lists by id, and of the last one of a style

    def number_of_heading(self, heading: _Element) -> str:
        """The number before a heading, counted one up; empty where it has none."""
        told = heading.get(tag("text:outline-level"), "1")
        level = min(int(told), _DEEPEST) if told.isdecimal() else 1
        if heading.get(tag("text:is-list-header")) == "true":
            return ""
        return self._next(OUTLINE, self._headings, level)

    @contextmanager
    def inside(self, element: _Element) -> Iterator[None]:
        """Meanwhile the items are those of a list, which may stand in another one."""
        outer_style, outer = self._open[-1] if self._open else ("", {})
        style = element.get(tag("text:style-name")) or outer_style
        counts = outer if self._open else dict(self._before(element, style))
        if self._open:
            counts.pop(len(self._open) + 1, None)
        self._open.append((style, counts))
        try:
            yield
        finally:
            self._open.pop()
            if not self._open:
                self._done[style] = counts
                self._done[element.get(_ID, "")] = counts

    def number_of_item(self, item: _Element) -> str:
        """The number of an item of the list that we are in, counted one up; empty where it has none."""
        style, counts = self._open[-1]
        level = len(self._open)
        if item.tag != _ITEM or not any(child.tag in (tag("text:p"), tag("text:h")) for child in item):
            return ""
        start = item.get(tag("text:start-value"), "")
        if start.isdecimal() and len(start) < 6:
            counts[level] = int(start) - 1
        return self._next(style, counts, level)

    def _before(self, element: _Element, style: str) -> dict[int, int]:
        """What a list counts on from: another one, the last one of its style, or nothing."""
        other = element.get(tag("text:continue-list"))
        if other:
            return self._done.get(other, {})
        return self._done.get(style, {}) if element.get(tag("text:continue-numbering")) == "true" else {}

    def _next(self, style: str, counts: dict[int, int], level: int) -> str:
        levels = {at: one for at in range(1, level + 1) if (one := self._styles.level(style, at))}
        own = levels.get(level)
        if own is None or own.style == "none":
            return ""
        for above in range(1, level):
            counts.setdefault(above, _start(levels.get(above)))
        counts[level] = counts[level] + 1 if level in counts else own.start
        for below in [at for at in counts if at > level]:
            del counts[below]
        return number_of(counts, levels, level)


def _start(level: Level | None) -> int:
    return level.start if level else 1
