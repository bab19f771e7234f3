"""llama.cpp in this process: how it is set up, what its errors become, and, with the model, that its port is locked."""

from __future__ import annotations

import json
import os
import struct
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rag.config import Config, load_config
from rag.errors import GenerationError, ModelError
from rag.generation import Finish, load_generator
from rag.generation.llamacpp import LlamaCppGenerator
from rag.generation.prompt import build_messages
from rag.schema.messages import Message
from tests.support.fakes import some_evidence

HELLO = [Message("user", "你好")]


class FakeServer:
    """Says the events of its script, whatever it is asked, until it is told to stop."""

    script: list[dict[str, Any]]
    made: FakeServer

    def __init__(self, parameters: SimpleNamespace) -> None:
        self.parameters = parameters
        self.requests: list[dict[str, Any]] = []
        FakeServer.made = self

    def handle_chat_completions(self, request: dict[str, Any], take: Callable[[dict[str, Any]], bool]) -> None:
        self.requests.append(request)
        for event in self.script:
            if isinstance(event, Exception):
                raise event
            if take(event):
                return


def said(text: str | None = None, finish: str | None = None, **timings: int) -> dict[str, Any]:
    delta = {"role": "assistant", "content": None} if text is None else {"content": text}
    return {"choices": [{"delta": delta, "finish_reason": finish}], "timings": timings}


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """Settings that name a GGUF file of a model with a context of 4,096 tokens; llama.cpp is the fake one."""

    def parameters() -> SimpleNamespace:
        kinds = {name: SimpleNamespace() for name in ("model", "cpuparams", "cpuparams_batch")}
        return SimpleNamespace(**kinds)

    key = b"qwen2.context_length"
    fact = struct.pack("<Q", len(key)) + key + struct.pack("<II", 4, 4096)
    (tmp_path / "a.gguf").write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + fact)
    fake = SimpleNamespace(CommonParams=parameters, Server=FakeServer)
    monkeypatch.setitem(sys.modules, "xllamacpp", fake)
    return load_config({"YOUJU_HOME": str(tmp_path)}, runtime="llamacpp", generator=str(tmp_path / "a.gguf"))


def test_the_port_is_locked_and_the_log_quiet(config: Config) -> None:
    generator = load_generator(config.replace(threads=3, generator_slots=2))
    parameters = FakeServer.made.parameters
    assert isinstance(generator, LlamaCppGenerator)
    assert (generator.name, generator.slots, generator.context_tokens) == ("a", 2, 4096)
    assert parameters.api_keys == [generator.key]
    assert len(generator.key) >= 32
    assert (parameters.cors_origins, parameters.endpoint_slots, parameters.endpoint_props) == ("", False, False)
    assert (parameters.n_ctx, parameters.n_parallel, parameters.verbosity) == (8192, 2, -1)
    assert (parameters.cpuparams.n_threads, parameters.cpuparams_batch.n_threads) == (3, 3)
    assert load_generator(config).key != generator.key


def test_threads_of_openmp_do_not_spin_unless_the_user_says_so(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    load_generator(config)
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    load_generator(config)
    assert os.environ["OMP_WAIT_POLICY"] == "ACTIVE"


def test_the_likeliest_tokens_are_asked_for_and_control_tokens_are_broken(config: Config) -> None:
    FakeServer.script = [said("好", "stop")]
    load_generator(config).stream([Message("user", "你好<|im_end|>")], max_new_tokens=7).read()
    (request,) = FakeServer.made.requests
    assert request["messages"] == [{"role": "user", "content": "你好< |im_end|>"}]
    assert (request["max_tokens"], request["temperature"], request["cache_prompt"]) == (7, 0, True)


def test_a_reply_has_its_pieces_and_figures(config: Config) -> None:
    FakeServer.script = [said(), said("好"), said("的"), said(finish="length", cache_n=20, prompt_n=5, predicted_n=3)]
    with load_generator(config).stream(HELLO, max_new_tokens=3) as stream:
        assert list(stream) == ["好", "的"]
    reply = stream.reply
    assert (reply.text, reply.n_prompt_tokens, reply.n_new_tokens, reply.finish) == ("好的", 25, 3, Finish.LENGTH)


def test_a_listener_that_has_enough_stops_it(config: Config) -> None:
    FakeServer.script = [said("一"), said("二"), said("三")]
    generator = load_generator(config)
    assert isinstance(generator, LlamaCppGenerator)
    heard: list[str] = []
    reply = generator.generate(
        HELLO, max_new_tokens=9, on_text=lambda piece: bool(heard.append(piece)) or piece == "二"
    )
    assert (reply.text, reply.finish, heard) == ("一二", Finish.STOPPED, ["一", "二"])


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (
            {"error": {"type": "exceed_context_size_error", "n_prompt_tokens": 9000, "message": "too long"}},
            r"The prompt has 9,000 tokens or more; this model reads fewer than 4,096\. Shorten the question",
        ),
        ({"error": {"type": "server_error", "message": "no slot"}}, r"a failed while it wrote: no slot\. Ask again\."),
        (RuntimeError("broken"), r"a failed while it wrote: broken\. Ask again\."),
    ],
)
def test_its_errors_come_in_words(config: Config, event: Any, message: str) -> None:
    FakeServer.script = [event]
    with pytest.raises(GenerationError, match=message):
        load_generator(config).stream(HELLO, max_new_tokens=9).read()


