"""Figures in text, whatever their notation, read to one value and compared exactly.

Covered: 1,234 / １２３４ / 1.234.567 / 7 200個 / 3.25万 / 3.25 万 (spaces or a line break before the scale, or inside
the decimal) / 3万5千 / 2.6亿 / 1.2兆元 / 一千二百 / 三万五 / 八十一点三五 / 1.3 million / 12 mil / forty-two; 81.35% /
3‰ / 百分之八十 / 81,35 % / 四成 / 八五折 / 三分之一 / 1/3 / two thirds / 一半; 3个百分点; 第八届 / 第8届 / 8th /
eighth / 十三五 (the thirteenth plan); dates as :mod:`rag.text.dates` reads them; ranges, whose first member takes the
sign, scale, unit or date part of the second (20-25%, 三至五名, 3至5万, 2011-2012学年, 1-6月), and 百分之三至五. What is
about a number (约, 近, 逾, 超, 多, 余) is read as that number.

No figure: a Chinese numeral inside a word (统一, 十分, 万一, 三农): one numeral alone counts only before a known
measure word; 百/千/万/亿 alone and two digits side by side (三五个), which are estimates; list numbers (``1.`` or 一、
where a line or sentence starts, （一）anywhere), markers ``[1]``, digits that hang on Latin letters (K12).
Loose, found but never demanded: 一 and "one", mostly articles; 首次, "first", "second".

Not covered: signs (-5 is 5); estimates with 几/数/上; number words but Chinese and English; eras but Minguo; Roman
numerals; a unit told elsewhere (单位：万元). Calls no model.

Source: Unicode CLDR, spelled-out and compact numbers of zh and en; GB/T 15835-2011 (dates, estimates, fixed words).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Literal, NamedTuple, TypeAlias

from rag.text import dates, numerals
from rag.text.numbering import LIST_NUMBER
from rag.text.numerals import ORDINAL_WORDS, UNITS, ZH_DIGITS, ZH_NUMERALS, units_clash
from rag.text.years import MINGUO_BEGINS

__all__ = ["Figure", "Kind", "figures_missing", "find_figures", "same_figure", "spoken_figures"]

Kind: TypeAlias = Literal["number", "percent", "points", "ordinal", "date"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, read.

    Attributes:
        value: The number after scaling; a share in percent (81.35% is 81.35, 四成 is 40); a date as
            year * 10000 + month * 100 + day, with 0 for what it does not tell.
        kind: Figures of different kinds differ, but for a bare number that is a year.
        unit: Measure word or unit behind it; empty where none is known.
        start: First offset in the text searched.
        end: Offset behind the figure with its scale and sign, before its unit (a date has none).
        text: As written.
        loose: Worded so that it may be no statement of quantity; see the module's docstring.
    """

    value: Decimal
    kind: Kind
    unit: str
    start: int
    end: int
    text: str = ""
    loose: bool = False

    @property
    def date_parts(self) -> tuple[int, int, int]:
        """Year, month and day of a date; 0 for what it does not tell."""
        return dates.date_parts(self.value)


def find_figures(text: str) -> list[Figure]:
    """Find every figure of a text, in order.

    >>> [(str(f.value), f.kind, f.unit) for f in find_figures("新增座位3.25 万个，增长四成")]
    [('32500.00', 'number', '个'), ('40', 'percent', '')]
    """
    plain = numerals.flatten(text)
    found: list[_Read] = []
    position = 0
    while start := _START.search(plain, position):
        position = start.start()
        read = next((r for reader in _READERS if (r := reader(plain, position))), None)
        position = read.end if read else position + 1
        if read and read.figure:
            found.append(read)
    return [replace(figure, text=text[figure.start : figure.end]) for figure in _spread_ranges(found, plain)]


def figures_missing(sentence: str, quote: str) -> list[Figure]:
    """Figures that a sentence states and its quote does not hold.

    A year is held by a full date. A date that lacks its year or month takes it from the date before it
    in the quote. Units only tell apart what cannot be the same (730套 and 730所); 个 agrees with all.

    >>> [f.text for f in figures_missing("12.8万元给63名教师，占1,234人", "给予63名教师128000元")]
    ['1,234']
    """
    there = list(_in_context(find_figures(quote)))
    demanded = [figure for figure in find_figures(sentence) if not figure.loose]
    return [figure for figure in demanded if not any(_agree(figure, other) for other in there)]


