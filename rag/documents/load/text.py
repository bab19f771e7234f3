"""Plain text files: bytes -> text, without touching a character.

Line ends stay as they are, so that offsets count in the file's own text; only a byte order mark,
which says how to read and is not text, is left out.
"""

from __future__ import annotations

from pathlib import Path

from rag.documents.cleaning.pages import page_blocks
from rag.documents.load.encodings import decode_text
from rag.documents.load.loader import Extracted, readable_name

__all__ = ["MarkdownLoader", "TextLoader"]


class TextLoader:
    """Plain text in any encoding."""

    suffixes = frozenset({".txt", ".text", ".log"})
    media_type = "text/plain"

    def extract(self, path: Path, *, max_bytes: int) -> Extracted:
        """Decode the file.

        Raises:
            DocumentFormatError: The file is binary.
            DocumentEncodingError: No encoding fits.
        """
        with path.open("rb") as file:
            content = file.read(max_bytes)
        read = decode_text(content, name=readable_name(path))
        return Extracted(read.text, self.media_type, read.encoding, page_blocks(read.text), read.notes)


class MarkdownLoader(TextLoader):
    """Markdown, whose text is the file's own: what its signs mean is found where structure is."""

    suffixes = frozenset({".md", ".markdown"})
    media_type = "text/markdown"
