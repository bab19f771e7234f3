"""A file of an office program as what it is: a zip of XML parts that name each other. Knows neither text nor slides.

Files are untrusted. What is unpacked of one is limited, and so is what its XML takes in memory; no entity is
expanded, no other file and no host is asked for anything.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from lxml import etree

from rag.documents.load.file_kind import ZIP_ERRORS, wrong_kind
from rag.documents.load.loader import readable_name
from rag.errors import DocumentFormatError, DocumentTooLargeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.etree import _Element

__all__ = ["NAMESPACES", "Package", "Related", "open_package", "tag"]

NAMESPACES: Final = MappingProxyType(
    {
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
        "dgm": "http://schemas.openxmlformats.org/drawingml/2006/diagram",
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "p": "http://schemas.openxmlformats.org/presentationml/2006/main",
        "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
        "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
        "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
        "presentation": "urn:oasis:names:tc:opendocument:xmlns:presentation:1.0",
        "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
        "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
        "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
        "pkg": "http://schemas.openxmlformats.org/package/2006/relationships",
    }
)
# The namespaces of the strict kind of files begin otherwise, and say the same (ISO/IEC 29500-1, annex A).
_STRICT: Final = {
    f"http://purl.oclc.org/ooxml/{kind}".encode(): NAMESPACES[prefix].encode()
    for prefix, kind in {
        "a": "drawingml/main",
        "c": "drawingml/chart",
        "dgm": "drawingml/diagram",
        "m": "officeDocument/math",
        "p": "presentationml/main",
        "r": "officeDocument/relationships",
        "w": "wordprocessingml/main",
    }.items()
}
MOST_MARKS: Final = 2_000_000
"""Elements' and attributes' beginnings in one part: up to 500 MB in memory. A real file of 26 pages has 41,000."""
MOST_DIRECTORY_BYTES: Final = 4_000_000  # of a zip's list of members: some 40,000
_DIRECTORY: Final = b"PK\x05\x06"


@cache
def tag(name: str) -> str:
    """The name of an element or attribute as lxml has it: ``w:p`` with its namespace in place of the prefix."""
    prefix, _, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


class Related(NamedTuple):
    """What a part names: the last word of the relation's kind, and the part's name."""

    kind: str
    part: str


class Package:
    """The parts of an open file.

    Args:
        archive: The open zip.
        name: The file's name, for people.
        max_bytes: What is unpacked of it must not pass this, all together.
    """

    def __init__(self, archive: zipfile.ZipFile, *, name: str, max_bytes: int) -> None:
        self.name = name
        self._archive = archive
        self._left = self._max_bytes = max_bytes
        self._members = {_tidy(info.filename): info for info in archive.infolist()}

    def xml(self, part: str) -> _Element | None:
        """The root of an XML part; None where there is no such part.

        Raises:
            DocumentFormatError: It is no XML, or declares entities.
            DocumentTooLargeError: It is too large to be read.
        """
        info = self._members.get(_tidy(part))
        return self._parsed(self._unpacked(info)) if info else None

    def main_part(self, default: str) -> str:
        """Name of the part that the package is about."""
        parts = self.related("").values()
        return next((each.part for each in parts if each.kind == "officeDocument"), default)

    def related(self, part: str) -> Mapping[str, Related]:
        """What a part names, by the ids that it uses for them; what lies outside the file is left out."""
        folder, file = posixpath.split(part)
        root = self.xml(f"{folder}/_rels/{file}.rels")
        found = {}
        for each in root if root is not None else ():
            if each.get("TargetMode") != "External":
                target = _tidy(posixpath.join("/", folder, each.get("Target", "")))
                found[each.get("Id", "")] = Related(posixpath.basename(each.get("Type", "")), target)
        return found

    def first(self, part: str, kind: str) -> _Element | None:
        """The root of the first part of a kind that a part names."""
        target = next((each.part for each in self.related(part).values() if each.kind == kind), "")
        return self.xml(target) if target else None

    def _unpacked(self, info: zipfile.ZipInfo) -> bytes:
        with self._archive.open(info) as member:
            content = member.read(self._left + 1)
        self._left -= len(content)
        if self._left < 0:
            raise DocumentTooLargeError(
                f"{self.name} unpacks to more than {self._max_bytes:,} bytes. Split the file or raise max_file_bytes."
            )
        return content

    def _parsed(self, content: bytes) -> _Element:
        if content.count(b"<") + content.count(b"=") > MOST_MARKS:
            raise DocumentTooLargeError(
                f"{self.name} holds more than {MOST_MARKS:,} elements. Split it into several files."
            )
        for strict, usual in _STRICT.items():
            content = content.replace(strict, usual)
        parser = etree.XMLParser(
            resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True, remove_pis=True
        )
        root = etree.fromstring(content, parser)
        if root.getroottree().docinfo.internalDTD is not None:
            raise DocumentFormatError(f"{self.name} declares entities of its own, which no office program writes.")
        return root


@contextmanager
def open_package(path: Path, *, expected: str, max_bytes: int) -> Iterator[Package]:
    """Open a file that is a zip of parts.

    Args:
        path: The file.
        expected: What it should be, in words: ``Word document``.
        max_bytes: What may be unpacked of it.

    Raises:
        DocumentFormatError: It is none, is damaged, or is locked; whether that is seen now or when a part is read.
    """
    name = readable_name(path)
    damaged = f"{name} is no {expected} that can be read"
    try:
        if not _has_short_directory(path):
            raise DocumentTooLargeError(f"{name} is a zip with too many members to be a {expected}.")
        with zipfile.ZipFile(path) as archive:
            yield Package(archive, name=name, max_bytes=max_bytes)
    except RecursionError as error:
        raise DocumentFormatError(
            f"{damaged}: its parts are nested too deeply. Save it anew and index that."
        ) from error
    except (*ZIP_ERRORS, etree.LxmlError) as error:
        reason = wrong_kind(path, name, expected=expected) if isinstance(error, zipfile.BadZipFile) else ""
        raise DocumentFormatError(
            reason or f"{damaged} ({str(error)[:200]}). Open it in the program that made it and save it again."
        ) from error


def _tidy(part: str) -> str:
    return posixpath.normpath(posixpath.join("/", part.replace("\\", "/"))).lstrip("/").lower()


def _has_short_directory(path: Path) -> bool:
    """Whether the list of a zip's members is short: the standard library reads it whole before anything else."""
    with path.open("rb") as file:
        file.seek(-min(path.stat().st_size, 66_000), 2)
        tail = file.read()
    at = tail.rfind(_DIRECTORY)
    return at < 0 or int.from_bytes(tail[at + 12 : at + 16], "little") <= MOST_DIRECTORY_BYTES
