"""The document that a question names by its title."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from rag.question.answer_type import AnswerType, asked_type
from rag.question.kind import asks_something, asks_what_about
from rag.schema.documents import Part
from rag.text.places import same_place
from rag.text.words import simplify

__all__ = ["NamedDocument", "asks_what_it_is_about", "asks_what_it_says", "find_named_document"]

_QUOTED: Final = re.compile(r"《([^》]{4,80})》|[“\"「『]([^”\"」』]{4,80})[”\"」』]")


_OF_DOCUMENT: Final = re.compile(
    r"报告|文件|文章|材料|总结|要点|通知|文本|范文|document|report|paper|text", re.IGNORECASE
)


LEAST_SHARE: Final = 0.5  # of a title that a quotation must give: a policy's name stands in many titles


@dataclass(frozen=True, slots=True)
class NamedDocument:
    """A part that a question names by its title."""

    source: str
    part: Part


def find_named_document(
    question: str, parts: Iterable[tuple[str, Part]], *, places: Sequence[str] = ()
) -> NamedDocument | None:
    """The part whose title a question quotes; None where it quotes none, one that is not there, or that of several.

    Args:
        question: The standalone question.
        parts: All parts, each with its document's name.
        places: Places that the question names: of documents of the same title theirs is meant.
    """
    quoted = [_letters(match.group(1) or match.group(2)) for match in _QUOTED.finditer(question)]
    meant = [
        (source, part)
        for source, part in parts
        if not (places and part.place) or any(same_place(part.place, place) for place in places)
    ]
    titled = [(source, part, _letters(part.title)) for source, part in meant if part.title]
    for name in quoted:
        # The closest title: a part's own may begin like that of the file around it.
        same = [(source, part) for source, part, title in titled if title == name]
        within = [
            (source, part) for source, part, title in titled if len(name) >= LEAST_SHARE * len(title) and name in title
        ]
        if len(found := same or within) == 1:
            return NamedDocument(*found[0])
    return None


def asks_what_it_is_about(question: str) -> bool:
    """Whether a question that names a document asks what place or year it is about."""
    outside = _QUOTED.sub(" ", question)
    return (
        asked_type(outside) in (AnswerType.PLACE, AnswerType.DATE)
        and bool(_OF_DOCUMENT.search(question))
        and asks_what_about(outside)
    )


_SAYS_WHAT: Final = re.compile(
    r"(?:请|帮我|你|能|说说|讲讲|概括|总结|介绍|简述|一下|下)*(?:这|该|本|此|上传的|全)*[份个篇部本]?"
    r"(?:文件|文档|材料|报告|资料|文章|通知)(?:的|主要|大概|大致|都|里面?|中|讲|说|写|介绍|包[含括]|涉及|关于|内容|是|有|了|些)*"
    r"(?:什么|哪些|啥)?(?:内容|方面|东西|[呢啊吗])*"
    r"|(?:what(?:'s| is| does) |summari[sz]e |outline )?(?:this|the) (?:document|file|report|text)"
    r"(?: say| contain)?(?: about)?",
    re.IGNORECASE,
)


_SUMMARIES: Final = ("概括", "总结", "介绍", "简述", "说说", "讲讲", "内容", "ummari", "utline")


def asks_what_it_says(question: str, *, titled: bool = False) -> bool:
    """Whether a question asks what a whole document says, and of nothing in it.

    Args:
        question: The standalone question.
        titled: Whether it names the document by its title.

    >>> asks_what_it_says("这份文件主要讲什么？"), asks_what_it_says("这份文件讲了哪些桥？")
    (True, False)
    """
    plain = re.sub(
        r"[\s，,。.？?！!]+$", "", simplify(_QUOTED.sub("这份文件", question) if titled else question).strip()
    )
    plain = plain.replace("这份文件这份", "这份").replace("这份文件文件", "这份文件")
    told = _SAYS_WHAT.fullmatch(plain) is not None
    return told and (asks_something(plain) or any(word in plain for word in _SUMMARIES))


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", simplify(text)).lower()
