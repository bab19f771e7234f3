"""Who issued a document: what a label, its title, its first lines or its signature say.

Not covered: issuers that stand in the text only as "we", and seals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, takewhile
from typing import Final

from rag.documents.opening import ORGANISATION, site_pieces
from rag.text.numbering import DIGITS
from rag.text.places import SUFFIXES
from rag.text.years import YEAR, find_years

__all__ = ["complete_issuer", "find_issuer", "signature_lines"]

_LABEL: Final = re.compile(
    r"(?:发布机构|发文机关|发文单位|信息来源|来源|发布单位)\s*[:： ]\s*"
    r"(?P<name>[\u4e00-\u9fff]{2,24})(?![\u4e00-\u9fff]*[:：])"
)
_NO_ISSUER: Final = ("报", "新闻", "新华社", "网", "客户端")
"""A newspaper or a site: it prints what others issue."""
_SIGNATURE_CHARS: Final = 400
_DATE_CHARS: Final = 16
_NAME_CHARS: Final = 40
_SESSION: Final = re.compile(rf"第[{DIGITS}]+届")
_ACTS: Final = (
    rf"(?=、|关于|印发|转发|批准|发布|公布|对.{{2,40}}的答复|\s*{YEAR}|令?第[{DIGITS}\d]+[次号]"
    rf"|[{SUFFIXES}]长|主席|总理|\s*$)"
)
"""What stands behind the name of a body where it acts: issues, adopts, reports."""
_ACTING: Final = re.compile(rf"(?![在为])(?P<name>(?:{ORGANISATION.pattern})){_ACTS}")
_REPORTS: Final = re.compile(r"(?<=[我谨])代表(?P<name>国务院|[\u4e00-\u9fff]{0,12}(?:政府|法院|检察院|委员会))")
_BEFORE: Final = '0123456789年月日 　—–-·、,，“"《(（|_#'
"""Characters of what stands before the body in a line: a date, a dash, a mark."""


def find_issuer(lines: Sequence[str], title: str, text: str) -> str:
    """The body that issued a document; empty where nothing tells.

    Args:
        lines: Its first lines.
        title: Its title.
        text: Its whole text.
    """
    told = chain(_labelled(lines), _reporting(lines), _acting((title, *lines), title), _signed(text))
    return next((name for name in told if not name.endswith(_NO_ISSUER)), "")


def complete_issuer(issuer: str, place: str) -> str:
    """The issuer by its full name, where a government calls itself by the kind of its place alone.

    >>> complete_issuer("省人民政府", "河北省"), complete_issuer("区政府", "松江区")
    ('河北省人民政府', '松江区人民政府')
    """
    kind = issuer.removesuffix("政府").removesuffix("人民")
    return f"{place}人民政府" if kind and kind != issuer and place.endswith(kind) else issuer


def _labelled(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        if match := _LABEL.search(line):
            yield match["name"]


def _acting(lines: Sequence[str], title: str) -> Iterator[str]:
    """Bodies at the beginning of the title and of the first lines, behind a date where one stands there."""
    head = takewhile(lambda line: "。" not in line, lines)
    for piece in (piece for line in head for piece in site_pieces(line)):
        match = _ACTING.match(piece.lstrip(_BEFORE))
        if match and match["name"] != title:
            yield _SESSION.sub("", match["name"]).removeprefix("中华人民共和国")


def _reporting(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        if match := _REPORTS.search(line):
            yield match["name"]


def _signed(text: str) -> Iterator[str]:
    """A body alone on a line of the signature."""
    for line in signature_lines(text):
        if ORGANISATION.fullmatch(line):
            yield line


def signature_lines(text: str) -> list[str]:
    """The lines before a date that stands alone near the end, the nearest first: who signs a document."""
    lines = [line.strip() for line in text[-_SIGNATURE_CHARS:].split("\n")]
    dates = [at for at, line in enumerate(lines) if len(line) <= _DATE_CHARS and find_years(line)]
    return [line for line in reversed(lines[: dates[-1]]) if 2 < len(line) <= _NAME_CHARS][:3] if dates else []
