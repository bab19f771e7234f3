"""Find the place, years, issuer and date of a document part.

A place is compared by its stem (``X`` of ``X市``), in simplified characters, and in questions of Latin
script by its pinyin. Places come from the segmenter's own lexicon and from how official names are
written (``X市Y区``, ``Y区人民政府``); there is no list of places here. Does not search.

Not covered: places that only a map could relate (a district asked for by its city), and relative years
("last year") in a question.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.text.dates import date_parts, read_date
from rag.text.divisions import is_division
from rag.text.numerals import flatten
from rag.text.places import inner_names, place_names, place_stem
from rag.text.years import find_years, year_spans

__all__ = ["PartFacts", "describe_part"]

ORGANISATION = re.compile(
    r"[\u4e00-\u9fff]{2,18}?(?:局|厅|委员会|政府|办公室|大学|学院|公司|协会|研究院|中心|医院|法院|检察院|总社|银行)"
)


TITLE_WORDS = re.compile(
    r"报告|总结|计划|要点|思路|意见|通知|方案|办法|规划|规定|公告|决定|决议|纪要|简报|讲话|公报|条例|章程|制度|指南|report|plan",
    re.IGNORECASE,
)


METADATA_LINE = re.compile(
    r"^[\u4e00-\u9fff ]{2,8}\s*[:：]|^[\u4e00-\u9fff]{3,6}\s+\S+|(?:发布|生成|公开|成文|印发)(?:日期|时间|机构)"
)


DATE_LABEL = re.compile(r"(?:成文|发布|生成|产生|公开|印发|制定|公布)(?:日期|时间)\s*[:：]?\s*")


DATE_LINE = re.compile(r"^\s*[^\d\n]{0,16}?(?=[\d民一二])", re.MULTILINE)
DATE_LINE_END = re.compile(r"(?:印发)?\s*$", re.MULTILINE)


ISSUER_LABEL = re.compile(
    r"(?:发布机构|发文机关|发文单位|信息来源|来源|发布单位)\s*[:： ]\s*(?P<name>[\u4e00-\u9fff]{2,24})"
)


@dataclass(frozen=True, slots=True)
class PartFacts:
    """What a part tells of itself; empty where it does not."""

    title: str
    issuer: str
    place: str
    years: tuple[int, ...]
    date: str


def describe_part(text: str, *, title: str, headings: Iterable[str], around: str = "") -> PartFacts:
    """Read a part's facts from its text.

    Args:
        text: Cleaned text of the part.
        title: The inner title of a composite's part; empty to look for one.
        headings: Headings of the part, whose years outweigh the title's: a scrape's title may promise
            another year than its reports hold.
        around: Raw text of the file around the part, whose page header and footer name the site.

    Returns:
        The facts.
    """
    head = [line.strip() for line in text[:1500].split("\n") if line.strip()][:14]
    own_title = title or _find_title(head)
    heading_years = find_years(" ".join(headings))
    years = heading_years or find_years(own_title) or _main_years(text)
    date = _find_date(text)
    issuer = _find_issuer(head, own_title)
    place = _main_place(text, f"{own_title} {issuer}", around)
    return PartFacts(own_title, issuer, place, years, date)


def _find_title(head: Sequence[str]) -> str:
    candidates = [
        line
        for line in head
        if 4 <= len(line) <= 60 and not re.search(r"[。；;!！?？:：]$|[。；;]", line) and not METADATA_LINE.match(line)
    ]
    named = [line for line in candidates if TITLE_WORDS.search(line)]
    return (named or candidates[:1] or [""])[0]


def _main_years(text: str) -> tuple[int, ...]:
    counts = Counter(span.years[0] for span in year_spans(text))
    return (counts.most_common(1)[0][0],) if counts and counts.most_common(1)[0][1] >= 2 else ()


def _find_date(text: str) -> str:
    labelled = (_date_at(text[:1500], match.end()) for match in DATE_LABEL.finditer(text[:1500]))
    return next(filter(None, labelled), "") or _date_line(text[:3000]) or _date_line(text[-500:])


def _date_line(text: str) -> str:
    """The date that stands at the end of a line with little before it; empty where none does."""
    lines = (_date_at(text, match.end(), closing=True) for match in DATE_LINE.finditer(text))
    return next(filter(None, lines), "")


def _date_at(text: str, position: int, *, closing: bool = False) -> str:
    """The whole date that starts at a place of a text; ``closing`` where it must end the line."""
    read = read_date(flatten(text), position)
    year, month, day = date_parts(read[0]) if read else (0, 0, 0)
    whole = bool(year and month and day)
    if closing and read:  # 2031-06-17 alone on a line may be that of a log
        whole = whole and "年" in text[position : read[1]] and DATE_LINE_END.match(text, read[1]) is not None
    if not whole:
        return ""
    return f"{year}-{month:02d}-{day:02d}"


def _find_issuer(head: Sequence[str], title: str) -> str:
    for line in head:
        if match := ISSUER_LABEL.search(line):
            return match["name"]
    before_about = title.split("关于", maxsplit=1)[0]
    for line in (before_about, *head):
        if (match := ORGANISATION.fullmatch(line.strip())) and len(line) <= 20:
            return match.group()
    match = ORGANISATION.match(title)
    return match.group() if match and place_names(match.group()) else ""


def _main_place(text: str, named: str, around: str) -> str:
    """The place a part speaks of: named most often, names in title and issuer counting for more.

    A place must stand in the title, or be a division (``rag.text.divisions``) and be named at least four times: a
    paragraph that mentions Italy, even often, is not an official document of Italy, and must not be lost to questions
    about Rome.
    """
    names = Counter[str]()
    for source in (text[:30000], named, around[:1500], around[-1500:]):
        names.update(place_names(source))
    full: dict[str, str] = {}
    for name in sorted(names, key=len):  # the longest form of a stem is its full name
        if place_stem(name) in named or is_division(name):
            full[place_stem(name)] = name
    scores = {stem: text.count(stem) + 20 * named.count(stem) for stem in full}
    best = max(scores, key=lambda stem: scores[stem], default="")
    if not best or scores[best] < 4:
        return ""
    # "X市Y区" speaks of Y: a district's report names its city about as often as itself.
    inner = [place_stem(name) for name in inner_names(best, text + around)]
    own = max(inner, key=lambda stem: scores.get(stem, 0), default="")
    return full[own] if scores.get(own, 0) * 2 > scores[best] else full[best]
