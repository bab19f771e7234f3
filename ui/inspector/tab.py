"""The inspector tab: a question, its options, and everything that was done for it.

Lays out the parts and ties them to :mod:`ui.inspector.run`; what is shown is rendered by :mod:`ui.inspector.view`.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any

import gradio as gr

from rag.errors import RagError
from rag.schema.messages import Mode
from rag.schema.search import Hidden
from ui.components.base import AT_ONCE, QUIET, html_place
from ui.inspector.run import Inspected, Look, Runs, Wanted, YearError, look_inside, scope_of
from ui.inspector.view import render_trace
from ui.text.escape import shown_text
from ui.text.templates import Html, render
from ui.text.words import Lang, Words

__all__ = ["TraceTab", "render_look", "trace_tab_words"]

_WORDS = Words(
    about=(
        "看清一个问题是怎样得到回答的：检索到什么、读了哪些句子及原因、发给模型的提示词、逐句核对与裁定。",
        "See what was found, what of it was read and why, the prompt as sent, each sentence's check, and the decision.",
    ),
    question=("要检查的问题", "Question to look into"),
    mode=("回答方式", "How to answer"),
    mode_answer=("生成回答", "In the model's words"),
    mode_quotes=("只摘录原文", "Quotations alone"),
    scope=("限定范围", "Restrict to"),
    sources=("文件", "Documents"),
    places=("地点（可填多个，用逗号隔开）", "Places (several with commas)"),
    years=("年份（可填多个，用逗号隔开）", "Years (several with commas)"),
    look=("检查", "Look inside"),
    stop=("停止", "Stop"),
    stage_waiting=("排队中", "Waiting in line"),
    stage_searching=("正在检索", "Searching"),
    stage_reading=("正在阅读 {n} 句原文", "Reading {n} sentences"),
    stage_writing=("正在作答", "Writing"),
    stage_done=("用时 {seconds} 秒", "Done in {seconds} s"),
    stage_stopped=("已停止", "Stopped"),
    stage_failed=("没有完成", "Not finished"),
    full=("排队的问题已有 {n} 个，请稍后再试。", "{n} questions are waiting already; please try again later."),
    full_mine=(
        "你已有 {n} 个问题在排队，请等一等。",
        "{n} of your own questions are waiting; please wait for some of them.",
    ),
    failed=("程序内部出错，详情见终端。", "An internal error; see the terminal."),
    no_year=("“{year}”不是年份，请填四位数字。", "“{year}” is no year; please write four digits."),
)


def trace_tab_words(key: str, lang: Lang, **values: object) -> str:
    """The words of the tab, for tests and for its title."""
    return _WORDS.say(key, lang, **values)


def render_look(look: Look, *, lang: Lang) -> Html:
    """Render how far it is, and at last what was seen."""
    shown = render_trace(look.trace, lang=lang) if look.trace else ""
    return render("inspector/look.html", _WORDS, lang, look=look, seconds=f"{look.seconds:.1f}", trace=shown)


class TraceTab:
    """The parts of the tab, made in the Blocks that are being laid out."""

    def __init__(
        self,
        pipeline: Inspected,
        runs: Runs,
        *,
        owner_of: Callable[[gr.Request], str],
        hidden_of: Callable[[gr.Request], Hidden],
        lang: Lang,
    ) -> None:
        """Lay the tab out.

        Args:
            pipeline: What answers and what is indexed.
            runs: The line in which the question waits its turn.
            owner_of: Names the user of a request.
            hidden_of: Documents that this user must not see.
            lang: Language of the page.
        """
        self._pipeline = pipeline
        self._runs = runs
        self._owner_of = owner_of
        self._hidden_of = hidden_of
        self._lang: Lang = lang
        self._stops: dict[str, threading.Event] = {}  # of the sessions that look
        say = partial(trace_tab_words, lang=lang)
        html_place(value=render("inspector/about.html", _WORDS, lang))
        with gr.Row(equal_height=False):
            self._question = gr.Textbox(
                label=say("question"), lines=1, max_lines=4, elem_id="yj-trace-question", scale=8
            )
            self._look = gr.Button(say("look"), variant="primary", elem_id="yj-trace-look", scale=0, min_width=150)
            self._stop = gr.Button(
                say("stop"), variant="stop", visible=False, elem_id="yj-trace-stop", scale=0, min_width=150
            )
        modes = [(say("mode_answer"), "answer"), (say("mode_quotes"), "quotes")]
        self._mode = gr.Radio(modes, value="answer", label=say("mode"), elem_id="yj-trace-mode")
        with gr.Accordion(say("scope"), open=False, elem_id="yj-trace-scope") as self._scope:
            # A name that is typed or stale restricts to what is not there: nothing is found, never everything.
            self._sources = gr.Dropdown(
                [], label=say("sources"), multiselect=True, allow_custom_value=True, elem_id="yj-trace-sources"
            )
            with gr.Row():
                self._places = gr.Textbox(label=say("places"), max_lines=1, elem_id="yj-trace-places")
                self._years = gr.Textbox(label=say("years"), max_lines=1, elem_id="yj-trace-years")
        self._shown = html_place("yj-trace")

    def connect(self) -> None:
        """Tie the parts to what they do."""
        asked = [self._question, self._mode, self._sources, self._places, self._years]
        parts = [self._shown, self._look, self._stop]
        # The line is the desk's; Gradio's own, of one per event, could not be fair between tabs.
        gr.on([self._question.submit, self._look.click], self.look, asked, parts, concurrency_limit=None, **QUIET)
        self._stop.click(self.stop, **AT_ONCE)
        self._scope.expand(self.list_sources, None, self._sources, **AT_ONCE)

    async def look(
        self, question: str, mode: str, sources: Sequence[str] | None, places: str, years: str, request: gr.Request
    ) -> AsyncIterator[dict[Any, Any]]:
        """Look into a question: each yield is what changed on the page."""
        session = str(request.session_hash)
        if not question.strip() or session in self._stops:
            yield {self._shown: gr.skip()}
            return
        try:
            scope = scope_of(sources or (), places or "", years or "")
        except YearError as error:
            wrong = trace_tab_words("no_year", self._lang, year=error)
            yield {self._shown: render_look(Look("failed", error=wrong), lang=self._lang)}
            return
        chosen: Mode = "quotes" if mode == "quotes" else "answer"
        wanted = Wanted(question, chosen, scope, self._hidden_of(request))
        stopped = self._stops[session] = threading.Event()
        looks = look_inside(self._pipeline, self._runs, wanted, owner=self._owner_of(request), stopped=stopped)
        try:
            async with aclosing(looks):
                async for look in looks:
                    if look.over:  # before the page is told: the next click may come with the news
                        self._forget(session, stopped)
                    shown: dict[Any, Any] = {self._shown: render_look(look, lang=self._lang)}
                    yield shown | self._busy(not look.over)
        finally:
            stopped.set()
            self._forget(session, stopped)

    def _forget(self, session: str, stopped: threading.Event) -> None:
        if self._stops.get(session) is stopped:
            del self._stops[session]

    def _busy(self, busy: bool) -> dict[Any, Any]:
        return {self._look: gr.Button(visible=not busy), self._stop: gr.Button(visible=busy)}

    def stop(self, request: gr.Request) -> None:
        """Stop what this page looks into; also to be called when its tab is closed."""
        if stopped := self._stops.get(str(request.session_hash)):
            stopped.set()

    def list_sources(self, request: gr.Request) -> Any:  # noqa: ANN401 - Gradio's components have no types
        """The documents that may be chosen, as they are now."""
        try:
            known = self._pipeline.documents(hidden=self._hidden_of(request))
        except RagError:
            known = ()  # the question will say what is wrong with the index
        # Shown as text, not as HTML; without the characters that hide or reorder others.
        return gr.Dropdown(choices=[(shown_text(info.source), info.source) for info in known])
