"""Asking from an event loop: the exchange that grows as news of a question arrive, or just its answer.

A stop, or a closed tab, is heeded at once, whatever the generator is doing. Knows nothing of Gradio or of HTML.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from rag.errors import RagError
from rag.schema.answers import Answer, Delta, Quoted
from rag.schema.messages import Mode, Turn
from rag.schema.search import Hidden, Retrieved, Scope
from rag.text.sentences import join_sentences
from ui.exchange import Exchange
from ui.scheduling.queue import (
    DeskEvent,
    Failed,
    LineFullError,
    QuestionStoppedError,
    QueuedQuestion,
    Started,
    StoppedEvent,
    Waiting,
    answer_in,
)
from ui.text.words import Lang, Words

if TYPE_CHECKING:
    from ui.scheduling.desk import Desk

__all__ = ["ask_and_wait", "stream_exchange"]

REDRAW_SECONDS = 0.08  # twelve redraws a second read as flowing; each one sends the whole exchange
_WORDS = Words(
    internal=("程序内部出错（{what}），详情见终端。", "An internal error ({what}); the server's terminal says more."),
    nothing=("没有得到回答，请重试。", "The answer did not arrive; please ask again."),
    mine=(
        "你已有 {n} 个问题在排队，请等其中一些得到回答后再提问。",
        "Your questions in line already: {n}. Ask again when some of them are answered.",
    ),
    full=(
        "排队的问题已有 {n} 个，暂不接受新问题，请稍后再问。",
        "Questions in line: {n}; no more are taken for now. Please ask again later.",
    ),
)

Inbox: TypeAlias = "asyncio.Queue[tuple[DeskEvent, float]]"


async def stream_exchange(  # noqa: PLR0913 - all that can be said of a question
    desk: Desk,
    session: str,
    question: str,
    past: Sequence[Exchange],
    *,
    owner: str = "",
    scope: Scope | None = None,
    mode: Mode = "answer",
    hidden: Hidden = frozenset(),
    lang: Lang = "zh",
) -> AsyncIterator[Exchange]:
    """Ask, and yield the exchange as it grows; leaving the iteration stops the answering.

    Args:
        desk: Where questions are answered.
        session: Whose question it is; one at a time is answered for each.
        question: The user's words.
        past: What was said before on this page.
        owner: Who asks; turns go round between owners.
        scope: A restriction.
        mode: How to answer.
        hidden: Sources that the owner must not see.
        lang: Language of what is said where there is no answer.

    Yields:
        The exchange, at most twelve times a second, up to the one that is over.
    """
    exchange = Exchange(number=len(past) + 1, question=question, scope=scope, mode=mode)
    asked_at = time.monotonic()
    asked = QueuedQuestion(session, question, tuple(_history(past)), owner, scope, mode, hidden)
    try:
        inbox = _submit(desk, asked)
    except LineFullError as error:
        said = _WORDS.say("mine" if error.mine else "full", lang, n=error.n_waiting)
        yield replace(exchange, stage="failed", error=said)
        return
    except QuestionStoppedError:
        yield replace(exchange, stage="stopped")
        return
    if inbox is None:
        return
    try:
        while not exchange.over:
            exchange = await _heard(exchange, inbox, asked_at, lang)
            yield exchange
            if not exchange.over:
                await asyncio.sleep(REDRAW_SECONDS)
    finally:
        if not exchange.over:
            desk.stop(session)


async def _heard(exchange: Exchange, inbox: Inbox, asked_at: float, lang: Lang) -> Exchange:
    """The exchange with all the news that have come; waits for some."""
    news = [await inbox.get()]
    while not inbox.empty():
        news.append(inbox.get_nowait())
    for item, at in news:
        if not exchange.over:
            waiting = exchange.stage == "waiting"  # until it starts, all that passes is waiting
            waited = at - asked_at if waiting else exchange.waited_seconds
            exchange = replace(exchange, waited_seconds=waited, seconds=at - asked_at - waited)
            exchange = _advance(exchange, item, lang)
    return exchange


async def ask_and_wait(desk: Desk, asked: QueuedQuestion) -> Answer:
    """Ask and wait for the answer; being cancelled stops the answering.

    Raises:
        LineFullError: Too many questions wait.
        RagError: It cannot be answered.
        StoppedError: It was stopped, or the session's last question is still under way.
    """
    asked = replace(asked, session=asked.session or uuid.uuid4().hex)
    inbox = _submit(desk, asked)
    if inbox is None:
        raise QuestionStoppedError("The last question of this session is still under way.")
    over = False
    try:
        while True:
            news, _ = await inbox.get()
            over = isinstance(news, Answer | Failed | StoppedEvent)
            answer = answer_in(news)
            if answer is not None:
                return answer
    finally:
        if not over:
            desk.stop(asked.session)


def _submit(desk: Desk, asked: QueuedQuestion) -> Inbox | None:
    """Ask, and have the news come into an inbox of this event loop."""
    inbox: Inbox = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def deliver(news: DeskEvent, at: float) -> None:
        with contextlib.suppress(RuntimeError):  # the page was closed, and its event loop with it
            loop.call_soon_threadsafe(inbox.put_nowait, (news, at))

    return inbox if desk.submit(asked, deliver) else None


def _advance(exchange: Exchange, news: DeskEvent, lang: Lang) -> Exchange:
    changes: dict[str, Any]
    match news:
        case Waiting(n_ahead, seconds):
            changes = {"n_ahead": n_ahead, "expected_seconds": seconds}
        case Started():
            changes = {"stage": "searching", "n_ahead": 0, "expected_seconds": None}
        case Retrieved(query, evidence):
            changes = {"stage": "reading", "query": query, "evidence": evidence}
        case Quoted(answer):
            changes = {"quoted": answer}
        case Delta(text):
            changes = {"stage": "writing", "streamed": exchange.streamed + text}
        case StoppedEvent():
            changes = {"stage": "stopped"}
        case Failed(error):
            changes = {"stage": "failed", "error": _reason(error, lang)}
        case Answer():
            changes = {"stage": "done", "answer": news, "query": news.query}
            if news.timings.total_seconds is not None:
                changes["seconds"] = news.timings.total_seconds
    return replace(exchange, **changes)


def _reason(error: Exception | None, lang: Lang) -> str:
    """Why there is no answer, for people; what is not meant for them stays in the terminal."""
    if error is None:
        return _WORDS.say("nothing", lang)
    return str(error) if isinstance(error, RagError) else _WORDS.say("internal", lang, what=type(error).__name__)


def _history(past: Sequence[Exchange]) -> list[Turn]:
    """Hand over what was answered; text that was stopped or never checked is not passed on as said."""
    turns: list[Turn] = []
    for exchange in past:
        if exchange.answer is not None and not exchange.answer.error:
            said = join_sentences([sentence.text for sentence in exchange.answer.sentences])
            turns.append(Turn("user", exchange.question))
            turns.append(Turn("assistant", said or exchange.answer.reason))
    return turns
