"""What all tests have: a clean environment, the real models, golden files; and which tests run in one process.

Fixtures of several folders are defined in ``tests/support``; the ``conftest.py`` of a folder names those that it uses.
"""

import os
import signal
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import hypothesis
import pytest
from platformdirs import user_cache_path

from rag.config import load_config
from rag.models import pull_models
from rag.progress import TerminalProgress

# No test fails for its time: the first example loads dictionaries, and the machine may be busy.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_configure() -> None:
    """Let tests send Ctrl-C: a run in the background has it ignored, and hands that on to its processes."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


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


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that another user can reach, which tmp_path is not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


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


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None, None, None]:
    """Put what takes longest first, and keep in one process what shares something dear.

    With ``--dist loadgroup`` a file stays in one process, with the servers that its fixtures start. All tests that load
    a generator stay in one, too, one file after the other: two generators at once would need more memory than a small
    machine has. So do those of the encoder. Tests are shuffled, but those in a browser, which share a page by file.
    """
    written = {item.nodeid: at for at, item in enumerate(items)}
    yield
    items.sort(key=lambda item: (_rank(item), written[item.nodeid] if item.get_closest_marker("browser") else 0))
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))


def _rank(item: pytest.Item) -> int:
    if item.get_closest_marker("model"):
        return 0
    return 1 if item.get_closest_marker("browser") else 2


def _group(item: pytest.Item) -> str:
    """What a test shares a process with: the model that it loads, or its file."""
    model = item.get_closest_marker("model")
    if model is None:
        return item.nodeid.partition("::")[0]
    return model.args[0] if model.args else "generator"
