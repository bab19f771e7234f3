"""What is shown: the header, and an exchange with its answer and sources, as escaped HTML.

Everything that comes from a document, a question, a file name or a model is untrusted: it goes through
:mod:`ui.escape` and is never read as HTML or Markdown. Knows nothing of Gradio.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from rag.refuse import is_small_talk
from rag.sentences import join_sentences
from ui.escape import escape, mark_spans
from ui.exchange import Exchange, Stage
from ui.quotation import render_confidence, render_quotation
from ui.sources import render_link, render_sources

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.schema import Answer

__all__ = ["Exchange", "Source", "Stage", "escape", "render_exchange", "render_header", "whole_markers"]

_MARKER = re.compile(r"\[(\d{1,3})\]")
_HALF_MARKER = re.compile(r"\[\d{0,3}\Z")


class Source(Protocol):
    """A document of the corpus, as far as the page names it."""

    @property
    def source(self) -> str:
        """The file's name."""

    @property
    def titles(self) -> tuple[str, ...]:
        """Titles of its parts."""

    @property
    def n_passages(self) -> int:
        """How many passages can be found in it."""


def whole_markers(text: str) -> str:
    """Hold back half a marker at the end of streamed text.

    >>> whole_markers("是5。[1"), whole_markers("是5。[1]")
    ('是5。', '是5。[1]')
    """
    return _HALF_MARKER.sub("", text)


def render_header(sources: Sequence[Source]) -> str:
    """Render the page's title, what it does, and what it answers from."""
    n_passages = sum(source.n_passages for source in sources)
    rows = "".join(
        f'<li><span class="yj-file" dir="auto">{escape(source.source)}</span> '
        f'<span dir="auto">{escape("；".join(source.titles))}</span> '
        f'<span class="yj-count">{source.n_passages:,} 段 passages</span></li>'
        for source in sources
    )
    corpus = (
        f'<details class="yj-corpus"><summary>{len(sources):,} 份资料，{n_passages:,} 段 · '
        f"{_count(len(sources), 'document')}, {_count(n_passages, 'passage')}</summary><ul>{rows}</ul></details>"
        if sources
        else '<p class="yj-corpus">还没有资料 · No documents yet: <code>youju index PATH…</code></p>'
    )
    return (
        '<header class="yj-header"><h1><span class="yj-seal">有据</span> youju</h1>'
        "<p>只依据你的资料回答，每句话都注明出处。"
        '<span lang="en">Answers only from your documents, and shows where every sentence comes from.</span></p>'
        f"{corpus}</header>"
    )


def render_exchange(exchange: Exchange) -> str:
    """Render a question, its stage, its answer as far as it is known, and its sources."""
    busy = "false" if exchange.over else "true"
    asked = ""
    if exchange.query.strip() not in ("", exchange.question.strip()):
        asked = f'<p class="yj-query">按此检索 Searched as: <q dir="auto">{escape(exchange.query)}</q></p>'
    return (
        f'<article class="yj-turn" id="t{exchange.number}" data-stage="{exchange.stage}" aria-busy="{busy}">'
        f'<h2 class="yj-question" dir="auto">{escape(exchange.question)}</h2>'
        f'<div class="yj-body"><section class="yj-answer" aria-label="回答 Answer">{_stage_line(exchange)}{asked}'
        f"{_answer_text(exchange)}</section>{render_sources(exchange)}</div></article>"
    )


