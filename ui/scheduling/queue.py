"""Queue questions fairly between owners; tell each its position and expected wait.

Fair between people: everybody's first waiting question comes before anybody's second, as in start-time fair
queueing (Goyal et al. 1996) with questions of equal cost. What nobody is waiting for at the page (a batch) comes
when nobody else is waiting. Not safe to share between threads by itself: the desk holds the lock.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import TypeAlias

from rag.errors import GenerationError, RagError
from rag.schema.answers import Answer, Event
from rag.schema.messages import Mode, Turn
from rag.schema.search import Hidden, Scope

__all__ = [
    "DeskEvent",
    "Failed",
    "LineFullError",
    "QuestionQueue",
    "QuestionStoppedError",
    "QueuedQuestion",
    "Started",
    "StoppedEvent",
    "Ticket",
    "Waiting",
    "answer_in",
]

MAX_WAITING_EACH = 5  # of one person: as many tabs as somebody can follow
MAX_WAITING = 100  # in all: at ten seconds an answer the last one waits a quarter of an hour, and would rather know
N_REMEMBERED = 20  # answers whose time tells what the next one will take


class QuestionStoppedError(Exception):
    """Somebody stopped the question before it was answered, or it was never taken."""


class LineFullError(Exception):
    """No more questions are taken for now.

    Attributes:
        mine: Whether it is the asker's own questions that are too many.
        n_waiting: How many wait: the asker's own, or all.
    """

    def __init__(self, *, mine: bool, n_waiting: int) -> None:
        self.mine = mine
        self.n_waiting = n_waiting
        whose = "of your own questions" if mine else "questions"
        super().__init__(f"{n_waiting} {whose} are waiting already; wait until some are answered, then ask again.")


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many questions come first; none of them, and the model is still being loaded.

    Attributes:
        n_ahead: Questions that come first, the one under way among them.
        seconds: What they will take, as far as the last answers tell; None before the first one.
    """

    n_ahead: int
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """Work on the question began."""


@dataclass(frozen=True, slots=True)
class StoppedEvent:
    """The user wants no more of it."""


@dataclass(frozen=True, slots=True)
class Failed:
    """It cannot be answered.

    Attributes:
        error: Why: an error meant for people or any other; None where the answer just did not come.
    """

    error: Exception | None


@dataclass(frozen=True, slots=True)
class Done:
    """Other work than a question is done.

    Attributes:
        result: What came of it.
    """

    result: object


DeskEvent: TypeAlias = Done | Waiting | Started | StoppedEvent | Failed | Event


def answer_in(news: DeskEvent) -> Answer | None:
    """The answer, where these news are it; None where there are more to come.

    Raises:
        RagError: The question cannot be answered.
        StoppedError: It was stopped.
    """
    match news:
        case Answer():
            return news
        case StoppedEvent():
            raise QuestionStoppedError("The question was stopped.")
        case Failed(error) if isinstance(error, RagError):
            raise error
        case Failed(error):
            what = type(error).__name__ if error else "no answer"
            raise GenerationError(f"An internal error ({what}); the server's terminal says more.") from error
    return None


@dataclass(frozen=True, slots=True)
class QueuedQuestion:
    """A question as it was handed in.

    Attributes:
        session: The tab, the request or the run that asks; it has one question at a time.
        question: The user's words.
        history: Earlier turns.
        owner: Who asks; whoever has several tabs is one owner. Where it is not told, each session is an owner.
        scope: A restriction; None for none.
        mode: In the generator's words, or by quotation.
        hidden: Sources that this owner must not see.
        background: Whether it can wait until nobody else does.
        question_id: Name of the question in a set.
        work: What is to be done instead of answering, by something else that needs the models.
    """

    session: str
    question: str
    history: tuple[Turn, ...] = ()
    owner: str = ""
    scope: Scope | None = None
    mode: Mode = "answer"
    hidden: Hidden = frozenset()
    background: bool = False
    question_id: str = ""
    work: Callable[[], object] | None = None

    @property
    def person(self) -> str:
        """Whose turn it is when this is answered."""
        return self.owner or self.session


