"""Fixtures that several files share."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from platformdirs import user_cache_path

from rag.config import load_config
from rag.models import pull_models
from rag.progress import TerminalProgress


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("YOUJU_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def model_home() -> Path:
    """A home with the real models, outside the tree: YOUJU_TEST_HOME, else a cache of its own; fetched once."""
    home = Path(os.environ.get("YOUJU_TEST_HOME") or user_cache_path("youju-tests", appauthor=False))
    with TerminalProgress() as progress:
        pull_models(load_config({"YOUJU_HOME": str(home)}), progress=progress)
    return home


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew; look at what changed")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compares a text with a file of tests/golden, which only ``--update-golden`` writes."""

    def compare(name: str, text: str) -> None:
        path = Path(__file__).parents[0] / "golden" / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        assert path.is_file(), f"{path} is missing. Write it: make golden"
        assert text == path.read_text(encoding="utf-8"), f"{path.name} differs. If that is wanted: make golden"

    return compare


@pytest.fixture
def unweighed(monkeypatch):
    """Scores as a scripted reader gives them: what weighs beside them has tests of its own (test_rescoring)."""
    monkeypatch.setattr("rag.reading.evidence_reader.rescore", lambda *_, **__: 0.0)
