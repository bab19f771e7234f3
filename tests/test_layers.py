"""Data flows one way: a file imports only files above it, and each heavy library comes in at one door."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# From top to bottom. A package stands behind its modules: its __init__ imports them. "rag" is rag/__init__.py.
ORDER = """
errors sample unicode once observe progress markdown sentences schema records config
models.lock models.fetch models.installed models.assemble models.e5 models.pull models.resolve models
load.text load.pdf_pages load.pdf load
lines noise pages clean structure
tokenize language numerals numbers gazetteer scope chunk
embed.cpu embed.facts embed.torch_runtime embed.conversion embed.openvino_runtime embed.encoder embed
read.form read.spans read.weights read.network read.reader read
store.database store.lock store.tables store.contents store.store store
index ingest
asked conversation examples retrieve choose evidence view corpus prompt
generate.base generate.gguf generate.convert generate.openvino_runtime generate.transformers_runtime generate
support cite bridge titled weigh reading confer quote compute premise refuse decide steps compose translate gather
opened pipeline trace trace_record trace_text asking
rag
questions batch measure evaluate output report compare_answers
chosen command_eval commands cli __main__
""".split()

# The page's own, from top to bottom: nouns and text; what is kept; what is shown; the line; what the tabs do; who is
# asking; routes; tabs; the server.
UI_ORDER = """
words escape exchange acts upload_names hashing throttle turns bars serving
history_tables history_text history_file history_ratings history history_export feedback
sources quotation scoping actions render past header source_text source_view source_panel trace_words trace_view
line desk converse conversations under_way trace_run
file_steps follow library_rows shelf library documents_view
batch_set batch_store batch_run batch_scores batch_jobs batch_view batch_downloads
auth users sessions guard identity languages login gate
health export openai_request openai_reply openai_api tools services
parts past_panel scope_row chat_tab documents_tab batch_tab trace_tab app
server assemble __main__
""".split()
RENDERING = [
    *("words escape exchange acts bars history_export sources quotation scoping actions render past header".split()),
    *("source_text source_view source_panel trace_words trace_view documents_view batch_view".split()),
]
MAX_UI_LINES = 300

# Library -> the only files that may import it: a file, or a folder with a slash at its end.
DOORS = {
    "faiss": ("rag/index.py",),
    "gb2260": ("rag/gazetteer.py",),
    "fastapi": ("ui/server.py", "ui/assemble.py", "ui/__main__.py"),
    "gradio": (
        *("ui/parts.py", "ui/past_panel.py", "ui/scope_row.py", "ui/chat_tab.py", "ui/documents_tab.py"),
        *("ui/batch_tab.py", "ui/trace_tab.py", "ui/app.py", "ui/tools.py", "ui/server.py"),
        *("ui/identity.py", "ui/services.py", "ui/assemble.py"),  # for the names of types alone
    ),
    "langchain_text_splitters": ("rag/chunk.py",),
    "openpyxl": ("rag/questions.py", "rag/report.py"),
    "openvino": ("rag/embed/", "rag/read/"),
    "openvino_genai": ("rag/generate/",),
    "opencc": ("rag/tokenize.py",),
    "pypdfium2": ("rag/load/pdf_pages.py",),
    "rjieba": ("rag/tokenize.py",),
    "safetensors": ("rag/models/e5.py", "rag/read/"),
    "sentence_transformers": ("rag/embed/",),
    "starlette": (
        *("ui/guard.py", "ui/identity.py", "ui/languages.py", "ui/login.py", "ui/gate.py", "ui/health.py"),
        *("ui/export.py", "ui/openai_request.py", "ui/openai_api.py", "ui/tools.py", "ui/server.py"),
    ),
    "sqlite3": ("rag/store/", "ui/history_file.py"),
    "subprocess": ("rag/models/", "rag/generate/convert.py", "rag/load/pdf.py"),
    "tokenizers": ("rag/embed/", "rag/read/"),
    "torch": ("rag/embed/", "rag/generate/"),
    "tqdm": ("rag/progress.py",),
    "transformers": ("rag/embed/", "rag/generate/"),
    "uvicorn": ("ui/__main__.py",),
}
# What would reach into the network, or run what it reads.
FORBIDDEN = {"requests", "httpx", "urllib.request", "http.client", "pickle", "langchain", "langchain_community"}


def sources(folder: str) -> dict[str, ast.Module]:
    """Every Python file of a folder, by its path from the root."""
    paths = sorted((ROOT / folder).rglob("*.py"))
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def module_of(path: str) -> str:
    """rag/load/text.py -> load.text; rag/load/__init__.py -> load; rag/__init__.py -> rag."""
    parts = path.removesuffix(".py").split("/")[1:]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts) or "rag"


def imports(tree: ast.Module) -> set[str]:
    """Everything a file imports, wherever in the file; ``from a import b`` gives a and a.b."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "relative imports hide where a file stands"
            found |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def ours(tree: ast.Module) -> set[str]:
    """The modules of rag that a file imports."""
    known = set(ORDER)
    found = {name.removeprefix("rag.") for name in imports(tree) if name == "rag" or name.startswith("rag.")}
    found &= known
    # `from rag.load import text` names rag.load too, which is imported on the way and not what is meant.
    shadowed = {name.rpartition(".")[0] for name in found if "." in name}
    return {name for name in found if name not in shadowed or name in _named_alone(tree)} - {"rag"}


