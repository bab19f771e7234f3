"""The name of an uploaded file -> a name that any file system, list and citation can bear.

A document is told apart by its name, so one that reads like another must be noticed: :func:`alike`.
Knows nothing of files. Does not cover letters of several scripts that look the same.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from rag.text.unicode import whole_text
from ui.text.invisible import seen_name

__all__ = ["alike", "safe_name"]

MAX_NAME_BYTES: Final = 200  # file systems end at 255 bytes; a writer may add an ending of its own
_RESERVED: Final = frozenset(
    ["CON", "PRN", "AUX", "NUL", *(f"COM{n}" for n in "123456789"), *(f"LPT{n}" for n in "123456789")]
)
_NOT_IN_NAMES: Final = re.compile(r'[<>:"|?*]')  # Windows has no such names


def safe_name(name: str) -> str:
    r"""Make a file name safe; empty where nothing usable is left, or the file is a hidden one.

    Only what stands behind the last slash counts, of either kind. Characters that are not seen go.

    >>> safe_name("../../etc/报告\u202e.txt"), safe_name("C:\\x\\CON.txt"), safe_name(".bashrc")
    ('报告.txt', '_CON.txt', '')
    """
    seen = seen_name(unicodedata.normalize("NFC", whole_text(name)))
    plain = _NOT_IN_NAMES.sub("_", " ".join(seen.split())).rstrip(". ")
    if not plain or plain.startswith("."):
        return ""
    if plain.partition(".")[0].strip().upper() in _RESERVED:
        plain = f"_{plain}"
    return _shortened(plain)


def alike(name: str) -> str:
    """What two names have in common that people, or a file system, could take for each other.

    >>> alike("Ｒeport.TXT") == alike("report.txt")
    True
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def _shortened(name: str) -> str:
    """Cut the middle part of a name that is too long, never a character in two, and keep what tells its kind."""
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix) > 10:
        stem, dot, suffix = name, "", ""
    room = MAX_NAME_BYTES - len(f"{dot}{suffix}".encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(". ") + dot + suffix