def test_a_count_that_cannot_be_had_is_an_error(config: Config) -> None:
    generator = load_generator(config)
    FakeServer.made.listening_address = "http://127.0.0.1:9"  # type: ignore[attr-defined]
    with pytest.raises(GenerationError, match="a could not count tokens"):
        generator.count_tokens("好")


def test_a_library_of_the_system_that_is_missing_is_named(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    class Finder:
        def find_spec(self, name: str, *_: Any) -> None:
            if name == "xllamacpp":
                raise ImportError("libgomp.so.1: cannot open shared object file")

    monkeypatch.delitem(sys.modules, "xllamacpp")
    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])
    with pytest.raises(ModelError, match=r"libgomp\.so\.1: cannot open .*apt-get install libgomp1"):
        load_generator(config)


@pytest.fixture(scope="module")
def real(model_home: Path) -> LlamaCppGenerator:
    generator = load_generator(load_config({"YOUJU_HOME": str(model_home)}, runtime="llamacpp", generator_slots=2))
    assert isinstance(generator, LlamaCppGenerator)
    return generator


def status_of(url: str, *, key: str = "", data: dict[str, Any] | None = None) -> tuple[int, str]:
    """The status, and the origin whose pages may read the answer."""
    headers = {"Origin": "https://elsewhere.example", "Content-Type": "application/json"}
    headers |= {"Authorization": f"Bearer {key}"} if key else {}
    request = urllib.request.Request(url, data=None if data is None else json.dumps(data).encode(), headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as response:
            return response.status, response.headers["Access-Control-Allow-Origin"] or ""
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Access-Control-Allow-Origin"] or ""


@pytest.mark.model
def test_nobody_without_the_key_comes_in_and_no_page_of_a_browser(real: LlamaCppGenerator) -> None:
    root = real.url.removesuffix("/v1")
    assert root.startswith("http://127.0.0.1:")
    talk = {"messages": [{"role": "user", "content": "好"}], "max_tokens": 1}
    assert status_of(f"{real.url}/chat/completions", data=talk) == (401, "")
    assert status_of(f"{real.url}/chat/completions", data=talk, key="guessed") == (401, "")
    assert status_of(f"{root}/tokenize", data={"content": "好"}) == (401, "")
    assert status_of(f"{root}/slots") == (401, "")
    assert status_of(f"{root}/slots", key=real.key)[0] == 501, "what others asked cannot be looked at"
    assert status_of(f"{root}/tokenize", data={"content": "好"}, key=real.key) == (200, "")


@pytest.mark.model
def test_of_a_second_question_only_the_rest_is_read(real: LlamaCppGenerator) -> None:
    evidence = some_evidence("新建学校26所，改扩建45所，新增学位3.2万个。", "新建农村公路320公里，维修桥梁17座。")

    def timings(question: str) -> dict[str, float]:
        messages = build_messages(question, evidence, language="zh")
        request = {"messages": [{"role": each.role, "content": each.content} for each in messages], "max_tokens": 1}
        told: dict[str, float] = real._server.handle_chat_completions(request)["timings"]
        return told

    first = timings("海州市2031年新建了多少所学校？")
    second = timings("海州市2031年维修了多少座桥梁？")
    assert second["cache_n"] > 400
    assert second["prompt_n"] < 40
    assert second["cache_n"] + second["prompt_n"] == pytest.approx(first["cache_n"] + first["prompt_n"], abs=5)


@pytest.mark.model
def test_two_replies_are_written_at_once(real: LlamaCppGenerator) -> None:
    count = [Message("user", "从1数到50，用逗号隔开，不要说别的。")]
    with real.stream(count, max_new_tokens=60) as long:
        next(long)
        short = real.stream([Message("user", "1+1等于几？只写数字。")], max_new_tokens=8).read()
        assert short.text.strip(" 。") == "2"
        assert long._outcome is None, "the first is still being written"
        assert "".join(long).startswith(",2")
