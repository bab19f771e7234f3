import json
import re
import socket
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

import httpx
import pytest
from fakes import ListedDocument, ScriptedPipeline

from rag.errors import ConfigError, GenerationError
from rag.schema import Answer, AnswerSentence, Citation, Delta, Evidence, Quoted, Retrieved, Timings, Turn
from ui.__main__ import Serving, launch, main, start

ROOT = Path(__file__).resolve().parents[1]
EVIDENCE = (Evidence(1, "录取率90.21%。", "a.txt", "总结", "", (), (), 0, 9, 1.0),)
CITED = (Citation(1, "a.txt", "总结", (), 0, 9, "录取率90.21%。"),)
ASK, STOP, CLEAR = "ask", "stop_session", "start_anew"


def script(question):
    final = Answer(
        question,
        question,
        (AnswerSentence(f"答{question}。", (1,), supported=True),),
        CITED,
        abstained=False,
        evidence=EVIDENCE,
        timings=Timings(0.1, 0.2, 0.3),
    )
    return [Retrieved(question, EVIDENCE, 0.1), Delta(f"答{question}"), final]


class Visitor:
    """A tab of a browser, as far as the server can tell."""

    def __init__(self, url):
        self.http = httpx.Client(base_url=f"{url}zh", timeout=30, trust_env=False)
        self.session = uuid.uuid4().hex
        self.http.get("/").raise_for_status()  # gives the cookie
        config = self.http.get("/config").json()
        self.functions = {item["api_name"]: item["id"] for item in config["dependencies"]}

    def call(self, name, *values):
        """Run a handler and return what it left on the page, by name of the page's part."""
        body = {"data": [*values, None], "fn_index": self.functions[name], "session_hash": self.session}
        self.http.post("/gradio_api/queue/join", json=body).raise_for_status()
        parts = dict.fromkeys(("past", "earlier", "latest", "question", "examples", "send", "stop"))
        with self.http.stream("GET", "/gradio_api/queue/data", params={"session_hash": self.session}) as lines:
            for line in lines.iter_lines():
                message = json.loads(line[5:]) if line.startswith("data:") else {}
                if message.get("msg") in ("process_generating", "process_completed"):
                    assert message["success"], message
                    # Text is text; what is left alone comes as an empty change, what changes a little as a list.
                    given = zip(parts, message["output"]["data"], strict=False)
                    parts |= {part: value for part, value in given if isinstance(value, str)}
                if message.get("msg") == "process_completed":
                    return parts
        raise AssertionError("the stream ended without an answer")

    def post(self, name):
        body = {"data": [], "fn_index": self.functions[name], "session_hash": self.session}
        return self.http.post("/gradio_api/run/predict", json=body).raise_for_status().json()

    def ask(self, question):
        return self.call(ASK, question)


def text_of(html):
    return re.sub(r"<[^>]*>", "", html)


@pytest.fixture(scope="module")
def pipeline():
    questions = ("一", "二", "三", "四")
    return ScriptedPipeline(
        {question: script(question) for question in questions},
        examples=["例一？", "例二？", "例三？", "例四？", "例五？"],
        documents=[ListedDocument("a.txt", ("总结",), 7)],
    )


@pytest.fixture(scope="module")
def url(pipeline):
    running = start(pipeline)
    yield running.url
    running.close()


@pytest.fixture
def visitor(url):
    visitor = Visitor(url)
    yield visitor
    visitor.http.close()


def values(visitor, kind):
    config = visitor.http.get("/config").json()
    return [item["props"].get("value") for item in config["components"] if item["type"] == kind]


def test_the_page_says_what_it_is_and_what_it_answers_from(visitor):
    header = values(visitor, "html")[0]
    assert "有据 youju只依据你的资料回答，每句话都注明出处。Answers only from your documents" in text_of(header)
    assert "1 份资料，7 段 · 1 document, 7 passages" in text_of(header)


