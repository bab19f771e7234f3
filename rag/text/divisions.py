"""Administrative divisions of China that a question names, whether or not a document speaks of them.

Names come from GB/T 2260 (codes for the administrative divisions of the People's Republic of China) in all revisions of
the ``GB2260`` package: about 3,600 provinces, cities, districts and counties. A name counts in full (``X市``); of
provinces and cities also without its suffix, where the segmenter takes it for a place, and in capitalised pinyin
between Latin words. Districts and counties need their suffix: without it a good many are plain words (新建, 和平).

Not covered: towns and villages, places abroad.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from rag.text.places import DIVISION_SUFFIX, official_spans, pinyin
from rag.text.words import mask_year_word, tag_words

__all__ = [
    "PlaceMention",
    "division_names",
    "division_spans",
    "divisions_by_pinyin",
    "divisions_in",
    "is_division",
    "lies_in",
    "names_nation",
    "place_mentions",
]

_LONGEST: Final = 12
# Shorter ones meet English words, but for those with an apostrophe: Xi'an.
_LATIN_NAME: Final = re.compile(r"\b[A-Z](?:[a-z]{3,}|[a-z]+['’][a-z]{2,})\b")
_NATION: Final = re.compile(r"国务院|全国|我国|中国|中华人民共和国|\b(?:China|nationwide)\b")


def divisions_in(text: str) -> list[str]:
    """Divisions named in a text in simplified characters, in its order, each once, as it names them.

    >>> divisions_in("苏州市和杭州各新建多少所？"), divisions_in("How many schools has Suzhou?")
    (['苏州市', '杭州'], ['Suzhou'])
    """
    return list(dict.fromkeys(division_spans(text).values()))


@lru_cache(maxsize=4096)
def division_spans(text: str) -> Mapping[int, str]:
    """Divisions named in a text in simplified characters, as it names them, by where they begin, in its order.

    >>> dict(division_spans("江西省宜春市与苏州"))
    {0: '江西省', 3: '宜春市', 7: '苏州'}
    """
    found: dict[int, str] = {}
    words = _words(text)
    edges = {at for at, _, _ in words} | {len(text)}
    for at in sorted(edges):
        if text[at : at + 2] in _beginnings() and not _holds(found, at) and (name := _suffixed_at(text, at, edges)):
            found[at] = name
    for at, word, tag in words:
        if tag == "ns" and word in _city_stems() and not _holds(found, at):
            found[at] = word
    for at, name in _in_latin(text):
        found.setdefault(at, name)
    return {at: found[at] for at in sorted(found)}


@dataclass(frozen=True, slots=True)
class PlaceMention:
    """A place that a text names.

    Attributes:
        name: Its name, as the text writes it.
        start: Where it begins, or the first of the wholes around it.
        outer: Names that stand right before it, as the wholes around it: of ``X市Y区`` and ``X市的Y区`` X市.
    """

    name: str
    start: int
    outer: tuple[str, ...] = ()


def place_mentions(text: str, also: Mapping[int, tuple[int, str]] = MappingProxyType({})) -> list[PlaceMention]:
    """Places that a text in simplified characters names with certainty, in its order.

    Args:
        text: Any text.
        also: Other places named in it, by where each begins: the offset behind it, and its name.

    >>> [(one.name, one.outer) for one in place_mentions("江西省宜春市万载县与苏州")]
    [('万载县', ('江西省', '宜春市')), ('苏州', ())]
    """
    spans = {**_listed_spans(text), **also}
    written = _written_spans(text).items()
    spans |= {at: span for at, span in written if not any(at <= start < span[0] for start in spans)}
    found: list[PlaceMention] = []
    last = 0
    for at, (end, name) in sorted(spans.items()):
        if at < last:
            continue
        if found and text[last:at] in ("", "的"):
            outer = found.pop()
            found.append(PlaceMention(name, outer.start, (*outer.outer, outer.name)))
        else:
            found.append(PlaceMention(name, at))
        last = end
    return found


@lru_cache(maxsize=8192)
def _listed_spans(text: str) -> dict[int, tuple[int, str]]:
    return {at: (at + len(name), name) for at, name in division_spans(text).items()}


@lru_cache(maxsize=8192)
def _written_spans(text: str) -> dict[int, tuple[int, str]]:
    return {at: (at + len(name), name) for at, name in official_spans(text).items()}


def names_nation(text: str) -> bool:
    """Whether a text in simplified characters names the whole country.

    >>> names_nation("全国粮食产量"), names_nation("全省粮食产量")
    (True, False)
    """
    return _NATION.search(text) is not None


def lies_in(inner: str, outer: str) -> bool:
    """Whether one division is a part of another by its code, as far as both are known.

    >>> lies_in("宜春市", "江西"), lies_in("兰州", "甘肃省"), lies_in("江西省", "宜春市"), lies_in("苏州市", "江西省")
    (True, True, False, False)
    """
    within = {code[:size] for code in _codes_of(inner) for size in (2, 4) if code[size:].strip("0")}
    return any(_prefix(code) in within for code in _codes_of(outer))


def _codes_of(name: str) -> frozenset[str]:
    """The codes of a division with or without its suffix: the 州 of 兰州 is none."""
    return _codes().get(name) or _codes().get(_stem(name), frozenset())


def _prefix(code: str) -> str:
    """The digits that the codes of a division's parts begin with; a county has no parts."""
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code


