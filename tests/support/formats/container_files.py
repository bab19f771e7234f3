"""Small archives, messages and books, made as the programs that people use make them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from email.message import EmailMessage
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)


def zip_of(members: Mapping[str | bytes, bytes]) -> bytes:
    """An archive; a name of bytes is written as it is, without a mark that tells its encoding."""
    stream = io.BytesIO()
    raw: dict[bytes, bytes] = {}
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        for number, (name, content) in enumerate(members.items()):
            plain = name if isinstance(name, str) else f"{number:x}".rjust(len(name), "~")
            if isinstance(name, bytes):
                raw[plain.encode()] = name
            info = ZipInfo(plain, (2031, 3, 3, 10, 0, 0))
            info.compress_type = ZIP_DEFLATED
            archive.writestr(info, content)
    content = stream.getvalue()
    for plain_name, name in raw.items():
        content = content.replace(plain_name, name)
    return content


def epub_of(title: str, chapters: Mapping[str, str]) -> bytes:
    """A book whose chapters stand in order."""
    items = "".join(
        f'<item id="i{n}" href="{name}" media-type="application/xhtml+xml"/>' for n, name in _numbered(chapters)
    )
    spine = "".join(f'<itemref idref="i{n}"/>' for n, _ in _numbered(chapters))
    book = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<metadata><dc:title>{title}</dc:title></metadata><manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    pages = {f"OEBPS/{name}": page.encode() for name, page in chapters.items()}
    return zip_of({"META-INF/container.xml": _CONTAINER.encode(), "OEBPS/book.opf": book.encode(), **pages})


def _numbered(chapters: Mapping[str, str]) -> list[tuple[int, str]]:
    return list(enumerate(reversed(list(chapters))))[::-1]


def message_of(
    text: str, *, subtype: str = "plain", subject: str = "请查收", attachments: Mapping[str, bytes] | None = None
) -> bytes:
    """A message of one text, with attachments."""
    message = EmailMessage()
    message["From"] = "王五 <wang@example.org>"
    message["To"] = "li@example.org"
    message["Date"] = "Mon, 03 Mar 2031 10:00:00 +0800"
    message["Subject"] = subject
    message.set_content(text, subtype=subtype, cte="base64")
    for name, content in (attachments or {}).items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()
