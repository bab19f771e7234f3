"""PowerPoint presentations: .pptx and its kin, slide by slide.

A slide is its title, the text of its frames and tables in the order in which a screen reader has them (that of the
file), and its notes. Charts are read as the tables that they are drawn from. Hidden slides, masters, footers and
comments are left out.

Not covered: text in pictures, and tables that people drew of single text frames.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rag.documents.load.builder import TextBuilder
from rag.documents.load.file_kind import wrong_kind
from rag.documents.load.grid import Cell, Grid
from rag.documents.load.loader import Extracted, readable_name
from rag.documents.load.office.alternatives import choose_alternatives
from rag.documents.load.office.charts import chart_grid, diagram_lines
from rag.documents.load.office.package import open_package, tag
from rag.documents.load.office.slide_text import TextFrame, is_off
from rag.errors import DocumentFormatError, DocumentTooLargeError

if TYPE_CHECKING:
    from pathlib import Path

    from lxml.etree import _Element

    from rag.documents.load.office.package import Package, Related

__all__ = ["SlidesLoader"]

EXPECTED: Final = "PowerPoint presentation"
_OPEN_XML: Final = "application/vnd.openxmlformats-officedocument.presentationml"
_MEDIA_TYPES: Final = {
    ".pptx": f"{_OPEN_XML}.presentation",
    ".ppsx": f"{_OPEN_XML}.slideshow",
    ".potx": f"{_OPEN_XML}.template",
    ".pptm": "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
    ".ppsm": "application/vnd.ms-powerpoint.slideshow.macroEnabled.12",
}
MOST_SLIDES: Final = 5000
MOST_COLUMNS: Final = 1000  # PowerPoint lets people insert 75
_FURNITURE: Final = ("sldNum", "dt", "ftr", "hdr", "sldImg")
_TITLES: Final = ("title", "ctrTitle")
_ID: Final = tag("r:id")


class SlidesLoader:
    """The text of a presentation."""

    suffixes = frozenset(_MEDIA_TYPES)

    def extract(self, path: Path, *, max_bytes: int) -> Extracted:
        """Read the slides, in order.

        Raises:
            DocumentFormatError: The file is damaged, locked, of another kind, or has no text.
            DocumentTooLargeError: It is too large when unpacked, or has too much text.
        """
        name = readable_name(path)
        builder, seen = TextBuilder(name), _Seen()
        with open_package(path, expected=EXPECTED, max_bytes=max_bytes) as package:
            part = package.main_part("ppt/presentation.xml")
            root = package.xml(part)
            if root is None or root.tag != tag("p:presentation"):
                raise DocumentFormatError(
                    wrong_kind(path, name, expected=EXPECTED) or f"{name} is a presentation without any slides."
                )
            related = package.related(part)
            slides = root.findall(f"{tag('p:sldIdLst')}/{tag('p:sldId')}")
            if len(slides) > MOST_SLIDES:
                raise DocumentTooLargeError(
                    f"{name} has {len(slides):,} slides; the limit is {MOST_SLIDES:,}. Split it into several files."
                )
            for number, each in enumerate(slides, start=1):
                with builder.inside("slide"):
                    if target := related.get(each.get(_ID, "")):
                        _Slide(package, target.part, builder, seen).write(number)
        if not builder.text:
            raise DocumentFormatError(f"{name} has no text on its slides. Nothing was indexed from it.")
        media_type = _MEDIA_TYPES.get(path.suffix.lower(), _MEDIA_TYPES[".pptx"])
        return Extracted(builder.text, media_type, blocks=builder.blocks, notes=seen.told())


class _Seen:
    """What was seen on the way: whether there was a title, and what is left out."""

    def __init__(self) -> None:
        self.has_title = False
        self.hidden: list[int] = []
        self.n_pictures = 0

    def told(self) -> tuple[str, ...]:
        hidden = ", ".join(map(str, self.hidden))
        return (
            *([f"Hidden slides left out: {hidden}."] if hidden else ()),
            *([f"Pictures left out: {self.n_pictures:,}."] if self.n_pictures else ()),
        )


class _Slide:
    """Writes one slide."""

    def __init__(self, package: Package, part: str, builder: TextBuilder, seen: _Seen) -> None:
        self._package, self._builder, self._seen = package, builder, seen
        self._root = package.xml(part)
        self._related: dict[str, Related] = dict(package.related(part))

    def write(self, number: int) -> None:
        if self._root is None:
            return
        if is_off(self._root, "show"):
            self._seen.hidden.append(number)
            return
        choose_alternatives(self._root)
        shapes = list(_shapes(self._root))
        title = next((shape for shape in shapes if _placeholder(shape) in _TITLES), None)
        if title is not None:
            text = " ".join(line for _, line in TextFrame(title).lines())
            if self._seen.has_title:
                self._builder.heading(text, 1)
            else:
                self._builder.title(text)
                self._seen.has_title = bool(text.strip())
        for shape in shapes:
            if shape is not title and _placeholder(shape) not in _FURNITURE:
                self._shape(shape)
        self._speaker_notes()

    def _shape(self, shape: _Element) -> None:
        if shape.tag == tag("p:pic"):
            self._seen.n_pictures += 1
        elif shape.tag == tag("p:graphicFrame"):
            self._graphic(shape)
        else:
            self._frame(shape)

    def _frame(self, shape: _Element) -> None:
        for _, line in TextFrame(shape).lines():
            self._builder.paragraph(line)

    def _graphic(self, frame: _Element) -> None:
        for table in frame.iter(tag("a:tbl")):
            self._builder.table(_grid(table))
        for chart in frame.iter(tag("c:chart")):
            target = self._related.pop(chart.get(_ID, ""), None)
            root = self._package.xml(target.part) if target else None
            if root is not None:
                self._builder.table(chart_grid(root))
        for diagram in frame.iter(tag("dgm:relIds")):
            target = self._related.pop(diagram.get(tag("r:dm"), ""), None)
            root = self._package.xml(target.part) if target else None
            for line in diagram_lines(root) if root is not None else ():
                self._builder.paragraph(line)

    def _speaker_notes(self) -> None:
        part = next((each.part for each in self._related.values() if each.kind == "notesSlide"), "")
        root = self._package.xml(part) if part else None
        for shape in _shapes(root) if root is not None else ():
            if _placeholder(shape) == "body":
                self._frame(shape)


def _shapes(root: _Element) -> Iterator[_Element]:
    """Frames, tables, charts and pictures in the order of the file, those of groups too."""
    return root.iter(tag("p:sp"), tag("p:graphicFrame"), tag("p:pic"))


def _placeholder(shape: _Element) -> str:
    """Which placeholder of its layout a shape fills: ``title``, ``body``; empty where it is of the slide's own."""
    found = next(shape.iter(tag("p:ph")), None)
    return found.get("type", "body") if found is not None else ""


def _grid(table: _Element) -> Grid:
    rows: list[list[Cell | None]] = []
    for row in table.iterfind(tag("a:tr")):
        cells: list[Cell | None] = []
        for cell in row.iterfind(tag("a:tc")):
            covered = not is_off(cell, "hMerge", default="0") or not is_off(cell, "vMerge", default="0")
            text = "\n".join(line for _, line in TextFrame(cell).lines())
            n_columns, n_rows = _span(cell, "gridSpan"), _span(cell, "rowSpan")
            cells.append(None if covered else Cell(text, n_columns=n_columns, n_rows=n_rows))
        rows.append(cells)
    return Grid(rows)


def _span(cell: _Element, name: str) -> int:
    told = cell.get(name, "1")
    return max(1, min(int(told), MOST_COLUMNS)) if told.isdecimal() else 1
