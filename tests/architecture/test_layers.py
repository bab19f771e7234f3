"""Data flows one way: folders import what stands below them, and each heavy library comes in at one door.

The order of the folders stands in pyproject.toml, for import-linter; here is what it cannot say.
"""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_FILES = 16
MOST_LINES = 320
# What makes text for the page knows no library of the web, nor what does.
RENDERING = (
    *("ui/text/", "ui/exchange.py", "ui/components/clicks.py", "ui/components/rate_chart.py"),
    *(
        "ui/components/header.py",
        "ui/sources/",
        "ui/chat/exchange_view.py",
        "ui/chat/quotation_view.py",
        "ui/chat/answer_buttons.py",
    ),
    *("ui/chat/scope_choices.py", "ui/conversations/list_view.py", "ui/conversations/markdown.py"),
    *("ui/documents/view.py", "ui/batch/view.py", "ui/inspector/view.py", "ui/inspector/words.py"),
)
# Library -> the only files that may import it: a file, or a folder with a slash at its end.
DOORS = {
    "faiss": ("rag/index/faiss_index.py",),
    "gb2260": ("rag/text/divisions.py",),
    "fastapi": ("ui/serving/server.py", "ui/assemble.py", "ui/__main__.py"),
    "gradio": (
        *("ui/components/base.py", "ui/conversations/panel.py", "ui/chat/scope_fields.py", "ui/chat/tab.py"),
        *("ui/documents/tab.py", "ui/batch/tab.py", "ui/inspector/tab.py", "ui/page.py"),
        *("ui/serving/mcp_tools.py", "ui/serving/server.py"),
        *("ui/accounts/identity.py", "ui/services.py", "ui/assemble.py"),  # for the names of types alone
    ),
    "jinja2": ("ui/text/templates.py",),
    "markupsafe": ("ui/text/templates.py",),
    "lxml": ("rag/documents/load/",),
    "langchain_text_splitters": ("rag/documents/chunk.py",),
    "olefile": ("rag/documents/load/containers/outlook.py",),
    "openpyxl": ("rag/batch/",),
    "openvino": ("rag/encoders/", "rag/reading/model/", "rag/runtimes/"),
    "http.client": ("rag/generation/llamacpp.py",),  # the port of llama.cpp on this very machine
    "openai": ("rag/generation/openai_server.py", "rag/generation/openai_errors.py"),
    "openvino_genai": ("rag/generation/",),
    "opencc": ("rag/text/words.py",),
    "PIL": ("rag/documents/load/scans/page_child.py",),
    "pypdfium2": ("rag/documents/load/pdf_pages.py", "rag/documents/load/scans/page_child.py"),
    "rapidocr": ("rag/documents/load/scans/page_child.py",),
    "rjieba": ("rag/text/words.py",),
    "safetensors": ("rag/models/e5.py", "rag/reading/model/"),
    "sentence_transformers": ("rag/encoders/",),
    "starlette": ("ui/web/", "ui/accounts/", "ui/serving/"),
    "sqlite3": ("rag/index/sqlite/", "rag/backup/database.py", "ui/conversations/database.py"),
    "subprocess": (
        *("rag/models/", "rag/generation/openvino_conversion.py", "rag/documents/load/isolated.py"),
        "rag/documents/load/office/libreoffice.py",
    ),
    "tokenizers": ("rag/encoders/", "rag/reading/model/"),
    "torch": ("rag/encoders/", "rag/generation/"),
    "tqdm": ("rag/progress.py",),
    "transformers": ("rag/encoders/", "rag/generation/"),
    "uvicorn": ("ui/__main__.py",),
    "xllamacpp": ("rag/generation/llamacpp.py",),
    "xlrd": ("rag/documents/load/sheets/xls.py",),
}
# What would reach into the network, or run what it reads.
FORBIDDEN = {"requests", "httpx", "urllib.request", "pickle", "langchain", "langchain_community"}


def sources(folder: str) -> dict[str, ast.Module]:
    """Every Python file of a folder, by its path from the root."""
    paths = sorted((ROOT / folder).rglob("*.py"))
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


@cache
def imports(path: str) -> frozenset[str]:
    """Everything a file imports, wherever in the file; ``from a import b`` gives a and a.b."""
    names: set[str] = set()
    for node in ast.walk(FILES[path]):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "relative imports hide where a file stands"
            names |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(names)


