"""A zip file of ``youju backup`` -> index and workspace, where there are none yet.

The file is not trusted: every name, size and digest is checked before anything takes its place. Each of the two folders
is put in place whole; killed in between, the same command puts the other one in place.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from rag.backup.contents import MANIFEST, Entry, entries_of, is_kept, roots_of
from rag.backup.database import is_database, is_sound
from rag.errors import WorkspaceError
from rag.files import replace_folder

if TYPE_CHECKING:
    from rag.config import Config

__all__ = ["restore_backup"]

MAX_MANIFEST_BYTES: Final = 50_000_000  # some 300,000 files
_DAMAGE: Final = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError, KeyError)


def restore_backup(config: Config, file: Path) -> list[Entry]:
    """Put a backup in place.

    Args:
        config: Says where index and workspace are to be; what is there is never replaced.
        file: The zip file.

    Returns:
        The files that were in it.

    Raises:
        WorkspaceError: The file is no backup or damaged, there is an index or a workspace already, or the disk is full.
    """
    roots = roots_of(config)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = entries_of(_manifest(archive), archive.namelist(), roots)
            todo = {root: _of(entries, root) for root in roots}
            wanted = {root: own for root, own in todo.items() if own and not _is_restored(roots[root], root, own)}
            for root in wanted:
                _refuse_replacing(roots[root])
            _restore(archive, wanted, roots)
    except WorkspaceError as error:
        raise WorkspaceError(f"{file} cannot be restored: {error}") from error
    except _DAMAGE as error:
        raise WorkspaceError(f"{file} cannot be restored: it is no backup, or damaged ({error}).") from error
    except OSError as error:
        raise WorkspaceError(f"{file} cannot be restored: {error}. Nothing was replaced.") from error
    return entries


def _manifest(archive: zipfile.ZipFile) -> bytes:
    with archive.open(MANIFEST) as stream:
        content = stream.read(MAX_MANIFEST_BYTES + 1)
    if len(content) > MAX_MANIFEST_BYTES:
        raise WorkspaceError(f"Its {MANIFEST} is larger than {MAX_MANIFEST_BYTES:,} bytes.")
    return content


def _restore(archive: zipfile.ZipFile, wanted: Mapping[str, Sequence[Entry]], roots: Mapping[str, Path]) -> None:
    """Unpack beside the folders, check everything, then put each in place."""
    drafts: dict[str, Path] = {}
    try:
        for root, entries in wanted.items():
            parent = roots[root].parent
            parent.mkdir(parents=True, exist_ok=True)
            n_bytes, free = sum(entry.size for entry in entries), shutil.disk_usage(parent).free
            if n_bytes > free:
                raise WorkspaceError(f"It needs {n_bytes:,} bytes in {parent}; there are {free:,}. Free some room.")
            drafts[root] = Path(tempfile.mkdtemp(dir=parent, prefix=f".{roots[root].name}.restore-"))
            for entry in entries:
                _unpack(archive, entry, drafts[root])
        for root, draft in drafts.items():
            replace_folder(draft, roots[root])
    finally:
        for draft in drafts.values():
            shutil.rmtree(draft, ignore_errors=True)


def _unpack(archive: zipfile.ZipFile, entry: Entry, folder: Path) -> None:
    target = folder.joinpath(*PurePosixPath(entry.name).parts[1:])
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, left = hashlib.sha256(), entry.size
    target.touch(mode=0o600)
    with archive.open(entry.name) as source, target.open("wb") as stream:
        while piece := source.read(1 << 20):
            left -= len(piece)
            if left < 0:
                break
            digest.update(piece)
            stream.write(piece)
    if left or digest.hexdigest() != entry.sha256:
        raise WorkspaceError(f"{entry.name} is not what was saved; it is damaged. Take another backup.")
    if is_database(target) and not is_sound(target):
        raise WorkspaceError(f"{entry.name} is a damaged database. Take another backup.")


def _of(entries: Sequence[Entry], root: str) -> list[Entry]:
    return [entry for entry in entries if entry.name.startswith(f"{root}/")]


def _kept_in(folder: Path) -> dict[str, Path]:
    files = [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
    names = {str(PurePosixPath(*path.relative_to(folder).parts)): path for path in files}
    return {name: path for name, path in names.items() if is_kept(PurePosixPath(name))}


def _is_restored(folder: Path, root: str, entries: Sequence[Entry]) -> bool:
    """Whether a folder holds just what the backup does: the same command was killed after it put it in place."""
    found = _kept_in(folder)
    if {f"{root}/{name}" for name in found} != {entry.name for entry in entries}:
        return False
    sizes = {entry.name: entry for entry in entries}
    for name, path in found.items():
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != sizes[f"{root}/{name}"].sha256:
                return False
    return True


def _refuse_replacing(folder: Path) -> None:
    if _kept_in(folder):
        raise WorkspaceError(
            f"{folder} holds something already, and nothing is replaced. Move it away, or restore to other folders: "
            "set YOUJU_INDEX and YOUJU_WORKSPACE."
        )
