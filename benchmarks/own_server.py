"""A server of youju's in a process of its own, over real models, and what its memory does. For `twenty_users.py`."""

from __future__ import annotations

import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from rag.config import load_config
from rag.index.ingest import index_paths
from rag.progress import TerminalProgress

__all__ = ["Memory", "own_server"]

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 600  # on a new machine the models are converted first
STOP_SECONDS = 30
WARM_SHARE = 0.5  # of the time, before memory is expected to be flat: caches fill, threads start


@contextmanager
def own_server(index: Path | None) -> Iterator[tuple[str, int, Path]]:
    """Serve an index, by default a new one of seeds/, with an empty workspace; its address, process and index."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        folder = index or Path(made) / "index"
        if index is None:
            with TerminalProgress() as progress:
                index_paths(load_config(index=folder), [ROOT / "seeds"], progress=progress)
        port = free_port()
        command = [sys.executable, "-m", "ui", "--port", str(port), "--index", str(folder), "--no-browser"]
        env = os.environ | {"YOUJU_WORKSPACE": str(Path(made) / "workspace")}
        said = Path(made) / "server.log"
        with said.open("wb") as log:
            server = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
            try:
                url = f"http://127.0.0.1:{port}/"
                wait_until_ready(url, server, said)
                yield url, server.pid, folder
            finally:
                server.terminate()
                try:
                    server.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    server.kill()
                    server.wait()
                shown = [line for line in said.read_text("utf-8", "replace").splitlines() if "Traceback" in line]
                if shown:
                    print(said.read_text("utf-8", "replace")[-4000:], file=sys.stderr)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_until_ready(url: str, server: subprocess.Popen[bytes], said: Path) -> None:
    """Wait until the server has its models.

    Raises:
        RuntimeError: It ended, or took too long.
    """
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            health = httpx.get(f"{url}healthz", trust_env=False, timeout=10)
            if health.status_code == httpx.codes.OK and health.json()["generator"] == "loaded":
                return
        except httpx.TransportError:
            pass  # not there yet
        time.sleep(0.5)
    raise RuntimeError(f"The server did not start. It said: {said.read_text('utf-8', 'replace')[-4000:]}")


class Memory:
    """What a process holds, second by second.

    Attributes:
        samples: Seconds since the first look; megabytes in all; megabytes of its own, files that it has mapped (the
            models) apart, where the system tells.
    """

    def __init__(self, pid: int | None) -> None:
        """Watch a process; None watches nothing."""
        self.samples: list[tuple[float, float, float | None]] = []
        self._pid = pid

    async def watch(self) -> None:
        """Look once a second, until cancelled."""
        started = time.monotonic()
        while self._pid is not None and (held := megabytes_of(self._pid)) is not None:
            self.samples.append((time.monotonic() - started, *held))
            await asyncio.sleep(1)

    def rows(self) -> list[str]:
        """Rows of the table."""
        if len(self.samples) < 4:
            return ["| memory | not measured |"]
        times = [seconds for seconds, _, _ in self.samples]
        rows = self._rows("memory", times, [held for _, held, _ in self.samples])
        own = [own for _, _, own in self.samples if own is not None]
        return rows + (self._rows("memory without mapped files", times, own) if len(own) == len(times) else [])

    def _rows(self, name: str, times: list[float], held: list[float]) -> list[str]:
        start, middle, end = held[0], held[len(held) // 2], held[-1]
        warm = int(len(held) * WARM_SHARE)
        slope = statistics.linear_regression(times[warm:], held[warm:]).slope * 60
        return [
            f"| {name} at start / middle / end, most | {start:.0f} / {middle:.0f} / {end:.0f}, {max(held):.0f} MB |",
            f"| {name}, slope in the second half | {slope:+.1f} MB a minute |",
        ]


def megabytes_of(pid: int) -> tuple[float, float | None] | None:
    """What a process holds in memory, and what of it is its own; None where neither can be told."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")  # Linux
    except OSError:
        try:
            told = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)
            return int(told.stdout) / 1024, None
        except (OSError, ValueError, subprocess.CalledProcessError):
            return None
    told_by_name = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    if "VmRSS" not in told_by_name:  # it has ended
        return None
    held, own = (int(told_by_name[name].split()[0]) / 1024 for name in ("VmRSS", "RssAnon"))
    return held, own