def path_of(module: str) -> str:
    """The file of a module of ours: ui.text.words -> ui/text/words.py; "" for none."""
    path = module.replace(".", "/")
    return next((each for each in (f"{path}.py", f"{path}/__init__.py") if each in FILES), "")


FILES = sources("rag") | sources("ui")


def test_every_folder_imports_only_what_stands_below_it():
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("root", ["rag", "ui", "benchmarks", "tests"])
def test_no_folder_holds_more_than_a_reader_can_look_over(root):
    folders = {path.parent for path in (ROOT / root).rglob("*.py")}
    n_files = {each.relative_to(ROOT).as_posix(): len(list(each.glob("*.py"))) for each in folders}
    assert {folder: n for folder, n in n_files.items() if n > MOST_FILES + 1} == {}  # and its __init__.py


@pytest.mark.parametrize("root", ["rag", "ui", "benchmarks", "training", "tools"])
def test_no_file_is_long(root):
    paths = [path for kind in ("py", "js", "css") for path in (ROOT / root).rglob(f"*.{kind}")]
    n_lines = {path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    assert {path: n for path, n in n_lines.items() if n > MOST_LINES} == {}


def test_what_renders_knows_no_library_of_the_web_nor_what_does():
    web = {"gradio", "starlette", "fastapi", "uvicorn"}
    rendering = {path for path in FILES if path.startswith(RENDERING)}
    reached, new = set(), rendering
    while new:
        reached |= new
        new = {path_of(name) for path in new for name in imports(path)} - reached - {""}
    assert {path for path in reached if web & {name.split(".")[0] for name in imports(path)}} == set()
    assert len(rendering) > len(RENDERING)


def test_rag_names_the_page_only_to_run_it_or_to_load_a_part_when_a_command_asks():
    named = {}
    for path, tree in FILES.items():
        if not path.startswith("rag/"):
            continue
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        lazy = {id(node.args[0]): ast.unparse(node.func) for node in calls if node.args}
        texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        named |= {(path, text.value): lazy.get(id(text)) for text in texts if re.fullmatch(r"ui(\.\w+)*", text.value)}
    assert named == {
        ("rag/cli/commands.py", "ui"): "_run_module",
        ("rag/cli/commands.py", "ui.users_command"): "_run_module",
        ("rag/cli/commands.py", "ui.conversations.feedback"): "importlib.import_module",
    }


def test_nothing_imports_tests_or_benchmarks():
    outside = {"tests", "benchmarks"}
    assert {path for path in FILES if outside & {name.split(".")[0] for name in imports(path)}} == set()


@pytest.mark.parametrize("library", DOORS)
def test_a_library_comes_in_at_its_own_door(library):
    importers = {path for path in FILES if _opens(library, imports(path))}
    assert importers, "nobody imports it: take it out of DOORS"
    assert {path for path in importers if not path.startswith(DOORS[library])} == set()


def _opens(library: str, names: frozenset[str]) -> bool:
    return any(name == library or name.startswith(f"{library}.") for name in names)


def test_nobody_outside_the_index_knows_which_store_it_is():
    stores = ("rag.index.sqlite", "rag.index.faiss_index", "rag.index.memory")
    importers = {path for path in FILES if any(name.startswith(stores) for name in imports(path))}
    assert {path for path in importers if not path.startswith("rag/index/")} == set()


def test_no_file_reaches_for_what_is_forbidden():
    assert {path: imports(path) & FORBIDDEN for path in FILES if imports(path) & FORBIDDEN} == {}


def test_only_the_settings_read_the_environment():
    readers = set()
    for path, tree in FILES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "environb"}:
                readers.add(path)
    # The others hand the environment on to a process that they start, or to a library; they read nothing in it.
    handing_on = {
        *("rag/models/fetch.py", "rag/generation/openvino_conversion.py", "rag/generation/openvino.py"),
        *("rag/generation/llamacpp.py", "rag/documents/load/office/libreoffice.py"),
    }
    assert {path for path in readers if path.startswith("rag/")} <= {"rag/config.py"} | handing_on
    assert "rag/config.py" in readers
