"""Official papers as plain text -> sentences behind their heading lines, by youju's own cleaning and headings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rag.documents.chunk import chunk_document
from rag.reading.model.tokens import heading_line
from rag.schema.documents import Document
from training.data import share_of

if TYPE_CHECKING:
    from pathlib import Path

    from rag.progress import Progress

__all__ = ["Line", "is_held_back", "read_papers"]

_PASSAGE_CHARS: Final = 300
_BROKEN: Final = re.compile("[\ue000-\uf8ff\ufffd]|锛|銆")


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of a paper.

    Attributes:
        source: The paper.
        title: Title of the part.
        place: Its place, or empty.
        years: Its years.
        heading: The heading line that stands before its window.
        text: The sentence.
    """

    source: str
    title: str
    place: str
    years: tuple[int, ...]
    heading: str
    text: str


def is_held_back(line: Line) -> bool:
    """Whether a line's paper is only measured with: one in twenty."""
    return share_of(line.source, "held back") < 1 / 20


def read_papers(folder: Path, *, progress: Progress) -> list[Line]:
    """All sentences of a folder's ``*.txt``, in order, as youju cuts them; none where there is no such folder."""
    paths = sorted(folder.glob("*.txt"))
    lines: list[Line] = []
    for number, path in enumerate(paths):
        progress("Reading official papers", number, len(paths), unit="papers")
        document = Document(path.name, path.read_text(encoding="utf-8", errors="replace"), "", 0)
        for passage in chunk_document(document, passage_chars=_PASSAGE_CHARS).passages:
            heading = heading_line(passage.place, passage.years, passage.title, passage.heading)
            lines += [
                Line(path.name, passage.title, passage.place, passage.years, heading, sentence.text)
                for sentence in passage.sentences
                if not _BROKEN.search(sentence.text)
            ]
    progress("Reading official papers", len(paths), len(paths), unit="papers")
    return lines
