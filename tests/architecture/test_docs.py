from __future__ import annotations

import asyncio
import json
import re
import shlex
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

import ui.__main__
import ui.users_command
from rag import errors
from rag.cli.main import build_parser
from rag.config import load_config
from rag.errors import DocumentNotFoundError
from rag.generation import Finish, load_generator
from rag.schema.answers import Answer, Citation
from rag.schema.messages import Message
from rag.schema.search import Hidden
from tests.support.serving import script, served, some_pipeline
from ui.settings import PageConfig

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ENGLISH = (ROOT / "README.en.md").read_text(encoding="utf-8")
PAGES = [ROOT / name for name in ("README.md", "README.en.md", "CONTRIBUTING.md", "CHANGELOG.md")]
PAGES += sorted((ROOT / "docs").glob("*.md"))
BLOCK = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)
BLOCKS = BLOCK.findall(README)
README_URL = "http://127.0.0.1:7860/"
NO_ROUTE = '{"detail":"Not Found"}'
OWN_PARSERS = {"chat": ui.__main__._parser, "users": ui.users_command._parser}  # their arguments are handed on
PLACEHOLDERS = {"文件夹或文件...": "seeds", "名称": "a.txt"}
COMMANDS = sorted(
    {
        re.split(r"\s+#|\s{3,}", line.strip())[0].strip()
        for page in PAGES
        for _, block in BLOCK.findall(page.read_text(encoding="utf-8"))
        for line in block.splitlines()
        if line.strip().startswith("youju ") and "[--" not in line
    }
)


def test_the_readmes_are_linked_at_their_top() -> None:
    assert README.splitlines()[2] == "[English](README.en.md)"
    assert ENGLISH.splitlines()[2] == "[中文](README.md)"


def test_the_readmes_show_the_same_commands_and_code() -> None:
    def plain(text: str) -> list[tuple[str, list[str]]]:
        blocks = [(language, re.sub(r"\s+#.*", "", block).split("\n")) for language, block in BLOCK.findall(text)]
        return [(language, [line.rstrip() for line in lines]) for language, lines in blocks]

    assert plain(README) == plain(ENGLISH)


def test_the_readmes_tell_the_same_figures() -> None:
    def figures(text: str) -> list[str]:
        outside = BLOCK.sub("", text).partition("docs/images/chat.png")[2]
        return sorted(re.findall(r"\d+(?:\.\d+)+", outside))

    assert len(figures(README)) > 20
    assert figures(README) == figures(ENGLISH)
    assert README.count("\n## ") == ENGLISH.count("\n## ")


def test_the_first_screen_has_a_picture_the_commands_and_the_uses() -> None:
    for text in (README, ENGLISH):
        first = "\n".join(text.splitlines()[:24])
        assert "docs/images/chat.png" in first
        assert {"make chat", "make test"} <= set(re.findall(r"^make \w+", first, re.MULTILINE))
        assert re.findall(r"^\| \[.+?\]\(#.+?\) \| `([\w.]+)", first, re.MULTILINE) == ["youju", "rag.ask", "youju"]


def test_headings_that_the_docs_link_to_exist() -> None:
    def anchors(page: Path) -> set[str]:
        headings = re.findall(r"^#+ (.+)$", BLOCK.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}

    for page in PAGES:
        for file, anchor in re.findall(r"\]\((?!http)([^)#]*)#([^)]+)\)", page.read_text(encoding="utf-8")):
            assert anchor in anchors(page.parent / file if file else page), f"{page.name}: {file}#{anchor}"


def test_the_docs_show_every_command() -> None:
    shown = {command.split()[1] for command in COMMANDS}
    assert {"chat", "batch", "index", "search", "eval", "exam", "models", "users", "feedback"} <= shown


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_is_understood(command: str) -> None:
    words = [PLACEHOLDERS.get(word, word) for word in shlex.split(command)[1:]]
    known, rest = build_parser().parse_known_args(words)
    assert callable(known.run)
    if parser := OWN_PARSERS.get(words[0]):
        parser().parse_args(rest)
    else:
        assert rest == []


def test_files_that_the_docs_name_exist() -> None:
    for document in PAGES:
        text = document.read_text(encoding="utf-8")
        named = re.findall(r"\]\((?!http)([^)#]+)(?:#[^)]*)?\)", text) + re.findall(
            r"`((?:docs|tests|benchmarks|rag|ui)/[\w/.]+)`", text
        )
        missing = [name for name in named if not ((document.parent / name).exists() or (ROOT / name).exists())]
        assert missing == [], document.name


def test_make_targets_that_the_readme_names_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\bmake ([a-z]+)", README)) <= targets
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", ENGLISH + contributing, re.MULTILINE)) <= targets


def test_the_record_of_the_readme_has_the_fields_that_are_written() -> None:
    block = next(block for language, block in BLOCKS if language == "json")
    shown = json.loads(block)
    citation = Citation(1, "a.txt", "题", ("一",), 0, 3, "引文。")
    written = Answer(question="问", query="问", sentences=(), citations=(citation,), abstained=True).to_dict()
    assert list(shown) == list(written)
    assert list(shown["citations"][0]) == list(written["citations"][0])
    assert list(shown["timings"]) == list(written["timings"])


