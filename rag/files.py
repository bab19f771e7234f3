"""How a file or a folder is replaced: whole or not at all, whatever happens on the way.

The one place that does it: a draft in the same folder, its bytes on the disk, then put in place in one step. A reader
sees the old content or the new one. Knows nothing of what is written, and does not keep two writers apart: they take a
lock, or the last one wins.
"""

from __future__ import annotations

import errno
import glob
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from rag.errors import BatchError

__all__ = ["check_writable", "draft_of", "put_in_place", "replace_folder", "write_whole", "writing_to"]

GIVEN_UP_SECONDS: Final = 3600.0  # what is older was left by a writer that was killed: writing takes seconds


def write_whole(file: Path, content: str | bytes, *, mode: int | None = None) -> None:
    r"""Write a file whole or not at all.

    Args:
        file: The file; an existing one is replaced.
        content: Text goes out as UTF-8, half surrogate pairs as ``\\udXXX``.
        mode: Its permissions from the first byte on; by default those of the file before, or what the system gives.

    Raises:
        OSError: The system refuses; the file is as it was.
    """
    with draft_of(file, mode=mode) as draft:
        draft.write_bytes(content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content)


@contextmanager
def draft_of(file: Path, *, mode: int | None = None) -> Iterator[Path]:
    """An empty file beside another: written in the block, put in its place after it, removed where the block fails.

    Args:
        file: The file to be replaced.
        mode: Permissions: see :func:`write_whole`.

    Raises:
        OSError: The system refuses; the file is as it was.
    """
    draft = _begun(file, mode)
    try:
        yield draft
        if mode is None and file.exists():
            shutil.copymode(file, draft)
        put_in_place(draft, file)
    finally:
        draft.unlink(missing_ok=True)


def check_writable(file: Path) -> None:
    """See whether a file can be written, before work is done for it; leaves nothing behind.

    Raises:
        OSError: It cannot.
    """
    _begun(file, None).unlink()


def put_in_place(new: Path, target: Path) -> None:
    """Put a finished file, on the same disk, in the place of another, once its bytes are on the disk.

    Raises:
        OSError: The system refuses; the target is as it was.
    """
    with new.open("r+b") as stream:
        os.fsync(stream.fileno())
    new.replace(target)
    _sync_folder(target.parent)


def replace_folder(new: Path, target: Path) -> None:
    """Put a finished folder, on the same disk, in place; what stood there is removed afterwards.

    Raises:
        OSError: The system refuses.
    """
    old = target.with_name(f".old-{target.name}")
    shutil.rmtree(old, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        target.replace(old)
    new.replace(target)
    _sync_folder(target.parent)
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def writing_to(file: Path, *, advice: str) -> Iterator[None]:
    """Say in words why a file of the user's choice cannot be written.

    Args:
        file: The file.
        advice: What to do then.

    Raises:
        BatchError: In place of an OSError.
    """
    try:
        yield
    except OSError as error:
        raise BatchError(f"{file} cannot be written: {error.strerror or error}. {advice}") from error


def _begun(file: Path, mode: int | None) -> Path:
    """An empty draft of a file; drafts that killed writers left are removed."""
    if file.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    for leftover in file.parent.glob(f".{glob.escape(file.name)}.*.tmp"):
        with suppress(OSError):
            if time.time() - leftover.stat().st_mtime > GIVEN_UP_SECONDS:
                leftover.unlink()
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}.tmp")
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666 if mode is None else mode))
    return draft


def _sync_folder(folder: Path) -> None:
    """Have a folder's entries on the disk, where the system lets a folder be opened."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
