"""Convert an exchange to its record, to the text it is searched by, and to what a rating shows.

Knows nothing of SQLite, of Gradio or of HTML.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from rag.errors import WorkspaceError
from rag.schema.records import from_record, to_record
from rag.text.markers import strip_markers
from rag.text.sentences import join_sentences
from rag.text.unicode import compatible, whole_text
from ui.exchange import Exchange
from ui.settings import MAX_TITLE_CHARS

if TYPE_CHECKING:
    from rag.schema.answers import Answer

__all__ = ["as_json", "checked_title", "exchange_of", "folded", "record_of", "searched", "shown", "title_of"]

TITLE_CHARS: Final = 60


def checked_title(title: str) -> str:
    """A title as one line.

    Raises:
        WorkspaceError: It is empty or too long.
    """
    line = one_line(title)
    if not line:
        raise WorkspaceError("The title is empty. Write a word or two.")
    if len(line) > MAX_TITLE_CHARS:
        raise WorkspaceError(f"The title has {len(line):,} characters; the limit is {MAX_TITLE_CHARS:,}. Shorten it.")
    return line


def title_of(question: str) -> str:
    r"""A conversation's title after its first question: one line, with an ellipsis where it is longer.

    >>> title_of("  2031年新建了\n多少所学校？ ")
    '2031年新建了 多少所学校？'
    """
    line = one_line(question)
    return line if len(line) <= TITLE_CHARS else line[: TITLE_CHARS - 1] + "…"


def one_line(text: str) -> str:
    """Text that any file and any list can hold: NULs and line breaks are blanks, half characters ``?``."""
    return " ".join(whole_text(text).replace("\0", " ").split())


def folded(text: str) -> str:
    r"""Text as it is searched: upper and lower case, full and half width are the same.

    >>> folded("ＡＢＣ\n学位　４万")
    'abc 学位 4万'
    """
    return one_line(compatible(text).casefold())


def searched(exchange: Exchange) -> str:
    """What an exchange is found by: its question and what was said to it, without markers."""
    return folded(f"{exchange.question}\n{strip_markers(_said(exchange))}")


def shown(exchange: Exchange) -> dict[str, Any]:
    """What somebody saw who rates an exchange: question, answer with its markers, and what it cites."""
    answer = _answer(exchange)
    seen = answer or exchange.quotation
    return {
        "question": exchange.question,
        "query": exchange.query,
        "stage": exchange.stage,
        "answer": _said(exchange),
        "abstained": answer.abstained if answer else None,
        "citations": [to_record(c) for c in seen.citations] if seen else [],
    }


def _answer(exchange: Exchange) -> Answer | None:
    """The checked answer, where one came."""
    return exchange.answer if exchange.answer and not exchange.answer.error else None


def _said(exchange: Exchange) -> str:
    """The text of the answer; of a question without one the quotation and what had arrived."""
    if answer := _answer(exchange):
        return answer.text
    quoted = exchange.quotation.text if exchange.quotation else ""
    return join_sentences([text for text in (quoted, exchange.streamed) if text])


def record_of(exchange: Exchange) -> str:
    """An exchange as the text that :func:`exchange_of` reads."""
    return as_json(to_record(exchange))


def exchange_of(text: str) -> Exchange:
    """The exchange of a record; one that was never finished (the page was killed) is a stopped one.

    Raises:
        RecordError: It is no record of an exchange.
        ValueError: It is no JSON.
    """
    exchange = from_record(Exchange, json.loads(text))
    return exchange if exchange.over else replace(exchange, stage="stopped", n_ahead=0)


def as_json(value: object) -> str:
    """JSON that UTF-8 can hold: characters as they are, escaped where there are half ones among them."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return text if whole_text(text) == text else json.dumps(value, allow_nan=False)
