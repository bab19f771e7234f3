"""The page: `create_app(services, lang)` lays out its tabs. Does not serve, retrieve or prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gradio as gr

from ui.batch.tab import BatchTab
from ui.chat.tab import ChatTab
from ui.components.base import AT_ONCE, html_place
from ui.components.header import render_header
from ui.conversations.panel import PastPanel
from ui.documents.tab import DocumentsTab
from ui.inspector.tab import TraceTab
from ui.sources.panel import render_source_panel
from ui.text.words import Words

if TYPE_CHECKING:
    from ui.services import Services
    from ui.text.words import Lang

__all__ = ["create_app"]

_WORDS = Words(
    title=("有据 youju", "youju 有据"),
    chat=("问答", "Chat"),
    documents=("资料", "Documents"),
    batch=("批量", "Batch"),
    inside=("检视", "Look inside"),
)


def create_app(services: Services, lang: Lang) -> gr.Blocks:
    """Lay out the page in one language.

    Args:
        services: What it is built upon.
        lang: Its language.

    Returns:
        The page, to be mounted by :mod:`ui.serving.server`.
    """
    # Gradio leaves a temporary file behind for each upload: after an hour they go.
    page = gr.Blocks(title=_WORDS.say("title", lang), analytics_enabled=False, delete_cache=(3600, 3600))
    with page:
        head = html_place(value=render_header(lang, host=services.generator_host))
        panel = PastPanel(lang)
        with gr.Tabs(elem_id="yj-tabs"):
            with gr.Tab(_WORDS.say("chat", lang), id="chat") as chatting:
                chat = ChatTab(services, panel, lang)
            with gr.Tab(_WORDS.say("documents", lang), id="documents") as keeping:
                documents = DocumentsTab(services.library, owner_of=services.owner_of, lang=lang)
            with gr.Tab(_WORDS.say("batch", lang), id="batch"):
                batch = BatchTab(services.batches, owner_of=services.owner_of, lang=lang)
            with gr.Tab(_WORDS.say("inside", lang), id="inside"):
                inside = TraceTab(
                    services.pipeline,
                    services.desk,
                    owner_of=services.owner_of,
                    hidden_of=lambda request: services.hidden_of(services.owner_of(request)),
                    lang=lang,
                )
        html_place("yj-source-place", render_source_panel(lang))
        chat.connect(page)
        documents.connect()
        batch.connect()
        inside.connect()
        # Documents come and go on one tab and are offered on the other.
        gr.on([chatting.select, documents.changed.change], chat.refresh, None, chat.offers, **AT_ONCE)
        gr.on([page.load, keeping.select], documents.refresh, None, documents.outputs, **AT_ONCE)
        page.unload(documents.stop)
        if services.has_logins:

            def with_user(request: gr.Request) -> str:
                return render_header(lang, user=services.owner_of(request), host=services.generator_host)

            page.load(with_user, None, head, **AT_ONCE)
    return page
