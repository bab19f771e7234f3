"""What files of well-known kinds begin with, to say "this is a picture" and not "bad encoding"."""

from __future__ import annotations

from typing import Final

from rag.errors import DocumentFormatError

__all__ = ["AS_TEXT", "refuse_containers"]

AS_TEXT: Final = "Save it as plain text (UTF-8) and index that."
# What well-known containers begin with, to say "this is a picture" and not "bad encoding".
SIGNATURES: Final = (
    (b"%PDF", "a PDF file"),
    (b"PK\x03\x04", "a ZIP container (docx, xlsx, pptx, epub ...)"),
    (b"\xd0\xcf\x11\xe0", "an old Office file (doc, xls, ppt)"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x7fELF", "a program"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"SQLite format 3", "a SQLite database"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
)
_UNPACK: Final = "Unpack it and index what is in it, or pack it as ZIP."
_AS_PDF: Final = "Save it as PDF, or as plain text (UTF-8), and index that."
ADVICE: Final = {
    b"%PDF": "Let its name end in .pdf.",
    b"PK\x03\x04": _AS_PDF,
    b"\xd0\xcf\x11\xe0": _AS_PDF,
} | dict.fromkeys((b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07"), _UNPACK)


def refuse_containers(content: bytes, name: str) -> None:
    """Say what a file is that is no text.

    Raises:
        DocumentFormatError: It begins like a file of another kind.
    """
    for signature, kind in SIGNATURES:
        if content.startswith(signature):
            raise DocumentFormatError(f"{name} is {kind}, not text. {ADVICE.get(signature, AS_TEXT)}")
