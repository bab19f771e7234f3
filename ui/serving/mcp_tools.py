"""What other programs' assistants can call through the Model Context Protocol: ask, and search.

Served by Gradio's MCP server; no page is shown.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Protocol

import gradio as gr
from gradio.events import api
from starlette.concurrency import run_in_threadpool

from rag.errors import QuestionError, RagError
from rag.schema.answers import Answer
from rag.schema.messages import Mode
from rag.schema.search import Hidden, Hit
from ui.accounts.identity import owner_of
from ui.scheduling.ask import ask_and_wait
from ui.scheduling.queue import QueuedQuestion

if TYPE_CHECKING:
    from ui.scheduling.desk import Desk

__all__ = ["Searching", "create_tools"]

MOST_HITS = 50
ASK = """Answer a question from the indexed documents alone, with a citation for every statement.

The documents are what the people here have put in; nothing else is known. Where they do not hold the answer,
"abstained" is true and "reason" says why: then there is no answer here, do not make one up. The answer's text carries
markers like [1]; "citations" tells for each marker the document, its title and headings, the exact quote and where it
stands in the original: start and end in characters, and "location", the page, slide, sheet with its cells, or member of
an archive.

Args:
    question: The question, in Chinese or English, standing alone: name the place, the year and the thing asked for.
    mode: "answer" writes an answer; "quotes" is quicker and quotes the sentences that answer, word for word.

Returns:
    The answer with its citations, as JSON."""
SEARCH = """Find the passages of the indexed documents that a question is about, best first, without answering it.

Args:
    query: What to look for, in Chinese or English, standing alone.
    top_k: How many passages, from 1 to 50.

Returns:
    The passages as JSON, each with its document, title, headings, place in the original and scores."""

log = logging.getLogger(__name__)


class Searching(Protocol):
    """What finds passages: :class:`rag.pipeline.Pipeline` does."""

    def search(self, query: str, *, top_k: int | None = None, hidden: Hidden = frozenset()) -> Sequence[Hit]:
        """Rank passages for a standalone question."""


def create_tools(
    desk: Desk, searching: Searching, *, hidden_of: Callable[[str], Hidden] = lambda _: frozenset()
) -> gr.Blocks:
    """Offer the tools.

    Args:
        desk: Where questions are answered, in line with those of the pages.
        searching: What finds passages.
        hidden_of: Sources that an owner must not see.

    Returns:
        The tools, to be mounted with ``mcp_server=True``.
    """
    one_at_a_time = asyncio.Lock()  # a search takes all cores for a moment

    async def ask(question: str, mode: str = "answer", request: gr.Request = None) -> str:  # type: ignore[assignment]
        owner = owner_of(request)
        if mode not in ("answer", "quotes"):
            raise QuestionError(f'The mode is {mode[:40]!r}; expected "answer" or "quotes".')
        known: Mode = "quotes" if mode == "quotes" else "answer"
        asked = QueuedQuestion("", question, owner=owner, mode=known, hidden=hidden_of(owner))
        return _json(_record(await ask_and_wait(desk, asked)))

    async def search(query: str, top_k: int = 10, request: gr.Request = None) -> str:  # type: ignore[assignment]
        hidden = hidden_of(owner_of(request))
        told = {"hidden": hidden} if hidden else {}
        async with one_at_a_time:
            wanted = min(max(int(top_k), 1), MOST_HITS)
            try:
                hits = await run_in_threadpool(searching.search, query, top_k=wanted, **told)
            except RagError:
                raise
            except Exception as error:
                log.exception("A search could not be done")
                raise RuntimeError("An internal error; the server's terminal says more.") from error
        return _json([_hit(hit) for hit in hits])

    ask.__doc__, search.__doc__ = ASK, SEARCH
    tools = gr.Blocks(title="有据 youju", analytics_enabled=False)
    with tools:
        # Not queued: Gradio would call itself over HTTP, by whatever name the first request gave this server.
        api(ask, api_name="ask", queue=False)
        api(search, api_name="search", queue=False)
    return tools


def _record(answer: Answer) -> dict[str, Any]:
    record = answer.to_dict()
    return {name: record[name] for name in ("question", "answer", "abstained", "reason", "confidence", "citations")}


def _hit(hit: Hit) -> dict[str, Any]:
    passage = hit.passage
    found = {name: getattr(passage, name) for name in ("source", "title", "place", "text", "start", "end")}
    ranks = asdict(hit)
    del ranks["passage"]
    return found | {"heading": list(passage.heading), "years": list(passage.years)} | ranks


def _json(record: object) -> str:
    """A record as JSON: of one that is not text Gradio would send what Python prints."""
    return json.dumps(record, ensure_ascii=False)
