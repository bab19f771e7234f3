"""Example questions, made of the corpus's own headings, so that a newcomer's first click finds something."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag.schema.documents import Passage
from rag.text.language import detect_language

__all__ = ["example_questions"]

_NUMBERING = re.compile(
    r"^(?:第[一二三四五六七八九十\d]+(?:部分|[章节编篇])"
    # A numeral without a mark behind it is a word's own: 五育并举, 2031年.
    r"|[（(]?(?:[一二三四五六七八九十]+|\d+(?:\.\d+)*)(?:[)）、．]|\.(?!\d)|(?= )))[ :：]*"
)


def example_questions(passages_by_part: Iterable[list[Passage]], limit: int) -> list[str]:
    """Ask for what a section says, one question a part in turn.

    Args:
        passages_by_part: Passages of each part, in order.
        limit: Most questions.

    Returns:
        Questions in the language of the part they are about.
    """
    columns = [_of_part(passages) for passages in passages_by_part]
    questions: list[str] = []
    for row in range(max((len(column) for column in columns), default=0)):
        questions += [column[row] for column in columns if row < len(column)]
    return questions[:limit]


def _of_part(passages: list[Passage]) -> list[str]:
    sections: dict[tuple[str, ...], int] = {}
    for passage in passages:
        if passage.heading:
            sections[passage.heading] = sections.get(passage.heading, 0) + len(passage.text)
    rich = [(path, size) for path, size in sections.items() if size >= 120 and 4 <= len(_bare(path[-1])) <= 22]
    by_size = sorted(rich, key=lambda item: -item[1])
    return [_question(passages[0], path) for path, _ in by_size[:3]]


def _question(passage: Passage, path: tuple[str, ...]) -> str:
    topic = _bare(path[-1])
    if detect_language(topic) != "zh":
        return f"What does “{topic}” say?"
    year = f"{passage.years[0]}年" if len(passage.years) == 1 else ""
    return f"概括{passage.place}{year}“{topic}”的主要内容。"


def _bare(title: str) -> str:
    return _NUMBERING.sub("", title)
