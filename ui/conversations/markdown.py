"""Convert a conversation to Markdown: questions, answers with their markers, and their citations.

Everything of it is untrusted and shows as it is, whatever reads the file: no link, no picture, no HTML and no heading
comes of it. Knows nothing of Gradio or of how conversations are kept. Does not cover: what programs make of plain
text that looks like a link outside Markdown.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Final

from rag.question.kind import is_small_talk
from rag.schema.answers import Citation
from rag.text.markers import marker_numbers, whole_markers
from rag.text.untrusted import escape_markdown
from ui.text.invisible import seen_text
from ui.text.locations import say_location
from ui.text.words import Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.schema.answers import Answer
    from ui.exchange import Exchange
    from ui.text.words import Lang

__all__ = ["conversation_markdown"]

_WORDS: Final = Words(
    question=("问题 {n}", "Question {n}"),
    searched=("按此检索：", "Searched as:"),
    sources=("出处", "Sources"),
    closest=("最接近的原文", "Closest passages"),
    place=("字符 {start}–{end}", "characters {start}–{end}"),
    abstained=("资料中没有找到依据。", "Not in the documents."),
    quoted=("原文摘录", "Quoted from the original"),
    near=("原文中最接近的内容", "What comes closest in the original"),
    stopped=("已停止，没有完整的回答。", "Stopped before the answer was complete."),
    unchecked=("以下文字未经核对：", "The following text was not checked:"),
    failed=("没有完成：", "Not finished:"),
    empty=("这段对话里还没有问题。", "Nothing was asked in this conversation yet."),
)
_LINE_START: Final = re.compile(r"^(\d{1,9}(?=\.)|(?=[-=:%]))")  # lists, underlines, definitions, title blocks
_LINK: Final = re.compile(r"(?<=www)\.|:(?=//)|@", re.IGNORECASE)  # what many programs make a link of


def conversation_markdown(title: str, exchanges: Sequence[Exchange], lang: Lang) -> str:
    """Write a conversation as Markdown.

    Args:
        title: Its title.
        exchanges: Its exchanges, in order.
        lang: The language of what the page says of its own accord.

    Returns:
        Markdown whose markers ``[1]`` count within each answer, as on the page.
    """
    blocks = [f"# {_line(title)}"]
    for position, exchange in enumerate(exchanges, start=1):
        blocks += [f"## {_WORDS.say('question', lang, n=position)}", _quote(exchange.question)]
        if exchange.query.strip() not in ("", exchange.question.strip()):
            blocks.append(f"*{_WORDS.say('searched', lang)}* {_line(exchange.query)}")
        blocks += _reply(exchange, lang)
    if not exchanges:
        blocks.append(_WORDS.say("empty", lang))
    return "\n\n".join(block for block in blocks if block) + "\n"


def _reply(exchange: Exchange, lang: Lang) -> list[str]:
    """What was said to a question, and where it stands."""
    answer = exchange.answer
    if error := exchange.error or (answer and answer.error):
        return [f"**{_WORDS.say('failed', lang)}** {_line(error)}", *_quotation(exchange, "quoted", lang)]
    if answer is None:
        return _stopped(exchange, lang)
    if not answer.abstained:
        return [_answer_text(answer), *_places(answer.citations, "sources", lang)]
    missing = "" if is_small_talk(exchange.question) else f"**{_WORDS.say('abstained', lang)}**"
    said = [missing, _text(answer.reason), _answer_text(answer)]
    return [*said, *_quotation(exchange, "near", lang), *_places(answer.citations, "closest", lang)]


def _stopped(exchange: Exchange, lang: Lang) -> list[str]:
    """A question without an answer: what had arrived of one, told as unchecked."""
    blocks = [f"**{_WORDS.say('stopped', lang)}**", *_quotation(exchange, "quoted", lang)]
    streamed = whole_markers(exchange.streamed)
    if streamed.strip():
        named = set(marker_numbers(streamed))
        cited = [Citation.of(item.number, item) for item in exchange.evidence if item.number in named]
        blocks += [f"*{_WORDS.say('unchecked', lang)}*", _text(streamed), *_places(cited, "sources", lang)]
    return blocks


def _quotation(exchange: Exchange, heading: str, lang: Lang) -> list[str]:
    """What the reader quoted, where the page shows it; it has markers of its own, and its places stand beneath it."""
    quotation = exchange.quotation
    if quotation is None or not quotation.sentences:
        return []
    places = _places(quotation.citations, "sources", lang)
    return [f"**{_WORDS.say(heading, lang)}**", _quote(quotation.text), *places]


def _answer_text(answer: Answer) -> str:
    """The sentences with their markers, and the notes on them."""
    notes = [f"*{_line(note)}*" for note in answer.notes]
    return "\n\n".join([*([_text(answer.text)] if answer.sentences else []), *notes])


def _places(cited: Sequence[Citation], heading: str, lang: Lang) -> list[str]:
    """What the markers stand for: file, headings, offsets in the original, and the words that stand there."""
    if not cited:
        return []
    items = []
    for citation in cited:
        path = " › ".join(name for name, _ in groupby((citation.title, *citation.heading)) if name)
        inside = say_location(citation.location, lang)
        where = [citation.source, inside, path, _WORDS.say("place", lang, start=citation.start, end=citation.end)]
        told = " · ".join(_line(part) for part in where if part)
        quote = _quote(citation.quote).replace("\n", "\n  ")
        items.append(f"- **\\[{citation.marker}\\]** {told}\n\n  {quote}")
    return [f"**{_WORDS.say(heading, lang)}**", "\n\n".join(items)]


def _text(text: str) -> str:
    return "  \n".join(_lines(text))


def _quote(text: str) -> str:
    return "> " + "  \n> ".join(_lines(text))


def _line(text: str) -> str:
    return " ".join(_lines(text))


def _lines(text: str) -> list[str]:
    """The lines of untrusted text that are not blank, each as Markdown that shows it."""
    return [_escaped(line.strip()) for line in seen_text(text).splitlines() if line.strip()]


def _escaped(line: str) -> str:
    return _LINE_START.sub(r"\1\\", _LINK.sub(r"\\\g<0>", escape_markdown(line)))
