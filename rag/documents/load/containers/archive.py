"""ZIP archives: every file in them, read by the loader of its ending.

Nothing is unpacked under the name that an archive gives. Names without a mark of UTF-8 are read as UTF-8, GB 18030 or
Big5, whichever fits, else as the standard's code page 437. Links, system files and members under a password are passed
over, and all but system files are noted.

Not covered: archives in several volumes, and other kinds than ZIP.
"""

from __future__ import annotations

import stat
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from rag.documents.load.builder import TextBuilder
from rag.documents.load.containers.members import reading_members, shown_path
from rag.documents.load.encodings import decode_name
from rag.documents.load.loader import Extracted, readable_name
from rag.errors import DocumentFormatError, DocumentTooLargeError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ZipLoader", "open_zip", "unpacked"]

MAX_MEMBERS: Final = 20_000
MAX_RATIO: Final = 200
"""How often smaller a member may be packed: texts and tables reach 20, the densest bomb of zeros 1,032."""
BOMB_BYTES: Final = 10_000_000  # what is smaller harms nobody
_UTF_8: Final = 0x800
_ENCRYPTED: Final = 0x1
_METHODS: Final = (ZIP_STORED, ZIP_DEFLATED, ZIP_BZIP2)  # LZMA may ask for 4 GB at once
_OFFICE: Final = {"word/document.xml": ".docx", "xl/workbook.xml": ".xlsx", "ppt/presentation.xml": ".pptx"}


class ZipLoader:
    """The files of a ZIP archive."""

    suffixes = frozenset({".zip"})
    media_type = "application/zip"

    def extract(self, path: Path, *, max_bytes: int) -> Extracted:
        """Read the members, in the archive's order.

        Raises:
            DocumentFormatError: It is no archive, or nothing in it can be read.
            DocumentTooLargeError: It unpacks to too much.
        """
        name = readable_name(path)
        builder = TextBuilder(name)
        with open_zip(path, name) as archive, reading_members(builder, name, max_bytes) as members:
            for info in _files(archive, name):
                shown = shown_path(_name(info))
                if stat.S_ISLNK(info.external_attr >> 16):
                    members.note(shown, "it is a link")
                elif info.flag_bits & _ENCRYPTED:
                    members.note(shown, "it is locked with a password")
                else:
                    try:
                        content = unpacked(archive, info, max_bytes=max_bytes, name=name)
                    except DocumentFormatError as error:
                        members.note(shown, str(error))
                    else:
                        members.add(shown, content)
        if not members.n_read:
            reasons = " ".join(members.notes[:3]) or "It is empty."
            raise DocumentFormatError(f"{name} holds no file that can be read. {reasons}")
        return Extracted(builder.text, self.media_type, blocks=builder.blocks, notes=members.told())


@contextmanager
def open_zip(path: Path, name: str) -> Iterator[ZipFile]:
    """Open an archive.

    Raises:
        DocumentFormatError: It is none, or it is damaged.
    """
    try:
        with ZipFile(path) as archive:
            yield archive
    except (BadZipFile, NotImplementedError, UnicodeError, ValueError, EOFError) as error:
        raise DocumentFormatError(
            f"{name} is no ZIP archive that can be read ({error}). Unpack it and index what is in it."
        ) from error


def unpacked(archive: ZipFile, info: ZipInfo, *, max_bytes: int, name: str) -> bytes:
    """The bytes of a member.

    Raises:
        DocumentFormatError: It is damaged, locked, larger than ``max_bytes``, or packed in a way that is not read.
        DocumentTooLargeError: It is a bomb.
    """
    if info.compress_type not in _METHODS:
        raise DocumentFormatError(f"it is packed by method {info.compress_type}; pack it anew as a plain ZIP archive")
    if info.file_size > max(BOMB_BYTES, MAX_RATIO * info.compress_size):
        raise DocumentTooLargeError(
            f"{name} holds a file that unpacks to {info.file_size // max(1, info.compress_size):,} times its size, as "
            "only harmful ones do. Unpack it and index the files that you need."
        )
    try:
        with archive.open(info) as file:
            content = file.read(max_bytes + 1)
    except (BadZipFile, RuntimeError, NotImplementedError, zlib.error, EOFError, OSError, ValueError) as error:
        raise DocumentFormatError(f"it is damaged ({error})") from error
    if len(content) > max_bytes:
        raise DocumentFormatError(f"it has more than {max_bytes:,} bytes; raise max_file_bytes")
    return content


def _files(archive: ZipFile, name: str) -> list[ZipInfo]:
    infos = archive.infolist()
    if len(infos) > MAX_MEMBERS:
        raise DocumentTooLargeError(f"{name} holds {len(infos):,} files; the limit is {MAX_MEMBERS:,}. Unpack it.")
    if office := next((suffix for member, suffix in _OFFICE.items() if member in archive.NameToInfo), ""):
        raise DocumentFormatError(f"{name} is an Office file. Let its name end in {office}.")
    return [info for info in infos if not info.is_dir() and not _is_of_system(info.filename)]


def _is_of_system(name: str) -> bool:
    pieces = name.replace("\\", "/").split("/")
    return "__MACOSX" in pieces or pieces[-1].startswith(".") or pieces[-1].lower() in ("thumbs.db", "desktop.ini")


def _name(info: ZipInfo) -> str:
    if info.flag_bits & _UTF_8:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    return decode_name(raw) or info.filename
