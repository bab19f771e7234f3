"""Work on many items: in this process or in several. Knows nothing of the work.

An executor takes a function and items, and gives what came of each, in order. An error of one item is a value, so that
the others go on. More are possible (threads, another machine): a class with ``map`` that keeps the contract of
``tests/contracts/executor_contract.py``.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from multiprocessing import parent_process
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any, Final, Generic, Protocol, TypeVar

from rag.errors import RagError

__all__ = ["Executor", "Outcome", "ProcessExecutor", "SerialExecutor", "WorkerDiedError", "executor_of"]

Item = TypeVar("Item")
Result = TypeVar("Result")
AHEAD: Final = 2  # items taken ahead of what was asked for, times the number of workers


class WorkerDiedError(RagError):
    """The process that worked on an item ended without a result: it crashed, or the system killed it."""


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Result]):
    """What came of an item.

    Attributes:
        value: The result; None where there is an error.
        error: What the work raised; None where it ended well.
    """

    value: Result | None = None
    error: Exception | None = None

    def get(self) -> Result:
        """The result; raises the error where there is one."""
        if self.error is not None:
            raise self.error
        return self.value  # type: ignore[return-value]  # a result may itself be None


class Executor(Protocol):
    """Works on many items."""

    def map(self, work: Callable[[Item], Result], items: Iterable[Item]) -> Generator[Outcome[Result], None, None]:
        """Work on each item.

        Args:
            work: What is done with an item. To go to another process it must be a function of a module.
            items: The items; only a few are taken ahead of what was asked for.

        Yields:
            What came of each, in the order of the items. Closing it ends the work.
        """


class SerialExecutor:
    """One item after another, in this process and thread."""

    def map(self, work: Callable[[Item], Result], items: Iterable[Item]) -> Generator[Outcome[Result], None, None]:
        """Work on an item when its outcome is asked for."""
        for item in items:
            try:
                outcome = Outcome(work(item))
            except Exception as error:  # noqa: BLE001 - handed to who asked
                outcome = Outcome(error=error)
            yield outcome


class ProcessExecutor:
    """Several processes, each new and with modules of its own; none outlives the work, nor this process.

    Function, items, results and errors must be picklable. An item that kills its process is an error of that item.
    """

    def __init__(self, workers: int) -> None:
        """Make nothing yet.

        Args:
            workers: How many processes.
        """
        if workers < 1:
            raise ValueError(f"workers is {workers}; expected 1 or more.")
        self._workers = workers

    def map(self, work: Callable[[Item], Result], items: Iterable[Item]) -> Generator[Outcome[Result], None, None]:
        """Work on the items, ``AHEAD`` times as many at once as there are processes."""
        pool, todo, running = _Pool(self._workers), iter(items), deque[tuple[Item, Future[Result]]]()
        try:
            while True:
                free = AHEAD * self._workers - len(running)
                running.extend((item, pool.submit(work, item)) for item in islice(todo, free))
                if not running:
                    break
                item, future = running.popleft()
                try:
                    outcome = _outcome_of(future)
                except BrokenProcessPool:  # some item killed its process, and with it the pool: this one or another
                    pool.stop()
                    outcome = _alone(work, item)
                    pool = _Pool(self._workers)
                    running = deque((item, pool.submit(work, item)) for item, _ in running)
                yield outcome
            pool.end()
        finally:
            pool.stop()


def executor_of(workers: int) -> Executor:
    """The executor for a number of processes; 0 stands for this one."""
    return ProcessExecutor(workers) if workers else SerialExecutor()


def _outcome_of(future: Future[Result]) -> Outcome[Result]:
    try:
        return Outcome(future.result())
    except BrokenProcessPool:
        raise
    except Exception as error:  # noqa: BLE001 - handed to who asked
        return Outcome(error=error)


def _alone(work: Callable[[Item], Result], item: Item) -> Outcome[Result]:
    """Work on an item in a process of its own, so that it is known which one kills it."""
    pool = _Pool(1)
    try:
        return _outcome_of(pool.submit(work, item))
    except BrokenProcessPool:
        return Outcome(
            error=WorkerDiedError(
                "The process that worked on this ended without a result: it crashed, or the system ran out of memory. "
                "Try it with fewer workers, or without (workers = 0)."
            )
        )
    finally:
        pool.stop()


class _Pool:
    """A process pool that can be stopped at once."""

    def __init__(self, workers: int) -> None:
        self._context = _Spawning()
        self._pool = ProcessPoolExecutor(workers, mp_context=self._context, initializer=_begin)

    def submit(self, work: Callable[[Item], Result], item: Item) -> Future[Result]:
        """Begin to work on an item; where the pool is broken, the future says so."""
        try:
            return self._pool.submit(work, item)
        except BrokenProcessPool as error:
            broken: Future[Result] = Future()
            broken.set_exception(error)
            return broken

    def end(self) -> None:
        """Let the processes end by themselves."""
        self._pool.shutdown()

    def stop(self) -> None:
        """End the processes, whatever they are at."""
        for process in self._context.started:
            process.terminate()
        self._pool.shutdown(cancel_futures=True)


class _Spawning(SpawnContext):
    """Starts new processes, and keeps them at hand."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[SpawnProcess] = []

    def Process(self, *args: Any, **rest: Any) -> SpawnProcess:  # type: ignore[override] # noqa: ANN401, N802
        """Start nothing yet; called by the pool for each of its processes."""
        process = SpawnProcess(*args, **rest)
        self.started.append(process)
        return process


def _begin() -> None:
    """In each process: leave Ctrl-C to the parent, and end with it, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if (parent := parent_process()) is not None:
        parent.join()
        os._exit(1)
