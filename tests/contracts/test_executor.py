"""Every executor keeps the contract; processes end when they should."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rag.execution import Executor, ProcessExecutor, SerialExecutor, WorkerDiedError, executor_of
from tests.contracts.executor_contract import ExecutorContract, own_process

ROOT = Path(__file__).parents[2]


class TestSerial(ExecutorContract):
    def executor(self) -> Executor:
        return SerialExecutor()


class TestProcesses(ExecutorContract):
    def executor(self) -> Executor:
        return ProcessExecutor(2)


def test_no_workers_are_this_process() -> None:
    assert [outcome.get() for outcome in executor_of(0).map(own_process, [1])] == [os.getpid()]


def test_workers_are_other_processes() -> None:
    found = {outcome.get() for outcome in executor_of(2).map(own_process, range(8))}
    assert os.getpid() not in found
    assert 1 <= len(found) <= 2


def test_fewer_than_one_worker_is_refused() -> None:
    with pytest.raises(ValueError, match="workers is 0"):
        ProcessExecutor(0)


def deadly(number: int) -> int:
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.skipif(os.name != "posix", reason="sends signals")
def test_an_item_that_kills_its_process_is_an_error_of_that_item_alone() -> None:
    outcomes = list(ProcessExecutor(2).map(deadly, range(6)))
    assert [outcome.value for outcome in outcomes] == [0, 1, None, 3, 4, 5]
    assert isinstance(outcomes[2].error, WorkerDiedError)


def test_what_cannot_be_sent_is_an_error_of_its_item() -> None:
    outcomes = list(ProcessExecutor(1).map(own_process, [1, lambda: None, 2]))  # type: ignore[list-item]
    assert [outcome.error is None for outcome in outcomes] == [True, False, True]


WORK = """
import sys, time
from rag.execution import ProcessExecutor
from tests.contracts.test_executor import report_and_sleep

if __name__ == "__main__":
    for outcome in ProcessExecutor(2).map(report_and_sleep, [sys.argv[1]] * 4):
        outcome.get()
"""


def report_and_sleep(folder: str) -> None:
    Path(folder, str(os.getpid())).touch()
    time.sleep(60)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[-1].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition, seconds: float = 30) -> bool:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.05)
    return bool(condition())


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_its_parent(tmp_path: Path, sent: signal.Signals) -> None:
    (tmp_path / "work.py").write_text(WORK, encoding="utf-8")
    (tmp_path / "pids").mkdir()
    command = [sys.executable, str(tmp_path / "work.py"), str(tmp_path / "pids")]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    parent = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, start_new_session=True)
    assert wait_for(lambda: len(list((tmp_path / "pids").iterdir())) == 2)
    children = [int(path.name) for path in (tmp_path / "pids").iterdir()]
    parent.send_signal(sent)
    _, said = parent.communicate(timeout=30)
    assert wait_for(lambda: not any(map(is_running, children)))
    assert parent.returncode != 0
    assert (b"KeyboardInterrupt" in said) == (sent == signal.SIGINT)
