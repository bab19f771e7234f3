"""A gate before Gradio: only the routes that our pages use, each session and each file for its owner alone.

Gradio takes a session's or a file's name as leave to use it, fetches addresses that a request names
(``/gradio_api/file=https://...``, a file value whose path is an address), and has many routes that no page of ours
needs. Plain ASGI; knows nothing of pages.
"""

from __future__ import annotations

import json
import re
import threading
from collections import OrderedDict
from collections.abc import Container, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

from starlette.datastructures import Headers
from starlette.responses import JSONResponse

from ui.accounts.identity import OWNER
from ui.web.guard import route_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Belongings", "GateMiddleware", "ToolsGateMiddleware"]

MAX_BODY_BYTES = 4_000_000  # of an event: what is typed and chosen on a page; uploads have a limit of their own
MOST_REMEMBERED = 50_000
API = "/gradio_api"
ASSETS = re.compile(r"/(?:static|assets|svelte)/.+|/theme\.css|/favicon\.ico|/robots\.txt|/gradio_api/theme\.css")
READ = frozenset({"/", "/config", "/config/", f"{API}/info", f"{API}/startup-events", f"{API}/app_id", f"{API}/user"})
EVENTS = re.compile(rf"{API}/(?:queue/join|run/[a-z_]+|cancel|component_server)/?")
RUN = re.compile(rf"{API}/(?:queue/join|run/[a-z_]+)/?")
SESSION = re.compile(r"[A-Za-z0-9_-]{6,64}")
FILE_VALUE = re.compile(rb'"path":("(?:[^"\\]|\\.)*")')


class Belongings:
    """Whose sessions and files these are. Safe to share between threads; forgets the oldest beyond its measure.

    Attributes:
        folder: Where Gradio keeps uploads and what is offered for download.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._sessions: OrderedDict[str, str] = OrderedDict()
        self._files: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._lock = threading.Lock()

    def claim_session(self, session: str, owner: str) -> bool:
        """Whether a session is the owner's: whoever comes first has it."""
        with self._lock:
            first = self._sessions.setdefault(session, owner)
            self._sessions.move_to_end(session)
            if len(self._sessions) > MOST_REMEMBERED:
                self._sessions.popitem(last=False)
            return first == owner

    def give_file(self, path: str, owner: str) -> None:
        """Note a file that was uploaded by an owner or offered to one."""
        if self._inside(path):
            with self._lock:
                self._files[(path, owner)] = None
                self._files.move_to_end((path, owner))
                if len(self._files) > MOST_REMEMBERED:
                    self._files.popitem(last=False)

    def has_file(self, path: str, owner: str) -> bool:
        """Whether an owner may use a file."""
        with self._lock:
            return (path, owner) in self._files and self._inside(path)

    def _inside(self, path: str) -> bool:
        try:
            return "\0" not in path and Path(path).resolve().is_relative_to(self.folder)
        except (OSError, ValueError):
            return False


