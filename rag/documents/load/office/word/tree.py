"""The XML of a Word document made plain: what a reader of the printed page would see, in paragraphs, runs and tables.

Changes are accepted: what was inserted or moved here stays, what was deleted or moved away goes. Of alternatives for
older and newer programs one stays; of fields their results stay; tables of contents and indexes go; hidden text goes;
links, content controls and the like dissolve in what they hold. Knows nothing of styles, numbers and lines.

Source: ECMA-376-1:2016, 17.13.5 (revisions), 17.16 (fields); ECMA-376-3 (alternatives).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from lxml import etree

from rag.documents.load.office.alternatives import choose_alternatives
from rag.documents.load.office.counting import written_number
from rag.documents.load.office.package import tag

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["is_on", "make_plain", "properties_of", "value_of"]

_GONE: Final = (
    *("w:del", "w:moveFrom", "w:instrText", "w:delInstrText", "w:delText", "w:rt", "w:sectPr", "w:sdtPr", "w:sdtEndPr"),
    *("w:pPrChange", "w:rPrChange", "w:tblPrChange", "w:trPrChange", "w:tcPrChange", "w:numberingChange"),
)
_DISSOLVED: Final = (
    *("w:ins", "w:moveTo", "w:sdt", "w:sdtContent", "w:smartTag", "w:customXml", "w:hyperlink", "w:fldSimple", "w:bdo"),
    *("w:dir", "w:ruby", "w:rubyBase", "mc:AlternateContent", "mc:Choice", "mc:Fallback", "m:oMathPara"),
)
_SHOWN: Final = tuple(
    map(tag, ("w:t", "w:tab", "w:br", "w:cr", "w:sym", "w:noBreakHyphen", "m:t", "w:footnoteReference", "w:ptab"))
)
_PROPERTIES: Final = (tag("w:pPr"), tag("w:rPr"))
_FIELD: Final = (tag("w:fldChar"), tag("w:instrText"))
# Fields whose results are no content, and those whose instructions say what is shown.
_LISTS: Final = ("TOC", "INDEX", "TOA")
_GALLERIES: Final = ("Table of Contents", "Table of Figures")
_CIRCLE: Final = "○"


def is_on(properties: _Element | None, name: str) -> bool:
    """Whether properties hold a switch that is on: ``<w:vanish/>``."""
    switch = properties.find(tag(name)) if properties is not None else None
    return switch is not None and switch.get(tag("w:val"), "true") not in ("false", "0", "off", "none")


def value_of(properties: _Element | None, path: str) -> str | None:
    """The value of a property, ``w:numPr/w:numId`` down from where it stands; None where it is not told."""
    found = properties.find(_path(path)) if properties is not None else None
    return found.get(tag("w:val")) if found is not None else None


def properties_of(element: _Element) -> _Element | None:
    """The properties of a paragraph or run, which stand first in it."""
    first = element[0] if len(element) else None
    return first if first is not None and first.tag in _PROPERTIES else None


@cache
def _path(path: str) -> str:
    return "/".join(map(tag, path.split("/")))


def make_plain(root: _Element, *, hiding: frozenset[str] = frozenset()) -> None:
    """Leave in a tree what is shown.

    Args:
        root: Of the document's part, or of that with its notes; changed in place.
        hiding: Ids of the styles that hide what is of them.
    """
    choose_alternatives(root)
    _drop_lists(root)
    _accept_rows(root)
    _join_paragraphs(root)
    etree.strip_elements(root, *(tag(name) for name in _GONE if name != "w:instrText"), with_tail=False)
    _read_fields(root)
    _drop_hidden(root, hiding)
    etree.strip_elements(root, tag("w:instrText"), with_tail=False)
    etree.strip_tags(root, *map(tag, _DISSOLVED))


def _remove(element: _Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)  # white space between elements says nothing


def _drop_lists(root: _Element) -> None:
    """Remove tables of contents that stand in a content control."""
    for each in list(root.iter(tag("w:docPartGallery"))):
        control = each.getparent()
        while control is not None and control.tag != tag("w:sdt"):
            control = control.getparent()
        if control is not None and each.get(tag("w:val")) in _GALLERIES:
            _remove(control)


def _accept_rows(root: _Element) -> None:
    """Remove rows and cells that were deleted, and hidden rows."""
    for row in list(root.iter(tag("w:tr"))):
        properties = row.find(tag("w:trPr"))
        deleted = properties is not None and properties.find(tag("w:del")) is not None
        if deleted or is_on(properties, "w:hidden"):
            _remove(row)
    for mark in list(root.iter(tag("w:cellDel"))):
        cell = mark.getparent()
        if cell is not None and (cell := cell.getparent()) is not None and cell.tag == tag("w:tc"):
            _remove(cell)


def _join_paragraphs(root: _Element) -> None:
    """Put a paragraph whose end was deleted before what follows it."""
    for paragraph in reversed(list(root.iter(tag("w:p")))):  # the last one first: nothing is moved twice
        properties = properties_of(paragraph)
        mark = properties.find(tag("w:rPr")) if properties is not None else None
        if mark is None or (mark.find(tag("w:del")) is None and mark.find(tag("w:moveFrom")) is None):
            continue
        following = paragraph.getnext()
        if following is None or following.tag != tag("w:p"):
            continue
        at = 0 if properties_of(following) is None else 1
        following[at:at] = [child for child in paragraph if child is not properties]
        _remove(paragraph)


def _drop_hidden(root: _Element, hiding: frozenset[str]) -> None:
    """Remove the runs that are hidden by their style, by that of their paragraph, or by themselves."""
    hidden: set[_Element] = set()
    for mark in root.iter(tag("w:pStyle"), tag("w:rStyle")) if hiding else ():
        owner = _owner(mark)
        if owner is not None and mark.get(tag("w:val")) in hiding:
            hidden.update(owner.iter(tag("w:r")))
    for mark in root.iter(tag("w:vanish")):
        run = _owner(mark)
        if run is not None and run.tag == tag("w:r"):
            (hidden.add if is_on(mark.getparent(), "w:vanish") else hidden.discard)(run)
    for run in hidden:
        _remove(run)


def _owner(mark: _Element) -> _Element | None:
    """The run or paragraph whose properties hold a property."""
    properties = mark.getparent()
    return properties.getparent() if properties is not None else None


def _read_fields(root: _Element) -> None:
    """Keep of each field its result, of a circled character that is put together what it says; of lists nothing."""
    fields = _Fields(root)
    for element in list(root.iter(*_FIELD, *_SHOWN)):
        if element.tag == _FIELD[0]:
            fields.mark(element)
        elif element.tag == _FIELD[1]:
            fields.instruct(element.text or "")
        elif fields.hide():
            _remove(element)


class _Fields:
    """The fields that are open at a place of the document."""

    def __init__(self, root: _Element) -> None:
        self._ends = _matching_ends(root)
        self._open: list[_Field] = []
        self._n_hiding = 0

    def mark(self, mark: _Element) -> None:
        """Come to the beginning of a field, to that of its result, or to its end."""
        kind = mark.get(tag("w:fldCharType"))
        if kind == "begin" and mark in self._ends:
            self._open.append(_Field())
            self._n_hiding += 1
        elif kind == "separate" and self._open:
            self._n_hiding -= self._open[-1].begin_result()
        elif kind == "end" and mark in self._ends:
            field = self._open.pop()
            self._n_hiding -= not field.is_shown
            _show_circled(mark, field)

    def instruct(self, words: str) -> None:
        """Come to a piece of an instruction."""
        if self._open:
            self._open[-1].instruction += words

    def hide(self) -> bool:
        """Whether what stands here is not shown."""
        return self._n_hiding > 0


class _Field:
    """A field that has begun: what it is to show, and whether that has begun too."""

    def __init__(self) -> None:
        self.instruction = ""
        self.in_result = False
        self.is_shown = False

    def begin_result(self) -> bool:
        """Come to the result; whether it is shown, and what stood before it was not."""
        was_shown, self.in_result = self.is_shown, True
        self.is_shown = self.instruction.split()[:1] not in ([kind] for kind in _LISTS)
        return self.is_shown and not was_shown


def _matching_ends(root: _Element) -> set[_Element]:
    """Beginnings and ends of fields that belong together; a field that never ends would swallow what follows."""
    begun: list[_Element] = []
    matched: set[_Element] = set()
    for mark in root.iter(_FIELD[0]):
        kind = mark.get(tag("w:fldCharType"))
        if kind == "begin":
            begun.append(mark)
        elif kind == "end" and begun:
            matched |= {begun.pop(), mark}
    return matched


def _show_circled(end: _Element, field: _Field) -> None:
    r"""Write ① for ``eq \o\ac(○,1)``, a circle and a number on top of each other."""
    if field.in_result or _CIRCLE not in field.instruction or not field.instruction.strip().lower().startswith("eq"):
        return
    inside = field.instruction.rpartition(",")[2].strip(" )")
    number = written_number(int(inside), "decimalEnclosedCircle") if inside.isdecimal() else inside
    text = etree.Element(tag("w:t"))
    text.text = number
    end.addnext(text)
