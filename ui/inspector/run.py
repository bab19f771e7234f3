"""Run a traced question from the page: it waits its turn, reports its stages, and stops when the user leaves.

Knows nothing of Gradio or of HTML. Does not cover who comes first: that is the line's (:class:`Runs`).
"""

from __future__ import annotations

import asyncio
import logging
import re
import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from rag.errors import RagError
from rag.schema.answers import Delta
from rag.schema.messages import Mode
from rag.schema.search import Hidden, Retrieved, Scope
from rag.trace.collect import Observable, Trace, trace_events
from ui.exchange import OVER, Stage
from ui.scheduling.queue import LineFullError, QuestionStoppedError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence

    from rag.schema.documents import DocumentInfo

__all__ = ["Inspected", "Look", "Runs", "Wanted", "YearError", "look_inside", "scope_of"]

T = TypeVar("T")
REDRAW_SECONDS: Final = 0.2
_SEPARATORS: Final = re.compile(r"[\s,，、;；]+")

log = logging.getLogger(__name__)


class YearError(ValueError):
    """What was typed is no year."""


class Runs(Protocol):
    """The line in which everything waits that needs the models."""

    def run(self, owner: str, work: Callable[[], T]) -> Awaitable[T]:
        """Do the work in the line's own thread when it is the owner's turn.

        Cancelling what is awaited takes the work out of the line; once begun it goes on to its end.

        Raises:
            LineFullError: Too many questions wait.
            StoppedError: The line is closed.
            Exception: What the work raised.
        """


class Inspected(Observable, Protocol):
    """What is needed of :class:`rag.pipeline.Pipeline`."""

    def documents(self, *, hidden: Hidden = frozenset()) -> Sequence[DocumentInfo]:
        """What is indexed."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be looked into."""

    question: str
    mode: Mode = "answer"
    scope: Scope | None = None
    hidden: Hidden = frozenset()


@dataclass(frozen=True, slots=True)
class Look:
    """How far it is.

    Attributes:
        stage: What is being done.
        seconds: How long ago it was asked.
        n_sentences: How many sentences are read; 0 until it is known.
        trace: The whole way, once it is there.
        error: What went wrong, for people; empty where there are no words for it.
        full: How many questions wait, where that is why this one is not taken; and whether they are the asker's own.
    """

    stage: Stage = "waiting"
    seconds: float = 0.0
    n_sentences: int = 0
    trace: Trace | None = None
    error: str = ""
    full: LineFullError | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.stage in OVER


@dataclass(slots=True)
class _Progress:
    """Where the work is, written by its thread and read by the page's."""

    stopped: threading.Event
    look: Look = field(default_factory=Look)


async def look_inside(
    pipeline: Observable, runs: Runs, wanted: Wanted, *, owner: str, stopped: threading.Event
) -> AsyncGenerator[Look, None]:
    """Answer a question with everything kept that was done for it, and tell how far it is.

    Args:
        pipeline: What answers; used in the line's thread only.
        runs: The line.
        wanted: The question.
        owner: Whose turn it is.
        stopped: Ends it with the next event; set when the iteration is left.

    Yields:
        Each stage once, and at last one that is over.
    """
    started = time.monotonic()
    progress = _Progress(stopped)
    task = asyncio.ensure_future(_run(runs, owner, lambda: _work(pipeline, wanted, progress)))
    shown: Look | None = None
    try:
        while not task.done() and not stopped.is_set():
            if progress.look != shown:
                shown = progress.look
                yield replace(shown, seconds=time.monotonic() - started)
            await asyncio.wait({task}, timeout=REDRAW_SECONDS)
        seconds = time.monotonic() - started
        yield Look("stopped", seconds) if stopped.is_set() else replace(_end(task, progress), seconds=seconds)
    finally:
        stopped.set()
        task.cancel()  # out of the line, where it still waits


async def _run(runs: Runs, owner: str, work: Callable[[], Trace | None]) -> Trace | None:
    return await runs.run(owner, work)


def _work(pipeline: Observable, wanted: Wanted, progress: _Progress) -> Trace | None:
    """Answer, unless it was stopped; runs in the line's thread."""
    if progress.stopped.is_set():
        return None
    progress.look = Look("searching")
    events = trace_events(pipeline, wanted.question, scope=wanted.scope, hidden=wanted.hidden, mode=wanted.mode)
    try:
        for event in events:
            if progress.stopped.is_set():
                return None
            if isinstance(event, Retrieved):
                progress.look = Look("reading", n_sentences=len(event.evidence))
            elif isinstance(event, Delta):
                progress.look = replace(progress.look, stage="writing")
            elif isinstance(event, Trace):
                return event
    finally:
        events.close()
    return None


def _end(task: asyncio.Future[Trace | None], progress: _Progress) -> Look:
    """What came of it."""
    try:
        trace = task.result()
    except LineFullError as error:
        return Look("failed", full=error)
    except QuestionStoppedError:
        return replace(progress.look, stage="stopped")
    except RagError as error:
        return replace(progress.look, stage="failed", error=str(error))
    except (Exception, asyncio.CancelledError):  # the line is going down, or something that should not happen
        log.exception("A question could not be looked into")
        return replace(progress.look, stage="failed")
    if trace is None:
        return replace(progress.look, stage="failed")
    return replace(progress.look, stage="done", trace=trace)


def scope_of(sources: Iterable[str], places: str, years: str) -> Scope | None:
    """The restriction that was typed; None where nothing was.

    Args:
        sources: Names of documents.
        places: Places, with commas or spaces between them.
        years: Years, likewise.

    Raises:
        YearError: One of them is no year.

    >>> sorted(scope_of([], "海州市、临川县", "2031").places)
    ['临川县', '海州市']
    """
    told = [year for year in _SEPARATORS.split(years) if year]
    if wrong := [year for year in told if not re.fullmatch(r"[0-9]{4}年?", year)]:
        raise YearError(wrong[0])
    found = frozenset(place for place in _SEPARATORS.split(places) if place)
    return Scope(frozenset(sources), frozenset(int(year[:4]) for year in told), found) or None
