"""Find the passages that begin the sections of a document: what is read of it when its outline is asked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rag.schema.documents import Passage
from rag.schema.search import Scope

__all__ = ["only_source", "outline_passages"]

_MOST_SECTIONS = 20


def only_source(scope: Scope | None, sources: Collection[str]) -> str | None:
    """The one document that is searched: the only one of the scope, or of the corpus; None where there are several."""
    within = set(scope.sources) if scope and scope.sources else set(sources)
    return within.pop() if len(within) == 1 else None


def outline_passages(passages: Sequence[Passage]) -> list[Passage]:
    """The first passage under each heading that stands outermost; where there is but one, under each below it.

    Args:
        passages: All passages of a document, in order.
    """
    for depth in (1, 2):
        first: dict[tuple[str, ...], Passage] = {}
        for passage in passages:
            if len(passage.heading) >= depth:
                first.setdefault((passage.title, *passage.heading[:depth]), passage)
        if len(first) > 1:
            break
    return list(first.values())[:_MOST_SECTIONS]
