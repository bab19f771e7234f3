"""What a number shows under a number format of a workbook: ``1186.6071672`` under ``#,##0`` shows ``1,187``.

Pure; knows no file. Covered: sections and their conditions, thousands, scaling commas, percent, exponents, fractions,
text around and between digits, dates and times in :mod:`rag.documents.load.sheets.date_format`. Whole numbers are never
put into exponent form, since a long one is a name of something.

Not covered: colours, alignment, Chinese numerals by ``[DBNum1]`` (digits are written).

Source: ECMA-376 part 1, 18.8.30 and 18.8.31 (number formats and their built-in ids).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import Final, TypeAlias

from rag.documents.load.sheets.date_format import as_date, is_date

__all__ = ["BUILT_IN", "GENERAL", "Shown", "exact", "shown_number", "shown_text"]

GENERAL: Final = "General"
DIGITS: Final = 15
"""Digits that a workbook's program keeps of a number; what it writes behind them is noise of binary fractions."""
WIDTH: Final = 11
"""Characters of a number without a format, as Excel shows it."""
_LONG_DATE, _SHORT_TIME = 'yyyy"年"m"月"d"日"', 'h"时"mm"分"'
BUILT_IN: Final = MappingProxyType(
    {0: GENERAL, 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?"}
    | {13: "# ??/??", 14: "yyyy/m/d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM"}
    | {19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy/m/d h:mm", 45: "mm:ss", 46: "[h]:mm:ss"}
    | {47: "mm:ss.0", 48: "##0.0E+0", 49: "@", 30: "m-d-yy", 32: _SHORT_TIME, 33: 'h"时"mm"分"ss"秒"'}
    | dict.fromkeys((5, 6, 37, 38, 41, 42), "#,##0")
    | dict.fromkeys((7, 8, 39, 40, 43, 44), "#,##0.00")
    | dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"')
    | dict.fromkeys((28, 29, 51, 53, 54, 58), 'm"月"d"日"')
    | {31: _LONG_DATE, 34: f"AM/PM{_SHORT_TIME}", 35: 'AM/PMh"时"mm"分"ss"秒"', 55: f"AM/PM{_SHORT_TIME}"}
    | {56: 'AM/PMh"时"mm"分"ss"秒"'}
)
"""The formats that a file names by number alone, as a Chinese system shows them."""

# Quoted, escaped, filled, spaced; brackets; an exponent; a fraction; placeholders; all else for itself.
_TOKEN: Final = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|[*_].|\[(?P<bracket>[^\]]*)\]|(?P<exponent>[Ee][+-](?=[0#?]))'
    r"|(?P<general>General|G/通用格式)|(?P<place>[0#?])|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION: Final = re.compile(r"(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)")
_MOST_CODE: Final = 255  # characters of a format, as programs allow
_Token: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a cell shows of a number.

    Attributes:
        text: As shown; empty where the format hides it.
        is_rounded: Whether digits of it are not shown.
    """

    text: str
    is_rounded: bool = False


def exact(value: Decimal) -> Decimal:
    """A number without the noise behind its fifteenth digit; a whole one as it is."""
    if value == value.to_integral_value():
        return value
    with localcontext() as context:
        context.prec, context.rounding = DIGITS, ROUND_HALF_UP
        return +value


def shown_number(value: Decimal, code: str = GENERAL, *, from_1904: bool = False) -> Shown:
    """What a number shows.

    Args:
        value: The number as it is stored; finite.
        code: The format.
        from_1904: Whether days count from 1904, and not from 1900.
    """
    value = exact(value)
    if len(code) > _MOST_CODE or value.adjusted() > 307:
        return Shown(_plain(value))
    tokens, magnitude = _section(value, code)
    kinds = {kind for kind, _ in tokens}
    if "general" not in kinds and is_date(tokens):
        date = as_date(value, tokens, from_1904=from_1904)
        return Shown(_plain(value) if date is None else date)
    if "general" in kinds or not code.strip() or ("place" not in kinds and ("other", "@") in tokens):
        return _general(magnitude, tokens if "general" in kinds else [])
    if "place" not in kinds:
        return Shown("".join(_literal(token) for token in tokens), value != 0)
    write = _fraction if ("other", "/") in tokens else _exponent if "exponent" in kinds else _decimal
    return write(magnitude, tokens)


def shown_text(text: str, code: str) -> str:
    """What text shows: itself, with what the format puts around it."""
    section = _sections(code)[-1] if "@" in code and len(code) <= _MOST_CODE else ()
    if ("other", "@") not in section:
        return text
    return "".join(text if token == ("other", "@") else _literal(token) for token in section)


@lru_cache(maxsize=1024)
def _sections(code: str) -> tuple[tuple[_Token, ...], ...]:
    sections: list[list[_Token]] = [[]]
    for match in _TOKEN.finditer(code):
        kind = match.lastgroup or ""
        if kind == "other" and match[0] == ";":
            sections.append([])
        elif kind:
            sections[-1].append((kind, match[kind]))
    return tuple(map(tuple, sections))


def _section(value: Decimal, code: str) -> tuple[Sequence[_Token], Decimal]:
    """The section that is for a number, and the number with its sign where the section does not tell it."""
    sections = _sections(code)
    told = [_condition(section) for section in sections]
    if any(told):
        for section, condition in zip(sections, told, strict=True):
            if condition is None or _holds(value, condition):
                return section, value
        return [("general", "")], value
    numeric = [section for section in sections[:3] if ("other", "@") not in section] or sections[:1]
    if value < 0 and len(numeric) > 1:
        return numeric[1], -value
    return (numeric[2] if value == 0 and len(numeric) > 2 else numeric[0]), value


def _condition(section: Sequence[_Token]) -> tuple[str, Decimal] | None:
    for kind, text in section:
        if kind == "bracket" and (match := _CONDITION.fullmatch(text)):
            return match[1], Decimal(match[2])
    return None


def _holds(value: Decimal, condition: tuple[str, Decimal]) -> bool:
    sign, limit = condition
    order = (value > limit) - (value < limit)
    return order in {"<": (-1,), ">": (1,), "=": (0,), "<=": (-1, 0), ">=": (0, 1), "<>": (-1, 1)}[sign]


def _literal(token: _Token) -> str:
    """What a token writes that is no digit: the symbol of ``[$€-2]``, what is quoted, a sign."""
    kind, text = token
    if kind == "bracket":
        return text[1:].partition("-")[0] if text.startswith("$") else ""
    return text if kind in ("quoted", "escaped", "other") else ""


def _plain(value: Decimal) -> str:
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def _rounded(value: Decimal, places: int) -> Decimal:
    with localcontext() as context:
        context.prec = 400
        return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _general(value: Decimal, tokens: Sequence[_Token]) -> Shown:
    """A number without a format: a whole one whole, another one in eleven characters."""
    around = [_literal(token) for token in tokens]
    at = next((i for i, (kind, _) in enumerate(tokens) if kind in ("general", "place")), 0)
    n_whole = max(1, value.adjusted() + 1)
    places = max(0, min(WIDTH - 1 - n_whole, WIDTH - 2))
    shown = value if value == value.to_integral_value() else _rounded(value, places)
    if value and not shown:
        shown = value  # a very small one: all of it
    return Shown("".join(around[:at]) + _plain(shown) + "".join(around[at:]), shown != value)


def _decimal(value: Decimal, tokens: Sequence[_Token]) -> Shown:
    point = next((i for i, token in enumerate(tokens) if token == ("other", ".")), len(tokens))
    places = [i for i, (kind, _) in enumerate(tokens) if kind == "place"]
    commas = [i for i, token in enumerate(tokens) if token == ("other", ",")]
    last = max((i for i in places if i < point), default=-1)
    scaling = [i for i in commas if i > max(places)] + [i for i in commas if last < i < point and places[-1] > point]
    percents = sum(1 for token in tokens if token == ("other", "%"))
    scaled = value.scaleb(2 * percents - 3 * len(scaling))
    decimals = [i for i in places if i > point]
    number = _rounded(scaled, len(decimals))
    whole, _, fraction = format(abs(number), "f").partition(".")
    kept = max((n for n, i in enumerate(decimals, 1) if tokens[i][1] == "0"), default=0)
    fraction = fraction[:kept] + fraction[kept:].rstrip("0")
    groups = any(places[0] < i < last for i in commas)
    written = _whole(whole, tokens[:point], grouped=groups)
    rest = _behind_point(fraction, tokens[point + 1 :])
    dot = "." if point < len(tokens) and decimals and (fraction or kept) else ""
    return Shown(("-" if number < 0 else "") + written + dot + rest, number != scaled)


def _whole(digits: str, tokens: Sequence[_Token], *, grouped: bool) -> str:
    """Digits put over the placeholders from the right; the first one takes all that are left."""
    places = [i for i, (kind, _) in enumerate(tokens) if kind == "place"]
    left, out, n_written = digits.lstrip("0"), [], 0
    for i in range(len(tokens) - 1, -1, -1):
        if i not in places:
            out.append("" if tokens[i] == ("other", ",") else _literal(tokens[i]))
            continue
        n = len(left) if i == places[0] else 1
        here = left[-n:] if n else ""
        left = left[: len(left) - len(here)]
        for digit in reversed(here or ("0" if tokens[i][1] == "0" else "")):
            out.append("," if grouped and n_written and n_written % 3 == 0 else "")
            out.append(digit)
            n_written += 1
    return "".join(reversed(out)) + ("" if places else left)


def _behind_point(fraction: str, tokens: Sequence[_Token]) -> str:
    out, left = [], fraction
    for kind, text in tokens:
        if kind == "place":
            out.append(left[:1])
            left = left[1:]
        elif (kind, text) != ("other", ","):
            out.append(_literal((kind, text)))
    return "".join(out)


def _exponent(value: Decimal, tokens: Sequence[_Token]) -> Shown:
    """A number with an exponent; a whole one without, since exponents lose the digits of long ids."""
    if value == value.to_integral_value():
        return Shown(_plain(value))
    at = next(i for i, (kind, _) in enumerate(tokens) if kind == "exponent")
    point = next((i for i, token in enumerate(tokens[:at]) if token == ("other", ".")), at)
    n_places = sum(1 for kind, _ in tokens[point:at] if kind == "place")
    text = f"{value:.{n_places}E}"
    mantissa, _, exponent = text.partition("E")
    return Shown(f"{mantissa}E{exponent[0]}{exponent[1:]:0>2}", Decimal(text) != value)


def _fraction(value: Decimal, tokens: Sequence[_Token]) -> Shown:
    bar = tokens.index(("other", "/"))
    fixed = "".join(text for _, text in tokens[bar + 1 :] if text.isdigit())
    n_digits = sum(1 for kind, _ in tokens[bar + 1 :] if kind == "place")
    whole, rest = divmod(abs(Fraction(value)), 1)
    if fixed.strip("0"):
        near = Fraction(round(rest * int(fixed)), int(fixed))
    else:
        near = rest.limit_denominator(10 ** min(max(n_digits, 1), 4) - 1)
    whole, part = whole + near // 1, near % 1
    text = f"{whole} {part}" if whole and part else str(part or whole)
    return Shown(("-" if value < 0 else "") + text, near != rest)
