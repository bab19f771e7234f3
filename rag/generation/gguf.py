"""Reads single facts from the head of a GGUF file, without any model library.

Layout: ``GGUF``, uint32 version, uint64 tensors, uint64 facts; then per fact a key, a type and a value. A text is
a uint64 length and UTF-8 bytes, a list its item type, a uint64 length and the items.
"""

import mmap
import re
import struct
from collections.abc import Callable
from pathlib import Path

from rag.errors import ModelCorruptError

__all__ = ["architecture", "context_tokens"]

_UINT32, _UINT64, _TEXT, _LIST = 4, 10, 8, 9
_CONTEXT = re.compile(r".+\.context_length")
_ARCHITECTURE = re.compile(r"general\.architecture")
_N_BYTES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}


def context_tokens(path: Path) -> int:
    """Longest context that the model was made for; 0 where the file does not tell.

    Raises:
        ModelCorruptError: The file is no GGUF file.
    """
    return int(_read_fact(path, _CONTEXT) or 0)


def architecture(path: Path) -> str:
    """Name of the model's architecture, such as ``qwen2``; empty where the file does not tell.

    Raises:
        ModelCorruptError: The file is no GGUF file.
    """
    return str(_read_fact(path, _ARCHITECTURE) or "")


def _read_fact(path: Path, key: re.Pattern[str]) -> int | str | None:
    """The first text or count under a key; None where there is none."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as head:
            return _find_fact(head, key)
    except (struct.error, ValueError, KeyError, UnicodeDecodeError) as error:
        raise ModelCorruptError(
            f"{path} is not a GGUF file, or it is damaged ({error}). Fetch it anew, or correct the setting generator."
        ) from error


def _find_fact(head: mmap.mmap, wanted: re.Pattern[str]) -> int | str | None:
    magic, _, _, n_facts = struct.unpack_from("<4sIQQ", head)
    if magic != b"GGUF":
        raise ValueError(f"it begins with {magic!r}")
    offset = 24
    for _ in range(n_facts):
        key, offset = _text(head, offset)
        (kind,) = struct.unpack_from("<I", head, offset)
        offset += 4
        if wanted.fullmatch(key) and kind in _READ:
            return _READ[kind](head, offset)
        offset = _behind_value(head, offset, kind)
    return None


def _text(head: mmap.mmap, offset: int) -> tuple[str, int]:
    (n_bytes,) = struct.unpack_from("<Q", head, offset)
    end = offset + 8 + n_bytes
    return head[offset + 8 : end].decode("utf-8"), end


def _behind_value(head: mmap.mmap, offset: int, kind: int) -> int:
    if kind == _TEXT:
        return offset + 8 + int(struct.unpack_from("<Q", head, offset)[0])
    if kind == _LIST:
        item_kind, n_items = struct.unpack_from("<IQ", head, offset)
        offset += 12
        if item_kind in _N_BYTES:
            return offset + _N_BYTES[item_kind] * int(n_items)
        for _ in range(n_items):
            offset = _behind_value(head, offset, item_kind)
        return offset
    return offset + _N_BYTES[kind]


_READ: dict[int, Callable[[mmap.mmap, int], int | str]] = {
    _UINT32: lambda head, offset: int(struct.unpack_from("<I", head, offset)[0]),
    _UINT64: lambda head, offset: int(struct.unpack_from("<Q", head, offset)[0]),
    _TEXT: lambda head, offset: _text(head, offset)[0],
}
