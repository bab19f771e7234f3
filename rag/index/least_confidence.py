"""The confidence below which an index gives no answer: a small file beside it, set by ``youju exam --apply``.

One limit for each way of answering, since a generated answer and a quotation are not equally sure. Lies in the index's
folder, whichever store that is, and stays when documents are added or the index is rebuilt. Knows neither how a limit
is chosen nor what becomes of an answer below it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from rag.errors import IndexCorruptError, IndexReadOnlyError
from rag.files import write_whole
from rag.schema.messages import Mode

__all__ = ["FILE", "StoredLimit", "store_limit", "stored_limit"]

FILE: Final = "confidence.json"


@dataclass(frozen=True, slots=True)
class StoredLimit:
    """A limit with what set it.

    Attributes:
        least_confidence: What an answer's confidence must reach.
        most_wrong: The share of wrong answers that it was chosen for.
        n_answered: Answers of the exam that reached it.
        n_wrong: How many of them were wrong.
        n_questions: Questions of the exam.
        set_at: When it was set: ISO 8601, UTC.
    """

    least_confidence: float
    most_wrong: float
    n_answered: int
    n_wrong: int
    n_questions: int
    set_at: str


def stored_limit(folder: Path, mode: Mode) -> float | None:
    """The limit of the index in a folder; None where none was set for this way of answering.

    Raises:
        IndexCorruptError: The file is there and holds no limit.
    """
    limit = _read(folder).get(mode)
    return None if limit is None else limit.least_confidence


def store_limit(folder: Path, mode: Mode, limit: StoredLimit | None) -> None:
    """Set the limit for one way of answering, or take it away.

    Raises:
        IndexReadOnlyError: The folder cannot be written.
        IndexCorruptError: The file that is there holds no limits.
    """
    limits = _read(folder)
    if limit is None:
        limits.pop(mode, None)
    else:
        limits[mode] = limit
    try:
        write_whole(folder / FILE, json.dumps({name: asdict(each) for name, each in limits.items()}, indent=1))
    except OSError as error:
        raise IndexReadOnlyError(
            f"The limit of confidence cannot be written to {folder / FILE}: {error.strerror}. "
            "Change the folder's permissions, or copy the index to a folder that can be written."
        ) from error


def _read(folder: Path) -> dict[str, StoredLimit]:
    file = folder / FILE
    try:
        record: dict[str, dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
        limits = {name: StoredLimit(**each) for name, each in record.items()}
        for limit in limits.values():
            if not 0.0 <= limit.least_confidence <= 1.0:
                raise ValueError(f"least_confidence is {limit.least_confidence}, expected 0 to 1")  # noqa: TRY301
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise IndexCorruptError(
            f"{file} cannot be read as limits of confidence ({error}). Remove it, or set them anew: youju exam --apply"
        ) from error
    return limits
