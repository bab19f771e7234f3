"""One ranking from several: of two rankers, of two wordings, of the sides of a comparison."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rag.schema.search import Hit

__all__ = ["fuse_wordings", "take_turns"]

# Smaller than the paper's 60: of lists of 60 passages the head should weigh more. Not measured by itself.
FUSION_K = 20


ORIGINAL_WEIGHT = 0.5


def take_turns(lists: Iterable[Sequence[Hit]], top_k: int) -> list[Hit]:
    """Merge lists by taking one hit from each in turn, each passage once; ranks are those of the merged list."""
    merged: dict[int, Hit] = {}
    columns = [iter(hits) for hits in lists]
    while columns and len(merged) < top_k:
        for column in list(columns):
            fresh = next((hit for hit in column if hit.passage.passage_id not in merged), None)
            if fresh is None:
                columns.remove(column)
            elif len(merged) < top_k:
                merged[fresh.passage.passage_id] = fresh
    return [replace(hit, rank=rank) for rank, hit in enumerate(merged.values(), start=1)]


def fuse_wordings(original: Sequence[Hit], translated: Sequence[Hit], top_k: int) -> list[Hit]:
    """Merge what a question and its translation find, by reciprocal rank; the translation counts twice.

    Words of the documents' own language find more: XQuAD en -> zh, first passage of the right paragraph, 114 questions:
    as asked 0.46, translated 0.84, fused 0.85, taking turns 0.46. The original stays in: translations lose names.
    """
    merged: dict[int, Hit] = {}
    for hits, weight in ((original, ORIGINAL_WEIGHT), (translated, 1.0)):
        for hit in hits:
            known = merged.get(hit.passage.passage_id)
            score = weight / (FUSION_K + hit.rank) + (known.score if known else 0.0)
            merged[hit.passage.passage_id] = replace(known or hit, score=score)
    ordered = sorted(merged.values(), key=lambda hit: (-hit.score, hit.passage.passage_id))[:top_k]
    return [replace(hit, rank=rank) for rank, hit in enumerate(ordered, start=1)]
