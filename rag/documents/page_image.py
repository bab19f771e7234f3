"""A page of a PDF file or of a picture, drawn, so that people see where a quote stands. Knows nothing of quotes.

The place of a quote on its page is told by :meth:`rag.documents.location.Locator.boxes`. Files are not those of the
index for ever: what is drawn is only what has the digest that the index keeps.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from rag.documents.load.isolated import GIGABYTE, EndedEarlyError, run
from rag.documents.load.loader import readable_name
from rag.documents.load.scans import page_child
from rag.errors import DocumentFormatError, FileChangedError, FileGoneError
from rag.schema.documents import PICTURE_TYPES

if TYPE_CHECKING:
    from rag.schema.documents import Document

__all__ = ["MAX_WIDTH", "PageImages", "render"]

MAX_WIDTH: Final = 2_600
SECONDS: Final = 20.0
KEPT_BYTES: Final = 32_000_000
"""Of pictures that are kept: some 200 pages of text, of which nine had 0.11 MB on average."""
_CHILD: Final = str(page_child.__file__)
_DRAWN: Final = PICTURE_TYPES | {"application/pdf"}
_Key: TypeAlias = tuple[str, int, int]


class PageImages:
    """Draws pages of indexed files and keeps the pictures that were asked for last. Safe to share between threads.

    Args:
        kept_bytes: How much is kept at the most.
    """

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._room = kept_bytes
        self._kept: OrderedDict[_Key, bytes] = OrderedDict()  # by digest, page and width; the last one is the newest
        self._lock = threading.Lock()

    @property
    def n_bytes(self) -> int:
        """How much is kept."""
        with self._lock:
            return sum(map(len, self._kept.values()))

    def draw(self, document: Document, paths: Iterable[str], page: int, *, width: int) -> bytes:
        """Draw a page of a document's file, if that still is what was indexed.

        Args:
            document: The document as it was indexed.
            paths: Where its file stood, and its copies.
            page: Which page, from 1.
            width: In pixels, as in :func:`render`.

        Returns:
            A PNG or JPEG file.

        Raises:
            DocumentFormatError: It is a document without pages, or has no such page, or that cannot be drawn.
            FileGoneError: There is no file any more.
            FileChangedError: Another file stands in its place.
        """
        if document.media_type not in _DRAWN:
            raise DocumentFormatError(f"{document.source} has no pages that can be drawn: it is {document.media_type}.")
        key = document.sha256, page, width
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        image = render(_content(document, paths), page, name=document.source, width=width)
        with self._lock:
            self._kept[key] = image
            self._kept.move_to_end(key)
            n_bytes = sum(map(len, self._kept.values()))
            while n_bytes > self._room:
                n_bytes -= len(self._kept.popitem(last=False)[1])
        return image


def render(content: bytes, page: int, *, name: str, width: int) -> bytes:
    """Draw a page in a process of its own, with limits of time and memory.

    Args:
        content: A PDF file or a picture file.
        page: Which page, from 1.
        name: What people call the file.
        width: In pixels, at most ``MAX_WIDTH``; a page that would be higher than that becomes narrower.

    Returns:
        A PNG file; where that would be large, a JPEG file.

    Raises:
        DocumentFormatError: It has no such page, or that cannot be drawn.
    """
    width = min(max(width, 1), MAX_WIDTH)
    asked = "render", str(page), str(width)
    try:
        return run(_CHILD, *asked, seconds=SECONDS, memory_bytes=GIGABYTE, given=content)
    except TimeoutError as error:
        raise DocumentFormatError(f"Page {page} of {name} could not be drawn in {SECONDS:.0f} seconds.") from error
    except EndedEarlyError as error:
        raise DocumentFormatError(f"Page {page} of {name} cannot be drawn ({error}).") from error


def _content(document: Document, paths: Iterable[str]) -> bytes:
    """The bytes that were indexed, of the first file that still has them; read once, so that nothing can differ."""
    is_there = False
    for path in map(Path, paths):
        try:
            if not path.is_file():
                continue
            with path.open("rb") as file:
                content = file.read(document.n_bytes + 1)
        except (OSError, ValueError):  # not to be read, or no path of this machine
            continue
        is_there = True
        if hashlib.sha256(content).hexdigest() == document.sha256:
            return content
    name = readable_name(Path(document.source))
    if is_there:
        raise FileChangedError(f"The file of {name} is not the one that was indexed. Index it again.")
    raise FileGoneError(f"The file of {name} is not where it was when it was indexed. Put it back.")
