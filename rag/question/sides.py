"""What is searched and read each for itself: the parts of a question, and of each part its places and years.

``without_scope`` is what is asked of all places and years.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.question.comparison import Item, change_questions, compared_items, side_questions
from rag.question.kind import compares
from rag.question.parts import question_parts
from rag.question.scope import NamedScope
from rag.text.divisions import names_nation
from rag.text.places import find_place, place_key, strip_places
from rag.text.words import simplify
from rag.text.years import find_years, lists_years, periods, spans_years, strip_years, year_spans

__all__ = ["sides", "without_scope"]


def sides(question: str, named: NamedScope) -> list[tuple[str, NamedScope]]:
    """One question for each thing that a question asks for, and of each for each place or year that it compares.

    The question alone where it asks one thing of one place and year. The two years of a range (2015-2016学年), or of a
    question that compares nothing ("2030年启动、2031年竣工的"), are no two sides.

    >>> sides("2016年和2017年各建桥多少座？", NamedScope((), (2016, 2017)))[1][0]
    '2017年建桥多少座？'
    """
    return [side for part, own in _parts(question, named) for side in _compared(part, own)]


def _parts(question: str, named: NamedScope) -> list[tuple[str, NamedScope]]:
    """The questions that a question asks, each with the places and years that it names, or else those of all."""
    parts = question_parts(question, named)
    return [(part, _named_in(part, named)) for part in parts] if len(parts) > 1 else [(question, named)]


def _named_in(part: str, named: NamedScope) -> NamedScope:
    places = tuple(place for place in named.places if find_place(simplify(part), place) >= 0)
    years = tuple(year for year in find_years(part) if year in named.years)
    return replace(named, places=places or named.places, years=years or named.years)


def _compared(question: str, named: NamedScope) -> list[tuple[str, NamedScope]]:
    """One question for each place, or each year, that a question compares; the question alone where it names one."""
    if told := _alone(question, named):
        return [(asked, _named_by(asked, item.named, named)) for asked, item in told]
    if len(named.places) > 1:
        return [_of_place(question, named, place) for place in named.places]
    asked = [years for years in periods(question) if set(years) & set(named.years)]
    if len(asked) > 1 and (compares(question) or lists_years(question)) and not spans_years(question):
        return [(_of_period(question, years), replace(named, places=named.places, years=years)) for years in asked]
    return [(question, named)]


def _alone(question: str, named: NamedScope) -> list[tuple[str, Item]]:
    """What is asked of each place or year alone; empty where nothing is compared, or in no known way."""
    items = compared_items(question, named)
    if spans_years(question) and len(named.places) < 2:
        return change_questions(question, items)
    compared = len(named.places) > 1 or compares(question) or lists_years(question)
    return side_questions(question, items) if compared else []


def _named_by(asked: str, own: NamedScope, named: NamedScope) -> NamedScope:
    """What a side names: of the places those in its question, and years that all sides share."""
    places = own.places or tuple(place for place in named.places if find_place(simplify(asked), place) >= 0)
    return replace(named, places=places, years=own.years or named.years, nation=not places and names_nation(asked))


def _of_period(question: str, years: Sequence[int]) -> str:
    """The question about one of its years, or ranges of years: the others go, with what links them."""
    return strip_years(question, keep=years, links=True)


def _of_place(question: str, named: NamedScope, place: str) -> tuple[str, NamedScope]:
    """The question about one of its places, and that place's year: one year is that of all, of several its own."""
    if len(named.years) < 2:
        core = strip_places(question, named.places, links=True)
        return place + _plain(core), NamedScope((place,), named.years, dates_document=named.dates_document)
    years = _year_behind(question, place, [other for other in named.places if other != place])
    told = f"{years[0]}年" if years else ""
    return f"{place}{told}{_plain(without_scope(question, named))}", NamedScope(
        (place,), years, dates_document=named.dates_document
    )


def _year_behind(question: str, place: str, others: Sequence[str]) -> tuple[int, ...]:
    """The year that stands right behind a place, no comma or other place between; empty where none does."""
    between = rf"{re.escape(place_key(place))}(?:(?!{'|'.join(re.escape(place_key(o)) for o in others)})[^，,]){{0,6}}$"
    behind = (span for span in year_spans(question) if re.search(between, question[: span.start]))
    return next((span.years[:1] for span in behind), ())


def _plain(core: str) -> str:
    """What is asked of each side: ``比的录取率，和定的目标相比如何？`` -> ``的录取率是多少？``."""
    core = re.sub(r"^[比较](?=的)", "", core)
    return re.sub(r"[，,]?\s*[和与跟同]?[^，,]{0,12}(?:相比|比较|对比)[^，,]*$", "是多少？", core)


def without_scope(question: str, named: NamedScope) -> str:
    """The question without its places and years, and with all the rest: what is asked about each of them."""
    return strip_years(strip_places(question, (*named.places, *named.unknown)))
