"""What ``youju index --watch`` does: index again whenever files have changed, until it is interrupted."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rag.errors import DocumentError, DocumentNotFoundError, IndexLockedError

__all__ = ["watch"]


def watch(index: Callable[[], int], paths: Sequence[Path], *, wait: Callable[[float], None] = time.sleep) -> int:
    """Index whenever files have changed and come to rest; what fails is told, and tried again when it has changed.

    Args:
        index: Indexes the paths.
        paths: Files and folders.
        wait: Waits for some seconds; an interruption ends it all.

    Raises:
        DocumentNotFoundError: A path does not exist when it begins.
        RagError: Something other than a document stands in the way.
    """
    from rag.index.watch import LOOK_SECONDS, SETTLE_SECONDS, Watch, look_at

    if absent := [path for path in paths if not path.exists()]:
        raise DocumentNotFoundError(f"{absent[0]} does not exist. Check the path; a folder may be empty.")
    watching = Watch(lambda: look_at(paths), time.monotonic, SETTLE_SECONDS)
    print(f"Watching {', '.join(map(str, paths))}; to end: Ctrl-C", file=sys.stderr)
    while True:
        if watching.is_due():
            try:
                index()
            except IndexLockedError as error:  # it is tried again: the files are as they were
                print(f"youju: {error}", file=sys.stderr)
            except DocumentError as error:
                print(f"youju: {error}", file=sys.stderr)
                watching.done()
            else:
                watching.done()
            sys.stdout.flush()
        wait(LOOK_SECONDS)
