"""The shape of an official document: its parts and its heading tree. Pure functions over cleaned text.

Headings of Chinese official documents nest as 第一部分 > 一、 > （一） > 1. > （1） > ① (GB/T 9704-2012, 7.3.3,
gives 一、 （一） 1. （1）); Western ones as ``#`` or ``1.`` > ``1.1``. A heading may stand on a line of its own, open
a paragraph ("（一）X。Y"), or, in text that lost its line breaks, stand in the middle of one. A short
sentence that opens every paragraph of a section ("X。Y...") names its paragraph as a heading would.

Not covered: headings told apart only by their typeface, and tables of contents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rag.documents.members import stretches_of
from rag.documents.styles import NO_STYLES, TABLE_LEVEL, Styles
from rag.text.numbering import DIGITS, HeadingNumber, Style, chinese_ordinal, read_heading_number, tidy_heading

if TYPE_CHECKING:
    from rag.documents.cleaning.clean import CleanText
    from rag.schema.documents import Document

__all__ = ["PartSpan", "Section", "split_document", "split_parts", "split_sections"]

# Ranks order the styles; a heading closes all open ones of its own rank or deeper.
RANK_PART, RANK_LABEL, RANK_CN, RANK_CN_PAREN, RANK_ARABIC, RANK_ARABIC_PAREN, RANK_CIRCLED, RANK_LEAD = range(
    10, 90, 10
)
RANKS: Final = {
    Style.PART: RANK_PART,
    Style.SECTION: RANK_PART + 5,
    Style.CHINESE: RANK_CN,
    Style.CHINESE_PAREN: RANK_CN_PAREN,
    Style.ARABIC: RANK_ARABIC,
    Style.ARABIC_PAREN: RANK_ARABIC_PAREN,
    Style.CIRCLED: RANK_CIRCLED,
}  # 第十二条 is none: articles are too short to be sections
MAX_TITLE_CHARS = 60

LABEL_LINE = re.compile(r"(?P<label>[^\s。，,；;：:？?！!\d]{2,16})[:：][ ]*$")
TITLE_END = re.compile(r"[。；;！!？?\n]|[:：](?!\d)")
# Where a heading is glued to the text behind it, its last word tells where it ends.
GLUED_END = re.compile(
    r"(?:情况|回顾|打算|安排|总结|计划|要点|思路|任务|目标|措施|概况|意见)(?=[^\s,，。、；;:：的和及与])"
)


@dataclass(frozen=True, slots=True)
class PartSpan:
    """A stretch of cleaned text that is a document of its own.

    Attributes:
        title: Its title as printed inside the text; empty where the whole file is one part.
        start: First clean offset.
        end: Clean offset behind it.
        name: The path of the file that it stood in, where the document holds several.
    """

    title: str
    start: int
    end: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Text under one heading path, the heading itself included.

    Attributes:
        heading: Heading path, outermost first, with numbering, without end marks.
        start: First clean offset.
        end: Clean offset behind it.
        breaks: Clean offsets at which a heading ends, where a sentence must end too.
    """

    heading: tuple[str, ...]
    start: int
    end: int
    breaks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Heading:
    rank: int
    title: str
    start: int
    end: int
    own_sentence: bool


# ---------------------------------------------------------------- parts

INNER_TITLE = re.compile(rf"(?P<before>[^\s。，,；;：:！!？?（()）]{{6,60}})[（(](?P<n>[{DIGITS}]{{1,3}})[)）]")
NUMBERED_PIECE = re.compile(rf"^(?:篇|范文|第)(?P<n>[{DIGITS}]{{1,3}})(?:篇)?[ :：]", re.MULTILINE)


def split_document(document: Document, clean: CleanText) -> list[PartSpan]:
    """Split a document where another file begins in it, and each file at its inner titles."""
    return [
        PartSpan(part.title, start + part.start, start + part.end, name)
        for start, end, name in (stretch.in_clean(clean) for stretch in stretches_of(document))
        for part in split_parts(clean.text[start:end])
    ]


