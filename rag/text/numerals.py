"""One numeral or date at one place of a text, read to its value: 1,234 / 3.25万 / 一千二百 / forty-two / 2019年6月.

The lower half of :mod:`rag.text.figures`: knows digits, Chinese and English number words and scales (万, million, mil),
dates; nothing of percent signs, ordinals or what a sentence means. Reads flattened text (:func:`flatten`).

Source: Unicode CLDR, spelled-out (RBNF) and compact numbers of zh and en; GB/T 15835-2011 (estimates: 概数).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

__all__ = [
    "ORDINAL_WORDS",
    "ZH_DIGITS",
    "ZH_NUMERALS",
    "Numeral",
    "chinese_value",
    "date_value",
    "flatten",
    "read_date",
    "read_numeral",
]


@dataclass(frozen=True, slots=True)
class Numeral:
    """A numeral as read.

    Attributes:
        value: Its value after scaling; None where the characters are no figure and are to be passed over.
        end: Offset behind it and its scale.
        scale: The scale's value; 1 where there is none.
        lone: One Chinese character without a scale: a figure only before a measure word.
        loose: 一 or "one" or "half": mostly no statement of quantity.
    """

    value: Decimal | None
    end: int
    scale: int = 1
    lone: bool = False
    loose: bool = False


ZH_DIGITS = "零一二三四五六七八九"
ZH_NUMERALS = ZH_DIGITS + "两十百千万亿"
_NTH = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
ORDINAL_WORDS = tuple(_NTH.split())

_DIGIT = {char: i for i, char in enumerate(ZH_DIGITS)} | {"两": 2}
_POWER = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8, "만": 10**4, "억": 10**8, "천": 1000}
_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_WORDS = {word: i for i, word in enumerate(f"{_ONES} seventeen eighteen nineteen".split())}
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS |= {word: 20 + 10 * i for i, word in enumerate(_TENS.split())}
_SCALES = {"hundred": 100, "dozen": 12, "thousand": 10**3, "mil": 10**3, "mille": 10**3, "k": 10**3}
_SCALES |= dict.fromkeys(("million", "millions", "millón", "millones", "mn"), 10**6)
_SCALES |= dict.fromkeys(("billion", "milliard", "milliards", "bn"), 10**9) | {"trillion": 10**12}
_VULGAR = {"½": "0.5", "¼": "0.25", "¾": "0.75"}

_SAME = str.maketrans("０１２３４５６７８９．％／～－萬億兩點個項屆條〇○", "0123456789.%/~-万亿两点个项届条零零")
_FORMAL = str.maketrans("壹贰貳叁叄參肆伍陆陸柒捌玖拾佰仟萬億", "一二二三三三四五六六七八九十百千万亿")
_FORMAL_RUN = re.compile("[壹贰貳叁叄參肆伍陆陸柒捌玖拾佰仟零万萬亿億]{2,}")  # alone they are words: 大陆, 收拾, 參加
_WIDE_COMMA = re.compile(r"(?<=[０-９])，(?=[０-９]{3}(?![０-９]))")

_SCALE_WORD = "|".join(sorted(_SCALES, key=len, reverse=True))
_SCALE = re.compile(
    r"\s{0,2}[多余]?(?P<big>[十百千]?万亿?|[十百千]?亿|[만억])|[多余]?(?P<small>百(?!分)|千(?![克米瓦卡])|천)|"
    rf"\s?(?P<word>{_SCALE_WORD})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_REST = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?![\d.,%])")
_ARABIC = re.compile(
    r"(?P<grouped>\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d{1,3}(?:[\u00a0\u2009\u202f]\d{3})+(?!\d)|"
    r"\d{1,3}(?:\.\d{3}){2,}(?![\d.]))|"
    rf"(?P<comma>\d+,\d\d?(?=\s*(?:%|percent|pour cent|por ciento|(?:{_SCALE_WORD})(?![A-Za-z0-9]))))|"
    r"(?P<plain>\d+(?:\.\d+)?)?(?P<vulgar>[½¼¾])|(?P<digits>\d+(?:\.\d+)?)"
)
_CHINESE = re.compile(rf"([{ZH_NUMERALS}]+)(?:点([{ZH_DIGITS}]+)(?![十百千是线]))?")
_WORD = re.compile(r"(?P<gap>,? and |[ -])?(?P<word>[A-Za-z]+)")


def flatten(text: str) -> str:
    """Put width, traditional and banker's variants of numerals into one form; every offset stays.

    >>> flatten("１，２３４萬")
    '1,234万'
    """
    text = _FORMAL_RUN.sub(lambda match: match[0].translate(_FORMAL), text)
    return _WIDE_COMMA.sub(",", text).translate(_SAME)


def read_numeral(plain: str, position: int) -> Numeral | None:
    """Read the numeral that starts at a place of flattened text, with its scale.

    Returns:
        The numeral; None where none starts there.
    """
    if plain[position] in ZH_NUMERALS:
        numeral = _read_chinese(plain, position)
    elif plain[position].isascii() and plain[position].isalpha():
        return _read_english(plain, position)
    else:
        numeral = _read_arabic(plain, position)
    if numeral is None or numeral.value is None or plain[numeral.end - 1] in "万亿":
        return numeral
    return _scaled(numeral, plain)


def chinese_value(run: str) -> Decimal | None:
    """Read a run of Chinese numerals: by powers (一千二百), by places (二零一九), short (三万五 is 35000).

    Returns:
        The value; None for what is no exact numeral (三五, 万一, 百).
    """
    if not any(char in _POWER for char in run):
        by_place = len(run) == 1 or len(run) >= 4
        return Decimal("".join(str(_DIGIT[char]) for char in run)) if by_place else None
    total = section = 0
    digit: int | None = None
    limit = 10**4  # the next power inside this section must be below
    for i, char in enumerate(run):
        if char == "零":
            if digit is not None:
                return None
        elif char in _DIGIT:
            if digit is not None:
                return None
            digit = _DIGIT[char]
        elif (power := _POWER[char]) < 10**4:
            if power >= limit or (digit is None and not (power == 10 and section == 0)):
                return None
            section, limit, digit = section + (1 if digit is None else digit) * power, power, None
        else:
            section += digit or 0
            if not section and not (total and power == 10**8 and run[i - 1] == "万"):
                return None
            total = (total + section) * power if power == 10**8 else total + section * power
            section, limit, digit = 0, 10**4, None
    return Decimal(total + section + _last_digit(run, digit))


def _last_digit(run: str, digit: int | None) -> int:
    """A digit that ends a numeral counts one power below what it follows: 一百五 is 150, but 一百零五 105."""
    before = _POWER.get(run[-2], 1) if len(run) > 1 else 1
    return (digit or 0) * max(before // 10, 1)


def _read_chinese(plain: str, position: int) -> Numeral | None:
    match = _CHINESE.match(plain, position)
    if match is None:
        return None
    run, decimals = match.groups()
    value = chinese_value(run)
    if value is None or run == "零":
        return Numeral(None, match.end())
    if decimals:
        value += Decimal("0." + "".join(str(_DIGIT[char]) for char in decimals))
    return Numeral(value, match.end(), lone=len(match[0]) == 1, loose=run == "一" and not decimals)


def _read_arabic(plain: str, position: int) -> Numeral | None:
    match = _ARABIC.match(plain, position)
    if match is None:
        return None
    if match["grouped"]:
        text = match["grouped"]
        separators = ",\u00a0\u2009\u202f" + ("." if text.count(".") > 1 else "")
        text = "".join(char for char in text if char not in separators)
    elif match["vulgar"]:
        return Numeral(Decimal(match["plain"] or 0) + Decimal(_VULGAR[match["vulgar"]]), match.end())
    else:
        text = match["digits"] or match["comma"].replace(",", ".")
    return Numeral(Decimal(text), match.end())


def _scaled(numeral: Numeral, plain: str) -> Numeral:
    """Multiply by the scale that follows, and add a smaller part that follows it: 3万5千, 1亿2000万."""
    match = _SCALE.match(plain, numeral.end)
    if match is None or numeral.value is None:
        return numeral
    scale = _SCALES[match["word"].lower()] if match["word"] else 1
    for char in match["big"] or match["small"] or "":
        scale *= _POWER[char]
    value, end = numeral.value * scale, match.end()
    if not match["word"] and (rest := _REST.match(plain, end)):
        part = _scaled(Numeral(Decimal(rest["number"]), rest.end()), plain)
        if part.value is not None and part.value < scale and _continues(part, rest["number"], plain):
            value, end = value + part.value, part.end
    return Numeral(value, end, scale)


def _continues(part: Numeral, digits: str, plain: str) -> bool:
    """Whether a number right behind a scale belongs to it: 3万5 is told by no rule, 3万2019年 is a year."""
    return part.scale > 1 or (len(digits) >= 3 and plain[part.end : part.end + 1] != "年")


def _read_english(plain: str, position: int) -> Numeral | None:
    """Read number words as long as each may follow the one before: "one hundred and five", not "five six"."""
    total = current = 0
    room = 1000  # what the next word must stay below
    end = position
    while match := _WORD.match(plain, end):
        word = match["word"].lower()
        first = end == position
        if first != (match["gap"] is None) or ("and" in (match["gap"] or "") and room not in (100, 1000)):
            break
        if word in _WORDS and _WORDS[word] < room and not (_WORDS[word] == 0 and not first):
            current += _WORDS[word]
            room = 10 if _WORDS[word] >= 20 else 1
        elif word in ("a", "an") and first:
            current, room = 1, -1
        elif word in _SCALES and word.isascii() and len(word) > 4 and current and room < 1000:
            scale = _SCALES[word]
            if scale == 100:
                current, room = current * 100, 100
            else:
                total, current, room = total + current * scale, 0, 1000
        else:
            break
        end = match.end()
    if end == position or room == -1:
        return None
    words = plain[position:end].lower()
    return Numeral(Decimal(total + current), end, loose=words == "one")


# --- Dates ---

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR = rf"(?P<y>[12]\d{{3}}|[一二][{ZH_DIGITS}]{{3}})"
_ONE_OR_TWO = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_MONTH = rf"(?P<m>{_ONE_OR_TWO})\s*(?:月份?|월)(?:\s*(?P<d>{_ONE_OR_TWO})\s*[日号일])?"
_NAME = rf"(?P<name>{'|'.join(name.title() for name in _MONTHS)})[a-z]*\.?"  # "may" is no month
_ENGLISH_YEAR = r"(?:,? (?P<y>[12]\d{3}))"
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_YEAR}\s*(?:学年|届|级)",
        rf"{_YEAR}\s*(?:年(?!代)度?|년)(?:\s*{_MONTH})?",
        _MONTH,
        rf"(?P<d>{_ONE_OR_TWO})\s*[日일]",
        r"(?P<y>[12]\d{3})(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})(?!\d)",
        r"(?P<y>[12]\d{3})[-/](?P<m>0[1-9])(?!\d)",
        rf"{_NAME} (?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?!\d){_ENGLISH_YEAR}?",
        rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?{_NAME}{_ENGLISH_YEAR}?",
        rf"{_NAME}{_ENGLISH_YEAR}",
        # "in 2019": between Latin words a number like a year is one. "of 2019 schools" and "by 2019" are not.
        r"(?<=\b[IiEe]n )(?P<y>(?:19|20)\d\d)(?![\d,.%]*\d|%)",
        r"(?<=\b[Ee]nd of )(?P<y>(?:19|20)\d\d)(?![\d,.%]*\d|%)",
    )
)


def date_value(year: int, month: int, day: int) -> Decimal:
    """A date as one number, 0 standing for what is not told: 20190617, 20190000, 617."""
    return Decimal(year * 10000 + month * 100 + day)


def read_date(plain: str, position: int) -> tuple[Decimal, int] | None:
    """Read the date, or the part of a date, that starts at a place of flattened text.

    Returns:
        Its value as in :func:`date_value`, and the offset behind it; None where no date starts.
    """
    for pattern in _DATES:
        if match := pattern.match(plain, position):
            told = match.groupdict()
            month = _MONTHS.index(told["name"].lower()) + 1 if told.get("name") else _whole(told.get("m"))
            year, day = _whole(told.get("y")), _whole(told.get("d"))
            if None not in (year, month, day) and (month or 0) <= 12 and (day or 0) <= 31:
                return date_value(year or 0, month or 0, day or 0), match.end()
    return None


def _whole(text: str | None) -> int | None:
    """A year, month or day; 0 where it is not told, None where it is no number or 0 itself."""
    if text is None:
        return 0
    value = Decimal(text) if text.isdigit() else chinese_value(text)
    return int(value) if value else None
