"""Example questions, made of the corpus's own headings, so that a newcomer's first click finds something."""

from __future__ import annotations

from collections.abc import Iterable

from rag.schema.documents import Passage
from rag.text.language import detect_language
from rag.text.numbering import strip_number

__all__ = ["example_questions"]


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
    rich = [(path, size) for path, size in sections.items() if size >= 120 and 4 <= len(strip_number(path[-1])) <= 22]
    by_size = sorted(rich, key=lambda item: -item[1])
    return [_question(passages[0], path) for path, _ in by_size[:3]]


def _question(passage: Passage, path: tuple[str, ...]) -> str:
    topic = strip_number(path[-1])
    if detect_language(topic) != "zh":
        return f"What does “{topic}” say?"
    year = f"{passage.years[0]}年" if len(passage.years) == 1 else ""
    return f"概括{passage.place}{year}“{topic}”的主要内容。"