def _named_alone(tree: ast.Module) -> set[str]:
    """Packages from which something is imported that is no module."""
    return {
        str(node.module).removeprefix("rag.")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and any(f"{node.module}.{alias.name}".removeprefix("rag.") not in ORDER for alias in node.names)
    }


RAG = sources("rag")
UI = sources("ui")


def test_every_module_has_its_place_in_the_order():
    assert len(ORDER) == len(set(ORDER))
    assert {module_of(path) for path in RAG} == set(ORDER), "put a new module where it belongs in ORDER"


@pytest.mark.parametrize("path", RAG)
def test_a_module_imports_only_modules_above_it(path):
    own = module_of(path)
    below = {name for name in ours(RAG[path]) if ORDER.index(name) >= ORDER.index(own)}
    assert below == set()


def ui_imports(name: str) -> set[str]:
    """The modules of the page that one of them imports, for types too."""
    found = {each.removeprefix("ui.") for each in imports(UI[f"ui/{name}.py"]) if each.startswith("ui.")}
    return found & set(UI_ORDER)


def test_every_module_of_the_page_has_its_place_in_the_order():
    assert len(UI_ORDER) == len(set(UI_ORDER))
    assert {module_of(path) for path in UI} - {"rag"} == set(UI_ORDER), "put a new module where it belongs in UI_ORDER"


@pytest.mark.parametrize("name", UI_ORDER)
def test_a_module_of_the_page_imports_only_modules_above_it(name):
    assert {other for other in ui_imports(name) if UI_ORDER.index(other) >= UI_ORDER.index(name)} == set()


@pytest.mark.parametrize("name", RENDERING)
def test_what_renders_knows_no_library_of_the_web_nor_what_does(name):
    reached = {name}
    while more := {other for each in reached for other in ui_imports(each)} - reached:
        reached |= more
    libraries = {each.split(".")[0] for module in reached for each in imports(UI[f"ui/{module}.py"])}
    assert libraries & {"gradio", "starlette", "fastapi", "uvicorn"} == set()


def test_no_file_of_the_page_is_long():
    files = [path for kind in ("py", "js", "css") for path in (ROOT / "ui").rglob(f"*.{kind}")]
    n_lines = {path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert {path: n for path, n in n_lines.items() if n > MAX_UI_LINES} == {}


def test_rag_never_imports_the_page():
    assert {path for path, tree in RAG.items() if any(name.split(".")[0] == "ui" for name in imports(tree))} == set()


def test_rag_names_the_page_only_to_run_it_or_to_load_a_part_when_a_command_asks():
    named = {}
    for path, tree in RAG.items():
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        lazy = {id(node.args[0]): ast.unparse(node.func) for node in calls if node.args}
        texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        named |= {(path, text.value): lazy.get(id(text)) for text in texts if re.fullmatch(r"ui(\.\w+)*", text.value)}
    assert named == {
        ("rag/commands.py", "ui"): "_run_module",
        ("rag/commands.py", "ui.users"): "_run_module",
        ("rag/commands.py", "ui.feedback"): "importlib.import_module",
    }


def test_nothing_imports_tests_or_benchmarks():
    outside = {"tests", "benchmarks", "fakes", "conftest"}
    files = RAG | UI
    assert {path for path, tree in files.items() if outside & {n.split(".")[0] for n in imports(tree)}} == set()


@pytest.mark.parametrize("library", DOORS)
def test_a_library_comes_in_at_its_own_door(library):
    importers = {path for path, tree in (RAG | UI).items() if library in {n.split(".")[0] for n in imports(tree)}}
    assert importers, "nobody imports it: take it out of DOORS"
    assert {path for path in importers if not path.startswith(DOORS[library])} == set()


@pytest.mark.parametrize("path", [*RAG, *UI])
def test_no_file_reaches_for_what_is_forbidden(path):
    assert imports((RAG | UI)[path]) & FORBIDDEN == set()


def test_only_the_settings_read_the_environment():
    readers = set()
    for path, tree in RAG.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "environb"}:
                readers.add(path)
    # The others hand the environment on to a process that they start, or to a library; they read nothing in it.
    handing_on = {"rag/models/fetch.py", "rag/generate/convert.py", "rag/generate/openvino_runtime.py"}
    assert readers <= {"rag/config.py"} | handing_on
    assert "rag/config.py" in readers
