"""Settings: one frozen Config, read when asked and never at import.

Sources, later ones win: defaults here, the TOML file that ``YOUJU_CONFIG`` names (else
``config.toml`` in the home folder), ``YOUJU_*`` environment variables, arguments.
The only place that reads the environment. Loads no model.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, get_type_hints

from platformdirs import user_cache_path, user_data_path

from rag.errors import ConfigError

__all__ = ["Config", "load_config"]

# What the runtimes behind the settings can still take as a number.
MOST = 2**31 - 1
MOST_THREADS = 1024
MOST_WORKERS = 64
_COUNTS = (
    *("passage_chars", "top_k", "evidence_tokens", "max_new_tokens", "max_question_chars", "max_file_bytes"),
    *("max_upload_files", "max_batch_questions"),
)


@dataclass(frozen=True, slots=True)
class Config:
    """What can be set, with its default.

    Attributes:
        home: Where fetched and converted models live; safe to delete, they are fetched again.
        index: Folder of the index: what was indexed, and the vectors. User data.
        index_backend: Name of the store of :mod:`rag.index.opening` that holds the index.
        workspace: Folder of what the page keeps: conversations, feedback, batch runs, who uploaded what. User data.
        models_lock: The lock file of models; empty means the one that ships with youju.
        encoder: Name in the lock file, a sentence-transformers folder, or a hub id.
        encoder_runtime: ``openvino`` or ``torch``.
        generator: Name in the lock file, a GGUF file, an OpenVINO folder, a transformers folder, or a hub id.
        runtime: ``openvino`` or ``transformers``.
        reader: Weights file of the reader; empty means the one that ships with youju.
        threads: CPU threads; 0 leaves it to the runtime.
        workers: Processes that prepare documents to be indexed; 0 does it in the one that writes. Worth it above two
            cores, where files are many or large; each takes some 110 MB (25 reports and PDF files).
        passage_chars: Sentences of a section are put together up to this length, to be embedded as one.
        top_k: Passages retrieved for a question.
        evidence_tokens: Budget for evidence in the prompt; sets the time to the first token.
        max_new_tokens: Longest reply.
        max_question_chars: A longer question is refused.
        max_file_bytes: A larger file is refused.
        max_upload_files: Files that the page takes at once.
        max_batch_questions: Questions of a set that the page takes.
    """

    home: Path
    index: Path
    workspace: Path
    index_backend: str = "sqlite"
    models_lock: str = ""
    encoder: str = "multilingual-e5-small"
    encoder_runtime: str = "openvino"
    generator: str = "qwen2.5-coder-1.5b-instruct"
    runtime: str = "openvino"
    reader: str = ""
    threads: int = 0
    workers: int = 0
    passage_chars: int = 80
    top_k: int = 24
    evidence_tokens: int = 520
    max_new_tokens: int = 320
    max_question_chars: int = 2000
    max_file_bytes: int = 50_000_000
    max_upload_files: int = 100
    max_batch_questions: int = 5000

    def __post_init__(self) -> None:
        """Reject what cannot work.

        Raises:
            ConfigError: A value is out of range.
        """
        for name, choices in (("runtime", ("openvino", "transformers")), ("encoder_runtime", ("openvino", "torch"))):
            if getattr(self, name) not in choices:
                raise ConfigError(f"{name} is {getattr(self, name)!r}; expected one of {', '.join(choices)}.")
        for name in _COUNTS:
            if not 1 <= getattr(self, name) <= MOST:
                raise ConfigError(f"{name} is {getattr(self, name)}; expected a number from 1 to {MOST:,}.")
        if not 0 <= self.workers <= MOST_WORKERS:
            raise ConfigError(
                f"workers is {self.workers}; expected 0 (none) or a number of processes to {MOST_WORKERS}."
            )
        if not 0 <= self.threads <= MOST_THREADS:
            raise ConfigError(
                f"threads is {self.threads}; expected 0 (automatic) or a number of threads up to {MOST_THREADS:,}."
            )


def load_config(env: Mapping[str, str] | None = None, **overrides: Any) -> Config:  # noqa: ANN401 - typed per field
    """Read the settings.

    Args:
        env: Environment to read; the process's own by default.
        **overrides: Fields of :class:`Config` that win over everything; None means not given.

    Returns:
        The settings in force.

    Raises:
        ConfigError: A name is unknown, a value does not fit, or the file is no TOML.
    """
    env = os.environ if env is None else env
    home = _path("YOUJU_HOME", env["YOUJU_HOME"]) if env.get("YOUJU_HOME") else None
    base = Config(
        home=home or user_cache_path("youju", appauthor=False),
        index=(home or user_data_path("youju", appauthor=False)) / "index",
        workspace=(home or user_data_path("youju", appauthor=False)) / "workspace",
    )
    config_file = _path("YOUJU_CONFIG", env.get("YOUJU_CONFIG") or base.home / "config.toml")
    values: dict[str, Any] = {}
    if _is_file(config_file):
        values |= _read_toml(config_file)
    elif env.get("YOUJU_CONFIG"):
        raise ConfigError(f"YOUJU_CONFIG names {config_file}, which is not a file. Create it or unset the variable.")
    names = {field.name for field in fields(Config)}
    values |= {name: env[f"YOUJU_{name.upper()}"] for name in names if env.get(f"YOUJU_{name.upper()}")}
    values |= {name: value for name, value in overrides.items() if value is not None}
    if unknown := sorted(values.keys() - names):
        raise ConfigError(f"Unknown setting {unknown[0]!r}. Known settings: {', '.join(sorted(names))}.")
    return replace(base, **{name: _convert(name, value) for name, value in values.items()})


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be looked for: {error.strerror}. Name another place in YOUJU_HOME."
        ) from error


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}. Correct that line or remove the file.") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}. Change its permissions or remove it.") from error


def _convert(name: str, value: object) -> Any:  # noqa: ANN401 - the type of the field named
    """Turn a text or TOML value into the field's own type."""
    kind = get_type_hints(Config)[name]
    if kind is Path and isinstance(value, str | Path):
        return _path(name, value)
    if kind is int and not isinstance(value, bool):
        try:
            return int(str(value))
        except ValueError:
            pass
    elif kind is str and isinstance(value, str | Path):
        return str(value)
    expected = {int: "a whole number", Path: "a path"}.get(kind, "text")
    raise ConfigError(f"{name} is {value!r}; expected {expected}.")


def _path(name: str, value: str | Path) -> Path:
    if not str(value).strip() or "\0" in str(value):
        raise ConfigError(f"{name} is {str(value)!r}; expected a path.")
    try:
        return Path(value).expanduser()
    except RuntimeError as error:  # ~somebody who is not there
        raise ConfigError(
            f"{name} is {str(value)!r}, which has no home folder: {error} Write the whole path."
        ) from error
