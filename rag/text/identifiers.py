"""Identifiers in a text, whose numbers tell one thing of a kind from the next: 海政发〔2030〕12号, 附件2, 第十二条.

Two of one kind are the same or others of it: article 12 is not article 20. Read: numbers of official documents with
issuer and year; annexes, tables and forms (附件2, 附表一, Annex B); all that 第 counts (第十二条, 第三批, 第二产业);
articles, sections and the like in English; codes of letters and figures (GB/T 9704-2012). Numbers are compared by
value, but those of documents as they are written: 0012号 and 12号 may be two notices.

Not covered: Roman numerals, identifiers of figures alone, names. Years and list numbers are no identifiers here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from rag.text.numerals import ZH_NUMERALS, chinese_value, flatten
from rag.text.unicode import HAN
from rag.text.years import ARABIC_YEAR

__all__ = ["Agreement", "Identifier", "agreement", "identifiers"]

Agreement: TypeAlias = Literal["same", "alike", "other", "none"]
"""How a text's identifiers stand to those asked for: "alike" are those that differ by leading zeros alone, "other" ones
of the same kind; "none" where the text, or the question, has none of that kind."""

_OF_DOCUMENT: Final = "号"

_ENGLISH: Final = {
    "article": "条",
    "chapter": "章",
    "section": "节",
    "part": "部",
    "annex": "附件",
    "appendix": "附录",
    "table": "表",
    "figure": "图",
    "form": "form",
    "schedule": "附表",
    "clause": "款",
    "item": "项",
}
"""Kinds by their English words."""

_NUMBER: Final = rf"(?:\d+(?:\.\d+)*|[{ZH_NUMERALS}]+)"
_IDENTIFIER: Final = re.compile(
    rf"(?P<issuer>[{HAN}]{{0,10}})[〔［\[（(【﹝]\s*(?P<year>{ARABIC_YEAR})\s*[〕］\]）)】﹞]\s*第?\s*(?P<of_year>\d+)\s*号"
    rf"|(?P<published>{ARABIC_YEAR})\s*年第?\s*(?P<of_published>\d+)\s*号"
    rf"|(?P<annex>附[件表录錄图圖]|别[表纸]|[別][表紙])\s*[:：]?\s*(?P<of_annex>\d{{1,3}}(?!\d|年|\.\d)|[{ZH_NUMERALS}]{{1,3}}(?!届))"
    rf"|第\s*(?P<counted>{_NUMBER})\s*(?P<kind>[{HAN}])"
    r"|(?P<notice>\d+)号(?=文|令|公告|通[知告])"
    rf"|\b(?P<word>{'|'.join(_ENGLISH)})s?\s(?P<of_word>\d+(?:\.\d+)*|[A-Z])\b"
    r"|(?<![A-Za-z\d])(?P<code>(?-i:[A-Z]+(?:/[A-Z]+)+\s?\d+(?:[-.]\d+)*|(?=[A-Z/_-]*\d)[A-Z][A-Z\d]*(?:[-_/][A-Z\d]+)+))(?![A-Za-z\d%])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Identifier:
    """One identifier.

    Attributes:
        kind: What it numbers: ``条``, ``附件``, ``号`` (a document), ``code``.
        number: Its number in digits, or its letters in upper case; of a document as written, with leading zeros.
        year: The year of a document's number; empty where none stands there.
        issuer: The Chinese characters before a document's number, which end with the issuer's code.
    """

    kind: str
    number: str
    year: str = ""
    issuer: str = ""

    def is_same(self, other: Identifier) -> bool:
        """Whether both may be of one thing; a year or issuer that one of them does not tell is no difference."""
        return self.number == other.number and self._may_be(other)

    def is_alike(self, other: Identifier) -> bool:
        """Whether they are the same, or differ by leading zeros alone."""
        return self.number.lstrip("0") == other.number.lstrip("0") and self._may_be(other)

    def _may_be(self, other: Identifier) -> bool:
        years = not (self.year and other.year) or self.year == other.year
        issuers = self.issuer.endswith(other.issuer) or other.issuer.endswith(self.issuer)
        return self.kind == other.kind and years and issuers


def identifiers(text: str) -> frozenset[Identifier]:
    """The identifiers of a text.

    >>> sorted(one.kind + one.number for one in identifiers("按第二十条和附件三办理"))
    ['条20', '附件3']
    """
    return frozenset(one for match in _IDENTIFIER.finditer(flatten(text)) if (one := _identifier(match)))


def agreement(asked: Iterable[Identifier], told: Iterable[Identifier]) -> Agreement:
    """How the identifiers of a text stand to those of a question; the worst of all kinds that both have.

    >>> agreement(identifiers("第十二条怎么规定？"), identifiers("第二十条　犬只……"))
    'other'
    """
    there = list(told)
    found: list[Agreement] = []
    for one in asked:
        of_kind = [other for other in there if other.kind == one.kind]
        if any(one.is_same(other) for other in of_kind):
            found.append("same")
        elif any(one.is_alike(other) for other in of_kind):
            found.append("alike")
        elif of_kind:
            found.append("other")
    order: tuple[Agreement, ...] = ("other", "alike", "same")
    return next((grade for grade in order if grade in found), "none")


def _identifier(match: re.Match[str]) -> Identifier | None:
    if match["of_year"]:
        return Identifier(_OF_DOCUMENT, match["of_year"], match["year"], match["issuer"])
    if match["of_published"]:
        return Identifier(_OF_DOCUMENT, match["of_published"], match["published"])
    if match["notice"]:
        return Identifier(_OF_DOCUMENT, match["notice"])
    if match["code"]:
        return Identifier("code", match["code"].replace(" ", ""))
    if match["word"]:
        return Identifier(_ENGLISH[match["word"].lower()], match["of_word"].upper())
    kind, written = match["kind"] or match["annex"], match["counted"] or match["of_annex"]
    number = _value(written)
    return Identifier(kind.translate(_SIMPLE), number) if number else None


_SIMPLE: Final = str.maketrans("錄圖別紙産產", "录图别纸产产")


def _value(written: str) -> str:
    """A number in digits without leading zeros; empty for what is no number."""
    if written[0].isdigit():
        return ".".join(str(int(piece)) for piece in written.split("."))
    value = chinese_value(written)
    return "" if value is None else str(int(value))
