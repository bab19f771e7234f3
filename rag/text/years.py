"""Years in a text, in every notation: the only file with a pattern of years.

Read: 2019年, full-width ２０１９年, 一九九八年 / 二〇一九年 / 二零一九年 / 二O一九年, 2015-2016学年, 2019/20, FY19,
bare years (``in 2031``, ``2031、2032``), and those of the Minguo era (民國112年, 112年度, 112年4月, and 112.4.7 behind
a word that announces a date), which are named by the common era.

No year: four digits of a quantity, which a unit, measure word or scale follows (投入2019万元, 2015名) or a word like
共有 leads in; what is told by its last two digits alone (98年); numerals that have lost a character (二三五年): those
stay unread, never another year. A short end of a range (2011/12, which may be a month) counts only before 年 or 学年,
or where it is the very next year and no month. Not covered: 去年 and the like (:mod:`rag.question.follow_up`), other
eras.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from rag.text.numerals import UNITS, ZH_DIGITS, chinese_value, flatten
from rag.text.unicode import narrow
from rag.text.words import first_word, tag_words

__all__ = [
    "ARABIC_YEAR",
    "DATE_YEAR",
    "LATIN_DATE_YEAR",
    "MINGUO_BEGINS",
    "YEAR",
    "YearSpan",
    "digits_of_han_years",
    "find_years",
    "lists_years",
    "minguo_year",
    "periods",
    "replace_year",
    "spans_years",
    "strip_plain_years",
    "strip_years",
    "year_spans",
]

ARABIC_YEAR: Final = r"(?:19|20)\d{2}"
"""One in Arabic digits."""
YEAR: Final = rf"(?:{ARABIC_YEAR}|(?:一九|二[零〇○])[{ZH_DIGITS}〇○]{{2}})"
"""A year as a part of other patterns, where the words around it leave no doubt."""
LATIN_DATE_YEAR: Final = r"(?P<y>[12]\d{3})"
DATE_YEAR: Final = rf"(?P<y>[12]\d{{3}}|[一二][{ZH_DIGITS}]{{3}})"
"""A year of flattened text that 年, a month or a day follows: any of four digits."""

_DASH: Final = r"\s*(?:-+|[–—]+|~|至|到|/)\s*"
_WORD: Final = r"(?:学年度?|年(?:代|度(?!假))?)"
_ARABIC: Final = re.compile(
    rf"(?<![\d.第$¥￥€£])(?P<fiscal>FY\s?)?(?P<first>{ARABIC_YEAR})(?!\d)(?:{_DASH}(?P<last>{ARABIC_YEAR})(?!\d)|[-–—~/](?P<short>\d\d)(?!\d|[-/.]\d))?"
    rf"(?P<word>\s*{_WORD})?"
)
_HAN: Final = re.compile(
    rf"(?<![{ZH_DIGITS}十百千万亿])(?P<first>(?:一九|二零)[{ZH_DIGITS}]{{2}})"
    rf"(?:{_DASH}(?P<last>(?:一九|二零)[{ZH_DIGITS}]{{2}}))?(?P<word>\s*(?:{_WORD}|[届级]))"
)
_FISCAL: Final = re.compile(r"(?<![A-Za-z])FY\s?(?P<first>[0-4]\d)(?:[-–/](?P<short>\d\d))?(?!\d)")
_MINGUO: Final = re.compile(
    rf"(?:中[华華])?民国\s*(?P<n>\d{{1,3}}|[{ZH_DIGITS}十百]{{1,5}}|元)\s*(?P<word>{_WORD}|(?=\.\d{{1,2}}\.\d{{1,2}}(?![\d.])))"
    rf"|(?<![\d.])(?P<bare>1[0-4]\d)(?:学年度?|年度|年(?=\s*\d{{1,2}}\s*月))"
)
_MINGUO_DOTTED: Final = re.compile(r"(?<![\d.])(?P<n>1[0-4]\d)(?=\.(?:0?[1-9]|1[0-2])\.\d{1,2}(?![\d.]))")
_ANNOUNCES_DATE: Final = re.compile(
    r"(?:民国|日期|时间|時間|修正|公布|發布|发布|公佈|發佈|訂定|订定|制定|施行|核定|通過|通过|自|於|于|至|[-~])[:：]?\s*$"
)
_FOLLOWS_DATE: Final = re.compile(r"\s*(?:修正|公布|發布|发布|公佈|發佈|訂定|订定|制定|施行|核定|起|止)")
MINGUO_BEGINS: Final = 1911
"""The year before the first of the Minguo era."""

_LEADS_TO_QUANTITY: Final = re.compile(
    r"(?:投入|共有|共计|共計|合计|合計|总计|總計|总共|總共|[约約]|超过?|超過|达到?|達到?|逾|不足|RMB|CNY|US)\s?$"
)
_NO_YEAR_UNITS: Final = tuple(unit for unit in UNITS if unit not in ("年", "年级", "年代", "届", "级"))
_QUANTITY_WORD: Final = re.compile(
    rf"(?:[十百千万亿]+(?:{'|'.join(_NO_YEAR_UNITS)})?|{'|'.join(_NO_YEAR_UNITS)})[多余]?"
)
_QUANTITY_STARTS: Final = frozenset("十百千万亿多余") | {unit[0] for unit in _NO_YEAR_UNITS}
_DECIMAL: Final = re.compile(r"\.(?P<month>0?[1-9]|1[0-2])(?:\.\d{1,2})?(?![\d.])|\.\d")
_DATE_GOES_ON: Final = re.compile(rf"\s*(?:\d{{1,2}}|[{ZH_DIGITS}十]{{1,3}})\s*(?:月|월)|[-/.]\d")
_LATIN_BEFORE: Final = re.compile(r"[A-Za-z,(] $")
_LATIN_BEHIND: Final = re.compile(r"[.?!)]*(?:\s+[A-Za-z(]|$)|,\s")

_LINK: Final = r"(?:[和与及、,，至到\-–—]|以及|and)"
_LINK_BEHIND: Final = re.compile(rf"\s*{_LINK}?\s*")
_LINK_BEFORE: Final = re.compile(r"(?:[和与及、]|以及|and)\s*$")
_RANGE_WORD: Final = re.compile(rf"(?:\d{{1,2}}月)?{_DASH}")
_RANGE_BEGINS: Final = re.compile(r"\b(?:between|from) $", re.IGNORECASE)
_RANGE_LINK: Final = re.compile(r" (?:and|to) ", re.IGNORECASE)
_LISTS: Final = re.compile(r"[^\d，,]{0,4}(?:和|与|及|以及|、)| and (?:in )?", re.IGNORECASE)
_HAN_DIGITS: Final = str.maketrans("〇零○OoＯｏ０一二三四五六七八九", "00000000123456789")
_HAN_DATE_YEAR: Final = re.compile("[一二][〇零○OoＯｏ0０一二三四五六七八九]{3}(?=年)")


@dataclass(frozen=True, slots=True)
class YearSpan:
    """A year, or a range of years, at a place of a text.

    Attributes:
        start: Offset of its first character.
        end: Offset behind it, the word 年 or 学年 included.
        years: The year; of a range both ends.
        plain: Whether nothing but a year can be meant, and no month goes on behind it: ``2031年``, ``in 2031``.
    """

    start: int
    end: int
    years: tuple[int, ...]
    plain: bool


def find_years(text: str) -> tuple[int, ...]:
    """Years named in a text, ascending; a range names both ends.

    >>> find_years("2015-2016学年与2019年6月"), find_years("一九九八年"), find_years("投入2019万元")
    ((2015, 2016, 2019), (1998,), ())
    """
    return tuple(sorted({year for span in year_spans(text) for year in span.years}))


def year_spans(text: str) -> list[YearSpan]:
    """Where years stand in a text, in its order."""
    plain = flatten(text)
    found: dict[int, YearSpan] = {}
    for reader in (_minguo, _arabic, _han, _fiscal):
        for span in reader(plain):
            if not any(span.start < other.end and other.start < span.end for other in found.values()):
                found[span.start] = span
    return [found[start] for start in sorted(found)]


def strip_years(text: str, *, by: str = "", keep: Collection[int] = (), links: bool = False) -> str:
    """The text without its years.

    Args:
        text: Any text.
        by: What is put in place of each.
        keep: The years of what stays: of a range both ends.
        links: Whether a word or mark that links a year to the next thing (和, 、, and) goes with it.

    >>> strip_years("锡林郭勒盟2019年新建多少座桥？"), strip_years("2019万元的项目有哪些？")
    ('锡林郭勒盟新建多少座桥？', '2019万元的项目有哪些？')
    """
    left = text
    for span in reversed(year_spans(text)):
        if set(span.years) != set(keep):
            start, end = span.start, span.end
            if links:
                behind = _LINK_BEHIND.match(left, end)
                before = _LINK_BEFORE.search(left[:start])
                if before and (behind is None or behind.end() == end):
                    start = before.start()
                end = behind.end() if behind else end
            left = left[:start] + by + left[end:]
    return left


def replace_year(text: str, year: int, other: int) -> str:
    """The text with another year in the place of one.

    >>> replace_year("２０３１年建桥几座？", 2031, 2032)
    '2032年建桥几座？'
    """
    for span in reversed(year_spans(text)):
        if year in span.years:
            written = narrow(text[span.start : span.end])
            changed = written.replace(str(year), str(other)) if str(year) in written else f"{other}年"
            text = text[: span.start] + changed + text[span.end :]
    return text


def strip_plain_years(text: str) -> str:
    """The text with a space for each year that nothing else can be meant by; other figures and dates stay.

    >>> strip_plain_years("2031年建桥12座，2031年6月通车")
    ' 建桥12座，2031年6月通车'
    """
    for span in reversed(year_spans(text)):
        if span.plain:
            text = f"{text[: span.start]} {text[span.end :]}"
    return text


def periods(text: str) -> list[tuple[int, ...]]:
    """What a text names, each once and in order: years, and ranges with both ends.

    >>> periods("2017-18学年和2020年")
    [(2017, 2018), (2020,)]
    """
    return sorted({span.years for span in year_spans(text)})


def spans_years(text: str) -> bool:
    """Whether two years of a text are the ends of a range told in words: ``2015年至2016年``, ``between 2015 and 2016``.

    A range that is written as one (``2015-2016学年``) is one period already.
    """
    return any(
        _joins(text, one, other, _RANGE_WORD)
        or (_RANGE_BEGINS.search(text[: one.start]) is not None and _joins(text, one, other, _RANGE_LINK))
        for one, other in pairwise(year_spans(text))
    )


def lists_years(text: str) -> bool:
    """Whether two years of a text stand side by side: ``2016年和2017年``, ``2016 and 2017``."""
    return any(_joins(text, one, other, _LISTS) for one, other in pairwise(year_spans(text)))


def digits_of_han_years(text: str) -> str:
    """Years of Chinese numerals written in digits; every offset stays.

    >>> digits_of_han_years("二〇一九年的三座桥")
    '2019年的三座桥'
    """
    return _HAN_DATE_YEAR.sub(lambda match: match.group().translate(_HAN_DIGITS), text)


def minguo_year(plain: str, position: int) -> tuple[int, int] | None:
    """The year of the common era for one of the Minguo era that starts at a place of flattened text.

    Returns:
        The year, and the offset behind it and 年; None where none starts there.
    """
    match = _MINGUO.match(plain, position)
    if match is None:
        dotted = _MINGUO_DOTTED.match(plain, position)
        return (int(dotted["n"]) + MINGUO_BEGINS, dotted.end()) if dotted and _is_date(plain, dotted) else None
    written = match["bare"] or match["n"]
    number = 1 if written == "元" else int(written) if written.isdigit() else int(chinese_value(written) or 0)
    return (number + MINGUO_BEGINS, match.end()) if 0 < number < 200 else None


def _joins(text: str, one: YearSpan, other: YearSpan, by: re.Pattern[str]) -> bool:
    return by.fullmatch(text, one.end, max(one.end, other.start)) is not None


def _minguo(plain: str) -> Iterator[YearSpan]:
    for pattern in (_MINGUO, _MINGUO_DOTTED):
        for match in pattern.finditer(plain):
            if read := minguo_year(plain, match.start()):
                year, end = read
                yield YearSpan(match.start(), end, (year,), plain=_DATE_GOES_ON.match(plain, end) is None)


def _is_date(plain: str, match: re.Match[str]) -> bool:
    """Whether the words around ``112.4.7`` make it a date."""
    end = match.end() + len(re.match(r"[.\d]*", plain[match.end() :]).group())  # type: ignore[union-attr]  # matches ""
    before = plain[max(0, match.start() - 8) : match.start()]
    return bool(_ANNOUNCES_DATE.search(before) or _FOLLOWS_DATE.match(plain, end))


def _arabic(plain: str) -> Iterator[YearSpan]:
    position = 0
    while match := _ARABIC.search(plain, position):
        years, end = _ends(match)
        position = end
        marked = match["word"] is not None and end == match.end()
        if marked or match["fiscal"] or not _is_quantity(plain, match.start(), end):
            latin = _LATIN_BEFORE.search(plain[: match.start()]) and _LATIN_BEHIND.match(plain, end)
            sure = marked or match["fiscal"] or (latin and match["last"] is None)
            yield YearSpan(match.start(), end, years, plain=bool(sure) and _DATE_GOES_ON.match(plain, end) is None)


def _ends(match: re.Match[str]) -> tuple[tuple[int, ...], int]:
    """The years of a range with their end; the first year alone where the rest is none."""
    first = int(match["first"])
    if match["last"]:
        return tuple(dict.fromkeys((first, int(match["last"])))), match.end()
    if match["short"]:
        last = first // 100 * 100 + int(match["short"])
        follows = last == first + 1 and int(match["short"]) > 12
        if (last > first and match["word"]) or follows or (match["fiscal"] and last == first + 1):
            return (first, last), match.end()
        return (first,), match.end("first")
    return (first,), match.end()


def _is_quantity(plain: str, start: int, end: int) -> bool:
    """Whether four digits without 年 count or measure something."""
    if (decimal := _DECIMAL.match(plain, end)) is not None:
        if decimal["month"] is None:
            return True
        end = decimal.end()
    if _LEADS_TO_QUANTITY.search(plain[max(0, start - 4) : start]):
        return True
    spaced = plain[end : end + 1] == " "
    tail = plain[end : end + 10].lstrip(" ")
    if tail[:1] in ("%", "‰"):
        return True
    if tail[:1] not in _QUANTITY_STARTS:
        return False
    tail = tail.lstrip("多余") or tail
    words = [first_word(tail)]  # the dictionary tells 名|教师 from 名师
    if spaced:  # a name that the dictionary lacks may stand there: 2025 天舟市
        words += [word for word, _ in tag_words(tail)[:1]]
    return all(_QUANTITY_WORD.fullmatch(word) for word in words)


def _han(plain: str) -> Iterator[YearSpan]:
    for match in _HAN.finditer(plain):
        years = tuple(int(match[end].translate(_HAN_DIGITS)) for end in ("first", "last") if match[end])
        yield YearSpan(match.start(), match.end(), years, plain=_DATE_GOES_ON.match(plain, match.end()) is None)


def _fiscal(plain: str) -> Iterator[YearSpan]:
    for match in _FISCAL.finditer(plain):
        years = [2000 + int(match[end]) for end in ("first", "short") if match[end]]
        yield YearSpan(match.start(), match.end(), tuple(years), plain=True)
