"""Visitors of a running server, as far as it can tell: a browser's tab at the page, and a program that uses the API.

They speak what a browser and an OpenAI client speak, over HTTP, and note of every answer when its parts came. Used by
`twenty_users.py`; knows nothing of what is asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import json
import re
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, TypeAlias

import httpx
from gradio_client.utils import apply_diff  # type: ignore[import-untyped] # what the page's own script does with the differences that are sent

__all__ = ["ApiVisitor", "Mode", "Outcome", "PageVisitor"]

Place: TypeAlias = tuple[str, int, int]
"""The name of a document, and where in it something begins and ends."""
Mode: TypeAlias = Literal["answer", "quotes"]

STAGE = re.compile(r'data-stage="(\w+)"')
QUESTION = re.compile(r'<h2 class="yj-question"[^>]*>(.*?)</h2>', re.DOTALL)
EXPECTED = re.compile(r"约 (\d+) 秒后轮到|about (\d+) s to wait")
MARKER = re.compile(
    r'<a class="yj-marker"[^>]*data-yj-source="([^"]*)" data-yj-start="(\d+)" data-yj-end="(\d+)"', re.DOTALL
)
PROBLEM = re.compile(r'<div class="yj-error"[^>]*>(.*?)</div>', re.DOTALL)
CONVERSATION = re.compile(r'data-yj-conversation="([^"]*)"')
LISTED = re.compile(r'data-yj-act="open" data-yj-number="([^"]*)"')


@dataclass(slots=True)
class Outcome:
    """A question and what came back; all times in seconds after it was sent.

    Attributes:
        question: What was asked.
        mode: How it was to be answered.
        alone: Whether nothing was said before it.
        in_line: When its turn came; None where the API does not tell.
        first_source: When the first source was shown.
        first_token: When the first word of the answer was shown.
        whole: When the answer was complete.
        expected: The first estimate of its wait, and when that was told.
        places: What the answer cites.
        raw: Everything that the server sent for it.
        problems: What went wrong.
    """

    question: str
    mode: Mode = "answer"
    alone: bool = True
    in_line: float | None = None
    first_source: float | None = None
    first_token: float | None = None
    whole: float | None = None
    expected: tuple[float, float] | None = None
    places: set[Place] = field(default_factory=set)
    raw: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class PageVisitor:
    """A tab of a browser of its own, in one language of the page.

    Attributes:
        said: Conversation -> the questions asked in it, in order.
    """

    def __init__(self, url: str, lang: Literal["zh", "en"]) -> None:
        self.said: dict[str, list[str]] = {}
        self._http = httpx.AsyncClient(base_url=f"{url}{lang}/", timeout=60, trust_env=False, follow_redirects=True)
        self._root = url
        self._lang = lang
        self._asked: list[str] = []
        self._dependencies: dict[str, dict[str, Any]] = {}
        self._ids: dict[str, int] = {}
        self._session = ""
        self._heart: asyncio.Task[None] | None = None

    async def __aenter__(self) -> PageVisitor:
        """Open the page: the browser gets its cookie, and learns what the page can do."""
        (await self._http.get("")).raise_for_status()
        config = (await self._http.get("config")).raise_for_status().json()
        self._dependencies = {each["api_name"]: each for each in config["dependencies"]}
        named = {part["props"].get("elem_id"): part["id"] for part in config["components"]}
        self._ids = {name: number for name, number in named.items() if name}
        await self.reload("")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the tab."""
        await self._stop_heart()
        await self._http.aclose()

    async def reload(self, conversation: str) -> list[str]:
        """Load the page anew, with a conversation in its address; the questions that it shows then, in order."""
        await self._stop_heart()
        self._session = uuid.uuid4().hex
        self._heart = asyncio.create_task(self._beat(self._session))
        shown = await self._run("open_page", conversation)
        whole = self._part("open_page", shown, "yj-earlier") + self._part("open_page", shown, "yj-latest")
        self._asked = [html.unescape(text) for text in QUESTION.findall(whole)]
        return list(self._asked)

    async def conversations(self) -> list[str]:
        """The ids of the conversations that the page lists."""
        shown = await self._run("open_page", "")
        return LISTED.findall(self._part("open_page", shown, "yj-past"))

    async def examples(self) -> list[str]:
        """The questions that the page offers."""
        shown = [each.get("value") for each in await self._run("open_page", "") if isinstance(each, dict)]
        return [text for text in shown if isinstance(text, str) and text]

    async def export(self, conversation: str) -> httpx.Response:
        """A conversation as a file."""
        asked = {"conversation": conversation, "lang": self._lang}
        return await self._http.get(f"{self._root}export", params=asked)

    async def ask(self, question: str, mode: Mode, *, afresh: bool) -> Outcome:
        """Ask at the page and watch the answer grow."""
        if afresh and self._asked:
            await self._run("start_anew")
            self._asked = []
        outcome = Outcome(question, mode, alone=not self._asked)
        body = self._body("ask", question, None, [], [], [], mode)
        started = time.monotonic()
        (await self._http.post("gradio_api/queue/join", json=body)).raise_for_status()
        latest = ""
        async for latest in self._growing(outcome):
            self._note(outcome, latest, time.monotonic() - started)
        self._finish(outcome, latest)
        return outcome

    def _note(self, outcome: Outcome, latest: str, seconds: float) -> None:
        """Note what the page shows for the first time."""
        found = STAGE.search(latest)
        stage = found[1] if found else ""
        if outcome.expected is None and stage == "waiting" and (told := EXPECTED.search(latest)):
            outcome.expected = float(told[1] or told[2]), seconds
        if outcome.in_line is None and stage != "waiting":
            outcome.in_line = seconds
        if outcome.first_source is None and 'class="yj-card"' in latest:
            outcome.first_source = seconds
        if outcome.first_token is None and stage in ("writing", "done"):
            outcome.first_token = seconds
        if outcome.whole is None and stage == "done":
            outcome.whole = seconds

    def _finish(self, outcome: Outcome, latest: str) -> None:
        """Check the whole answer, and remember where it is kept."""
        questions = [html.unescape(text) for text in QUESTION.findall(latest)]
        if questions != [outcome.question]:
            outcome.problems.append(f"the page shows {questions} for {outcome.question!r}")
        if outcome.whole is None:
            why = PROBLEM.search(latest)
            outcome.problems.append(f"not answered: {html.unescape(why[1]) if why else latest[:200]!r}")
        outcome.places = {(html.unescape(name), int(a), int(b)) for name, a, b in MARKER.findall(latest)}
        self._asked.append(outcome.question)
        if kept := CONVERSATION.search(latest):
            self.said[html.unescape(kept[1])] = list(self._asked)
        else:
            outcome.problems.append("it was not kept in the history")

    async def _growing(self, outcome: Outcome) -> AsyncIterator[str]:
        """The last exchange as the page shows it, whenever it changes."""
        shown: list[Any] = []
        where = "gradio_api/queue/data"
        async with self._http.stream("GET", where, params={"session_hash": self._session}) as lines:
            lines.raise_for_status()
            async for line in lines.aiter_lines():
                outcome.raw.append(line)
                message: dict[str, Any] = json.loads(line[5:]) if line.startswith("data:") else {"msg": ""}
                told = (message.get("output") or {}).get("data")
                if message["msg"] == "process_generating" and told is not None:
                    shown = [apply_diff(*pair) for pair in zip(shown, told, strict=True)] if shown else told
                    if latest := self._part("ask", shown, "yj-latest"):  # else it stays as it is
                        yield latest
                elif message["msg"] == "process_completed":
                    if not message["success"]:
                        outcome.problems.append(f"the page says {message['output']}")
                    return

    async def _beat(self, session: str) -> None:
        """Keep the line open by which the server knows that the tab is there."""
        with contextlib.suppress(httpx.HTTPError):
            beats = self._http.stream("GET", f"gradio_api/heartbeat/{session}", timeout=None)
            async with beats as lines:
                async for _ in lines.aiter_lines():
                    pass

    async def _stop_heart(self) -> None:
        if self._heart is not None:
            self._heart.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._heart

    async def _run(self, name: str, *values: object) -> list[Any]:
        answer = await self._http.post("gradio_api/run/predict", json=self._body(name, *values))
        return list(answer.raise_for_status().json()["data"])

    def _body(self, name: str, *values: object) -> dict[str, Any]:
        return {"data": values, "fn_index": self._dependencies[name]["id"], "session_hash": self._session}

    def _part(self, name: str, outputs: list[Any], elem_id: str) -> str:
        """What a function's outputs put into a part of the page."""
        value = outputs[self._dependencies[name]["outputs"].index(self._ids[elem_id])]
        return value if isinstance(value, str) else ""


