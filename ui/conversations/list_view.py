"""The list of earlier conversations, as escaped HTML. Knows nothing of Gradio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.settings import MAX_TITLE_CHARS
from ui.text.escape import escape
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


def render_past(conversations: Sequence[ConversationInfo], lang: Lang, *, current: str = "", words: str = "") -> str:
    """Render the list.

    Args:
        conversations: What is kept, newest first.
        lang: Language of the page.
        current: Id of the conversation that is open.
        words: What was searched for.
    """
    if not conversations:
        return f'<p class="yj-none">{_WORDS.say("no_match" if words.strip() else "none", lang)}</p>'
    items = "".join(_item(info, lang, current=info.id == current) for info in conversations)
    return f'<nav aria-label="{_WORDS.say("title", lang)}"><ul class="yj-past">{items}</ul></nav>'


def _item(info: ConversationInfo, lang: Lang, *, current: bool) -> str:
    identity, title = escape(info.id), escape(info.title) or "…"
    marked = ' aria-current="true"' if current else ""
    more = _WORDS.say("more", lang, title=title)
    return (
        f'<li{marked}><button type="button" class="yj-past-open" data-yj-act="open" data-yj-number="{identity}" '
        f'dir="auto" title="{title}">{title}</button>'
        f'<details><summary aria-label="{more}" title="{more}">⋯</summary><div class="yj-past-menu">'
        f'<label>{_WORDS.say("name", lang)}<input type="text" maxlength="{MAX_TITLE_CHARS}" value="{title}" '
        f'data-yj-field="{identity}"></label>{_button("rename", identity, lang)}'
        f'<a class="yj-act" href="../export?conversation={identity}&amp;lang={lang}" download>'
        f"{_WORDS.say('export', lang)}</a>"
        f"<details><summary>{_WORDS.say('delete', lang)}</summary>{_button('delete', identity, lang, words='sure')}"
        "</details></div></details></li>"
    )


def _button(act: str, identity: str, lang: Lang, *, words: str = "") -> str:
    label = _WORDS.say(words or act, lang)
    return f'<button type="button" class="yj-act" data-yj-act="{act}" data-yj-number="{identity}">{label}</button>'
