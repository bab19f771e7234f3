"""Which part of a page is its text: menus, forms, hidden elements and lists of links are taken out of the tree.

Four looks, from the surest to the least sure: what the elements are (``nav``, ``script``, ``hidden``); what their
author calls them (``class="sidebar"``); which element holds most of what is no link; how much of a block are links to
other pages. Nothing is judged by its length alone: a short paragraph, a list and a table of an official page count as
much as prose. What is named alike and holds more than half of a page's text together is never taken out.

Not covered: text that a script writes, styles of a separate file, and two articles on one page.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING, Final

from rag.documents.cleaning.noise import is_chrome, is_prose
from rag.documents.load.web.elements import (
    BLOCKS,
    HEADINGS,
    WRAPPERS,
    is_data_table,
    is_leaf,
    leaves,
    n_chars,
    plain_text,
    remove,
)
from rag.text.years import find_years

if TYPE_CHECKING:
    from lxml.html import HtmlElement

__all__ = ["keep_content"]

_NEVER: Final = frozenset(
    "script style noscript template svg iframe object embed canvas audio video map button input select textarea option"
    " datalist dialog link meta title base del rt rp".split()
)
_FURNITURE: Final = frozenset("nav aside footer menu form".split())
_ROLES: Final = frozenset("navigation banner contentinfo complementary search menu menubar toolbar dialog".split())
# What authors of pages call what is no text of theirs, in ``class`` and ``id``.
_NAMES: Final = frozenset(
    """
    nav navbar navbox navigation menu submenu breadcrumb breadcrumbs crumb crumbs sidebar sidenav footer foot share
    sharing social related relate recommend recommended comment comments ad ads advert advertisement banner copyright
    pagination pager toolbar tool tools toc login search subscribe newsletter cookie cookies popup modal editsection
    """.split()
)
_HIDDEN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")
_WORD: Final = re.compile(r"[A-Z]?[a-z]+")
_PAGE: Final = re.compile(r"(?:\.(?:s?html?|aspx?|php|jsp)|/|^[^.]*)(?:[?#].*)?$", re.IGNORECASE)
"""Of a link that leads to a page; another one leads to a file, which is what a notice attaches."""
MOST_LINK_SHARE: Final = 0.5
"""Of a block with several links; set on the 56 pages of ``benchmarks/html_content.py``."""
MAIN_SHARE: Final = 0.7
"""Of what is no link, that an element must hold to be gone into; set on the same pages."""
ALONE_SHARE: Final = 0.9
"""The same where what stands beside it has no links: it may be a signature."""
_WORDS_CHARS: Final = 8  # 相关链接：
_SHORT_CHARS: Final = 150


@dataclass(slots=True)
class _Weight:
    """Characters of an element, those of links to pages among them, and those links."""

    chars: int = 0
    link_chars: int = 0
    n_links: int = 0

    @property
    def plain(self) -> int:
        return self.chars - self.link_chars

    @property
    def is_links(self) -> bool:
        return self.n_links > 1 and self.link_chars > MOST_LINK_SHARE * self.chars


def keep_content(body: HtmlElement, title: HtmlElement | None = None, *, whole: bool = False) -> None:
    """Take out of a page what is not its text.

    Args:
        body: The page's body; it is changed.
        title: The heading that is the page's title; what stands between it and the text may tell the date.
        whole: Whether all that is shown is the text.
    """
    _remove_furniture(body, shown=whole)
    if whole:
        return
    weights = _weights(body)
    main = _main(body, weights)
    path = [main, *takewhile(lambda each: each is not body, main.iterancestors()), body] if main is not body else [body]
    if not any(_text_left(each, weights) for each in path):
        return  # a page of links alone: they are its text
    seen_title = title is None
    for inner, outer in reversed(list(pairwise(path))):
        _remove_bare_text(outer)
        ahead = True
        for child in list(outer):
            if child is inner:
                ahead = False
            elif title is not None and (child is title or child in title.iterancestors()):
                seen_title = True
                _prune(child, weights)
            elif not _belongs(child, weights, dated=(ahead and seen_title) or inner is main):
                remove(child)
    _prune(main, weights)


def _remove_furniture(body: HtmlElement, *, shown: bool) -> None:
    """Take out what is not shown, and unless all that is shown is wanted what is no text by its kind or its name."""
    reasons: dict[HtmlElement, str] = {}
    for element in list(body.iterdescendants()):
        if not isinstance(element.tag, str) or element.tag in _NEVER:
            remove(element)
        elif reason := "hidden" if _is_hidden(element) else "" if shown else _furniture(element):
            reasons[element] = reason
    held: Counter[str] = Counter()
    for element, reason in reasons.items():
        if not any(outer in reasons for outer in element.iterancestors()):
            held[reason] += n_chars("".join(element.itertext()))
    total = n_chars("".join(body.itertext()))
    for element, reason in reasons.items():
        if 2 * held[reason] <= total:
            remove(element)


def _is_hidden(element: HtmlElement) -> bool:
    style = element.get("style", "").lower()
    return "hidden" in element.attrib or element.get("aria-hidden") == "true" or _HIDDEN.search(style) is not None


def _furniture(element: HtmlElement) -> str:
    """Why an element is no text: what it is, or a word of its name; empty where nothing says so."""
    role = element.get("role", "")
    if element.tag in _FURNITURE or (element.tag == "header" and element.find(".//h1") is None):
        return str(element.tag)
    if role in _ROLES:
        return str(role)
    names = f"{element.get('class', '')} {element.get('id', '')}"
    return next((word for word in map(str.lower, _WORD.findall(names)) if word in _NAMES), "")


def _weights(body: HtmlElement) -> dict[HtmlElement, _Weight]:
    """The weight of each element, children before parents."""
    weights: dict[HtmlElement, _Weight] = {}
    for element in [body, *body.iterdescendants()][::-1]:
        weight = _Weight(n_chars(element.text))
        for child in element:
            inner = weights[child]
            weight.chars += inner.chars + n_chars(child.tail)
            weight.link_chars += inner.link_chars
            weight.n_links += inner.n_links
        if element.tag == "a" and element.get("href") and _PAGE.search(element.get("href", "")):
            weight.link_chars, weight.n_links = weight.chars, 1
        elif element.tag not in ("td", "th") and is_leaf(element) and is_chrome(plain_text(element)):
            weight.link_chars = weight.chars  # it weighs as little
        weights[element] = weight
    return weights


def _text_left(outer: HtmlElement, weights: dict[HtmlElement, _Weight]) -> bool:
    """Whether an element holds text that is neither a heading nor in a list of links, nor furniture."""
    waiting = list(outer)
    while waiting:
        element = waiting.pop()
        if element.tag in HEADINGS or _is_link_list(element, weights):
            continue
        if is_leaf(element) and weights[element].plain:
            return True
        if n_chars(element.text) and element.tag != "a":
            return True
        waiting += element
    return any(n_chars(child.tail) for child in outer) or n_chars(outer.text) > 0


def _is_link_list(element: HtmlElement, weights: dict[HtmlElement, _Weight]) -> bool:
    weight = weights[element]
    is_list = element.tag in ("ul", "ol") and 2 * weight.link_chars > weight.chars
    if element.tag not in BLOCKS or not (weight.is_links or is_list):
        return False
    spared = (element.tag == "table" and is_data_table(element)) or (is_leaf(element) and is_prose(plain_text(element)))
    return not spared or 5 * weight.plain < weight.chars


def _main(body: HtmlElement, weights: dict[HtmlElement, _Weight]) -> HtmlElement:
    """The innermost element that holds most of what is no link."""
    element = body
    while True:
        heaviest = max(element, key=lambda child: weights[child].plain, default=None)
        if heaviest is None or not _may_hold_text(heaviest):
            return element
        all_, most = weights[element], weights[heaviest]
        least = MAIN_SHARE if all_.link_chars > most.link_chars else ALONE_SHARE
        if most.plain < least * all_.plain:
            return element
        element = heaviest


def _may_hold_text(element: HtmlElement) -> bool:
    """Whether an element is one that wraps pieces of a page, and is no piece itself."""
    if (element.tag in BLOCKS and element.tag not in WRAPPERS) or (element.tag == "table" and is_data_table(element)):
        return False
    return any(each.tag in BLOCKS or each.tag == "br" for each in element.iterdescendants())


def _belongs(element: HtmlElement, weights: dict[HtmlElement, _Weight], *, dated: bool) -> bool:
    """Whether something beside the main element is text too: prose, a table, or the date under the title."""
    text = plain_text(element)
    weight = weights[element]
    if not text or is_chrome(text, at_edge=False) or (not dated and 2 * weight.link_chars > weight.chars):
        return False
    if dated and len(text) <= _SHORT_CHARS and find_years(text):
        return not any(_is_link_list(each, weights) for each in element.iter())
    if is_chrome(text) or 2 * weight.link_chars > weight.chars:
        return False
    if element.tag == "table" and is_data_table(element):
        return True
    if 2 * sum(weights[each].chars for each in element.iter("dl")) > weights[element].chars:
        return True  # terms and what they mean: what an office registers of a document
    prose = sum(n_chars(line) for line in leaves(element) if is_prose(line) and not is_chrome(line))
    return 2 * prose > weights[element].chars


def _remove_bare_text(outer: HtmlElement) -> None:
    """Take out text between the elements of an element that holds the main one, unless it is prose."""
    if not is_prose(outer.text or ""):
        outer.text = None
    for child in outer:
        if not is_prose(child.tail or ""):
            child.tail = None


def _prune(main: HtmlElement, weights: dict[HtmlElement, _Weight]) -> None:
    """Take lists of links out of the main element, each with the heading above it, and lines of buttons."""
    for element in list(main.iterdescendants()):
        if main not in element.iterancestors() or element.tag not in BLOCKS:
            continue
        if _is_link_list(element, weights):
            above, below = element.getprevious(), element.getnext()
            goes_on = below is not None and below.tag not in HEADINGS and not weights[below].is_links
            if above is None or n_chars(above.tail) or not _announces(above):
                remove(element)
            elif not plain_text(above).endswith((":", "：")) or n_chars(plain_text(above)) <= _WORDS_CHARS:
                remove(element)
                if above.tag not in HEADINGS or not goes_on:
                    remove(above)
        elif is_leaf(element) and element.tag not in ("td", "th") and is_chrome(plain_text(element), at_edge=False):
            remove(element)


def _announces(element: HtmlElement) -> bool:
    """Whether an element is a heading, a few words that stand for one, or a sentence that a list belongs to."""
    text = plain_text(element)
    few = n_chars(text) <= _WORDS_CHARS
    return element.tag in HEADINGS or (element.tag in BLOCKS and (few or text.endswith((":", "："))))
