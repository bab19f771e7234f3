"""Messages (RFC 5322, MIME): who wrote to whom and when, the text, and each attachment as a file of its own.

Of a text and a page that say the same the text is read. Messages inside a message are attachments.

Not covered: signatures and encryption (S/MIME, PGP); what is quoted of earlier messages stays.
"""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from email.errors import HeaderParseError, MessageError
from email.header import decode_header
from email.message import Message
from pathlib import Path
from typing import Final

from rag.documents.cleaning.wrapped_lines import paragraphs_of
from rag.documents.load.builder import TextBuilder
from rag.documents.load.containers.members import reading_members, shown_path
from rag.documents.load.encodings import decode_as, decode_text
from rag.documents.load.loader import Extracted, readable_name
from rag.documents.load.web.page import write_page
from rag.errors import DocumentError, DocumentFormatError

__all__ = ["EmlLoader", "parsed_message", "text_of_part"]

_HEADERS: Final = ("From", "To", "Cc", "Date")
MAX_PARTS: Final = 2_000


class EmlLoader:
    """A message with its attachments."""

    suffixes = frozenset({".eml"})
    media_type = "message/rfc822"

    def extract(self, path: Path, *, max_bytes: int) -> Extracted:
        """Read the message.

        Raises:
            DocumentFormatError: It is no message.
            DocumentTooLargeError: Its attachments are too large.
        """
        name = readable_name(path)
        with path.open("rb") as file:
            message = parsed_message(file.read(max_bytes), name)
        builder = TextBuilder(name)
        builder.heading(header(message, "Subject"), 1)
        for label in _HEADERS:
            if value := header(message, label):
                builder.paragraph(f"{label}: {value}")
        parts = list(_leaves(message))
        if len(parts) > MAX_PARTS:
            raise DocumentFormatError(f"{name} has {len(parts):,} parts; the limit is {MAX_PARTS:,}.")
        with reading_members(builder, name, max_bytes) as members:
            members.notes += _write_body([part for part in parts if not _file_name(part)], builder, name)
            for number, part in enumerate(filter(_file_name, parts), start=1):
                content = _content(part)
                members.add(shown_path(_file_name(part)) or f"attachment {number}", content)
        return Extracted(builder.text, self.media_type, blocks=builder.blocks, notes=members.told())


def parsed_message(content: bytes, name: str) -> Message:
    """Parse a message.

    Raises:
        DocumentFormatError: It is none: it has no header of one.
    """
    try:
        message = email.message_from_bytes(content, policy=email.policy.compat32)
    except (MessageError, RecursionError, ValueError, LookupError) as error:
        raise DocumentFormatError(f"{name} is no message that can be read ({error}). Save it anew.") from error
    if not any(message.get(each) for each in ("From", "To", "Subject", "Date", "MIME-Version", "Content-Type")):
        raise DocumentFormatError(f"{name} is no message: it has no sender, subject or date. Check its ending.")
    return message


def header(message: Message, name: str) -> str:
    """What a header says; what is not encoded as it should be is read as a text of unknown encoding is."""
    raw = message.get(name)
    if raw is None:
        return ""
    try:
        pieces = decode_header(raw)
    except (HeaderParseError, ValueError):
        pieces = [(str(raw), None)]
    said = "".join(_decoded(piece, charset or "") if isinstance(piece, bytes) else piece for piece, charset in pieces)
    return " ".join(said.encode("utf-8", "replace").decode().split())


def text_of_part(part: Message) -> str:
    """The text of a part, in the encoding that it names or that fits."""
    return _decoded(_content(part), _charset(part))


def _decoded(content: bytes, charset: str) -> str:
    try:
        read = decode_as(content, "" if charset == "unknown-8bit" else charset, name="")
        return (read or decode_text(content, name="", guess=False)).text
    except DocumentError:
        return content.decode("utf-8", "replace")


def _charset(part: Message) -> str:
    try:
        return str(part.get_content_charset() or "")
    except (LookupError, ValueError):
        return ""


def _content(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822" and part.is_multipart():
        inner: list[object] = list(part.get_payload())
        return b"".join(each.as_bytes() for each in inner[:1] if isinstance(each, Message))
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _leaves(message: Message) -> Iterator[Message]:
    """The parts of a message that hold no others; a message inside it is one."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        payload = part.get_payload()
        if part is not message and part.get_content_type() == "message/rfc822":
            yield part
        elif part.is_multipart() and isinstance(payload, list):
            waiting += [each for each in reversed(payload) if isinstance(each, Message)]
        else:
            yield part


def _file_name(part: Message) -> str:
    """The name of an attachment, with the ending of its kind where it has none; empty where a part is none."""
    if part.get_content_type() == "message/rfc822":
        return "message.eml"
    named = part.get_filename()
    return header_text(named) if named else ""


def header_text(value: str) -> str:
    """A value that may be written in encoded words or in bytes of an unknown encoding."""
    holder = email.message_from_string("")
    holder["X"] = value.replace("\r", " ").replace("\n", " ")
    return header(holder, "X")


def _write_body(parts: list[Message], builder: TextBuilder, name: str) -> list[str]:
    texts = [text_of_part(part) for part in parts if part.get_content_type() == "text/plain"]
    if any(text.strip() for text in texts):
        for paragraph in (each for text in texts for each in paragraphs_of(text.replace("\r\n", "\n"))):
            builder.paragraph(paragraph)
        return []
    notes: list[str] = []
    for part in parts:
        if part.get_content_type() == "text/html" and (content := _content(part)).strip():
            notes += write_page(content, builder, name=name, encoding=_charset(part), whole=True)[1]
    return notes
