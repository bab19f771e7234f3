"""What a page tells of itself beside its text: title, date, source. From ``meta`` elements, headings and ``<title>``.

Public bodies in China name them ``ArticleTitle``, ``PubDate`` and ``ContentSource`` (rules for their sites, State
Council Office, 2019); others follow Open Graph, Dublin Core or schema.org.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from rag.documents.load.web.elements import n_chars, plain_text
from rag.documents.opening import site_pieces
from rag.text.dates import date_parts, read_date
from rag.text.numerals import flatten
from rag.text.unicode import is_chinese

if TYPE_CHECKING:
    from lxml.html import HtmlElement

__all__ = ["Head", "read_head"]

_TITLES: Final = ("articletitle", "citation_title", "og:title", "dc.title", "dcterms.title")
_SITES: Final = ("sitename", "og:site_name")
_DATES: Final = (
    *(
        "pubdate",
        "publishdate",
        "article:published_time",
        "datepublished",
        "citation_date",
        "citation_publication_date",
    ),
    *("dc.date", "dcterms.issued", "dcterms.created", "date"),
)
_SOURCES: Final = ("contentsource", "source", "dc.source", "dc.publisher")
MAX_TITLE_CHARS: Final = 200
_NUMBER: Final = re.compile(r"(?<!\d)\d")


class Head(NamedTuple):
    """What a page tells of itself; empty where it does not.

    Attributes:
        title: Its title, without the name of the site.
        heading: The heading that says the title; None where none does.
        date: When it was published, as it is written.
        source: Who wrote it.
    """

    title: str
    heading: HtmlElement | None
    date: str
    source: str

    def line(self, shown: str) -> str:
        """Date and source as a line of text; what is shown already is left out."""
        squeezed = "".join(shown.split())
        date = "" if _has_date(shown) else self.date
        source = "" if "".join(self.source.split()) in squeezed else self.source
        labels = ("发布日期：", "来源：") if is_chinese(shown + self.title) else ("Published: ", "Source: ")
        told = [label + value for label, value in zip(labels, (date, source), strict=True) if value]
        return "　".join(told) if labels[0][-1] == "：" else "; ".join(told)


def read_head(root: HtmlElement, body: HtmlElement) -> Head:
    """Read the head of a page, before anything is taken out of its body."""
    named: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = (meta.get("name") or meta.get("property") or meta.get("itemprop") or "").lower()
        named.setdefault(name, " ".join(meta.get("content", "").split()))

    def first(names: tuple[str, ...]) -> str:
        return next(filter(None, (named.get(name, "") for name in names)), "")

    title, heading = _title(root, body, first(_TITLES), first(_SITES))
    time = next((each.get("datetime", "") for each in body.iter("time")), "")
    return Head(title[:MAX_TITLE_CHARS], heading, first(_DATES) or time, first(_SOURCES))


def _title(root: HtmlElement, body: HtmlElement, told: str, site: str) -> tuple[str, HtmlElement | None]:
    """The title, and the heading that says it: the heading in full, where it says what the head does or more."""
    page = root.find(".//title")
    whole = plain_text(page) if page is not None else ""
    pieces = [piece for piece in site_pieces(told or whole) if piece != site] or [site]
    wanted = _squeezed(pieces[0])
    headings = [(each, plain_text(each)) for each in body.iter("h1", "h2", "h3")]
    for heading, text in headings:
        said = _squeezed(text)
        if len(wanted) > 3 and (wanted in said or (said in wanted and 2 * len(said) > len(wanted))):
            return text, heading
    first = [(each, text) for each, text in headings if each.tag == "h1" and n_chars(text) > 1]
    if not pieces[0] and first:
        return first[0][1], first[0][0]
    return told or pieces[0], None


def _has_date(text: str) -> bool:
    """Whether a text names a whole date: year, month and day."""
    plain = flatten(text)
    read = (read_date(plain, match.start()) for match in _NUMBER.finditer(plain))
    return any(all(date_parts(date[0])) for date in read if date)


def _squeezed(text: str) -> str:
    return "".join(text.split()).casefold()