def test_four_examples_are_offered(visitor):
    assert values(visitor, "button")[:5] == ["例一？", "例二？", "例三？", "例四？", "发送 Send"]


def test_a_question_is_answered_with_its_source(visitor):
    shown = visitor.ask("一")
    assert text_of(shown["latest"]) == "一用时 0.3 秒 · Done in 0.3 s答一。[1]来源 Sources[1] 总结录取率90.21%。a.txt"


def test_a_follow_up_gets_the_turns_before_it_and_they_stay_on_the_page(visitor, pipeline):
    visitor.ask("一")
    visitor.ask("二")
    shown = visitor.ask("三")
    assert pipeline.asked[-1] == (
        "三",
        (Turn("user", "一"), Turn("assistant", "答一。"), Turn("user", "二"), Turn("assistant", "答二。")),
    )
    assert re.findall(r'<article class="yj-turn" id="(t\d)"', shown["earlier"]) == ["t1", "t2"]
    assert 'id="t3"' in shown["latest"]


def test_visitors_do_not_see_each_other(url, pipeline):
    one, other = Visitor(url), Visitor(url)
    one.ask("一")
    shown = other.ask("二")
    assert shown["earlier"] == ""
    assert pipeline.asked[-1] == ("二", ())
    one.http.close()
    other.http.close()


def test_an_example_is_asked_by_its_button(visitor, pipeline):
    visitor.call("ask_1", "例一？")
    assert pipeline.asked[-1] == ("例一？", ())


def test_a_blank_question_is_not_asked(visitor, pipeline):
    n_asked = len(pipeline.asked)
    visitor.ask(" \n ")
    assert len(pipeline.asked) == n_asked


def test_an_error_is_shown_in_words_and_kept_out_of_the_history(visitor, pipeline):
    pipeline.scripts["坏"] = [GenerationError("内存不足。关掉别的程序。")]
    shown = visitor.ask("坏")
    assert "内存不足。关掉别的程序。" in text_of(shown["latest"])
    assert "Traceback" not in shown["latest"]
    visitor.ask("一")
    assert pipeline.asked[-1] == ("一", ())


def test_a_refusal_is_shown_as_one(visitor):
    assert "资料中没有找到依据 · Not in the documents资料中没有提到。" in text_of(visitor.ask("谁？")["latest"])


def test_a_quotation_outlives_a_refusal_and_not_an_answer(visitor, pipeline):
    found, _, final = script("摘")
    quoted = Quoted(Answer("摘", "摘", (AnswerSentence("录取率90.21%。", (1,), True, ((3, 9),)),), CITED, False))
    refused = Answer("拒", "拒", (), (), abstained=True, reason="没有写。", evidence=EVIDENCE)
    pipeline.scripts |= {"摘": [found, quoted, final], "拒": [found, quoted, refused]}
    assert "<mark>" not in visitor.ask("摘")["latest"]
    assert "录取率<mark>90.21%</mark>。" in visitor.ask("拒")["latest"]


def test_stop_ends_the_generation(visitor, pipeline):
    pipeline.scripts["长"] = [
        EVIDENCE and Retrieved("长", EVIDENCE, 0.1),
        *[part for _ in range(500) for part in (Delta("字"), 0.02)],
    ]
    threading.Timer(0.5, lambda: visitor.post(STOP)).start()
    shown = visitor.ask("长")
    assert "已停止 · Stopped after" in text_of(shown["latest"])
    deadline = time.monotonic() + 5
    while "长" not in pipeline.closed and time.monotonic() < deadline:
        time.sleep(0.01)
    assert "长" in pipeline.closed
    assert pipeline.yielded.count("长") < 400


def test_clear_forgets_the_conversation(visitor, pipeline):
    visitor.ask("一")
    cleared = visitor.post(CLEAR)["data"]
    assert cleared[1:3] == ["", ""]
    shown = visitor.ask("二")
    assert pipeline.asked[-1] == ("二", ())
    assert 'id="t1"' in shown["latest"]


