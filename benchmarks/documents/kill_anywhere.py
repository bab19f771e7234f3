"""What is lost, doubled or half there when youju is killed (SIGKILL) at random moments: indexing, batch, watch.

Run: python -m benchmarks.documents.kill_anywhere [--times N] [--seed N]. Each time a folder with changed files is
indexed, a question set is answered or a folder is watched, in a process of its own that is killed at a moment drawn
evenly from the time that an undisturbed run takes after its first call of a model: what is before changes nothing.
Then the index is looked at as it is, the same command is run again (after a watch, index --prune), and the outcome is
compared with that of the undisturbed run. The models are stand-ins of the tests, which cost nothing: what is killed is
everything else. Prints a row for each kind; exit code 1 where anything was lost, doubled or half there.
Works where there are signals (POSIX). It does not cut the power: what the system has taken to write is written.
"""

from __future__ import annotations

import argparse
import importlib
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from rag.config import load_config
from rag.index.ingest import index_paths
from rag.index.opening import open_index
from rag.index.sqlite import Store

TEXT: Final = "海州市2031年第{n}号工作总结\n\n一、道路\n2031年，海州市新修公路{n}公里。\n\n二、学校\n新建学校{n}所。\n"
N_DOCUMENTS: Final = 12
N_QUESTIONS: Final = 12
ASKED: Final = [f"海州市2031年新修公路多少公里？第{n}问" for n in range(N_QUESTIONS)]
COMMANDS: Final = {
    "index": ["index", "--prune", "docs"],
    "batch": ["batch", "q.txt", "--out", "a.jsonl"],
    "watch": ["index", "--prune", "--watch", "docs"],
}
IMPATIENT: Final = "import rag.index.watch as w; w.LOOK_SECONDS = 0.05; w.SETTLE_SECONDS = 0.1\n"
"""A watch that looks often, so that its seconds are spent on indexing and not on waiting."""
_PROCESSES: Final = importlib.import_module("tests.support.rag.processes")
_STORES: Final = importlib.import_module("tests.support.rag.stores")
_ENCODER: Final = importlib.import_module("tests.support.fakes").HashingEncoder


@dataclass
class Tally:
    """What came of the kills of one kind.

    Attributes:
        seconds: An undisturbed run works so long.
        times: Kills that struck a process at work; one that had ended already is started again.
        found: How often something was lost, doubled or half visible.
    """

    seconds: float
    times: int = 0
    found: Counter[str] = field(default_factory=Counter)


def write_folder(top: Path) -> None:
    """Index a folder, then change it: new, edited, renamed and removed files; and write a question set."""
    docs = top / "docs"
    docs.mkdir()
    for n in range(N_DOCUMENTS):
        (docs / f"{n}.txt").write_text(TEXT.format(n=n), encoding="utf-8")
    index_paths(_config(top), [docs], encoder=_ENCODER())
    for n in range(0, N_DOCUMENTS, 3):
        (docs / f"{n}.txt").write_text(TEXT.format(n=n + 100), encoding="utf-8")
        (docs / f"new{n}.txt").write_text(TEXT.format(n=n + 200), encoding="utf-8")
    (docs / "1.txt").rename(docs / "renamed.txt")
    (docs / "2.txt").unlink()
    (top / "q.txt").write_text("\n".join(ASKED), encoding="utf-8")


def start(top: Path, kind: str) -> subprocess.Popen[str]:
    """Start the command of a kind in a folder."""
    driver: str = _PROCESSES.DRIVER
    process: subprocess.Popen[str] = _PROCESSES.start(
        top / "home", *COMMANDS[kind], slow=0.02, code=IMPATIENT + driver if kind == "watch" else driver
    )
    return process


def await_work(process: subprocess.Popen[str]) -> None:
    """Wait until a model is first called, or the process ends."""
    for line in process.stderr or []:
        if "working" in line:
            return


def run(top: Path, kind: str) -> float:
    """Run a command to its end: a watch until it says that it has indexed; the seconds after its first work."""
    with start(top, kind) as process:
        await_work(process)
        began = time.perf_counter()
        if kind == "watch" and process.stdout:
            process.stdout.readline()
            process.kill()
        _, said = process.communicate(timeout=120)
    if process.returncode not in ((-signal.SIGKILL,) if kind == "watch" else (0,)):
        raise SystemExit(f"{' '.join(COMMANDS[kind])} ended with code {process.returncode}:\n{said}")
    return time.perf_counter() - began