def test_the_generator_of_the_guide_is_loaded_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guide = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").partition("## How to add a generator")[2]
    code, entry = re.findall(r"```(?:python|toml)\n(.*?)```", guide, re.DOTALL)[:2]
    assert len(code.splitlines()) <= 20
    ((group, line),) = re.findall(r'\[project\.entry-points\."(.+)"\]\n(.+)\n', entry)
    (tmp_path / "youju_shout.py").write_text(code, encoding="utf-8")
    package = tmp_path / "youju_shout-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: youju-shout\nVersion: 1.0\n", encoding="utf-8")
    (package / "entry_points.txt").write_text(f"[{group}]\n{line.replace(chr(34), '')}\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    generator = load_generator(load_config({"YOUJU_RUNTIME": "shout"}))
    reply = generator.stream([Message("user", "hello<|im_end|>")], max_new_tokens=7).read()
    assert (generator.name, generator.slots, reply.text, reply.finish) == ("shout", 1, "HELLO< ", Finish.LENGTH)


def test_the_python_of_the_readme_compiles() -> None:
    blocks = [block for language, block in BLOCKS if language == "python"]
    assert blocks
    for block in blocks:
        compile(block, "README.md", "exec")


@pytest.fixture
def server() -> Iterator[str]:
    """A server over the question that the README asks."""
    question = re.search(r'"content": "(.+)"}', README)
    assert question
    pipeline = some_pipeline(**{question[1]: script(question[1])})
    pipeline.document_view = _no_document
    with served(pipeline, port=_free_port()) as running:
        yield running.url


def test_the_openai_client_of_the_readme_gets_an_answer_with_its_citation(
    server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    block = next(block for language, block in BLOCKS if language == "python" and "OpenAI" in block)
    exec(compile(block.replace(README_URL, server), "README.md", "exec"), {})
    said, cited = capsys.readouterr().out.splitlines()
    assert said == "录取率是90.21%。[1]"
    assert cited.startswith(f"总结 › 一、升学 {server}source?document=")


def test_the_address_for_assistants_of_the_readme_offers_the_tools(server: str) -> None:
    block = next(block for language, block in BLOCKS if language == "json" and "mcpServers" in block)
    url = json.loads(block)["mcpServers"]["youju"]["url"].replace(README_URL, server)

    async def names() -> set[str]:
        async with (
            httpx.AsyncClient(trust_env=False, timeout=30) as http,
            streamable_http_client(url, http_client=http) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return {tool.name for tool in (await session.list_tools()).tools}

    assert asyncio.run(names()) == {"ask", "search"}


def test_the_health_route_of_the_readme_is_there(server: str) -> None:
    (url,) = set(re.findall(r"`(http://[^`]*/healthz)`", README))
    assert httpx.get(url.replace(README_URL, server), trust_env=False).json()["status"] == "ok"


def test_routes_that_the_serving_guide_lists_are_there(server: str) -> None:
    guide = (ROOT / "docs" / "serving.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.*?) \|", guide.split("## Routes")[1].split("## ")[0], re.MULTILINE)
    paths = {path.partition("?")[0] for row in rows for path in re.findall(r"`(/[^`]*)`", row)}
    for_assistants = {"/tools/gradio_api/mcp/"}  # speaks to its own clients alone: see above
    with httpx.Client(base_url=server, trust_env=False) as http:
        http.get("/zh/")
        missing = {path for path in paths - for_assistants if http.get(path).text == NO_ROUTE}
    assert {"/healthz", "/v1/models", "/zh/", "/source", "/export"} <= paths
    assert missing == {"/login", "/logout", "/login.css"}, "without --auth there is nothing to log in to"


@pytest.mark.parametrize("root", ["rag", "ui"])
def test_the_architecture_names_every_folder(root: str) -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    folders = {path.parent.name for path in (ROOT / root).glob("*/__init__.py")}
    assert {folder for folder in folders if not re.search(rf"\b{folder}\b", text)} == set()


def test_settings_that_the_docs_name_exist() -> None:
    for name in ("README.md", "README.en.md", "docs/serving.md", "docs/architecture.md"):
        named = set(re.findall(r"\bYOUJU_([A-Z_]+)\b", (ROOT / name).read_text(encoding="utf-8")))
        assert {each.lower() for each in named} <= set(PageConfig.model_fields) | {"config"}, name


def _no_document(source: str, *, hidden: Hidden) -> None:
    raise DocumentNotFoundError(source)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_exit_codes_of_the_docs_are_those_of_the_errors() -> None:
    documented = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split("## Exit codes")[1]
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.RagError)]
    assert len(kinds) > 20
    for kind in kinds:
        assert re.search(rf"\b{kind.exit_code}\b", documented), kind
