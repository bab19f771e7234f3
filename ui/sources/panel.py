"""The frame of the source view: its bar of buttons and the place its text is put into.

``ui/script/source.js`` fills it. Knows nothing of documents.
"""

from __future__ import annotations

from typing import Final

from ui.text.words import Lang, Words

__all__ = ["render_source_panel"]

_WORDS: Final = Words(
    name=("原文", "Original"),
    previous=("上一处引用", "Previous citation"),
    next=("下一处引用", "Next citation"),
    raw=("原貌", "Raw"),
    raw_meaning=("显示整理时去掉的文字", "Show what was removed when the document was cleaned"),
    outline=("目录", "Outline"),
    outline_meaning=("显示这份资料的标题", "Show the headings of the document"),
    close=("关闭原文", "Close"),
    loading=("正在载入原文…", "Loading the document…"),
    failed=("原文没有载入，请检查与服务器的连接。", "The document did not load. Check the connection to the server."),
    # Filled by the script: {n} and {total} stay as they are here.
    place=("引用 {n} / {total}", "Citation {n} of {total}"),
    opened=("已打开《{title}》", "Opened: {title}"),
)
_TOLD: Final = ("loading", "failed", "place", "opened")


def render_source_panel(lang: Lang) -> str:
    """Render the panel, empty and hidden, with the words that its script says."""
    told = "".join(f' data-{key}="{_WORDS.say(key, lang)}"' for key in _TOLD)
    name = _WORDS.say("name", lang)
    return (
        f'<aside class="yj-source" id="yj-source" hidden lang="{"zh-CN" if lang == "zh" else "en"}" '
        f'data-lang="{lang}" aria-label="{name}"{told}>'
        f'<div class="yj-source-bar"><span class="yj-source-name">{name}</span>'
        f'{_button("previous", lang, "‹")}<span class="yj-source-place"></span>{_button("next", lang, "›")}'
        f'<span class="yj-source-gap"></span>'
        f"{_toggle('outline', lang)}{_toggle('raw', lang)}{_button('close', lang, '×')}</div>"
        '<p class="yj-source-said" role="status"></p><div class="yj-source-body"></div></aside>'
    )


def _button(key: str, lang: Lang, sign: str) -> str:
    words = _WORDS.say(key, lang)
    return f'<button type="button" data-do="{key}" aria-label="{words}" title="{words}">{sign}</button>'


def _toggle(key: str, lang: Lang) -> str:
    words, meaning = _WORDS.say(key, lang), _WORDS.say(f"{key}_meaning", lang)
    return f'<button type="button" data-do="{key}" aria-pressed="false" title="{meaning}">{words}</button>'
