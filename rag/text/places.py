"""Names of places in Chinese text: suffixes and stems, whether two are the same, how official names are written.

The only file with the suffixes of places (省市县区州盟旗, 自治州, 地区 ...). A place is compared by its stem (``X`` of
``X市``) in simplified characters, in Latin script by its pinyin. Names come from the segmenter's own lexicon and from
how official names are written (``X市Y区``, ``Y区人民政府``, ``Y区水利局``); there is no list of places here
(:mod:`rag.text.divisions` has that of China).

Not covered: towns and villages, and places of one name (a city and its county are the same here).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from rag.text.unicode import HAN
from rag.text.words import mask_year_word, simplify, tag_words
from rag.text.years import YEAR

__all__ = [
    "DIVISION_SUFFIX",
    "SUFFIX",
    "SUFFIXES",
    "find_place",
    "inner_names",
    "latin_name",
    "official_spans",
    "pinyin",
    "place_key",
    "place_names",
    "place_pattern",
    "place_spans",
    "place_stem",
    "same_place",
    "strip_official_names",
    "strip_places",
]

SUFFIXES: Final = "省市县縣区區州盟旗"
"""Suffixes of one character, as a part of a regular expression between brackets."""
# Peoples by name: "some characters before 族" would take the place as well (广西|壮族). Some stand without 族.
_PEOPLE: Final = (
    r"(?:维吾尔|哈萨克|柯尔克孜|塔吉克|锡伯|(?<!内)蒙古|(?:蒙古|回|藏|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|傣|黎|傈僳|佤|畲"
    r"|拉祜|水|东乡|纳西|景颇|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|阿昌|普米|怒|德昂|保安|裕固|独龙|各)族)"
)
_LONG_SUFFIX: Final = rf"(?:{_PEOPLE}*自治[区區州县縣旗]|特别行政[区區]|[地林特][区區])"
DIVISION_SUFFIX: Final = re.compile(rf"(?:{_LONG_SUFFIX}|新[区區]|[{SUFFIXES}])$")
"""The suffix of an administrative division, at the end of its name."""
_STEM_SUFFIX: Final = re.compile(rf"{_LONG_SUFFIX}$")
# What makes another word with the character before it, which then is no suffix: 市场, 区域, 县城, but not 区位于.
_HEAD: Final = "[级委]|内(?!科|部|容)|长(?![期远效])"
_OTHER_WORDS = {
    "省": f"{_HEAD}|[份会略]",
    "市": f"{_HEAD}|[场容值面区區]|民(?![政族营间办宗警航生])",
    "县": f"{_HEAD}|[域]|城(?![乡市镇建管])",
    "区": f"{_HEAD}|[域间块别]|分(?!局|公司)|位(?![于居列])",
    "州": _HEAD,
    "盟": f"{_HEAD}|[友员约]",
    "旗": f"{_HEAD}|[帜舰袍]",
}
_OTHER_WORDS |= {"縣": _OTHER_WORDS["县"], "區": _OTHER_WORDS["区"]}
SUFFIX: Final = rf"(?:{_LONG_SUFFIX}|新[区區]|" + "|".join(f"{one}(?!{_OTHER_WORDS[one]})" for one in SUFFIXES) + ")"
"""A suffix behind a stem, as a part of a regular expression; not the beginning of another word."""
_LATIN_SUFFIX: Final = r"(?: (?:city|district|county|province|prefecture)\b)?"
_LINK: Final = r"(?:[和与與及、]|以及| and\b)?"

_GENERIC: Final = frozenset(
    """
    中国 中华人民共和国 全国 国家 全省 自治 全市 全区 全县 我省 我市 我区 我县 本市 该市 市区
    城区 地区 新区 辖市区 行政区 自治区 开发区 高新区 示范区 试验区 风景区 社区 校区 园区 小区 城市
    """.split()
)
_OFFICE: Final = rf"(?:人民政府|政府|委员会|委員會|[{HAN}]{{1,6}}?(?:局|厅|廳|委员会|委員會|委(?![托任派员])))"
"""An office of a place, of whatever kind, as a part of a regular expression."""
# "X市Y区": the inner name follows a suffix and holds none. "Y区人民政府": what stands at a line's start.
_INNER: Final = r"(?P<name>(?:(?![省市县縣区區乡镇各全])[\u4e00-\u9fff]){2,3}(?:[县縣区區市旗镇]|乡(?![村镇土])))"
_DOUBLE_NAME: Final = re.compile(rf"(?<=[省市州])(?![省市州]){_INNER}")
_OFFICIAL_NAME: Final = re.compile(rf"(?<![\u4e00-\u9fff]){_INNER}(?={_OFFICE}|\s*{YEAR})")
_NAME_TAGS: Final = ("ns", "nr", "nz")  # the segmenter's, for names
_NAMED_OFFICE: Final = re.compile(rf"[\u4e00-\u9fff]{{2,3}}(?:[{SUFFIXES}]{_OFFICE}?|[\u4e00-\u9fff]{{2,4}}[局厅廳])")


def place_stem(place: str) -> str:
    """A place's name without its suffix; it keeps two characters at least.

    >>> place_stem("云岭县"), place_stem("云岭苗族自治州"), place_stem("海州")
    ('云岭', '云岭', '海州')
    """
    long = _STEM_SUFFIX.search(place)
    if long and long.start() >= 2:
        return place[: long.start()]
    return place[:-1] if len(place) > 2 and place[-1] in SUFFIXES else place


@lru_cache(maxsize=4096)
def place_key(place: str) -> str:
    """By what a place is compared: its stem in simplified characters."""
    return place_stem(simplify(place))


def same_place(one: str, other: str) -> bool:
    """Whether two names are of one place.

    >>> same_place("雲嶺市", "云岭"), same_place("云岭县", "松江县")
    (True, False)
    """
    return place_key(one) == place_key(other)


def place_names(text: str) -> list[str]:
    """Names of places in a Chinese text, by the segmenter's tags and by how official names are written."""
    names = list(official_spans(text).values())
    names += [word for word, tag in tag_words(text) if tag == "ns" and len(word) >= 2]
    return [name for name in names if not _is_generic(name)]


