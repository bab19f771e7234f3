"""What the styles of a Word document say of a paragraph: which heading it is, whether it is the title, its numbering.

Styles that Word brings along are known by their names, which files keep in English whatever the language of the
program; a style of an office's own by what it is based on and by its outline level.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from rag.documents.load.office.package import tag
from rag.documents.load.office.word.tree import is_on, properties_of, value_of

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["Numbered", "WordStyles"]

_BODY: Final = 9  # the outline level of what is no heading
_LISTS: Final = ("toc ", "toc heading", "table of figures", "index ", "table of authorities", "toa heading")
_HEADING: Final = "heading "
_MOST_BASES: Final = 32  # styles that are based on each other; set by hand


@dataclass(frozen=True, slots=True)
class Numbered:
    """The numbering that properties name.

    Attributes:
        list_id: Of the list; None where it is not named, "0" where there is none.
        level: From 0; None where it is not named.
        style: The style that names the list and, of its levels, the one that is its own; empty where a paragraph does.
    """

    list_id: str | None
    level: int | None
    style: str = ""


@dataclass(frozen=True, slots=True)
class _Style:
    """A style with what it is based on."""

    names: tuple[str, ...] = ()
    outline_level: int = _BODY
    hides: bool = False
    numbered: Numbered = field(default_factory=lambda: Numbered(None, None))


class WordStyles:
    """The styles of a document.

    Args:
        root: Of the part with the styles; None where the document has none.
    """

    def __init__(self, root: _Element | None) -> None:
        styles = root.findall(tag("w:style")) if root is not None else []
        self._elements = {style.get(tag("w:styleId"), ""): style for style in styles}
        self._default = next((key for key, style in self._elements.items() if _is_default(style)), "")
        self._styles: dict[str, _Style] = {}

    def heading_level(self, paragraph: _Element) -> int:
        """Level of a heading, from 1; 0 of what is none."""
        own = value_of(properties_of(paragraph), "w:outlineLvl")
        told = _level(own) if own is not None else self._style_of(paragraph).outline_level
        return told + 1 if told < _BODY else 0

    def is_title(self, paragraph: _Element) -> bool:
        """Whether a paragraph is the document's title by its style."""
        return "title" in self._style_of(paragraph).names

    def is_caption(self, paragraph: _Element) -> bool:
        """Whether a paragraph is the caption of a table or picture by its style."""
        return "caption" in self._style_of(paragraph).names

    def is_listed(self, paragraph: _Element) -> bool:
        """Whether a paragraph is a line of a table of contents or of an index by its style."""
        return any(name.startswith(_LISTS) for name in self._style_of(paragraph).names)

    def numbering(self, paragraph: _Element) -> Numbered:
        """The numbering of a paragraph, its own before that of its style."""
        own, style = _numbered(properties_of(paragraph)), self._style_of(paragraph).numbered
        level = style.level if own.level is None else own.level
        if own.list_id is not None:
            return Numbered(own.list_id, level)
        return Numbered(style.list_id, level, style.style if own.level is None else "")

    def list_of_style(self, key: str) -> str | None:
        """The list that a style names, for lists that borrow theirs from one."""
        return value_of(self._elements.get(key), "w:pPr/w:numPr/w:numId")

    @cached_property
    def hiding(self) -> frozenset[str]:
        """Ids of the styles that hide what is of them."""
        return frozenset(key for key in self._elements if self._style(key).hides)

    def _style_of(self, paragraph: _Element) -> _Style:
        return self._style(value_of(properties_of(paragraph), "w:pStyle") or self._default)

    def _style(self, key: str) -> _Style:
        if key not in self._styles:
            self._styles[key] = self._resolved(key)
        return self._styles[key]

    def _resolved(self, key: str) -> _Style:
        chain = self._chain(key)
        levels = (level for _, style in chain if (level := _outline_level(style)) is not None)
        hiding = (each for _, style in chain if (each := style.find(tag("w:rPr"))) is not None)
        told = (each for each in hiding if each.find(tag("w:vanish")) is not None)
        numbered = [_numbered(style.find(tag("w:pPr")), name) for name, style in chain]
        named = next((each for each in numbered if each.list_id is not None), Numbered(None, None))
        level = next((each.level for each in numbered if each.level is not None), None)
        return _Style(
            names=tuple(_name(style) for _, style in chain),
            outline_level=next(levels, _BODY),
            hides=is_on(next(told, None), "w:vanish"),
            numbered=Numbered(named.list_id, level, named.style),
        )

    def _chain(self, key: str) -> list[tuple[str, _Element]]:
        """A style and what it is based on, each once, by their ids."""
        chain: dict[str, _Element] = {}
        while key in self._elements and key not in chain and len(chain) < _MOST_BASES:
            chain[key] = self._elements[key]
            key = value_of(chain[key], "w:basedOn") or ""
        return list(chain.items())


def _outline_level(style: _Element) -> int | None:
    """The level that a style tells itself, by its properties or by its name."""
    told, name = value_of(style, "w:pPr/w:outlineLvl"), _name(style)
    if told is not None:
        return _level(told)
    number = name.removeprefix(_HEADING) if name.startswith(_HEADING) else ""
    return min(int(number), _BODY) - 1 if number.isdecimal() else None


def _name(style: _Element) -> str:
    return (value_of(style, "w:name") or "").strip().lower()


def _is_default(style: _Element) -> bool:
    of_paragraphs = style.get(tag("w:type")) == "paragraph"
    return of_paragraphs and style.get(tag("w:default"), "0") not in ("0", "false", "off")


def _numbered(properties: _Element | None, style: str = "") -> Numbered:
    level = value_of(properties, "w:numPr/w:ilvl")
    list_id = value_of(properties, "w:numPr/w:numId")
    return Numbered(list_id, _level(level) if level is not None else None, style)


def _level(told: str) -> int:
    return min(int(told), _BODY) if told.isdecimal() else _BODY
