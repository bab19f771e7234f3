"""Messages of Outlook (MS-OXMSG): who wrote to whom and when, the text, and each attachment as a file of its own.

olefile opens the compound file; the properties are read here. A text in RTF alone is not read, and noted.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rag.documents.cleaning.wrapped_lines import paragraphs_of
from rag.documents.load.builder import TextBuilder
from rag.documents.load.containers.members import MAX_DEPTH, Members, reading_members, shown_path
from rag.documents.load.encodings import decode_as, decode_text
from rag.documents.load.loader import Extracted, readable_name
from rag.documents.load.web.page import write_page
from rag.errors import DocumentError, DocumentFormatError

if TYPE_CHECKING:
    from olefile import OleFileIO

__all__ = ["MsgLoader"]

# Numbers of properties (MS-OXPROPS).
SUBJECT, BODY, HTML, RTF = "0037", "1000", "1013", "1009"
SENDER, SENDER_MAIL, TO, CC = "0C1A", "5D01", "0E04", "0E03"
FILE_NAME, SHORT_NAME, CONTENT = "3707", "3704", "3701"
CODE_PAGE, TIMES = 0x3FFD0003, (0x00390040, 0x0E060040)
_ATTACHMENT: Final = "__attach_version1.0_#"
_UTF_8_PAGE: Final = 65001


class MsgLoader:
    """A message of Outlook with its attachments."""

    suffixes = frozenset({".msg"})
    media_type = "application/vnd.ms-outlook"

    def extract(self, path: Path, *, max_bytes: int) -> Extracted:
        """Read the message.

        Raises:
            DocumentFormatError: It is none, or it is damaged.
            DocumentTooLargeError: Its attachments are too large.
        """
        from olefile import OleFileIO  # noqa: PLC0415 - rarely needed

        name = readable_name(path)
        builder = TextBuilder(name)
        try:
            with OleFileIO(path) as ole, reading_members(builder, name, max_bytes) as members:
                _Message(ole, "", members).write(builder)
        except (OSError, ValueError, IndexError, KeyError, struct.error, RecursionError) as error:
            raise DocumentFormatError(
                f"{name} is no message of Outlook that can be read ({error}). Save it as .eml."
            ) from error
        return Extracted(builder.text, self.media_type, blocks=builder.blocks, notes=members.told())


@dataclass(frozen=True, slots=True)
class _Message:
    """A message, or one that is attached to another."""

    ole: OleFileIO
    folder: str
    members: Members
    depth: int = 1

    def write(self, builder: TextBuilder) -> None:
        """Write its headers, its text and its attachments."""
        values = self._values()
        page = str(values.get(CODE_PAGE, ""))
        code_page = "utf-8" if page == str(_UTF_8_PAGE) else f"cp{page}" if page else ""
        builder.heading(self._text(self.folder, SUBJECT, code_page), 1)
        sender = self._text(self.folder, SENDER, code_page)
        if address := self._text(self.folder, SENDER_MAIL, code_page):
            sender = f"{sender} <{address}>"
        sent = next((_time(values[tag]) for tag in TIMES if values.get(tag)), "")
        to, copies = (self._text(self.folder, tag, code_page) for tag in (TO, CC))
        for label, value in (("From", sender), ("To", to), ("Cc", copies), ("Date", sent)):
            builder.paragraph(f"{label}: {value}" if value else "")
        self._body(builder, code_page)
        for number, storage in enumerate(self._attachments(), start=1):
            self._attachment(storage, code_page, number, builder)

    def _body(self, builder: TextBuilder, code_page: str) -> None:
        text, page = self._text(self.folder, BODY, code_page), self._bytes(f"{HTML}0102")
        if text.strip():
            for paragraph in paragraphs_of(text.replace("\r\n", "\n")):
                builder.paragraph(paragraph)
        elif page.strip():
            self.members.notes += write_page(page, builder, name=self.members.name, whole=True)[1]
        elif self._bytes(f"{RTF}0102"):
            self.members.note("the text", "it is in RTF alone; save the message as .eml")

    def _attachment(self, storage: str, code_page: str, number: int, builder: TextBuilder) -> None:
        named = (self._text(storage, tag, code_page) for tag in (FILE_NAME, SHORT_NAME))
        path = shown_path(next(filter(None, named), "")) or f"attachment {number}"
        inner = f"{storage}/__substg1.0_{CONTENT}000D"
        if not self.ole.exists(inner):
            self.members.add(path, self._bytes(f"{CONTENT}0102", storage))
        elif self.depth >= MAX_DEPTH:
            self.members.note(path, f"it lies more than {MAX_DEPTH} messages deep")
        else:
            other = TextBuilder(self.members.name)
            _Message(self.ole, inner, replace(self.members, builder=other), self.depth + 1).write(other)
            builder.insert(other.text, other.blocks, name=path)

    def _attachments(self) -> list[str]:
        depth = len(self.folder.split("/")) if self.folder else 0
        paths = ("/".join(entry[: depth + 1]) for entry in self.ole.listdir(streams=True, storages=True))
        prefix = f"{self.folder}/{_ATTACHMENT}" if self.folder else _ATTACHMENT
        return sorted({path for path in paths if path.startswith(prefix)})

    def _text(self, storage: str, tag: str, code_page: str) -> str:
        if wide := self._bytes(f"{tag}001F", storage):
            return wide.decode("utf-16-le", "replace").rstrip("\0")
        narrow = self._bytes(f"{tag}001E", storage).rstrip(b"\0")
        try:
            return (decode_as(narrow, code_page, name="") or decode_text(narrow, name="", guess=False)).text
        except DocumentError:
            return narrow.decode("utf-8", "replace")

    def _bytes(self, tag: str, storage: str | None = None) -> bytes:
        folder = self.folder if storage is None else storage
        path = f"{folder}/__substg1.0_{tag}" if folder else f"__substg1.0_{tag}"
        if not self.ole.exists(path) or self.ole.get_size(path) > self.members.max_bytes:
            return b""
        with self.ole.openstream(path) as stream:
            return bytes(stream.read())

    def _values(self) -> dict[int, int]:
        """The properties that are numbers, by tag."""
        path = f"{self.folder}/__properties_version1.0" if self.folder else "__properties_version1.0"
        if not self.ole.exists(path):
            raise DocumentFormatError(f"{self.members.name} is an old Office file, but no message. Check its ending.")
        with self.ole.openstream(path) as stream:
            content = bytes(stream.read())[24 if self.folder else 32 :]
        return {tag: value for tag, _, value in struct.iter_unpack("<IIQ", content[: len(content) // 16 * 16])}


def _time(ticks: int) -> str:
    """A time of Windows, in tenths of microseconds since 1601, in words."""
    moment = datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=min(ticks, 10**18) // 10)
    return moment.strftime("%Y-%m-%d %H:%M UTC")
