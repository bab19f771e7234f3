"""The instant answer: the sentences that the reader quotes, its very answer marked in them, and how sure it is.

Knows nothing of Gradio. Does not cover when a quotation is shown: that is :attr:`ui.exchange.Exchange.quotation`.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from ui.sources.cards import card_numbers, file_of, link_to, path_of, span_of
from ui.text.templates import NOTHING, Html, render
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


def render_quotation(exchange: Exchange, lang: Lang) -> Html:
    """Render the quotation with where it stands; nothing where there is none to show."""
    quotation = exchange.quotation
    if quotation is None or not quotation.sentences:
        return NOTHING
    by_marker = {citation.marker: citation for citation in quotation.citations}
    shown = [(sentence, _cited(sentence, by_marker)) for sentence in quotation.sentences]
    numbers = card_numbers(exchange)
    groups = []
    for places, group in groupby(shown, key=lambda pair: [(path_of(place), file_of(place, lang)) for place in pair[1]]):
        sentences = []
        for sentence, cited in group:
            known = [(numbers[span_of(place)], place) for place in cited if span_of(place) in numbers]
            links = [link_to(marker, place, lang) for marker, place in known]
            sentences.append({"text": sentence.text, "spans": sentence.spans, "links": links})
        groups.append({"sentences": sentences, "places": places})
    values = {
        "number": exchange.number,
        "label": "at_once" if exchange.answer is None else "closest",
        "confidence": render_confidence(quotation.confidence, lang),
        "groups": groups,
    }
    return render("chat/quotation.html", _WORDS, lang, **values)


def render_confidence(confidence: float | None, lang: Lang) -> Html:
    """Render how sure the reader is, as a whole percentage; nothing where it did not read."""
    if confidence is None:
        return NOTHING
    percent = max(0, min(99, round(100 * confidence)))  # 100 would promise what no estimate can
    return render("chat/confidence.html", _WORDS, lang, percent=percent)


def _cited(sentence: AnswerSentence, by_marker: Mapping[int, Citation]) -> list[Citation]:
    return [by_marker[marker] for marker in sentence.markers if marker in by_marker]
