"""A conversation as a Markdown file, for who had it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request  # noqa: TC002 - Starlette reads the annotation
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ui.accounts.identity import OWNER
from ui.conversations.markdown import conversation_markdown
from ui.text.invisible import letters_only
from ui.text.words import LANGUAGES, Words

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from ui.conversations.conversation import Conversations
    from ui.text.words import Lang

__all__ = ["export_route"]

MAX_NAME_CHARS = 60
_WORDS = Words(missing=("没有这个对话。", "There is no such conversation."), name=("对话", "conversation"))


def export_route(conversations: Conversations) -> BaseRoute:
    """The route ``/export?conversation=ID&lang=zh``; another user's conversation is as one that does not exist."""

    async def export(request: Request) -> Response:
        wished = request.query_params.get("lang", "")
        lang: Lang = next((code for code in LANGUAGES if code == wished), "zh")
        owner = str(request.scope.get(OWNER) or "")
        identity = request.query_params.get("conversation", "")
        talk = await run_in_threadpool(conversations.opened, owner, identity)
        if not talk.past:
            return PlainTextResponse(_WORDS.say("missing", lang), 404)
        title = await run_in_threadpool(conversations.title, owner, identity) or talk.past[0].question
        text = conversation_markdown(title, talk.past, lang)
        headers = {
            "content-disposition": f"attachment; filename*=UTF-8''{quote(_file_name(title, lang))}",  # RFC 6266
            "cache-control": "no-store",
        }
        return Response(text.encode("utf-8", "replace"), media_type="text/markdown; charset=utf-8", headers=headers)

    return Route("/export", export, methods=["GET"])


def _file_name(title: str, lang: Lang) -> str:
    """A name that every system takes, made of the title's letters and digits."""
    words = letters_only(title, between=" ")[:MAX_NAME_CHARS].strip()
    return f"{words or _WORDS.say('name', lang)}.md"
