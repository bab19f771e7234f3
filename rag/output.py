"""How commands write: records as JSON, files whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rag.errors import BatchError

__all__ = ["draft_of", "json_line", "pretty", "write_whole"]


def pretty(record: dict[str, Any]) -> str:
    """A record as JSON that people can read."""
    return json.dumps(record, ensure_ascii=False, indent=1)


def json_line(record: object) -> str:
    """JSON that this console can show: with characters as they are only where it has all of them."""
    wide = (sys.stdout.encoding or "").lower().replace("-", "") in ("utf8", "utf16", "utf32")
    return json.dumps(record, ensure_ascii=not wide)


def write_whole(file: Path, text: str | None) -> None:
    """Write a file whole or not at all; without a text only see whether it can be written.

    Raises:
        BatchError: The system refuses.
    """
    with draft_of(file, advice="Name another file, in a folder that exists.") as draft:
        draft.write_text(text or "", encoding="utf-8", errors="backslashreplace")
        if text is not None:
            draft.replace(file)


@contextmanager
def draft_of(file: Path, *, advice: str) -> Iterator[Path]:
    """A file beside another, to be written and then put in its place; nothing of it is left where that fails.

    Args:
        file: The file to be written.
        advice: What to do where it cannot be.

    Raises:
        BatchError: The system refuses.
    """
    draft = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        if file.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        try:
            yield draft
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise BatchError(f"{file} cannot be written: {error.strerror or error}. {advice}") from error
