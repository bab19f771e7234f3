"""Each use of youju, in a process of its own that may reach no other machine: it works, and nothing is even tried.

A proxy is named in the environment, which whatever asks for an address of the web would turn to. What Python does is
seen by a hook (tests/support/offline), what C does by strace, where that is there and may trace.
"""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from tests.support.formats.container_files import epub_of, message_of, zip_of
from tests.support.office.open_xml import p, word_of
from tests.support.pdf_files import pdf_of
from tests.support.rag.processes import ROOT, start
from tests.support.sheet_files import rows_of, xlsx_of
from tests.support.small_home import ANSWERED, QUOTE, ROADS, SCHOOLS

HOOK = ROOT / "tests" / "support" / "offline"
AWAY = "http://192.0.2.1:9/"  # RFC 5737: nobody's
LOADING = f"""<html><head><link rel="stylesheet" href="{AWAY}a.css"><base href="{AWAY}"><script src="a.js"></script>
<meta http-equiv="refresh" content="0; url={AWAY}"></head><body><p>云岭县2032年新建水库3座。</p>
<img src="{AWAY}a.png"><iframe src="{AWAY}b.html"></iframe><a href="{AWAY}c">全文</a></body></html>"""
LINK = "http://schemas.openxmlformats.org/package/2006/relationships"
LINKED = (
    f'<Relationships xmlns="{LINK}"><Relationship Id="r1" TargetMode="External" Target="{AWAY}t.dotx" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"/></Relationships>'
)
STAND_INS = """
from tests.support.fakes import HashingEncoder, QuotingGenerator, QuotingReader
from tests.support.scoring import IN_SCOPE
"""
COMMAND = f"""import sys{STAND_INS}
from rag.cli.arguments import Models
from rag.cli.main import main
sys.exit(main(models=Models(HashingEncoder, QuotingGenerator, QuotingReader, IN_SCOPE)))
"""
REAL = "import sys; from rag.cli.main import main; sys.exit(main())"
PAGE = f"""{STAND_INS}
from rag.pipeline import Pipeline
from ui.__main__ import launch
from ui.settings import load_page_config
config = load_page_config()
models = dict(encoder=HashingEncoder, generator=QuotingGenerator, reader=QuotingReader, scorer=IN_SCOPE)
launch(Pipeline.open(config, **models), config=config, open_browser=False)
"""
CONNECT = "import socket; socket.create_connection(('192.0.2.1', 9))"
TRACED = "connect,sendto,sendmsg,sendmmsg"
USES = [
    ["search", ANSWERED],
    ["ask", ANSWERED],
    ["ask", ANSWERED, "--mode", "quotes"],
    ["batch", "q.txt", "--out", "a.jsonl", "--xlsx", "a.xlsx", "--mode", "quotes"],
    ["eval", "gold.jsonl", "--retrieval-only"],
    ["eval", "gold.jsonl", "--mode", "quotes"],
    ["exam", "--questions", "5"],
    ["documents", "list"],
    ["documents", "show", "schools.txt"],
    ["documents", "export", "--out", "texts"],
    ["index", "docs", "--prune"],
    ["index", "--rebuild"],
    ["index", "--sample"],
    ["backup", "saved.zip"],
    ["models", "list"],
]


def environment(home):
    """What makes a process one that may reach nobody; what is noted lies beside the home."""
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"), AWAY)
    return proxies | {
        "PYTHONPATH": f"{HOOK}{os.pathsep}{ROOT}",
        "REQUESTS_FILE": str(home.parent / "requests"),
        "NO_PROXY": "",
        "no_proxy": "",
    }


def tried(home):
    """What was tried to reach."""
    notes = home.parent / "requests"
    return notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []


def run(home, *arguments, code=COMMAND, **rest):
    with start(home, *arguments, code=code, **environment(home) | rest) as process:
        out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def gold():
    """One question of a gold set."""
    return {
        "id": "g1",
        "question": ANSWERED,
        "lang": "zh",
        "type": "fact",
        "answerable": True,
        "answer": "12所",
        "must_include": ["12所"],
        "must_not_include": [],
        "gold": [{"source": "schools.txt", "quote": QUOTE}],
    }


