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
from functools import lru_cache
from typing import Final

from rag.text.places import DIVISION_SUFFIX, pinyin
from rag.text.words import tag_words

__all__ = ["division_names", "divisions_in", "is_division"]

_LONGEST: Final = 12
# Shorter ones meet English words, but for those with an apostrophe: Xi'an.
_LATIN_NAME: Final = re.compile(r"\b[A-Z](?:[a-z]{3,}|[a-z]+['’][a-z]{2,})\b")


def divisions_in(text: str) -> list[str]:
    """Divisions named in a text in simplified characters, in its order, each once, as it names them.

    >>> divisions_in("苏州市和杭州各新建多少所？"), divisions_in("How many schools has Suzhou?")
    (['苏州市', '杭州'], ['Suzhou'])
    """
    found: dict[int, str] = {}
    words = _words(text)
    edges = {at for at, _, _ in words} | {len(text)}
    for at in sorted(edges):
        if not _holds(found, at) and (name := _suffixed_at(text, at, edges)):
            found[at] = name
    for at, word, tag in words:
        if tag == "ns" and word in _city_stems() and not _holds(found, at):
            found[at] = word
    for at, name in _in_latin(text):
        found.setdefault(at, name)
    return list(dict.fromkeys(found[at] for at in sorted(found)))


def _holds(found: Mapping[int, str], at: int) -> bool:
    """Whether a place in the text lies in a name that was found."""
    return any(start <= at < start + len(name) for start, name in found.items())


def _suffixed_at(text: str, at: int, edges: Container[int]) -> str:
    """The longest name with a suffix that begins there and ends where a word does; "" for none.

    There is no 新建区 in 新建|区级.
    """
    for size in range(min(_LONGEST, len(text) - at), 2, -1):
        name = text[at : at + size]
        stem = DIVISION_SUFFIX.sub("", name)
        if stem != name and stem in _stems() and at + size in edges:
            return name
    return ""


def _in_latin(text: str) -> Iterator[tuple[int, str]]:
    """Names in Latin letters and where they begin, where the text is in that script."""
    if len(re.findall(r"[A-Za-z]{2,}", text)) >= 3:
        for match in _LATIN_NAME.finditer(text):
            if re.sub(r"['’]", "", match.group()).lower() in _in_pinyin():
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
    for word, tag in tag_words(text):
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
def _stems() -> frozenset[str]:
    return frozenset(stem for name, _ in _names() if len(stem := DIVISION_SUFFIX.sub("", name)) > 1)


@lru_cache(maxsize=1)
def _city_stems() -> frozenset[str]:
    return frozenset(stem for name, city in _names() if city and len(stem := DIVISION_SUFFIX.sub("", name)) > 1)


@lru_cache(maxsize=1)
def _in_pinyin() -> frozenset[str]:
    return frozenset(pinyin(stem) for stem in _city_stems())
