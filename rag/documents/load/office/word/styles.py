"""What the styles of a Word document say of a paragraph: which heading it is, whether it is the title, its numbering.

Styles that Word brings along are known by their names, which files keep in English whatever the language of the
program; a style of an office's own by what it is based on and by its outline level.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rag.documents.load.office.package import tag
from rag.documents.load.office.word.tree import is_on, value_of

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["Numbered", "WordStyles"]

_BODY: Final = 9  # the outline level of what is no heading
_LISTS: Final = ("toc ", "toc heading", "table of figures", "index ", "table of authorities", "toa heading")
_HEADING: Final = "heading "


@dataclass(frozen=True, slots=True)
class Numbered:
    """The numbering that properties name.

    Attributes:
        list_id: Of the list; None where it is not named, "0" where there is none.
        level: From 0; None where it is not named.
        style: The style that names them; empty where the paragraph itself names one of them.
    """

    list_id: str | None
    level: int | None
    style: str = ""


class WordStyles:
    """The styles of a document.

    Args:
        root: Of the part with the styles; None where the document has none.
    """

    def __init__(self, root: _Element | None) -> None:
        styles = root.findall(tag("w:style")) if root is not None else []
        self._styles = {style.get(tag("w:styleId"), ""): style for style in styles}
        self._default = next((key for key, style in self._styles.items() if _is_default(style)), "")
        self._hidden = {key for key in self._styles if self._hides(key)}

    def heading_level(self, paragraph: _Element) -> int:
        """Level of a heading, from 1; 0 of what is none."""
        own = value_of(paragraph, "w:pPr/w:outlineLvl")
        told = _level(own) if own is not None else self._outline_level(self._style_of(paragraph))
        return told + 1 if told < _BODY else 0

    def is_title(self, paragraph: _Element) -> bool:
        """Whether a paragraph is the document's title by its style."""
        return any(_name(style) == "title" for _, style in self._chain(self._style_of(paragraph)))

    def is_caption(self, paragraph: _Element) -> bool:
        """Whether a paragraph is the caption of a table or picture by its style."""
        return any(_name(style) == "caption" for _, style in self._chain(self._style_of(paragraph)))

    def is_listed(self, paragraph: _Element) -> bool:
        """Whether a paragraph is a line of a table of contents or of an index by its style."""
        return any(_name(style).startswith(_LISTS) for _, style in self._chain(self._style_of(paragraph)))

    def numbering(self, paragraph: _Element) -> Numbered:
        """The numbering of a paragraph, its own before that of its styles."""
        own = _numbered(paragraph)
        found = [_numbered(style, key) for key, style in self._chain(self._style_of(paragraph))]
        named = next((each for each in (own, *found) if each.list_id is not None), own)
        level = next((each.level for each in (own, *found) if each.level is not None), None)
        return Numbered(named.list_id, level, named.style if own.level is None else "")

    def list_of_style(self, key: str) -> str | None:
        """The list that a style names, for lists that borrow theirs from one."""
        return value_of(self._styles.get(key), "w:pPr/w:numPr/w:numId")

    def hides(self, run: _Element) -> bool:
        """Whether the style of a run, or of its paragraph, hides it."""
        if not self._hidden:
            return False
        paragraph = next(run.iterancestors(tag("w:p")), None)
        of_paragraph = self._style_of(paragraph) if paragraph is not None else ""
        return bool(self._hidden & {value_of(run, "w:rPr/w:rStyle"), of_paragraph})

    def _style_of(self, paragraph: _Element) -> str:
        return value_of(paragraph, "w:pPr/w:pStyle") or self._default

    def _chain(self, key: str) -> Iterator[tuple[str, _Element]]:
        """A style and what it is based on, each once, by their ids."""
        seen: set[str] = set()
        while key in self._styles and key not in seen:
            seen.add(key)
            yield key, self._styles[key]
            key = value_of(self._styles[key], "w:basedOn") or ""

    def _outline_level(self, key: str) -> int:
        for _, style in self._chain(key):
            told = value_of(style, "w:pPr/w:outlineLvl")
            if told is not None:
                return _level(told)
            name = _name(style)
            if name.startswith(_HEADING) and name.removeprefix(_HEADING).isdecimal():
                return min(int(name.removeprefix(_HEADING)), _BODY) - 1
        return _BODY

    def _hides(self, key: str) -> bool:
        properties = (style.find(tag("w:rPr")) for _, style in self._chain(key))
        told = (each for each in properties if each is not None and each.find(tag("w:vanish")) is not None)
        return is_on(next(told, None), "w:vanish")


def _name(style: _Element) -> str:
    return (value_of(style, "w:name") or "").strip().lower()


def _is_default(style: _Element) -> bool:
    of_paragraphs = style.get(tag("w:type")) == "paragraph"
    return of_paragraphs and style.get(tag("w:default"), "0") not in ("0", "false", "off")


def _numbered(owner: _Element, style: str = "") -> Numbered:
    level = value_of(owner, "w:pPr/w:numPr/w:ilvl")
    list_id = value_of(owner, "w:pPr/w:numPr/w:numId")
    return Numbered(list_id, _level(level) if level is not None else None, style)


def _level(told: str) -> int:
    return min(int(told), _BODY) if told.isdecimal() else _BODY
