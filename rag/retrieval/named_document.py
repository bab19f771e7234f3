"""Find the passages that say what a document is about."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.schema.documents import Part, Passage
from rag.text.places import place_key
from rag.text.words import simplify
from rag.text.years import find_years

__all__ = ["telling_passages"]


def telling_passages(part: Part, passages: Sequence[Passage]) -> list[Passage]:
    """The passages of a part that tell its place and year: its first two, and the first that names each."""
    own = [p for p in passages if part.start <= p.start < part.end]
    telling = own[:2]
    if part.place:
        telling += [p for p in own if place_key(part.place) in _plain(p)][:1]
    if part.years:
        telling += [p for p in own if part.years[0] in find_years(_plain(p))][:1]
    return list({p.passage_id: p for p in telling}.values())


def _plain(passage: Passage) -> str:
    return simplify(re.sub(r"\s", "", " ".join((*passage.heading, passage.text))))
