"""How the place and the year of a sentence stand to those that a question names.

A sentence is of the place and year that the nearest level names: the sentence itself, its headings from the innermost,
its document's title, the file's name, and last what was found out of its document. A level that names none is passed
over; where none does, the relation is unknown, and unknown is not other. What a sentence only compares with (比苏州市,
高于, 比上年) is not what it speaks of; 全国 and 全省 are no names (:mod:`rag.text.divisions`).

Decides nothing: whoever weighs a sentence does. Not covered: places abroad, and wholes and parts that neither the codes
of the divisions nor the text (``X市Y区``) tell.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final, Protocol

from rag.question.scope import NamedScope
from rag.text.dates import relative_years
from rag.text.divisions import is_division, lies_in, names_nation, place_mentions
from rag.text.places import inner_names, place_spans, same_place
from rag.text.words import simplify
from rag.text.years import year_spans

__all__ = ["PlaceRelation", "Placed", "YearRelation", "place_relation", "year_relation"]

_AGAINST: Final = re.compile(r"(?:[高低优快慢大小多少强]于|[比较占居列距])\s*$")
_CITED: Final = re.compile(r"《[^》]*》|〔[^〕]*〕")
_BEFORE_SUBJECT: Final = frozenset('，,。；;：:（(《“"—-–·#|\t\n 　年月日末底初时中')
"""What stands before the name of what a clause speaks of, where it does not begin the text."""


class PlaceRelation(Enum):
    """How the place of a sentence stands to the one asked for."""

    SAME = "same"
    UNKNOWN = "unknown"
    OTHER = "other"
    OUTER = "outer"
    """It is of the whole that the place asked for is a part of."""
    INNER = "inner"
    """It is of a part of the place asked for."""


class YearRelation(Enum):
    """How the year of a sentence stands to the one asked for."""

    SAME = "same"
    UNKNOWN = "unknown"
    OTHER = "other"
    NEIGHBOUR = "neighbour"
    """Its document is of the year before or after: a report looks back at one year and plans the next."""


class Placed(Protocol):
    """A sentence or a passage, with what stands above it."""

    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def heading(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def title(self) -> str: ...  # noqa: D102
    @property
    def source(self) -> str: ...  # noqa: D102
    @property
    def place(self) -> str: ...  # noqa: D102
    @property
    def years(self) -> tuple[int, ...]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class _Mention:
    """A place that a text names.

    Attributes:
        name: Its name; that of the question where it is asked for.
        outer: Names that stand right before it, as the wholes around it: of ``X市Y区`` X.
        begins: Whether it begins a clause: then the clause speaks of it.
        against: Whether the text only compares with it.
    """

    name: str
    outer: tuple[str, ...]
    begins: bool
    against: bool


# ---------------------------------------------------------------- places


def place_relation(named: NamedScope, where: Placed) -> PlaceRelation:
    """How the place that a sentence speaks of stands to those that a question names.

    Args:
        named: What the question names.
        where: The sentence or passage.

    Returns:
        The relation to the nearest of them. Unknown where the question names none.
    """
    asked = (*named.places, *named.unknown)
    if not asked:
        return _to_the_nation(where) if named.nation else PlaceRelation.UNKNOWN
    levels = (_mentions(text, asked) for text in _texts_above(where))
    above = next((_relation(asked, level) for level in levels if level), None)
    if above is None:
        above = _relation(asked, _mentions(where.place, asked)) if where.place else PlaceRelation.UNKNOWN
    own = [one for one in _mentions(where.text, asked) if not one.against and (one.begins or one.name in asked)]
    if not own:
        return above
    relation = _relation(asked, own)
    listed = relation is not PlaceRelation.OTHER or any(is_division(one.name) for one in own)
    # A town, or a place that no list knows, lies where its document is.
    inside = not listed and above in (PlaceRelation.SAME, PlaceRelation.INNER)
    return PlaceRelation.INNER if inside else relation


def _texts_above(where: Placed) -> tuple[str, ...]:
    """The texts above a sentence, the nearest first."""
    return (*reversed(where.heading), where.title, where.source)


def _relation(asked: Iterable[str], mentions: Iterable[_Mention]) -> PlaceRelation:
    pairs = [(place, mention) for place in asked for mention in mentions]
    if any(same_place(place, mention.name) for place, mention in pairs):
        return PlaceRelation.SAME
    if any(_is_part(mention, place) for place, mention in pairs):
        return PlaceRelation.INNER
    if any(lies_in(place, mention.name) for place, mention in pairs):
        return PlaceRelation.OUTER
    return PlaceRelation.OTHER


def _is_part(mention: _Mention, place: str) -> bool:
    return any(same_place(place, outer) for outer in mention.outer) or lies_in(mention.name, place)


def _to_the_nation(where: Placed) -> PlaceRelation:
    """The relation to a question about the whole country."""
    for text in _texts_above(where):
        if _mentions(text, ()):
            return PlaceRelation.INNER
        if names_nation(simplify(text)):
            return PlaceRelation.SAME
    return PlaceRelation.INNER if where.place else PlaceRelation.UNKNOWN


@lru_cache(maxsize=8192)
def _mentions(text: str, asked: tuple[str, ...]) -> tuple[_Mention, ...]:
    """Places that a text names, in its order, as the question writes them where it does."""
    plain = simplify(text).replace("_", " ")
    spans: dict[int, tuple[int, str]] = {}
    for place in asked:
        spans |= _named_spans(plain, place)
    return tuple(
        _Mention(
            one.name,
            one.outer,
            begins=one.start == 0 or plain[one.start - 1] in _BEFORE_SUBJECT,
            against=_is_against(plain, one.start),
        )
        for one in place_mentions(plain, spans)
    )


def _named_spans(plain: str, place: str) -> dict[int, tuple[int, str]]:
    """Where a place is named, and where what lies in it is, right behind it."""
    spans = place_spans(plain, place)
    for name in inner_names(place, plain) if spans else ():
        spans |= {end: (end + len(name), name) for end, _ in list(spans.values()) if plain.startswith(name, end)}
    return spans


# ---------------------------------------------------------------- years


def year_relation(named: NamedScope, where: Placed) -> YearRelation:
    """How the year that a sentence speaks of stands to those that a question names.

    Args:
        named: What the question names.
        where: The sentence or passage.

    Returns:
        The relation to the nearest of them. Unknown where the question names none. A period (2021-2025年) is of its
        first and its last year; of those between nothing is known.
    """
    asked = frozenset(named.years)
    if not asked:
        return YearRelation.UNKNOWN
    base = _base_year(where.title, where.source, where.years)
    for text in (where.text, *reversed(where.heading)):
        if relation := _year_relation(asked, _periods(text, base)):
            return relation
    if relation := _year_relation(asked, _of_section(where)):
        near = relation is YearRelation.OTHER and named.dates_document and _is_near(asked, _of_section(where))
        return YearRelation.NEIGHBOUR if near else relation
    for periods in (_periods(where.title, None), _periods(where.source, None), tuple((year,) for year in where.years)):
        if relation := _year_relation(asked, periods):
            near = relation is YearRelation.OTHER and _is_near(asked, periods)
            return YearRelation.NEIGHBOUR if near else relation
    return YearRelation.UNKNOWN


def _of_section(where: Placed) -> tuple[tuple[int, ...], ...]:
    """The year of a section where that is not its document's: a report of 2031 tells of 2030 first."""
    of_document = _periods(where.title, None) or _periods(where.source, None)
    year = where.years[0] if len(where.years) == 1 else None
    return ((year,),) if year and of_document and not any(year in period for period in of_document) else ()