def split_parts(text: str) -> list[PartSpan]:
    """Split a composite text at its inner titles.

    ``<title>(一) ... <title>(二) ...`` with the same title each time, or ``篇一：``/``第一篇`` at line starts,
    counting up from one, make parts; anything else is one part.

    Args:
        text: Cleaned text.

    Returns:
        Parts in order, covering the text from its first to its last character.
    """
    starts = _inner_titles(text) or _numbered_pieces(text)
    if len(starts) < 2:
        return [PartSpan("", 0, len(text))]
    parts = []
    if text[: starts[0][1]].strip():
        parts.append(PartSpan("", 0, starts[0][1]))
    ends = [start for _, start in starts[1:]] + [len(text)]
    parts += [PartSpan(title, start, end) for (title, start), end in zip(starts, ends, strict=True)]
    return parts


def _inner_titles(text: str) -> list[tuple[str, int]]:
    chain: list[re.Match[str]] = []
    shared = ""
    for match in INNER_TITLE.finditer(text):
        if match["n"] != chinese_ordinal(len(chain) + 1):
            continue
        common = _common_suffix(chain[-1]["before"], match["before"]) if chain else match["before"]
        if chain and len(common) < 6:
            continue
        shared = common
        chain.append(match)
    if len(chain) < 2:
        return []
    return [(f"{shared}({m['n']})", m.end("before") - len(shared)) for m in chain]


def _numbered_pieces(text: str) -> list[tuple[str, int]]:
    starts: list[tuple[str, int]] = []
    for match in NUMBERED_PIECE.finditer(text):
        if match["n"] == chinese_ordinal(len(starts) + 1):
            line = text[match.start() : text.find("\n", match.start()) % (len(text) + 1)]
            starts.append((line.strip()[:MAX_TITLE_CHARS], match.start()))
    return starts


def _common_suffix(one: str, other: str) -> str:
    size = 0
    while size < min(len(one), len(other)) and one[-1 - size] == other[-1 - size]:
        size += 1
    return one[len(one) - size :]


# ---------------------------------------------------------------- headings


def split_sections(text: str, start: int, end: int, *, styles: Styles = NO_STYLES) -> list[Section]:
    """Cut a stretch of text at its headings.

    Args:
        text: Cleaned text of the document.
        start: First clean offset of the part.
        end: Clean offset behind it.
        styles: Headings by the file's own styles; they enclose those that only their numbers tell.

    Returns:
        Sections in order; together they hold every character of the stretch that is not white space.
    """
    headings = _with_leads(text, _headings(text, start, end, styles), start, end)
    sections: list[Section] = []
    path: list[_Heading] = []
    bounds = [*(h.start for h in headings), end]
    if bounds[0] > start:
        sections.append(Section((), start, bounds[0], ()))
    for heading, stop in zip(headings, bounds[1:], strict=True):
        path = [h for h in path if h.rank < heading.rank] + [heading]
        breaks = (heading.end,) if heading.own_sentence else ()
        sections.append(Section(tuple(h.title for h in path if h.title), heading.start, stop, breaks))
    return [section for section in sections if text[section.start : section.end].strip()]


def _headings(text: str, start: int, end: int, styles: Styles) -> list[_Heading]:
    found: list[_Heading] = []
    counters: dict[int, int] = {}
    position = start
    while position < end:
        at_line_start = position == start or text[position - 1] == "\n"
        heading = _styled_at(text, position, styles) or _heading_at(
            text, position, end, at_line_start=at_line_start, counters=counters
        )
        if heading:
            found.append(heading)
            counters = {rank: n for rank, n in counters.items() if rank <= heading.rank}
            position = max(heading.end, position + 1)
        else:
            position = _next_candidate(text, position + 1, end)
    closing = [_Heading(TABLE_LEVEL, "", at, at, own_sentence=False) for at in styles.ends if start < at < end]
    return sorted([*closing, *found], key=lambda heading: heading.start)


def _styled_at(text: str, position: int, styles: Styles) -> _Heading | None:
    if position not in styles.headings:
        return None
    level, end = styles.headings[position]
    title = tidy_heading(text[position:end].replace("\n", " "))[:MAX_TITLE_CHARS]
    return _Heading(min(level, TABLE_LEVEL), title, position, end, own_sentence=True)


