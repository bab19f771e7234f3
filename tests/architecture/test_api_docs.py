"""docs/api.md runs: its code, with stand-ins for the models, prints what stands below it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import rag
from rag import api, pipeline
from rag.index import ingest
from tests.support.fakes import HashingEncoder, QuotingGenerator, QuotingReader
from tests.support.scoring import IN_SCOPE

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```\n\n```\n(.*?)```", GUIDE, re.DOTALL)
TYPED = (ROOT / "tests" / "typing" / "api.py").read_text(encoding="utf-8")


@pytest.fixture
def _models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Stand-ins for the models wherever they are loaded by the settings, and a home of its own."""
    for module in (api, ingest, pipeline):
        for name, make in (
            ("load_encoder", HashingEncoder),
            ("load_generator", QuotingGenerator),
            ("load_reader", QuotingReader),
            ("load_scorer", lambda: IN_SCOPE),
        ):
            monkeypatch.setattr(module, name, lambda *_, make=make, **__: make(), raising=False)
    monkeypatch.setenv("YOUJU_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    api.close()
    yield
    api.close()


@pytest.mark.usefixtures("_models")
def test_the_code_of_the_guide_prints_what_stands_below_it(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {}
    assert len(EXAMPLES) == GUIDE.count("```python")
    for code, printed in EXAMPLES:
        exec(compile(code, "docs/api.md", "exec"), names)
        assert capsys.readouterr().out == printed, code


def test_the_guide_names_what_is_public() -> None:
    named = set(re.findall(r"\w+", GUIDE))
    inside = {
        "AnswerSentence",
        "Citation",
        "Config",
        "Event",
        "Evidence",
        "Hit",
        "Passage",
        "Timings",
    }  # by their fields
    assert set(rag.__all__) - named - inside == set()
    errors = {name for name in rag.__all__ if name.endswith("Error")}
    assert errors <= set(re.findall(r"`(\w+Error)`", GUIDE))


def test_every_public_name_has_its_type_checked() -> None:
    assert set(re.findall(r"\brag\.(\w+)", TYPED)) - {"index", "__all__"} == set(rag.__all__)


def test_every_field_of_an_answer_that_the_guide_lists_is_there() -> None:
    rows = re.findall(r"^\| (`[^|]+`) \| ", GUIDE.split("| `Answer` |")[1].split("\n\n")[0], re.MULTILINE)
    fields = {name.removesuffix("()") for row in rows for name in re.findall(r"`([\w()]+)`", row)}
    assert {"text", "citations", "abstained", "confidence", "to_dict"} <= fields
    assert all(hasattr(rag.Answer, name) for name in fields)
