"""Read the facts of a sentence-transformers folder without loading the model."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rag.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ModelFacts", "read_facts"]

_N_SAMPLES: Final = 64
_SAMPLE_BYTES: Final = 4096
_E5: Final = re.compile(r"(?:^|[-_.])e5(?:[-_.]|$)")
_E5_TASK: Final = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: "


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What can be known of a model before it is loaded.

    Attributes:
        name: The model's name and a fingerprint of its weights, e.g. ``multilingual-e5-small@0123abcd``.
        query_prefix: What stands before a query.
        passage_prefix: What stands before a passage.
    """

    name: str
    query_prefix: str
    passage_prefix: str


def read_facts(folder: Path, *, label: str) -> ModelFacts:
    """Read the facts of a model folder; takes milliseconds, whatever the size of the weights.

    Args:
        folder: The sentence-transformers folder.
        label: What people call the model; decides the prefixes where the folder does not.

    Raises:
        ModelError: The folder holds no weights.
    """
    query, passage = _prefixes(folder, label)
    return ModelFacts(f"{label}@{_fingerprint(folder, query + passage)}", query, passage)


def _prefixes(folder: Path, label: str) -> tuple[str, str]:
    """From the folder's prompts; else by the rule of the e5 family; else none.

    Source: Wang et al. 2024, arXiv:2402.05672 (``query: ``, ``passage: ``; the instruct models take a task).
    """
    prompts = _read_json(folder / "config_sentence_transformers.json").get("prompts") or {}
    query = prompts.get("query", "")
    passage = next((prompts[name] for name in ("passage", "document", "corpus") if prompts.get(name)), "")
    if query or passage or not _E5.search(label.lower()):
        return query, passage
    if "instruct" in label.lower() or "mistral" in label.lower():
        return _E5_TASK, ""
    return "query: ", "passage: "


def _fingerprint(folder: Path, prefixes: str) -> str:
    """Short hash of all that decides the vectors.

    Large files go in by size and by 64 samples spread over them: training changes every weight.
    """
    weights = [*folder.rglob("*.safetensors"), *folder.rglob("pytorch_model*.bin")]
    if not weights:
        raise ModelError(
            f"{folder} holds no weights (model.safetensors); expected the folder of a sentence-transformers model. "
            "Correct the setting encoder, or fetch the model again: youju models pull"
        )
    digest = hashlib.sha256(prefixes.encode())
    for file in sorted(folder.glob("*_Pooling/config.json")):  # by what they say: the order of keys decides nothing
        digest.update(json.dumps(_read_json(file), sort_keys=True).encode())
    for file in sorted({*weights, *folder.glob("tokenizer.json")}):
        size = file.stat().st_size
        digest.update(f"{file.relative_to(folder).as_posix()}:{size}:".encode())
        with file.open("rb") as opened:
            for i in range(_N_SAMPLES):
                opened.seek(max(0, size - _SAMPLE_BYTES) * i // (_N_SAMPLES - 1))
                digest.update(opened.read(_SAMPLE_BYTES))
    return digest.hexdigest()[:8]


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read: {error}. Fetch the model again: youju models pull") from error
    return content if isinstance(content, dict) else {}
