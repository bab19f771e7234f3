"""Opens the store that the settings name: the only place that knows which ones there are."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Final

from rag.config import Config
from rag.index.protocols import IndexBackend, IndexWriter, OpenedIndex, PassageStore
from rag.plugins import load_plugin

__all__ = ["BACKENDS", "index_backend", "open_index", "open_store", "write_index"]

GROUP: Final = "youju.index_backends"
BACKENDS: Final = {
    "memory": "rag.index.memory:MemoryBackend",
    "sqlite": "rag.index.sqlite.backend:SQLiteBackend",
}


def index_backend(config: Config) -> IndexBackend:
    """The store that ``config.index_backend`` names.

    Raises:
        ConfigError: There is none of that name, or a package that it needs is not installed.
    """
    backend: IndexBackend = load_plugin(GROUP, BACKENDS, config.index_backend, setting="index_backend")()
    return backend


def open_index(config: Config) -> OpenedIndex:
    """The present state of the index, to be searched. Errors as of ``IndexBackend.open``."""
    return index_backend(config).open(config)


def open_store(config: Config) -> PassageStore:
    """What the index holds, to be read. Errors as of ``IndexBackend.open_store``."""
    return index_backend(config).open_store(config)


def write_index(config: Config, *, create: bool = False, rebuild: bool = False) -> AbstractContextManager[IndexWriter]:
    """Change the index. Arguments and errors as of ``IndexBackend.write``."""
    return index_backend(config).write(config, create=create, rebuild=rebuild)
