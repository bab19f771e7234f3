"""Prompt -> streamed reply, behind one protocol; one module a runtime.

The only place that imports ``openvino_genai`` or the generating part of ``transformers``, and only when a model is
loaded. Knows nothing of passages or citations.
"""

from pathlib import Path

from rag.config import Config
from rag.errors import ModelError
from rag.generation.generator import Generator, Reply, neutralise_control_tokens, stream
from rag.generation.gguf import context_tokens
from rag.generation.openvino_conversion import convert_generator, converted_folder
from rag.models import generator_path

__all__ = [
    "Generator",
    "Reply",
    "convert_generator",
    "load_generator",
    "neutralise_control_tokens",
    "stream",
]


def load_generator(config: Config) -> Generator:
    """Load the generator that the settings name, in the runtime that they name.

    A GGUF file is loaded in its converted form where :func:`convert_generator` has made one.

    Raises:
        ModelError: The model is missing, or the runtime cannot load it.
    """
    path = generator_path(config)
    name = path.stem if Path(config.generator).exists() else config.generator
    if config.runtime == "transformers":
        return _with_transformers(path, name=name, threads=config.threads)
    return _with_openvino(config, path, name=name)


def _with_openvino(config: Config, path: Path, *, name: str) -> Generator:
    from rag.generation.openvino import OpenVINOGenerator  # noqa: PLC0415 - loads nothing until it is asked

    if path.suffix == ".gguf":
        converted = converted_folder(config, path)
        return OpenVINOGenerator(
            converted if converted.is_dir() else path,
            name=name,
            context_tokens=context_tokens(path),
            threads=config.threads,
        )
    if not (path / "openvino_model.xml").is_file():
        raise ModelError(
            f"generator is {path}, which is neither a GGUF file nor an OpenVINO folder (openvino_model.xml). "
            "For a transformers folder set runtime to 'transformers'."
        )
    return OpenVINOGenerator(path, name=name, threads=config.threads)


def _with_transformers(path: Path, *, name: str, threads: int) -> Generator:
    from rag.generation.transformers import TransformersGenerator  # noqa: PLC0415 - as above

    if path.suffix != ".gguf" and not (path / "config.json").is_file():
        raise ModelError(
            f"generator is {path}, which is neither a GGUF file nor a transformers folder (config.json). "
            "For an OpenVINO folder set runtime to 'openvino'."
        )
    return TransformersGenerator(path, name=name, threads=threads)
