"""A stand-in for the desk that answers a batch, with a gate before every answer; fixtures of the files that test it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from rag.schema.answers import Answer, AnswerSentence, Citation
from rag.schema.messages import Mode, Turn
from ui.batch.jobs import BatchJobs, JobInfo
from ui.scheduling.queue import QuestionStoppedError

CITED = Citation(1, "甲.txt", "某市2019年总结", ("一、回顾", "(二)学校"), 10, 24, "新建学校3所，改建2所。")


def answer_to(question: str, text: str = "新建学校3所。", **about: Any) -> Answer:
    sentences = (AnswerSentence(text, (1,)),)
    return Answer(
        question=question,
        query=question,
        sentences=sentences,
        citations=(CITED,),
        abstained=False,
        **{"confidence": 0.9, **about},
    )


class GatedAsker:
    """Answers by its script, one at a time, each when it is let through; ``open`` lets all of them through.

    Whoever asks in the background waits while anybody else is in line, as at the desk.
    """

    def __init__(self, script: Mapping[str, Answer | Exception] | None = None, *, shut: bool = False) -> None:
        self.script = dict(script or {})
        self.asked: list[str] = []
        self.modes: list[Mode] = []
        self.hidden: list[Any] = []
        self.owners: list[str] = []
        self.n_running = 0
        self.most_running = 0
        self.n_in_front = 0  # at the page, waiting or being answered
        self.in_background: list[bool] = []
        self.seconds = 0.0  # how long an answer takes
        self._stopped: set[str] = set()
        self._open = threading.Event()
        self._tickets = threading.Semaphore(0)
        self._turn = threading.Condition()
        if not shut:
            self._open.set()

    def let(self, n: int = 1) -> None:
        """Let so many answers through."""
        self._tickets.release(n)

    def open(self) -> None:
        """Let all of them through from now on."""
        self._open.set()

    def stop(self, session: str) -> None:
        """Give up the question of a session."""
        self._stopped.add(session)

    def shut(self) -> None:
        """Hold back all of them from now on."""
        self._open.clear()

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        mode: Mode = "answer",
        question_id: str = "",
        owner: str = "",
        hidden: Any = frozenset(),
        background: bool = False,
        session: str = "",
    ) -> Answer:
        with self._turn:
            self.n_in_front += not background
            self._turn.wait_for(lambda: self.n_running == 0 and not (background and self.n_in_front), timeout=30)
            self.n_running += 1
            self.most_running = max(self.most_running, self.n_running)
            self.asked.append(question)
            self.modes.append(mode)
            self.hidden.append(hidden)
            self.owners.append(owner)
            self._stopped.discard(session)
            self.in_background.append(background)
        try:
            for _ in range(3000):
                if session in self._stopped:
                    raise QuestionStoppedError("The question was stopped.")
                if self._open.is_set() or self._tickets.acquire(timeout=0.01):
                    break
            time.sleep(self.seconds)
            said = self.script.get(question) or answer_to(question)
            if isinstance(said, Exception):
                raise said
            return said
        finally:
            with self._turn:
                self.n_running -= 1
                self.n_in_front -= not background
                self._turn.notify_all()


def until(condition: Callable[[], object]) -> None:
    for _ in range(1500):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("waited in vain")


def lines(n: int) -> str:
    return "".join(f"第{i}问？\n" for i in range(1, n + 1))


@pytest.fixture
def asker() -> GatedAsker:
    return GatedAsker(shut=True)


@pytest.fixture
def jobs(tmp_path: Path, asker: GatedAsker) -> Any:
    made = BatchJobs(tmp_path / "workspace", asker, max_questions=50, max_bytes=100_000)
    yield made
    asker.open()
    made.close()


@pytest.fixture
def drop(tmp_path: Path, jobs: BatchJobs) -> Any:
    def drop(content: str | bytes = "", name: str = "题目.txt", owner: str = "甲", mode: Any = "answer") -> str:
        file = tmp_path / "upload"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return jobs.start(owner, file, name, mode)

    return drop


def one(jobs: BatchJobs, owner: str = "甲") -> JobInfo:
    (info,) = jobs.jobs(owner)
    return info


def asked(jobs: BatchJobs, job_id: str, owner: str = "甲") -> list[str]:
    return [record["question"] for record in jobs.answers(owner, job_id, 100)]
