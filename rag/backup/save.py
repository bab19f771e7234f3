"""Index and workspace -> a zip file, also while a server runs and documents are indexed.

Databases are copied by SQLite itself, each as it is at one moment; every other file is replaced whole or only grows, so
that reading it once gives a state of it. Nothing is encrypted: the file is readable by its owner alone. Not in it are
settings, models, and a password file that lies elsewhere.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from rag.backup.contents import MANIFEST, Entry, is_kept, manifest_of, roots_of
from rag.backup.database import copy_database, is_database
from rag.errors import WorkspaceError
from rag.files import draft_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rag.config import Config

__all__ = ["save_backup"]


def save_backup(config: Config, file: Path) -> list[Entry]:
    """Write a backup.

    Args:
        config: Says where index and workspace are.
        file: The zip file to be made.

    Returns:
        The files in it.

    Raises:
        WorkspaceError: There is nothing to keep, the file is there already, or something cannot be read or written.
    """
    if file.exists():
        raise WorkspaceError(f"{file} is there already. Name a new file; no backup is replaced.")
    found = list(_files(config))
    if not found:
        raise WorkspaceError(f"There is nothing to back up in {config.index} and {config.workspace}.")
    try:
        with (
            draft_of(file, mode=0o600) as draft,
            tempfile.TemporaryDirectory(dir=file.parent, prefix=".youju-") as room,
        ):
            return _write(draft, found, Path(room))
    except OSError as error:
        raise WorkspaceError(f"The backup {file} cannot be written: {error}. Nothing was written.") from error


def _files(config: Config) -> Iterator[tuple[str, Path]]:
    """Every file that is kept, with its name in the backup."""
    roots = roots_of(config)
    for root, folder in roots.items():
        inner = [other for other in roots.values() if other != folder and other.is_relative_to(folder)]
        for path in sorted(folder.rglob("*")):
            if any(path.is_relative_to(other) for other in inner) or path.is_symlink() or not path.is_file():
                continue
            if is_kept(inside := PurePosixPath(*path.relative_to(folder).parts)):
                yield f"{root}/{inside}", path


def _write(draft: Path, found: list[tuple[str, Path]], room: Path) -> list[Entry]:
    entries = []
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in found:
            try:
                entries.append(_add(archive, name, _still(path, room)))
            except FileNotFoundError:  # deleted meanwhile
                continue
        archive.writestr(MANIFEST, manifest_of(entries, datetime.now(UTC).isoformat(timespec="seconds")))
    return entries


def _still(path: Path, room: Path) -> Path:
    """A copy of a file that nobody writes."""
    copy = room / "copy"
    copy.unlink(missing_ok=True)
    if is_database(path):
        copy_database(path, copy)
    else:
        shutil.copyfile(path, copy)
    return copy


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> Entry:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file, archive.open(name, "w", force_zip64=True) as target:
        while piece := file.read(1 << 20):
            digest.update(piece)
            size += len(piece)
            target.write(piece)
    return Entry(name, size, digest.hexdigest())
