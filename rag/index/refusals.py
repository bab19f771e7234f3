"""What every store refuses, in the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.errors import IndexMismatchError, IndexMissingError

if TYPE_CHECKING:
    from pathlib import Path

    from rag.index.protocols import IndexFacts

__all__ = ["check_facts", "missing"]


def missing(folder: Path) -> IndexMissingError:
    """The error for an index that is not there."""
    return IndexMissingError(f"There is no index in {folder}. Make one: youju index PATH, or youju index --sample")


def check_facts(found: IndexFacts, wanted: IndexFacts) -> None:
    """Refuse to work with another encoder or other passages than an index was built with.

    Raises:
        IndexMismatchError: The index was built with something else.
    """
    if (found.encoder, found.dim) != (wanted.encoder, wanted.dim):
        named = f"'{wanted.encoder}'" + (f" ({wanted.dim} dims)" if wanted.dim != found.dim else "")
        raise IndexMismatchError(
            f"Index was built with '{found.encoder}' ({found.dim} dims); the config names {named}. "
            "Rebuild it: youju index --rebuild"
        )
    if found.chunking != wanted.chunking:
        raise IndexMismatchError(
            f"Index was built with the chunking '{found.chunking}'; the config asks for '{wanted.chunking}'. "
            "Rebuild it: youju index --rebuild"
        )
