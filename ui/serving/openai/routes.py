"""The API that chat front ends speak: OpenAI's ``/v1/models`` and ``/v1/chat/completions``.

Only checked text goes out: a stream keeps the line alive while the answer is made, then sends it in pieces, then its
citations as annotations. What is read from a request stands in :mod:`ui.serving.openai.request`, what an answer looks
like in :mod:`ui.serving.openai.reply`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from rag.errors import CorpusIndexError, ModelError, QuestionError, RagError
from rag.schema.answers import Answer
from rag.schema.search import Hidden
from ui.accounts.identity import OWNER
from ui.scheduling.ask import ask_and_wait
from ui.scheduling.queue import LineFullError, QuestionStoppedError
from ui.serving.openai.reply import Reply, count_roughly
from ui.serving.openai.request import MODELS, Completion, RequestError, read_completion
from ui.web.guard import base_url

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from ui.scheduling.desk import Desk

__all__ = ["openai_routes"]

KEEP_ALIVE_SECONDS = 10.0  # proxies give up on a silent stream after 30 to 60
EARLY_SECONDS = 0.25  # what fails at once (a full line, an empty question) still gets a status of its own
SINCE = 1_767_225_600  # 2026-01-01, when these models were made: the field is asked for

log = logging.getLogger(__name__)


def openai_routes(
    desk: Desk,
    *,
    hidden_of: Callable[[str], Hidden] = lambda _: frozenset(),
    count_tokens: Callable[[str], int] = count_roughly,
    keep_alive_seconds: float = KEEP_ALIVE_SECONDS,
) -> list[BaseRoute]:
    """The routes of the API.

    Args:
        desk: Where questions are answered.
        hidden_of: Sources that an owner must not see.
        count_tokens: How many tokens a text has, for ``usage``; roughly by default.
        keep_alive_seconds: How often a stream says that it lives.
    """

    async def models(_: Request) -> Response:
        return JSONResponse({"object": "list", "data": [_model(name) for name in MODELS]})

    async def model(request: Request) -> Response:
        name = request.path_params["name"]
        return JSONResponse(_model(name)) if name in MODELS else _error(_no_model(name))

    async def complete(request: Request) -> Response:
        try:
            completion = await read_completion(request)
        except RequestError as error:
            return _error(error)
        owner = str(request.scope.get(OWNER) or "")
        asking = asyncio.create_task(ask_and_wait(desk, completion.asked(owner, hidden_of(owner))))
        base = base_url(request.scope)
        reply = partial(Reply, completion, base=base, count_tokens=count_tokens)
        if completion.stream:
            await asyncio.wait({asking}, timeout=EARLY_SECONDS)
            if asking.done() and asking.exception() is not None:
                return _error(_failure(asking.exception()))
            events = _stream(asking, reply, completion, keep_alive_seconds)
            headers = {"cache-control": "no-cache", "x-accel-buffering": "no"}  # the latter for nginx
            return StreamingResponse(events, media_type="text/event-stream", headers=headers)
        return await _whole(request, asking, reply)

    async def nothing(request: Request) -> Response:
        return _error(RequestError(f"There is no {request.method} {request.url.path} here.", status=404))

    return [
        Route("/v1/models", models, methods=["GET"]),
        Route("/v1/models/{name}", model, methods=["GET"]),
        Route("/v1/chat/completions", complete, methods=["POST"]),
        Route("/v1/{rest:path}", nothing, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
    ]


async def _whole(request: Request, asking: asyncio.Task[Answer], reply: Callable[[Answer], Reply]) -> Response:
    """The answer in one piece; a caller that goes away ends the work on it."""
    leaving = asyncio.create_task(_left(request))
    try:
        await asyncio.wait({asking, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not asking.done():
            return Response(status_code=499)  # nobody reads it
        error = asking.exception()
        return _error(_failure(error)) if error else JSONResponse(reply(asking.result()).completion())
    finally:
        leaving.cancel()
        await _end(asking)


async def _stream(
    asking: asyncio.Task[Answer], reply: Callable[[Answer], Reply], completion: Completion, keep_alive_seconds: float
) -> AsyncIterator[str]:
    """The answer as events; leaving the iteration ends the work on it."""
    try:
        yield Reply.begin(completion)
        while not asking.done():
            yield ": working\n\n"  # a comment: clients pass over it
            await asyncio.wait({asking}, timeout=keep_alive_seconds)
        error = asking.exception()
        if error is not None:
            yield Reply.event(_failure(error).record())
            return
        for event in reply(asking.result()).events():
            yield event
        yield "data: [DONE]\n\n"
    finally:
        await _end(asking)


async def _left(request: Request) -> None:
    """Wait until the caller is gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _end(asking: asyncio.Task[Answer]) -> None:
    if not asking.done():
        asking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asking


def _failure(error: BaseException | None) -> RequestError:
    """Why there is no answer, as the API tells it."""
    match error:
        case LineFullError():
            return RequestError(str(error), status=429, kind="rate_limit_exceeded", code="rate_limit_exceeded")
        case QuestionError():
            return RequestError(str(error), param="messages")
        case QuestionStoppedError() | CorpusIndexError() | ModelError():
            return RequestError(str(error), status=503, kind="server_error")
        case RagError():
            return RequestError(str(error), status=500, kind="server_error")
    log.error("A question of the API could not be answered", exc_info=error)
    return RequestError("An internal error; the server's terminal says more.", status=500, kind="server_error")


def _error(error: RequestError) -> Response:
    headers = {"retry-after": "10"} if error.status == 429 else None
    return JSONResponse(error.record(), error.status, headers=headers)


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": SINCE, "owned_by": "youju"}


def _no_model(name: str) -> RequestError:
    return RequestError.no_model(name)