def _stem(name: str) -> str:
    return DIVISION_SUFFIX.sub("", name)


def _holds(found: Mapping[int, str], at: int) -> bool:
    """Whether a place in the text lies in a name that was found."""
    return any(start <= at < start + len(name) for start, name in found.items())


def _suffixed_at(text: str, at: int, edges: Container[int]) -> str:
    """The longest name with a suffix that begins there and ends where a word does; "" for none.

    There is no 新建区 in 新建|区级, and 上海地区 is no division.
    """
    for size in range(min(_LONGEST, len(text) - at), 2, -1):
        name = text[at : at + size]
        stem = DIVISION_SUFFIX.sub("", name)
        listed = stem in _stems() and (not name.endswith("地区") or name in _full_names())
        if stem != name and listed and at + size in edges:
            return name
    return ""


def _in_latin(text: str) -> Iterator[tuple[int, str]]:
    """Names in Latin letters and where they begin, where the text is in that script."""
    if len(re.findall(r"[A-Za-z]{2,}", text)) >= 3:
        for match in _LATIN_NAME.finditer(text):
            if re.sub(r"['’]", "", match.group()).lower() in divisions_by_pinyin():
                yield match.start(), match.group()


def division_names() -> tuple[str, ...]:
    """Every name of the list, with its suffix, each once and in its order."""
    return tuple(dict.fromkeys(name for name, _ in _names()))


def is_division(name: str) -> bool:
    """Whether a name is that of a division: with a suffix, or of a province or city without it.

    A county may have become a district since: of a name with a suffix only the stem must be known.

    >>> is_division("苏州"), is_division("新建"), is_division("新建区"), is_division("新建县")
    (True, False, True, True)
    """
    stem = DIVISION_SUFFIX.sub("", name)
    return name in _city_stems() or (stem != name and stem in _stems())


def _words(text: str) -> list[tuple[int, str, str]]:
    """Where each word begins, the word, and its part of speech."""
    at, words = 0, []
    for word, tag in tag_words(mask_year_word(text)):
        words.append((at, word, tag))
        at += len(word)
    return words


@lru_cache(maxsize=1)
def _names() -> tuple[tuple[str, bool], ...]:
    """Every name with whether it is that of a province or city."""
    from gb2260.data import data  # noqa: PLC0415 - two megabytes

    names = {name: code % 100 == 0 for revision in data.values() for code, name in revision.items()}
    generic = re.compile(
        r"市辖|直辖|^[县区市]$|行政区划|^(?:城|郊|矿|市|新|老城|新城|城东|城西|城南|城北|城中|市中|中心)区$"
    )
    return tuple((name, city) for name, city in names.items() if len(name) > 1 and not generic.search(name))


@lru_cache(maxsize=1)
def _full_names() -> frozenset[str]:
    return frozenset(name for name, _ in _names())


@lru_cache(maxsize=1)
def _stems() -> frozenset[str]:
    return frozenset(stem for name, _ in _names() if len(stem := DIVISION_SUFFIX.sub("", name)) > 1)


@lru_cache(maxsize=1)
def _city_stems() -> frozenset[str]:
    return frozenset(stem for name, city in _names() if city and len(stem := DIVISION_SUFFIX.sub("", name)) > 1)


@lru_cache(maxsize=1)
def _beginnings() -> frozenset[str]:
    return frozenset(stem[:2] for stem in _stems())


@lru_cache(maxsize=1)
def _codes() -> Mapping[str, frozenset[str]]:
    """The six digits of every division, in all revisions, by its stem."""
    from gb2260.data import data  # noqa: PLC0415 - two megabytes

    codes: dict[str, set[str]] = {}
    for revision in data.values():
        for code, name in revision.items():
            codes.setdefault(_stem(name), set()).add(str(code))
    return {stem: frozenset(found) for stem, found in codes.items()}


@lru_cache(maxsize=1)
def divisions_by_pinyin() -> Mapping[str, tuple[str, ...]]:
    """Stems of provinces and cities by their pinyin; several may share one (苏州, 宿州)."""
    stems: dict[str, list[str]] = {}
    for stem in sorted(_city_stems()):
        stems.setdefault(pinyin(stem), []).append(stem)
    return {latin: tuple(same) for latin, same in stems.items()}
