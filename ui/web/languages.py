"""Choose the page's language for a browser: by its cookie, else by its Accept-Language header.

Knows nothing of what is on the pages.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ui.text.words import LANGUAGES, Lang, preferred_language
from ui.web.cookies import YEAR_SECONDS, read_cookies, set_cookie
from ui.web.guard import root_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

__all__ = ["LANGUAGE_COOKIE", "language_of", "language_routes", "safe_page"]

LANGUAGE_COOKIE = "youju_lang"
# The only places that a redirect leads to: our pages, with what a query of ours may hold. Never another host.
QUERY = r"(?:\?[A-Za-z0-9_.~%&=+-]{0,1000})?"
PAGE = re.compile(rf"/(?:(?:zh|en)/?)?{QUERY}")


def language_of(request: Request) -> Lang:
    """The language for a browser."""
    chosen = read_cookies(request.headers.get("cookie", "")).get(LANGUAGE_COOKIE)
    for lang in LANGUAGES:
        if chosen == lang:
            return lang
    return preferred_language(request.headers.get("accept-language", ""))


def safe_page(wanted: str) -> str:
    """The page wanted, where it is one of ours; else the first one."""
    return wanted if PAGE.fullmatch(wanted) else "/"


def language_routes() -> list[BaseRoute]:
    """The routes that lead to a page in the right language."""

    async def first(request: Request) -> Response:
        target = f"{root_of(request.scope)}/{language_of(request)}/{_query(request.url.query)}"
        return RedirectResponse(target, 303, headers={"vary": "accept-language, cookie"})

    async def choose(request: Request) -> Response:
        lang, root = request.path_params["lang"], root_of(request.scope)
        if lang not in LANGUAGES:
            return Response(status_code=404)
        response = RedirectResponse(root + _same_page(request.headers.get("referer", ""), root, lang), 303)
        set_cookie(response, request.scope, LANGUAGE_COOKIE, lang, seconds=YEAR_SECONDS)
        return response

    return [Route("/", first, methods=["GET", "HEAD"]), Route("/lang/{lang}", choose, methods=["GET"])]


def _same_page(referer: str, root: str, lang: Lang) -> str:
    """The page that somebody came from, in another language; built from what we know, not from what was sent."""
    try:
        before = urlsplit(referer)
    except ValueError:
        return f"/{lang}/"
    page = "/login" if before.path == f"{root}/login" else f"/{lang}/"
    return page + _query(before.query)


def _query(query: str) -> str:
    asked = f"?{query}" if query else ""
    return asked if re.fullmatch(QUERY, asked) else ""