def _stage_line(exchange: Exchange) -> str:
    """Say what is being done, in words that hold at this moment; the page's script lets the clock run on."""
    n_read = len(exchange.evidence)
    words = {
        "waiting": f"排队中，前面还有 {exchange.n_ahead} 个问题 · In line, {exchange.n_ahead} ahead",
        "searching": "正在检索 · Searching",
        "reading": f"正在阅读 {n_read} 句原文 · Reading {_count(n_read, 'sentence')}",
        "writing": "正在作答 · Writing",
        "done": f"用时 {exchange.seconds:.1f} 秒 · Done in {exchange.seconds:.1f} s",
        "stopped": f"已停止 · Stopped after {exchange.seconds:.1f} s",
        "failed": "没有完成 · Not finished",
    }[exchange.stage]
    if exchange.stage == "waiting" and not exchange.n_ahead:
        words = "正在载入模型 · Loading the model"  # the only thing that comes before the first in line
    if exchange.over and exchange.waited_seconds >= 0.5:
        words += f"（排队 {exchange.waited_seconds:.1f} 秒 waited）"
    clock = ""
    if not exchange.over:
        elapsed = exchange.waited_seconds if exchange.stage == "waiting" else exchange.seconds
        # Hidden from screen readers: a status that changes five times a second would never stop talking.
        clock = f' <span class="yj-clock" aria-hidden="true" data-elapsed="{elapsed:.2f}">{elapsed:.1f} s</span>'
    answer = exchange.answer
    sure = render_confidence(answer.confidence) if answer and not answer.abstained and not answer.error else ""
    return f'<p class="yj-stage"><span role="status">{words}</span>{clock}{sure}</p>'


def _answer_text(exchange: Exchange) -> str:
    """Render the answer as far as it is known; the quotation stands in for it, or beside one that abstained."""
    answer = exchange.answer
    if error := exchange.error or (answer and answer.error):
        return f'<div class="yj-error" role="alert" dir="auto">{escape(error)}</div>{render_quotation(exchange)}'
    if answer is None:
        return render_quotation(exchange) + _unchecked(exchange)
    text = f'<div class="yj-text" dir="auto">{_sentences(answer, exchange.number)}</div>' if answer.sentences else ""
    if answer.abstained:
        said = f'<p dir="auto">{escape(answer.reason)}</p>' if answer.reason else ""
        title = '<p class="yj-abstained-title">资料中没有找到依据 · Not in the documents</p>'
        title = "" if is_small_talk(exchange.question) else title  # a greeting misses nothing
        return f'<div class="yj-abstained">{title}{said}{text}</div>{render_quotation(exchange)}'
    return text


def _unchecked(exchange: Exchange) -> str:
    if not exchange.streamed:
        return ""
    note = ""
    if exchange.stage == "stopped":
        words = "以上文字未经核对 · The text above was not checked"
        if exchange.quotation:  # which is word for word the original's, and stands above too
            words = "摘录以下的文字未经核对 · The text below the quotation was not checked"
        note = f'<p class="yj-note">{words}</p>'
    return f'<div class="yj-text" dir="auto">{_streamed(exchange)}</div>{note}'


def _streamed(exchange: Exchange) -> str:
    """Render streamed text; a marker links only where it names a sentence that is shown."""
    known = {str(item.number) for item in exchange.evidence}
    pieces = _MARKER.split(whole_markers(exchange.streamed))
    rendered = []
    for position, piece in enumerate(pieces):
        if position % 2 == 0:
            rendered.append(escape(piece))
        elif piece in known:
            rendered.append(render_link(exchange.number, int(piece)))
        else:
            rendered.append(f"[{escape(piece)}]")
    return "".join(rendered)


def _sentences(answer: Answer, number: int) -> str:
    known = {citation.marker for citation in answer.citations}
    rendered, joined = [], ""
    for sentence in answer.sentences:
        after = join_sentences([joined, sentence.text]) if joined else sentence.text
        gap = " " if joined and len(after) > len(joined) + len(sentence.text) else ""
        joined = after + "".join(f"[{marker}]" for marker in sentence.markers)
        links = "".join(render_link(number, marker) for marker in sentence.markers if marker in known)
        text = mark_spans(sentence.text, sentence.spans)
        if sentence.supported:
            rendered.append(f"{gap}<span>{text}</span>{links}")
        else:
            flag = '<span class="yj-flag">未核实 unverified</span>'
            rendered.append(f'{gap}<span class="yj-unsupported">{text}</span>{links}{flag}')
    return "".join(rendered)


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
