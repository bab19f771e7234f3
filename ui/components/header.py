"""The head of the page: what it is, which language and which looks, and who is logged in. Knows nothing of Gradio."""

from __future__ import annotations

import json

from ui.text.escape import escape
from ui.text.words import LANGUAGES, Lang, Words

__all__ = ["render_corpus", "render_header"]

_NAMES: dict[Lang, tuple[str, str]] = {"zh": ("中文", "zh-CN"), "en": ("English", "en")}
_CURRENT = ' aria-current="true"'
_WORDS = Words(
    what=(
        "只依据你的资料回答，每句话都注明出处。",
        "Answers only from your documents, and shows where every sentence comes from.",
    ),
    sent=(
        "问题和为它找到的句子会发送到 {host} 上的模型。",
        "Questions and the sentences found for them are sent to the model on {host}.",
    ),
    language=("界面语言", "Language"),
    theme=("深色/浅色", "Dark / light"),
    logout=("退出", "Log out"),
    corpus=("{n} 份资料，{passages} 段", "Documents: {n} · passages: {passages}"),
    nothing=(
        "还没有资料：请在“资料”页添加，或运行 <code>youju index 文件夹</code>",
        "No documents yet: add some under “Documents”, or run <code>youju index FOLDER</code>",
    ),
)

# What Gradio says in the language of the browser; the page's script (script/words.js) puts it in the page's.
_FRAME_WORDS = Words(
    panel=("对话列表", "Conversations"),
    more=("更多标签页", "More tabs"),
    upload=("点击选择文件，或把文件拖到这里", "Click to choose files, or drop them here"),
    drop=("把文件拖到这里", "Drop files here"),
    click=("点击选择", "Click to choose"),
    clear=("清除", "Clear"),
    **{"or": ("或", "or")},
)


def render_header(lang: Lang, *, user: str = "", host: str = "") -> str:
    """Render the head of the page.

    Args:
        lang: Language of the page.
        user: The name that is logged in; empty where there are no logins.
        host: The machine that the generator is on; empty where it is this one.
    """
    languages = "".join(
        f'<a href="../lang/{code}" hreflang="{tag}" lang="{tag}" data-yj-lang="{code}"'
        f"{_CURRENT if code == lang else ''}>{name}</a>"
        for code in LANGUAGES
        for name, tag in [_NAMES[code]]
    )
    who = ""
    if user:
        who = (
            f'<form method="post" action="../logout" class="yj-user"><span dir="auto">{escape(user)}</span>'
            f'<button type="submit">{_WORDS.say("logout", lang)}</button></form>'
        )
    sent = f'<p class="yj-sent">{_WORDS.say("sent", lang, host=escape(host))}</p>' if host else ""
    theme = _WORDS.say("theme", lang)
    words = escape(json.dumps({key: _FRAME_WORDS.say(key, lang) for key in _FRAME_WORDS.keys()}))  # noqa: SIM118 - no mapping
    return (
        f'<header class="yj-header" data-yj-words="{words}"><div><h1><span class="yj-seal">有据</span> youju</h1>'
        f"<p>{_WORDS.say('what', lang)}</p>{sent}</div>"
        f'<div class="yj-tools"><nav aria-label="{_WORDS.say("language", lang)}">{languages}</nav>'
        f'<button type="button" id="yj-theme" aria-label="{theme}" title="{theme}">◐</button>{who}</div></header>'
    )


def render_corpus(n_documents: int, n_passages: int, lang: Lang) -> str:
    """Render how much there is to answer from."""
    key = "corpus" if n_documents else "nothing"
    words = _WORDS.say(key, lang, n=f"{n_documents:,}", passages=f"{n_passages:,}")
    return f'<p class="yj-corpus" role="status">{words}</p>'
