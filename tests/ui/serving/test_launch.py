"""Serving the page from the command line: its address, its words, its end."""

import os
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

import ui.__main__
from rag.errors import ConfigError
from tests.support.fakes import ScriptedPipeline
from tests.support.serving import served
from ui.__main__ import Serving, launch, main
from ui.settings import load_page_config

ROOT = Path(__file__).resolve().parents[3]
ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}


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


def test_the_next_free_port_is_taken():
    with served(ScriptedPipeline()) as first, served(ScriptedPipeline()) as second:
        assert second.url != first.url
        assert httpx.get(second.url, trust_env=False, follow_redirects=True).status_code == 200


def test_a_wrong_setting_ends_in_words_and_an_exit_code(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("YOUJU_CONFIG", str(tmp_path / "none.toml"))
    assert main([]) == ConfigError.exit_code
    assert "none.toml, which is not a file" in capsys.readouterr().err


HELP = """
import sys
from ui.__main__ import main
try:
    main(["--help"])
finally:
    print(sorted({"gradio", "torch", "fastapi"} & set(sys.modules)))
"""


def test_help_is_there_without_loading_anything():
    done = run(HELP)
    assert {"--host", "--port", "--auth", "--root-path", "--allow-host", "--no-browser"} <= set(done.split())
    assert done.strip().endswith("[]")


def test_the_address_is_told_and_opened_and_an_open_door_is_warned_of(monkeypatch, capsys, tmp_path):
    opened = []
    monkeypatch.setattr(ui.__main__.webbrowser, "open", opened.append)
    monkeypatch.setattr(ui.__main__, "_has_screen", lambda: True)
    monkeypatch.setattr(threading.Event, "wait", interrupted_in(launch, threading.Event.wait))
    with socket.create_server(("127.0.0.1", 0)) as free:  # not the first free one: another test's server would take it
        port = free.getsockname()[1]
    launch(ScriptedPipeline(), Serving("0.0.0.0", port), config=load_page_config({"YOUJU_HOME": str(tmp_path)}))
    told, warned, _ = capsys.readouterr().out.split("\n", 2)
    address = re.fullmatch(r"有据 youju: (http://127\.0\.0\.1:\d+/)   \(Ctrl\+C 结束 ends it\)", told)[1]
    assert opened == [address]
    assert warned.startswith("注意：监听 0.0.0.0 且没有登录")
    with pytest.raises(httpx.ConnectError):
        httpx.get(address, trust_env=False)


def interrupted_in(function, wait):
    """Ctrl+C, as soon as the function waits."""

    def waiting(event, timeout=None):
        if sys._getframe(1).f_code is function.__code__:
            raise KeyboardInterrupt
        return wait(event, timeout)

    return waiting


def run(code, timeout=120, **environment):
    """What a program says, run apart from this one."""
    environment |= ENVIRONMENT
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=timeout, check=True
    )
    return done.stdout


def test_a_termination_signal_ends_the_page_in_good_order(tmp_path):
    code = (
        "from tests.support.fakes import ScriptedPipeline; from ui.__main__ import launch; "
        "launch(ScriptedPipeline(), open_browser=False)"
    )
    environment = {"PYTHONIOENCODING": "utf-8", "YOUJU_HOME": str(tmp_path)} | ENVIRONMENT
    serving = subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        said = serving.stdout.readline()
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
from tests.support.fakes import ScriptedPipeline
from ui.__main__ import start
import urllib.request, time
running = start(ScriptedPipeline())
page = urllib.request.urlopen(running.url + "zh/").read()
time.sleep(1)
running.close()
print(sorted(called - {"127.0.0.1", "localhost", "local", "None", "::1", "0.0.0.0"}))
"""


def test_serving_talks_to_nobody_else_whatever_proxy_there_is(tmp_path):
    said = run(SERVE_AND_LISTEN, HTTP_PROXY="http://10.255.255.1:9", YOUJU_HOME=str(tmp_path))
    assert said.strip() == "[]"
