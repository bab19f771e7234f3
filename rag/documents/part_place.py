"""The place that a part of a document speaks of.

The title, the file's name and the issuer name it, in this order, the inner one of ``X市Y区``; of two that differ the
one that lies in the other; else the signature. Where they name none, the text must: a division named in the first
lines and again, or four times, and more often than any other, and than the nation. A site's menu that lists cities
names none of them often in the text.

Not covered: places abroad, and documents about several places.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from rag.documents.issuer import signature_lines
from rag.text.divisions import (
    divisions_by_pinyin,
    is_division,
    lies_in,
    names_nation,
    place_mentions,
)
from rag.text.places import inner_names, place_stem
from rag.text.words import simplify

__all__ = ["find_place_of_part"]

_READ_CHARS: Final = 30000
_LEAST_MENTIONS: Final = 4
_FIRST_LINES: Final = 3  # how many mentions one in the first lines is worth: not yet enough alone

_NATION: Final = ("我国", "国务院")  # 全国 and 国家 stand in every county's report


def find_place_of_part(
    text: str, *, title: str, source: str, issuer: str, lines: Sequence[str], around: str = ""
) -> str:
    """The place that a part speaks of, by its full name; empty where none stands out.

    Args:
        text: Cleaned text of the part.
        title: Its title.
        source: The file's name.
        issuer: Its issuer.
        lines: The document's first lines.
        around: Raw text around the part, whose page header and footer name the site.
    """
    named = [_first_place(level) for level in (title, source, issuer)]
    signed = (_first_place(line) for line in signature_lines(text))
    if told := [name for name in named if name]:
        inner = next((name for name in told[1:] if lies_in(name, told[0])), told[0])
        return _full_name(inner, text)
    if names_nation(title) or names_nation(issuer):
        return ""
    if name := next(filter(None, signed), ""):
        return _full_name(name, text)
    plain = simplify(text[:_READ_CHARS])
    head = takewhile(lambda line: "。" not in line, lines)
    sites = f"{around[:1500]}\n{around[-1500:]}"
    return _place_of_text(plain, simplify("\n".join(head)), simplify(sites)) or _by_latin_name(source, plain)


def _first_place(level: str) -> str:
    mentions = place_mentions(simplify(level))
    return mentions[0].name if mentions else ""


def _place_of_text(text: str, opening: str, sites: str) -> str:
    """The division that a text names most often, and more often than all unrelated ones and the nation together."""
    mentions = [*place_mentions(text), *place_mentions(sites)]
    forms = Counter(name for one in mentions for name in (one.name, *one.outer) if is_division(name))
    # Of a stem the form with a suffix is its full name, of two the one that stands there more often.
    full = {place_stem(name): name for name in sorted(forms, key=lambda one: (place_stem(one) != one, forms[one]))}
    scores = Counter({stem: text.count(stem) + _FIRST_LINES * opening.count(stem) for stem in full})
    best = max(scores, key=lambda stem: scores[stem], default="")
    named = text.count(best) > 1 and scores[best] >= _LEAST_MENTIONS if best else False
    if not named or scores[best] <= _rivals(scores, full, best, text):
        return ""
    # "X市Y区" speaks of Y: a district's report names its city about as often as itself.
    inner = [place_stem(name) for name in inner_names(best, text + sites)]
    own = max(inner, key=lambda stem: scores[stem], default="")
    return full[own] if scores[own] * 2 > scores[best] else full[best]


def _rivals(scores: Counter[str], full: dict[str, str], best: str, text: str) -> int:
    """What a place must be named more often than: twice each unrelated one, and the nation."""
    name = full[best]
    others = [stem for stem in full if stem != best and not lies_in(full[stem], name) and not lies_in(name, full[stem])]
    written_inside = {place_stem(inner) for inner in inner_names(name, text)}
    unrelated = max((scores[stem] for stem in others if stem not in written_inside), default=0)
    return max(2 * unrelated, sum(map(text.count, _NATION)))


def _full_name(name: str, text: str) -> str:
    """The name with its suffix, where the text has it: of 福建 福建省."""
    if place_stem(name) != name:
        return name
    plain = simplify(text[:_READ_CHARS])
    forms = Counter(one.name for one in place_mentions(plain) if place_stem(one.name) == name != one.name)
    return forms.most_common(1)[0][0] if forms else name


def _by_latin_name(source: str, text: str) -> str:
    """The province or city that a file's name has in Latin script, where the text names it too."""
    stems = {stem for word in re.findall(r"[a-z]{4,}", source.lower()) for stem in divisions_by_pinyin().get(word, ())}
    best = max(stems, key=text.count, default="")
    return _full_name(best, text) if best and best in text else ""
