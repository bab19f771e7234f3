"""The instant answer: the sentences that the reader quotes, its very answer marked in them, and how sure it is.

Knows nothing of Gradio. Does not cover when a quotation is shown: that is :attr:`ui.exchange.Exchange.quotation`.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from ui.sources.cards import card_numbers, render_file, render_link, render_path, span_of
from ui.text.escape import mark_spans
from ui.text.words import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rag.schema.answers import AnswerSentence, Citation
    from ui.exchange import Exchange
    from ui.text.words import Lang

__all__ = ["render_confidence", "render_quotation"]

_WORDS = Words(
    at_once=("原文摘录（即时）", "Quoted at once"),
    closest=("原文中最接近的内容", "What comes closest in the original"),
    meaning=("原文中有答案的估计概率", "The estimated probability that the documents hold the answer"),
    sure=("可信度 {percent}%", "{percent} % sure"),
)


def render_quotation(exchange: Exchange, lang: Lang) -> str:
    """Render the quotation with where it stands; nothing where there is none to show."""
    quotation = exchange.quotation
    if quotation is None or not quotation.sentences:
        return ""
    label = _WORDS.say("at_once" if exchange.answer is None else "closest", lang)
    by_marker = {citation.marker: citation for citation in quotation.citations}
    shown = [(sentence, _cited(sentence, by_marker)) for sentence in quotation.sentences]
    numbers = card_numbers(exchange)
    body = []
    for places, group in groupby(shown, key=lambda pair: tuple(_place(cited, lang) for cited in pair[1])):
        for sentence, cited in group:
            known = [(numbers[span_of(place)], place) for place in cited if span_of(place) in numbers]
            links = "".join(render_link(exchange.number, marker, place, lang) for marker, place in known)
            body.append(f'<blockquote dir="auto">{mark_spans(sentence.text, sentence.spans)}{links}</blockquote>')
        body += places  # once for neighbours that stand in the same place
    return (
        f'<div class="yj-quoted" role="group" aria-label="{label}"><p class="yj-quoted-title">{label}'
        f"{render_confidence(quotation.confidence, lang)}</p>{''.join(body)}</div>"
    )


def render_confidence(confidence: float | None, lang: Lang) -> str:
    """Render how sure the reader is, as a whole percentage; nothing where it did not read."""
    if confidence is None:
        return ""
    percent = max(0, min(99, round(100 * confidence)))  # 100 would promise what no estimate can
    meaning, sure = _WORDS.say("meaning", lang), _WORDS.say("sure", lang, percent=percent)
    return f' <span class="yj-confidence" title="{meaning}">{sure}</span>'


def _cited(sentence: AnswerSentence, by_marker: Mapping[int, Citation]) -> list[Citation]:
    return [by_marker[marker] for marker in sentence.markers if marker in by_marker]


def _place(cited: Citation, lang: Lang) -> str:
    return (
        f'<p class="yj-path" dir="auto">{render_path(cited)}</p>'
        f'<p class="yj-file" dir="auto">{render_file(cited, lang)}</p>'
    )
