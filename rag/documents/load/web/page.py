"""Pages of the web (HTML, XHTML): the text of the page without what stands around it.

The encoding is what a byte order mark, the page itself or its bytes tell. The page's title is the first heading; date
and source come from its ``meta`` elements where its text does not show them. Nothing is fetched: no pictures, styles,
frames, entities of another file.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rag.documents.cleaning.noise import is_chrome
from rag.documents.load.builder import TextBuilder
from rag.documents.load.encodings import Decoded, decode_as, decode_text
from rag.documents.load.loader import Extracted, readable_name
from rag.documents.load.web.content import keep_content
from rag.documents.load.web.elements import leaves, n_chars
from rag.documents.load.web.head import read_head
from rag.documents.load.web.writer import PageWriter
from rag.errors import DocumentFormatError, DocumentTooLargeError

if TYPE_CHECKING:
    from lxml.html import HtmlElement

__all__ = ["HtmlLoader", "write_page"]

_CHARSET: Final = re.compile(
    rb"""<(?:meta|\?xml)\b[^>]{0,200}?\b(?:charset|encoding)\s*=\s*["']?\s*([\w-]{2,20})""", re.I
)
_HEAD_BYTES: Final = 4096  # the standard asks for 1024
MAX_TAGS: Final = 250_000  # a table of 25,000 rows of ten cells; as many take 9 seconds and 0.2 GB
SHOWN_CHARS: Final = 200  # of the text's beginning, where a page shows its date
MOST_DEPTH: Final = 150  # of elements in one another; what lies deeper is read without its form
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


class HtmlLoader:
    """A page of the web as it was saved."""

    suffixes = frozenset({".html", ".htm", ".xhtml"})
    media_type = "text/html"

    def extract(self, path: Path, *, max_bytes: int) -> Extracted:
        """Read the page.

        Raises:
            DocumentFormatError: The file is binary, or nothing of it is text.
            DocumentTooLargeError: The page has too many elements.
        """
        name = readable_name(path)
        with path.open("rb") as file:
            content = file.read(max_bytes)
        builder = TextBuilder(name)
        read, notes = write_page(content, builder, name=name)
        return Extracted(builder.text, self.media_type, read.encoding, builder.blocks, (*read.notes, *notes))


def write_page(
    content: bytes, builder: TextBuilder, *, name: str, encoding: str = "", whole: bool = False
) -> tuple[Decoded, tuple[str, ...]]:
    """Write what a page says.

    Args:
        content: The page.
        builder: Takes its text.
        name: The file's name, for messages.
        encoding: What somebody else says that the encoding is.
        whole: Whether all that is shown is the text: a message and a chapter have no menus.

    Returns:
        How the page was read, and what of it was left out.
    """
    read = _decoded(content, name, encoding)
    root = _parsed(read.text, name)
    body = root.find("body") if root is not None else None
    if root is None or body is None:
        return read, ()
    head = read_head(root, body)
    keep_content(body, head.heading, whole=whole)
    shown = " ".join(text for text in leaves(body) if not is_chrome(text))[:SHOWN_CHARS]
    title = "" if whole else head.title
    if n_chars(title) and n_chars(shown):
        builder.heading(title, 1)
        builder.paragraph(head.line(shown))
    writer = PageWriter(builder, name, title)
    writer.write(body)
    pictures = (f"{writer.n_pictures:,} pictures are not read.",) if writer.n_pictures else ()
    return read, pictures


def _decoded(content: bytes, name: str, told: str) -> Decoded:
    """The page's text in the encoding that it tells, where its bytes fit; else as :func:`decode_text` finds it."""
    found = _CHARSET.search(content[:_HEAD_BYTES])
    told = told or (found[1].decode("ascii") if found else "")
    return decode_as(content, told, name=name) or decode_text(content, name=name)


def _parsed(text: str, name: str) -> HtmlElement | None:
    from lxml import etree, html  # noqa: PLC0415 - slow to import

    if text.count("<") - text.count("</") > MAX_TAGS:
        raise DocumentTooLargeError(f"{name} has more than {MAX_TAGS:,} elements. Split it into several pages.")
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = html.document_fromstring(_CONTROLS.sub(" ", text).encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise DocumentFormatError(
            f"{name} is no page that can be read ({error}). Open it in a browser and save it again."
        ) from error
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise DocumentFormatError(f"{name} has elements nested thousands deep. Save its text, and index that.")
    _flatten(root)
    return root


def _flatten(root: HtmlElement) -> None:
    """Make text of what lies too deep: marks that were never closed put each line into the one before."""
    level = list(root)
    for _ in range(MOST_DEPTH):
        level = [child for element in level for child in element]
    for element in level:
        element.text = "".join(element.itertext(with_tail=False))
        for child in list(element):
            element.remove(child)
