"""Find the places and years that a question names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rag.schema.documents import Part
from rag.text.divisions import divisions_in, names_nation, place_mentions
from rag.text.places import find_place, pinyin, place_key, place_spans
from rag.text.years import YEAR, find_years

__all__ = ["NOTHING_NAMED", "NamedScope", "find_named_scope"]


_DATES_DOCUMENT: Final = re.compile(
    rf"{YEAR}\s*年?[^，。？]{{0,12}}(?:报告|公报|文件|总结|年鉴|[预决]算|通知|方案|规划|办法|条例|白皮书|report|bulletin|speech|budget)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class NamedScope:
    """What a question names.

    Attributes:
        places: Places as the corpus writes them, in the order of the question.
        years: Years, ascending.
        unknown: Places that no part of the corpus speaks of, in the order of the question.
        nation: Whether it names the whole country and no place in it.
        dates_document: Whether a year it names may be that of a document: 2031年的报告里.
    """

    places: tuple[str, ...]
    years: tuple[int, ...]
    unknown: tuple[str, ...] = ()
    nation: bool = False
    dates_document: bool = False


NOTHING_NAMED: Final = NamedScope((), ())
"""The scope of a question that names neither place nor year."""


def find_named_scope(question: str, parts: Iterable[Part]) -> NamedScope:
    """Find which of the corpus's places, and which years, a question names.

    Args:
        question: The standalone question, in simplified characters where it is Chinese.
        parts: All parts of the corpus.

    Returns:
        Places that parts of the corpus speak of, others that it names, and years.
    """
    places = {part.place for part in parts if part.place}
    found = [(at, place) for place in places if (at := find_place(question, place)) >= 0]
    spans = {at: span for _, place in found for at, span in place_spans(question, place).items()}
    mentions = place_mentions(question, spans)
    # Of "X市Y区" the question is about Y: it names X only to say where Y lies.
    outer = {place_key(name) for one in mentions for name in one.outer} - {place_key(one.name) for one in mentions}
    named = tuple(place for _, place in sorted(found) if place_key(place) not in outer)
    stems = [place_key(place) for place in places]
    known = [*stems, *map(pinyin, stems), *outer]
    others = [name for name in divisions_in(question) if not any(stem in name.lower() for stem in known)]
    nation = not (named or others) and names_nation(question)
    dates_document = _DATES_DOCUMENT.search(question) is not None
    return NamedScope(named, find_years(question), tuple(others), nation, dates_document)
