"""The wheel alone: installed where nothing else of the checkout can be reached, its own files suffice.

Its dependencies are those of this environment (they are not fetched again); the package is not.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest

ROOT = Path(__file__).parents[2]
DATA = {".css", ".js", ".safetensors", ".md", ".typed", ".html", ".j2", ".po", ".mo"}
IN_CODE = """
import json, rag, ui, rag.sample
from rag.config import load_config
from rag.models.lock import find_lock
print(json.dumps([str(p) for p in (rag.__file__, ui.__file__, rag.sample.sample_folder(), find_lock(load_config({})))]))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that holds the wheel, and sees this one's libraries but not its checkout."""
    home = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    programs = home / ("Scripts" if os.name == "nt" else "bin")
    own = subprocess.run(
        [programs / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    # A folder named in a .pth file is searched, but its own .pth files are not read: no editable install comes along.
    libraries = dict.fromkeys(sysconfig.get_path(kind) for kind in ("purelib", "platlib"))
    Path(own, "libraries.pth").write_text("\n".join(libraries), encoding="utf-8")
    install = [sys.executable, "-m", "pip", f"--python={programs / 'python'}", "install", "-q", "--no-index"]
    subprocess.run([*install, "--no-deps", str(wheel)], check=True, capture_output=True)
    return programs


@pytest.fixture
def outside(tmp_path: Path) -> dict[str, str]:
    """A clean environment whose home is a folder outside the checkout."""
    kept = {
        name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG", "OPENBLAS_CORETYPE") if name in os.environ
    }
    return kept | {"YOUJU_HOME": str(tmp_path / "home"), "PYTHONIOENCODING": "utf-8", "HOME": str(tmp_path)}


def run(programs: Path, outside: dict[str, str], *words: str) -> str:
    """What ``youju`` prints; it must end well."""
    done = subprocess.run(
        [programs / "youju", *words], env=outside, cwd=outside["HOME"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_every_file_that_the_packages_have(wheel: Path) -> None:
    names = set(ZipFile(wheel).namelist())
    needed = {
        path.relative_to(ROOT).as_posix()
        for package in ("rag", "ui")
        for path in (ROOT / package).rglob("*")
        if path.suffix in DATA | {".py"} and "__pycache__" not in path.parts
    }
    assert needed - names == set()
    assert {path.suffix for path in map(Path, needed)} >= {".py", ".css", ".js", ".safetensors", ".typed"}
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"rag", "ui"}


def test_the_sample_and_the_lock_of_the_wheel_are_those_of_the_checkout(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        sample = {name: archive.read(name) for name in archive.namelist() if name.startswith("rag/sample/")}
        lock = archive.read("rag/models.txt")
    assert sample == {f"rag/sample/{path.name}": path.read_bytes() for path in (ROOT / "seeds").iterdir()}
    assert lock == (ROOT / "models.txt").read_bytes()


def test_the_wheel_carries_its_licence_and_its_readme(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        (metadata,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        (licence,) = [name for name in archive.namelist() if name.endswith("/licenses/LICENSE")]
        described = archive.read(metadata).decode()
        assert archive.read(licence) == (ROOT / "LICENSE").read_bytes()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"\nName: youju\nVersion: {project['version']}\n" in described
    assert "# 有据 youju" in described


def test_an_installed_package_reads_its_own_files(installed: Path, outside: dict[str, str]) -> None:
    done = subprocess.run(
        [installed / "python", "-c", IN_CODE],
        env=outside,
        cwd=outside["HOME"],
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [Path(path) for path in json.loads(done.stdout)]
    package = paths[0].parent
    assert package.is_relative_to(installed.parent)
    assert paths[1:] == [package.parent / "ui" / "__init__.py", package / "sample", package / "models.txt"]


@pytest.mark.parametrize("words", ["--help", "index --sample --help", "ask --help", "batch --help", "chat --help"])
def test_an_installed_command_says_how_it_is_used(installed: Path, outside: dict[str, str], words: str) -> None:
    assert run(installed, outside, *words.split()).startswith("usage: youju")


def test_an_installed_command_knows_its_models(installed: Path, outside: dict[str, str]) -> None:
    listed = run(installed, outside, "models", "list").splitlines()
    assert [line.split()[0] for line in listed] == ["qwen2.5-coder-1.5b-instruct", "multilingual-e5-small"]


@pytest.fixture
def with_models(outside: dict[str, str], model_home: Path) -> dict[str, str]:
    """The same with the models that are there, and nothing indexed."""
    home = Path(outside["HOME"])
    return outside | {
        "YOUJU_HOME": str(model_home),
        "YOUJU_INDEX": str(home / "index"),
        "YOUJU_WORKSPACE": str(home / "workspace"),
    }


@pytest.mark.model
def test_an_installed_youju_indexes_its_sample_and_quotes_it(installed: Path, with_models: dict[str, str]) -> None:
    said = run(installed, with_models, "index", "--sample")
    assert said.startswith("5 added, 0 replaced, 0 unchanged;")
    sample = sorted(path.name for path in (ROOT / "seeds").iterdir())
    assert [line.split("\t")[0] for line in run(installed, with_models, "index", "--list").splitlines()] == sample
    answer = json.loads(run(installed, with_models, "ask", "--mode", "quotes", "--json", "2019年高考录取率是多少?"))
    assert {cited["source"] for cited in answer["citations"]} <= set(sample)
    assert answer["citations"][0]["quote"]


@pytest.fixture
def page(installed: Path, with_models: dict[str, str]) -> Iterator[tuple[str, list[str]]]:
    """The page of an installed youju that has no document, and the lines it printed before its address."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    command = [installed / "youju", "chat", "--no-browser", "--port", str(port)]
    env = with_models | {"YOUJU_GENERATOR": "./none"}  # the page comes up without one, and sooner
    serving = subprocess.Popen(command, env=env, cwd=with_models["HOME"], stdout=subprocess.PIPE, text=True)
    assert serving.stdout
    try:
        said = []
        for line in serving.stdout:
            said.append(line)
            if "http://127.0.0.1:" in line:
                break
        yield f"http://127.0.0.1:{port}/", said
    finally:
        serving.kill()
        serving.wait()
        serving.stdout.close()


@pytest.mark.model
def test_an_installed_youju_serves_its_page_and_says_that_it_has_no_documents(page: tuple[str, list[str]]) -> None:
    url, said = page
    assert "youju index --sample" in said[0]
    with httpx.Client(base_url=url, trust_env=False, timeout=120) as http:
        assert http.get("healthz").json()["status"] == "ok"
        page = http.get("zh/").text
    style = (ROOT / "ui" / "style" / "page.css").read_text(encoding="utf-8")
    assert style.split("{")[0].strip().splitlines()[-1] in page
