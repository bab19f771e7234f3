"""Data flows one way: a file imports only files above it, and each heavy library comes in at one door."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# From top to bottom. A package stands behind its modules: its __init__ imports them. "rag" is rag/__init__.py.
ORDER = """
errors unicode once observe progress markdown sentences schema records config
models.lock models.fetch models.installed models.assemble models.e5 models.pull models.resolve models
load.text load
noise clean structure
tokenize language numerals numbers gazetteer scope chunk
embed.cpu embed.facts embed.torch_runtime embed.conversion embed.openvino_runtime embed.encoder embed
read.form read.spans read.weights read.network read.reader read
store.database store.lock store.tables store.contents store.store store
index ingest
asked conversation examples retrieve choose evidence view corpus prompt
generate.base generate.gguf generate.convert generate.openvino_runtime generate.transformers_runtime generate
support cite bridge titled weigh reading quote compute premise refuse decide steps compose translate gather opened
pipeline trace trace_record trace_text asking
rag
questions batch measure evaluate report compare_answers
output chosen command_eval commands cli __main__
""".split()

# Library -> the only files that may import it: a file, or a folder with a slash at its end.
DOORS = {
    "faiss": ("rag/index.py",),
    "gb2260": ("rag/gazetteer.py",),
    "gradio": ("ui/",),
    "langchain_text_splitters": ("rag/chunk.py",),
    "openpyxl": ("rag/questions.py", "rag/report.py"),
    "openvino": ("rag/embed/", "rag/read/"),
    "openvino_genai": ("rag/generate/",),
    "opencc": ("rag/tokenize.py",),
    "rjieba": ("rag/tokenize.py",),
    "safetensors": ("rag/models/e5.py", "rag/read/"),
    "sentence_transformers": ("rag/embed/",),
    "sqlite3": ("rag/store/", "ui/history_file.py"),
    "subprocess": ("rag/models/", "rag/generate/convert.py"),
    "tokenizers": ("rag/embed/", "rag/read/"),
    "torch": ("rag/embed/", "rag/generate/"),
    "tqdm": ("rag/progress.py",),
    "transformers": ("rag/embed/", "rag/generate/"),
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


def test_rag_never_imports_the_page():
    assert {path for path, tree in RAG.items() if any(name.split(".")[0] == "ui" for name in imports(tree))} == set()


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
    # The others hand the environment on to a process that they start, and read nothing in it.
    assert readers <= {"rag/config.py", "rag/models/fetch.py", "rag/generate/convert.py"}
    assert "rag/config.py" in readers
