"""Writes docs/licences.md: the licence of every library and model that youju declares or brings along.

Reads pyproject.toml, models.txt and the metadata of what is installed here; asks no network. A library whose
metadata tells no licence is listed in ``LOOKED_UP``, with where its licence was read.

    python tools/licences.py            write the list
    python tools/licences.py --check    say whether every declared library is on it
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "docs" / "licences.md"
LONGEST = 60  # characters; a longer "licence" is the whole text of one

# Told by the file LICENSE of the package, and not by its metadata.
LOOKED_UP = {"axe-playwright-python": "MIT; the axe-core in it MPL-2.0"}
# Names of classifiers and fields -> SPDX, where they say the same in other words.
SPDX = {
    "Apache 2.0": "Apache-2.0",
    "Apache 2.0 License": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache License Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "Apache": "Apache-2.0",
    "BSD License": "BSD",
    "BSD 3-Clause": "BSD-3-Clause",
    "BSD-3": "BSD-3-Clause",
    "3-Clause BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "The MIT License (MIT)": "MIT",
    "MIT license": "MIT",
    "ISC License": "ISC",
    "OSI Approved :: Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}

HEAD = """# Licences

Written by `python tools/licences.py` from the metadata of the installed libraries; a test holds it against
`pyproject.toml`. youju itself is Apache-2.0 ([LICENSE](../LICENSE)).

## Models and data

| what | licence | from |
|---|---|---|
"""
SHIPPED = (
    ("weights of the reader", "CC BY-SA 4.0", "trained here, on what their model card lists"),
    ("sample documents, `seeds/`", "public documents", "web sites of Chinese government bodies"),
)


@dataclass(frozen=True, slots=True, order=True)
class Library:
    """A library that some part of youju needs.

    Attributes:
        name: Its normalised name.
        wanted_by: The extra that declares it, "" for youju itself; or what brings it along.
        extras: Its extras that are wanted.
    """

    name: str
    wanted_by: str
    extras: tuple[str, ...] = ()


def declared_libraries() -> list[Library]:
    """What pyproject.toml names, each once: for youju itself, else for the first extra that does."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups: dict[str, list[str]] = {"": project["dependencies"], **project.get("optional-dependencies", {})}
    found: dict[str, Library] = {}
    for extra, needs in groups.items():
        for need in map(Requirement, needs):
            name = canonicalize_name(need.name)
            if name != project["name"]:
                found.setdefault(name, Library(name, extra, tuple(sorted(need.extras))))
    return sorted(found.values())


def brought_along(declared: Iterable[Library]) -> list[Library]:
    """What the declared libraries need in turn, as installed here; of ``dev`` nothing, since it is not shipped."""
    known = {library.name for library in declared}
    waiting = [library for library in declared if library.wanted_by != "dev"]
    found: list[Library] = []
    while waiting:
        library = waiting.pop()
        for need in _needs(library):
            waiting.extend([need] if need.extras or need.name not in known else [])
            found.extend([need] if need.name not in known else [])
            known.add(need.name)
    return sorted(found)


def licence_of(name: str) -> str:
    """The licence that a library's metadata tell, as SPDX writes it where that is known.

    Raises:
        SystemExit: The library is not installed, or tells none.
    """
    try:
        metadata = distribution(name).metadata
    except PackageNotFoundError as error:
        raise SystemExit(f"{name} is not installed. Install everything first: pip install -e '.[dev]'") from error
    if expression := metadata["License-Expression"]:
        return str(expression)
    classifiers = [text.rsplit(" :: ", 1)[-1] for text in metadata.get_all("Classifier") or () if "License ::" in text]
    for told in [metadata["License"] or "", *classifiers]:
        plain = " ".join(told.split())
        licence = SPDX.get(plain, plain)
        if licence and len(licence) <= LONGEST:
            return licence
    if name in LOOKED_UP:
        return LOOKED_UP[name]
    raise SystemExit(f"{name} tells no licence. Read it in the package, and put it into LOOKED_UP.")


def the_list() -> str:
    """The whole of docs/licences.md."""
    declared = declared_libraries()
    models = [(f"`{name}`", licence, source) for name, licence, source in _models()]
    text = HEAD + "".join(f"| {what} | {licence} | {source} |\n" for what, licence, source in (*models, *SHIPPED))
    text += "\n## Libraries that youju declares\n\n| library | licence | for |\n|---|---|---|\n"
    for library in sorted(declared, key=lambda each: (each.wanted_by == "dev", each.name)):
        text += f"| {library.name} | {licence_of(library.name)} | {library.wanted_by or 'youju'} |\n"
    text += "\n## Libraries that come along\n\n| library | licence | with |\n|---|---|---|\n"
    for library in brought_along(declared):
        text += f"| {library.name} | {licence_of(library.name)} | {library.wanted_by} |\n"
    return text


def main() -> int:
    """Write the list, or check it.

    Returns:
        The exit code: 1 where something declared is missing from the list.
    """
    parser = argparse.ArgumentParser(description="The licences of libraries and models, in one list.")
    parser.add_argument("--check", action="store_true", help="change nothing; fail where a library is missing")
    if not parser.parse_args().check:
        LIST.write_text(the_list(), encoding="utf-8", newline="\n")
        return 0
    listed = set(re.findall(r"^\| ([\w.-]+) \|", LIST.read_text(encoding="utf-8"), re.MULTILINE))
    missing = [library.name for library in declared_libraries() if library.name not in listed]
    if missing:
        sys.stderr.write(f"{LIST.name} lacks {', '.join(missing)}. Write it anew: make licences\n")
    return 1 if missing else 0


def _needs(library: Library) -> list[Library]:
    """What an installed library needs here."""
    needs = [Requirement(text) for text in distribution(library.name).requires or ()]
    return [
        Library(canonicalize_name(need.name), library.name, tuple(sorted(need.extras)))
        for need in needs
        if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in ("", *library.extras))
        if _is_installed(need.name)
    ]


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:  # of another system, or dropped by a build that lacks it
        return False
    return True


def _models() -> list[tuple[str, str, str]]:
    """Name, licence and publisher of each model of the lock."""
    lock = (ROOT / "models.txt").read_text(encoding="utf-8")
    found = re.findall(r"^#: model (\S+)$.*?^#: licence (.+?)$.*?^#: upstream (.+?)$", lock, re.MULTILINE | re.DOTALL)
    return [(name, licence, source) for name, licence, source in found]


if __name__ == "__main__":
    sys.exit(main())