def official_spans(text: str) -> dict[int, str]:
    """Names with a suffix, by where each begins: by how they are written, and by what the segmenter takes for a name.

    >>> official_spans("云岭县2031年总结"), official_spans("水口镇人民政府"), official_spans("全县及各乡镇2031年总结")
    ({0: '云岭县'}, {0: '水口镇'}, {})
    """
    text = mask_year_word(text)
    spans: dict[int, str] = {}
    at, before = 0, (0, "")
    for word, tag in tag_words(text):
        if len(word) > 2 and word[-1] in SUFFIXES and tag in _NAME_TAGS and _is_known_name(word[:-1]):
            spans[at] = word
        elif word in SUFFIXES and len(before[1]) > 1 and _is_known_name(before[1]):
            spans[before[0]] = before[1] + word
        before = (at, word)
        at += len(word)
    for pattern in (_DOUBLE_NAME, _OFFICIAL_NAME):
        spans |= {m.start("name"): m["name"] for m in pattern.finditer(text) if _may_be_name(m["name"])}
    return {at: name for at, name in sorted(spans.items()) if not _is_generic(name)}


@lru_cache(maxsize=4096)
def _is_known_name(stem: str) -> bool:
    """Whether the segmenter takes what stands before a suffix for one name: 云岭, but not 房地产 and 再次向."""
    words = tag_words(stem)
    return len(words) == 1 and words[0][1] in _NAME_TAGS


def _is_generic(name: str) -> bool:
    return name in _GENERIC or place_stem(name) in _GENERIC


def _may_be_name(name: str) -> bool:
    """Whether what stands before an office is a name: no verb or adverb (配合市政府), and not 特区 or 自治区 alone."""
    tag = next((tag for word, tag in tag_words(place_stem(name)) if word), "")
    return not tag.startswith(("v", "d", "p", "c", "r")) and not re.search(r"(?:特|自治)[区區]$", name)


def inner_names(outer: str, text: str) -> list[str]:
    """Names of places that a text says lie in another one: of ``X市Y区`` Y区."""
    pattern = rf"{re.escape(place_stem(outer))}[省市州]?{_DOUBLE_NAME.pattern}"
    return [match["name"] for match in re.finditer(pattern, text) if _may_be_name(match["name"])]


@lru_cache(maxsize=4096)
def pinyin(text: str) -> str:
    """A name as Latin script writes it, in small letters and one word."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - its dictionary takes a moment to load

    return "".join(lazy_pinyin(text)).lower()


def latin_name(place: str) -> str:
    """A regular expression for a place in Latin script, with the kind of place behind it where it stands there."""
    return rf"\b{re.escape(pinyin(place_key(place)))}\b{_LATIN_SUFFIX}"


def place_pattern(place: str) -> str:
    """A regular expression for a place in simplified Chinese, with a suffix or without, and in Latin script."""
    name, stem = simplify(place), place_key(place)
    own = f"{re.escape(name[len(stem) :])}|" if len(name) - len(stem) > 1 else ""
    return rf"(?:{re.escape(stem)}(?:{own}{SUFFIX})?|{latin_name(place)})"


def find_place(text: str, place: str) -> int:
    """Where a text in simplified characters, or in Latin script, first names a place; -1 where it does not."""
    stem = place_key(place)
    if (at := text.find(stem)) >= 0:
        return at
    if (latin := pinyin(stem)) not in (small := text.lower()):
        return -1
    match = re.search(rf"\b{re.escape(latin)}\b", small)
    return match.start() if match else -1


@lru_cache(maxsize=256)
def _pattern(place: str) -> re.Pattern[str]:
    return re.compile(place_pattern(place), re.IGNORECASE)


def place_spans(text: str, place: str) -> dict[int, tuple[int, str]]:
    """Where a text in simplified characters names a place: by where each mention begins, its end and the place.

    >>> place_spans("云岭与云岭县", "云岭县")
    {0: (2, '云岭县'), 3: (6, '云岭县')}
    """
    if find_place(text, place) < 0:
        return {}
    return {match.start(): (match.end(), place) for match in _pattern(place).finditer(text)}


def strip_places(text: str, places: Iterable[str], *, links: bool = False) -> str:
    """The text without places, in either script and whether or not their suffix stands there.

    Args:
        text: Any text.
        places: What is cut.
        links: Whether a word or mark that links a place to the next one (和, 、, and) goes with it.

    >>> strip_places("锡林郭勒盟新建多少座桥？", ["锡林郭勒盟"]), strip_places("云岭市场有几个？", ["云岭市"])
    ('新建多少座桥？', '市场有几个？')
    """
    for place in places:
        name = re.compile(place_pattern(place) + (_LINK if links else ""), re.IGNORECASE)
        for start, end in reversed([match.span() for match in name.finditer(_comparable(text))]):
            text = text[:start] + text[end:]
    return text


def strip_official_names(text: str) -> str:
    """The text with a space for what is written like an official name: ``X市``, ``X市水利局``, ``X水利局``."""
    return _NAMED_OFFICE.sub(" ", text)


def _comparable(text: str) -> str:
    """The text in simplified characters, where that leaves every offset."""
    simplified = simplify(text)
    return simplified if len(simplified) == len(text) else text
