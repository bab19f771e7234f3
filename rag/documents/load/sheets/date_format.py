"""What a date or time shows under a number format of a workbook: 45017 under ``yyyy"年"m"月"`` shows 2023年4月.

Pure; knows no file. Not covered: eras, and names of months and weekdays but English and Chinese ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from typing import Final

__all__ = ["as_date", "is_date"]

_LETTERS: Final = frozenset("ymdhsaegYMDHSAEG")
_EPOCH_1900, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
_LAST_DAY: Final = 2_958_465  # 9999-12-31
_NO_SUCH_DAY: Final = 60  # 1900-02-29, which Excel took over from Lotus
_SYSTEM_LONG_DATE, _SYSTEM_TIME = "$-F800", "$-F400"
_WEEKDAYS: Final = "一二三四五六日"
_HALVES: Final = {"am/pm": ("AM", "PM"), "a/p": ("A", "P"), "上午/下午": ("上午", "下午")}


def is_date(tokens: Sequence[tuple[str, str]]) -> bool:
    """Whether a format shows a date, a time or a duration: its letters come before any digit."""
    for kind, text in tokens:
        if kind == "place":
            return False
        if (kind == "other" and text in _LETTERS) or (kind == "bracket" and _is_duration(text)):
            return True
    return False


def as_date(value: Decimal, tokens: Sequence[tuple[str, str]], *, from_1904: bool) -> str | None:
    """What a number of days shows; None where it is no date.

    Args:
        value: Days since the epoch, the time as their fraction.
        tokens: The format: kinds and texts.
        from_1904: Whether days count from 1904, and not from 1900.
    """
    if not 0 <= value <= _LAST_DAY:
        return None
    parts = list(_parts(tokens))
    most = 3 if any(name.startswith(".0") for name, _ in parts) else 0
    seconds = (value * 86_400).quantize(Decimal(1).scaleb(-most), rounding=ROUND_HALF_UP)
    moment = _moment(seconds, from_1904=from_1904)
    halves = any(name in _HALVES for name, _ in parts)
    return "".join(_said(name, literal, moment, seconds, halves=halves) for name, literal in parts)


def _moment(seconds: Decimal, *, from_1904: bool) -> datetime:
    days = int(seconds // 86_400)
    epoch = _EPOCH_1904 if from_1904 else _EPOCH_1900
    early = not from_1904 and 0 < days < _NO_SUCH_DAY
    time = timedelta(seconds=int(seconds % 86_400), milliseconds=int(seconds % 1 * 1000))
    return epoch + min(timedelta(days=days + early), datetime.max - epoch - timedelta(days=1)) + time


def _is_duration(text: str) -> bool:
    return bool(text) and set(text.lower()) <= {text[0].lower()} and text[0] in "hmsHMS"


def _parts(tokens: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The format's parts: (name, "") of what is filled in, ("", text) of what stands there."""
    brackets = {text.upper() for kind, text in tokens if kind == "bracket"}
    if _SYSTEM_LONG_DATE in brackets:
        yield from [("yyyy", ""), ("", "年"), ("m", ""), ("", "月"), ("d", ""), ("", "日")]
        return
    if _SYSTEM_TIME in brackets:
        yield from [("h", ""), ("", ":"), ("MM", ""), ("", ":"), ("ss", "")]
        return
    yield from _minutes(list(_runs(tokens)))


def _runs(tokens: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Letters that stand together as one name."""
    at, plain = 0, "".join(text if kind == "other" else "\0" for kind, text in tokens).lower()
    aligned = len(plain) == len(tokens)  # each token one character
    while at < len(tokens):
        kind, text = tokens[at]
        half = next((name for name in _HALVES if aligned and plain.startswith(name, at)), "")
        if half:
            yield half, ""
            at += len(half)
        elif kind == "other" and text in _LETTERS:
            n = next((i for i, ch in enumerate(plain[at:]) if ch != text.lower()), len(plain) - at) if aligned else 1
            yield text.lower() * n, ""
            at += n
        elif plain[at : at + 1] == "." and tokens[at + 1 : at + 2] == [("place", "0")]:
            n = sum(1 for _ in next(groupby(tokens[at + 1 :]))[1])
            yield "." + "0" * n, ""
            at += 1 + n
        else:
            yield (f"[{text[0].lower()}]", "") if kind == "bracket" and _is_duration(text) else ("", _shown(kind, text))
            at += 1


def _shown(kind: str, text: str) -> str:
    return text if kind in ("quoted", "escaped", "other", "place") and text != "@" else ""


def _minutes(parts: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """``m`` behind hours or before seconds is minutes: written ``M``."""
    named = [(i, name) for i, (name, _) in enumerate(parts) if name and name not in _HALVES]
    minutes = {
        i
        for n, (i, name) in enumerate(named)
        if name in ("m", "mm")
        and (
            (n and named[n - 1][1] in ("h", "hh", "[h]"))
            or (n + 1 < len(named) and named[n + 1][1] in ("s", "ss", "[s]"))
        )
    }
    for i, (name, literal) in enumerate(parts):
        yield (name.upper() if i in minutes else name), literal


def _said(name: str, literal: str, at: datetime, seconds: Decimal, *, halves: bool) -> str:
    if not name:
        return literal
    hour = (at.hour % 12 or 12) if halves else at.hour
    numbers = {"d": at.day, "m": at.month, "h": hour, "M": at.minute, "s": at.second}
    durations = {"[h]": 3600, "[m]": 60, "[s]": 1}
    if name in durations:
        return str(int(seconds // durations[name]))
    if name[0] in "ye":
        return f"{at.year % 100:02}" if name in ("y", "yy") else str(at.year)
    if name[0] in numbers and len(name) <= 2:
        return f"{numbers[name[0]]:0{len(name)}}"
    return f".{at.microsecond:06}"[: len(name)] if name[0] == "." else _named(name, at)


def _named(name: str, at: datetime) -> str:
    """Halves of the day, months and weekdays by name."""
    if name in _HALVES:
        return _HALVES[name][at.hour >= 12]
    if name[0] == "a":
        return ("星期" if len(name) > 3 else "") + _WEEKDAYS[at.weekday()]
    month, day = f"{at:%B}", f"{at:%A}"
    if name[0] == "m":
        return {3: month[:3], 5: month[:1]}.get(len(name), month)
    return {3: day[:3]}.get(len(name), day) if name[0] == "d" else ""
