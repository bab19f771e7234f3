"""Work on files in a thread of its own, followed from the page's event loop: the steps of all files, as they change.

Leaving the iteration stops the work at its next step. Knows nothing of Gradio or of the index.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Final, TypeAlias

from ui.documents.file_steps import FileStep, ReportStep, ShouldStop

__all__ = ["Work", "run_in_background"]

REDRAW_SECONDS: Final = 0.15

Work: TypeAlias = Callable[[ReportStep, ShouldStop], object]

log = logging.getLogger(__name__)


async def run_in_background(work: Work, stop: threading.Event) -> AsyncIterator[tuple[FileStep, ...]]:
    """Do the work, and yield the latest step of every file begun, in their order.

    Args:
        work: Called with whom to tell of steps, and whom to ask whether to stop.
        stop: Ends it; set when the iteration is left.

    Yields:
        The steps, at most seven times a second, and once more at the end: then all are over.
    """
    loop, inbox = asyncio.get_running_loop(), asyncio.Queue[FileStep | None]()
    latest: dict[int, FileStep] = {}

    def post(step: FileStep | None) -> None:
        with contextlib.suppress(RuntimeError):  # the page was closed, and its event loop with it
            loop.call_soon_threadsafe(inbox.put_nowait, step)

    def run() -> None:
        try:
            work(post, stop.is_set)
        except Exception:
            log.exception("Documents could not be changed")
        finally:
            post(None)

    threading.Thread(target=run, name="documents", daemon=True).start()
    try:
        ended = False
        while not ended:
            news = [await inbox.get()]
            while not inbox.empty():
                news.append(inbox.get_nowait())
            ended = None in news
            latest |= {step.number: step for step in news if step is not None}
            if not ended:
                yield _ordered(latest)
                await asyncio.sleep(REDRAW_SECONDS)
        # What the work did not bring to an end failed with it.
        broken = {n: replace(step, stage="failed", reason="other") for n, step in latest.items() if not step.over}
        yield _ordered(latest | broken)
    finally:
        stop.set()


def _ordered(steps: dict[int, FileStep]) -> tuple[FileStep, ...]:
    return tuple(steps[number] for number in sorted(steps))
