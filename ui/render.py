"""What is shown: an exchange and its sources as escaped HTML.

Everything that comes from a document, a question, a file name or a model is untrusted: it goes through
:func:`escape` and is never read as HTML or Markdown. Links lead to ``#`` anchors made of numbers only.
Knows nothing of Gradio. Does not cover: the text between invisible joiners (U+200B to U+200D), which some
scripts need.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from rag.sentences import join_sentences

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rag.schema import Answer, Citation, Evidence

__all__ = ["Exchange", "Source", "Stage", "escape", "render_exchange", "render_header", "whole_markers"]

Stage: TypeAlias = Literal["waiting", "searching", "reading", "writing", "done", "stopped", "failed"]

OVER: frozenset[Stage] = frozenset({"done", "stopped", "failed"})
N_CLOSEST = 3  # passages shown at once beside an abstention; the others are one click away
MAX_SHOWN_CHARS = 20_000  # longer text is cut on the page, with its length told; nothing the corpus holds comes near

# Controls, and what reorders text or hides in it: a file name must not read backwards, nor a quote carry unseen words.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_LINE_BREAKS = re.compile("\r\n?|\u2028|\u2029|\x85")
_SURROGATES = re.compile("[\ud800-\udfff]")  # half a character; cannot be sent as UTF-8
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


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question on the page, with all that is known of its answer so far.

    Attributes:
        number: Unique on the page, from 1; the anchors are built from it.
        question: What the user asked.
        stage: How far it is.
        seconds: How long it has been worked on, at the moment this was made; the wait in line is not in it.
        waited_seconds: How long it stood in line.
        n_ahead: Questions before it in line.
        query: What was searched; empty until it is known.
        evidence: What the generator reads; empty until it is known.
        streamed: The unchecked text that has arrived.
        answer: The checked answer, which replaces what was streamed.
        error: What went wrong, for people.
    """

    number: int
    question: str
    stage: Stage = "waiting"
    seconds: float = 0.0
    waited_seconds: float = 0.0
    n_ahead: int = 0
    query: str = ""
    evidence: tuple[Evidence, ...] = ()
    streamed: str = ""
    answer: Answer | None = None
    error: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.stage in OVER


def escape(text: str) -> str:
    r"""Make untrusted text safe as HTML text and as a quoted attribute.

    Controls and characters that reorder or hide text are dropped, line breaks become ``\n``.

    >>> escape('<b onclick="x">\u202e')
    '&lt;b onclick=&quot;x&quot;&gt;'
    """
    text = _HIDDEN.sub("", _LINE_BREAKS.sub("\n", text))
    text = _SURROGATES.sub("\ufffd", text)
    if len(text) > MAX_SHOWN_CHARS:
        text = f"{text[:MAX_SHOWN_CHARS]}… ({len(text):,} 字 characters)"
    return html.escape(text, quote=True)


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
        f"{_answer_text(exchange)}</section>{_sources(exchange)}</div></article>"
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
    return f'<p class="yj-stage"><span role="status">{words}</span>{clock}</p>'


def _answer_text(exchange: Exchange) -> str:
    answer = exchange.answer
    if exchange.error or (answer is not None and answer.error):
        error = exchange.error or (answer.error if answer else "") or ""
        return f'<div class="yj-error" role="alert" dir="auto">{escape(error)}</div>'
    if answer is None:
        if not exchange.streamed:
            return ""
        unchecked = "<p class='yj-note'>以上文字未经核对 · The text above was not checked</p>"
        return f'<div class="yj-text" dir="auto">{_streamed(exchange)}</div>' + (
            unchecked if exchange.stage == "stopped" else ""
        )
    if answer.abstained:
        said = escape(answer.reason) if answer.reason else ""
        return (
            '<div class="yj-abstained"><p class="yj-abstained-title">资料中没有找到依据 · Not in the documents</p>'
            + (f'<p dir="auto">{said}</p>' if said else "")
            + (
                f'<div class="yj-text" dir="auto">{_sentences(answer, exchange.number)}</div>'
                if answer.sentences
                else ""
            )
            + "</div>"
        )
    return f'<div class="yj-text" dir="auto">{_sentences(answer, exchange.number)}</div>'


def _streamed(exchange: Exchange) -> str:
    """Render streamed text; a marker links only where it names a sentence that is shown."""
    known = {str(item.number) for item in exchange.evidence}
    pieces = _MARKER.split(whole_markers(exchange.streamed))
    rendered = []
    for position, piece in enumerate(pieces):
        if position % 2 == 0:
            rendered.append(escape(piece))
        elif piece in known:
            rendered.append(_link(exchange.number, int(piece)))
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
        links = "".join(_link(number, marker) for marker in sentence.markers if marker in known)
        if sentence.supported:
            rendered.append(f"{gap}<span>{escape(sentence.text)}</span>{links}")
        else:
            flag = '<span class="yj-flag">未核实 unverified</span>'
            rendered.append(f'{gap}<span class="yj-unsupported">{escape(sentence.text)}</span>{links}{flag}')
    return "".join(rendered)


def _link(number: int, marker: int) -> str:
    return (
        f'<a class="yj-marker" href="#t{number}-s{marker}" aria-label="来源 source {marker}" '
        f'title="查看来源 show source {marker}">[{marker}]</a>'
    )


def _sources(exchange: Exchange) -> str:
    """Render what is being read; once there is an answer, what it cites, or what comes closest."""
    answer = exchange.answer
    if answer is None:
        cards = [_card(exchange.number, item.number, item, item.text) for item in exchange.evidence]
        return _source_list("原文 Sources", cards)
    if answer.citations:
        cards = [_card(exchange.number, item.marker, item, item.quote) for item in answer.citations]
        rest = [item for item in answer.evidence if not any(_overlap(item, cited) for cited in answer.citations)]
        more = f"另有 {len(rest)} 句读过未引用 · {len(rest)} more read, not cited"
        return _source_list(
            "来源 Sources", cards, more, [_card(exchange.number, None, item, item.text) for item in rest]
        )
    ranked = sorted(answer.evidence, key=lambda item: -item.score)
    cards = [_card(exchange.number, None, item, item.text) for item in ranked]
    heading = "最接近的原文 Closest passages" if answer.abstained else "读过的原文 What was read"
    more = f"另有 {len(cards[N_CLOSEST:])} 句 · {len(cards[N_CLOSEST:])} more"
    return _source_list(heading, cards[:N_CLOSEST], more, cards[N_CLOSEST:])


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
    path = " › ".join(_without_repeats((place.title, *place.heading)))
    return (
        f'<li class="yj-card"{anchor}><p class="yj-path" dir="auto">{badge}{escape(path)}</p>'
        f'<blockquote dir="auto">{escape(quote)}</blockquote>'
        f'<p class="yj-file" dir="auto">{escape(place.source)}</p></li>'
    )


def _without_repeats(names: Iterable[str]) -> list[str]:
    kept: list[str] = []
    for name in names:
        if name and (not kept or kept[-1] != name):
            kept.append(name)
    return kept


def _overlap(item: Evidence, cited: Citation) -> bool:
    return item.source == cited.source and item.start < cited.end and cited.start < item.end


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
