"""Questions that name a document by its title: which one is meant, and what it is about.

"What place and year is the report titled X about?" is answered from what the document tells of itself, with the
sentences that tell it. Any other question that quotes a title is read in that document alone. By rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from rag.language import Language, sentence_in
from rag.schema import AnswerSentence, Citation, Evidence, Part, Passage
from rag.scope import find_years, place_stem
from rag.tokenize import simplify

__all__ = ["TitledPart", "about_part", "asks_about", "find_titled", "telling_passages"]

_QUOTED: Final = re.compile(r"《([^》]{4,80})》|[“\"「『]([^”\"」』]{4,80})[”\"」』]")
_ASKS: Final = re.compile(
    r"哪(?:座|个|一个)?(?:城市|市|区|县|省|地方|地区)|哪里|哪儿|哪一?年|什么(?:地方|年份)|何年"
    r"|\b(?:which|what) (?:city|county|district|place|year)\b",
    re.IGNORECASE,
)
_OF_DOCUMENT: Final = re.compile(
    r"报告|文件|文章|材料|总结|要点|通知|文本|范文|document|report|paper|text", re.IGNORECASE
)
LEAST_SHARE: Final = 0.5  # of a title that a quotation must give: a policy's name stands in many titles
_IS_ABOUT: Final = re.compile(
    r"(?:讲|说|写|介绍|总结|关于|属于|出自|来自|针对|反映|是)(?:的)?(?:其实)?(?:是|的是)?[^，。？?]{0,6}?(?:哪|什么|何)|\babout\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class TitledPart:
    """A part that a question names by its title."""

    source: str
    part: Part


def find_titled(question: str, parts: Iterable[tuple[str, Part]], *, places: Sequence[str] = ()) -> TitledPart | None:
    """The part whose title a question quotes; None where it quotes none, one that is not there, or that of several.

    Args:
        question: The standalone question.
        parts: All parts, each with its document's name.
        places: Places that the question names: of documents of the same title theirs is meant.
    """
    quoted = [_letters(match.group(1) or match.group(2)) for match in _QUOTED.finditer(question)]
    meant = [(source, part) for source, part in parts if not (places and part.place) or part.place in places]
    titled = [(source, part, _letters(part.title)) for source, part in meant if part.title]
    for name in quoted:
        # The closest title: a part's own may begin like that of the file around it.
        same = [(source, part) for source, part, title in titled if title == name]
        within = [
            (source, part) for source, part, title in titled if len(name) >= LEAST_SHARE * len(title) and name in title
        ]
        if len(found := same or within) == 1:
            return TitledPart(*found[0])
    return None


def asks_about(question: str) -> bool:
    """Whether a question that names a document asks what place or year it is about."""
    outside = _QUOTED.sub(" ", question)
    return bool(_ASKS.search(outside) and _OF_DOCUMENT.search(question) and _IS_ABOUT.search(outside))


def telling_passages(part: Part, passages: Sequence[Passage]) -> list[Passage]:
    """The passages of a part that tell its place and year: its first two, and the first that names each."""
    own = [p for p in passages if part.start <= p.start < part.end]
    telling = own[:2]
    for words in ([simplify(place_stem(part.place))] if part.place else [], [f"{year}年" for year in part.years[:1]]):
        telling += [p for p in own if any(word in _plain(p) for word in words)][:1]
    return list({p.passage_id: p for p in telling}.values())


def about_part(
    titled: TitledPart, evidence: Sequence[Evidence], *, language: Language
) -> tuple[tuple[AnswerSentence, ...], tuple[Citation, ...]] | None:
    """Say what place and years a part is about, citing the sentences that tell it; None where nothing does."""
    part = titled.part
    own = [e for e in evidence if e.source == titled.source and part.start <= e.start < part.end]
    stem = simplify(place_stem(part.place)) if part.place else ""
    of_place = next((e for e in own if stem and stem in simplify(e.text)), None)
    in_text = (e for e in own if set(part.years) & set(find_years(e.text)))
    of_years = next(in_text, None) or next(
        (e for e in own if set(part.years) & set(find_years(" ".join(e.heading)))), None
    )
    telling = list({e.number: e for e in (of_years, of_place) if e}.values())
    if not telling:
        return None
    citations = tuple(Citation.of(marker, e) for marker, e in enumerate(telling, start=1))
    separator = "、" if language in ("zh", "ja") else ", "
    told = find_years(f"{of_years.text} {' '.join(of_years.heading)}") if of_years else ()
    text = sentence_in(language, "about").format(
        place=part.place if of_place else "", years=separator.join(str(year) for year in part.years if year in told)
    )
    return (AnswerSentence(text, tuple(c.marker for c in citations), supported=True),), citations


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", simplify(text)).lower()


def _plain(passage: Passage) -> str:
    return simplify(re.sub(r"\s", "", " ".join((*passage.heading, passage.text))))
