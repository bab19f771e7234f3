"""Find the places and years that a question names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rag.schema.documents import Part
from rag.text.divisions import divisions_in, names_nation
from rag.text.places import SUFFIX, SUFFIXES, find_place, pinyin, place_key, same_place
from rag.text.years import find_years

__all__ = ["NOTHING_NAMED", "NamedScope", "find_named_scope"]


@dataclass(frozen=True, slots=True)
class NamedScope:
    """What a question names.

    Attributes:
        places: Places as the corpus writes them, in the order of the question.
        years: Years, ascending.
        unknown: Places that no part of the corpus speaks of, in the order of the question.
        nation: Whether it names the whole country and no place in it.
    """

    places: tuple[str, ...]
    years: tuple[int, ...]
    unknown: tuple[str, ...] = ()
    nation: bool = False


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
    named = tuple(place for _, place in sorted(found) if not _is_outer(place, question, places))
    stems = [place_key(place) for place in places]
    known = [*stems, *(pinyin(stem) for stem in stems)]
    others = [name for name in divisions_in(question) if not any(stem in name.lower() for stem in known)]
    nation = not (named or others) and names_nation(question)
    return NamedScope(named, find_years(question), tuple(others), nation)


def _is_outer(place: str, question: str, places: Iterable[str]) -> bool:
    """Whether a question names a place only to say where another lies: of ``X市Y区`` it is about Y."""
    inner = "|".join(re.escape(place_key(other)) for other in places if not same_place(other, place))
    outer = rf"{re.escape(place_key(place))}{SUFFIX}?(?:的)?(?:{inner})[{SUFFIXES}]"
    return bool(inner) and re.search(outer, question) is not None
