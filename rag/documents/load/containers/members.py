"""The files inside a file, each read by the loader of its ending and written as a member of one text.

A member lies in a temporary folder of its own while it is read, under a name that is made for it. What cannot be read
is noted with the reason. Members that hold members count against the same limits: a total size, a depth of three.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from rag.documents.cleaning.clean import clean_text
from rag.documents.load import known_suffixes, loader_of
from rag.documents.load.loader import Extracted
from rag.errors import DocumentError, DocumentFormatError, DocumentTooLargeError
from rag.schema.documents import WRAPPED_TYPES, Block

if TYPE_CHECKING:
    from rag.documents.load.builder import TextBuilder

__all__ = ["MAX_DEPTH", "Members", "reading_members", "shown_path"]

MAX_DEPTH: Final = 3
TIMES_LIMIT: Final = 4
"""How much larger than one file all members together may be."""
MAX_NOTES: Final = 50
_ODD: Final = re.compile(r"[^\w.()\- ]+")


@dataclass(slots=True)
class _Room:
    """What is left for the members of one file, and how deep the one that is read now lies."""

    n_bytes: int
    depth: int = 0


_ROOM: Final[ContextVar[_Room | None]] = ContextVar("room", default=None)


@contextmanager
def reading_members(builder: TextBuilder, name: str, max_bytes: int) -> Iterator[Members]:
    """Read the members of a file, which may be a member itself.

    Args:
        builder: Takes their text.
        name: The file's name, for messages.
        max_bytes: No member may be larger; all together four times as large.

    Raises:
        DocumentFormatError: The file lies too deep in others.
    """
    room = _ROOM.get() or _Room(TIMES_LIMIT * max_bytes)
    token = _ROOM.set(room)
    room.depth += 1
    try:
        if room.depth > MAX_DEPTH:
            raise DocumentFormatError(f"{name} lies more than {MAX_DEPTH} files deep. Unpack it and index that.")
        yield Members(builder, name, max_bytes, room)
    finally:
        room.depth -= 1
        _ROOM.reset(token)


@dataclass(slots=True)
class Members:
    """Reads members of one file.

    Attributes:
        builder: Takes their text.
        name: The file's name, for messages.
        max_bytes: No member may be larger.
        room: What is left for all of them.
        notes: What could not be read, and what was left out.
        n_read: How many were read.
    """

    builder: TextBuilder
    name: str
    max_bytes: int
    room: _Room
    notes: list[str] = field(default_factory=list)
    n_read: int = 0

    def add(self, path: str, content: bytes) -> None:
        """Read a member and write it.

        Args:
            path: Its path in the file, as it is shown.
            content: Its bytes.

        Raises:
            DocumentTooLargeError: All members together are too large.
        """
        self._take(len(content))
        suffix = PurePosixPath(path).suffix.lower()
        if suffix not in known_suffixes():
            self.note(path, f"files ending in '{suffix}' are not read" if suffix else "its name has no ending")
            return
        try:
            read = self._read(path, content, suffix)
        except DocumentError as error:
            if self.room.n_bytes < 0:
                raise
            self.note(path, str(error))
            return
        self.notes += [f"{path}: {note}" for note in read.notes]
        if self.builder.insert(read.text, read.blocks, name=path):
            self.n_read += 1
        else:
            self.note(path, "it is empty")

    def note(self, path: str, reason: str) -> None:
        """Tell that a member was not read, and why."""
        self.notes.append(f"{path} was not read: {reason}")

    def told(self) -> tuple[str, ...]:
        """The notes; of very many the first ones and the count of the others."""
        left = len(self.notes) - MAX_NOTES
        return (*self.notes[:MAX_NOTES], *([f"{left:,} more notes."] if left > 0 else []))

    def _take(self, n_bytes: int) -> None:
        self.room.n_bytes -= n_bytes
        if self.room.n_bytes < 0:
            raise DocumentTooLargeError(
                f"{self.name} unpacks to more than {TIMES_LIMIT * self.max_bytes:,} bytes. "
                "Unpack it and index the files that you need, or raise max_file_bytes."
            )

    def _read(self, path: str, content: bytes, suffix: str) -> Extracted:
        if not content.strip():
            raise DocumentFormatError("it is empty")
        stem = _ODD.sub("_", PurePosixPath(path).stem)[:60] or "member"
        with tempfile.TemporaryDirectory(prefix="youju-") as folder:
            file = Path(folder) / f"{stem}{suffix}"
            file.write_bytes(content)
            return _whole_lines(loader_of(suffix).extract(file, max_bytes=self.max_bytes))


def _whole_lines(read: Extracted) -> Extracted:
    """A member's text with a paragraph a line, as all of a text that holds members has to be."""
    if read.media_type not in WRAPPED_TYPES:
        return read
    clean = clean_text(read.text)
    spans = [(block, *clean.clean_span(block.start, block.end)) for block in read.blocks]
    blocks = tuple(Block(each.kind, each.number, start, end, each.name) for each, start, end in spans if start < end)
    return Extracted(clean.text, read.media_type, read.encoding, blocks, read.notes)


def shown_path(name: str) -> str:
    r"""A member's path as it is shown: no folders above, no drive, no signs that control a terminal.

    >>> shown_path("..\\..\\C:\\a\\报告.txt")
    'a/报告.txt'
    """
    pieces = re.sub(r"[\x00-\x1f\x7f]", "", name).replace("\\", "/").split("/")
    return "/".join(piece for piece in pieces if piece not in ("", ".", "..") and not piece.endswith(":"))
