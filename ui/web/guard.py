"""What every request and response passes: the policy for browsers, the prefix of a proxy, hosts and origins.

Plain ASGI; knows nothing of pages, users or Gradio.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
from collections.abc import Awaitable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = [
    "CONTENT_POLICY",
    "GuardMiddleware",
    "HangUp",
    "PolicyMiddleware",
    "PrefixMiddleware",
    "base_url",
    "root_of",
    "route_of",
]

# Gradio's page needs inline and evaluated script; what matters is that no request can leave for another host.
CONTENT_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'self'"
)
HOST = re.compile(r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,253})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
ROOT = "youju.root"  # the key in the ASGI scope; `root_path` is changed by every mount on the way
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
STREAMS = re.compile(r"/gradio_api/(?:queue/data|heartbeat/|upload_progress|mcp)|^/v1/")


class PolicyMiddleware:
    """Sends with every page the rule that its browser may talk to nobody but this server.

    Three headers of one value each: a library (``secure``) would need as many lines to be told them.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to the response."""

        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    (b"content-security-policy", CONTENT_POLICY.encode()),
                    # Not "no-referrer": with it browsers send "Origin: null" with our own forms.
                    (b"referrer-policy", b"same-origin"),
                    (b"x-content-type-options", b"nosniff"),
                ]
            await send(message)

        await self._app(scope, receive, send_with_policy)


class PrefixMiddleware:
    """Lets the server stand at a prefix behind a proxy, whether the proxy passes the prefix on or takes it off.

    Scheme and client come from uvicorn, which reads ``X-Forwarded-Proto`` and ``-For`` of a proxy on this machine.
    Its ``root_path`` does not do for the prefix: it doubles one that the proxy passes on, and takes no whole address.
    """

    def __init__(self, app: ASGIApp, root_path: str = "") -> None:
        """Serve an app at a prefix.

        Args:
            app: The app.
            root_path: The prefix; or the whole public address, for a proxy that tells neither name nor scheme.
        """
        self._app = app
        self._public = urlsplit(root_path) if "://" in root_path else None
        self._root = (self._public.path if self._public else root_path).rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with the prefix in its path, as ASGI wants it."""
        if scope["type"] != "lifespan":
            root, path = self._root, scope["path"]
            kept = path == root or path.startswith(f"{root}/")
            scope = {**scope, "root_path": root, ROOT: root, "path": path if kept else root + path}
            if self._public:
                told = {b"x-forwarded-host": self._public.netloc, b"x-forwarded-proto": self._public.scheme}
                headers = [pair for pair in scope["headers"] if pair[0] not in told]
                headers += [(name, value.encode("latin-1")) for name, value in told.items()]
                scope |= {"scheme": self._public.scheme, "headers": headers}
        await self._app(scope, receive, send)


class GuardMiddleware:
    """Turns away what other pages make a browser send here: by their own name for us, or across origins.

    Starlette's TrustedHostMiddleware compares names alone: it knows no "any address", no ``X-Forwarded-Host``, no
    origin, and its answer cannot say what to do. With it this class would be as long as it is.
    """

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str] | None = None) -> None:
        """Guard an app.

        Args:
            app: What is guarded.
            hosts: Names that this server may be called by, addresses apart, which need no name service that could
                lie (DNS rebinding); None for any name, where a login is needed anyway.
        """
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or say why not."""
        problem = self._problem(scope) if scope["type"] == "http" else None
        if problem:
            await PlainTextResponse(*problem)(scope, receive, send)
        elif scope["type"] != "websocket":  # nothing here speaks it
            await self._app(scope, receive, send)

    def _problem(self, scope: Scope) -> tuple[str, int] | None:
        headers = Headers(scope=scope)
        names = [headers.get("host", ""), *_forwarded(headers)]
        if not all(HOST.fullmatch(name) for name in names):
            return "The Host header is malformed.", 400
        if self._hosts is not None and not _is_known(names[0], self._hosts):
            return (
                "This server does not go by that name. Call it by its address, or start it with --allow-host NAME.",
                421,
            )
        if scope["method"] in SAFE_METHODS:
            return None
        origin = headers.get("origin")
        foreign = origin is not None and _plain(origin.partition("://")[2]) not in map(_plain, names)
        if foreign or headers.get("sec-fetch-site") == "cross-site":
            return "Requests of other sites' pages are not answered.", 403
        return None


class HangUp:
    """Ends the streams that browsers keep open, when the server is to stop; else it would wait for them."""

    def __init__(self) -> None:
        self._over = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def close(self) -> None:
        """End all streams, from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._over.set)

    def middleware(self, app: ASGIApp) -> ASGIApp:
        """An app whose streams end with this."""

        async def call(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or not STREAMS.search(route_of(scope)):
                await app(scope, receive, send)
                return
            self._loop = asyncio.get_running_loop()
            unfinished = False

            async def send_and_note(message: Message) -> None:
                nonlocal unfinished
                await send(message)
                unfinished = message["type"] == "http.response.start" or bool(message.get("more_body"))

            await self._until_over(app(scope, receive, send_and_note))
            if unfinished:
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        return call

    async def _until_over(self, answering: Awaitable[None]) -> None:
        work = asyncio.ensure_future(answering)
        over = asyncio.ensure_future(self._over.wait())
        try:
            await asyncio.wait([work, over], return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()
        finally:
            over.cancel()
            if not work.done():
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)


def route_of(scope: Scope) -> str:
    """The path of a request inside the app that it has come to."""
    root, path = scope.get("root_path", ""), scope["path"]
    return str(path[len(root) :] or "/") if root and (path == root or path.startswith(f"{root}/")) else str(path)


def root_of(scope: Scope) -> str:
    """Where the server stands for browsers: the prefix of the proxy, without a slash at its end; mostly empty."""
    return str(scope.get(ROOT, ""))


def base_url(scope: Scope) -> str:
    """The server's own address as its callers know it, without a slash at its end."""
    headers = Headers(scope=scope)
    host = next(iter(_forwarded(headers)), headers.get("host", ""))
    return f"{scope['scheme']}://{host}{root_of(scope)}"


def _forwarded(headers: Headers) -> list[str]:
    """What a proxy was called by, if one tells."""
    return [name.strip() for name in headers.get("x-forwarded-host", "").split(",")[:1] if name.strip()]


def _is_known(host: str, hosts: frozenset[str]) -> bool:
    name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name == "localhost" or name.endswith(".localhost") or name in hosts
    return True


def _plain(netloc: str) -> str:
    """A host with its port, where that is none that goes without saying."""
    return re.sub(r":(?:80|443)$", "", netloc.lower())
