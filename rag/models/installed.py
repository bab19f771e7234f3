"""What stands in the model folders: a manifest with sizes and hashes, the state of each model, verification.

A model's folder is put in place whole; its manifest says which lock it came from and what belongs in it.
Knows nothing of how models are fetched, and runs none.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rag.config import Config
from rag.errors import ModelCorruptError
from rag.models.fetch import file_sha256
from rag.models.lock import LockedModel, find_lock, read_lock
from rag.progress import Progress

__all__ = [
    "ModelStatus",
    "download_folder",
    "list_models",
    "model_folder",
    "model_status",
    "verify_models",
    "write_manifest",
]

MANIFEST = "manifest.json"

State = Literal["ready", "missing", "partial", "outdated", "damaged"]


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """A model of the lock, and how it stands on this machine.

    Attributes:
        name: Its name in the lock.
        role: What it is for.
        licence: Licence of the model.
        upstream: Who publishes it.
        folder: Where it is or will be.
        state: ``ready``; ``missing`` not fetched; ``partial`` a fetch was interrupted; ``outdated`` the lock has
            another version; ``damaged`` a file is not what it was.
        n_bytes: What it takes on disk; what it will take, roughly, where it is not ready.
        problem: What is wrong, for people; empty where it is ready.
    """

    name: str
    role: str
    licence: str
    upstream: str
    folder: Path
    state: State
    n_bytes: int
    problem: str = ""

    def __str__(self) -> str:
        """As ``youju models list`` shows it."""
        note = f": {self.problem}. youju models pull" if self.problem else f" in {self.folder}"
        return f"{self.name:<28} {self.role:<10} {self.n_bytes / 1e6:>7,.0f} MB  {self.licence:<11} {self.state}{note}"


def model_folder(config: Config, name: str) -> Path:
    """Folder of a model of the lock."""
    return config.home / "models" / name


def download_folder(config: Config, name: str) -> Path:
    """Folder of what was fetched for a model and is not in place yet."""
    return config.home / "downloads" / name


def list_models(config: Config) -> list[ModelStatus]:
    """State of every model of the lock, by names and sizes only; quick."""
    return [model_status(config, model) for model in read_lock(find_lock(config)).values()]


def verify_models(config: Config, *, progress: Progress) -> list[ModelStatus]:
    """Read every file of the installed models anew and compare its hash.

    Returns:
        State of every model of the lock; those that were not fetched are not looked into.

    Raises:
        ModelCorruptError: A file of an installed model differs.
    """
    statuses = []
    for model in read_lock(find_lock(config)).values():
        status = model_status(config, model)
        if status.state == "ready":
            problem = _hash_problem(status.folder, model, progress=progress)
        else:
            problem = status.problem if status.state == "damaged" else ""
        if problem:
            raise ModelCorruptError(
                f"The model {model.name!r} is damaged: {problem}. Delete {status.folder} and fetch it again: "
                "youju models pull"
            )
        statuses.append(status)
    return statuses


def model_status(config: Config, model: LockedModel) -> ModelStatus:
    """State of one model, by names and sizes only."""
    folder = model_folder(config, model.name)
    expected_bytes = sum(file.n_bytes for file in model.files)
    if not folder.is_dir():
        if download_folder(config, model.name).is_dir():
            return _status(config, model, "partial", n_bytes=expected_bytes, problem="fetching it was interrupted")
        return _status(config, model, "missing", n_bytes=expected_bytes, problem="it was not fetched yet")
    try:
        manifest = _read_manifest(folder)
        if manifest["fingerprint"] != model.fingerprint:
            problem = "the lock file has another version of it"
            return _status(config, model, "outdated", n_bytes=expected_bytes, problem=problem)
        files = list(_manifest_files(folder, manifest))
        problem = next((text for path, n_bytes, _ in files if (text := _size_problem(path, n_bytes))), "")
        n_bytes = sum(n_bytes for _, n_bytes, _ in files)
    except (OSError, ValueError, KeyError, TypeError) as error:
        problem, n_bytes = f"{MANIFEST} cannot be read ({error})", expected_bytes
    return _status(config, model, "damaged" if problem else "ready", n_bytes=n_bytes, problem=problem)


def write_manifest(folder: Path, model: LockedModel | None = None) -> None:
    """Write down what a finished folder holds.

    Args:
        folder: A folder that is not in place yet.
        model: Where its files come from; None for a form derived on this machine.
    """
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    # Files of the lock were checked a moment ago; a gigabyte need not be read twice.
    known = {file.name: file.sha256 for file in model.files} if model else {}
    manifest = {
        "name": model.name if model else folder.name,
        "fingerprint": model.fingerprint if model else "",
        "licence": model.licence if model else "",
        "upstream": model.upstream if model else "",
        "files": [
            {
                "name": name,
                "bytes": (folder / name).stat().st_size,
                "sha256": known.get(name) or file_sha256(folder / name),
            }
            for name in names
        ],
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def _status(config: Config, model: LockedModel, state: State, *, n_bytes: int, problem: str = "") -> ModelStatus:
    folder = model_folder(config, model.name)
    return ModelStatus(model.name, model.role, model.licence, model.upstream, folder, state, n_bytes, problem)


def _read_manifest(folder: Path) -> dict[str, Any]:
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    if not isinstance(manifest, dict):
        raise TypeError("it holds no object")
    return manifest


def _manifest_files(folder: Path, manifest: dict[str, Any]) -> Iterator[tuple[Path, int, str]]:
    for entry in manifest["files"]:
        yield folder / entry["name"], int(entry["bytes"]), str(entry["sha256"])


def _size_problem(path: Path, n_bytes: int) -> str:
    if not path.is_file():
        return f"{path.name} is missing"
    found = path.stat().st_size
    return "" if found == n_bytes else f"{path.name} has {found:,} bytes instead of {n_bytes:,}"


def _hash_problem(folder: Path, model: LockedModel, *, progress: Progress) -> str:
    """The first file that is not what it was, in this folder or in a form derived from it below."""
    locked = {folder / file.name: file.sha256 for file in model.files}
    try:
        manifests = [(path.parent, _read_manifest(path.parent)) for path in sorted(folder.rglob(MANIFEST))]
        files = [entry for at, manifest in manifests for entry in _manifest_files(at, manifest)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"a {MANIFEST} cannot be read ({error})"
    total, done = sum(n_bytes for _, n_bytes, _ in files), 0
    for path, n_bytes, sha256 in files:
        if problem := _size_problem(path, n_bytes):
            return problem

        def arrived(n_read: int) -> None:
            nonlocal done
            done += n_read
            progress(f"Verifying {model.name}", done, total, unit="B")

        if file_sha256(path, arrived=arrived) != locked.get(path, sha256):
            return f"{path.name} is not what was installed: its hash differs"
    return ""
