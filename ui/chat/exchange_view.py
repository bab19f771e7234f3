"""What is shown of an exchange: its answer and its sources, as HTML.

Everything that comes from a document, a question, a file name or a model is untrusted: the template escapes it, and it
is never read as HTML or Markdown. Knows nothing of Gradio.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rag.question.kind import is_small_talk
from rag.text.markers import split_at_markers, whole_markers, write_markers
from rag.text.sentences import join_sentences
from ui.chat.answer_buttons import render_actions
from ui.chat.quotation_view import render_confidence, render_quotation
from ui.chat.scope_choices import render_chips
from ui.sources.cards import Card, link_to, render_sources
from ui.text.templates import Html, render, say_html
from ui.text.words import Words

if TYPE_CHECKING:
    from rag.schema.answers import Answer
    from ui.conversations.history import Rating
    from ui.exchange import Exchange
    from ui.text.words import Lang

__all__ = ["render_exchange"]

_WORDS = Words(
    answer=("回答", "Answer"),
    searched=("按此检索", "Searched as"),
    loading=("正在载入模型", "Loading the model"),
    waiting=("排队中，前面还有 {n} 个问题", "In line, {n} ahead"),
    expected=("，约 {seconds:.0f} 秒后轮到", ", about {seconds:.0f} s to wait"),
    searching=("正在检索", "Searching"),
    reading=("正在阅读 {n} 句原文", "Reading what was found ({n})"),
    writing=("正在作答", "Writing"),
    done=("用时 {seconds:.1f} 秒", "Done in {seconds:.1f} s"),
    stopped=("已停止，用时 {seconds:.1f} 秒", "Stopped after {seconds:.1f} s"),
    failed=("没有完成", "Not finished"),
    waited=("（排队 {seconds:.1f} 秒）", " (waited {seconds:.1f} s in line)"),
    not_there=("资料中没有找到依据", "Not in the documents"),
    unchecked=("以上文字未经核对", "The text above was not checked"),
    unchecked_below=("摘录以下的文字未经核对", "The text below the quotation was not checked"),
)


def render_exchange(exchange: Exchange, lang: Lang, *, rating: Rating | None = None, conversation: str = "") -> Html:
    """Render a question, its stage, its answer as far as it is known, and its sources.

    Args:
        exchange: What is known.
        lang: Language of the page.
        rating: What the user thinks of the answer.
        conversation: Id of the conversation it is kept in, which the page's address then names.
    """
    answer = exchange.answer
    checked = answer if answer and not answer.abstained and not answer.error else None
    values = {
        "exchange": exchange,
        "conversation": conversation,
        "limits": render_chips(exchange.scope, lang, quotes=exchange.mode == "quotes", removable=False),
        "stage": _stage_words(exchange, lang),
        "clock": _clock(exchange),
        "confidence": render_confidence(checked.confidence, lang) if checked else "",
        "searched": exchange.query.strip() not in ("", exchange.question.strip()),
        "error": exchange.error or (answer.error if answer else ""),
        "small_talk": is_small_talk(exchange.question),  # a greeting misses nothing
        "quotation": render_quotation(exchange, lang),
        "streamed": _streamed(exchange, lang) if answer is None else [],
        "sentences": _sentences(answer, lang) if answer else [],
        "actions": render_actions(exchange, lang, rating=rating) if exchange.over else "",
        "sources": render_sources(exchange, lang),
    }
    return render("chat/exchange.html", _WORDS, lang, **values)


def _clock(exchange: Exchange) -> dict[str, str] | None:
    """How long it takes so far, at this moment; the page's script lets the clock run on."""
    if exchange.over:
        return None
    elapsed = exchange.waited_seconds if exchange.stage == "waiting" else exchange.seconds
    return {"exact": f"{elapsed:.2f}", "shown": f"{elapsed:.1f}"}


def _stage_words(exchange: Exchange, lang: Lang) -> Html:
    """What is being done, in words that hold at this moment."""
    say = partial(say_html, _WORDS, lang)
    if exchange.stage == "waiting":
        if not exchange.n_ahead:
            return say("loading")  # the only thing that comes before the first in line
        expected = exchange.expected_seconds
        words = say("waiting", n=exchange.n_ahead)
        return words if expected is None else words + say("expected", seconds=expected)
    words = say(exchange.stage, n=len(exchange.evidence), seconds=exchange.seconds)
    if exchange.over and exchange.waited_seconds >= 0.5:
        words += say("waited", seconds=exchange.waited_seconds)
    return words


def _streamed(exchange: Exchange, lang: Lang) -> list[str | Card]:
    """Streamed text in pieces; a marker is a link only where it names a sentence that is shown."""
    known = {str(item.number): item for item in exchange.evidence}
    pieces: list[str | Card] = []
    for position, piece in enumerate(split_at_markers(whole_markers(exchange.streamed))):
        if position % 2 == 0:
            pieces.append(piece)
        elif piece in known:
            pieces.append(link_to(int(piece), known[piece], lang))
        else:
            pieces.append(f"[{piece}]")
    return pieces


def _sentences(answer: Answer, lang: Lang) -> list[dict[str, object]]:
    """The sentences with the links of their markers, and whether a space stands before each."""
    known = {citation.marker: citation for citation in answer.citations}
    sentences: list[dict[str, object]] = []
    joined = ""
    for sentence in answer.sentences:
        after = join_sentences([joined, sentence.text]) if joined else sentence.text
        gap = bool(joined) and len(after) > len(joined) + len(sentence.text)
        joined = after + write_markers(sentence.markers)
        cited = [(marker, known[marker]) for marker in sentence.markers if marker in known]
        links = [link_to(marker, place, lang) for marker, place in cited]
        sentences.append({"gap": gap, "text": sentence.text, "spans": sentence.spans, "links": links})
    return sentences
