"""Files of older office programs: .doc, .wps, .rtf and .ppt, read as what LibreOffice makes of them.

A file that is named so and is something else inside that is read without it, is read as that: a document of today,
plain text, and the web pages that programs save under the name of .doc.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from rag.documents.load import known_suffixes, loader_of
from rag.documents.load.file_kind import LOCKED, kind_of_file, wrong_kind
from rag.documents.load.loader import Extracted, readable_name
from rag.documents.load.office.libreoffice import converted
from rag.documents.load.office.slides import SlidesLoader
from rag.documents.load.office.word.loader import WordLoader
from rag.errors import DocumentFormatError

if TYPE_CHECKING:
    from rag.documents.load.loader import Loader

__all__ = ["OlderSlidesLoader", "OlderWordLoader"]


_PAGES: Final = (".html", ".mht")


class _OlderLoader:
    """Reads a file as one of today's kind."""

    suffixes: frozenset[str]
    media_types: ClassVar[dict[str, str]]
    expected: ClassVar[str]
    today: ClassVar[str]
    read: ClassVar[frozenset[str]]
    loader: ClassVar[type[Loader]]

    def extract(self, path: Path, *, max_bytes: int) -> Extracted:
        """Read a file of an older program.

        Raises:
            DocumentFormatError: LibreOffice is not installed or cannot read the file; or it is locked, or of another
                kind.
            DocumentTooLargeError: It is too large, or takes too long.
        """
        kind = kind_of_file(path)
        name = readable_name(path)
        if kind in ("", self.today) or (kind in _PAGES and kind in known_suffixes()):
            return loader_of(kind).extract(path, max_bytes=max_bytes)
        if kind == LOCKED or kind not in self.read:
            raise DocumentFormatError(wrong_kind(path, name, expected=self.expected))
        with converted(path, suffix=self.today, instead=f"save the file as '{self.today}'") as made:
            try:
                read = self.loader().extract(made, max_bytes=max_bytes)
            except DocumentFormatError as error:
                raise DocumentFormatError(str(error).replace(made.name, name)) from error
        return replace(read, media_type=self.media_types[path.suffix.lower()])


class OlderWordLoader(_OlderLoader):
    """The text of a Word document of the old kind, of WPS Writer's, and of Rich Text."""

    media_types: ClassVar = {
        ".doc": "application/msword",
        ".dot": "application/msword",
        ".wps": "application/vnd.ms-works",
        ".wpt": "application/vnd.ms-works",
        ".rtf": "application/rtf",
    }
    suffixes = frozenset(media_types)
    expected, today = "Word document", ".docx"
    read = frozenset({".doc", ".rtf", ".html", ".mht", ".xml"})  # Word writes all of them under the name of .doc
    loader = WordLoader


class OlderSlidesLoader(_OlderLoader):
    """The text of a PowerPoint presentation of the old kind, and of WPS Presentation's."""

    media_types: ClassVar = {
        ".ppt": "application/vnd.ms-powerpoint",
        ".pps": "application/vnd.ms-powerpoint",
        ".dps": "application/vnd.ms-powerpoint",
    }
    suffixes = frozenset(media_types)
    expected, today = "PowerPoint presentation", ".pptx"
    read = frozenset({".ppt"})
    loader = SlidesLoader
