"""The head of the page: what it is, which language and which looks, and who is logged in. Knows nothing of Gradio."""

from __future__ import annotations

import json

from ui.text.templates import Html, render
from ui.text.words import LANGUAGES, Lang, Words

__all__ = ["render_corpus", "render_header"]

_NAMES: dict[Lang, tuple[str, str]] = {"zh": ("中文", "zh-CN"), "en": ("English", "en")}
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
        "还没有资料：请在“资料”页添加，或运行",
        "No documents yet: add some under “Documents”, or run",
    ),
    command=("youju index 文件夹", "youju index FOLDER"),
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


def render_header(lang: Lang, *, user: str = "", host: str = "") -> Html:
    """Render the head of the page.

    Args:
        lang: Language of the page.
        user: The name that is logged in; empty where there are no logins.
        host: The machine that the generator is on; empty where it is this one.
    """
    languages = [(code, tag, name) for code in LANGUAGES for name, tag in [_NAMES[code]]]
    words = json.dumps({key: _FRAME_WORDS.say(key, lang) for key in _FRAME_WORDS.keys()})  # noqa: SIM118 - no mapping
    values = {"frame_words": words, "languages": languages, "user": user, "host": host}
    return render("components/header.html", _WORDS, lang, **values)


def render_corpus(n_documents: int, n_passages: int, lang: Lang) -> Html:
    """Render how much there is to answer from."""
    values = {"empty": not n_documents, "n": f"{n_documents:,}", "passages": f"{n_passages:,}"}
    return render("components/corpus.html", _WORDS, lang, **values)
