"""The page: `create_app(services, lang)` lays out its tabs. Does not serve, retrieve or prompt."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import gradio as gr

from ui.batch_tab import BatchTab
from ui.chat_tab import ChatTab
from ui.documents_tab import DocumentsTab
from ui.header import render_header
from ui.parts import AT_ONCE, html_place
from ui.past_panel import PastPanel
from ui.source_panel import render_source_panel
from ui.trace_tab import TraceTab
from ui.words import Words

if TYPE_CHECKING:
    from ui.services import Services
    from ui.words import Lang

__all__ = ["create_app", "page_looks"]

HERE: Final = Path(__file__).parent
# System fonts: Gradio's own default would do, but it has no Chinese ones; nothing is fetched.
FONTS: Final = ("system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "sans-serif")
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
        The page, to be mounted with :func:`page_looks`.
    """
    page = gr.Blocks(title=_WORDS.say("title", lang), analytics_enabled=False)
    with page:
        head = html_place(value=render_header(lang))
        panel = PastPanel(lang)
        with gr.Tabs(elem_id="yj-tabs"):
            with gr.Tab(_WORDS.say("chat", lang), id="chat") as chatting:
                chat = ChatTab(services, panel, lang)
            with gr.Tab(_WORDS.say("documents", lang), id="documents"):
                documents = DocumentsTab(services.library, owner_of=services.owner_of, lang=lang)
            with gr.Tab(_WORDS.say("batch", lang), id="batch"):
                batch = BatchTab(services.batches, owner_of=services.owner_of, lang=lang)
            with gr.Tab(_WORDS.say("inside", lang), id="inside"):
                inside = TraceTab(services, lang=lang)
        html_place("yj-source-place", render_source_panel(lang))
        chat.connect(page)
        documents.connect()
        batch.connect()
        inside.connect()
        chatting.select(chat.refresh, None, chat.offers, **AT_ONCE)
        if services.has_logins:

            def with_user(request: gr.Request) -> str:
                return render_header(lang, user=services.owner_of(request))

            page.load(with_user, None, head, **AT_ONCE)
    return page


def page_looks() -> dict[str, Any]:
    """Theme, style and script of the pages."""
    scripts = ",\n".join(path.read_text(encoding="utf-8").strip() for path in sorted((HERE / "script").glob("*.js")))
    return {
        "theme": gr.themes.Base(
            primary_hue=gr.themes.colors.teal, neutral_hue=gr.themes.colors.stone, font=FONTS, font_mono=("monospace",)
        ),
        "css_paths": sorted((HERE / "style").glob("*.css")),
        "js": f"() => {{ for (const start of [\n{scripts}\n]) start(); }}",
    }
