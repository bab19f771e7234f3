"""The sources of an exchange as cards, their numbers, and the links that lead to them.

Links lead to ``#`` anchors made of numbers only. Knows nothing of Gradio.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ui.escape import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rag.schema import Answer, Citation, Evidence
    from ui.exchange import Exchange

__all__ = ["card_numbers", "render_link", "render_path", "render_sources", "span_of"]

_CLOSEST = "最接近的原文 Closest passages"
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


def render_sources(exchange: Exchange) -> str:
    """Render what is being read; once there is an answer, what it cites, or what comes closest."""
    answer = exchange.answer
    if answer is None:
        cards = [_card(exchange.number, item.number, item, item.text) for item in exchange.evidence]
        return _source_list("原文 Sources", cards)
    if answer.citations:
        cards, rest = _cards(exchange.number, answer.citations, answer.evidence)
        more = f"另有 {len(rest)} 句读过未引用 · {len(rest)} more read, not cited"
        return _source_list(_CLOSEST if answer.abstained else "来源 Sources", cards, more, rest)
    return _closest(exchange.number, answer, exchange.quotation)


def render_link(number: int, marker: int) -> str:
    """Render the marker that leads to a card of an exchange."""
    return (
        f'<a class="yj-marker" href="#t{number}-s{marker}" aria-label="来源 source {marker}" '
        f'title="查看来源 show source {marker}">[{marker}]</a>'
    )


def render_path(place: Citation | Evidence) -> str:
    """Render where in its document something stands: title and headings, each once."""
    return escape(" › ".join(_without_repeats((place.title, *place.heading))))


def span_of(place: Citation | Evidence) -> Span:
    """Tell where something stands; what stands at the same span is the same sentence."""
    return place.source, place.start, place.end


def _closest(number: int, answer: Answer, quotation: Answer | None) -> str:
    """Render what was read for an answer that cites nothing, what the reader would quote before all else."""
    quoted = quotation.citations if quotation else ()
    ranked = sorted(answer.evidence, key=lambda item: -item.score)
    first, others = _cards(number, quoted, ranked)
    cards, n_shown = first + others, max(N_CLOSEST, len(first))
    heading = _CLOSEST if answer.abstained else "读过的原文 What was read"
    more = f"另有 {len(cards[n_shown:])} 句 · {len(cards[n_shown:])} more"
    return _source_list(heading, cards[:n_shown], more, cards[n_shown:])


def _cards(number: int, cited: Sequence[Citation], evidence: Sequence[Evidence]) -> tuple[list[str], list[str]]:
    """Render what is cited with its numbers, and without one the evidence that is not."""
    rest = [item for item in evidence if not any(other.meets(item) for other in cited)]
    return (
        [_card(number, item.marker, item, item.quote) for item in cited],
        [_card(number, None, item, item.text) for item in rest],
    )


def _source_list(heading: str, cards: Sequence[str], more: str = "", rest: Sequence[str] = ()) -> str:
    if not cards and not rest:
        return ""
    folded = f"<details><summary>{more}</summary><ol>{''.join(rest)}</ol></details>" if rest else ""
    return (
        f'<aside class="yj-sources" aria-label="{heading}"><h3>{heading}</h3><ol>{"".join(cards)}</ol>{folded}</aside>'
    )


def _card(number: int, marker: int | None, place: Citation | Evidence, quote: str) -> str:
    """Render where a sentence stands and what it says; a card with a marker can be linked to."""
    anchor = f' id="t{number}-s{marker}" tabindex="-1"' if marker is not None else ""
    badge = f'<span class="yj-number">[{marker}]</span> ' if marker is not None else ""
    return (
        f'<li class="yj-card"{anchor}><p class="yj-path" dir="auto">{badge}{render_path(place)}</p>'
        f'<blockquote dir="auto">{escape(quote)}</blockquote>'
        f'<p class="yj-file" dir="auto">{escape(place.source)}</p></li>'
    )


def _without_repeats(names: Iterable[str]) -> list[str]:
    kept: list[str] = []
    for name in names:
        if name and (not kept or kept[-1] != name):
            kept.append(name)
    return kept
