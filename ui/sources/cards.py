"""The sources of an exchange as cards, their numbers, and the links that lead to them.

Links lead to ``#`` anchors made of numbers only. Knows nothing of Gradio.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ui.text.escape import escape, exact
from ui.text.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rag.schema.answers import Answer, Citation
    from rag.schema.search import Evidence
    from ui.exchange import Exchange
    from ui.text.words import Lang

__all__ = ["card_numbers", "open_attributes", "render_file", "render_link", "render_path", "render_sources", "span_of"]

_WORDS = Words(
    sources=("来源", "Sources"),
    closest=("最接近的原文", "Closest passages"),
    read=("读过的原文", "What was read"),
    not_cited=("另有 {n} 句读过未引用", "{n} more read, not cited"),
    more=("另有 {n} 句", "{n} more"),
    page=("第 {n} 页", "page {n}"),
    marker=("来源 {marker}：在原文中打开", "Source {marker}: open it in the document"),
    open=("打开原文", "Open in the document"),
)
N_CLOSEST = 3  # passages shown at once beside an abstention; the others are one click away

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


def render_sources(exchange: Exchange, lang: Lang) -> str:
    """Render what is being read; once there is an answer, what it cites, or what comes closest."""
    answer = exchange.answer
    if answer is None:
        cards = [_card(exchange.number, item.number, item, item.text, lang) for item in exchange.evidence]
        return _source_list(_WORDS.say("sources", lang), cards)
    if answer.citations:
        cards, rest = _cards(exchange.number, answer.citations, answer.evidence, lang)
        heading = _WORDS.say("closest" if answer.abstained else "sources", lang)
        return _source_list(heading, cards, _WORDS.say("not_cited", lang, n=len(rest)), rest)
    return _closest(exchange.number, answer, exchange.quotation, lang)


def render_link(number: int, marker: int, place: Citation | Evidence, lang: Lang) -> str:
    """Render the marker of a card of an exchange: it opens the document at the very sentence."""
    label = _WORDS.say("marker", lang, marker=marker)
    return (
        f'<a class="yj-marker" href="#t{number}-s{marker}" {open_attributes(place)} '
        f'aria-label="{label}" title="{label}">[{marker}]</a>'
    )


def open_attributes(place: Citation | Evidence) -> str:
    """The attributes by which the page's script knows what to open in the source view."""
    return f'data-yj-source="{exact(place.source)}" data-yj-start="{place.start}" data-yj-end="{place.end}"'


def render_path(place: Citation | Evidence) -> str:
    """Render where in its document something stands: title and headings, each once."""
    return escape(" › ".join(_without_repeats((place.title, *place.heading))))


def render_file(place: Citation | Evidence, lang: Lang) -> str:
    """Render which file something stands in, and on which page where it has pages."""
    page = "" if place.page is None else f" · {_WORDS.say('page', lang, n=place.page)}"
    return f"{escape(place.source)}{page}"


def span_of(place: Citation | Evidence) -> Span:
    """Tell where something stands; what stands at the same span is the same sentence."""
    return place.source, place.start, place.end


def _closest(number: int, answer: Answer, quotation: Answer | None, lang: Lang) -> str:
    """Render what was read for an answer that cites nothing, what the reader would quote before all else."""
    quoted = quotation.citations if quotation else ()
    ranked = sorted(answer.evidence, key=lambda item: -item.score)
    first, others = _cards(number, quoted, ranked, lang)
    cards, n_shown = first + others, max(N_CLOSEST, len(first))
    heading = _WORDS.say("closest" if answer.abstained else "read", lang)
    return _source_list(heading, cards[:n_shown], _WORDS.say("more", lang, n=len(cards[n_shown:])), cards[n_shown:])


def _cards(
    number: int, cited: Sequence[Citation], evidence: Sequence[Evidence], lang: Lang
) -> tuple[list[str], list[str]]:
    """Render what is cited with its numbers, and without one the evidence that is not."""
    rest = [item for item in evidence if not any(other.meets(item) for other in cited)]
    return (
        [_card(number, item.marker, item, item.quote, lang) for item in cited],
        [_card(number, None, item, item.text, lang) for item in rest],
    )


def _source_list(heading: str, cards: Sequence[str], more: str = "", rest: Sequence[str] = ()) -> str:
    if not cards and not rest:
        return ""
    folded = f"<details><summary>{more}</summary><ol>{''.join(rest)}</ol></details>" if rest else ""
    return (
        f'<aside class="yj-sources" aria-label="{heading}"><h3>{heading}</h3><ol>{"".join(cards)}</ol>{folded}</aside>'
    )


def _card(number: int, marker: int | None, place: Citation | Evidence, quote: str, lang: Lang) -> str:
    """Render where a sentence stands and what it says; a card with a marker can be linked to."""
    anchor = f' id="t{number}-s{marker}" tabindex="-1"' if marker is not None else ""
    badge = f'<span class="yj-number">[{marker}]</span> ' if marker is not None else ""
    return (
        f'<li class="yj-card"{anchor}><p class="yj-path" dir="auto">{badge}{render_path(place)}</p>'
        f'<blockquote dir="auto">{escape(quote)}</blockquote>'
        f'<p class="yj-file" dir="auto">{render_file(place, lang)}</p>'
        f'<button type="button" class="yj-open" {open_attributes(place)}>{_WORDS.say("open", lang)}</button></li>'
    )


def _without_repeats(names: Iterable[str]) -> list[str]:
    kept: list[str] = []
    for name in names:
        if name and (not kept or kept[-1] != name):
            kept.append(name)
    return kept
