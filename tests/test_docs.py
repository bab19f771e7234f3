from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from rag import errors
from rag.cli import build_parser
from rag.schema import Answer, Citation

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", README, re.DOTALL)
PLACEHOLDERS = {"文件夹或文件...": "seeds", "名称": "a.txt"}
COMMANDS = sorted(
    {
        re.split(r"\s+#|\s{3,}", line.strip())[0].strip()
        for _, block in BLOCKS
        for line in block.splitlines()
        if line.strip().startswith("youju ")
    }
)


def test_the_readme_shows_every_command() -> None:
    shown = {command.split()[1] for command in COMMANDS}
    assert {"chat", "batch", "index", "search", "eval", "models"} <= shown


@pytest.mark.parametrize("command", [command for command in COMMANDS if not command.startswith("youju chat")])
def test_a_command_of_the_readme_is_understood(command: str) -> None:
    words = [PLACEHOLDERS.get(word, word) for word in shlex.split(command)[1:]]
    assert callable(build_parser().parse_args(words).run)


def test_files_that_the_docs_name_exist() -> None:
    for document in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]:
        text = document.read_text(encoding="utf-8")
        named = re.findall(r"\]\((?!http)([^)#]+)\)", text) + re.findall(
            r"`((?:docs|tests|benchmarks|rag|ui)/[\w/.]+)`", text
        )
        missing = [name for name in named if not ((document.parent / name).exists() or (ROOT / name).exists())]
        assert missing == [], document.name


def test_make_targets_that_the_readme_names_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z]+)", README)) <= targets


def test_the_record_of_the_readme_has_the_fields_that_are_written() -> None:
    block = next(block for language, block in BLOCKS if language == "json")
    shown = json.loads(block)
    citation = Citation(1, "a.txt", "题", ("一",), 0, 3, "引文。")
    written = Answer("问", "问", (), (citation,), abstained=True).to_dict()
    assert list(shown) == list(written)
    assert list(shown["citations"][0]) == list(written["citations"][0])
    assert list(shown["timings"]) == list(written["timings"])


def test_the_python_of_the_readme_compiles() -> None:
    blocks = [block for language, block in BLOCKS if language == "python"]
    assert blocks
    for block in blocks:
        compile(block, "README.md", "exec")


def test_exit_codes_of_the_docs_are_those_of_the_errors() -> None:
    documented = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split("## Exit codes")[1]
    for name in errors.__all__:
        code = getattr(errors, name).exit_code
        assert re.search(rf"\b{code}\b", documented), name
