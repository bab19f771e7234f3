"""The sides of a comparison, and a question without its places and years."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.question.scope import QuestionScope
from rag.text.places import pinyin, place_stem

__all__ = ["sides", "without_scope"]

_RANGE = re.compile(
    r"(?:19|20)\d\d\s*年?(?:\d{1,2}月)?\s*[-—–~至到/]\s*(?:19|20)\d\d"
    r"|\b(?:between|from) (?:19|20)\d\d (?:and|to) (?:19|20)\d\d",
    re.IGNORECASE,
)


_COMPARES_YEARS = re.compile(
    r"分别|各[是为有多少几自新建]|比|相差|差距|(?:19|20)\d\d年?度?(?:[^\d，,]{0,4})(?:和|与|及|以及|、)(?:19|20)\d\d"
    r"|\b(?:than|each|both|respectively|compared|difference)\b|(?:19|20)\d\d and (?:in )?(?:19|20)\d\d",
    re.IGNORECASE,
)


def sides(question: str, named: QuestionScope) -> list[tuple[str, QuestionScope]]:
    """One question for each place, or each year, that a question compares; the question alone where it names one.

    The two years of a range (2015-2016学年), or of a question that compares nothing ("2030年启动、2031年竣工的"), are
    no two sides.

    >>> sides("2016年和2017年各建桥多少座？", QuestionScope((), (2016, 2017)))[1][0]
    '2017年各建桥多少座？'
    """
    if len(named.places) > 1:
        return [_of_place(question, named, place) for place in named.places]
    if len(named.years) > 1 and _COMPARES_YEARS.search(question) and not _RANGE.search(question):
        return [(_of_year(question, year), QuestionScope(named.places, (year,))) for year in named.years]
    return [(question, named)]


def _of_year(question: str, year: int) -> str:
    """The question about one of its years: the others go, with what links them."""
    other = rf"(?!{year})(?:19|20)\d\d年?"
    return re.sub(rf"{other}\s*(?:[和与及、,，至到\-–—]|以及|and)?\s*|(?:[和与及、]|以及|and)\s*{other}", "", question)


def _of_place(question: str, named: QuestionScope, place: str) -> tuple[str, QuestionScope]:
    """The question about one of its places, and that place's year: one year is that of all, of several its own."""
    if len(named.years) < 2:
        return place + _plain(_without_places(question, named.places)), QuestionScope((place,), named.years)
    stem = re.escape(place_stem(place))
    others = "|".join(re.escape(place_stem(other)) for other in named.places if other != place)
    own = re.search(rf"{stem}(?:(?!{others})[^，,]){{0,6}}?(?P<year>(?:19|20)\d\d)", question)
    years = (int(own["year"]),) if own else ()
    told = f"{years[0]}年" if years else ""
    return f"{place}{told}{_plain(without_scope(question, named))}", QuestionScope((place,), years)


def _plain(core: str) -> str:
    """What is asked of each side: ``比的录取率，和定的目标相比如何？`` -> ``的录取率是多少？``."""
    core = re.sub(r"^[比较](?=的)", "", core)
    return re.sub(r"[，,]?\s*[和与跟同]?[^，,]{0,12}(?:相比|比较|对比)[^，,]*$", "是多少？", core)


def _without_places(question: str, places: Sequence[str]) -> str:
    """The question without its places, in either script, and what links them."""
    for place in places:
        stem = place_stem(place)
        name = rf"{re.escape(stem)}[省市县区州]?|\b{re.escape(pinyin(stem))}\b(?: (?:city|district|county)\b)?"
        question = re.sub(rf"(?:{name})(?:[和与及、]|以及| and\b)?", "", question, flags=re.IGNORECASE)
    return question


def without_scope(question: str, named: QuestionScope) -> str:
    """The question without its places and years: what is asked about each of them."""
    stems = "".join(rf"{re.escape(place_stem(place))}[省市县区州]?|" for place in (*named.places, *named.unknown))
    return re.sub(rf"{stems}(?:19|20)\d\d年?", "", question)
