"""What a file is by its content, whatever its name says: the ending that it should have. Reads; changes nothing.

Not covered: text in its many kinds, and what only its whole content would tell.
"""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Final

__all__ = ["LOCKED", "ZIP_ERRORS", "kind_in_words", "kind_of_file", "wrong_kind"]

LOCKED: Final = "locked"
"""In place of an ending: an Office file that is locked with a password."""

ZIP_ERRORS: Final = (
    *(zipfile.BadZipFile, zlib.error, struct.error, lzma.LZMAError),
    *(EOFError, NotImplementedError, RuntimeError, ValueError, IndexError),
)
"""What the standard library raises of archives that are damaged, of another kind, or locked."""

_HEAD_BYTES: Final = 2048
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # a compound file, MS-CFB 2.2
_ZIP: Final = b"PK"
_MAGIC: Final = {
    b"%PDF-": ".pdf",
    b"{\\rtf": ".rtf",
    b"7z\xbc\xaf\x27\x1c": ".7z",
    b"Rar!\x1a\x07": ".rar",
    b"\x1f\x8b": ".gz",
    b"\x89PNG\r\n\x1a\n": ".png",
    b"\xff\xd8\xff": ".jpg",
    b"GIF8": ".gif",
    b"II*\x00": ".tiff",
    b"MM\x00*": ".tiff",
    b"BM": ".bmp",
}
# Names of streams in a compound file, as they stand in it -> what it is. MS-OFFCRYPTO 2.3.4 has the first.
_STREAMS: Final = {
    "EncryptedPackage": LOCKED,
    "WordDocument": ".doc",
    "PowerPoint Document": ".ppt",
    "Workbook": ".xls",
    "__substg1.0_": ".msg",
}
_FOLDERS: Final = {"word/": ".docx", "xl/": ".xlsx", "ppt/": ".pptx"}
_OPEN_DOCUMENT: Final = "application/vnd.oasis.opendocument."
_MIMETYPES: Final = {
    f"{_OPEN_DOCUMENT}text": ".odt",
    f"{_OPEN_DOCUMENT}presentation": ".odp",
    f"{_OPEN_DOCUMENT}spreadsheet": ".ods",
    "application/epub+zip": ".epub",
}
_WORDS: Final = {
    LOCKED: "an Office file that is locked with a password",
    ".pdf": "a PDF file",
    ".rtf": "a Rich Text file",
    ".docx": "a Word document",
    ".doc": "a Word document of the old kind",
    ".xlsx": "an Excel workbook",
    ".xls": "an Excel workbook of the old kind",
    ".pptx": "a PowerPoint presentation",
    ".ppt": "a PowerPoint presentation of the old kind",
    ".msg": "an Outlook message",
    ".odt": "an OpenDocument text",
    ".odp": "an OpenDocument presentation",
    ".ods": "an OpenDocument spreadsheet",
    ".epub": "an e-book",
    ".zip": "a zip archive",
    ".7z": "an archive",
    ".rar": "an archive",
    ".html": "a web page",
    ".mht": "a saved web page or a message",
    ".xml": "an XML file",
} | (dict.fromkeys((".png", ".jpg", ".gif", ".tiff", ".bmp"), "a picture"))


def kind_of_file(path: Path) -> str:
    """The ending that a file should have by its content, lower case with the dot; empty where that is not told.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        if head.startswith(_OLD_OFFICE):
            file.seek(0)
            content = file.read()
            streams = (kind for name, kind in _STREAMS.items() if name.encode("utf-16-le") in content)
            return next(streams, ".doc")
    if head.startswith(_ZIP):
        return _kind_of_zip(path)
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    return _kind_of_markup(head.lstrip(b"\xef\xbb\xbf \t\r\n").lower())


def kind_in_words(kind: str) -> str:
    """What a kind is called: ``a Word document (.docx)``."""
    if kind == LOCKED:
        return _WORDS[LOCKED]
    return f"{_WORDS.get(kind, 'a file')} ({kind})"


def wrong_kind(path: Path, name: str, *, expected: str) -> str:
    """Why a file is not what its name says, and what to do; empty where its content does not tell, or says the same.

    Args:
        path: The file.
        name: Its name, for people.
        expected: What was expected, in words: ``Word document``.
    """
    kind = kind_of_file(path)
    if kind == LOCKED:
        return f"{name} is locked with a password. Save it without one and index that."
    if not kind or kind == path.suffix.lower() or _WORDS.get(kind, "").endswith(expected):
        return ""
    return f"{name} is no {expected} but {kind_in_words(kind)}. Rename it to end in '{kind}'."


def _kind_of_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if "mimetype" in names:
                with archive.open("mimetype") as member:
                    told = member.read(200).decode("ascii", "replace").strip()
                return _MIMETYPES.get(told.removesuffix("-template"), ".zip")
    except ZIP_ERRORS:
        return ""
    folders = (kind for folder, kind in _FOLDERS.items() if any(name.lower().startswith(folder) for name in names))
    return next(folders, ".zip") if "[Content_Types].xml" in names else ".zip"


def _kind_of_markup(head: bytes) -> str:
    if head.startswith((b"<!doctype html", b"<html")) or b"<html" in head[:1000]:
        return ".html"
    if head.startswith(b"mime-version:"):
        return ".mht"
    return ".xml" if head.startswith(b"<?xml") else ""
