"""Places, years and issuers: what a document part speaks of, and what a question asks about.

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
from functools import lru_cache

from rag.gazetteer import divisions_in, is_division
from rag.schema import Part
from rag.tokenize import simplify, tag_words

__all__ = ["PartFacts", "QuestionScope", "describe_part", "find_years", "pinyin", "place_stem", "question_scope"]

SUFFIXES = "省市县区州盟旗"
GENERIC = frozenset(
    """
    中国 全国 国家 全省 全市 全区 全县 我省 我市 我区 我县 本市 该市 市区 城区 地区 新区 辖市区 社区 校区 园区 小区 城市
    """.split()
)
ORGANISATION = re.compile(
    r"[\u4e00-\u9fff]{2,18}?(?:局|厅|委员会|政府|办公室|大学|学院|公司|协会|研究院|中心|医院|法院|检察院|总社|银行)"
)
# "X市Y区": the inner name follows a suffix and holds none. "Y区人民政府": what stands at a line's start.
INNER = r"(?P<name>(?:(?![省市县区])[\u4e00-\u9fff]){2,3}[县区市旗])"
DOUBLE_NAME = re.compile(rf"(?<=[省市州])(?![省市州]){INNER}")
OFFICIAL_NAME = re.compile(rf"(?<![\u4e00-\u9fff]){INNER}(?=人民政府|政府|委员会|教育局)")
YEAR = re.compile(
    r"(?<![\d.])(?P<first>(?:19|20)\d{2})(?:\s*[-—–~至/]\s*(?P<last>(?:19|20)\d{2}))?(?=\s*(?:年|学年|[^\d]|$))"
)
HAN_YEAR = re.compile(r"[一二]〇[〇一二三四五六七八九]{2}(?=年)")
TITLE_WORDS = re.compile(
    r"报告|总结|计划|要点|思路|意见|通知|方案|办法|规划|规定|公告|决定|决议|纪要|简报|讲话|公报|条例|章程|制度|指南|report|plan",
    re.IGNORECASE,
)
METADATA_LINE = re.compile(
    r"^[\u4e00-\u9fff ]{2,8}\s*[:：]|^[\u4e00-\u9fff]{3,6}\s+\S+|(?:发布|生成|公开|成文|印发)(?:日期|时间|机构)"
)
DATE_LABEL = re.compile(
    r"(?:成文|发布|生成|产生|公开|印发|制定|公布)(?:日期|时间)\s*[:：]?\s*(?P<y>\d{4})\s*[-年/.]\s*(?P<m>\d{1,2})\s*[-月/.]\s*(?P<d>\d{1,2})"
)
DATE_LINE = re.compile(r"^\s*\D{0,16}?(?P<y>\d{4})年(?P<m>\d{1,2})月(?P<d>\d{1,2})日(?:印发)?\s*$", re.MULTILINE)
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


@dataclass(frozen=True, slots=True)
class QuestionScope:
    """What a question names.

    Attributes:
        places: Places as the corpus writes them, in the order of the question.
        years: Years, ascending.
        unknown: Places that no part of the corpus speaks of, in the order of the question.
    """

    places: tuple[str, ...]
    years: tuple[int, ...]
    unknown: tuple[str, ...] = ()


def find_years(text: str) -> tuple[int, ...]:
    """Years named in a text, ascending; a range names both ends.

    >>> find_years("2015-2016学年与2019年6月"), find_years("二〇一九年")
    ((2015, 2016, 2019), (2019,))
    """
    years = {int(year) for match in YEAR.finditer(text) for year in match.groups() if year}
    digits = str.maketrans("〇一二三四五六七八九", "0123456789")
    years |= {int(match.group().translate(digits)) for match in HAN_YEAR.finditer(text)}
    return tuple(sorted(years))


def place_stem(place: str) -> str:
    """A place's name without its suffix: ``X市`` -> ``X``; two-character names stay whole."""
    return place[:-1] if len(place) > 2 and place[-1] in SUFFIXES else place


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
    counts = Counter(find_year for match in YEAR.finditer(text) for find_year in [int(match["first"])])
    return (counts.most_common(1)[0][0],) if counts and counts.most_common(1)[0][1] >= 2 else ()


def _find_date(text: str) -> str:
    match = DATE_LABEL.search(text[:1500]) or DATE_LINE.search(text[:3000]) or DATE_LINE.search(text[-500:])
    return f"{match['y']}-{int(match['m']):02d}-{int(match['d']):02d}" if match else ""


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

    A place must stand in the title, or be a division (``rag.gazetteer``) and be named at least four times: a paragraph
    that mentions Italy, even often, is not an official document of Italy, and must not be lost to questions about Rome.
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
    inner = [place_stem(m["name"]) for m in re.finditer(rf"{best}[省市州]?{DOUBLE_NAME.pattern}", text + around)]
    own = max(inner, key=lambda stem: scores.get(stem, 0), default="")
    return full[own] if scores.get(own, 0) * 2 > scores[best] else full[best]


def place_names(text: str) -> list[str]:
    """Names of places in a Chinese text, by the segmenter's tags and by how official names are written."""
    names = [m["name"] for pattern in (OFFICIAL_NAME, DOUBLE_NAME) for m in pattern.finditer(text)]
    names += [word for word, tag in tag_words(text) if tag == "ns" and len(word) >= 2]
    return [name for name in names if name not in GENERIC and place_stem(name) not in GENERIC]


def question_scope(question: str, parts: Iterable[Part]) -> QuestionScope:
    """Find which of the corpus's places, and which years, a question names.

    Args:
        question: The standalone question, in simplified characters where it is Chinese.
        parts: All parts of the corpus.

    Returns:
        Places that parts of the corpus speak of, others that it names, and years.
    """
    places = {part.place for part in parts if part.place}
    lowered = question.lower()
    found = []
    for place in places:
        stem = simplify(place_stem(place))
        at = question.find(stem)
        if at < 0:
            match = re.search(rf"\b{re.escape(pinyin(stem))}\b", lowered)
            at = match.start() if match else -1
        if at >= 0:
            found.append((at, place))
    named = tuple(place for _, place in sorted(found) if not _is_outer(place, question, places))
    stems = [simplify(place_stem(place)) for place in places]
    known = [*stems, *(pinyin(stem) for stem in stems)]
    others = [name for name in divisions_in(question) if not any(stem in name.lower() for stem in known)]
    return QuestionScope(named, find_years(question), tuple(others))


def _is_outer(place: str, question: str, places: Iterable[str]) -> bool:
    """Whether a question names a place only to say where another lies: of ``X市Y区`` it is about Y."""
    stem = simplify(place_stem(place))
    inner = "|".join(
        re.escape(simplify(place_stem(other))) for other in places if place_stem(other) != place_stem(place)
    )
    return (
        bool(inner)
        and re.search(rf"{re.escape(stem)}[省市县区州]?(?:的)?(?:{inner})[{SUFFIXES}]", question) is not None
    )


@lru_cache(maxsize=4096)
def pinyin(text: str) -> str:
    """A name as Latin script writes it, in small letters and one word."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - its dictionary takes a moment to load

    return "".join(lazy_pinyin(text)).lower()
