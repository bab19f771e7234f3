"""The tools as the official client of the Model Context Protocol sees them, over a scripted pipeline."""

import asyncio
import contextlib
import json
import time

import httpx
import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from rag.errors import GenerationError
from rag.schema.answers import Delta
from tests.support.serving import served, some_pipeline, users_file
from ui.accounts.password_file import make_key


@pytest.fixture(scope="module")
def pipeline():
    return some_pipeline()


@pytest.fixture(scope="module")
def url(pipeline):
    with served(pipeline) as running:
        yield f"{running.url}tools/gradio_api/mcp/"


@contextlib.asynccontextmanager
async def session_with(url, key=""):
    headers = {"authorization": f"Bearer {key}"} if key else {}
    async with (
        httpx.AsyncClient(trust_env=False, headers=headers, timeout=30) as http,
        streamable_http_client(url, http_client=http) as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        yield session


def call(url, name, key="", **arguments):
    """What a tool gives: its record, or the words of its error."""

    async def once():
        async with session_with(url, key) as session:
            return await session.call_tool(name, arguments)

    outcome = asyncio.run(once())
    text = outcome.content[0].text
    return text if outcome.isError else json.loads(text)


def tools_of(url):
    async def once():
        async with session_with(url) as session:
            return {tool.name: tool for tool in (await session.list_tools()).tools}

    return asyncio.run(once())


def test_two_tools_say_what_they_are_for(url):
    tools = tools_of(url)
    assert set(tools) == {"ask", "search"}
    assert tools["ask"].description.startswith("Answer a question from the indexed documents alone")
    assert "do not make one up" in tools["ask"].description
    ask, search = tools["ask"].inputSchema, tools["search"].inputSchema
    assert (set(ask["properties"]), ask["required"]) == ({"question", "mode"}, ["question"])
    assert ask["properties"]["question"]["type"] == "string"
    assert "standing alone" in ask["properties"]["question"]["description"]
    assert (set(search["properties"]), search["required"]) == ({"query", "top_k"}, ["query"])


def test_an_answer_comes_with_its_citations(url):
    answer = call(url, "ask", question="问")
    assert (answer["answer"], answer["abstained"]) == ("录取率是90.21%。[1]", False)
    assert answer["citations"] == [
        {
            "marker": 1,
            "source": "年报 a.txt",
            "title": "总结",
            "heading": ["一、升学"],
            "start": 50,
            "end": 59,
            "quote": "录取率90.21%。",
            "location": {"page": None, "slide": None, "sheet": "", "cells": "", "member": "", "box": None},
            "page": None,
        }
    ]


def test_a_refusal_says_why(url):
    answer = call(url, "ask", question="谁？")
    assert (answer["abstained"], answer["reason"], answer["citations"]) == (True, "资料中没有提到。", [])


def test_the_mode_is_passed_on_or_refused(url, pipeline):
    call(url, "ask", question="问", mode="quotes")
    assert pipeline.modes[-1] == "quotes"
    assert 'The mode is \'guess\'; expected "answer" or "quotes".' in call(url, "ask", question="问", mode="guess")


def test_a_search_gives_passages_with_their_place_and_ranks(url, pipeline):
    (hit,) = call(url, "search", query="录取率", top_k=3)
    assert pipeline.searched[-1] == ("录取率", 3, frozenset())
    assert (hit["source"], hit["heading"], hit["start"], hit["end"]) == ("a.txt", ["一、升学"], 50, 59)
    assert (hit["text"], hit["rank"], hit["dense_score"], hit["lexical_rank"]) == ("录取率90.21%。", 1, 0.9, None)


def test_a_search_is_bounded(url, pipeline):
    for wanted, given in ((0, 1), (-5, 1), (10_000, 50)):
        call(url, "search", query="x", top_k=wanted)
        assert pipeline.searched[-1][1] == given


def test_an_error_is_told_in_its_own_words_or_without_its_inside(url, pipeline, caplog):
    pipeline.scripts |= {"坏": [GenerationError("Out of memory.")], "错": [ValueError("secret /home/x")]}
    assert "Out of memory." in call(url, "ask", question="坏")
    said = call(url, "ask", question="错")
    assert "An internal error (ValueError)" in said
    assert "secret" not in said


def test_a_caller_who_leaves_ends_the_work(url, pipeline):
    pipeline.scripts["久"] = [part for _ in range(2000) for part in (Delta("字"), 0.02)]
    pipeline.yielded.clear()
    pipeline.closed.clear()
    called = {"name": "ask", "arguments": {"question": "久"}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": called}
    accepted = {"accept": "application/json, text/event-stream"}
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(url, json=body, headers=accepted, timeout=1, trust_env=False)
    for _ in range(1000):
        if pipeline.closed:
            break
        time.sleep(0.01)
    assert pipeline.closed == ["久"]
    assert len(pipeline.yielded) < 1000


def test_nothing_else_of_the_tools_is_served(url):
    base = url.removesuffix("gradio_api/mcp/")
    with httpx.Client(base_url=base, trust_env=False) as http:
        closed = ("", "config", "gradio_api/info", "gradio_api/mcp/schema", "gradio_api/mcp/sse", "gradio_api/mcp/")
        assert {path: http.get(path).status_code for path in closed} == dict.fromkeys(closed, 404)
        for path in ("gradio_api/call/ask", "gradio_api/queue/join", "gradio_api/upload", "gradio_api/mcp/messages/"):
            assert http.post(path, json={"data": ["问"]}).status_code == 404, path


def test_with_logins_a_key_is_needed(tmp_path):
    file = users_file(tmp_path, "an")
    key = make_key(file, "an")
    with served(auth=file) as running:
        url = f"{running.url}tools/gradio_api/mcp/"
        refused = httpx.post(url, json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"}, trust_env=False)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert call(url, "ask", key, question="问")["answer"] == "录取率是90.21%。[1]"


def test_a_forged_name_of_the_server_sends_nothing_anywhere(url):
    called = {"name": "ask", "arguments": {"question": "问"}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": called}
    headers = {"accept": "application/json, text/event-stream", "host": "evil.example"}
    assert httpx.post(url, json=body, headers=headers, trust_env=False).status_code == 421
