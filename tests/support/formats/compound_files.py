"""Compound files (MS-CFB) of a few streams, as Outlook and older Office programs write them."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise

FREE, END, FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
SECTOR, SMALL = 512, 64
Tree = Mapping[str, "bytes | Tree"]


def compound_of(tree: Tree) -> bytes:
    """A compound file. Its streams have less than 4,096 bytes, so that all stand in the stream of small ones."""
    entries: list[tuple[str, int, bytes]] = []  # name, kind, content
    children: list[list[int]] = []

    def add(name: str, kind: int, content: bytes | Tree) -> int:
        at = len(entries)
        entries.append((name, kind, content if isinstance(content, bytes) else b""))
        children.append([])
        if not isinstance(content, bytes):
            children[at] = [add(each, 2 if isinstance(inner, bytes) else 1, inner) for each, inner in content.items()]
        return at

    add("Root Entry", 5, tree)
    small, small_table, starts = b"", list[int](), list[int]()
    for _, _, content in entries:
        assert len(content) < 4096
        starts.append(len(small_table) if content else END)
        small_table += _chain(len(small_table), -(-len(content) // SMALL))
        small += content + b"\0" * (-len(content) % SMALL)
    right = {one: other for group in children for one, other in pairwise(group)}
    kinds = [len(entries) * 128, len(small), 4 * len(small_table)]
    counts = [-(-size // SECTOR) for size in kinds]
    directory = b""
    for at, (name, kind, content) in enumerate(entries):
        raw = name.encode("utf-16-le") + b"\0\0"
        first = children[at][0] if children[at] else FREE
        start, size = (counts[0], len(small)) if at == 0 else (starts[at], len(content))
        links = (FREE, right.get(at, FREE), first)
        directory += struct.pack("<64sHBBIII16sIQQIQ", raw, len(raw), kind, 1, *links, b"", 0, 0, 0, start, size)
    table = [link for at, n in enumerate(counts) for link in _chain(sum(counts[:at]), n)]
    n_table = -(-(len(table) + 8) * 4 // SECTOR)
    table += [FAT_SECTOR] * n_table
    table += [FREE] * (n_table * SECTOR // 4 - len(table))
    places = (0, n_table, 0, 0, 4096, sum(counts[:2]), counts[2], END, 0)
    head = struct.pack("<8s16sHHHHH6s9I", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, b"", *places)
    head += struct.pack("<109I", *(sum(counts) + n if n < n_table else FREE for n in range(109)))
    pieces = (directory, small, struct.pack(f"<{len(small_table)}I", *small_table))
    return (
        head
        + b"".join(piece + b"\0" * (-len(piece) % SECTOR) for piece in pieces)
        + struct.pack(f"<{len(table)}I", *table)
    )


def _chain(start: int, n: int) -> list[int]:
    """The links of sectors that follow each other."""
    return [*range(start + 1, start + n), END] if n else []


def outlook_message(
    texts: Mapping[str, str | bytes], *, attachments: Mapping[str, bytes | Tree] | None = None, top: bool = True
) -> Tree:
    """The streams of a message.

    Args:
        texts: Properties by number: a text, or bytes as they are.
        attachments: What is attached, by its name; streams are those of another message.
        top: Whether it is attached to none.
    """
    sent = int((datetime(2031, 3, 3, 2, 0, tzinfo=UTC) - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds() * 10**7)
    numbers = struct.pack("<IIQ", 0x00390040, 6, sent) + struct.pack("<IIQ", 0x3FFD0003, 6, 936)
    streams: dict[str, bytes | Tree] = {"__properties_version1.0": b"\0" * (32 if top else 24) + numbers}
    for number, text in texts.items():
        kind = "0102" if isinstance(text, bytes) else "001F"
        streams[f"__substg1.0_{number}{kind}"] = text if isinstance(text, bytes) else text.encode("utf-16-le")
    for at, (name, content) in enumerate((attachments or {}).items()):
        inner = "0102" if isinstance(content, bytes) else "000D"
        streams[f"__attach_version1.0_#{at:08X}"] = {
            "__substg1.0_3707001F": name.encode("utf-16-le"),
            f"__substg1.0_3701{inner}": content,
        }
    return streams
