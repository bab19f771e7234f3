"""Pages saved whole (MHTML, RFC 2557): the page of a message that holds its pictures and styles too."""

from __future__ import annotations

from pathlib import Path

from rag.documents.load.builder import TextBuilder
from rag.documents.load.containers.mail import parsed_message
from rag.documents.load.loader import Extracted, readable_name
from rag.documents.load.web.page import write_page
from rag.errors import DocumentFormatError

__all__ = ["MhtmlLoader"]


class MhtmlLoader:
    """The page of a saved page."""

    suffixes = frozenset({".mht", ".mhtml"})
    media_type = "multipart/related"

    def extract(self, path: Path, *, max_bytes: int) -> Extracted:
        """Read the page.

        Raises:
            DocumentFormatError: The file is no saved page.
        """
        name = readable_name(path)
        with path.open("rb") as file:
            message = parsed_message(file.read(max_bytes), name)
        for part in message.walk():
            content = part.get_payload(decode=True) if not part.is_multipart() else b""
            if part.get_content_type() in ("text/html", "application/xhtml+xml") and isinstance(content, bytes):
                builder = TextBuilder(name)
                read, notes = write_page(content, builder, name=name, encoding=part.get_content_charset() or "")
                return Extracted(builder.text, self.media_type, "", builder.blocks, (*read.notes, *notes))
        raise DocumentFormatError(f"{name} holds no page. Open it in a browser and save it as one HTML file.")
