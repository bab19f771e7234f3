"""What can be done with a finished exchange: copy with citations, retry, edit, rate, comment. Knows nothing of Gradio.

Buttons name their act in ``data-yj-act``; the page's script hands it on with the number of the exchange.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.settings import MAX_COMMENT_CHARS
from ui.sources.cards import file_of, path_of
from ui.text.templates import Html, render
from ui.text.words import Words

if TYPE_CHECKING:
    from ui.conversations.history import Rating
    from ui.exchange import Exchange
    from ui.text.words import Lang

__all__ = ["copy_text", "render_actions"]

_WORDS = Words(
    actions=("对这个回答", "With this answer"),
    copy=("复制（含出处）", "Copy with sources"),
    copied=("已复制", "Copied"),
    retry=("重新回答", "Ask again"),
    edit=("修改问题", "Edit the question"),
    up=("有用", "Helpful"),
    down=("有误", "Wrong"),
    comment=("哪里不对？（只存在本机）", "What is wrong? (stays on this machine)"),
    save=("保存意见", "Save"),
    saved=("已记录，谢谢", "Noted, thank you"),
)


def render_actions(exchange: Exchange, lang: Lang, *, rating: Rating | None = None) -> Html:
    """Render the buttons below an answer, and the comment once it was rated."""
    values = {
        "number": exchange.number,
        "copied": copy_text(exchange, lang),
        "can_be_rated": exchange.answer is not None and not exchange.error,
        "verdict": rating.verdict if rating else "",
        "comment": rating.comment if rating else "",
        "max_chars": MAX_COMMENT_CHARS,
    }
    return render("chat/actions.html", _WORDS, lang, **values)


def copy_text(exchange: Exchange, lang: Lang) -> str:
    """The question and the answer with its citations, as plain text; empty where there is no answer."""
    answer = exchange.answer
    if answer is None or answer.error:
        return ""
    lines = [exchange.question, "", answer.text]
    for c in answer.citations:
        path = path_of(c)
        lines.append(f"[{c.marker}] {file_of(c, lang)} {c.start}-{c.end}{' · ' + path if path else ''}\n    {c.quote}")
    return "\n".join(lines)
