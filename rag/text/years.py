"""Years in a text, in every notation. The only file with a pattern of years."""

from __future__ import annotations

import re

__all__ = ["find_years", "without_years"]

YEAR = re.compile(
    r"(?<![\d.])(?P<first>(?:19|20)\d{2})(?:\s*[-—–~至/]\s*(?P<last>(?:19|20)\d{2}))?(?=\s*(?:年|学年|[^\d]|$))"
)


HAN_YEAR = re.compile(r"[一二]〇[〇一二三四五六七八九]{2}(?=年)")


def find_years(text: str) -> tuple[int, ...]:
    """Years named in a text, ascending; a range names both ends.

    >>> find_years("2015-2016学年与2019年6月"), find_years("二〇一九年")
    ((2015, 2016, 2019), (2019,))
    """
    years = {int(year) for match in YEAR.finditer(text) for year in match.groups() if year}
    digits = str.maketrans("〇一二三四五六七八九", "0123456789")
    years |= {int(match.group().translate(digits)) for match in HAN_YEAR.finditer(text)}
    return tuple(sorted(years))


def without_years(text: str) -> str:
    """The text without its bare years: ``2031年``, ``2030-2031学年``, and ``in 2031`` between Latin words."""
    text = re.sub(r"(?:19|20)\d{2}(?:\s*[-—–~至]\s*(?:19|20)?\d{2})?(?:学年|年(?!\s*\d))", " ", text)
    return re.sub(r"(?<=[A-Za-z,(] )(?:19|20)\d{2}(?=[.?!)]*(?:\s+[A-Za-z(]|$)|,\s)", " ", text)
