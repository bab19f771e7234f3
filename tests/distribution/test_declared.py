"""What pyproject.toml declares: imported, listed with its licence, tried at its oldest."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[Requirement]] = {
    name: [Requirement(need) for need in needs] for name, needs in PROJECT["optional-dependencies"].items()
}
CORE = [Requirement(need) for need in PROJECT["dependencies"]]
EVERY = [need for needs in (CORE, *EXTRAS.values()) for need in needs if need.name != "youju"]
# Nothing imports these, and yet they are needed.
UNSEEN = {
    "mcp": "gradio imports it, to serve tools",
    "accelerate": "transformers imports it, to load a GGUF file",
    "gguf": "transformers imports it, to load a GGUF file",
}


def names(needs: list[Requirement]) -> set[str]:
    return {canonicalize_name(need.name) for need in needs}


def imported(*folders: str) -> set[str]:
    """The libraries, by the names of their packages, that files of these folders import; our own folders apart."""
    own = {*sys.stdlib_module_names, *(path.stem for path in ROOT.glob("*")), *folders}
    own |= {path.stem for path in (ROOT / "benchmarks").glob("*.py")}
    found: set[str] = set()
    for path in [path for folder in folders for path in (ROOT / folder).rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found - own


def providers() -> dict[str, set[str]]:
    return {module: {canonicalize_name(name) for name in given} for module, given in packages_distributions().items()}


@pytest.mark.parametrize("folder", ["rag", "ui"])
def test_every_library_that_is_imported_is_declared(folder: str) -> None:
    declared = names(CORE) | {name for extra, needs in EXTRAS.items() if extra != "dev" for name in names(needs)}
    given = providers()
    undeclared = {module for module in imported(folder) if not given.get(module, {module}) & declared}
    assert undeclared == set()


@pytest.mark.parametrize("folder", ["benchmarks", "training", "tools"])
def test_every_library_that_the_tools_import_is_declared(folder: str) -> None:
    given = providers()
    undeclared = {module for module in imported(folder) if not given.get(module, {module}) & names(EVERY)}
    assert undeclared == set()


def test_every_library_that_is_declared_is_imported() -> None:
    given = providers()
    used = {name for module in imported("rag", "ui") for name in given.get(module, set())}
    assert names(CORE) - used == set(UNSEEN) & names(CORE)


def test_every_declared_library_and_model_stands_in_the_list_of_licences() -> None:
    listed = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `?([\w.-]+)`? \| ([^|]+) \|", listed, re.MULTILINE))
    models = re.findall(r"^#: model (\S+)", (ROOT / "models.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert models
    assert {*names(EVERY), *models} - set(rows) == set(), "make licences"
    assert all(rows.values())


def test_the_oldest_that_is_allowed_is_the_oldest_that_is_tried() -> None:
    lines = (ROOT / "tests" / "lowest.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if not line.startswith("#"))
    for need in EVERY:
        tried = pins[canonicalize_name(need.name)]
        assert need.specifier.contains(tried), need
        (bound,) = [each for each in need.specifier if each.operator in (">=", "==")]
        width = bound.version.count(".") + 1
        assert tried.split(".")[:width] == bound.version.split("."), f"{need}: make bounds"
