"""Fixtures that several files share."""

import os
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
