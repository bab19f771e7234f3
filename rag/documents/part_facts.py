"""What a document part tells of itself: title, issuer, place, years, date.

A level that is surer goes before one that is read from more text: the title, the file's name, the first lines, the
headings, and only then what the text names most often. What none of them tells stays empty: unknown is better than
wrong. Places are found by :mod:`rag.documents.part_place`. Does not search.

Not covered: relative years ("last year"), and reports on periods that only their name tells (十四五).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import PurePath
from typing import Final

from rag.documents.issuer import complete_issuer, find_issuer
from rag.documents.opening import find_title, opening_lines
from rag.documents.part_place import find_place_of_part
from rag.text.dates import date_parts, read_date, relative_years
from rag.text.numerals import flatten
from rag.text.years import find_years, year_spans

__all__ = ["PartFacts", "describe_part"]

_DATE_LABEL: Final = re.compile(
    r"(?:(?:成文|发布|发文|生成|产生|公开|印发|制定|公布)(?:日期|时间)\s*[:：]?|(?:发布|时间)\s*[:：])\s*"
)
_DATE_LINE: Final = re.compile(r"^\s*[^\d\n]{0,16}?(?=[\d民一二])", re.MULTILINE)
_DATE_LINE_END: Final = re.compile(r"(?:印发)?\s*$", re.MULTILINE)
_BEFORE_DATE: Final = re.compile(r"[\W_]*(?:[\u4e00-\u9fff]{2,8}\W+)?")
_SHORT_LINE_CHARS: Final = 80  # a line with the date of a meeting or of a rule's adoption; no paragraph


@dataclass(frozen=True, slots=True)
class PartFacts:
    """What a part tells of itself; empty where it does not.

    Attributes:
        title: Its title.
        issuer: The body that speaks.
        place: The place it speaks of.
        years: The years it mainly speaks of, ascending: that of its title or its file's name, and of its headings the
            year before and after. A rule is of the year of its adoption, or of the version that its file's name dates.
        date: When it was published, adopted, or, of minutes, when the meeting was: ISO 8601.
    """

    title: str
    issuer: str
    place: str
    years: tuple[int, ...]
    date: str


def describe_part(
    text: str, *, title: str, headings: Iterable[str], around: str = "", source: str = "", own_title: str = ""
) -> PartFacts:
    """Read a part's facts from its text.

    Args:
        text: Cleaned text of the part.
        title: The inner title of a composite's part; empty to look for one.
        headings: Headings of the part. They outweigh an inner title's years: a scrape's title may promise another year
            than its reports hold.
        around: Raw text of the file around the part, whose page header and footer name the site.
        source: The file's name.
        own_title: The title by the file's own styles; empty to look for one in the first lines.

    Returns:
        The facts.
    """
    lines = opening_lines(text)
    name = PurePath(source).name.replace("_", " ")
    own_title = title or own_title or find_title(lines, source)
    date = _find_date(text, lines)
    issuer = find_issuer(lines, own_title, text)
    place = find_place_of_part(text, title=own_title, source=name, issuer=issuer, lines=lines, around=around)
    joined = " ".join(headings)
    heading_years = find_years(joined)
    if title:
        years = heading_years or find_years(title) or _main_years(text)
    else:
        years = _years_of_document((own_title, name), joined, lines, date) or _main_years(text)
    return PartFacts(own_title, complete_issuer(issuer, place), place, years, date)


def _years_of_document(names: Sequence[str], headings: str, lines: Sequence[str], date: str) -> tuple[int, ...]:
    """Years by the title and the file's name, else by headings of one or two years, else by the first lines' last."""
    of_headings = find_years(headings)
    if named := next(filter(None, map(find_years, names)), ()):
        told = {*of_headings, *(year for _, year in relative_years(headings, named[-1]))}
        return tuple(sorted({*named, *(year for year in told if any(abs(year - one) == 1 for one in named))}))
    if of_headings and of_headings[-1] - of_headings[0] <= 1:
        return of_headings
    if date:
        return (int(date[:4]),)
    return find_years(" ".join(takewhile(lambda line: "。" not in line, lines)))[-1:]


def _short_lines(lines: Sequence[str]) -> Sequence[str]:
    return list(takewhile(lambda line: len(line) <= _SHORT_LINE_CHARS, lines))


def _main_years(text: str) -> tuple[int, ...]:
    """The year that a text names at least twice, and more often than all other years together."""
    counts = Counter(span.years[0] for span in year_spans(text))
    year, most = next(iter(counts.most_common(1)), (0, 0))
    return (year,) if most >= 2 and 2 * most > counts.total() else ()


def _find_date(text: str, lines: Sequence[str]) -> str:
    """The date behind a label, alone on a line, at the beginning of one of the first lines, or of the signature."""
    opening = "\n".join(lines)
    labelled = (_date_at(opening, match.end()) for match in _DATE_LABEL.finditer(opening))
    leading = (_date_at(line, match.end()) for line in _short_lines(lines) if (match := _BEFORE_DATE.match(line)))
    return (
        next(filter(None, labelled), "")
        or _date_line(text[:3000])
        or next(filter(None, leading), "")
        or _date_line(text[-500:])
    )


def _date_line(text: str) -> str:
    """The date that stands at the end of a line with little before it; empty where none does."""
    lines = (_date_at(text, match.end(), closing=True) for match in _DATE_LINE.finditer(text))
    return next(filter(None, lines), "")


def _date_at(text: str, position: int, *, closing: bool = False) -> str:
    """The whole date that starts at a place of a text; ``closing`` where it must end the line."""
    read = read_date(flatten(text), position)
    year, month, day = date_parts(read[0]) if read else (0, 0, 0)
    whole = bool(year and month and day)
    if closing and read:  # 2031-06-17 alone on a line may be that of a log
        whole = whole and "年" in text[position : read[1]] and _DATE_LINE_END.match(text, read[1]) is not None
    if not whole:
        return ""
    return f"{year}-{month:02d}-{day:02d}"