def write_documents(docs):
    """A file of each kind; those that can name addresses elsewhere do."""
    docs.mkdir()
    more = {"word/_rels/settings.xml.rels": LINKED}
    files = {
        "schools.txt": SCHOOLS.encode(),
        "roads.md": f"# 交通\n\n![图]({AWAY}a.png)\n\n{ROADS}".encode(),
        "page.html": LOADING.encode(),
        "letter.docx": word_of(p("云岭县2033年新建车站5个。"), more=more),
        "numbers.xlsx": xlsx_of({"表": rows_of(["县", "小学"], ["甲县", 12], ["乙县", 15])}),
        "lines.pdf": pdf_of([["2031年新建桥梁9座。"]]),
        "mail.eml": message_of(LOADING.replace("水库", "泵站"), subtype="html", attachments={"附.txt": ROADS.encode()}),
        "book.epub": epub_of("年鉴", {"a.xhtml": LOADING.replace("水库", "电站")}),
        "all.zip": zip_of({"inside.html": LOADING.replace("水库", "粮库").encode()}),
    }
    for name, content in files.items():
        (docs / name).write_bytes(content)
    return files


@pytest.fixture(scope="module")
def indexed(tmp_path_factory):
    """A home whose index was made under the guard, with what the commands read beside it."""
    home = tmp_path_factory.mktemp("offline") / "home"
    files = write_documents(home.parent / "docs")
    code, out, err = run(home, "index", "docs")
    assert (code, tried(home)) == (0, []), err
    assert out.startswith(f"{len(files)} added"), out
    (home.parent / "q.txt").write_text(f"{ANSWERED}\n", encoding="utf-8")
    (home.parent / "gold.jsonl").write_text(json.dumps(gold(), ensure_ascii=False), encoding="utf-8")
    return home


@pytest.fixture
def home(indexed, tmp_path):
    """A copy of it."""
    shutil.copytree(indexed.parent, tmp_path, dirs_exist_ok=True)
    return tmp_path / "home"


@pytest.mark.parametrize(
    "asking",
    [
        f"import urllib.request; urllib.request.urlopen({AWAY!r})",
        f"import httpx; httpx.get({AWAY!r})",
        "import socket; socket.getaddrinfo('example.org', 80)",
        "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 9))",
        f"import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', {CONNECT!r}]))",
    ],
)
def test_the_guard_forbids_and_notes_what_leaves(tmp_path, asking):
    code, _, err = run(tmp_path / "home", code=asking)
    assert code != 0
    assert "is forbidden here" in err
    assert tried(tmp_path / "home"), err


@pytest.mark.parametrize("use", USES, ids=" ".join)
def test_a_command_asks_nobody(home, use):
    code, out, err = run(home, *use)
    assert (code, tried(home)) == (0, []), out + err


def test_a_restored_backup_asks_nobody(home):
    assert run(home, "backup", "saved.zip")[0] == 0
    shutil.rmtree(home)
    code, out, err = run(home, "restore", "saved.zip")
    assert (code, tried(home)) == (0, []), out + err
    code, out, err = run(home, "ask", ANSWERED, "--mode", "quotes")
    assert (code, tried(home)) == (0, []), err
    assert "[1]" in out


def traces(folder):
    """Whether strace is there and may trace here."""
    if not shutil.which("strace"):
        return False
    return subprocess.run(["strace", "-o", folder / "t", "true"], capture_output=True, check=False).returncode == 0


def reached(trace):
    """Addresses of other machines in what strace wrote."""
    named = re.findall(r'inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"', trace)
    return sorted({old or new for old, new in named if not (old.startswith("127.") or new == "::1")})


