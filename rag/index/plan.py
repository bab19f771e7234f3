"""The files that are there and the documents that are indexed -> what becomes of each document.

A document is told apart by its name, and known again by the places of its files and by its content: a file that was
moved or renamed keeps its document, a copy is one more place of it, an edited file replaces it. A name is the file's,
with as many folders before it as no other document of that name has; a document keeps its name.

What users uploaded (it lies in a folder :data:`UPLOADS`) is its uploader's alone and deleted once it is read: it is
known by its place only, and never becomes the same document as another file.

Reads no file: digests, and whether a path is there, are told to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Final

from rag.documents.load import readable_name
from rag.schema.documents import DocumentInfo

__all__ = ["UPLOADS", "Entry", "FoundFile", "Plan", "plan_documents", "uploader_of"]

UPLOADS: Final = "youju-uploads"


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that is to be indexed.

    Attributes:
        path: As it was named.
        place: As the index keeps it: whole, and valid Unicode.
        sha256: Hex digest of its content; empty where it cannot be read.
    """

    path: Path
    place: str
    sha256: str


@dataclass(slots=True, eq=False)
class Entry:
    """A document, as it is to be.

    Attributes:
        before: Its name in the index; empty for a new one.
        name: Its name from now on.
        paths: Where its files stand, the one that it was read from first.
        sha256: Digest of what is indexed.
        file: The file that its text is to be read from; None where it stays as it is.
        seen: Files of this run that hold it.
        lost: Places where another content stands now.
        added: Places that are new.
    """

    before: str
    name: str
    paths: list[str]
    sha256: str
    file: FoundFile | None = None
    seen: list[FoundFile] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done, in this order.

    Attributes:
        settled: Documents whose text stays, though perhaps under another name or at other places: in this order every
            new name is free when it is taken.
        superseded: Documents whose only files hold by now what another document holds.
        loads: Documents whose text is read from a file.
        gone: Documents whose files are no longer in the folders.
    """

    settled: list[Entry]
    superseded: list[Entry]
    loads: list[Entry]
    gone: list[Entry]


def uploader_of(path: str) -> str:
    """Key of who uploaded a file, told by the names of its folders: a workspace may be moved; empty for other files."""
    *_, uploads, key, _ = ("", "", "", *PurePath(path).parts)
    return key if uploads == UPLOADS else ""


def plan_documents(
    held: Iterable[DocumentInfo],
    found: Sequence[FoundFile],
    *,
    folders: Sequence[Path] = (),
    is_there: Callable[[str], bool],
) -> Plan:
    """Find out which document each file is.

    Args:
        held: The documents of the index.
        found: The files, each once.
        folders: Whole paths of the folders that were searched: what is missing there is gone.
        is_there: Whether there is a file at a path that the index keeps.
    """
    planner = _Planner(held, is_there)
    planner.assign(found)
    return planner.plan(found, folders)


class _Planner:
    def __init__(self, held: Iterable[DocumentInfo], is_there: Callable[[str], bool]) -> None:
        self._is_there = is_there
        self._entries = [Entry(info.source, info.source, [info.path, *info.copies], info.sha256) for info in held]
        self._at_place: dict[str, list[Entry]] = {}
        self._of_content: dict[tuple[str, str], Entry] = {}
        for entry in self._entries:
            for place in entry.paths:
                self._at_place.setdefault(place, []).append(entry)
            self._know_content(entry)
        self._names = {entry.name: entry for entry in self._entries}

    def assign(self, found: Sequence[FoundFile]) -> None:
        """Give each file to its document: first those whose content is known, so that no other takes their place."""
        new = [file for file in found if not self._assign_known(file)]
        for file in new:
            if not self._assign_known(file):
                self._assign_new(file)

    def plan(self, found: Sequence[FoundFile], folders: Sequence[Path]) -> Plan:
        """Settle what becomes of every document, and name those that need a name."""
        old = [entry for entry in self._entries if entry.before and not entry.file]
        superseded = [entry for entry in old if entry.lost and not entry.paths]
        gone = []
        for entry in (entry for entry in old if entry.paths):
            left = [place for place in entry.paths if not self._is_missing(place, entry, folders)]
            if left:
                entry.paths = left
            else:
                gone.append(entry)
        settled = [entry for entry in old if entry not in superseded and entry not in gone]
        for entry in superseded:
            del self._names[entry.name]
        for entry in settled:
            if entry.added and not any(_is_tail(entry.name, place) for place in entry.paths):
                self._rename(entry)
        for entry in self._entries:
            if not entry.before:
                self._rename(entry)
        order = {file.place: number for number, file in enumerate(found)}
        loads = [(order[entry.file.place], entry) for entry in self._entries if entry.file]
        return Plan(settled, superseded, [entry for _, entry in sorted(loads, key=lambda each: each[0])], gone)

    def _assign_known(self, file: FoundFile) -> bool:
        entry = self._known(file)
        if entry is None:
            return False
        self._leave(file.place, but=entry)
        entry.seen.append(file)
        if file.place not in entry.paths:
            entry.paths.append(file.place)
            entry.added.append(file.place)
        return True

    def _known(self, file: FoundFile) -> Entry | None:
        for entry in self._at_place.get(file.place, ()):
            if entry.sha256 == file.sha256:
                return entry
        return None if uploader_of(file.place) else self._of_content.get(_content(file.sha256, file.place))

    def _assign_new(self, file: FoundFile) -> None:
        entry = self._replaced(file)
        self._leave(file.place, but=entry)
        if entry is None:
            entry = Entry("", "", [], "")
            self._entries.append(entry)
        self._of_content.pop(_content(entry.sha256, entry.paths[0]) if entry.paths else ("", ""), None)
        entry.paths, entry.sha256, entry.file, entry.seen = [file.place], file.sha256, file, [file]
        self._know_content(entry)

    def _replaced(self, file: FoundFile) -> Entry | None:
        """The document that a file of new content is another version of."""
        at_place = next(iter(self._at_place.get(file.place, ())), None)
        if at_place is not None:
            others = any(place != file.place and self._is_there(place) for place in at_place.paths)
            return None if others and file.sha256 else at_place
        namesake = self._names.get(readable_name(file.path))
        if namesake is None or namesake.file or namesake.seen or uploader_of(file.place):
            return None
        # Moved and edited at once; where a file still stands in the old place, it is another one of the same name.
        moved = not any(uploader_of(place) or self._is_there(place) for place in namesake.paths)
        return namesake if moved else None

    def _leave(self, place: str, *, but: Entry | None) -> None:
        for entry in self._at_place.get(place, ()):
            if entry is not but and place in entry.paths:
                entry.paths.remove(place)
                entry.lost.append(place)

    def _know_content(self, entry: Entry) -> None:
        if entry.sha256 and entry.paths and not any(map(uploader_of, entry.paths)):
            self._of_content.setdefault(_content(entry.sha256, entry.paths[0]), entry)

    def _is_missing(self, place: str, entry: Entry, folders: Sequence[Path]) -> bool:
        """Whether a place is to be forgotten: those of a document that was moved, and those in a searched folder."""
        if uploader_of(place) or any(file.place == place for file in entry.seen):
            return False
        searched = bool(entry.added) or any(Path(place).is_relative_to(folder) for folder in folders)
        return searched and not self._is_there(place)

    def _rename(self, entry: Entry) -> None:
        self._names.pop(entry.name, None)
        place = entry.paths[0]
        file = next((file for file in entry.seen if file.place == place), None)
        entry.name = next(name for name in _names_of(place, file) if name not in self._names)
        self._names[entry.name] = entry


def _content(sha256: str, place: str) -> tuple[str, str]:
    """What two files have in common that are read the same: bytes and format."""
    return sha256, PurePath(place).suffix.lower()


def _names_of(place: str, file: FoundFile | None) -> Iterator[str]:
    """Names for the document of a file, the best first: shorter tails of its path before longer ones."""
    *folders, own = PurePath(place).parts
    own = readable_name(file.path) if file else own
    folders = [folder for folder in folders if folder != PurePath(place).anchor]
    for n in range(len(folders) + 1):
        yield "/".join([*folders[len(folders) - n :], own])
    number = 2
    while True:
        yield f"{'/'.join([*folders, own])} ({number})"
        number += 1


def _is_tail(name: str, place: str) -> bool:
    return "/".join(PurePath(place).parts).endswith(f"/{name}")
