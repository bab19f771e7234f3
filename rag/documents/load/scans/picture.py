"""Pictures of text: photographed, scanned and received by fax. Needs the extra ``ocr``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rag.documents.load.file_kind import wrong_kind
from rag.documents.load.loader import Extracted, readable_name
from rag.documents.load.scans import recognition
from rag.documents.load.scans.paged import paged
from rag.errors import DocumentFormatError

__all__ = ["PictureLoader"]

_MEDIA_TYPES: Final = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".bmp": "image/bmp",
    ".webp": "image/webp",
}


class PictureLoader:
    """The text on a picture, or on each page of a TIFF file."""

    suffixes = frozenset(_MEDIA_TYPES)

    def extract(self, path: Path, *, max_bytes: int) -> Extracted:  # noqa: ARG002 - pixels are limited, not bytes
        """Recognize the text.

        Raises:
            DocumentFormatError: The extra is not installed, the file is no picture or damaged, or has no text.
        """
        name = readable_name(path)
        if reason := wrong_kind(path, name, expected="picture"):
            raise DocumentFormatError(reason)
        if not recognition.is_installed():
            raise DocumentFormatError(
                f"{name} is a picture. To have it read by text recognition (OCR): {recognition.INSTALL}"
            )
        pages = list(recognition.recognize_pages(path))
        faults = [page for page in pages if page.fault]
        if not any(page.page.text for page in pages):
            why = (
                f"cannot be read as a picture: {faults[0].fault.replace(str(path), name)}."
                if faults
                else "is a picture without text."
            )
            raise DocumentFormatError(f"{name} {why}")
        notes = ["Text recognition (OCR) read it: single characters may be wrong."]
        # A fault's words may hold the path, which may be a temporary one.
        words = [page.fault.replace(str(path), name) for page in faults]
        of = len(pages)
        notes += [f"Left out: page {page.number} of {of} ({why})." for page, why in zip(faults, words, strict=True)]
        return paged([page.page for page in pages], _MEDIA_TYPES[path.suffix.lower()], notes)
