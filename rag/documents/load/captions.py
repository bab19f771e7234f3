"""Lines before a table that are its title, where the file sets them as paragraphs. Knows no format.

Whether a short line heads a table is known when the table comes: it is held back until then. Where a label stands
right before the table (单位：万元), the line before it is the title.

Not covered: captions under their table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rag.text.numbering import read_heading_number

if TYPE_CHECKING:
    from rag.documents.load.builder import TextBuilder

__all__ = ["HeldLines", "may_title_table", "n_titling"]

MOST_TITLE_CHARS: Final = 60
"""Set by hand, on the tables of two documents."""
_SENTENCE_MARKS: Final = "。！？；!?;"
_GO_ON: Final = ("：", ":", "，", ",", "、")
_LABELS: Final = "：:"


def may_title_table(text: str) -> bool:
    """Whether a paragraph would be the title of a table that follows, or its unit: one short line, no sentence.

    >>> may_title_table("表3 各县学位"), may_title_table("（三）收入"), may_title_table("各县情况如下：")
    (True, False, False)
    """
    line = text.strip()
    return not (
        "\n" in line
        or len(line) > MOST_TITLE_CHARS
        or any(mark in line for mark in _SENTENCE_MARKS)
        or line.endswith(_GO_ON)
        or read_heading_number(line, 0, len(line))
    )


def n_titling(lines: Sequence[str]) -> int:
    """How many of the lines right before a table are its title, with its unit; each may be."""
    labelled = len(lines) > 1 and any(mark in lines[-1] for mark in _LABELS)
    return min(len(lines), 2 if labelled else 1)


class HeldLines:
    """Paragraphs on their way into a text, some held back until it is known what follows.

    Args:
        builder: What they are written with; whoever writes headings or tables with it flushes first.
    """

    def __init__(self, builder: TextBuilder) -> None:
        self._builder = builder
        self._held: list[str] = []

    def add(self, text: str, *, may_title: bool) -> None:
        """Add a paragraph; line breaks in it part paragraphs too."""
        if may_title:
            self._held.append(text)
            return
        self.flush()
        for line in text.split("\n"):
            self._builder.paragraph(line)

    def flush(self) -> None:
        """Write what was held back: no table came."""
        self._keep(0)

    def titles(self) -> tuple[str, ...]:
        """The title of the table that comes now, with its unit; what was held back before them is written."""
        return self._keep(n_titling(self._held))

    def _keep(self, n: int) -> tuple[str, ...]:
        at = max(0, len(self._held) - n)
        for line in self._held[:at]:
            self._builder.paragraph(line)
        kept = tuple(self._held[at:])
        self._held = []
        return kept
