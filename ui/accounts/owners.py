"""The folder of an owner: what the page keeps of each user lies apart. Knows nothing of requests or files."""

from __future__ import annotations

import hashlib

__all__ = ["owner_folder"]


def owner_folder(owner: str, *, n_chars: int = 64) -> str:
    """The folder name of a user: says nothing of the user's name, and is a valid one whatever that is.

    Args:
        owner: The user's name.
        n_chars: How much of the hash: documents have all of it, batches 32, as workspaces have had since youju 0.1.
    """
    return hashlib.sha256(owner.encode("utf-8", "surrogatepass")).hexdigest()[:n_chars]
