"""Electronic books (EPUB 2 and 3): their chapters in reading order, each a page.

Not covered: books under a publisher's lock, fixed pages that are pictures, notes that open in a window.
"""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote
from zipfile import ZipFile

from rag.documents.load.builder import TextBuilder
from rag.documents.load.containers.archive import open_zip, unpacked
from rag.documents.load.loader import Extracted, readable_name
from rag.documents.load.web.page import write_page
from rag.errors import DocumentError, DocumentFormatError, DocumentTooLargeError

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["EpubLoader"]

_CONTAINER: Final = "META-INF/container.xml"
_PAGES: Final = frozenset({"application/xhtml+xml", "text/html"})
MAX_CHAPTERS: Final = 5_000
TIMES_LIMIT: Final = 4
"""How much larger than one file all chapters together may be."""


class EpubLoader:
    """The chapters of a book."""

    suffixes = frozenset({".epub"})
    media_type = "application/epub+zip"

    def extract(self, path: Path, *, max_bytes: int) -> Extracted:
        """Read the chapters.

        Raises:
            DocumentFormatError: The file is no book, or nothing of it can be read.
            DocumentTooLargeError: It unpacks to too much.
        """
        name = readable_name(path)
        builder = TextBuilder(name)
        notes: list[str] = []
        left = TIMES_LIMIT * max_bytes
        with open_zip(path, name) as archive:
            title, chapters = _spine(archive, name, max_bytes)
            if title:
                builder.heading(title, 1)
            for chapter in chapters[:MAX_CHAPTERS]:
                try:
                    content = unpacked(archive, archive.getinfo(chapter), max_bytes=max_bytes, name=name)
                    left -= len(content)
                    _check_room(left, name)
                    with builder.inside("member", chapter):
                        read, left_out = write_page(content, builder, name=name, whole=True)
                    notes += [f"{chapter}: {note}" for note in (*read.notes, *left_out)]
                except DocumentTooLargeError:
                    raise
                except (KeyError, DocumentError) as error:
                    notes.append(f"{chapter} was not read: {error}")
        if not any(block.kind == "member" for block in builder.blocks):
            reason = notes[0] if notes else "It has no chapters."
            raise DocumentFormatError(f"{name} has no text that can be read. {reason}")
        return Extracted(builder.text, self.media_type, blocks=builder.blocks, notes=tuple(notes[:50]))


def _check_room(left: int, name: str) -> None:
    if left < 0:
        raise DocumentTooLargeError(f"{name} unpacks to more than four times max_file_bytes. Split it, or raise that.")


def _spine(archive: ZipFile, name: str, max_bytes: int) -> tuple[str, list[str]]:
    """The book's title, and the paths of its chapters in reading order."""
    root = _xml(archive, _CONTAINER, name, max_bytes)
    package = next((each.get("full-path") or "" for each in root.iter("{*}rootfile")), "")
    book = _xml(archive, package, name, max_bytes)
    folder = posixpath.dirname(package)
    paths = {
        each.get("id"): posixpath.normpath(posixpath.join(folder, unquote(each.get("href") or "")))
        for each in book.iter("{*}item")
        if each.get("media-type") in _PAGES and "nav" not in (each.get("properties") or "").split()
    }
    title = next((" ".join("".join(map(str, each.itertext())).split()) for each in book.iter("{*}title")), "")
    return title, [paths[at] for each in book.iter("{*}itemref") if (at := each.get("idref")) in paths]


def _xml(archive: ZipFile, member: str, name: str, max_bytes: int) -> _Element:
    from lxml import etree  # noqa: PLC0415 - slow to import

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        info = archive.getinfo(member)
        return etree.fromstring(unpacked(archive, info, max_bytes=max_bytes, name=name), parser)
    except (KeyError, etree.XMLSyntaxError, DocumentFormatError) as error:
        raise DocumentFormatError(
            f"{name} is no EPUB file that can be read ({member or 'its table of files'}: {error}). Save it anew."
        ) from error
