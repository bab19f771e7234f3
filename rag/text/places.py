"""Names of places in Chinese text: their suffixes, stems, and how they are written in official names."""

from __future__ import annotations

import re
from functools import lru_cache

from rag.text.words import tag_words

__all__ = ["pinyin", "place_stem"]

SUFFIXES = "省市县区州盟旗"


GENERIC = frozenset(
    """
    中国 全国 国家 全省 全市 全区 全县 我省 我市 我区 我县 本市 该市 市区 城区 地区 新区 辖市区 社区 校区 园区 小区 城市
    """.split()
)


# "X市Y区": the inner name follows a suffix and holds none. "Y区人民政府": what stands at a line's start.
INNER = r"(?P<name>(?:(?![省市县区])[\u4e00-\u9fff]){2,3}[县区市旗])"


DOUBLE_NAME = re.compile(rf"(?<=[省市州])(?![省市州]){INNER}")


OFFICIAL_NAME = re.compile(rf"(?<![\u4e00-\u9fff]){INNER}(?=人民政府|政府|委员会|教育局)")


def place_stem(place: str) -> str:
    """A place's name without its suffix: ``X市`` -> ``X``; two-character names stay whole."""
    return place[:-1] if len(place) > 2 and place[-1] in SUFFIXES else place


def place_names(text: str) -> list[str]:
    """Names of places in a Chinese text, by the segmenter's tags and by how official names are written."""
    names = [m["name"] for pattern in (OFFICIAL_NAME, DOUBLE_NAME) for m in pattern.finditer(text)]
    names += [word for word, tag in tag_words(text) if tag == "ns" and len(word) >= 2]
    return [name for name in names if name not in GENERIC and place_stem(name) not in GENERIC]


@lru_cache(maxsize=4096)
def pinyin(text: str) -> str:
    """A name as Latin script writes it, in small letters and one word."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - its dictionary takes a moment to load

    return "".join(lazy_pinyin(text)).lower()
