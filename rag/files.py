"""How a file is replaced: whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.errors import BatchError

__all__ = ["draft_of"]


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
