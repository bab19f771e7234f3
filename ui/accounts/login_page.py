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
from ui.text.escape import escape
from ui.text.words import Lang, Words
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
        said = _WORDS.say("wait", lang, n=seconds) if seconds else _WORDS.say("wrong", lang)
        problem = f'<p class="yj-login-problem" role="alert">{said}</p>'
    return HTMLResponse(_html(lang, root_of(request.scope), safe_page(next_page), name, problem), status, headers)


def _html(lang: Lang, root: str, next_page: str, name: str, problem: str) -> str:
    def say(key: str) -> str:
        return escape(_WORDS.say(key, lang))

    code, other = {"zh": ("zh-CN", "en"), "en": ("en", "zh")}[lang]
    where = escape(root)
    return (
        f'<!doctype html><html lang="{code}"><head><meta charset="utf-8"><title>{say("title")}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="stylesheet" href="{where}/login.css"></head><body><main class="yj-login-box">'
        f'<h1>{say("title")}</h1>{problem}<form method="post" action="{where}/login">'
        f'<input type="hidden" name="next" value="{escape(next_page)}">'
        f'<label for="name">{say("name")}</label><input id="name" name="name" value="{escape(name[:64])}" '
        'autocomplete="username" autocapitalize="none" required autofocus>'
        f'<label for="password">{say("password")}</label><input id="password" name="password" type="password" '
        f'autocomplete="current-password" required><button type="submit">{say("enter")}</button></form>'
        f'<p class="yj-login-other"><a href="{where}/lang/{other}" lang="{other}">{say("other")}</a></p>'
        "</main></body></html>"
    )


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
