"""Settings: one frozen Config, read when asked and never at import.

Sources, later ones win: defaults here, the TOML file that ``YOUJU_CONFIG`` names (else ``config.toml`` in the home
folder), ``YOUJU_*`` environment variables, arguments. pydantic-settings reads and checks them; what is ours are the
folders of the platform and the words of an error. The only place that reads the environment. Loads no model.

Importing this file takes a quarter of a second (pydantic), so ``import rag`` and ``youju --help`` do it only when the
settings are asked for.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, TypeVar, get_args
from urllib.parse import urlsplit

from platformdirs import user_cache_path, user_data_path
from pydantic import BeforeValidator, Field, ModelWrapValidatorHandler, ValidationError, ValidationInfo, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from rag.errors import ConfigError

__all__ = ["PAGE_SETTINGS", "Config", "Count", "load_config", "read_settings"]

# What the runtimes behind the settings can still take as a number.
MOST: Final = 2**31 - 1
MOST_THREADS: Final = 1024
MOST_SLOTS: Final = 64
MOST_WORKERS: Final = 64
MOST_RETRIES: Final = 20
PAGE_SETTINGS: Final = frozenset({"max_upload_files", "max_batch_questions"})
"""Names in the file that only the page reads (``ui/settings.py``); a test holds the two together."""


def _path(value: object, info: ValidationInfo) -> object:
    return _expanded(str(info.field_name), value) if isinstance(value, str | Path) else value


def _expanded(name: str, value: str | Path) -> Path:
    """A path with ``~`` replaced by the home folder."""
    if not str(value).strip() or "\0" in str(value):
        raise ConfigError(f"{name} is {str(value)!r}; expected a path.")
    try:
        return Path(value).expanduser()
    except RuntimeError as error:  # ~somebody who is not there
        raise ConfigError(
            f"{name} is {str(value)!r}, which has no home folder: {error} Write the whole path."
        ) from error


def _number(value: object) -> object:
    if isinstance(value, bool):  # pydantic would take true for 1
        raise ValueError("a truth value is no number")  # noqa: TRY004 - pydantic collects only these
    return value


Folder = Annotated[Path, BeforeValidator(_path)]
Number = Annotated[int, BeforeValidator(_number)]
Count = Annotated[Number, Field(ge=1, le=MOST)]


class Config(BaseSettings):
    """What can be set, with its default. Making one reads nothing: :func:`load_config` does.

    Attributes:
        home: Where fetched and converted models live; safe to delete, they are fetched again.
        index: Folder of the index: what was indexed, and the vectors. User data.
        index_backend: Name of the store of :mod:`rag.index.opening` that holds the index.
        workspace: Folder of what the page keeps: conversations, feedback, batch runs, who uploaded what. User data.
        models_lock: The lock file of models; empty means the one that ships with youju.
        encoder: Name in the lock file, a sentence-transformers folder, or a hub id.
        encoder_runtime: ``openvino`` or ``torch``.
        generator: Name in the lock file, a GGUF file, an OpenVINO folder, a transformers folder, or a hub id.
        runtime: Name of a generator of :mod:`rag.generation`; ``auto`` takes the one that suits model and CPU.
        generator_url: Base URL of an OpenAI-compatible server; with it the generator is a model there, and questions
            and their evidence are sent to it. Empty: nothing leaves this machine.
        generator_key: What the server asks for; never shown.
        generator_model: Name of the model on the server; empty takes the only one it has.
        generator_timeout_seconds: Longest silence of the server.
        generator_retries: How often a request that the server could not take is sent again.
        generator_slots: Replies written at once, by a server or by llama.cpp; the others write one.
        reader: Weights file of the reader; empty means the one that ships with youju.
        threads: CPU threads; 0 leaves it to the runtime.
        workers: Processes that prepare documents to be indexed; 0 does it in the one that writes. Worth it above two
            cores, where files are many or large; each takes some 110 MB (25 reports and PDF files).
        passage_chars: Sentences of a section are put together up to this length, to be embedded as one.
        top_k: Passages that are found and read for a question.
        evidence_tokens: Budget for evidence in the prompt; sets the time to the first token.
        max_new_tokens: Longest reply.
        max_question_chars: A longer question is refused.
        max_file_bytes: A larger file is refused.

    Raises:
        ConfigError: A name is unknown, or a value does not fit.
    """

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_prefix="YOUJU_", hide_input_in_errors=True)

    home: Folder
    index: Folder
    workspace: Folder
    index_backend: str = "sqlite"
    models_lock: str = ""
    encoder: str = "multilingual-e5-small"
    encoder_runtime: Literal["openvino", "torch"] = "openvino"
    generator: str = "qwen2.5-coder-1.5b-instruct"
    runtime: str = "auto"
    generator_url: str = ""
    generator_key: str = Field("", repr=False)
    generator_model: str = ""
    generator_timeout_seconds: Count = 120
    generator_retries: Number = Field(2, ge=0, le=MOST_RETRIES)
    generator_slots: Number = Field(1, ge=1, le=MOST_SLOTS)
    reader: str = ""
    threads: Number = Field(
        0, ge=0, le=MOST_THREADS, description=f"0 (automatic) or a number of threads up to {MOST_THREADS:,}"
    )  # a description is what an error says was expected
    workers: Number = Field(
        0, ge=0, le=MOST_WORKERS, description=f"0 (none) or a number of processes up to {MOST_WORKERS}"
    )
    passage_chars: Count = 80
    top_k: Count = 30
    evidence_tokens: Count = 300
    max_new_tokens: Count = 320
    max_question_chars: Count = 2000
    max_file_bytes: Count = 50_000_000

    def replace(self, **changes: Any) -> Self:  # noqa: ANN401 - typed per field
        """These settings with some changed.

        Raises:
            ConfigError: A name is unknown, or a value does not fit.
        """
        return type(self)(**dict(self) | changes)

    @property
    def generator_is_remote(self) -> bool:
        """Whether questions and their evidence are sent to a server, so that no generator is needed here."""
        return self.runtime == "openai" or (self.runtime == "auto" and bool(self.generator_url))

    @property
    def generator_host(self) -> str:
        """The machine that questions and their evidence are sent to; empty for none."""
        if not self.generator_is_remote:
            return ""
        try:
            return urlsplit(self.generator_url).netloc.rpartition("@")[2]
        except ValueError:  # no address: nothing can be sent, and the generator says so when it is loaded
            return ""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is passed in; :func:`read_settings` puts the other sources before it."""
        return (init_settings,)

    @model_validator(mode="wrap")
    @classmethod
    def _in_words(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:  # noqa: ANN401
        try:
            return handler(values)
        except ValidationError as error:
            raise ConfigError(_message(cls, error)) from error


SettingsT = TypeVar("SettingsT", bound=Config)


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
    return read_settings(Config, env, **overrides)


def read_settings(kind: type[SettingsT], env: Mapping[str, str] | None = None, **overrides: Any) -> SettingsT:  # noqa: ANN401
    """Read settings of one kind: see :func:`load_config`."""
    env = {name: value for name, value in (os.environ if env is None else env).items() if value}
    home = _expanded("YOUJU_HOME", env["YOUJU_HOME"]) if "YOUJU_HOME" in env else None
    cache, kept = user_cache_path("youju", appauthor=False), user_data_path("youju", appauthor=False)
    values: dict[str, Any] = {
        "home": home or cache,
        "index": (home or kept) / "index",
        "workspace": (home or kept) / "workspace",
    }
    values |= _from_file(kind, env, home or cache)
    environment = EnvSettingsSource(kind)
    environment.env_vars = {name.lower(): value for name, value in env.items()}
    values |= environment()
    values |= {name: value for name, value in overrides.items() if value is not None}
    texts = {name for name, field in kind.model_fields.items() if field.annotation is str}
    return kind.model_validate({n: str(v) if isinstance(v, Path) and n in texts else v for n, v in values.items()})


def _from_file(kind: type[Config], env: Mapping[str, str], home: Path) -> dict[str, Any]:
    """The settings of the TOML file; none where there is no file and none was named."""
    path = _expanded("YOUJU_CONFIG", env.get("YOUJU_CONFIG", home / "config.toml"))
    try:
        if not path.is_file():
            if "YOUJU_CONFIG" in env:
                raise ConfigError(f"YOUJU_CONFIG names {path}, which is not a file. Create it or unset the variable.")
            return {}
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be looked for: {error.strerror}. Name another place in YOUJU_HOME."
        ) from error
    try:
        values = TomlConfigSettingsSource(kind, path).toml_data
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}. Correct that line or remove the file.") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}. Change its permissions or remove it.") from error
    return {name: value for name, value in values.items() if name not in PAGE_SETTINGS - kind.model_fields.keys()}


def _message(kind: type[Config], error: ValidationError) -> str:
    """What is wrong with the first setting that does not fit."""
    first = error.errors(include_url=False)[0]
    name, value = str(first["loc"][0]), first["input"]
    field = kind.model_fields.get(name)
    if field is None:
        return f"Unknown setting {name!r}. Known settings: {', '.join(sorted(kind.model_fields))}."
    if first["type"] == "missing":
        return f"{name} is not given; expected a path."
    if first["type"] == "literal_error":
        return f"{name} is {value!r}; expected one of {', '.join(get_args(field.annotation))}."
    if first["type"] in ("greater_than_equal", "less_than_equal"):
        least, most = (next(getattr(m, end) for m in field.metadata if hasattr(m, end)) for end in ("ge", "le"))
        return f"{name} is {value}; expected {field.description or f'a number from {least} to {most:,}'}."
    expected = "a whole number" if field.annotation is int else "a path" if field.annotation is Path else "text"
    shown = repr(value) if field.repr else "what must not be shown"
    return f"{name} is {shown}; expected {expected}."