@pytest.mark.parametrize("use", [["index", "docs", "--prune"], ["ask", ANSWERED, "--mode", "quotes"]], ids=" ".join)
def test_no_system_call_of_a_command_reaches_out(home, tmp_path, use):
    if not traces(tmp_path):
        pytest.skip("strace is not there, or may not trace")
    (home.parent / "docs" / "new.html").write_text(LOADING.replace("水库", "渡口"), encoding="utf-8")
    log = tmp_path / "trace"
    traced = ["strace", "-f", "-qq", "-e", f"trace={TRACED}", "-o", str(log), sys.executable, "-c", COMMAND, *use]
    settings = os.environ | {"YOUJU_HOME": str(home)} | environment(home)
    done = subprocess.run(traced, cwd=home.parent, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert reached(log.read_text(encoding="utf-8", errors="replace")) == []


def test_strace_shows_what_leaves(tmp_path):
    if not traces(tmp_path):
        pytest.skip("strace is not there, or may not trace")
    log = tmp_path / "trace"
    asking = "import socket; s = socket.socket(type=socket.SOCK_DGRAM); s.connect(('192.0.2.1', 9))"
    subprocess.run(["strace", "-f", "-e", f"trace={TRACED}", "-o", str(log), sys.executable, "-c", asking], check=False)
    assert reached(log.read_text(encoding="utf-8")) == ["192.0.2.1"]


async def _tools(url):
    async with (
        httpx.AsyncClient(trust_env=False, timeout=60) as http,
        streamable_http_client(f"{url}tools/gradio_api/mcp/", http_client=http) as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        return await session.call_tool("ask", {"question": ANSWERED, "mode": "quotes"})


def test_the_page_and_its_interfaces_ask_nobody(home):
    with start(home, code=PAGE, **environment(home)) as process:
        try:
            url = process.stdout.readline().split()[2]
            with httpx.Client(base_url=url, trust_env=False, timeout=60, follow_redirects=True) as client:
                assert client.get("zh/").status_code == 200
                assert client.get("zh/config").status_code == 200
                question = {"model": "youju-quotes", "messages": [{"role": "user", "content": ANSWERED}]}
                said = client.post("v1/chat/completions", json=question)
            called = asyncio.run(_tools(url))
        finally:
            process.terminate()
            _, err = process.communicate(timeout=60)
    assert "[1]" in said.json()["choices"][0]["message"]["content"]
    assert "[1]" in json.loads(called.content[0].text)["answer"]
    assert (process.returncode, tried(home)) == (0, []), err


@pytest.mark.parametrize("module", ["ui", "ui.page"])
def test_gradio_and_the_hub_are_told_to_report_nothing(tmp_path, module):
    code = f"import json, os, {module}; print(json.dumps(dict(os.environ)))"
    done, out, err = run(tmp_path / "home", code=code)
    assert done == 0, err
    settings = json.loads(out)
    assert settings["GRADIO_ANALYTICS_ENABLED"] == "False"
    assert settings["HF_HUB_DISABLE_TELEMETRY"].upper() in ("1", "ON", "YES", "TRUE")  # its words for yes
    assert tried(tmp_path / "home") == []


def test_what_converts_models_has_nobody_to_report_to(tmp_path):
    code = "import rag; from openvino.tools.ovc import telemetry_utils; print(telemetry_utils.tm.__name__)"
    done, out, err = run(tmp_path / "home", code=code)
    assert (done, out.strip()) == (0, "openvino.tools.ovc.telemetry_stub"), err


@pytest.mark.model("encoder")
def test_the_real_models_ask_nobody(model_home, tmp_path):
    write_documents(tmp_path / "docs")
    noted = environment(tmp_path / "home")
    for use in (["index", "docs"], ["ask", ANSWERED, "--mode", "quotes"]):
        with start(tmp_path / "home", *use, code=REAL, **noted | home_of(model_home, tmp_path)) as process:
            out, err = process.communicate(timeout=300)
        assert (process.returncode, tried(tmp_path / "home")) == (0, []), err
    assert QUOTE in out


def home_of(model_home, folder):
    """The models of one home with an index elsewhere."""
    return {"YOUJU_HOME": str(model_home), "YOUJU_INDEX": str(Path(folder, "index"))}
