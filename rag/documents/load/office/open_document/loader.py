"""OpenDocument texts and presentations: .odt, .odp and their templates, as LibreOffice and others save them.

What a reader of the printed page sees is the text: numbers of lists and headings as shown, changes as if accepted,
notes behind the paragraph that refers to them. Left out are headers and footers, comments, hidden text and slides,
tables of contents, pictures and embedded files.

Not covered: charts, and slides' master pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rag.documents.load.builder import TextBuilder
from rag.documents.load.captions import HeldLines, may_title_table
from rag.documents.load.file_kind import wrong_kind
from rag.documents.load.loader import Extracted, readable_name
from rag.documents.load.office.open_document.lists import OpenLists
from rag.documents.load.office.open_document.styles import OpenStyles
from rag.documents.load.office.open_document.tables import grid_of
from rag.documents.load.office.open_document.text import InlineText, read_inline
from rag.documents.load.office.package import NAMESPACES, open_package, tag
from rag.errors import DocumentFormatError
from rag.text.unicode import is_chinese

if TYPE_CHECKING:
    from pathlib import Path

    from lxml.etree import _Element

    from rag.documents.load.office.package import Package

__all__ = ["OpenDocumentLoader"]

EXPECTED: Final = "OpenDocument file"
_KIND: Final = "application/vnd.oasis.opendocument"
_MEDIA_TYPES: Final = {
    ".odt": f"{_KIND}.text",
    ".ott": f"{_KIND}.text-template",
    ".odp": f"{_KIND}.presentation",
    ".otp": f"{_KIND}.presentation-template",
}
_HEADING, _PARAGRAPH, _LIST, _TABLE = map(tag, ("text:h", "text:p", "text:list", "table:table"))
_LEFT_OUT: Final = frozenset(
    map(
        tag,
        (
            *("text:table-of-content", "text:illustration-index", "text:table-index", "text:object-index"),
            *("text:user-index", "text:alphabetical-index", "text:tracked-changes", "office:forms"),
            *("office:annotation", "draw:page-thumbnail", "draw:glue-point", "presentation:notes"),
        ),
    )
)
_PICTURE: Final = tag("draw:image")
_FURNITURE: Final = ("header", "footer", "date-time", "page-number")
_DEEPEST: Final = 8


class OpenDocumentLoader:
    """The text of an OpenDocument text or presentation."""

    suffixes = frozenset(_MEDIA_TYPES)

    def extract(self, path: Path, *, max_bytes: int) -> Extracted:
        """Read paragraphs and tables, or slides, in order.

        Raises:
            DocumentFormatError: The file is damaged, locked, of another kind, or has no text.
            DocumentTooLargeError: It is too large when unpacked, or has too much text.
        """
        name = readable_name(path)
        builder = TextBuilder(name)
        with open_package(path, expected=EXPECTED, max_bytes=max_bytes) as package:
            if _is_locked(package):
                raise DocumentFormatError(f"{name} is locked with a password. Save it without one and index that.")
            root, styles = package.xml("content.xml"), package.xml("styles.xml")
            body = next(root.iter(tag("office:text"), tag("office:presentation")), None) if root is not None else None
            if root is None or body is None:
                raise DocumentFormatError(
                    wrong_kind(path, name, expected=EXPECTED) or f"{name} is an OpenDocument file without any text."
                )
            writer = _Writer(builder, OpenStyles([root] if styles is None else [styles, root]))
            writer.write(body)
        if not builder.text:
            raise DocumentFormatError(f"{name} has no text. Nothing was indexed from it.")
        media_type = _MEDIA_TYPES.get(path.suffix.lower(), _MEDIA_TYPES[".odt"])
        return Extracted(builder.text, media_type, blocks=builder.blocks, notes=writer.remarks())


def _is_locked(package: Package) -> bool:
    manifest = package.xml("META-INF/manifest.xml")
    return manifest is not None and any(str(each.tag).endswith("}encryption-data") for each in manifest.iter())


class _Writer:
    """Writes a document's body, paragraph by paragraph."""

    def __init__(self, builder: TextBuilder, styles: OpenStyles) -> None:
        self._builder, self._styles = builder, styles
        self._lines = HeldLines(builder)
        self._lists = OpenLists(styles)
        self._n_notes = self._n_pictures = 0
        self._hidden: list[int] = []
        self._has_title = False

    def write(self, body: _Element) -> None:
        """Write all of a document."""
        if body.tag == tag("office:text"):
            self._blocks(body)
        else:
            for number, page in enumerate(body.iterfind(tag("draw:page")), start=1):
                with self._builder.inside("slide"):
                    self._page(page, number)
                    self._lines.flush()
        self._lines.flush()

    def remarks(self) -> tuple[str, ...]:
        """What was left out, a sentence each."""
        hidden = ", ".join(map(str, self._hidden))
        return (
            *([f"Hidden slides left out: {hidden}."] if hidden else ()),
            *([f"Pictures left out: {self._n_pictures:,}."] if self._n_pictures else ()),
        )

    def _page(self, page: _Element, number: int) -> None:
        if page.get(tag("draw:style-name"), "") in self._styles.hidden_pages:
            self._hidden.append(number)
            return
        frames = [frame for frame in page if _class(frame) not in _FURNITURE]
        title = next((frame for frame in frames if _class(frame) == "title"), None)
        if title is not None:
            lines = (self._read(each).text for each in title.iter(_PARAGRAPH, _HEADING))
            self._title(" ".join(filter(None, map(str.strip, lines))))
        for frame in frames:
            if frame is not title:
                self._block(frame)
        for notes in page.iterfind(tag("presentation:notes")):
            for frame in notes:
                if _class(frame) == "notes":
                    self._block(frame)

    def _title(self, text: str) -> None:
        if self._has_title:
            self._builder.heading(text, 1)
        else:
            self._builder.title(text)
            self._has_title = bool(text)

    def _blocks(self, container: _Element) -> None:
        for element in container:
            self._block(element)

    def _block(self, element: _Element) -> None:
        name = str(element.tag)
        if name in _LEFT_OUT:
            return
        if name in (_HEADING, _PARAGRAPH):
            self._paragraph(element, self._lists.number_of_heading(element) if name == _HEADING else "")
        elif name == _LIST:
            self._list(element)
        elif name == _TABLE:
            self._table(element)
        elif name == _PICTURE:
            self._n_pictures += 1
        elif name.startswith((f"{{{NAMESPACES['text']}}}", f"{{{NAMESPACES['draw']}}}")):
            self._blocks(element)  # a section, a text box, a shape, a group of them

    def _list(self, element: _Element) -> None:
        with self._lists.inside(element):
            for item in element:
                number = self._lists.number_of_item(item)
                for child in item:
                    if child.tag in (_HEADING, _PARAGRAPH):
                        self._paragraph(child, number)
                        number = ""
                    else:
                        self._block(child)

    def _paragraph(self, element: _Element, number: str) -> None:
        inline = self._read(element)
        text = inline.text
        if text.strip() and not self._styles.is_listed(element):
            if element.tag == _HEADING:
                self._lines.flush()
                self._builder.heading(number + text, _level(element))
            elif self._styles.is_title(element):
                self._lines.flush()
                self._builder.title(text)
            else:
                self._lines.add(number + text, may_title=not number and may_title_table(text))
        self._behind(inline)

    def _behind(self, inline: InlineText) -> None:
        """Write what is tied to a paragraph: frames, and notes."""
        for frame in inline.frames:
            self._block(frame)
        for note in inline.notes:
            read = [self._read(each) for each in note.iter(_PARAGRAPH, _HEADING)]
            text = " ".join(filter(None, (each.text.strip() for each in read)))
            if text:
                self._n_notes += 1
                self._lines.flush()
                mark = f"注{self._n_notes}：" if is_chinese(text) else f"Note {self._n_notes}: "
                self._builder.paragraph(mark + text)

    def _table(self, table: _Element) -> None:
        inner: list[_Element] = []
        tied: list[InlineText] = []

        def say(cell: _Element) -> str:
            inner.extend(_tables_in(cell))
            read = [self._read(each) for each in _paragraphs_in(cell)]
            tied.extend(read)
            return "\n".join(filter(None, (each.text.strip() for each in read)))

        titles = self._lines.titles()
        self._builder.table(grid_of(table, say=say, titles=titles))
        for inline in tied:
            self._behind(inline)
        for each in inner:
            self._table(each)

    def _read(self, paragraph: _Element) -> InlineText:
        return read_inline(paragraph, self._styles)


def _class(frame: _Element) -> str:
    """Which placeholder of its layout a frame of a slide fills."""
    return frame.get(tag("presentation:class"), "")


def _level(heading: _Element) -> int:
    told = heading.get(tag("text:outline-level"), "1")
    return max(1, min(int(told), _DEEPEST)) if told.isdecimal() else 1


def _paragraphs_in(cell: _Element) -> list[_Element]:
    """Paragraphs of a cell, those of its lists too, and none of a table or frame in it."""
    found: list[_Element] = []
    for child in cell:
        if child.tag in (_PARAGRAPH, _HEADING):
            found.append(child)
        elif str(child.tag).startswith(f"{{{NAMESPACES['text']}}}") and child.tag not in _LEFT_OUT:
            found += _paragraphs_in(child)
    return found


def _tables_in(cell: _Element) -> list[_Element]:
    return cell.findall(_TABLE)
