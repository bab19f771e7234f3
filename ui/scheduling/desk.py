"""As many questions at once as the generator has slots: the desk takes them from all tabs, requests and runs.

A model on this machine takes all cores and has one slot; a server may have more. The others wait in line and are told
how many are before them and about how long that takes.
The pipeline's streams run in threads of the desk's own; whoever asked gets the news wherever they wait: in an event
loop (:mod:`ui.scheduling.ask`) or in a thread of their own (:meth:`Desk.ask`). Knows nothing of Gradio or of HTML.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, Protocol, TypeAlias, TypeVar, cast

from rag.config import MOST_SLOTS
from rag.errors import RagError
from rag.schema.answers import Answer, Event
from rag.schema.messages import Mode, Turn
from rag.schema.search import Hidden, Scope
from ui.scheduling.queue import (
    DeskEvent,
    Done,
    Failed,
    LineFullError,
    QuestionQueue,
    QuestionStoppedError,
    QueuedQuestion,
    Started,
    StoppedEvent,
    Ticket,
    answer_in,
)

__all__ = ["Desk", "LineFullError", "Pipeline", "QuestionStoppedError"]

Readiness: TypeAlias = Literal["not loaded", "loading", "loaded"]

T = TypeVar("T")
log = logging.getLogger(__name__)


class Pipeline(Protocol):
    """What the page needs of :class:`rag.pipeline.Pipeline`."""

    @property
    def slots(self) -> int:
        """How many questions are answered at once, as far as that is known."""

    def stream(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        scope: Scope | None = None,
        mode: Mode = "answer",
        question_id: str = "",
        hidden: Hidden = frozenset(),
    ) -> Iterator[Event]:
        """Answer a question, event by event."""

    def warm_up(self) -> None:
        """Load what the first answer would otherwise wait for."""


class Desk:
    """Answers as many questions at once as the pipeline has slots, fairly between owners, one per session.

    Attributes:
        generator: Whether the generator is there: it is loaded by :meth:`warm_up` or by the first answer.
    """

    def __init__(self, pipeline: Pipeline, *, line: QuestionQueue | None = None) -> None:
        """Open the desk.

        Args:
            pipeline: What answers. Its streams are run in threads of the desk's own, one for each slot.
            line: The line, where its limits are others than by default.
        """
        self.generator: Readiness = "not loaded"
        self._pipeline = pipeline
        self._workers = ThreadPoolExecutor(max_workers=MOST_SLOTS, thread_name_prefix="answer")
        self._line = QuestionQueue() if line is None else line  # an empty line is false
        self._lock = threading.Lock()
        self._closed = False

    @property
    def n_waiting(self) -> int:
        """How many questions wait, those under way not among them."""
        return len(self._line)

    @property
    def busy(self) -> bool:
        """Whether a question is being answered."""
        return bool(self._line.under_way)

    def warm_up(self) -> None:
        """Load the model before the first question; what is asked meanwhile waits in line."""
        self.generator = "loading"
        self._workers.submit(self._load)

    def submit(self, asked: QueuedQuestion, deliver: Callable[[DeskEvent, float], None]) -> Ticket | None:
        """Put a question in line.

        Args:
            asked: The question.
            deliver: Takes the news of it, each with its time; called in any thread, must not wait.

        Returns:
            The ticket; None where the session's last question is still under way.

        Raises:
            LineFullError: Too many questions wait.
            StoppedError: The desk is closed.
        """
        ticket = Ticket(asked, deliver)
        with self._lock:
            if any(other.asked.session == asked.session and not other.over for other in self._line.tickets()):
                return None
            if self._closed:
                raise QuestionStoppedError("No more questions are taken: the server is going down.")
            self._line.add(ticket)
            self._workers.submit(self._work)  # whose turn it is the line says then
            self._line.tell(loading=self.generator == "loading")
        return ticket

    def ask(  # noqa: PLR0913 - all that can be said of a question, as Pipeline.ask takes it
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        scope: Scope | None = None,
        mode: Mode = "answer",
        question_id: str = "",
        owner: str = "",
        hidden: Hidden = frozenset(),
        background: bool = True,
        session: str = "",
    ) -> Answer:
        """Ask and wait for the answer, in a thread that has nothing else to do.

        Args:
            question: The user's words.
            history: Earlier turns, oldest first.
            scope: A restriction.
            mode: How to answer.
            question_id: Name of the question in a set.
            owner: Who asks.
            hidden: Sources that the owner must not see.
            background: Whether it waits until nobody at the page does.
            session: Name by which :meth:`stop` ends it; unique for each call by default.

        Raises:
            LineFullError: Too many questions wait.
            RagError: It cannot be answered.
            StoppedError: It was stopped, or the desk is closed, or the session's last question is still under way.
        """
        inbox: queue.SimpleQueue[DeskEvent] = queue.SimpleQueue()
        asked = QueuedQuestion(
            *(session or uuid.uuid4().hex, question, tuple(history), owner, scope, mode, hidden, background),
            question_id,
        )
        if self.submit(asked, lambda news, _: inbox.put(news)) is None:
            raise QuestionStoppedError("The last question of this session is still under way.")
        while True:
            answer = answer_in(inbox.get())
            if answer is not None:
                return answer

    async def run(self, owner: str, work: Callable[[], T]) -> T:
        """Do other work that needs the models, when it is the owner's turn; being cancelled takes it out of the line.

        Raises:
            LineFullError: Too many questions wait.
            StoppedError: The desk is closed.
            Exception: What the work raised.
        """
        loop = asyncio.get_running_loop()
        coming: asyncio.Future[T] = loop.create_future()

        def settle(news: DeskEvent) -> None:
            if coming.done():
                return
            if isinstance(news, Done):
                coming.set_result(cast("T", news.result))
            elif isinstance(news, StoppedEvent):
                coming.set_exception(QuestionStoppedError("It was stopped."))
            elif isinstance(news, Failed) and news.error is not None:
                coming.set_exception(news.error)

        def deliver(news: DeskEvent, _: float) -> None:
            with contextlib.suppress(RuntimeError):  # the page was closed, and its event loop with it
                loop.call_soon_threadsafe(settle, news)

        session = uuid.uuid4().hex
        self.submit(QueuedQuestion(session, "", owner=owner, work=work), deliver)
        try:
            return await coming
        finally:
            self.stop(session)

    def stop(self, session: str) -> None:
        """Stop what the session asked: at once where it waits, else with the next event of its stream."""
        with self._lock:
            tickets = [each for each in self._line.tickets() if each.asked.session == session]
            tickets = [each for each in tickets if not each.stopped.is_set()]
            for ticket in tickets:
                ticket.stopped.set()
                if ticket not in self._line.under_way:
                    self._line.remove(ticket)
            for ticket in tickets:
                ticket.post(StoppedEvent())
            self._line.tell(loading=self.generator == "loading")

    def close(self) -> None:
        """Stop everything and wait until the pipeline is left alone."""
        with self._lock:
            self._closed = True
            sessions = {ticket.asked.session for ticket in self._line.tickets()}
        for session in sessions:
            self.stop(session)
        self._workers.shutdown(wait=True)

    def _load(self) -> None:
        try:
            self._pipeline.warm_up()
        except Exception as error:
            self.generator = "not loaded"
            if isinstance(error, RagError):
                log.warning("%s", error)  # the first question will fail with the same words, on the page
            else:
                log.exception("The model could not be loaded")
        else:
            self.generator = "loaded"
        self._use_all_slots()

    def _use_all_slots(self) -> None:
        """Begin the questions that wait, now that the generator says how many it answers at once."""
        with self._lock:
            self._line.slots = min(self._pipeline.slots, MOST_SLOTS)
            if not self._closed:
                for _ in range(min(self._line.slots, len(self._line))):
                    self._workers.submit(self._work)

    def _work(self) -> None:
        """Answer questions until none waits or no slot is free."""
        while True:
            with self._lock:
                ticket = None if self.generator == "loading" else self._line.take()
            if ticket is None:
                return
            self._handle(ticket)

    def _handle(self, ticket: Ticket) -> None:
        started, answered = time.monotonic(), False
        try:
            ticket.post(Started())
            answered = self._answer(ticket)
        except Exception as error:
            if not isinstance(error, RagError):
                log.exception("A question could not be answered")
            ticket.post(Failed(error))
        finally:
            with self._lock:
                self._line.leave(ticket, seconds=time.monotonic() - started if answered else None)
                self._line.tell()

    def _answer(self, ticket: Ticket) -> bool:
        """Pass on what the pipeline says; tell whether there is an answer."""
        if ticket.asked.work is not None:
            ticket.post(Done(ticket.asked.work()))
            return False
        events = self._pipeline.stream(ticket.asked.question, **_arguments(ticket.asked))
        try:
            for event in events:
                if ticket.stopped.is_set():
                    return False
                if isinstance(event, Answer) and ticket.asked.mode == "answer" and self.generator != "loaded":
                    self.generator = "loaded"
                    self._use_all_slots()
                ticket.post(event)
                if isinstance(event, Answer):
                    return True
            ticket.post(Failed(None))
        finally:
            if close := getattr(events, "close", None):  # a generator: its own `finally` ends the generation
                close()
        return False


def _arguments(asked: QueuedQuestion) -> dict[str, Any]:
    """What the pipeline is told of a question; what restricts nothing is left out."""
    told = {"scope": asked.scope, "hidden": asked.hidden, "question_id": asked.question_id}
    arguments = {name: value for name, value in told.items() if value}
    return arguments | {"history": asked.history, "mode": asked.mode}
