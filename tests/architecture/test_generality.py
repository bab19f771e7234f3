"""Nothing of the gold questions or the sample documents stands in code or prompts, and no private host or path."""

from __future__ import annotations

import re
from pathlib import Path

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


def test_no_gold_question_or_quote_stands_in_code() -> None:
    texts = [text for question in GOLD for text in (question.question, *(span.quote for span in question.gold))]
    told = {shingle for text in texts for shingle in shingles(text)}
    assert {path.name: found for path in CODE if (found := told & shingles(path.read_text(encoding="utf-8")))} == {}


def test_no_place_of_the_sample_documents_stands_in_code() -> None:
    places = re.compile("金坛|镇江|怀化|钟楼|青岛|东莞|5909")
    assert [path.name for path in CODE if places.search(path.read_text(encoding="utf-8"))] == []


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