class ApiVisitor:
    """A program that streams answers from the OpenAI-compatible API; it has no history there."""

    def __init__(self, url: str, *, address: str = "") -> None:
        """Be a program.

        Args:
            url: The server.
            address: The address to come from, where the machine has several: by it the server tells callers apart.
        """
        transport = httpx.AsyncHTTPTransport(local_address=address) if address else None
        self._http = httpx.AsyncClient(base_url=f"{url}v1/", timeout=120, trust_env=False, transport=transport)

    async def __aenter__(self) -> ApiVisitor:
        """See which models there are."""
        (await self._http.get("models")).raise_for_status()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Go."""
        await self._http.aclose()

    async def ask(self, question: str, mode: Mode, *, afresh: bool) -> Outcome:  # noqa: ARG002 - always afresh
        """Ask, and read the stream."""
        outcome, ids, finished = Outcome(question, mode), set(), False
        model = "youju" if mode == "answer" else "youju-quotes"
        body = {"model": model, "messages": [{"role": "user", "content": question}], "stream": True}
        started = time.monotonic()
        async with self._http.stream("POST", "chat/completions", json=body) as lines:
            if lines.is_error:
                said = (await lines.aread()).decode("utf-8", "replace")[:300]
                outcome.problems.append(f"the API says {lines.status_code}: {said}")
                return outcome
            async for line in lines.aiter_lines():
                outcome.raw.append(line)
                finished = finished or line == "data: [DONE]"
                if not line.startswith("data: {"):
                    continue
                record = json.loads(line[6:])
                if error := record.get("error"):
                    outcome.problems.append(f"the API says {error['message']}")
                    break
                ids.add(record["id"])
                _hear(outcome, record["choices"][0]["delta"], time.monotonic() - started)
        if finished:
            outcome.whole = time.monotonic() - started
        elif not outcome.problems:
            outcome.problems.append("the stream ended before the answer")
        if len(ids) > 1:
            outcome.problems.append(f"the stream is of several answers: {sorted(ids)}")
        return outcome


def _hear(outcome: Outcome, delta: dict[str, Any], seconds: float) -> None:
    """Note what a piece of a stream says, so many seconds after the question."""
    if delta.get("content") and outcome.first_token is None:
        outcome.first_token = seconds
    outcome.places |= {_place(each["url_citation"]["url"]) for each in delta.get("annotations", ())}


def _place(url: str) -> Place:
    query = httpx.URL(url).params
    return query["document"], int(query["start"]), int(query["end"])
