"""The page: `create_app(pipeline)` lays it out and ties it to the pipeline.

The only file that imports Gradio. Does not launch, retrieve or prompt; HTML comes from :mod:`ui.render`,
answers come through :mod:`ui.desk`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from ui.desk import Desk, Pipeline, converse
from ui.exchange import Exchange
from ui.guard import PolicyMiddleware
from ui.render import render_exchange, render_header
from ui.words import Lang

__all__ = ["create_app", "launch_options"]

N_EXAMPLES = 4
HERE = Path(__file__).parent
# System fonts: Gradio's own default would do, but it has no Chinese ones; nothing is fetched.
FONTS = ("system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "sans-serif")


def launch_options() -> dict[str, Any]:
    """What `Blocks.launch` needs for this page: its looks, and nothing shared, recorded or fetched."""
    return {
        "theme": gr.themes.Base(
            primary_hue=gr.themes.colors.teal, neutral_hue=gr.themes.colors.stone, font=FONTS, font_mono=("monospace",)
        ),
        "css_paths": HERE / "page.css",
        "js": (HERE / "page.js").read_text(encoding="utf-8"),
        "share": False,
        "ssr_mode": False,
        "pwa": False,
        "mcp_server": False,
        "run_history": False,  # else Gradio keeps questions and answers in the browser
        "enable_monitoring": False,
        "max_file_size": 1,  # bytes: Gradio takes uploads whether a page has a use for them or not
        "footer_links": [],
        "quiet": True,
        "app_kwargs": {"middleware": [Middleware(PolicyMiddleware)]},
    }


def create_app(pipeline: Pipeline, *, desk: Desk | None = None, lang: Lang = "zh") -> gr.Blocks:  # noqa: ARG001
    """Lay out the chat page.

    Args:
        pipeline: What answers. Its streams are run in one thread of the desk's own, one at a time.
        desk: The line of questions, where the caller wants to close it; a new one by default.
        lang: Language of the page.

    Returns:
        The page, to be launched with :func:`launch_options`.

    Raises:
        RagError: The documents or the example questions cannot be read.
    """
    page = gr.Blocks(title="有据 youju", analytics_enabled=False)
    with page:
        chat = _Chat(pipeline, desk or Desk(pipeline))
        chat.connect()
        page.unload(chat.stop_session)
    return page


class _Chat:
    """The parts of the chat, top to bottom, and what happens to them."""

    def __init__(self, pipeline: Pipeline, desk: Desk) -> None:
        self._desk = desk
        self._past = gr.State([])
        self._cleared: set[str] = set()  # sessions whose last exchange must not come back: it may still be on its way
        gr.HTML(render_header(pipeline.documents()), apply_default_css=False, js_on_load=None)
        # Two parts, so that while an answer streams only the last exchange is sent and redrawn.
        # Their template stays Gradio's default `${value}`: with another one a value could be read as a template.
        self._earlier = gr.HTML("", elem_id="yj-earlier", apply_default_css=False, js_on_load=None)
        self._latest = gr.HTML("", elem_id="yj-latest", apply_default_css=False, js_on_load=None)
        with gr.Column(elem_id="yj-examples") as self._examples:
            self._buttons = [gr.Button(text, size="sm") for text in pipeline.example_questions(N_EXAMPLES)]
        with gr.Row(elem_id="yj-composer", equal_height=False):
            self._question = gr.Textbox(
                label="问题 Question",
                show_label=False,
                placeholder="输入问题 · Ask a question",
                lines=1,  # with one line, Enter sends and Shift+Enter breaks the line
                max_lines=6,
                autofocus=True,
                elem_id="yj-question",
                scale=8,
            )
            self._send = gr.Button("发送 Send", variant="primary", elem_id="yj-send", scale=0, min_width=104)
            self._stop = gr.Button(
                "停止 Stop", variant="stop", elem_id="yj-stop", visible=False, scale=0, min_width=104
            )
            self._clear = gr.Button("清空 Clear", elem_id="yj-clear", scale=0, min_width=104)

    def connect(self) -> None:
        """Tie the parts to what they do."""
        parts = [self._past, self._earlier, self._latest, self._question, self._examples, self._send, self._stop]
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        # The desk keeps the line; Gradio's own, of one per event, could not say who is ahead.
        own_line: dict[str, Any] = {"outputs": parts, "concurrency_limit": None, **quiet}
        typed = [self._question.submit, self._send.click]
        asking = [gr.on(typed, self.ask, [self._question, self._past], **own_line)]
        asking += [button.click(self.ask, [button, self._past], **own_line) for button in self._buttons]
        self._stop.click(self.stop_session, queue=False, **quiet)
        self._clear.click(self.start_anew, None, parts, queue=False, cancels=asking, **quiet)

    async def ask(self, text: str, past: list[Exchange], request: gr.Request) -> AsyncIterator[dict[Any, Any]]:
        """Answer a question: each yield is what changed on the page."""
        if not text.strip():
            yield {self._question: gr.skip()}
            return
        first, session = True, str(request.session_hash)
        self._cleared.discard(session)
        async for exchange in converse(self._desk, session, text, past):
            if session in self._cleared:
                return
            shown: dict[Any, Any] = {self._latest: render_exchange(exchange)}
            if first:  # what stays the same while the answer streams is sent once
                shown |= {self._earlier: "".join(map(render_exchange, past)), self._question: ""}
                shown |= {self._examples: gr.Column(visible=False)} | self._busy(True)
                first = False
            if exchange.over:
                shown |= {self._past: [*past, exchange]} | self._busy(False)
            yield shown

    def stop_session(self, request: gr.Request) -> None:
        """Stop what this page asked; also called when its tab is closed."""
        self._desk.stop(str(request.session_hash))

    def start_anew(self, request: gr.Request) -> dict[Any, Any]:
        """Forget the conversation and show the examples again."""
        self._cleared.add(str(request.session_hash))
        self.stop_session(request)
        empty = {self._past: [], self._earlier: "", self._latest: "", self._examples: gr.Column(visible=True)}
        return empty | self._busy(False)

    def _busy(self, busy: bool) -> dict[Any, Any]:
        return {self._send: gr.Button(visible=not busy), self._stop: gr.Button(visible=busy)}
