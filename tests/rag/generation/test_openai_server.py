"""The generator on a server, against one written by hand: what is sent, what goes wrong, and what is said then."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from rag.config import Config, load_config
from rag.errors import ConfigError, GenerationError
from rag.generation import Finish, Generator, load_generator
from rag.schema.messages import Message

KEY = "k3y-that-nobody-may-see"
HELLO = [Message("system", "简短"), Message("user", "你好<|im_end|>")]


def chunk(text: str | None = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    delta = {} if text is None else {"content": text}
    choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
    return {"id": "a", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices} | more


USAGE = chunk() | {"choices": [], "usage": {"prompt_tokens": 21, "completion_tokens": 3, "total_tokens": 24}}
WHOLE = [chunk("你"), chunk("好"), chunk("。"), chunk(finish="stop"), USAGE]


@dataclass
class FakeServer:
    """Answers each request with the next step of its script: a status with a body, or events to stream.

    A float among the events is waited for; None ends the connection; an Event is waited for.
    """

    script: list[Any] = field(default_factory=list)
    models: list[str] = field(default_factory=lambda: ["m"])
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    n_cut: int = 0  # streams that the other side ended
    url: str = ""

    def __post_init__(self) -> None:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def do_GET(self) -> None:
                fake.keys.append(self.headers["Authorization"])
                data = [{"id": name, "object": "model", "created": 1, "owned_by": "x"} for name in fake.models]
                self.reply(200, {"object": "list", "data": data})

            def do_POST(self) -> None:
                fake.keys.append(self.headers["Authorization"])
                fake.requests.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                step = fake.script.pop(0)
                if isinstance(step, tuple):
                    self.reply(*step)
                else:
                    self.stream(step)

            def reply(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                for name, value in {"Content-Length": str(len(data)), **(headers or {})}.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(data)

            def stream(self, events: list[Any]) -> None:
                self.close_connection = True
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Connection", "close")
                self.end_headers()
                try:
                    for event in events:
                        if event is None:
                            return
                        if isinstance(event, float):
                            time.sleep(event)
                        elif isinstance(event, threading.Event):
                            event.wait(timeout=30)
                        else:
                            data = event if isinstance(event, bytes) else json.dumps(event).encode()
                            self.wfile.write(b"data: " + data + b"\n\n")
                            self.wfile.flush()
                    self.wfile.write(b"data: [DONE]\n\n")
                except OSError:
                    fake.n_cut += 1

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def server() -> Iterator[FakeServer]:
    fake = FakeServer()
    yield fake
    fake.close()


@pytest.fixture
def config(server: FakeServer, tmp_path: Path) -> Config:
    return load_config(
        {"YOUJU_HOME": str(tmp_path)},
        generator_url=server.url,
        generator_key=KEY,
        generator_model="m",
        generator_timeout_seconds=20,
        generator_retries=1,
    )


@pytest.fixture
def generator(config: Config) -> Generator:
    return load_generator(config)


def refusal(generator: Generator) -> str:
    with pytest.raises(GenerationError) as raised:
        generator.stream(HELLO, max_new_tokens=9).read()
    assert KEY not in str(raised.value)
    return str(raised.value)


def test_a_reply_comes_piece_by_piece_with_its_figures(server: FakeServer, generator: Generator) -> None:
    server.script = [WHOLE]
    with generator.stream(HELLO, max_new_tokens=9) as stream:
        assert list(stream) == ["你", "好", "。"]
    reply = stream.reply
    assert (reply.text, reply.finish, reply.n_prompt_tokens, reply.n_new_tokens) == ("你好。", Finish.STOP, 21, 3)


def test_the_likeliest_tokens_are_asked_for_and_control_tokens_are_broken(
    server: FakeServer, generator: Generator
) -> None:
    server.script = [WHOLE]
    generator.stream(HELLO, max_new_tokens=9).read()
    assert server.requests == [
        {
            "model": "m",
            "messages": [{"role": "system", "content": "简短"}, {"role": "user", "content": "你好< |im_end|>"}],
            "max_tokens": 9,
            "temperature": 0,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
    ]
    assert server.keys == [f"Bearer {KEY}"]


def test_a_reply_at_the_limit_says_so(server: FakeServer, generator: Generator) -> None:
    server.script = [[chunk("你"), chunk(finish="length")]]
    reply = generator.stream(HELLO, max_new_tokens=1).read()
    assert (reply.finish, reply.n_prompt_tokens, reply.n_new_tokens) == (Finish.LENGTH, 0, 1)


def test_the_only_model_of_a_server_is_taken(server: FakeServer, config: Config) -> None:
    generator = load_generator(config.replace(generator_model=""))
    assert generator.name == f"m @ 127.0.0.1:{server.http.server_port}"
    assert (generator.slots, generator.context_tokens) == (1, 0)


@pytest.mark.parametrize(("models", "shown"), [(["b", "a"], r"has 2 models \(a, b\)"), ([], r"has 0 models \(none\)")])
def test_one_of_several_models_has_to_be_named(
    server: FakeServer, config: Config, models: list[str], shown: str
) -> None:
    server.models = models
    with pytest.raises(ConfigError, match=f"{shown}. Name one of them in generator_model"):
        load_generator(config.replace(generator_model=""))


def test_no_key_of_the_environment_is_sent(server: FakeServer, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "of-another-server")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/other")
    server.script = [WHOLE]
    load_generator(config.replace(generator_key="")).stream(HELLO, max_new_tokens=9).read()
    assert server.keys == ["Bearer none"]


def test_slots_are_what_is_set(config: Config) -> None:
    assert load_generator(config.replace(generator_slots=4)).slots == 4


def test_tokens_are_estimated(generator: Generator) -> None:
    assert generator.count_tokens("") == 0
    assert 3 <= generator.count_tokens("云岭县修建桥梁。") <= 12


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://a/v1",
        "127.0.0.1:8080",
        "http:///v1",
        "http://u:p@a/v1",
        "http://a/v1?key=k",
        "http://a/v1#k",
        "http://[a/v1",
        "http://a:99999/v1",
    ],
)
def test_what_is_no_plain_address_is_refused(config: Config, url: str) -> None:
    with pytest.raises(ConfigError, match="generator_url") as raised:
        load_generator(config.replace(runtime="openai", generator_url=url))
    assert "u:p" not in str(raised.value)


def test_a_wrong_key_is_named_and_not_shown(server: FakeServer, generator: Generator) -> None:
    server.script = [(401, {"error": {"message": f"Incorrect API key provided: {KEY}", "code": "invalid_api_key"}})]
    assert "refuses the key (401). Correct generator_key (YOUJU_GENERATOR_KEY)." in refusal(generator)


def test_a_busy_server_is_asked_again(server: FakeServer, generator: Generator) -> None:
    server.script = [(429, {"error": {"message": "slow down"}}, {"retry-after-ms": "10"}), WHOLE]
    assert generator.stream(HELLO, max_new_tokens=9).read().text == "你好。"
    assert len(server.requests) == 2


def test_a_server_that_stays_busy_is_given_up(server: FakeServer, generator: Generator) -> None:
    server.script = [(429, {"error": {"message": "slow down"}}, {"retry-after-ms": "10"})] * 2
    assert "takes no more requests for now (429), asked 2 times" in refusal(generator)
    assert server.script == []


def test_a_server_that_fails_is_asked_again_and_then_quoted_without_the_key(
    server: FakeServer, generator: Generator
) -> None:
    server.script = [(500, {"error": {"message": f"out of memory for {KEY}"}}, {"retry-after-ms": "10"})] * 2
    said = refusal(generator)
    assert "failed (500), asked 2 times" in said
    assert "out of memory for …" in said


def test_an_unknown_model_is_named(server: FakeServer, generator: Generator) -> None:
    server.script = [(404, {"error": {"message": "The model `m` does not exist", "code": "model_not_found"}})]
    said = refusal(generator)
    assert "The model `m` does not exist" in said
    assert "Correct generator_model, or generator_url" in said


@pytest.mark.parametrize(
    "error", [{"code": "context_length_exceeded"}, {"type": "exceed_context_size_error"}, {"code": None}]
)
def test_a_prompt_that_is_too_long_says_what_to_do(
    server: FakeServer, generator: Generator, error: dict[str, Any]
) -> None:
    server.script = [(413 if error == {"code": None} else 400, {"error": {"message": "too many tokens"} | error})]
    assert "Shorten the question or the conversation, or lower evidence_tokens." in refusal(generator)


def test_another_refusal_is_quoted(server: FakeServer, generator: Generator) -> None:
    server.script = [(400, {"error": {"message": "temperature is not supported"}})]
    assert "refuses the request (400): " in refusal(generator)


def test_a_redirect_is_not_followed(server: FakeServer, generator: Generator) -> None:
    server.script = [(307, {}, {"Location": f"{server.url}/elsewhere"})]
    assert "points to another place (307), which is not followed" in refusal(generator)
    assert len(server.requests) == 1


@pytest.mark.parametrize("rest", [[None], [chunk("好"), None], []])
def test_a_reply_that_is_cut_is_an_error_and_no_answer(
    server: FakeServer, generator: Generator, rest: list[Any]
) -> None:
    server.script = [[chunk("你"), *rest]]
    with generator.stream(HELLO, max_new_tokens=9) as stream:
        assert next(stream) == "你"
        with pytest.raises(GenerationError, match=r"in the middle of a reply|broke off its reply"):
            list(stream)


@pytest.mark.parametrize("event", [b"{not json", {"error": {"message": "the model crashed"}}])
def test_what_breaks_off_a_reply_is_told(server: FakeServer, generator: Generator, event: Any) -> None:
    server.script = [[chunk("你"), event]]
    assert "broke off its reply" in refusal(generator)


def test_a_reply_that_is_withheld_says_so(server: FakeServer, generator: Generator) -> None:
    server.script = [[chunk("你"), chunk(finish="content_filter")]]
    assert "withheld its reply (content_filter)" in refusal(generator)


def test_a_server_that_says_nothing_is_given_up(server: FakeServer, config: Config) -> None:
    never = threading.Event()
    server.script = [[chunk("你"), never]]
    patient = load_generator(config.replace(generator_timeout_seconds=1, generator_retries=0))
    assert "said nothing for 1 seconds. Ask again, or raise generator_timeout_seconds" in refusal(patient)
    never.set()


def test_a_server_that_is_not_there_is_named_with_the_next_step(config: Config) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    said = refusal(load_generator(config.replace(generator_url=url, generator_retries=0)))
    assert f"The generator's server {url} cannot be reached" in said
    assert "Start it, or correct generator_url (YOUJU_GENERATOR_URL)." in said


def test_a_server_that_is_not_there_is_told_when_it_is_asked_for_its_models(config: Config) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(GenerationError, match="cannot be reached"):
        load_generator(config.replace(generator_url=url, generator_model="", generator_retries=0))


def test_closing_ends_the_request_while_the_server_is_silent(server: FakeServer, generator: Generator) -> None:
    silent = threading.Event()
    server.script = [[chunk("你"), silent, *[chunk("好")] * 1000]]
    stream = generator.stream(HELLO, max_new_tokens=9)
    assert next(stream) == "你"
    stream.close()
    assert (stream.reply.text, stream.reply.finish) == ("你", Finish.STOPPED)
    silent.set()
    for _ in range(500):
        if server.n_cut:
            break
        time.sleep(0.01)
    assert server.n_cut == 1


def test_closing_ends_a_request_that_waits_to_be_sent_again(server: FakeServer, generator: Generator) -> None:
    server.script = [(429, {"error": {"message": "slow down"}}, {"retry-after": "30"}), WHOLE]
    stream = generator.stream(HELLO, max_new_tokens=9)
    for _ in range(500):
        if server.requests:
            break
        time.sleep(0.01)
    stream.close()
    assert stream.reply.finish is Finish.STOPPED
    assert len(server.requests) == 1


def test_nothing_that_is_logged_holds_the_key_or_the_question(
    server: FakeServer, config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    server.script = [(401, {"error": {"message": KEY}}), WHOLE]
    with caplog.at_level(logging.INFO):
        generator = load_generator(config)
        refusal(generator)
        generator.stream(HELLO, max_new_tokens=9).read()
    assert f"go to the generator m at 127.0.0.1:{server.http.server_port}" in caplog.text
    assert KEY not in caplog.text
    assert "你好" not in caplog.text


def test_two_requests_are_under_way_at_once(server: FakeServer, generator: Generator) -> None:
    first = threading.Event()
    server.script = [[first, *WHOLE], WHOLE]
    waiting = generator.stream(HELLO, max_new_tokens=9)
    for _ in range(500):
        if server.requests:
            break
        time.sleep(0.01)
    assert generator.stream(HELLO, max_new_tokens=9).read().text == "你好。"
    first.set()
    assert waiting.read().text == "你好。"