def _is_near(asked: Collection[int], periods: Collection[tuple[int, ...]]) -> bool:
    return any(abs(year - one) == 1 for year in asked for period in periods for one in period)


@lru_cache(maxsize=1024)
def _base_year(title: str, source: str, years: tuple[int, ...]) -> int | None:
    """The year that 今年 is in a document; None where its title, file name and facts tell no single one."""
    told = (_periods(title, None), _periods(source, None), tuple((year,) for year in years[-1:]))
    only = {year for period in next(filter(None, told), ()) for year in period}
    return only.pop() if len(only) == 1 else None


def _year_relation(asked: Collection[int], periods: Collection[tuple[int, ...]]) -> YearRelation | None:
    if any(year in asked for period in periods for year in period):
        return YearRelation.SAME
    outside = [period for period in periods if not any(period[0] < year < period[-1] for year in asked)]
    return YearRelation.OTHER if outside else None


@lru_cache(maxsize=8192)
def _periods(text: str, base: int | None) -> tuple[tuple[int, ...], ...]:
    """Years and periods that a text speaks of: none that it cites or compares with; ``base`` is what it calls 今年."""
    own = _CITED.sub(" ", text).replace("_", " ")
    spans = [(span.start, span.years) for span in year_spans(own)]
    if base is not None and not spans:
        spans = [(start, (year,)) for start, year in relative_years(own, base)]
    return tuple(years for start, years in spans if not _is_against(own, start))


def _is_against(text: str, at: int) -> bool:
    """Whether a text only compares with what it names there."""
    return _AGAINST.search(text[max(0, at - 4) : at]) is not None
