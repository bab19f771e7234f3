"""One numeral at one place of a text, read to its value: 1,234 / 7 200个 / 3.25万 / 一千二百 / forty-two; and units.

The lowest part of :mod:`rag.text.figures`: knows digits, Chinese and English number words, scales (万, million, mil)
and the list of units and measure words; nothing of dates, percent signs, ordinals or what a sentence means. Reads
flattened text (:func:`flatten`).

Spaces between thousands: thin and no-break ones always group (1 234 567). A plain space may part two cells of a table
as well, so it groups only a number that no other number stands beside, and that has a unit, scale or percent sign
behind it (``7 200个``) or at least two groups behind a first one of one or two digits (``1 234 567``); ``12 345`` alone
is two numbers. A decimal that a line's end cuts (``4.`` and ``07万``) is read before a scale or percent sign.

Source: Unicode CLDR, spelled-out (RBNF) and compact numbers of zh and en; GB/T 15835-2011 (estimates: 概数; thousands).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from rag.text.unicode import narrow

__all__ = [
    "ORDINAL_WORDS",
    "UNITS",
    "ZH_DIGITS",
    "ZH_NUMERALS",
    "Numeral",
    "chinese_value",
    "flatten",
    "read_numeral",
    "units_agree",
    "units_clash",
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
_POWER = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8, "만": 10**4, "억": 10**8, "천": 1000, "兆": 10**12}
_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_WORDS = {word: i for i, word in enumerate(f"{_ONES} seventeen eighteen nineteen".split())}
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS |= {word: 20 + 10 * i for i, word in enumerate(_TENS.split())}
_SCALES = {"hundred": 100, "dozen": 12, "thousand": 10**3, "mil": 10**3, "mille": 10**3, "k": 10**3}
_SCALES |= dict.fromkeys(("million", "millions", "millón", "millones", "mn"), 10**6)
_SCALES |= dict.fromkeys(("billion", "milliard", "milliards", "bn"), 10**9) | {"trillion": 10**12}
_VULGAR = {"½": "0.5", "¼": "0.25", "¾": "0.75"}

# Traditional forms of numerals, scales and measure words; ～ stands between the ends of a range.
_SAME = str.maketrans(
    "～萬億兩點餘〇○個項屆條間處戶輛棟臺組隊層張種類課級場門節噸畝頃週歲號輪冊學時鐘國",
    "~万亿两点余零零个项届条间处户辆栋台组队层张种类课级场门节吨亩顷周岁号轮册学时钟国",
)
_FORMAL = str.maketrans("壹贰貳叁叄參肆伍陆陸柒捌玖拾佰仟萬億", "一二二三三三四五六六七八九十百千万亿")
_FORMAL_RUN = re.compile("[壹贰貳叁叄參肆伍陆陸柒捌玖拾佰仟零万萬亿億]{2,}")  # alone they are words: 大陆, 收拾, 參加
_WIDE_COMMA = re.compile(r"(?<=[０-９])，(?=[０-９]{3}(?![０-９]))")
_ROUND_ZERO = re.compile(r"(?<=[〇○零一二三四五六七八九])[OoＯｏ0０]{1,2}(?=[〇○零一二三四五六七八九年])")  # 二O一九年

UNITS: Final = tuple(
    (
        "人次 平方公里 平方千米 平方米 立方米 公里 千米 厘米 毫米 公顷 千克 公斤 小时 分钟 课时 学时 学分 个月 年级 "
        "年代 方面 场次 美元 欧元 日元 港元 元 块 名 位 人 所 个 项 次 条 件 台 辆 套 户 间 栋 幢 座 处 家 场 节 门 届 "
        "期 批 级 类 种 点 份 本 册 篇 支 只 张 片 层 组 队 班 课 年 天 周 岁 秒 米 亩 吨 克 倍 番 轮 步 号 宗 校 枚 "
        "度 艘 株 棵 斤 微克 千瓦时 千瓦 명 개"
    ).split()
)
"""Units and measure words, in simplified characters; a longer one stands before the one that it begins with."""
_FAMILIES = "名 位 人 人次,所 校,套 户 栋 幢,台 辆,元,美元,欧元,平方米,亩,公顷,年 岁,天,小时,倍,节 课时"
_FAMILY = {unit: i for i, units in enumerate(_FAMILIES.split(",")) for unit in units.split()}

_SCALE_WORD = "|".join(sorted(_SCALES, key=len, reverse=True))
# 兆 of money is 万亿; 兆 of a network or a power station is a million, and no scale.
_MONEY = r"[\d,.]{0,9}[千百]?[万亿]?\s?[多余]?\s?(?:新?台币|[美日韩欧港])?[元圓圆]"
_SCALE = re.compile(
    rf"\s{{0,2}}[多余]?(?P<big>[十百千]?万亿?|[十百千]?亿|[만억]|兆(?={_MONEY}))|[多余]?(?P<small>百(?!分)|千(?![克米瓦卡])|천)|"
    rf"\s?(?P<word>{_SCALE_WORD})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_REST = re.compile(r"(?P<number>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)(?![\d.,%])")
_MEASURED = rf"(?=\s{{0,2}}(?:[多余]?(?:{'|'.join(UNITS)})|[百千万亿]|%|‰)|\s?[-~–—至到]\s?\d{{1,3}} \d{{3}}(?!\d))"
_ARABIC = re.compile(
    r"(?P<grouped>\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d{1,3}(?:[\u00a0\u2009\u202f]\d{3})+(?!\d)(?:\.\d+)?|"
    rf"(?<![\d.,])(?<!\d )[1-9]\d{{0,2}}(?: \d{{3}})+(?:\.\d+)?{_MEASURED}|"
    r"(?<![\d.,])(?<!\d )[1-9]\d?(?: \d{3}){2,}(?:\.\d+)?(?!\d| \d)|"
    r"\d{1,3}(?:\.\d{3}){2,}(?![\d.]))|"
    r"(?P<cut>\d{1,6}(?:\.[ ]?\n|\n\.)[ ]{0,4}\d{1,6}(?=\s{0,2}(?:[百千]?[万亿]|%)))|"
    rf"(?P<comma>\d+,\d\d?(?=\s*(?:%|percent|pour cent|por ciento|(?:{_SCALE_WORD})(?![A-Za-z0-9]))))|"
    r"(?P<plain>\d+(?:\.\d+)?)?(?P<vulgar>[½¼¾])|(?P<digits>\d+(?:\.\d+)?)"
)
_CHINESE = re.compile(rf"([{ZH_NUMERALS}]+)(?:点([{ZH_DIGITS}]+)(?![十百千是线]))?")
_WORD = re.compile(r"(?P<gap>,? and |[ -])?(?P<word>[A-Za-z]+)")


def flatten(text: str) -> str:
    """Put width, traditional and banker's variants of numerals and units into one form; every offset stays.

    >>> flatten("１，２３４萬")
    '1,234万'
    """
    text = _FORMAL_RUN.sub(lambda match: match[0].translate(_FORMAL), text)
    text = _ROUND_ZERO.sub(lambda match: "零" * len(match[0]), text)
    return narrow(_WIDE_COMMA.sub(",", text)).translate(_SAME)


def units_agree(unit: str, other: str) -> bool:
    """Whether two units may be of the same thing: one is not told, or both are of one family (名, 位, 人).

    >>> units_agree("名", "人"), units_agree("名", "所"), units_agree("", "所")
    (True, False, True)
    """
    same = unit == other or (unit in _FAMILY and _FAMILY[unit] == _FAMILY.get(other))
    return same or not unit or not other


def units_clash(unit: str, other: str) -> bool:
    """Whether two units are of things that cannot be the same: 730套 and 730所; one of no family agrees with all."""
    return unit in _FAMILY and other in _FAMILY and _FAMILY[unit] != _FAMILY[other]


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
    read = _PowersRead()
    if not all(read.take(char, before) for char, before in zip(run, " " + run[:-1], strict=True)):
        return None
    return Decimal(read.total + read.section + _last_digit(run, read.digit))


@dataclass(slots=True)
class _PowersRead:
    """What was read so far of numerals by powers.

    Attributes:
        total: Sections that ended with 万 or 亿.
        section: The section since.
        digit: A digit that no power followed yet.
        limit: The next power inside the section must be below.
    """

    total: int = 0
    section: int = 0
    digit: int | None = None
    limit: int = 10**4

    def take(self, char: str, before: str) -> bool:
        """Read one more character, behind ``before``; False where none may stand."""
        if char in _DIGIT:
            if self.digit is not None:
                return False
            self.digit = None if char == "零" else _DIGIT[char]
            return True
        power = _POWER[char]
        return self._take_small(power) if power < 10**4 else self._take_large(power, before)

    def _take_small(self, power: int) -> bool:
        """十, 百 or 千."""
        if power >= self.limit or (self.digit is None and not (power == 10 and self.section == 0)):
            return False
        self.section += (1 if self.digit is None else self.digit) * power
        self.limit, self.digit = power, None
        return True

    def _take_large(self, power: int, before: str) -> bool:
        """万 or 亿, which end a section."""
        self.section += self.digit or 0
        if not self.section and not (self.total and power == 10**8 and before == "万"):
            return False
        self.total = (self.total + self.section) * power if power == 10**8 else self.total + self.section * power
        self.section, self.limit, self.digit = 0, 10**4, None
        return True


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
        separators = ", \u00a0\u2009\u202f" + ("." if text.count(".") > 1 else "")
        text = "".join(char for char in text if char not in separators)
    elif match["vulgar"]:
        return Numeral(Decimal(match["plain"] or 0) + Decimal(_VULGAR[match["vulgar"]]), match.end())
    elif match["cut"]:
        text = "".join(match["cut"].split())
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
        part = _scaled(Numeral(Decimal(rest["number"].replace(",", "")), rest.end()), plain)
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