def same_figure(one: Figure, other: Figure) -> bool:
    """Whether two figures are of one kind and value, whatever their units and notation."""
    return one.kind == other.kind and one.value == other.value


def _in_context(figures: Sequence[Figure]) -> Iterator[Figure]:
    """Each figure, and dates without year or month once more with those of the date before."""
    year = month = 0
    for figure in figures:
        yield figure
        if figure.kind == "date":
            own_year, own_month, day = figure.date_parts
            year, month = (own_year, own_month) if own_year else (year, own_month or month)
            if not own_year:
                yield replace(figure, value=dates.date_value(year, month, day))


def _agree(figure: Figure, other: Figure) -> bool:
    if figure.kind == other.kind == "date":
        pairs = zip(figure.date_parts, other.date_parts, strict=True)
        return all(part in (0, stands) for part, stands in pairs)
    if {figure.kind, other.kind} == {"date", "number"}:
        date, number = (figure, other) if figure.kind == "date" else (other, figure)
        may_be_year = number.unit in ("", "年") and 1000 <= number.value <= 2999
        year_told = date.date_parts[0] == number.value
        if number.unit == "年" and number.value < 200:  # 112年 and 民國112年
            may_be_year, year_told = True, date.date_parts[0] == number.value + MINGUO_BEGINS
        return may_be_year and year_told and (date is other or date.date_parts[1:] == (0, 0))
    if {figure.kind, other.kind} == {"ordinal", "number"}:  # 十九届 and 第十九届
        return figure.value == other.value and figure.unit == other.unit == "届"
    return figure.kind == other.kind and figure.value == other.value and not units_clash(figure.unit, other.unit)


class _Read(NamedTuple):
    """What a reader took: perhaps a figure, and where to go on."""

    figure: Figure | None
    end: int
    scale: Decimal = Decimal(1)
    tentative: bool = False  # a figure only as the member of a range


_MONEY = {"$": "美元", "us$": "美元", "dollars": "美元", "€": "欧元", "euros": "欧元", "£": "英镑"}
_MONEY |= dict.fromkeys(("¥", "￥", "rmb", "cny", "yuan"), "元")
_SHARES = {word: i + 1 for i, word in enumerate(ORDINAL_WORDS) if i > 1} | {"half": 2, "quarter": 4}

_START = re.compile(rf"(?<![A-Za-z])[A-Za-z]|[\d{ZH_NUMERALS}½¼¾第首民\[(（¥￥$€£]")
_UNIT = re.compile(r"[多余]?\s{0,2}(" + "|".join(UNITS) + ")| (yuan|dollars|euros)(?![a-z])")
_PREFIX = re.compile(r"(RMB|CNY|US\$|[¥￥$€£])\s?", re.IGNORECASE)
_POINTS = re.compile(r"\s*(个?百分点| percentage points?|%포인트|ポイント)")
_PERCENT = re.compile(r"\s*(%|‰|percent|per cent|pour cent|por ciento|パーセント|퍼센트)", re.IGNORECASE)
_PASS_OVER = re.compile(
    rf"\[\d{{1,3}}\]|[(（][{ZH_NUMERALS}]{{1,3}}[)）]|(?!RMB|CNY|US\$)[A-Za-z]+\d[A-Za-z\d.]*|[A-Z]{{2,}}-\d+|"
    r"(?<=[几数])[十百千万亿]+|十分(?!之)|三位一体|五花八门|三番五次|三天两头|一波三折|三折(?=[屏叠页])|十一(?=黄金周|假期|长假)"
)
_PLACES = str.maketrans(ZH_DIGITS, "0123456789")
_NUMERAL = rf"(?:\d+(?:\.\d+)?|[{ZH_NUMERALS}]+(?:点[{ZH_DIGITS}]+)?)"
_FRACTION = re.compile(
    rf"(?P<den>{_NUMERAL})\s*分之\s*(?P<num>{_NUMERAL})|(?P<whole>百分百)|(?P<half>一半)|"
    rf"(?P<tenths>\d+(?:\.\d)?|[{ZH_DIGITS}两十])\s?成(?P<more>[{ZH_DIGITS[1:]}])?(?![立为功员果就本长品熟绩都交因])|"
    rf"(?P<off>\d\d?(?:\.\d)?|[{ZH_DIGITS[1:]}]{{1,2}})\s?折(?![合算叠旧射线页子磨返价腾本扣])|"
    r"(?P<up>\d{1,2})/(?P<low>\d{1,3})(?![\d/年月])|"
    rf"(?P<n>[a-z]+)[ -](?P<d>{'|'.join(_SHARES)})s?(?![a-z-])",
    re.IGNORECASE,
)
_ORDINAL = re.compile(
    rf"第\s*(?P<n>\d+|[{ZH_NUMERALS}]+)(?:个五年(?=规划|计划))?|(?P<latin>\d+)(?:st|nd|rd|th)(?![a-z])|(?P<plan>十[一二三四五六七八九])五|"
    rf"(?P<word>{'|'.join(ORDINAL_WORDS)})(?![a-z])|(?P<debut>首)(?=[届次批期个家位])",
    re.IGNORECASE,
)


