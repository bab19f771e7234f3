"""What a setting names -> a folder or file on this machine: a model of the lock, a path, or a hub id.

A hub is asked only for what looks like ``owner/name``, and only where ``huggingface_hub`` is installed.
``owner/name:pattern`` takes only the files that match, e.g. one GGUF of many: ``owner/name:*q4_k_m.gguf``.
"""

import re
from pathlib import Path

from rag.config import Config
from rag.errors import ModelDownloadError, ModelError, ModelMissingError, first_line
from rag.models.installed import model_status
from rag.models.lock import find_lock, read_lock

__all__ = ["encoder_folder", "generator_path"]

_HUB_ID = re.compile(r"(?P<repo>[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)(?::(?P<pattern>[\w.*?/-]+))?")
# The same weights in forms that are not used here.
_IGNORED = ("*.onnx", "*.onnx_data", "*.h5", "*.msgpack", "*.ot", "*.tflite", "*.mlmodel", "coreml/*")


def encoder_folder(config: Config) -> Path:
    """Folder of the sentence-transformers model that the settings name.

    Raises:
        ModelMissingError: It was not fetched yet, or does not exist.
        ModelDownloadError: The hub cannot be reached.
    """
    folder = _resolve(config, config.encoder, setting="encoder")
    if not folder.is_dir():
        raise ModelError(f"encoder is {folder}, a file; expected the folder of a sentence-transformers model.")
    return folder


def generator_path(config: Config) -> Path:
    """GGUF file, OpenVINO folder or transformers folder of the generator that the settings name.

    Raises:
        ModelMissingError: It was not fetched yet, or does not exist.
        ModelDownloadError: The hub cannot be reached.
        ModelError: The folder holds several GGUF files.
    """
    path = _resolve(config, config.generator, setting="generator")
    if path.is_file() or (path / "openvino_model.xml").is_file():
        return path
    found = sorted(path.glob("*.gguf"))
    if len(found) > 1:
        names = ", ".join(file.name for file in found)
        raise ModelError(f"{path} holds {len(found)} GGUF files ({names}). Let the setting generator name one of them.")
    return found[0] if found else path


def _resolve(config: Config, name: str, *, setting: str) -> Path:
    model = read_lock(find_lock(config)).get(name)
    if model is not None:
        status = model_status(config, model)
        if status.state == "ready":
            return status.folder
        raise ModelMissingError(
            f"The model {name!r} is not ready in {status.folder}: {status.problem}. Fetch it: youju models pull"
        )
    path = Path(name).expanduser()
    if path.exists():
        return path
    match = _HUB_ID.fullmatch(name)
    if match and (match["pattern"] or path.suffix not in {".gguf", ".xml"}):  # models/x.gguf is a path gone wrong
        return _from_hub(config, name, match, setting=setting)
    raise ModelMissingError(
        f"{setting} is {name!r}: no model of the lock file, no path that exists, and no hub id (owner/name). "
        "Correct the setting; `youju models list` shows the models of the lock file."
    )


def _from_hub(config: Config, name: str, match: re.Match[str], *, setting: str) -> Path:
    """Folder of a snapshot, or the one file of it that a pattern names."""
    repo, pattern = match["repo"], match["pattern"]
    # A snapshot that was interrupted looks whole from outside: only a note of our own says that it was finished.
    note = config.home / "hub" / re.sub(r"[^\w.-]", "_", name)
    if note.is_file() and (folder := Path(note.read_text(encoding="utf-8"))).is_dir():
        return _only_match(folder, pattern)
    try:
        from huggingface_hub import snapshot_download  # noqa: PLC0415 - only where a hub id is set
    except ImportError as error:
        raise ModelMissingError(
            f"{setting} is {name!r}, which is no path here. To fetch it from a hub: pip install huggingface_hub"
        ) from error
    try:
        folder = Path(snapshot_download(repo, allow_patterns=pattern, ignore_patterns=list(_IGNORED)))
    except (OSError, ValueError) as error:  # the library's errors: HTTP, offline, no such repository, bad id
        reason = first_line(error)
        raise ModelDownloadError(
            f"{setting} is {name!r}, which is no path here, and the hub did not give it: {reason} "
            "Check the name and the network (HF_ENDPOINT for a mirror), or set it to a local path."
        ) from error
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(str(folder), encoding="utf-8")
    return _only_match(folder, pattern)


def _only_match(folder: Path, pattern: str | None) -> Path:
    found = sorted(folder.glob(pattern)) if pattern else []
    return found[0] if len(found) == 1 else folder
