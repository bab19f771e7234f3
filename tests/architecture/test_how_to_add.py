"""The samples of "How to add a format" and "How to add a store" are short and work."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from rag.answering import phrases
from rag.config import load_config
from rag.documents.load import LOADERS, load_document
from rag.index.ingest import index_paths
from rag.pipeline import Pipeline
from rag.schema.search import Scope
from rag.text import language
from tests.support.fakes import HashingEncoder, QuotingGenerator, QuotingReader
from tests.support.plugins import installed
from tests.support.scoring import IN_SCOPE
from tests.support.small_home import ANSWERED, DOCUMENTS

if TYPE_CHECKING:
    import pytest

GUIDE = (Path(__file__).parents[2] / "docs" / "architecture.md").read_text(encoding="utf-8")
MOST_LINES = 20  # of code
SCREENPLAY = "海州市2031年新建学校12所。 #12A#\n[[还要核对]]招聘教师860人。\n"


def sample(heading: str) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """The module of a section, by its name, and its entry points."""
    section = GUIDE.split(f"## {heading}\n")[1].split("\n## ")[0]
    (code,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    (table,) = re.findall(r"```toml\n(.*?)```", section, re.DOTALL)
    assert len([line for line in code.splitlines() if line.strip()]) <= MOST_LINES
    name = re.match(r"# (\w+)\.py\n", code)
    assert name
    return {name[1]: code}, tomllib.loads(table)["project"]["entry-points"]


def test_the_format_of_the_guide_is_indexed_and_cited(tmp_path: Path) -> None:
    modules, entries = sample("How to add a format")
    file = tmp_path / "docs" / "talk.fountain"
    file.parent.mkdir()
    file.write_text(SCREENPLAY, encoding="gb18030")
    config = load_config({"YOUJU_HOME": str(tmp_path / "home")})
    assert ".fountain" not in LOADERS, "a built-in format comes first: the sample would not be tried"
    with installed(tmp_path / "lib", modules, entries):
        assert load_document(file, max_bytes=10**6).text == "海州市2031年新建学校12所。\n招聘教师860人。\n"
        assert index_paths(config, [file.parent], encoder=HashingEncoder()).added == ["talk.fountain"]
        pipeline = Pipeline.open(
            config, encoder=HashingEncoder, generator=QuotingGenerator, reader=QuotingReader, scorer=IN_SCOPE
        )
    assert "海州市2031年新建学校12所。" in pipeline.search("新建学校多少所？")[0].passage.text


def test_the_store_of_the_guide_finds_what_the_usual_one_finds(tmp_path: Path) -> None:
    modules, entries = sample("How to add a store")
    folder = tmp_path / "docs"
    folder.mkdir()
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    usual = load_config({"YOUJU_HOME": str(tmp_path / "usual")})
    other = load_config({"YOUJU_HOME": str(tmp_path / "other")}, index_backend="half")
    with installed(tmp_path / "lib", modules, entries):
        found = []
        for config in (usual, other):
            index_paths(config, [folder], encoder=HashingEncoder())
            pipeline = Pipeline.open(
                config, encoder=HashingEncoder, generator=QuotingGenerator, reader=QuotingReader, scorer=IN_SCOPE
            )
            scopes = (None, Scope(sources=frozenset({"schools.txt"})), Scope(years=frozenset({1999})))
            hits = [pipeline.search(ANSWERED, scope=scope) for scope in scopes]
            found.append([[(hit.passage.text, hit.dense_rank) for hit in each] for each in hits])
    assert found[0] == found[1]
    assert [len(each) > 0 for each in found[1]] == [True, True, False]


def test_the_language_of_the_guide_is_told_apart_and_what_it_lacks_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for table in (language.LANGUAGE_NAMES, language.LANGUAGE_WORDS, *phrases.PHRASES.values()):
        monkeypatch.setitem(table, "it", None)  # takes out again what the sample puts in
        monkeypatch.delitem(table, "it")
    section = GUIDE.split("## How to add a language\n")[1].split("\n## ")[0]
    (code,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    assert len(code.splitlines()) <= MOST_LINES
    exec(code, {})
    lacking = ast.literal_eval(capsys.readouterr().out)
    assert len(lacking) == len(phrases.PHRASES) - 1
    assert "not_found" not in lacking
    assert phrases.missing_phrases("zh") == []