def _read_skip(plain: str, position: int) -> _Read | None:
    """Pass over what only looks like a figure."""
    before = plain[max(0, position - 8) : position].rstrip(" \t\u3000")
    at_start = not before or before[-1] in "。；;：!！?？\n"
    match = _PASS_OVER.match(plain, position) or (LIST_NUMBER.match(plain, position) if at_start else None)
    return _Read(None, match.end()) if match else None


def _read_date(plain: str, position: int) -> _Read | None:
    date = dates.read_date(plain, position)
    return _Read(Figure(date[0], "date", "", position, date[1]), date[1]) if date else None


def _read_share(plain: str, position: int) -> _Read | None:
    """三分之一, 百分之八十, 百分百, 四成, 1/3, two thirds: all in percent."""
    match = _FRACTION.match(plain, position)
    part, whole = _share(match) if match else (None, None)
    if match is None or part is None or not whole:
        return None
    scale = Decimal(10) if match["tenths"] or match["off"] else Decimal(1)  # 三至五成
    return _Read(Figure(part * 100 / whole, "percent", "", position, match.end()), match.end(), scale)


def _share(match: re.Match[str]) -> tuple[Decimal | None, Decimal | None]:
    if match["whole"] or match["half"]:
        return Decimal(1), Decimal(1 if match["whole"] else 2)
    if match["den"]:
        return _decimal(match["num"]), _decimal(match["den"])
    if match["tenths"]:
        tenths = _decimal(match["tenths"]) or Decimal(0)
        more = numerals.chinese_value(match["more"] or "零") or Decimal(0)  # 四成五 is 4.5 tenths
        return (tenths + more / 10 if 0 < tenths <= 10 else None), Decimal(10)
    if match["off"]:
        price = Decimal(match["off"].translate(_PLACES))  # 八折 is 80%, 八五折 and 8.5折 are 85%
        return price if price >= 10 else price * 10, Decimal(100)
    if match["up"]:
        return (Decimal(match["up"]) if int(match["up"]) < int(match["low"]) else None), Decimal(match["low"])
    count = numerals.read_numeral(match["n"] + " ", 0)
    return (count.value if count and count.end == len(match["n"]) else None), Decimal(_SHARES[match["d"].lower()])


def _decimal(text: str) -> Decimal | None:
    if text[0].isdigit() and text[0].isascii():
        return Decimal(text)
    if text in ("百", "千", "万"):  # 百分之百
        return numerals.chinese_value("一" + text)
    numeral = numerals.read_numeral(text, 0)
    return numeral.value if numeral and numeral.end == len(text) else None


