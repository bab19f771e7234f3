"""What can be done with a finished exchange: copy with citations, retry, edit, rate, comment. Knows nothing of Gradio.

Buttons name their act in ``data-yj-act``; the page's script hands it on with the number of the exchange.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.settings import MAX_COMMENT_CHARS
from ui.text.escape import escape
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


def render_actions(exchange: Exchange, lang: Lang, *, rating: Rating | None = None) -> str:
    """Render the buttons below an answer, and the comment once it was rated."""
    number, buttons = exchange.number, []
    if text := copy_text(exchange):
        done = _WORDS.say("copied", lang)
        buttons.append(
            f'<button type="button" class="yj-act" data-yj-copy="{escape(text)}" data-yj-done="{done}">'
            f"{_WORDS.say('copy', lang)}</button>"
        )
    buttons += [_button(act, number, _WORDS.say(act, lang)) for act in ("retry", "edit")]
    verdict = rating.verdict if rating else ""
    if exchange.answer is not None and not exchange.error:
        buttons += [_verdict(act, exchange.number, verdict, lang) for act in ("up", "down")]
    comment = _comment(number, rating, lang) if rating and verdict else ""
    label = _WORDS.say("actions", lang)
    return f'<div class="yj-actions" role="group" aria-label="{label}">{"".join(buttons)}</div>{comment}'


def copy_text(exchange: Exchange) -> str:
    """The question and the answer with its citations, as plain text; empty where there is no answer."""
    answer = exchange.answer
    if answer is None or answer.error:
        return ""
    lines = [exchange.question, "", answer.text]
    for c in answer.citations:
        path = " › ".join(dict.fromkeys(part for part in (c.title, *c.heading) if part))
        lines.append(f"[{c.marker}] {c.file} {c.start}-{c.end}{' · ' + path if path else ''}\n    {c.quote}")
    return "\n".join(lines)


def _button(act: str, number: int, label: str) -> str:
    return f'<button type="button" class="yj-act" data-yj-act="{act}" data-yj-number="{number}">{label}</button>'


def _verdict(act: str, number: int, verdict: str, lang: Lang) -> str:
    pressed = "true" if act == verdict else "false"
    return (
        f'<button type="button" class="yj-act yj-verdict" data-yj-act="{act}" data-yj-number="{number}" '
        f'aria-pressed="{pressed}">{_WORDS.say(act, lang)}</button>'
    )


def _comment(number: int, rating: Rating, lang: Lang) -> str:
    label = _WORDS.say("comment", lang)
    saved = f'<span role="status">{_WORDS.say("saved", lang)}</span>'
    return (
        f'<div class="yj-comment"><label>{label}<input type="text" maxlength="{MAX_COMMENT_CHARS}" '
        f'value="{escape(rating.comment)}" data-yj-field="{number}"></label>'
        f"{_button('comment', number, _WORDS.say('save', lang))}{saved}</div>"
    )
