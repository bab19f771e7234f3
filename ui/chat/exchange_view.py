"""What is shown of an exchange: its answer and its sources, as escaped HTML.

Everything that comes from a document, a question, a file name or a model is untrusted: it goes through
:mod:`ui.text.escape` and is never read as HTML or Markdown. Knows nothing of Gradio.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.question.kind import is_small_talk
from rag.text.markers import split_at_markers, whole_markers, write_markers
from rag.text.sentences import join_sentences
from ui.chat.answer_buttons import render_actions
from ui.chat.quotation_view import render_confidence, render_quotation
from ui.chat.scope_choices import render_chips
from ui.sources.cards import render_link, render_sources
from ui.text.escape import escape, mark_spans
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


def render_exchange(exchange: Exchange, lang: Lang, *, rating: Rating | None = None, conversation: str = "") -> str:
    """Render a question, its stage, its answer as far as it is known, and its sources.

    Args:
        exchange: What is known.
        lang: Language of the page.
        rating: What the user thinks of the answer.
        conversation: Id of the conversation it is kept in, which the page's address then names.
    """
    busy = "false" if exchange.over else "true"
    asked = ""
    if exchange.query.strip() not in ("", exchange.question.strip()):
        searched = _WORDS.say("searched", lang)
        asked = f'<p class="yj-query">{searched} <q dir="auto">{escape(exchange.query)}</q></p>'
    offered = render_actions(exchange, lang, rating=rating) if exchange.over else ""
    limits = render_chips(exchange.scope, lang, quotes=exchange.mode == "quotes", removable=False)
    kept = f' data-yj-conversation="{escape(conversation)}"' if conversation else ""
    return (
        f'<article class="yj-turn" id="t{exchange.number}" data-stage="{exchange.stage}" aria-busy="{busy}"{kept}>'
        f'<h2 class="yj-question" dir="auto">{escape(exchange.question)}</h2>{limits}'
        f'<div class="yj-body"><section class="yj-answer" aria-label="{_WORDS.say("answer", lang)}">'
        f"{_stage_line(exchange, lang)}{asked}{_answer_text(exchange, lang)}{offered}</section>"
        f"{render_sources(exchange, lang)}</div></article>"
    )


def _stage_line(exchange: Exchange, lang: Lang) -> str:
    """Say what is being done, in words that hold at this moment; the page's script lets the clock run on."""
    words = _stage_words(exchange, lang)
    clock = ""
    if not exchange.over:
        elapsed = exchange.waited_seconds if exchange.stage == "waiting" else exchange.seconds
        # Hidden from screen readers: a status that changes five times a second would never stop talking.
        clock = f' <span class="yj-clock" aria-hidden="true" data-elapsed="{elapsed:.2f}">{elapsed:.1f} s</span>'
    answer = exchange.answer
    sure = render_confidence(answer.confidence, lang) if answer and not answer.abstained and not answer.error else ""
    return f'<p class="yj-stage"><span role="status">{words}</span>{clock}{sure}</p>'


def _stage_words(exchange: Exchange, lang: Lang) -> str:
    if exchange.stage == "waiting":
        if not exchange.n_ahead:
            return _WORDS.say("loading", lang)  # the only thing that comes before the first in line
        expected = exchange.expected_seconds
        told = _WORDS.say("expected", lang, seconds=expected) if expected is not None else ""
        return _WORDS.say("waiting", lang, n=exchange.n_ahead) + told
    words = _WORDS.say(exchange.stage, lang, n=len(exchange.evidence), seconds=exchange.seconds)
    if exchange.over and exchange.waited_seconds >= 0.5:
        words += _WORDS.say("waited", lang, seconds=exchange.waited_seconds)
    return words


def _answer_text(exchange: Exchange, lang: Lang) -> str:
    """Render the answer as far as it is known; the quotation stands in for it, or beside one that abstained."""
    answer = exchange.answer
    if error := exchange.error or (answer and answer.error):
        return f'<div class="yj-error" role="alert" dir="auto">{escape(error)}</div>{render_quotation(exchange, lang)}'
    if answer is None:
        return render_quotation(exchange, lang) + _unchecked(exchange, lang)
    said = _sentences(answer, exchange.number, lang)
    text = f'<div class="yj-text" dir="auto">{said}</div>' if said else ""
    text += "".join(f'<p class="yj-note" dir="auto">{escape(note)}</p>' for note in answer.notes)
    if answer.abstained:
        reason = f'<p dir="auto">{escape(answer.reason)}</p>' if answer.reason else ""
        title = f'<p class="yj-abstained-title">{_WORDS.say("not_there", lang)}</p>'
        title = "" if is_small_talk(exchange.question) else title  # a greeting misses nothing
        return f'<div class="yj-abstained">{title}{reason}{text}</div>{render_quotation(exchange, lang)}'
    return text


def _unchecked(exchange: Exchange, lang: Lang) -> str:
    if not exchange.streamed:
        return ""
    note = ""
    if exchange.stage == "stopped":
        # The quotation is word for word the original's, and stands above the text too.
        words = _WORDS.say("unchecked_below" if exchange.quotation else "unchecked", lang)
        note = f'<p class="yj-note">{words}</p>'
    return f'<div class="yj-text" dir="auto">{_streamed(exchange, lang)}</div>{note}'


def _streamed(exchange: Exchange, lang: Lang) -> str:
    """Render streamed text; a marker links only where it names a sentence that is shown."""
    known = {str(item.number): item for item in exchange.evidence}
    pieces = split_at_markers(whole_markers(exchange.streamed))
    rendered = []
    for position, piece in enumerate(pieces):
        if position % 2 == 0:
            rendered.append(escape(piece))
        elif piece in known:
            rendered.append(render_link(exchange.number, int(piece), known[piece], lang))
        else:
            rendered.append(f"[{escape(piece)}]")
    return "".join(rendered)


def _sentences(answer: Answer, number: int, lang: Lang) -> str:
    known = {citation.marker: citation for citation in answer.citations}
    rendered, joined = [], ""
    for sentence in answer.sentences:
        after = join_sentences([joined, sentence.text]) if joined else sentence.text
        gap = " " if joined and len(after) > len(joined) + len(sentence.text) else ""
        joined = after + write_markers(sentence.markers)
        cited = [(marker, known[marker]) for marker in sentence.markers if marker in known]
        links = "".join(render_link(number, marker, place, lang) for marker, place in cited)
        rendered.append(f"{gap}<span>{mark_spans(sentence.text, sentence.spans)}</span>{links}")
    return "".join(rendered)
