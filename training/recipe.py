"""What an example is, which kinds there are, and how many of each a question yields.

Each kind has a name, so that it can be left out and its worth measured (``benchmarks/ablate_reader.py``). Makes none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

__all__ = ["KINDS", "Example", "Recipe", "Span"]

Span: TypeAlias = tuple[int, int]

KINDS: Final = ("found", "several", "twin", "without", "retrieved", "scope", "attribute", "thing")


@dataclass(frozen=True, slots=True)
class Example:
    """One reading exercise.

    Attributes:
        question: What is asked.
        heading: Heading line of the window.
        text: The window.
        spans: (start, end) of what answers, in code points of ``text``; none where it does not.
        kind: One of ``KINDS``.
        several: Whether the spans are parts of one answer, rather than one answer marked in several ways.
    """

    question: str
    heading: str
    text: str
    spans: tuple[Span, ...]
    kind: str
    several: bool = False


@dataclass(frozen=True, slots=True)
class Recipe:
    """How many examples of each kind a question yields on average, and in which form.

    Attributes:
        counts: Attempts a question in one pass, by kind; 0 leaves a kind out. Of several, twin, attribute and thing
            about one attempt in five to eight succeeds.
        whole: Share of found windows that are the whole paragraph.
        long_sentences: Share of found windows whose sentences are strung together into one.
        headings: Share of windows behind a heading.
        named: Share of questions that name their place or year, where the window is not of the kind ``scope``.
        translated: Share asked in another language, where there is a translation.
        most_sentences: Longest window, in sentences, but for whole paragraphs.
    """

    counts: Mapping[str, float] = field(
        default_factory=lambda: {
            "found": 1.0,
            "several": 0.4,
            "twin": 0.25,
            "without": 1.0,
            "retrieved": 0.8,
            "scope": 0.3,
            "attribute": 0.4,
            "thing": 0.5,
        }
    )
    whole: float = 0.06
    long_sentences: float = 0.25
    headings: float = 0.7
    named: float = 0.3
    translated: float = 0.5
    most_sentences: int = 3
