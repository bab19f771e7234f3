"""The frame of the source view: its bar of buttons and the place its text is put into.

``ui/script/source.js`` fills it, ``ui/script/source_page.js`` with the picture of a page. Knows nothing of documents.
"""

from __future__ import annotations

from typing import Final

from ui.text.templates import Html, render
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
    page=("页面", "Page"),
    page_meaning=("显示引用所在页面的图像", "Show the page that holds the cited words as a picture"),
    close=("关闭原文", "Close"),
    loading=("正在载入原文…", "Loading the document…"),
    failed=("原文没有载入，请检查与服务器的连接。", "The document did not load. Check the connection to the server."),
    # Filled by the script: {n} and {total} stay as they are here.
    place=("引用 {n} / {total}", "Citation {n} of {total}"),
    opened=("已打开《{title}》", "Opened: {title}"),
)


def render_source_panel(lang: Lang) -> Html:
    """Render the panel, empty and hidden, with the words that its script says."""
    return render("sources/panel.html", _WORDS, lang)
