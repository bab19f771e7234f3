"""The page that asks for the name and the password: needs no script, keeps nothing. See :mod:`ui.accounts.sessions`."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from ui.accounts.identity import SESSION_COOKIE
from ui.accounts.sessions import SESSION_SECONDS, Logins
from ui.text.templates import render, say_html
from ui.text.words import Words
from ui.web.cookies import read_cookies, set_cookie
from ui.web.guard import root_of
from ui.web.languages import language_of, safe_page

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

__all__ = ["login_routes"]

MAX_FORM_BYTES = 4096
HERE = Path(__file__).parents[1]
_WORDS = Words(
    title=("登录 有据", "Log in to youju"),
    name=("用户名", "User name"),
    password=("密码", "Password"),
    enter=("登录", "Log in"),
    wrong=("用户名或密码不对。", "The name or the password is wrong."),
    wait=("尝试次数过多，请等 {n} 秒后再试。", "Too many tries. Wait {n} seconds, then try again."),
    other=("English", "中文"),
)


def login_routes(logins: Logins) -> list[BaseRoute]:
    """The routes of the login page."""
    style = _style()

    async def show(request: Request) -> Response:
        return _page(request, next_page=request.query_params.get("next", ""))

    async def enter(request: Request) -> Response:
        form = await _form(request)
        if form is None:
            return PlainTextResponse("The form is too large.", 413)
        address = request.client.host if request.client else "unknown"
        name, next_page = form.get("name", "").strip(), form.get("next", "")
        outcome = await run_in_threadpool(logins.log_in, name, form.get("password", ""), address=address)
        if not isinstance(outcome, str):
            return _page(request, next_page=next_page, name=name, wait_seconds=outcome)
        response = RedirectResponse(root_of(request.scope) + safe_page(next_page), 303)
        set_cookie(response, request.scope, SESSION_COOKIE, outcome, seconds=SESSION_SECONDS)
        return response

    async def leave(request: Request) -> Response:
        logins.log_out(read_cookies(request.headers.get("cookie", "")).get(SESSION_COOKIE, ""))
        response = RedirectResponse(root_of(request.scope) + "/login", 303)
        set_cookie(response, request.scope, SESSION_COOKIE, "", seconds=0)
        return response

    async def css(_: Request) -> Response:
        return Response(style, media_type="text/css", headers={"cache-control": "max-age=3600"})

    return [
        Route("/login", show, methods=["GET"]),
        Route("/login", enter, methods=["POST"]),
        Route("/logout", leave, methods=["POST"]),  # a GET could be caused by any page that shows an image
        Route("/login.css", css, methods=["GET"]),
    ]


def _page(request: Request, *, next_page: str, name: str = "", wait_seconds: float | None = None) -> Response:
    lang = language_of(request)
    status, headers, problem = 200, {"cache-control": "no-store"}, ""
    if wait_seconds is not None:
        seconds = math.ceil(wait_seconds)
        status = 429 if seconds else 401
        headers |= {"retry-after": str(seconds)} if seconds else {}
        problem = say_html(_WORDS, lang, "wait", n=seconds) if seconds else say_html(_WORDS, lang, "wrong")
    values = {"root": root_of(request.scope), "next_page": safe_page(next_page), "name": name[:64], "problem": problem}
    return HTMLResponse(render("accounts/login.html", _WORDS, lang, **values), status, headers)


async def _form(request: Request) -> dict[str, str] | None:
    """The fields of a small form; None where it is not small."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            return None
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in fields.items()}


def _style() -> str:
    """The page's colours, dark where the browser prefers that, and the login page's own rules."""
    shared = (HERE / "style" / "page.css").read_text(encoding="utf-8")
    light, dark = (re.search(rf"{name} \{{[^}}]*\}}", shared) for name in (":root", r"\.dark"))
    if light is None or dark is None:
        raise RuntimeError("page.css holds the colours as :root {...} and .dark {...}; one of them is gone.")
    at_night = f"@media (prefers-color-scheme: dark) {{ {dark.group().replace('.dark', ':root', 1)} }}"
    own = (HERE / "style" / "login.css").read_text(encoding="utf-8")
    return "\n".join([light.group(), at_night, own])
