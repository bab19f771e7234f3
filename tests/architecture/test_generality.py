"""Nothing of the gold questions or the sample documents stands in code or prompts, and no private host or path."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rag.batch.question_file import read_gold

ROOT = Path(__file__).parents[2]
CODE = sorted([*(ROOT / "rag").rglob("*.py"), *(ROOT / "ui").rglob("*.*"), *(ROOT / "benchmarks").rglob("*.py")])
CODE = [path for path in CODE if path.suffix in {".py", ".js", ".css"}]
GOLD = [question for name in ("dev", "smoke") for question in read_gold(ROOT / "tests" / "eval" / f"{name}.jsonl")]
SHINGLE, CHINESE = 9, 6  # so many characters in a row, so many of them Chinese, do not meet by chance


def compact(text: str) -> str:
    return re.sub(r"[\s\W]", "", text)


def shingles(text: str) -> set[str]:
    plain = compact(text)
    runs = {plain[i : i + SHINGLE] for i in range(max(0, len(plain) - SHINGLE + 1))}
    return {run for run in runs if len(re.findall(r"[\u4e00-\u9fff]", run)) >= CHINESE}


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_gold_question_or_quote_stands_in_code(path: Path) -> None:
    own = compact(path.read_text(encoding="utf-8"))
    for question in GOLD:
        asked = [question.question, *(span.quote for span in question.gold)]
        told = {shingle for text in asked for shingle in shingles(text) if shingle in own}
        assert not told, (question.question_id, told)


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_place_of_the_sample_documents_stands_in_code(path: Path) -> None:
    assert not re.search("金坛|镇江|怀化|钟楼|青岛|东莞|5909", path.read_text(encoding="utf-8"))


def test_the_repository_speaks_of_the_project_alone() -> None:
    private = re.compile(
        r"/(?:root|home|work|tmp)/[a-z.]|\b(?:pypi|pythonhosted|npmjs|debian)\.(?:org|com)|registry\.npm", re.IGNORECASE
    )
    folders = ("rag", "ui", "training", "benchmarks", "tools", "docs", ".ci")
    texts = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    texts += [
        path for kind in ("*.md", "*.toml", "*.txt", "*.yaml", "*file", ".dockerignore") for path in ROOT.glob(kind)
    ]
    for path in texts:
        if path.is_file() and path.suffix not in {".pyc", ".png", ".safetensors"}:
            found = private.search(path.read_text(encoding="utf-8"))
            assert found is None, f"{path.name}: {found and found.group()}"