def outcome(top: Path, kind: str) -> Any:  # noqa: ANN401 - compared with another of its kind alone
    """What a finished run has made: the records of a batch, else all of the index and what a search in it finds."""
    if kind == "batch":
        return [(record["id"], record["question"], record["answer"], record["error"]) for record in _records(top)]
    config = _config(top)
    with open_index(config) as opened, Store.open(config.index, readonly=True) as store:
        keys, _ = store.vectors()
        names = {int(key): (p.source, p.ordinal) for key, p in zip(keys, store.passages(keys.tolist()), strict=True)}
        found = opened.vectors.search(_ENCODER().encode(["新修公路"])[0], 99)
        near = sorted(names[int(key)] for key, _ in found)
    return _STORES.contents(config), _STORES.held(config), near


def look(top: Path, kind: str, old: set[str], new: set[str], tally: Tally) -> None:
    """Look at what a killed process has left, before anything mends it: whole documents, old or new; whole records."""
    if kind == "batch":
        lines = (top / "a.jsonl").read_text(encoding="utf-8").split("\n") if (top / "a.jsonl").exists() else [""]
        whole = [json.loads(line) for line in lines[:-1]]  # a line that is not ended is taken for none
        tally.found["half visible"] += any(record["error"] for record in whole)
        return
    config = _config(top)
    texts = set(_STORES.held(config).values())
    with Store.open(config.index, readonly=True) as store:
        sound = store._database.rows("PRAGMA integrity_check") == [("ok",)]  # noqa: SLF001
        sound &= store._database.rows("PRAGMA foreign_key_check") == []  # noqa: SLF001
        keys, _ = store.vectors()
        agrees = {p.source for p in store.passages(keys.tolist())} == {info.source for info in store.documents()}
    tally.found["half visible"] += not (sound and agrees and texts <= old | new)
    tally.found["lost"] += not old & new <= texts


def compare(got: Any, wanted: Any, kind: str, tally: Tally) -> None:  # noqa: ANN401
    """Count what the second run has not mended."""
    if got == wanted:
        return
    pieces, expected = (Counter(each if kind == "batch" else each[0][0]) for each in (got, wanted))
    tally.found["lost"] += bool(expected - pieces)
    tally.found["doubled"] += bool(pieces - expected)
    tally.found["half visible"] += pieces == expected  # the same pieces in another order, or not all of them found


def kill_once(before: Path, kind: str, after: float, wanted: Any, tally: Tally) -> None:  # noqa: ANN401
    """Kill one process after so many seconds, look, run again, compare."""
    old = set(_STORES.held(_config(before)).values())
    new = {file.read_text(encoding="utf-8") for file in (before / "docs").iterdir()}
    with tempfile.TemporaryDirectory() as folder:
        top = _again(before, Path(folder) / "top")
        with start(top, kind) as process:
            await_work(process)
            time.sleep(after)
            process.kill()
            process.communicate(timeout=60)
        if process.returncode != -signal.SIGKILL:
            return
        tally.times += 1
        look(top, kind, old, new, tally)
        run(top, "index" if kind == "watch" else kind)
        compare(outcome(top, kind), wanted, kind, tally)


def main(times: int, seed: int) -> int:
    """Kill so many times, in turn each kind; print the table."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        before = Path(folder) / "before"
        before.mkdir()
        write_folder(before)
        wanted, tallies = {}, {}
        for kind in COMMANDS:
            top = _again(before, Path(folder) / kind)
            tallies[kind] = Tally(run(top, kind))
            wanted[kind] = outcome(top, kind)
        while sum(tally.times for tally in tallies.values()) < times:
            kind = min(COMMANDS, key=lambda kind: tallies[kind].times)
            moment = chance.uniform(0.0, tallies[kind].seconds)
            kill_once(before, kind, moment, wanted[kind], tallies[kind])
    print(f"{'kind':8}{'seconds':>9}{'times':>7}{'lost':>6}{'doubled':>9}{'half visible':>14}")
    for kind, tally in tallies.items():
        counts = [tally.found[what] for what in ("lost", "doubled", "half visible")]
        print(f"{kind:8}{tally.seconds:9.2f}{tally.times:7}{counts[0]:6}{counts[1]:9}{counts[2]:14}")
    return int(any(tally.found.total() for tally in tallies.values()))


def _config(top: Path) -> Any:  # noqa: ANN401 - a Config
    return load_config({"YOUJU_HOME": str(top / "home")})


def _again(before: Path, top: Path) -> Path:
    """The same at another place; where the files stand goes with it."""
    shutil.copytree(before, top)
    with Store.open(_config(top).index) as store:
        for info in store.documents():
            paths = [path.replace(str(before), str(top)) for path in (info.path, *info.copies)]
            store.relocate(info.source, name=info.source, paths=paths)
    return top


def _records(top: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (top / "a.jsonl").read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Kills youju at random moments, and counts what that costs.")
    parser.add_argument("--times", type=int, default=200, metavar="N", help="kills in all (default: 200)")
    parser.add_argument("--seed", type=int, default=15, metavar="N", help="another number kills at other moments")
    options = parser.parse_args()
    sys.exit(main(options.times, options.seed))
