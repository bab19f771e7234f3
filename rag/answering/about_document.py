"""Say what a document is about: the place and years of one that a question names, or the headings of the only one.

"What place and year is the report titled X about?" is answered from what the document tells of itself, with the
sentences that tell it. Any other question that quotes a title is read in that document alone. By rule.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.answering.phrases import sentence_in
from rag.question.named_document import NamedDocument
from rag.schema.answers import AnswerSentence, Citation
from rag.schema.search import Evidence
from rag.text.language import Language
from rag.text.places import place_key
from rag.text.words import simplify
from rag.text.years import find_years

__all__ = ["about_part", "outline"]


def about_part(
    document: NamedDocument, evidence: Sequence[Evidence], *, language: Language
) -> tuple[tuple[AnswerSentence, ...], tuple[Citation, ...]] | None:
    """Say what place and years a part is about, citing the sentences that tell it; None where nothing does."""
    part = document.part
    own = [e for e in evidence if e.source == document.source and part.start <= e.start < part.end]
    stem = place_key(part.place) if part.place else ""
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
    return (AnswerSentence(text, tuple(c.marker for c in citations)),), citations


def outline(
    evidence: Sequence[Evidence], *, language: Language
) -> tuple[tuple[AnswerSentence, ...], tuple[Citation, ...]] | None:
    """Name the sections of a document, citing the first sentence of each.

    Args:
        evidence: Sentences that were read, in document order.
        language: Language of the answer.

    Returns:
        None where they are of several documents, or stand under fewer than two headings.
    """
    if len({e.source for e in evidence}) != 1:
        return None
    for depth in (1, 2):
        first: dict[tuple[str, ...], Evidence] = {}
        for e in evidence:
            if len(e.heading) >= depth:
                first.setdefault((e.title, *e.heading[:depth]), e)
        if len(first) > 1:
            break
    else:
        return None
    citations = tuple(Citation.of(marker, e) for marker, e in enumerate(first.values(), start=1))
    separator, stop = ("；", "。") if language in ("zh", "ja") else ("; ", ".")
    text = separator.join(path[-1] for path in first) + stop
    return (AnswerSentence(text, tuple(c.marker for c in citations)),), citations