def test_the_browser_is_told_to_talk_to_this_server_only(visitor):
    policy = visitor.http.get("/").headers["content-security-policy"]
    assert {"default-src 'self'", "connect-src 'self'", "font-src 'self' data:"} <= set(policy.split("; "))
    assert "http" not in policy


def test_nothing_is_shared_recorded_or_fetched(visitor):
    config = visitor.http.get("/config").json()
    assert {
        name: config[name] for name in ("analytics_enabled", "run_history", "footer_links", "stylesheets", "pwa")
    } == {
        "analytics_enabled": False,
        "run_history": False,
        "footer_links": [],
        "stylesheets": [],
        "pwa": False,
    }


def test_files_of_this_machine_are_not_served(visitor):
    assert visitor.http.get(f"/gradio_api/file={ROOT / 'pyproject.toml'}").status_code in (403, 404)


def test_a_taken_port_is_told_before_anything_is_loaded():
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(ConfigError) as caught:
            launch(ScriptedPipeline(), Serving(port=port), open_browser=False)
    assert str(caught.value) == (
        f"Cannot listen on 127.0.0.1, port {port}: Address already in use. "
        "Another program may hold it: pass a free one with --port, or an address of this machine with --host."
    )


def test_an_impossible_port_or_host_is_told():
    with pytest.raises(ConfigError, match=r"^Port is 70000; expected a number from 1 to 65535\.$"):
        launch(ScriptedPipeline(), Serving(port=70000), open_browser=False)
    with pytest.raises(ConfigError, match=r"^Cannot listen on no-such-host\.invalid, port 7999: "):
        launch(ScriptedPipeline(), Serving("no-such-host.invalid", 7999), open_browser=False)


def test_the_next_free_port_is_taken(url):
    second = start(ScriptedPipeline())
    try:
        assert second.url != url
        assert httpx.get(second.url, trust_env=False, follow_redirects=True).status_code == 200
    finally:
        second.close()


def test_a_wrong_setting_ends_in_words_and_an_exit_code(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("YOUJU_CONFIG", str(tmp_path / "none.toml"))
    assert main([]) == ConfigError.exit_code
    assert "none.toml, which is not a file" in capsys.readouterr().err


def test_a_termination_signal_ends_the_page_in_good_order():
    code = (
        "from fakes import ScriptedPipeline; from ui.__main__ import launch; "
        "launch(ScriptedPipeline(), open_browser=False)"
    )
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", "PYTHONIOENCODING": "utf-8"}
    serving = subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        said = serving.stdout.readline()
        assert re.match(r"有据 youju: http://127\.0\.0\.1:\d+/ ", said)
        assert httpx.get(said.split()[2], trust_env=False, follow_redirects=True).status_code == 200
        serving.terminate()
        _, errors = serving.communicate(timeout=30)
    finally:
        serving.kill()
    assert (serving.returncode, errors) == (0, "")


SERVE_AND_LISTEN = """
import sys
called = set()
def listen(event, arguments):
    if event == "socket.connect":
        called.add(str(arguments[1][0]) if isinstance(arguments[1], tuple) else "local")
    if event == "socket.getaddrinfo":
        called.add(str(arguments[0]))
sys.addaudithook(listen)
from fakes import ScriptedPipeline
from ui.__main__ import start
import urllib.request, time
running = start(ScriptedPipeline())
page = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(running.url).read()
time.sleep(1)
running.close()
print(sorted(called - {"127.0.0.1", "localhost", "local", "None", "::1", "0.0.0.0"}))
"""


def test_serving_talks_to_nobody_else():
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}",
        "HTTP_PROXY": "http://10.255.255.1:9",
    }
    done = subprocess.run(
        [sys.executable, "-c", SERVE_AND_LISTEN],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.strip() == "[]"
