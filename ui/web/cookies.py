"""Cookies: read and set."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.responses import Response

from ui.web.guard import root_of

if TYPE_CHECKING:
    from starlette.types import Scope


YEAR_SECONDS = 365 * 24 * 3600


def read_cookies(header: str) -> dict[str, str]:
    """The cookies of a request; none where the header is malformed."""
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(header)
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


def set_cookie(response: Response | MutableHeaders, scope: Scope, name: str, value: str, *, seconds: int) -> None:
    """Set a cookie that no script reads and no other site's form sends; 0 seconds take it back."""
    own = Response()
    own.set_cookie(
        *(name, value, seconds),
        path=root_of(scope) or "/",
        secure=scope["scheme"] == "https",
        httponly=True,
        samesite="lax",
    )
    headers = response if isinstance(response, MutableHeaders) else response.headers
    headers.append("set-cookie", own.headers["set-cookie"])
