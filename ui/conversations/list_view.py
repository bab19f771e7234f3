"""The list of earlier conversations, as HTML. Knows nothing of Gradio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.settings import MAX_TITLE_CHARS
from ui.text.templates import Html, render
from ui.text.words import Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ui.conversations.history import ConversationInfo
    from ui.text.words import Lang

__all__ = ["render_past"]

_WORDS = Words(
    title=("以前的对话", "Earlier conversations"),
    none=("还没有对话", "No conversations yet"),
    no_match=("没有找到", "Nothing found"),
    open=("打开", "Open"),
    more=("更多：{title}", "More: {title}"),
    rename=("改名", "Rename"),
    name=("名称", "Name"),
    delete=("删除", "Delete"),
    sure=("确定删除", "Yes, delete"),
    export=("导出 Markdown", "Export as Markdown"),
)


def render_past(conversations: Sequence[ConversationInfo], lang: Lang, *, current: str = "", words: str = "") -> Html:
    """Render the list.

    Args:
        conversations: What is kept, newest first.
        lang: Language of the page.
        current: Id of the conversation that is open.
        words: What was searched for.
    """
    values = {
        "conversations": conversations,
        "current": current,
        "searched": words.strip(),
        "max_chars": MAX_TITLE_CHARS,
    }
    return render("conversations/list.html", _WORDS, lang, **values)
