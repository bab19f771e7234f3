"""The generators there are, by name, and which of them the settings mean.

A generator is added in one file and one line: an entry point of the group ``youju.generators`` that names a factory,
a function that takes the settings and returns a :class:`Generator`. It finds its own model: a path, a URL, or nothing.
Each runtime is imported when it is chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from rag.config import Config
from rag.generation.generator import Generator
from rag.generation.gguf import architecture
from rag.models import generator_path
from rag.plugins import load_plugin, plugin_names
from rag.runtimes.openvino_cpu import cpu_has_bfloat16

__all__ = ["GENERATORS", "GeneratorFactory", "chosen_runtime", "generator_names", "load_generator"]

GeneratorFactory: TypeAlias = Callable[[Config], Generator]

AUTO: Final = "auto"
GROUP: Final = "youju.generators"
_OPENVINO_READS: Final = frozenset({"llama", "qwen2", "qwen3"})
"""Architectures of a GGUF file that OpenVINO GenAI 2026.4 reads; SmolLM says that it is a llama."""


GENERATORS: Final[Mapping[str, str]] = {
    "llamacpp": "rag.generation.llamacpp:load",
    "openai": "rag.generation.openai_server:load [openai]",
    "openvino": "rag.generation.openvino:load",
    "transformers": "rag.generation.transformers:load [transformers-runtime]",
}


def generator_names() -> list[str]:
    """Names that the setting ``runtime`` may have, besides ``auto``."""
    return plugin_names(GROUP, GENERATORS)


def load_generator(config: Config) -> Generator:
    """Load the generator that the settings name.

    Raises:
        ConfigError: No generator has that name.
        ModelError: A package or the model is missing, or the runtime cannot load it.
        GenerationError: The server that the settings name cannot be used.
    """
    name = chosen_runtime(config)
    factory: GeneratorFactory = load_plugin(GROUP, GENERATORS, name, setting="runtime", also=(AUTO,))
    return factory(config)


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
