"""The model card: what the weights are, what they were made from, how well they read, where they do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Origin", "model_card"]

_CARD = """\
---
license: cc-by-sa-4.0
language: [zh, en, ja]
base_model: {encoder}
pipeline_tag: question-answering
---
# The reader of youju

An extractive reader: question + title and headings + a few sentences -> the span that answers, or "not here".
Low-rank changes (rank {rank}) to the layers of `{encoder}`, and a head for span starts, span ends and tags.
The word embeddings and the matrices that are changed are the encoder's own, as `models.txt` gives them; on another
encoder the weights do not load.

- file: `reader.safetensors`, {size:,} bytes, sha256 `{sha256}`
- made by: `{command}`
- licence: CC BY-SA 4.0, as the data is

## Data
{data}
- {translated:,} of the questions were put into other languages by the local generator ({generator}, Apache-2.0)
- titles, headings, places and years are made by rule (`training/headings.py`)

No question that youju is measured with, and no sentence of its example documents, was used.

## How well it reads
{marks}

EM and F1 count a Chinese character as a token, punctuation left out; "paragraph given" reads the paragraph and takes
the best span. AUC: how often what is there scores higher than what is not. ECE: calibration error in ten bins.

## Limits
- It finds, it does not calculate, compare or deny; a false premise it does not notice unless place or year betray it.
- It was trained on encyclopedia paragraphs and, by questions made by rule, on official Chinese prose: of tables and of
  dialogue it has seen little, and of questions in other words than a paper's less than of those in its own.
- It reads Chinese, English and Japanese text, each asked in its own language. Questions in English about Chinese text
  were translated by a small model; other pairs of languages it has hardly seen.
- A probability is calibrated for questions like those it was trained on.
"""


@dataclass(frozen=True, slots=True)
class Origin:
    """What the weights were made from.

    Attributes:
        encoder: The encoder whose layers were changed.
        generator: What translated questions.
        command: What makes the weights again.
        data: One line for each source of questions.
        translated: How many questions were translated.
    """

    encoder: str
    generator: str
    command: str
    data: Sequence[str]
    translated: int


def model_card(origin: Origin, *, rank: int, size: int, sha256: str, marks: Mapping[str, float]) -> str:
    """The card as Markdown.

    Args:
        origin: What the weights were made from.
        rank: Rank of the changes; 0 means whole matrices.
        size: Bytes of the weights file.
        sha256: Its digest.
        marks: Every measure by name.
    """
    rows = ["| measure | value |", "|---|---|", *(f"| {name} | {_shown(value)} |" for name, value in marks.items())]
    return _CARD.format(
        encoder=origin.encoder,
        generator=origin.generator,
        rank=rank,
        size=size,
        sha256=sha256,
        command=origin.command,
        data="\n".join(f"- {line}" for line in origin.data),
        translated=origin.translated,
        marks="\n".join(rows),
    )


def _shown(value: float) -> str:
    """Counts as counts, everything else with three digits."""
    return f"{value:,}" if isinstance(value, int) else f"{value:.3f}"
