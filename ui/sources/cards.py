"""The sources of an exchange as cards, their numbers, and the links that lead to them.

Links lead to ``#`` anchors made of numbers only. Knows nothing of Gradio.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ui.text.locations import say_location
from ui.text.templates import Html, render
from ui.text.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rag.schema.answers import Answer, Citation
    from rag.schema.search import Evidence
    from ui.exchange import Exchange
    from ui.text.words import Lang

__all__ = ["Card", "card_numbers", "file_of", "link_to", "path_of", "render_sources", "span_of"]

_WORDS = Words(
    sources=("来源", "Sources"),
    closest=("最接近的原文", "Closest passages"),
    read=("读过的原文", "What was read"),
    not_cited=("另有 {n} 句读过未引用", "{n} more read, not cited"),
    more=("另有 {n} 句", "{n} more"),
    marker=("来源 {marker}：在原文中打开", "Source {marker}: open it in the document"),
    open=("打开原文", "Open in the document"),
)
N_CLOSEST = 3  # passages shown at once beside an abstention; the others are one click away

Card: TypeAlias = dict[str, object]
"""What a template prints of a card, or of the link to one."""
Span: TypeAlias = tuple[str, int, int]
"""The name of a document, and where in it something begins and ends."""


def card_numbers(exchange: Exchange) -> Mapping[Span, int]:
    """The numbers of the cards that can be linked to, by the span that a card quotes.

    Evidence, an answer and a quotation each number from 1 for themselves; a link must go by the cards on the page.
    """
    answer, quotation = exchange.answer, exchange.quotation
    if answer is None:
        return {span_of(item): item.number for item in exchange.evidence}
    cited = answer.citations or (quotation.citations if quotation else ())
    return {span_of(item): item.marker for item in cited}


def render_sources(exchange: Exchange, lang: Lang) -> Html:
    """Render what is being read; once there is an answer, what it cites, or what comes closest."""
    answer, more = exchange.answer, "not_cited"
    heading, rest = "sources", list[Card]()
    if answer is None:
        cards = [_card(item.number, item, item.text, lang) for item in exchange.evidence]
    elif answer.citations:
        cards, rest = _cards(answer.citations, answer.evidence, lang)
        heading = "closest" if answer.abstained else "sources"
    else:
        cards, rest = _closest(answer, exchange.quotation, lang)
        heading, more = "closest" if answer.abstained else "read", "more"
    values = {"number": exchange.number, "heading": heading, "cards": cards, "more": more, "rest": rest}
    return render("sources/cards.html", _WORDS, lang, **values)


def link_to(marker: int, place: Citation | Evidence, lang: Lang) -> Card:
    """What ``sources/link.html`` prints: the marker of a card, which opens the document at the very sentence."""
    return {"marker": marker, "place": place, "label": _WORDS.say("marker", lang, marker=marker)}


def path_of(place: Citation | Evidence) -> str:
    """Where in its document something stands: title and headings, each once."""
    return " › ".join(_without_repeats((place.title, *place.heading)))


def file_of(place: Citation | Evidence, lang: Lang) -> str:
    """Which file something stands in, and where in it: page, slide, sheet and cells."""
    return " · ".join(filter(None, [place.source, say_location(place.location, lang)]))


def span_of(place: Citation | Evidence) -> Span:
    """Tell where something stands; what stands at the same span is the same sentence."""
    return place.source, place.start, place.end


def _closest(answer: Answer, quotation: Answer | None, lang: Lang) -> tuple[list[Card], list[Card]]:
    """What was read for an answer that cites nothing, what the reader would quote before all else; and the others."""
    quoted = quotation.citations if quotation else ()
    ranked = sorted(answer.evidence, key=lambda item: -item.score)
    first, others = _cards(quoted, ranked, lang)
    cards, n_shown = first + others, max(N_CLOSEST, len(first))
    return cards[:n_shown], cards[n_shown:]


def _cards(cited: Sequence[Citation], evidence: Sequence[Evidence], lang: Lang) -> tuple[list[Card], list[Card]]:
    """The cards of what is cited with its numbers, and without one those of the evidence that is not."""
    rest = [item for item in evidence if not any(other.meets(item) for other in cited)]
    return (
        [_card(item.marker, item, item.quote, lang) for item in cited],
        [_card(None, item, item.text, lang) for item in rest],
    )


def _card(marker: int | None, place: Citation | Evidence, quote: str, lang: Lang) -> Card:
    """Where a sentence stands and what it says; a card with a marker can be linked to."""
    return {"marker": marker, "place": place, "path": path_of(place), "quote": quote, "file": file_of(place, lang)}


def _without_repeats(names: Iterable[str]) -> list[str]:
    kept: list[str] = []
    for name in names:
        if name and (not kept or kept[-1] != name):
            kept.append(name)
    return kept
