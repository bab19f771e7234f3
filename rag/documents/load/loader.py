"""What a format is: a class that tells the text of a file. Knows no format."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rag.schema.documents import Block

__all__ = ["Extracted", "Loader", "readable_name"]


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a loader read.

    Attributes:
        text: The whole text. A format that is text hands it on unaltered; another one says what its text is.
        media_type: What the file is, as IANA names it: ``text/plain``.
        encoding: How the bytes were decoded; empty where the file is no text.
        blocks: What the file itself sets apart in the text, in order, not overlapping; a place is cited by it.
        notes: What was left out or altered, for people: a short sentence each.
    """

    text: str
    media_type: str
    encoding: str = ""
    blocks: tuple[Block, ...] = ()
    notes: tuple[str, ...] = ()


class Loader(Protocol):
    """Reads one format. Made without arguments, once for each file.

    Attributes:
        suffixes: Endings of the files that it reads, lower case, with the dot.
    """

    suffixes: frozenset[str]

    def extract(self, path: Path, *, max_bytes: int) -> Extracted:
        """Read a file, which exists, is not blank and has at most ``max_bytes``.

        Args:
            path: The file.
            max_bytes: What is unpacked on the way must not grow beyond this either.

        Raises:
            DocumentError: Its content cannot be read; says why, and what to do.
        """


def readable_name(path: Path) -> str:
    """The file's name; where its bytes are none in this system's encoding, as older Chinese systems wrote it."""
    try:
        path.name.encode()
    except UnicodeEncodeError:
        return os.fsencode(path.name).decode("gb18030", "replace")
    return path.name
