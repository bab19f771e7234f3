"""Two small routes: the server's health, and the place of a citation.

Knows nothing of pages.
"""

from __future__ import annotations

import logging
import threading
import time
from asyncio import get_running_loop
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rag.errors import RagError
from ui.accounts.identity import OWNER

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from ui.scheduling.desk import Desk

__all__ = ["Counted", "Source", "health_route", "source_route"]

DRAWN_AT_ONCE = 2  # pages: each by a process of its own
FRESH_SECONDS = 2.0  # the route is open to all: asked more often, it repeats itself

Source: TypeAlias = Callable[[Mapping[str, str], str], tuple[int, dict[str, Any]]]
"""What a citation's address leads to: its parameters and who asks -> an HTTP status and a record."""

log = logging.getLogger(__name__)


class Counted(Protocol):
    """A document, as far as it is counted."""

    @property
    def n_passages(self) -> int:
        """Its passages."""


def health_route(documents: Callable[[], Sequence[Counted]], desk: Desk) -> BaseRoute:
    """The route that tells whether the server is well; it names no document, place or person.

    Args:
        documents: What is indexed.
        desk: Where questions wait.
    """
    lock, known = threading.Lock(), _Corpus()

    def corpus() -> _Corpus:
        nonlocal known
        with lock:
            if time.monotonic() - known.at > FRESH_SECONDS:
                known = _look(documents)
            return known

    async def health(_: Request) -> Response:
        found = await run_in_threadpool(corpus)
        record = {
            "status": "ok" if found.state == "ok" else "unavailable",
            "version": _version(),
            "index": found.state,
            "documents": found.n_documents,
            "passages": found.n_passages,
            "generator": desk.generator,
            "answering": desk.busy,
            "waiting": desk.n_waiting,
        }
        headers = {"cache-control": "no-store"}
        return JSONResponse(record, 200 if found.state == "ok" else 503, headers=headers)

    return Route("/healthz", health, methods=["GET", "HEAD"])


def source_route(source: Source, picture: Source) -> BaseRoute:
    """The route that citations lead to.

    Args:
        source: What stands at a place, as its owner may see it.
        picture: The page it stands on as a picture, likewise, where ``picture`` is among the parameters.
    """
    drawing = ThreadPoolExecutor(DRAWN_AT_ONCE)  # pictures wait for each other and keep no text waiting

    async def show(request: Request) -> Response:
        owner, parameters = str(request.scope.get(OWNER) or ""), dict(request.query_params)
        if "picture" in parameters:
            status, record = await get_running_loop().run_in_executor(drawing, picture, parameters, owner)
        else:
            status, record = await run_in_threadpool(source, parameters, owner)
        return JSONResponse(record, status, headers={"cache-control": "no-store"})

    return Route("/source", show, methods=["GET"])


@dataclass(frozen=True, slots=True)
class _Corpus:
    """What the index held at a moment."""

    state: str = ""
    n_documents: int = 0
    n_passages: int = 0
    at: float = float("-inf")


def _look(documents: Callable[[], Sequence[Counted]]) -> _Corpus:
    try:
        found = documents()
        n_passages = sum(document.n_passages for document in found)
    except RagError as error:
        log.warning("The index cannot be read: %s", error)
        return _Corpus("unreadable", at=time.monotonic())
    except Exception:
        log.exception("The index cannot be read")
        return _Corpus("unreadable", at=time.monotonic())
    return _Corpus("ok", len(found), n_passages, at=time.monotonic())


def _version() -> str:
    try:
        return version("youju")
    except PackageNotFoundError:  # run from a checkout that was not installed
        return "0"
