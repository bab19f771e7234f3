"""Paragraphs that retrieval finds for a question and that do not answer it, by youju's own encoder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import numpy as np

from rag.encoders import embed_passages, load_encoder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rag.config import Config
    from rag.progress import Progress
    from training.data import Question

__all__ = ["retrieve_others"]

_CHARS: Final = 400  # of a paragraph that are embedded: the encoder reads 512 tokens
_SLICE: Final = 256


def retrieve_others(
    questions: Sequence[Question], path: Path, *, config: Config, progress: Progress, top: int = 6
) -> dict[str, list[str]]:
    """For each question the most similar paragraphs other than its own, the most similar first.

    Args:
        questions: The data.
        path: Where the result is kept; made anew where it is not of the same questions.
        config: The settings: encoder, home.
        progress: Hears how many are embedded.
        top: How many paragraphs.

    Returns:
        Question id -> paragraphs.
    """
    contexts = {question.context_id: question.context for question in questions}
    found = _read(path)
    if found.keys() != {question.id for question in questions}:
        found = _retrieve(questions, contexts, config=config, progress=progress, top=top)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(found), encoding="utf-8")
    return {id_: [contexts[other] for other in others] for id_, others in found.items()}


def _retrieve(
    questions: Sequence[Question], contexts: dict[str, str], *, config: Config, progress: Progress, top: int
) -> dict[str, list[str]]:
    encoder = load_encoder(config)
    ids = list(contexts)
    vectors = embed_passages([contexts[id_][:_CHARS] for id_ in ids], encoder=encoder, progress=progress)
    found = {}
    for begin in range(0, len(questions), _SLICE):
        progress("Retrieving other paragraphs", begin, len(questions), unit="questions")
        some = questions[begin : begin + _SLICE]
        queries = encoder.encode([encoder.query_prefix + question.text for question in some])
        order = np.argsort(-(queries @ vectors.T), axis=1)[:, : top + 1]
        for question, row in zip(some, order, strict=True):
            found[question.id] = [ids[i] for i in row if ids[i] != question.context_id][:top]
    progress("Retrieving other paragraphs", len(questions), len(questions), unit="questions")
    return found


def _read(path: Path) -> dict[str, list[str]]:
    try:
        found: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found
