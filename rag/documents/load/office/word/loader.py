"""Word documents: .docx and its kin, as lines, headings and tables.

Read from the XML itself: libraries that are made to write such files pass over what was inserted with changes tracked,
over text boxes, notes and the numbers of lists. What a reader of the printed page sees is the text: numbers of lists
as shown, changes as if accepted, notes behind the paragraph that refers to them, text boxes behind that which they are
tied to. Left out are headers and footers, comments, hidden text, tables of contents, and pictures.

Not covered: on which page something stands (no file tells), embedded files, text in pictures.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from rag.documents.load.builder import TextBuilder
from rag.documents.load.captions import HeldLines, may_title_table
from rag.documents.load.file_kind import wrong_kind
from rag.documents.load.loader import Extracted, readable_name
from rag.documents.load.office.charts import chart_grid, diagram_lines
from rag.documents.load.office.package import open_package, tag
from rag.documents.load.office.word.numbering import WordNumbering
from rag.documents.load.office.word.styles import WordStyles
from rag.documents.load.office.word.tables import grid_of, is_frame
from rag.documents.load.office.word.text import FLOATING, LOST, floating_in, text_of
from rag.documents.load.office.word.tree import make_plain
from rag.errors import DocumentFormatError
from rag.text.unicode import is_chinese

if TYPE_CHECKING:
    from pathlib import Path

    from lxml.etree import _Element

    from rag.documents.load.office.package import Package

__all__ = ["WordLoader"]

EXPECTED: Final = "Word document"
_OPEN_XML: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_MEDIA_TYPES: Final = {
    ".docx": f"{_OPEN_XML}.document",
    ".dotx": f"{_OPEN_XML}.template",
    ".docm": "application/vnd.ms-word.document.macroEnabled.12",
    ".dotm": "application/vnd.ms-word.template.macroEnabled.12",
}
_PARAGRAPH, _TABLE = tag("w:p"), tag("w:tbl")
_NOTES: Final = {tag("w:footnoteReference"): "footnotes", tag("w:endnoteReference"): "endnotes"}
_PICTURES: Final = (tag("a:blip"), "{urn:schemas-microsoft-com:vml}imagedata")


class WordLoader:
    """The text of a Word document."""

    suffixes = frozenset(_MEDIA_TYPES)

    def extract(self, path: Path, *, max_bytes: int) -> Extracted:
        """Read the paragraphs and tables, in order.

        Raises:
            DocumentFormatError: The file is damaged, locked, of another kind, or has no text.
            DocumentTooLargeError: It is too large when unpacked, or has too much text.
        """
        name = readable_name(path)
        with open_package(path, expected=EXPECTED, max_bytes=max_bytes) as package:
            part = package.main_part("word/document.xml")
            root = package.xml(part)
            body = root.find(tag("w:body")) if root is not None else None
            if root is None or body is None:
                raise DocumentFormatError(
                    wrong_kind(path, name, expected=EXPECTED) or f"{name} is a Word document without any content."
                )
            builder = TextBuilder(name)
            writer = _Writer(builder, package, part)
            writer.write(root)
        if not builder.text:
            raise DocumentFormatError(f"{name} has no text{_pictured(writer.n_pictures)}. Nothing was indexed from it.")
        media_type = _MEDIA_TYPES.get(path.suffix.lower(), _MEDIA_TYPES[".docx"])
        return Extracted(builder.text, media_type, blocks=builder.blocks, notes=tuple(writer.remarks(builder.text)))


def _pictured(n_pictures: int) -> str:
    return f", but pictures ({n_pictures:,}): run a text recognition (OCR) over it" if n_pictures else ""


class _Writer:
    """Writes a document's body, paragraph by paragraph."""

    def __init__(self, builder: TextBuilder, package: Package, part: str) -> None:
        self._builder, self._package = builder, package
        self._related = dict(package.related(part))
        self._styles = WordStyles(package.first(part, "styles"))
        self._numbering = WordNumbering(package.first(part, "numbering"), self._styles)
        self._notes = {kind: self._plain_notes(package.first(part, kind)) for kind in _NOTES.values()}
        self._n_notes = dict.fromkeys(_NOTES.values(), 0)
        self._lines = HeldLines(builder)
        self.n_pictures = 0
        self._n_embedded = 0

    def write(self, root: _Element) -> None:
        """Write all of a document."""
        make_plain(root, hiding=self._styles.hiding)
        self.n_pictures = sum(1 for _ in root.iter(*_PICTURES))
        self._n_embedded = sum(1 for _ in root.iter(tag("w:altChunk"), tag("w:subDoc")))
        for body in root.findall(tag("w:body")):
            self._blocks(body)
        self._lines.flush()

    def remarks(self, text: str) -> Iterable[str]:
        """What was left out, a sentence each."""
        counts = {
            "Pictures left out": self.n_pictures,
            "Embedded files left out": self._n_embedded,
            "Symbols of fonts of their own that could not be read": text.count(LOST),
        }
        return [f"{what}: {n:,}." for what, n in counts.items() if n]

    def _plain_notes(self, root: _Element | None) -> dict[str, _Element]:
        if root is None:
            return {}
        make_plain(root, hiding=self._styles.hiding)
        return {note.get(tag("w:id"), ""): note for note in root if note.get(tag("w:type"), "normal") == "normal"}

    def _blocks(self, container: _Element) -> None:
        for element in container:
            if element.tag == _PARAGRAPH:
                self._paragraph(element)
            elif element.tag == _TABLE:
                self._table(element)

    def _paragraph(self, paragraph: _Element) -> None:
        if not len(paragraph):
            return
        number = self._numbering.number(paragraph)
        text = text_of(paragraph)
        if text.strip() and not self._styles.is_listed(paragraph):
            self._line(paragraph, number, text)
        self._behind(paragraph)

    def _line(self, paragraph: _Element, number: str, text: str) -> None:
        level = self._styles.heading_level(paragraph)
        if self._styles.is_title(paragraph):
            self._lines.flush()
            self._builder.title(text)
        elif level and "。" not in text.rstrip()[:-1]:
            self._lines.flush()
            self._builder.heading(number + text, level)
        else:
            may_title = self._styles.is_caption(paragraph) or (not number and may_title_table(text))
            self._lines.add(number + text, may_title=may_title)

    def _table(self, table: _Element) -> None:
        if is_frame(table):
            self._lines.flush()
            for cell in table.iterfind(f"{tag('w:tr')}/{tag('w:tc')}"):
                self._blocks(cell)
            return
        self._grid(table, self._lines.titles())
        self._behind(table)

    def _grid(self, table: _Element, titles: tuple[str, ...] = ()) -> None:
        """Write a table, and behind it those that stand in its cells."""
        self._builder.table(grid_of(table, say=self._cell, titles=titles))
        for inner in table.iterfind(f"{tag('w:tr')}/{tag('w:tc')}/{_TABLE}"):
            self._grid(inner)

    def _cell(self, cell: _Element) -> str:
        paragraphs = cell.findall(_PARAGRAPH)
        return "\n".join(f"{self._numbering.number(one)}{text_of(one)}".strip() for one in paragraphs).strip()

    def _behind(self, element: _Element) -> None:
        """Write what floats in a paragraph or table, and the notes that it refers to."""
        for box in floating_in(element):
            self._blocks(box)
        if next(element.iterancestors(FLOATING), None) is not None:
            return  # its notes come behind what the box is tied to
        self._drawn(element)
        for reference in element.iter(*_NOTES):
            self._note(_NOTES[str(reference.tag)], reference)

    def _drawn(self, element: _Element) -> None:
        """Write the figures of charts and the words of diagrams."""
        for drawing in element.iter(tag("c:chart"), tag("dgm:relIds")):
            is_chart = drawing.tag == tag("c:chart")
            target = self._related.pop(drawing.get(tag("r:id" if is_chart else "r:dm"), ""), None)
            root = self._package.xml(target.part) if target else None
            if root is None:
                continue
            self._lines.flush()
            if is_chart:
                self._builder.table(chart_grid(root))
            else:
                for line in diagram_lines(root):
                    self._builder.paragraph(line)

    def _note(self, kind: str, reference: _Element) -> None:
        note = self._notes[kind].pop(reference.get(tag("w:id"), ""), None)  # each is referred to once
        if note is None:
            return
        self._n_notes[kind] += 1
        text = " ".join(filter(None, (text_of(one).strip() for one in note.iter(_PARAGRAPH))))
        if text:
            self._lines.flush()
            number = self._n_notes[kind]
            self._builder.paragraph(f"注{number}：{text}" if is_chinese(text) else f"Note {number}: {text}")
