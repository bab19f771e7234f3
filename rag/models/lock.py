"""Reads ``models.txt``, the lock of models: a pip requirements file whose ``#:`` comments say what the wheels become.

The grammar stands in the head of that file. Knows nothing of downloads or of any particular model.
"""

import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from rag.config import Config
from rag.errors import ModelError

__all__ = ["LockedFile", "LockedModel", "Wheel", "find_lock", "read_lock"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_REQUIREMENT = re.compile(
    r"(?P<requirement>[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9.!+_-]+)\s+--hash=sha256:(?P<sha256>[0-9a-f]{64})"
    r"\s+#:\s+(?P<member>\S+)\s+(?P<n_bytes>\d+)(?:\s+(?P<platform>[A-Za-z0-9_]+))?"
)
_FILE = re.compile(r"(?P<name>\S+)\s+(?P<n_bytes>\d+)\s+(?P<sha256>[0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel and the member that is taken out of it.

    Attributes:
        requirement: ``name==version``.
        sha256: Hash of the wheel.
        member: Path inside the wheel.
        n_bytes: Size of the wheel.
        platform: Platform tag to ask for; empty means any.
    """

    requirement: str
    sha256: str
    member: str
    n_bytes: int
    platform: str = ""


@dataclass(frozen=True, slots=True)
class LockedFile:
    """A file that results from joining members in order.

    Attributes:
        name: Path inside the model's folder, with forward slashes.
        n_bytes: Its size.
        sha256: Its hash.
        wheels: Where its bytes come from, in order.
    """

    name: str
    n_bytes: int
    sha256: str
    wheels: tuple[Wheel, ...] = ()


@dataclass(frozen=True, slots=True)
class LockedModel:
    """A model as the lock describes it.

    Attributes:
        name: Its name, and that of its folder.
        role: What it is for, e.g. ``generator`` or ``encoder``.
        kind: What its files become; see the head of ``models.txt``.
        licence: Licence of the model.
        upstream: Who publishes it.
        files: The files it is made of.
    """

    name: str
    role: str = ""
    kind: str = ""
    licence: str = ""
    upstream: str = ""
    files: tuple[LockedFile, ...] = ()

    @property
    def wheels(self) -> tuple[Wheel, ...]:
        """All wheels of the model, in order."""
        return tuple(wheel for file in self.files for wheel in file.wheels)

    @property
    def fingerprint(self) -> str:
        """Changes when the kind or any byte of the files changes, and only then."""
        told = "\n".join([self.kind, *(f"{file.name} {file.sha256}" for file in self.files)])
        return hashlib.sha256(told.encode()).hexdigest()


def find_lock(config: Config) -> Path:
    """Path of the lock in force: the configured one, else the one that ships with youju.

    Raises:
        ModelError: There is none.
    """
    if config.models_lock:
        path = Path(config.models_lock).expanduser()
        if path.is_file():
            return path
        raise ModelError(f"models_lock names {path}, which is not a file. Correct the setting or remove it.")
    package = Path(__file__).resolve().parent.parent
    for path in (package / "models.txt", package.parent / "models.txt"):  # installed, then a checkout
        if path.is_file():
            return path
    raise ModelError(f"The lock file models.txt is missing from {package}. Reinstall youju, or set YOUJU_MODELS_LOCK.")


def read_lock(path: Path) -> dict[str, LockedModel]:
    """Parse a lock.

    Returns:
        Models by name, in the order of the file.

    Raises:
        ModelError: A line is not understood, or a model is incomplete.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(
            f"The lock file {path} cannot be read: {error}. Restore it or set YOUJU_MODELS_LOCK."
        ) from error
    models: list[LockedModel] = []
    for number, line in enumerate(lines, start=1):
        try:
            _read_line(line.strip(), models)
        except ValueError as error:
            raise ModelError(f"{path}, line {number}: {error}. Its head describes the format.") from error
    for model in models:
        if problem := _incomplete(model):
            raise ModelError(f"{path}: model {model.name!r} {problem}. Its head describes the format.")
    if len({model.name for model in models}) < len(models):
        raise ModelError(f"{path}: a model's name stands there twice. Names must be unique.")
    return {model.name: model for model in models}


def _read_line(line: str, models: list[LockedModel]) -> None:
    if not line or (line.startswith("#") and not line.startswith("#:")):
        return
    key, _, value = line.removeprefix("#:").strip().partition(" ")
    value = value.strip()
    if line.startswith("#:") and key == "model":
        if not _NAME.fullmatch(value):
            raise ValueError(f"{value!r} cannot name a model; expected letters, digits, dot, dash or underscore")
        models.append(LockedModel(value))
    elif not models:
        raise ValueError("expected '#: model NAME' first")
    elif not line.startswith("#:"):
        models[-1] = _with_wheel(models[-1], line)
    elif key == "file":
        models[-1] = replace(models[-1], files=(*models[-1].files, _locked_file(value)))
    else:
        models[-1] = _with_text(models[-1], key, value)


def _with_text(model: LockedModel, key: str, value: str) -> LockedModel:
    match key:
        case "role":
            return replace(model, role=value)
        case "kind":
            return replace(model, kind=value)
        case "licence":
            return replace(model, licence=value)
        case "upstream":
            return replace(model, upstream=value)
    raise ValueError(f"unknown directive {key!r}; expected model, role, kind, licence, upstream or file")


def _with_wheel(model: LockedModel, line: str) -> LockedModel:
    match = _REQUIREMENT.fullmatch(line)
    if match is None:
        raise ValueError("expected 'NAME==VERSION --hash=sha256:HEX  #: MEMBER BYTES [PLATFORM]'")
    if not model.files:
        raise ValueError(f"a wheel before any '#: file' of model {model.name!r}")
    wheel = Wheel(
        match["requirement"], match["sha256"], match["member"], int(match["n_bytes"]), match["platform"] or ""
    )
    last = model.files[-1]
    return replace(model, files=(*model.files[:-1], replace(last, wheels=(*last.wheels, wheel))))


def _locked_file(value: str) -> LockedFile:
    match = _FILE.fullmatch(value)
    if match is None:
        raise ValueError("expected '#: file NAME BYTES SHA256'")
    name = PurePosixPath(match["name"])
    # The name decides where bytes are written: it must stay inside the model's folder on every system.
    if name.is_absolute() or any(not _NAME.fullmatch(piece) for piece in name.parts):
        raise ValueError(f"{match['name']!r} is no plain file name inside the model's folder")
    return LockedFile(name.as_posix(), int(match["n_bytes"]), match["sha256"])


def _incomplete(model: LockedModel) -> str:
    missing = [key for key in ("role", "kind") if not getattr(model, key)]
    if missing:
        return f"has no '#: {missing[0]}'"
    if not model.files:
        return "has no '#: file'"
    names = [file.name for file in model.files]
    if len(set(names)) < len(names):
        return "names a file twice"
    return next((f"has no wheel for its file {file.name!r}" for file in model.files if not file.wheels), "")
