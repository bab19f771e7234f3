"""Plain text files: bytes -> text, without touching a character.

Line ends stay as they are, so that offsets count in the file's own text; only a byte order mark,
which says how to read and is not text, is left out.
"""

from __future__ import annotations

import codecs
from contextlib import suppress
from pathlib import Path

from rag.documents.cleaning.pages import page_blocks
from rag.documents.load.loader import Extracted, readable_name
from rag.errors import DocumentEncodingError, DocumentFormatError

__all__ = ["MarkdownLoader", "TextLoader", "decode"]

# A byte order mark decides; UTF-32 first, because its mark begins with UTF-16's.
BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_AS_TEXT = "Save it as plain text (UTF-8) and index that."
# What well-known containers begin with, to say "this is a picture" and not "bad encoding".
SIGNATURES = (
    (b"%PDF", "a PDF file"),
    (b"PK\x03\x04", "a ZIP container (docx, xlsx, pptx, epub ...)"),
    (b"\xd0\xcf\x11\xe0", "an old Office file (doc, xls, ppt)"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x7fELF", "a program"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"SQLite format 3", "a SQLite database"),
)
_AS_PDF = "Save it as PDF, or as plain text (UTF-8), and index that."
ADVICE = {b"%PDF": "Let its name end in .pdf.", b"PK\x03\x04": _AS_PDF, b"\xd0\xcf\x11\xe0": _AS_PDF}


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
        text, encoding = decode(content, name=readable_name(path))
        return Extracted(text, self.media_type, encoding, page_blocks(text))


class MarkdownLoader(TextLoader):
    """Markdown, whose text is the file's own: what its signs mean is found where structure is."""

    suffixes = frozenset({".md", ".markdown"})
    media_type = "text/markdown"


def decode(content: bytes, *, name: str, guess: bool = True) -> tuple[str, str]:
    """Decode bytes whose encoding nobody told.

    UTF-8 is tried first because it is self-checking; then GB 18030, which every Chinese legacy file is
    a subset of; then statistics (charset-normalizer).

    Args:
        content: The file's bytes.
        name: The file's name, for messages.
        guess: Whether statistics may decide; they need more text than a list of questions has.

    Returns:
        The text and the encoding's name.

    Raises:
        DocumentFormatError: The bytes are no text.
        DocumentEncodingError: No encoding fits.
    """
    for signature, kind in SIGNATURES:
        if content.startswith(signature):
            raise DocumentFormatError(f"{name} is {kind}, not text. {ADVICE.get(signature, _AS_TEXT)}")
    for mark, encoding in BOMS:
        if content.startswith(mark):
            return _strict(content, encoding, name), encoding
    if b"\x00" in content:
        raise DocumentFormatError(f"{name} is binary, not text. {_AS_TEXT}")
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _other_than_utf_8(content, name, guess=guess)


def _other_than_utf_8(content: bytes, name: str, *, guess: bool) -> tuple[str, str]:
    with suppress(UnicodeDecodeError):
        text = content.decode("gb18030")
        if not guess or _looks_chinese(text):
            return text, "gb18030"
    found = _by_statistics(content) if guess else None
    if found is None:
        raise DocumentEncodingError(
            f"{name} fits no text encoding (UTF-8, GB 18030 and others were tried). Save it as UTF-8 and index that."
        )
    return found


def _by_statistics(content: bytes) -> tuple[str, str] | None:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - rarely needed

    matches = from_bytes(content)
    best = matches.best()
    if best is None:
        return None
    for match in matches:  # of encodings that read alike, the commonest: French is no Baltic language
        if match.encoding == "cp1252" and match.coherence >= best.coherence and match.chaos < best.chaos + 0.1:
            best = match
    return str(best), best.encoding


def _strict(content: bytes, encoding: str, name: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise DocumentEncodingError(
            f"{name} begins like {encoding} but byte {error.start:,} does not fit. Save it as UTF-8 and index that."
        ) from error


def _looks_chinese(text: str) -> bool:
    """Whether decoding as GB 18030 gave Chinese and not rare characters from another encoding's bytes.

    GB 18030 accepts nearly any byte pair. Text that is Chinese falls almost wholly into the first 3,755
    characters of GB 2312 (its level 1, rows 16-55, lead bytes B0-D7), the ones in daily use.
    """
    wide = [ch for ch in text if ord(ch) > 0x7F]
    common = sum(1 for ch in wide if _is_common(ch))
    return bool(wide) and common / len(wide) > 0.7


def _is_common(ch: str) -> bool:
    try:
        lead = ch.encode("gb2312")[0]
    except UnicodeEncodeError:
        return False
    return 0xA1 <= lead <= 0xA3 or 0xB0 <= lead <= 0xD7