CANDIDATE = re.compile(rf"\n[ ]*|[。！!？?；;：:”\")）][ ]*(?=[（(]?[{DIGITS}]{{1,3}}[)）、])")


def _next_candidate(text: str, position: int, end: int) -> int:
    match = CANDIDATE.search(text, position - 1, end)
    while match and match.end() < position:
        match = CANDIDATE.search(text, match.end(), end)
    return match.end() if match else end


def _heading_at(
    text: str, position: int, end: int, *, at_line_start: bool, counters: dict[int, int]
) -> _Heading | None:
    line_end = text.find("\n", position, end)
    line_end = end if line_end < 0 else line_end
    if at_line_start and (label := LABEL_LINE.fullmatch(text, position, line_end)):
        return _Heading(RANK_LABEL, label["label"], position, line_end, own_sentence=True)
    marker = read_heading_number(text, position, line_end)
    if not marker or marker.style is Style.ARTICLE or not text[marker.end : line_end].strip():
        return None
    rank, ordinal = _rank(marker), marker.value
    if not at_line_start:
        expected = counters.get(rank, 0) + 1
        running = rank in (RANK_CN, RANK_CN_PAREN) and ordinal in (1, expected)
        follows = chinese_ordinal(ordinal + 1) if 0 < ordinal < 99 else ""
        if not running or (ordinal == 1 and not re.search(rf"[（(]?{follows}[)）、]", text[marker.end : end])):
            return None
    counters[rank] = ordinal
    return _with_title(text, marker, rank, line_end)


def _rank(number: HeadingNumber) -> int:
    """The rank of a number's style."""
    if number.style is Style.MARKDOWN:
        return number.level
    return RANKS[number.style] + number.level - 1


def _with_title(text: str, marker: HeadingNumber, rank: int, line_end: int) -> _Heading | None:
    begin, after = marker.start, marker.end
    stop = TITLE_END.search(text, after, line_end)
    if stop is None and line_end - after <= MAX_TITLE_CHARS:
        return _Heading(rank, tidy_heading(text[begin:line_end]), begin, line_end, own_sentence=True)
    glued = GLUED_END.search(text, after + 2, min(line_end, after + 40))
    restarts = glued and text.startswith(text[after : after + 2], glued.end())  # "一、2017年情况2017年,..."
    if glued and (stop is None or stop.start() - after > 30 or restarts):
        return _Heading(rank, tidy_heading(text[begin : glued.end()]), begin, glued.end(), own_sentence=True)
    if stop is not None and stop.end() - after <= MAX_TITLE_CHARS:
        return _Heading(rank, tidy_heading(text[begin : stop.start()]), begin, stop.end(), own_sentence=True)
    clause = re.compile(r"[,，、。；;：:]").search(text, after + 4, line_end)
    cut = min(clause.start() if clause else line_end, after + 30)
    return _Heading(rank, tidy_heading(text[begin:cut]), begin, after, own_sentence=False)


# ---------------------------------------------------------------- paragraphs that name themselves


def _with_leads(text: str, headings: list[_Heading], start: int, end: int) -> list[_Heading]:
    """Add the lead sentences of sections whose paragraphs all open with one."""
    begins, stops = [start, *(h.end for h in headings)], [*(h.start for h in headings), end]
    leads: list[_Heading] = []
    for begin, stop in zip(begins, stops, strict=True):
        paragraphs = [(s, e) for s, e in _line_spans(text, begin, stop) if e - s >= 60]
        named = [lead for s, e in paragraphs if (lead := _lead(text, s, e))]
        if len(named) >= 2 and 2 * len(named) >= len(paragraphs):
            leads += named
    return sorted([*headings, *leads], key=lambda h: h.start)


def _lead(text: str, start: int, end: int) -> _Heading | None:
    match = re.compile(r"[^。！!？?；;：:\n]{3,24}。").match(text, start, end)
    if not match or end - match.end() < 20 or (start and text[start - 1] != "\n"):
        return None
    return _Heading(RANK_LEAD, tidy_heading(match.group()), start, match.end(), own_sentence=True)


def _line_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for match in re.compile(r"[^\n]+").finditer(text, start, end):
        yield match.span()
