"""The generators there are, by name, and which of them the settings mean.

A generator is added in one file and one line: an entry point of the group ``youju.generators`` that names a factory,
a function that takes the settings and returns a :class:`Generator`. It finds its own model: a path, a URL, or nothing.
Each runtime is imported when it is chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final, TypeAlias

from rag.config import Config
from rag.errors import ConfigError, ModelError
from rag.generation.generator import Generator
from rag.generation.gguf import architecture
from rag.models import generator_path
from rag.runtimes.openvino_cpu import cpu_has_bfloat16

__all__ = ["GENERATORS", "GeneratorFactory", "chosen_runtime", "generator_names", "load_generator"]

GeneratorFactory: TypeAlias = Callable[[Config], Generator]

AUTO: Final = "auto"
GROUP: Final = "youju.generators"
_OPENVINO_READS: Final = frozenset({"llama", "qwen2", "qwen3"})
"""Architectures of a GGUF file that OpenVINO GenAI 2026.4 reads; SmolLM says that it is a llama."""


def _openvino(config: Config) -> Generator:
    from rag.generation.openvino import load  # noqa: PLC0415 - a runtime is imported when it is chosen

    return load(config)


def _transformers(config: Config) -> Generator:
    from rag.generation.transformers import load  # noqa: PLC0415

    return load(config)


def _llamacpp(config: Config) -> Generator:
    from rag.generation.llamacpp import load  # noqa: PLC0415

    return load(config)


def _openai(config: Config) -> Generator:
    from rag.generation.openai_server import load  # noqa: PLC0415

    return load(config)


GENERATORS: Final[Mapping[str, GeneratorFactory]] = {
    "llamacpp": _llamacpp,
    "openai": _openai,
    "openvino": _openvino,
    "transformers": _transformers,
}


def generator_names() -> list[str]:
    """Names that the setting ``runtime`` may have, besides ``auto``."""
    return sorted(GENERATORS.keys() | {point.name for point in entry_points(group=GROUP)})


def load_generator(config: Config) -> Generator:
    """Load the generator that the settings name.

    Raises:
        ConfigError: No generator has that name.
        ModelError: A package or the model is missing, or the runtime cannot load it.
        GenerationError: The server that the settings name cannot be used.
    """
    return _factory(chosen_runtime(config))(config)


def chosen_runtime(config: Config) -> str:
    """Name of the generator that the settings mean; what ``auto`` stands for.

    A server where ``generator_url`` names one. Else the model decides: an OpenVINO folder and a transformers folder
    have their own runtime; a GGUF file is read by OpenVINO where the CPU has BF16 and OpenVINO knows its
    architecture, else by llama.cpp (figures: docs/evaluation.md).

    Raises:
        ModelError: The runtime is chosen by the model, and that is missing.
    """
    if config.generator_is_remote:
        return "openai"
    if config.runtime != AUTO:
        return config.runtime
    return _runtime_for(generator_path(config))


def _runtime_for(path: Path) -> str:
    if path.suffix == ".gguf":
        return "openvino" if cpu_has_bfloat16() and architecture(path) in _OPENVINO_READS else "llamacpp"
    return "openvino" if (path / "openvino_model.xml").is_file() else "transformers"


def _factory(name: str) -> GeneratorFactory:
    if name in GENERATORS:
        return GENERATORS[name]
    for point in entry_points(group=GROUP, name=name):
        try:
            factory: GeneratorFactory = point.load()
        except (ImportError, AttributeError) as error:
            package = point.dist.name if point.dist else point.value
            raise ModelError(
                f"The generator {name!r} of the package {package} cannot be loaded: {error}. "
                "Install what it needs, or set runtime to another one."
            ) from error
        return factory
    known = ", ".join([AUTO, *generator_names()])
    raise ConfigError(f"runtime is {name!r}; expected one of {known}.")
