"""One question at a time: the line before the pipeline, and an exchange that grows as news arrive.

Answering takes all cores, so the others wait in the order they came and are told how many are before them.
The pipeline's streams run in one worker thread; the page reads the news in its event loop, so that a stop or
a closed tab is heeded at once, whatever the generator is doing. Knows nothing of Gradio or of HTML.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from rag.errors import RagError
from rag.schema import Answer, Delta, Event, Quoted, Retrieved, Scope, Turn
from rag.sentences import join_sentences
from ui.exchange import Exchange
from ui.render import Source

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

__all__ = ["Desk", "Pipeline", "converse"]

REDRAW_SECONDS = 0.08  # twelve redraws a second read as flowing; each one sends the whole exchange

log = logging.getLogger(__name__)


class Pipeline(Protocol):
    """What the page needs of :class:`rag.pipeline.Pipeline`."""

    def stream(self, question: str, *, history: Sequence[Turn] = (), scope: Scope | None = None) -> Iterator[Event]:
        """Answer a question, event by event."""

    def example_questions(self, limit: int) -> list[str]:
        """Questions that the corpus can answer."""

    def documents(self) -> Sequence[Source]:
        """What is indexed."""

    def warm_up(self) -> None:
        """Load what the first answer would otherwise wait for."""


@dataclass(frozen=True, slots=True)
class InLine:
    """So many questions come first; none of them, and the model is still being loaded."""

    n_ahead: int


@dataclass(frozen=True, slots=True)
class Started:
    """Work on the question began."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """The user wants no more of it."""


@dataclass(frozen=True, slots=True)
class Failed:
    """It cannot be answered; the text is for people."""

    message: str


News: TypeAlias = InLine | Started | Stopped | Failed | Event


class Ticket:
    """A question in line, and the inbox where news of it arrive with their time; made in the event loop."""

    def __init__(self, session: str, question: str, history: Sequence[Turn]) -> None:
        self.session = session
        self.question = question
        self.history = tuple(history)
        self.stopped = threading.Event()
        self.over = False  # the last news are out; the worker may still be tidying up behind them
        self.future: Future[None] | None = None
        self.inbox: asyncio.Queue[tuple[News, float]] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()

    def post(self, news: News) -> None:
        """Put news into the inbox, from any thread."""
        self.over = self.over or isinstance(news, Answer | Failed | Stopped)
        with contextlib.suppress(RuntimeError):  # the page was closed, and its event loop with it
            self._loop.call_soon_threadsafe(self.inbox.put_nowait, (news, time.monotonic()))


class Desk:
    """Answers one question at a time, in the order they came, one per session."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="answer")
        self._line: list[Ticket] = []
        self._lock = threading.Lock()
        self._loading = False

    def warm_up(self) -> None:
        """Load the model before the first question; what is asked meanwhile waits in line."""
        self._loading = True
        self._worker.submit(self._load)

    def submit(self, session: str, question: str, history: Sequence[Turn]) -> Ticket | None:
        """Put a question in line; None where the session's last one is still under way."""
        ticket = Ticket(session, question, history)
        with self._lock:
            if any(other.session == session and not other.over for other in self._line):
                return None
            ticket.future = self._worker.submit(self._work, ticket)
            if self._line or self._loading:
                ticket.post(InLine(len(self._line)))
            self._line.append(ticket)
        return ticket

    def stop(self, session: str) -> None:
        """Stop what the session asked: at once where it waits, else with the next event of its stream."""
        with self._lock:
            tickets = [other for other in self._line if other.session == session and not other.stopped.is_set()]
            for ticket in tickets:
                ticket.stopped.set()
        for ticket in tickets:
            ticket.post(Stopped())
            if ticket.future is not None and ticket.future.cancel():
                self._leave(ticket)

    def close(self) -> None:
        """Stop everything and wait until the pipeline is left alone."""
        with self._lock:
            sessions = {ticket.session for ticket in self._line}
        for session in sessions:
            self.stop(session)
        self._worker.shutdown(wait=True)

    def _load(self) -> None:
        try:
            self._pipeline.warm_up()
        except RagError as error:
            log.warning("%s", error)  # the first question will fail with the same words, on the page
        except Exception:
            log.exception("The model could not be loaded")
        finally:
            self._loading = False

    def _work(self, ticket: Ticket) -> None:
        try:
            if not ticket.stopped.is_set():
                ticket.post(Started())
                self._answer(ticket)
        except RagError as error:
            ticket.post(Failed(str(error)))
        except Exception as error:
            log.exception("A question could not be answered")
            ticket.post(
                Failed(f"程序内部出错（{type(error).__name__}），详情见终端。 An internal error; see the terminal.")
            )
        finally:
            self._leave(ticket)

    def _answer(self, ticket: Ticket) -> None:
        events = self._pipeline.stream(ticket.question, history=ticket.history)
        try:
            for event in events:
                if ticket.stopped.is_set():
                    return
                ticket.post(event)
                if isinstance(event, Answer):
                    return
            ticket.post(Failed("没有得到回答，请重试。 The answer did not arrive; please ask again."))
        finally:
            if close := getattr(events, "close", None):  # a generator: its own `finally` ends the generation
                close()

    def _leave(self, ticket: Ticket) -> None:
        with self._lock:
            self._line.remove(ticket)
            for n_ahead, other in enumerate(self._line):
                if n_ahead:  # the first one is told that it has started
                    other.post(InLine(n_ahead))


