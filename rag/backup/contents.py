"""What a backup holds: a list with the size and digest of every file, which stands in it as ``manifest.json``.

Knows nothing of zip files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from rag.errors import WorkspaceError
from rag.index.plan import UPLOADS

if TYPE_CHECKING:
    from rag.config import Config

__all__ = ["MANIFEST", "Entry", "entries_of", "is_kept", "manifest_of", "roots_of"]

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
_PART: Final = re.compile(r'[^\x00-\x1f<>:"/\\|?*]+')


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a backup.

    Attributes:
        name: ``index/...`` or ``workspace/...``.
        size: Its bytes.
        sha256: Hex digest of them.
    """

    name: str
    size: int
    sha256: str


def roots_of(config: Config) -> dict[str, Path]:
    """The folders that are kept, by the name that they have in a backup."""
    return {"index": config.index, "workspace": config.workspace}


def is_kept(path: PurePosixPath) -> bool:
    """Whether a file of a folder goes into a backup: not what is made again, under way, or of a running process.

    Args:
        path: Where it stands in its folder.
    """
    name = path.name
    of_process = name.endswith((".lock", ".pid", "-journal", ".new"))
    return not (of_process or name.startswith((".", "dense.")) or UPLOADS in path.parts)


def manifest_of(entries: Iterable[Entry], made_at: str) -> str:
    """The list of files as JSON."""
    return json.dumps({"youju_backup": FORMAT, "made_at": made_at, "files": [asdict(entry) for entry in entries]})


def entries_of(manifest: bytes, names: Iterable[str], roots: Mapping[str, Path]) -> list[Entry]:
    """The files that a backup says it holds, none of which stands outside its folders.

    Args:
        manifest: Its list of files.
        names: The names of all that it holds.
        roots: The folders that are kept, by name.

    Raises:
        WorkspaceError: The list is none, does not fit the names, or names a path that is no such file's.
    """
    try:
        record = json.loads(manifest)
        version = record["youju_backup"]
        entries = [Entry(str(one["name"]), int(one["size"]), str(one["sha256"])) for one in record["files"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise WorkspaceError(f"Its {MANIFEST} is not one that youju backup writes.") from error
    if version != FORMAT:
        raise WorkspaceError(f"It has format {version!r}; this version of youju reads format {FORMAT}. Update youju.")
    if sorted(names) != sorted([MANIFEST, *(entry.name for entry in entries)]):
        raise WorkspaceError(f"It does not hold the files that its {MANIFEST} names.")
    if len({entry.name.casefold() for entry in entries}) < len(entries):
        raise WorkspaceError("It names a file twice.")
    for entry in entries:
        if not _is_inside(entry.name, roots) or entry.size < 0:
            raise WorkspaceError(f"It holds {entry.name[:200]!r}, which is no file of a backup.")
    return entries


def _is_inside(name: str, roots: Mapping[str, Path]) -> bool:
    root, *parts = name.split("/")
    safe = all(_PART.fullmatch(part) and part.strip(". ") == part for part in parts)
    return root in roots and bool(parts) and safe and is_kept(PurePosixPath(*parts))
