"""One date, or a part of one, at one place of a text, read to its value: 2019年6月17日 / 2019-06-17 / June 17, 2019.

Also 二〇一九年六月, 2018년, cohorts (2019届) and the Minguo era (民國112年4月7日 is 2023-04-07; 112.4.7 where the words
around make it a date, see :mod:`rag.text.years`). Reads flattened text (:func:`rag.text.numerals.flatten`). Does not
search a text for dates (:mod:`rag.text.figures` does).

Source: GB/T 15835-2011 (dates).
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from rag.text.numerals import chinese_value
from rag.text.years import DATE_YEAR, LATIN_DATE_YEAR, minguo_year

__all__ = ["RELATIVE_YEARS", "date_parts", "date_value", "read_date", "relative_years"]

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ONE_OR_TWO: Final = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_DAY: Final = rf"(?:\s*(?P<d>{_ONE_OR_TWO})\s*[日号일])?"
_MONTH: Final = rf"(?P<m>{_ONE_OR_TWO})\s*(?:月份?|월){_DAY}"
_NAME: Final = rf"(?P<name>{'|'.join(name.title() for name in _MONTHS)})[a-z]*\.?"  # "may" is no month
_ENGLISH_YEAR: Final = rf"(?:,? {LATIN_DATE_YEAR})"
_DATES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{DATE_YEAR}\s*(?:学年|届|级)",
        rf"{DATE_YEAR}\s*(?:年(?!代)度?|년)(?:\s*{_MONTH})?",
        _MONTH,
        rf"(?P<d>{_ONE_OR_TWO})\s*[日일]",
        rf"{LATIN_DATE_YEAR}(?P<s>[-/.])(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}})(?!\d)",
        rf"{LATIN_DATE_YEAR}[-/](?P<m>0[1-9])(?!\d)",
        rf"{_NAME} (?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?!\d){_ENGLISH_YEAR}?",
        rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?{_NAME}{_ENGLISH_YEAR}?",
        rf"{_NAME}{_ENGLISH_YEAR}",
        # "in 2019": between Latin words a number like a year is one. "of 2019 schools" and "by 2019" are not.
        rf"(?<=\b[IiEe]n )(?=19|20){LATIN_DATE_YEAR}(?![\d,.%]*\d|%)",
        rf"(?<=\b[Ee]nd of )(?=19|20){LATIN_DATE_YEAR}(?![\d,.%]*\d|%)",
    )
)
_BEHIND_MINGUO: Final = re.compile(rf"\s*{_MONTH}|\.(?P<m2>\d{{1,2}})\.(?P<d2>\d{{1,2}})")

RELATIVE_YEARS: Final = (
    (
        -1,
        re.compile(
            r"(?<![比较])(?:去年|上一?年(?![级纪])|过去的?一年|前一年)"
            r"|\b(?:the )?(?:last|previous) year\b|the year before(?! \w)|昨年|작년",
            re.IGNORECASE,
        ),
    ),
    (0, re.compile(r"今年|当年|本年度?|同年|\b(?:this|that|the same) year\b|올해", re.IGNORECASE)),
    (1, re.compile(r"明年|来年|下一年|后一年|次年|\b(?:the )?(?:next|following) year\b|翌年|내년", re.IGNORECASE)),
)
"""Words for a year told by another one, by how many years it lies from it. "上半年" is none."""


def date_value(year: int, month: int, day: int) -> Decimal:
    """A date as one number, 0 standing for what is not told: 20190617, 20190000, 617."""
    return Decimal(year * 10000 + month * 100 + day)


def date_parts(value: Decimal) -> tuple[int, int, int]:
    """Year, month and day of a date as :func:`date_value` writes it; 0 for what it does not tell."""
    number = int(value)
    return number // 10000, number // 100 % 100, number % 100


def relative_years(text: str, base: int) -> list[tuple[int, int]]:
    """Years that a document tells by another one: where each word stands, and its year.

    上年 is left out: a document compares with it (比上年增长) or brings something forward from it (上年结转).

    Args:
        text: Any text.
        base: What it calls 今年.

    >>> relative_years("过去一年的工作和今年的安排，上年结转", 2031)
    [(0, 2030), (8, 2031)]
    """
    return sorted(
        (match.start(), base + step)
        for step, words in RELATIVE_YEARS
        for match in words.finditer(text)
        if not match.group().startswith("上")
    )


def read_date(plain: str, position: int) -> tuple[Decimal, int] | None:
    """Read the date, or the part of a date, that starts at a place of flattened text.

    Returns:
        Its value as in :func:`date_value`, and the offset behind it; None where no date starts.
    """
    if (era := minguo_year(plain, position)) and (read := _behind_year(plain, *era)):
        return read
    for pattern in _DATES:
        if match := pattern.match(plain, position):
            told = match.groupdict()
            month = _MONTHS.index(told["name"].lower()) + 1 if told.get("name") else _whole(told.get("m"))
            if read := _checked(_whole(told.get("y")), month, _whole(told.get("d")), match.end()):
                return read
    return None


def _behind_year(plain: str, year: int, end: int) -> tuple[Decimal, int] | None:
    """The date of a year of the Minguo era, with the month and day that follow it."""
    match = _BEHIND_MINGUO.match(plain, end)
    if match is None:
        return date_value(year, 0, 0), end
    return _checked(year, _whole(match["m"] or match["m2"]), _whole(match["d"] or match["d2"]), match.end())


def _checked(year: int | None, month: int | None, day: int | None, end: int) -> tuple[Decimal, int] | None:
    if year is None or month is None or day is None or month > 12 or day > 31:
        return None
    return date_value(year, month, day), end


def _whole(text: str | None) -> int | None:
    """A year, month or day; 0 where it is not told, None where it is no number or 0 itself."""
    if text is None:
        return 0
    value = Decimal(text) if text.isdigit() else chinese_value(text)
    return int(value) if value else None
