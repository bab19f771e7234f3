"""The panel of earlier conversations: a button for a new one, a search field, the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gradio as gr

from ui.components.base import html_place
from ui.text.words import Words

if TYPE_CHECKING:
    from ui.text.words import Lang

__all__ = ["PastPanel"]

_WORDS = Words(
    title=("对话", "Chats"),
    new=("新对话", "New chat"),
    search=("搜索对话", "Search chats"),
)


class PastPanel:
    """The parts of the panel; the chat ties them to what they do.

    Attributes:
        new: Begins another conversation.
        search: What to look for in conversations.
        listed: The list, whose buttons are acts (:mod:`ui.components.clicks`).
    """

    def __init__(self, lang: Lang) -> None:
        """Lay the panel out at the side of the page."""
        with gr.Sidebar(label=_WORDS.say("title", lang), open=False, elem_id="yj-history"):
            self.new = gr.Button(_WORDS.say("new", lang), elem_id="yj-new")
            words = _WORDS.say("search", lang)
            self.search = gr.Textbox(label=words, placeholder=words, show_label=False, elem_id="yj-search")
            self.listed = html_place("yj-past", acts=True)