async def converse(desk: Desk, session: str, question: str, past: Sequence[Exchange]) -> AsyncIterator[Exchange]:
    """Ask, and yield the exchange as it grows; leaving the iteration stops the answering.

    Args:
        desk: Where questions are answered.
        session: Whose question it is; one at a time is answered for each.
        question: The user's words.
        past: What was said before on this page.

    Yields:
        The exchange, at most twelve times a second, up to the one that is over.
    """
    asked_at = time.monotonic()
    ticket = desk.submit(session, question, _history(past))
    if ticket is None:
        return
    exchange = Exchange(number=len(past) + 1, question=question)
    started_at: float | None = None
    try:
        while not exchange.over:
            news = [await ticket.inbox.get()]
            while not ticket.inbox.empty():
                news.append(ticket.inbox.get_nowait())
            for item, at in news:
                if isinstance(item, Started):
                    started_at = at
                if not exchange.over:
                    waited = (started_at if started_at is not None else at) - asked_at
                    exchange = replace(exchange, waited_seconds=waited, seconds=at - asked_at - waited)
                    exchange = _advance(exchange, item)
            yield exchange
            if not exchange.over:
                await asyncio.sleep(REDRAW_SECONDS)
    finally:
        if not exchange.over:
            desk.stop(session)


def _advance(exchange: Exchange, news: News) -> Exchange:
    changes: dict[str, Any]
    match news:
        case InLine(n_ahead):
            changes = {"n_ahead": n_ahead}
        case Started():
            changes = {"stage": "searching", "n_ahead": 0}
        case Retrieved(query, evidence):
            changes = {"stage": "reading", "query": query, "evidence": evidence}
        case Quoted(answer):
            changes = {"quoted": answer}
        case Delta(text):
            changes = {"stage": "writing", "streamed": exchange.streamed + text}
        case Stopped():
            changes = {"stage": "stopped"}
        case Failed(message):
            changes = {"stage": "failed", "error": message}
        case Answer():
            changes = {"stage": "done", "answer": news, "query": news.query}
            if news.timings.total_seconds is not None:
                changes["seconds"] = news.timings.total_seconds
    return replace(exchange, **changes)


def _history(past: Sequence[Exchange]) -> list[Turn]:
    """Hand over what was answered; text that was stopped or never checked is not passed on as said."""
    turns: list[Turn] = []
    for exchange in past:
        if exchange.answer is not None and not exchange.answer.error:
            said = join_sentences([sentence.text for sentence in exchange.answer.sentences])
            turns.append(Turn("user", exchange.question))
            turns.append(Turn("assistant", said or exchange.answer.reason))
    return turns