class GateMiddleware:
    """Lets through to a page what the page needs."""

    def __init__(self, app: ASGIApp, belongings: Belongings, *, events: Container[int], max_upload_bytes: int) -> None:
        """Stand before an app of Gradio.

        Args:
            app: The app.
            belongings: Whose sessions and files are whose, of both pages together.
            events: The numbers of the page's events.
            max_upload_bytes: Most bytes of one upload, all its files together.
        """
        self._app = app
        self._events = events
        self._belongings = belongings
        self._max_upload_bytes = max_upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or say why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        route, owner = route_of(scope), str(scope.get(OWNER) or "")
        if route == f"{API}/reset":  # sent after a cancellation, without a session; it does nothing in Gradio either
            await JSONResponse({"success": True})(scope, receive, send)
            return
        body = b""
        if scope["method"] == "POST" and EVENTS.fullmatch(route):
            limited = await _read(receive, MAX_BODY_BYTES)
            problem = (
                (413, "The request is too large.") if limited is None else self._event_problem(limited, route, owner)
            )
            body = limited or b""
            receive = _again(body, receive)
        else:
            problem = self._problem(scope, route, owner)
            if scope["method"] == "POST":
                receive = _counted(receive, self._max_upload_bytes)
        if problem is not None:
            await JSONResponse({"detail": problem[1]}, problem[0])(scope, receive, send)
            return
        notes = route in (f"{API}/upload", f"{API}/queue/data") or EVENTS.fullmatch(route)
        await self._app(scope, receive, self._noting(send, route, owner) if notes else send)

    def _problem(self, scope: Scope, route: str, owner: str) -> tuple[int, str] | None:
        """Why a request without an event's body is not passed on; None where it is."""
        query = parse_qs(scope["query_string"].decode("latin-1"))
        if scope["method"] == "POST":
            length = Headers(scope=scope).get("content-length", "")
            too_large = length.isdecimal() and int(length[:18]) > self._max_upload_bytes
            return (413, "The upload is too large.") if too_large else _unless(route == f"{API}/upload")
        if scope["method"] not in ("GET", "HEAD") or "deep_link" in query:
            return _unless(False)
        if route in READ or ASSETS.fullmatch(route) or route == f"{API}/upload_progress":
            return None
        if route.startswith(f"{API}/file="):
            path = unquote(route.removeprefix(f"{API}/file="))
            return _unless(self._belongings.has_file(path, owner))
        session = ""
        if route == f"{API}/queue/data":
            session = query.get("session_hash", [""])[0]
        elif route.startswith(f"{API}/heartbeat/"):
            session = route.removeprefix(f"{API}/heartbeat/")
        return _unless(bool(SESSION.fullmatch(session)) and self._belongings.claim_session(session, owner))

    def _event_problem(self, body: bytes, route: str, owner: str) -> tuple[int, str] | None:
        """Why an event is not passed on; None where it is."""
        try:
            event = json.loads(body)
        except (ValueError, RecursionError):
            return 400, "The body is no JSON."
        session = event.get("session_hash") if isinstance(event, dict) else None
        if not isinstance(session, str) or not SESSION.fullmatch(session):
            return 400, "The session is malformed."
        if not self._belongings.claim_session(session, owner):
            return 403, "The session is somebody else's."
        if RUN.fullmatch(route):  # Gradio would fail, with a traceback for each
            number = event.get("fn_index")
            if not isinstance(number, int) or number not in self._events:
                return 400, "There is no such event. Reload the page."
        if all(self._belongings.has_file(path, owner) for path in _files_in(event)):
            return None
        return 403, "The file is not one that was uploaded here by the same user."

    def _noting(self, send: Send, route: str, owner: str) -> Send:
        """Note the files that go out to an owner: what was uploaded, and what an event offers."""

        async def send_and_note(message: Message) -> None:
            body = message.get("body", b"")
            if body and route == f"{API}/upload":
                for path in _strings(body):
                    self._belongings.give_file(path, owner)
            elif body:
                for match in FILE_VALUE.finditer(body):
                    self._belongings.give_file(json.loads(match[1]), owner)
            await send(message)

        return send_and_note


class ToolsGateMiddleware:
    """Lets through to the tools what speaks their protocol; Gradio's page and API for them stay closed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or say that there is nothing."""
        if scope["type"] == "http":
            streams = "text/event-stream" in Headers(scope=scope).get("accept", "")
            speaks = scope["method"] in ("POST", "DELETE") or (scope["method"] == "GET" and streams)
            if not speaks or route_of(scope).rstrip("/") != f"{API}/mcp":
                await JSONResponse({"detail": "Not Found"}, 404)(scope, receive, send)
                return
            receive = _counted(receive, MAX_BODY_BYTES)
        await self._app(scope, receive, send)


def _unless(fine: bool) -> tuple[int, str] | None:
    return None if fine else (404, "Not Found")


def _files_in(event: object) -> Iterator[str]:
    """The paths of all file values of an event."""
    todo = [event]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            if isinstance(value.get("path"), str):  # Gradio checks only those that name their kind as well
                yield value["path"]
            todo.extend(value.values())
        elif isinstance(value, list):
            todo.extend(value)


def _strings(body: bytes) -> list[str]:
    try:
        listed = json.loads(body)
    except ValueError:
        return []
    return [item for item in listed if isinstance(item, str)] if isinstance(listed, list) else []


async def _read(receive: Receive, most: int) -> bytes | None:
    """The body of a request; None where it is larger than it may be."""
    pieces, size, more = [], 0, True
    while more:
        message = await receive()
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > most:
            return None
        more = message["type"] == "http.request" and message.get("more_body", False)
    return b"".join(pieces)


def _again(body: bytes, receive: Receive) -> Receive:
    """A body that was read, to be read again; then whatever else comes."""
    left = [body]

    async def receive_again() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return await receive()

    return receive_again


def _counted(receive: Receive, most: int) -> Receive:
    """A body that ends, as if the client had gone, where it is larger than it may be."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message: Message = await receive()
        size += len(message.get("body", b""))
        return message if size <= most else {"type": "http.disconnect"}

    return counted
