"""Passages on a shelf, as hits of a search."""

from __future__ import annotations

from collections.abc import Sequence

from rag.schema.documents import Passage, Sentence
from rag.schema.search import Evidence, Hit

TITLE = len("工作总结")  # printed once above what is read of a document


class Shelf:
    """Documents of passages; a section is what its number says."""

    def __init__(self) -> None:
        self.passages: list[Passage] = []

    def put(self, section: int, heading: str, *texts: str, source: str = "a.txt") -> list[Passage]:
        """Add passages of a section; a full stop ends a sentence."""
        added = [self._passage(section, heading, text, source, len(self.passages) + i) for i, text in enumerate(texts)]
        self.passages += added
        return added

    def _passage(self, section: int, heading: str, text: str, source: str, key: int) -> Passage:
        start = key * 1000
        sentences, at = [], start
        for piece in [f"{piece}。" for piece in text.split("。") if piece] if "。" in text else [text]:
            sentences.append(Sentence(piece, at, at + len(piece)))
            at += len(piece)
        path = tuple(heading.split(" > ")) if heading else ()
        return Passage(
            key, source, "工作总结", "云岭县", (2031,), path, section, key, text, start, at, tuple(sentences)
        )

    def section_passages(self, source: str, section: int) -> Sequence[Passage]:
        return [p for p in self.passages if (p.source, p.section) == (source, section)]

    def document_passages(self, source: str) -> Sequence[Passage]:
        return [p for p in self.passages if p.source == source]


def hits(*passages: Passage) -> list[Hit]:
    return [Hit(passage, 1 / rank, rank) for rank, passage in enumerate(passages, start=1)]


def texts(chosen: Sequence[Evidence]) -> list[str]:
    return [evidence.text for evidence in chosen]


def build_sections(shelf: Shelf) -> tuple[list[Passage], list[Passage]]:
    """A section of bus lines, of which one passage is found, and one of roads."""
    buses = shelf.put(0, "一、公共交通", "公交甲。", "公交乙。", "公交丙。")
    roads = shelf.put(1, "二、道路", "道路甲。", "道路乙。", "道路丙。", "道路丁。")
    return buses, roads


def build_outline(shelf: Shelf, n_checks: int = 3) -> Passage:
    """Checks, each a section with a first and a second passage; the last one's second passage is returned."""
    for i in range(n_checks):
        checks = shelf.put(i, f"一、制度 > ({i + 1})制度{i}", f"({i + 1})制度{i}说明。", f"细节{i}。")
    return checks[1]
