"""Paragraphs that retrieval may take for a question's own and that are not: those of its language worded like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.wording import WordingIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.progress import Progress
    from training.data import Question

__all__ = ["retrieve_others"]

_STAGE = "Retrieving other paragraphs"


def retrieve_others(questions: Sequence[Question], *, progress: Progress, top: int = 6) -> dict[str, list[str]]:
    """For each question the paragraphs of its language that are worded most like it, its own left out.

    Args:
        questions: The data.
        progress: Hears how many are done.
        top: How many paragraphs.

    Returns:
        Question id -> paragraphs, the likest first.
    """
    found: dict[str, list[str]] = {}
    for lang in sorted({question.lang for question in questions}):
        same = [question for question in questions if question.lang == lang]
        contexts = list({question.context_id: question.context for question in same}.values())
        index = WordingIndex(contexts)
        for question in same:
            progress(_STAGE, len(found), len(questions), unit="questions")
            likest = (contexts[i] for i in index.most_like(question.text, top + 1))
            found[question.id] = [text for text in likest if text != question.context][:top]
    progress(_STAGE, len(questions), len(questions), unit="questions")
    return found
