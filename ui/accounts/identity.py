"""Identify the owner of a request: a browser by its cookie, or a user by session or key.

Without a password file every browser is an owner of its own: it gets a random token, and the owner is a hash of it, so
that who reads an owner's name (in a log, an export) cannot act as that browser. With one, the owner is the user's name.
Knows nothing of pages.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse, Response

from ui.web.cookies import YEAR_SECONDS, read_cookies, set_cookie
from ui.web.guard import root_of, route_of

if TYPE_CHECKING:
    import gradio as gr
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from ui.accounts.sessions import Logins

__all__ = ["BROWSER_COOKIE", "SESSION_COOKIE", "Identity", "IdentityMiddleware", "UnknownOwnerError", "owner_of"]

BROWSER_COOKIE, SESSION_COOKIE = "youju_browser", "youju_session"


TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits, as secrets.token_urlsafe(32) writes them


OWNER = "youju.owner"  # the key in the ASGI scope


OPEN = ("/healthz", "/login", "/login.css", "/logout", "/favicon.ico", "/lang/zh", "/lang/en")


FOR_PROGRAMS = ("/v1/", "/tools/")  # called with a key, and never by a page


FOR_BOTH = "/source"


KEY_NEEDED = "A key is needed: send it as 'Authorization: Bearer KEY'. An administrator makes one: youju users key NAME"


class UnknownOwnerError(Exception):
    """A request comes from nobody that is known."""


class Identity:
    """Tells owners apart.

    Attributes:
        logins: The logins; None where every browser is welcome.
    """

    def __init__(self, logins: Logins | None = None) -> None:
        self.logins = logins

    def owner(self, cookies: Mapping[str, str]) -> str | None:
        """The owner of a page by its cookies; None where it has none, or one that we never gave."""
        if self.logins:
            user = self.logins.user_of(cookies.get(SESSION_COOKIE, ""))
            return user.name if user else None
        token = cookies.get(BROWSER_COOKIE, "")
        if not TOKEN.fullmatch(token):
            return None
        return "browser-" + hashlib.sha256(token.encode("ascii")).hexdigest()[:32]

    def caller(self, headers: Mapping[str, str], address: str) -> str | None:
        """The owner of a program's request by its key; without logins, by where it comes from."""
        if not self.logins:
            return f"address-{address}"
        scheme, _, key = headers.get("authorization", "").partition(" ")
        user = self.logins.users.of_key(key.strip()) if scheme.lower() == "bearer" and key.strip() else None
        return user.name if user else None

    def is_admin(self, owner: str) -> bool:
        """Whether an owner may change what all share: users marked so, or everybody where nobody logs in."""
        if not self.logins:
            return True
        user = self.logins.users.find(owner)
        return user is not None and user.admin


def owner_of(request: gr.Request) -> str:
    """The owner behind an event of a page, or behind a call of a tool.

    Raises:
        UnknownOwnerError: There is none; the request did not come through the server's own door.
    """
    inner: Any = getattr(request, "request", None) or request  # Gradio's request holds Starlette's
    owner = getattr(inner, "scope", {}).get(OWNER)
    if not owner:
        raise UnknownOwnerError("The request comes from nobody that is known. Reload the page.")
    return str(owner)


class IdentityMiddleware:
    """Finds the owner of each request, and turns away who must be known and is not."""

    def __init__(self, app: ASGIApp, identity: Identity) -> None:
        self._app = app
        self._identity = identity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its owner in the scope, or answer why not."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        route, headers = route_of(scope), Headers(scope=scope)
        cookies = read_cookies(headers.get("cookie", ""))
        owner, token = self._identity.owner(cookies), ""
        if route.startswith(FOR_PROGRAMS) or (route == FOR_BOTH and not owner):
            address = scope["client"][0] if scope.get("client") else "unknown"
            owner = self._identity.caller(headers, address)
        elif not self._identity.logins and _is_page(scope, route):  # given on the first visit, renewed on the others
            token = cookies[BROWSER_COOKIE] if owner else secrets.token_urlsafe(32)
            owner = self._identity.owner({BROWSER_COOKIE: token})
        if owner is None and route not in OPEN:
            await self._refusal(scope, route)(scope, receive, send)
            return
        scope[OWNER] = owner
        await self._app(scope, receive, _with_cookie(send, scope, token) if token else send)

    def _refusal(self, scope: Scope, route: str) -> Response:
        if route.startswith(FOR_PROGRAMS):
            error = {"message": KEY_NEEDED, "type": "invalid_request_error", "param": None, "code": "invalid_api_key"}
            return JSONResponse({"error": error}, 401, headers={"www-authenticate": "Bearer"})
        if self._identity.logins and _is_page(scope, route):
            query = scope["query_string"].decode("latin-1")
            asked = f"{route}?{query}" if query else route
            return RedirectResponse(self._identity.logins.login_url(root_of(scope), asked), 303)
        need = "Log in" if self._identity.logins else "Allow cookies"
        return JSONResponse({"detail": f"Nobody is known by this request. {need} and reload the page."}, 401)


def _is_page(scope: Scope, route: str) -> bool:
    return scope["method"] in ("GET", "HEAD") and route in ("/", "/zh", "/zh/", "/en", "/en/")


def _with_cookie(send: Send, scope: Scope, token: str) -> Send:
    async def send_with_cookie(message: Message) -> None:
        if message["type"] == "http.response.start":
            set_cookie(MutableHeaders(scope=message), scope, BROWSER_COOKIE, token, seconds=YEAR_SECONDS)
        await send(message)

    return send_with_cookie