@dataclass(eq=False, slots=True)
class Ticket:
    """A question in line.

    Attributes:
        asked: The question.
        deliver: Takes the news of it with their time, from any thread.
        stopped: Set when nobody wants the answer any more.
        over: Whether the last news are out; the worker may still be tidying up behind them.
        turn: Place in the line: the owner's round, then the order of arrival; given by the line.
        told: The number of questions ahead that was told last.
    """

    asked: QueuedQuestion
    deliver: Callable[[DeskEvent, float], None]
    stopped: threading.Event = field(default_factory=threading.Event)
    over: bool = False
    turn: tuple[bool, int, int] = (False, 0, 0)
    told: int | None = None

    def post(self, news: DeskEvent) -> None:
        """Pass on news, from any thread."""
        self.over = self.over or isinstance(news, Answer | Done | Failed | StoppedEvent)
        self.deliver(news, time.monotonic())


class QuestionQueue:
    """The questions that wait, and those under way.

    Attributes:
        slots: How many can be under way at once.
        under_way: The questions under way, each until its stream has ended; the first one began first.
    """

    def __init__(
        self,
        *,
        max_waiting: int = MAX_WAITING,
        max_waiting_each: int = MAX_WAITING_EACH,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.slots = 1
        self._clock = clock
        self.under_way: list[Ticket] = []
        self._max_waiting = max_waiting
        self._max_waiting_each = max_waiting_each
        self._waiting: list[Ticket] = []
        self._n_arrived = 0
        self._rounds: dict[tuple[bool, str], int] = {}  # the last round that an owner has a question in
        self._round: dict[bool, int] = {False: 0, True: 0}  # of the question taken last, in front and in the background
        self._took: dict[Mode, deque[float]] = {
            "answer": deque(maxlen=N_REMEMBERED),
            "quotes": deque(maxlen=N_REMEMBERED),
        }
        self._started: dict[Ticket, float] = {}

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def tickets(self) -> list[Ticket]:
        """The questions under way and those that wait, in the order in which they will be answered."""
        return [*self.under_way, *sorted(self._waiting, key=lambda ticket: ticket.turn)]

    def add(self, ticket: Ticket) -> None:
        """Put a question in line.

        Raises:
            LineFullError: Too many wait, of this owner or in all.
        """
        own = Counter(other.asked.person for other in self._waiting)[ticket.asked.person]
        if own >= self._max_waiting_each:
            raise LineFullError(mine=True, n_waiting=own)
        if len(self._waiting) >= self._max_waiting:
            raise LineFullError(mine=False, n_waiting=len(self._waiting))
        if not self.under_way and not self._waiting:  # nobody is owed a turn any more
            self._rounds.clear()
            self._round = {False: 0, True: 0}
        background = ticket.asked.background
        who = (background, ticket.asked.person)
        own_round = max(self._round[background], self._rounds.get(who, -1) + 1)
        self._rounds[who] = own_round
        self._n_arrived += 1
        ticket.turn = (background, own_round, self._n_arrived)
        self._waiting.append(ticket)

    def remove(self, ticket: Ticket) -> None:
        """Take a question out that does not wait any more; its owner's next one comes as late as it would have."""
        self._waiting.remove(ticket)

    def take(self) -> Ticket | None:
        """Take the next question to be answered; None where nobody waits, or no slot is free."""
        if not self._waiting or len(self.under_way) >= self.slots:
            return None
        ticket = min(self._waiting, key=lambda ticket: ticket.turn)
        self._waiting.remove(ticket)
        background, own_round, _ = ticket.turn
        self._round[background] = own_round
        self._rounds = {who: last for who, last in self._rounds.items() if last >= self._round[who[0]]}
        self.under_way.append(ticket)
        self._started[ticket] = self._clock()
        return ticket

    def leave(self, ticket: Ticket, *, seconds: float | None = None) -> None:
        """End a question under way.

        Args:
            ticket: The question.
            seconds: What the answer took; None where there was none, which tells nothing about the next.
        """
        if seconds is not None:
            self._took[ticket.asked.mode].append(seconds)
        self.under_way.remove(ticket)
        del self._started[ticket]

    def tell(self, *, loading: bool = False) -> None:
        """Tell those that wait how many come first, where that has changed.

        Args:
            loading: Whether the model is still to be had, which takes its own time.
        """
        free = [0.0] * self.slots  # when each slot is free, from now on
        known = not loading
        for n_ahead, ticket in enumerate(self.tickets()):
            waits = ticket not in self._started
            slot = free.index(min(free))
            if waits and (n_ahead or loading) and ticket.told != n_ahead:
                ticket.told = n_ahead
                ticket.post(Waiting(n_ahead, free[slot] if known else None))
            took = self._took[ticket.asked.mode]
            known = known and bool(took)
            if took:
                begun = 0.0 if waits else self._clock() - self._started[ticket]
                free[slot] += max(0.0, median(took) - begun)
