"""The card of the scorer's weights: what they were learned on, how well they tell, what each feature adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

__all__ = ["scoring_card"]


def scoring_card(stored: Mapping[str, Any], sets: Sequence[Mapping[str, Any]], measures: Mapping[str, float]) -> str:
    """Write the card.

    Args:
        stored: The weights file's content.
        sets: Of each set of questions its name, how many were read and what one counts for.
        measures: How well it tells on documents that were held out.
    """
    today = datetime.now(tz=UTC).date().isoformat()
    lines = [
        "# The scorer of youju",
        "",
        "A conditional logit over named features (`rag/scoring/features.py`): the probability that a sentence, among",
        "those read for a question, answers it, or that none does. Made by `python -m training.scorer`, " + today + ".",
        "",
        "## Data",
        "",
        *(f"- {one['name']}: {one['questions']:,} sides of questions, each counting {one['weight']:g}" for one in sets),
        "",
        "None of it is part of the project. A sentence counts as answering where it shares half with a gold quote.",
        "",
        "## How well it tells, on documents held out",
        "",
        "| measure | value |",
        "|---|---|",
        *(
            f"| {name} | {value:.3f} |" if value < 2 else f"| {name} | {value:,.0f} |"
            for name, value in measures.items()
        ),
        "",
        f"Threshold {stored['threshold']}: under it the documents are taken not to say. A second sentence is shown",
        f"from {stored['least_share']} of the best one's probability on.",
        "",
        "## What one unit of each feature adds to the worth of a sentence, against 0 of none",
        "",
        "| feature | weight |",
        "|---|---|",
        *(f"| {name} | {value:+.3f} |" for name, value in stored["weights"].items()),
        f"| (nothing) | {stored['bias']:+.3f} |",
        "",
    ]
    return "\n".join(lines)
