"""Runs a script of this package in a process of its own, with limits of time and memory.

For libraries in C++ that read files of others: one that crashes, loops or eats memory ends that process and nothing
else. The script is run by its path, so that neither the folder one happens to stand in nor the package is imported.
"""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final

__all__ = ["GIGABYTE", "EndedEarlyError", "lines_from", "run"]

GIGABYTE: Final = 1 << 30
_LIMITED: Final = """
import runpy, sys
limit, script = int(sys.argv[1]), sys.argv[2]
try:
    import resource
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
except (ImportError, OSError, ValueError):  # Windows has no such limits; macOS does not let them be set
    pass
sys.argv = sys.argv[2:]
runpy.run_path(script, run_name="__main__")
"""
_MOST_WORDS: Final = 200  # characters


class EndedEarlyError(Exception):
    """The process did not do what it was to do; says why in its own words."""


def run(script: str | Path, *arguments: str, seconds: float, memory_bytes: int, given: bytes = b"") -> bytes:
    """What a script writes.

    Args:
        script: Its path.
        arguments: What it is given.
        seconds: How long it may take.
        memory_bytes: Address space that it may have, of which less is ever in memory.
        given: What it reads from its standard input.

    Raises:
        TimeoutError: It takes longer than ``seconds``.
        EndedEarlyError: It fails.
    """
    command = _command(script, arguments, memory_bytes)
    try:
        done = subprocess.run(command, input=given, capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as error:
        raise TimeoutError from error
    if done.returncode or not done.stdout:
        raise EndedEarlyError(_words(done.stderr.splitlines(), done.returncode))
    return done.stdout


def lines_from(script: str | Path, *arguments: str, seconds: float, memory_bytes: int) -> Iterator[bytes]:
    """The lines that a script writes, each as soon as it is there; the process ends with the iteration.

    Raises:
        TimeoutError: The first or the next line takes longer than ``seconds``.
        EndedEarlyError: It fails.
    """
    command = _command(script, arguments, memory_bytes)
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        lines: queue.Queue[bytes] = queue.Queue()
        said: list[bytes] = []
        readers = [_reader(process.stdout, lines.put), _reader(process.stderr, said.append)]
        try:
            while line := lines.get(timeout=seconds):
                yield line
            if process.wait(seconds):
                readers[1].join(seconds)
                raise EndedEarlyError(_words(said, process.returncode))
        except (queue.Empty, subprocess.TimeoutExpired) as error:
            raise TimeoutError from error
        finally:
            process.kill()
            for reader in readers:
                reader.join(seconds)


def _command(script: str | Path, arguments: Sequence[str], memory_bytes: int) -> list[str]:
    return [sys.executable, "-P", "-c", _LIMITED, str(memory_bytes), str(script), *arguments]


def _reader(pipe: IO[bytes] | None, take: Callable[[bytes], Any]) -> threading.Thread:
    """Hands on the lines of a process; an empty one at the end."""

    def pass_on() -> None:
        for line in pipe or ():
            take(line)
        take(b"")

    thread = threading.Thread(target=pass_on, daemon=True)
    thread.start()
    return thread


def _words(said: Sequence[bytes], code: int) -> str:
    """The last line that a process wrote of its own trouble; its exit code where it wrote none."""
    lines = [line.decode("utf-8", "replace").strip() for line in said if line.strip()]
    return lines[-1][:_MOST_WORDS] if lines else f"exit code {code}"
