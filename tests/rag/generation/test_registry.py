"""Which generator the settings mean, and what is said where there is none."""

from __future__ import annotations

import struct
import sys
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from rag import plugins
from rag.config import Config, load_config
from rag.errors import ConfigError, ModelError, ModelMissingError
from rag.generation import GENERATORS, chosen_runtime, convert_generator, load_generator, registry
from rag.progress import no_progress
from tests.support.fakes import ScriptedGenerator


def gguf(path: Path, architecture: str) -> Path:
    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value)) + value.encode()

    fact = text("general.architecture") + struct.pack("<I", 8) + text(architecture)
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + fact)
    return path


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load_config({"YOUJU_HOME": str(tmp_path / "home")}, generator=str(gguf(tmp_path / "a.gguf", "qwen2")))


@pytest.fixture
def bfloat16(monkeypatch: pytest.MonkeyPatch):
    def has(answer: bool) -> None:
        monkeypatch.setattr(registry, "cpu_has_bfloat16", lambda: answer)

    return has


def test_a_gguf_file_is_read_by_openvino_where_the_cpu_has_bf16_else_by_llama_cpp(config: Config, bfloat16) -> None:
    bfloat16(True)
    assert chosen_runtime(config) == "openvino"
    bfloat16(False)
    assert chosen_runtime(config) == "llamacpp"


def test_what_openvino_does_not_read_goes_to_llama_cpp(config: Config, bfloat16, tmp_path: Path) -> None:
    bfloat16(True)
    assert chosen_runtime(config.replace(generator=str(gguf(tmp_path / "b.gguf", "gemma3")))) == "llamacpp"


@pytest.mark.parametrize(("name", "runtime"), [("openvino_model.xml", "openvino"), ("config.json", "transformers")])
def test_a_folder_has_its_own_runtime(config: Config, tmp_path: Path, name: str, runtime: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / name).write_text("{}")
    assert chosen_runtime(config.replace(generator=str(tmp_path / "folder"))) == runtime


def test_a_server_is_chosen_by_its_url_and_needs_no_model_here(config: Config) -> None:
    remote = config.replace(generator="nowhere", generator_url="http://127.0.0.1:9/v1")
    assert chosen_runtime(remote) == "openai"
    assert remote.generator_is_remote
    assert convert_generator(remote, progress=no_progress) is None


def test_a_runtime_that_is_named_wins(config: Config) -> None:
    named = config.replace(runtime="transformers", generator_url="http://127.0.0.1:9/v1")
    assert chosen_runtime(named) == "transformers"
    assert not named.generator_is_remote


def test_a_model_that_is_not_there_is_missed_when_it_decides(config: Config) -> None:
    with pytest.raises(ModelMissingError, match="generator is 'nowhere'"):
        chosen_runtime(config.replace(generator="nowhere"))


def test_an_unknown_runtime_is_told_which_there_are(config: Config) -> None:
    with pytest.raises(ConfigError, match=r"runtime is 'cuda'; expected one of auto, llamacpp, openai, openvino"):
        load_generator(config.replace(runtime="cuda"))


def test_a_folder_is_no_model_of_llama_cpp(config: Config, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(ModelError, match=r"which is no GGUF file; llama\.cpp reads nothing else"):
        load_generator(config.replace(runtime="llamacpp", generator=str(tmp_path / "folder")))


def test_a_file_that_llama_cpp_cannot_load_is_a_clear_error(config: Config) -> None:
    with pytest.raises(ModelError, match=r"llama.cpp cannot load .*a\.gguf"):
        load_generator(config.replace(runtime="llamacpp"))


@pytest.mark.parametrize(
    ("runtime", "library", "message"),
    [
        ("llamacpp", "xllamacpp", "pip install xllamacpp"),
        ("openvino", "openvino_genai", "pip install openvino-genai"),
        ("openai", "openai", r"pip install 'youju\[openai\]'"),
        ("transformers", "torch", r"pip install 'youju\[transformers-runtime\]'"),
    ],
)
def test_a_missing_package_is_named(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runtime: str, library: str, message: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    settings = config.replace(runtime=runtime, generator_url="http://127.0.0.1:9/v1")
    with pytest.raises(ModelError, match=message):
        load_generator(settings)


def make_scripted(config: Config) -> ScriptedGenerator:
    return ScriptedGenerator([f"slots {config.generator_slots}"])


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch):
    """Lets packages offer generators."""

    def install(**values: str) -> None:
        points = EntryPoints(EntryPoint(name, value, "youju.generators") for name, value in values.items())
        monkeypatch.setattr(plugins, "entry_points", points.select)

    return install


def test_a_package_adds_a_generator_by_an_entry_point(config: Config, installed) -> None:
    installed(scripted=f"{__name__}:make_scripted")
    settings = config.replace(runtime="scripted", generator="nowhere", generator_slots=3)
    assert load_generator(settings).stream([], max_new_tokens=5).read().text == "slots 3"
    assert not settings.generator_is_remote
    assert convert_generator(settings, progress=no_progress) is None


def test_a_package_cannot_replace_a_generator_of_ours(config: Config, installed) -> None:
    installed(openai=f"{__name__}:make_scripted")
    with pytest.raises(ConfigError, match="generator_url is empty"):
        load_generator(config.replace(runtime="openai"))
    assert registry.generator_names() == sorted(GENERATORS)


@pytest.mark.parametrize(
    ("value", "wrong"),
    [("no_such_package:load", "needs the package 'no_such_package'"), (f"{__name__}:nothing", "cannot be loaded: ")],
)
def test_a_generator_of_a_package_that_cannot_be_imported_is_named(
    config: Config, installed, value: str, wrong: str
) -> None:
    installed(broken=value)
    with pytest.raises(ConfigError, match=f"runtime 'broken' {wrong}"):
        load_generator(config.replace(runtime="broken"))
