"""A zip container of XML parts (Office Open XML, OpenDocument), opened without trust.

What it unpacks to is limited by the sizes that its directory tells, which the unpacking cannot pass. A part with a
document type is refused: no such format has one, and entities are defined there. Nothing is written to a disk.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias, cast
from xml.etree import ElementTree as ET

from rag.errors import DocumentFormatError, DocumentTooLargeError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["Package"]

_Parser: TypeAlias = "ET.XMLPullParser[Any]"
_READ: Final = 1 << 16
_TAIL: Final = 65_557  # the last record of a zip with the longest comment
MOST_DIRECTORY_BYTES: Final = 4_000_000
"""Of a zip's list of members: some 40,000."""
MOST_KEPT: Final = 1_000_000
"""Elements held in memory at a time: those of a row, or a small part; a row has 16,384 cells at most."""
MOST_HEAD: Final = 1 << 20
"""Bytes in which a document type is looked for; behind them, expat's own limits hold."""
_DAMAGE: Final = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError, ValueError, LookupError, SyntaxError)
"""What reading a damaged container raises."""
_ENCRYPTED: Final = 1  # the flag of a member of a zip file that needs a password


class Package:
    """The parts of a container; a context that closes it.

    Args:
        path: The file.
        name: Its name, for errors.
        max_bytes: No more is unpacked in all.

    Raises:
        DocumentFormatError: It is no container that can be read.
    """

    def __init__(self, path: Path, name: str, *, max_bytes: int) -> None:
        self._name, self._left, self._max_bytes = name, max_bytes, max_bytes
        if _directory_bytes(path) > MOST_DIRECTORY_BYTES:
            raise self._too_large("has too many members")
        try:
            self._zip = zipfile.ZipFile(path)
        except _DAMAGE as error:
            raise self._damaged(error) from error
        self.names = frozenset(self._zip.namelist())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def content(self, part: str) -> bytes:
        """The bytes of a small part; empty where there is none.

        Raises:
            DocumentError: It is damaged or too large.
        """
        return b"".join(self._pieces(part)) if part in self.names else b""

    def tree(self, part: str) -> Element:
        """A small part as a tree, the names of its elements and attributes without their namespaces.

        Raises:
            DocumentError: It is missing, damaged or too large.
        """
        root = None
        for n, element in enumerate(self._ended(part)):
            _strip(element)
            root = element
            self._check_kept(n)
        if root is None:
            raise self._damaged(f"{part} is empty")
        return root

    def elements(self, part: str, *names: str) -> Iterator[Element]:
        """Elements of a part by their names, each whole and empty when the next one is asked for.

        Raises:
            DocumentError: The part is missing, damaged or too large.
        """
        n_kept = 0
        for element in self._ended(part):
            n_kept += 1
            _strip(element)
            if element.tag in names:
                yield element
                element.clear()
                n_kept = 0
            self._check_kept(n_kept)

    def _check_kept(self, n_kept: int) -> None:
        if n_kept > MOST_KEPT:
            raise self._too_large(f"has more than {MOST_KEPT:,} elements in one place")

    def _ended(self, part: str) -> Iterator[Element]:
        """Every element of a part when it ends, its children before it."""
        parser: _Parser = ET.XMLPullParser(("end",))
        head = b""
        for piece in self._pieces(part):
            if len(head) < MOST_HEAD:
                head += piece.replace(b"\0", b"")
                if b"<!DOCTYPE" in head:
                    raise self._damaged(f"{part} defines entities")
            yield from self._parsed(parser, piece)
        yield from self._parsed(parser, b"")

    def _parsed(self, parser: _Parser, piece: bytes) -> list[Element]:
        """What a piece of XML holds; the last one is empty."""
        try:
            if piece:
                parser.feed(piece)
            else:
                parser.close()
            return [element for _, element in cast("Iterator[tuple[str, Element]]", parser.read_events())]
        except _DAMAGE as error:
            raise self._damaged(error) from error

    def _pieces(self, part: str) -> Iterator[bytes]:
        """The bytes of a part, piece by piece."""
        try:
            info = self._zip.getinfo(part)
            if info.flag_bits & _ENCRYPTED:
                raise DocumentFormatError(
                    f"{self._name} is locked with a password. Save it without one and index that."
                )
            self._left -= info.file_size
            if self._left < 0:
                raise self._too_large(f"unpacks to more than {self._max_bytes:,} bytes, the limit of max_file_bytes")
            with self._zip.open(info) as stream:
                while piece := stream.read(_READ):
                    yield piece
        except _DAMAGE as error:
            raise self._damaged(error) from error

    def _too_large(self, why: str) -> DocumentTooLargeError:
        return DocumentTooLargeError(f"{self._name} {why}. Split it into several files.")

    def _damaged(self, why: object) -> DocumentFormatError:
        return DocumentFormatError(
            f"{self._name} cannot be read: it is damaged ({why}). Open it in its program and save it again."
        )


def _directory_bytes(path: Path) -> int:
    """The size of a zip's directory, as its last record tells; 0 where there is none."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        tail = file.read()
    at = tail.rfind(b"PK\5\6")
    return int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0


def _strip(element: Element) -> None:
    """Take the namespaces off; strict and transitional files then have the same names."""
    if "}" in element.tag:
        element.tag = element.tag.rpartition("}")[2]
    for name in [name for name in element.attrib if "}" in name]:
        element.attrib[name.rpartition("}")[2]] = element.attrib.pop(name)