def _read_ordinal(plain: str, position: int) -> _Read | None:
    match = _ORDINAL.match(plain, position)
    if match is None:
        return None
    word = ORDINAL_WORDS.index(match["word"].lower()) + 1 if match["word"] else 0
    value = Decimal(word) if word else _decimal(match["n"] or match["latin"] or match["plan"] or "一")
    if value is None:
        return _Read(None, match.end())
    unit = _UNIT.match(plain, match.end())
    loose = bool(match["debut"]) or word in (1, 2)
    figure = Figure(value, "ordinal", unit[1] or "" if unit else "", position, match.end(), loose=loose)
    return _Read(figure, match.end())


def _read_number(plain: str, position: int) -> _Read | None:
    """A number with its scale, sign and unit."""
    prefix = _PREFIX.match(plain, position)
    start = prefix.end() if prefix else position
    numeral = numerals.read_numeral(plain, start) if start < len(plain) else None
    if numeral is None or numeral.value is None:
        return _Read(None, numeral.end) if numeral else None
    value, end, scale = numeral.value, numeral.end, Decimal(numeral.scale)
    if points := _POINTS.match(plain, end):
        return _Read(Figure(value, "points", "", position, points.end()), points.end(), scale)
    if percent := _PERCENT.match(plain, end):
        scale = Decimal("0.1") if percent[1] == "‰" else scale
        value = value * scale if percent[1] == "‰" else value
        return _Read(Figure(value, "percent", "", position, percent.end()), percent.end(), scale)
    unit = _UNIT.match(plain, end)
    name = _MONEY[prefix[1].lower()] if prefix else (unit[1] or _MONEY[unit[2]]) if unit else ""
    figure = Figure(value, "number", name, position, end, loose=numeral.loose)
    return _Read(figure, end, scale, tentative=numeral.lone and not unit)


_Reader: TypeAlias = Callable[[str, int], _Read | None]
_READERS: tuple[_Reader, ...] = (_read_skip, _read_date, _read_share, _read_ordinal, _read_number)
_RANGE = re.compile(r"\s*(?:-+|[–—]+|~|〜|至|到|/| to )\s*")


def _spread_ranges(found: Sequence[_Read], plain: str) -> list[Figure]:
    """Give the members of a range what only one of them says: 20-25%, 三至五名, 3至5万, 2011-2012学年, 百分之三至五."""
    reads = [(read, read.figure) for read in found if read.figure]
    figures = [figure for _, figure in reads]
    ranged = {i for i, (one, other) in enumerate(pairwise(figures)) if _RANGE.fullmatch(plain[one.end : other.start])}
    for i in sorted(ranged, reverse=True):
        if figures[i].kind == "number" and not figures[i].unit and reads[i][0].scale == 1:
            figures[i] = _first_of_range(figures[i], figures[i + 1], reads[i + 1][0].scale, plain)
        elif plain.startswith("百分之", figures[i].start) and (figures[i + 1].kind, figures[i + 1].unit) == (
            "number",
            "",
        ):
            figures[i + 1] = replace(figures[i + 1], kind="percent")
    return [figure for figure, (read, one) in zip(figures, reads, strict=True) if not read.tentative or figure != one]


def _first_of_range(first: Figure, second: Figure, scale: Decimal, plain: str) -> Figure:
    if second.kind == "date":
        place = next(place for place, part in zip((10000, 100, 1), second.date_parts, strict=True) if part)
        limit = {10000: range(1000, 3000), 100: range(1, 13), 1: range(1, 32)}[place]
        return replace(first, kind="date", value=first.value * place) if first.value in limit else first
    if second.kind == "ordinal" or "/" in plain[first.end : second.start]:
        return first
    scale = scale if first.value * scale < second.value else Decimal(1)
    return replace(first, kind=second.kind, unit=second.unit, value=first.value * scale)


SPOKEN_KINDS = frozenset({"number", "percent", "points"})


def spoken_figures(text: str) -> list[Figure]:
    """Figures of a text that state a quantity: neither dates nor ordinals, nor what is loosely worded."""
    return [f for f in find_figures(text) if f.kind in SPOKEN_KINDS and not f.loose]
