"""What every store refuses, in the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rag.errors import DocumentNotFoundError, IndexMismatchError, IndexMissingError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rag.index.protocols import IndexFacts

__all__ = ["check_facts", "missing", "unknown_document"]

MOST_NAMES: Final = 8  # in a message


def missing(folder: Path) -> IndexMissingError:
    """The error for an index that is not there."""
    return IndexMissingError(f"There is no index in {folder}. Make one: youju index PATH")


def unknown_document(source: str, known: Sequence[str]) -> DocumentNotFoundError:
    """The error for a document that an index does not hold; names the others where they are few."""
    holds = ", ".join(known) or "none"
    if len(known) > MOST_NAMES:
        holds = f"{len(known):,} documents; to list them: youju index --list"
    return DocumentNotFoundError(f"The index holds no document '{source}'. It holds: {holds}.")


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
