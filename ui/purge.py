"""Delete all that the page keeps of a user: conversations with their feedback, batches, documents that they added.

Knows nothing of passwords. What was exported before stays exported.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.errors import IndexMissingError
from rag.index.ingest import remove_sources
from rag.index.opening import open_store
from rag.index.plan import UPLOADS, uploader_of
from ui.accounts.owners import owner_folder
from ui.batch.store import JobStore
from ui.conversations.history import FILE_NAME, History

if TYPE_CHECKING:
    from rag.config import Config

__all__ = ["Purged", "purge_user"]


@dataclass(frozen=True, slots=True)
class Purged:
    """How much there was.

    Attributes:
        n_conversations: Conversations.
        n_batches: Batches.
        sources: Documents that were taken out of the index.
    """

    n_conversations: int
    n_batches: int
    sources: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether there was anything."""
        return bool(self.n_conversations or self.n_batches or self.sources)


def purge_user(config: Config, owner: str) -> Purged:
    """Delete what is kept of a user; done again it deletes what the first time left.

    Raises:
        RagError: The index is being written, or something cannot be written; what was deleted before stays deleted.
    """
    sources = tuple(info for info in _uploaded(config, owner))
    if sources:
        remove_sources(config, sources)
    shutil.rmtree(config.workspace / UPLOADS / owner_folder(owner), ignore_errors=True)
    n_batches = JobStore(config.workspace).delete_all(owner)
    n_conversations = 0
    if (config.workspace / FILE_NAME).is_file():
        with closing(History(config.workspace, create=False)) as history:
            n_conversations = history.delete_all(owner)
    return Purged(n_conversations, n_batches, sources)


def _uploaded(config: Config, owner: str) -> list[str]:
    try:
        with closing(open_store(config)) as store:
            return [info.source for info in store.documents() if uploader_of(info.path) == owner_folder(owner)]
    except IndexMissingError:
        return []
