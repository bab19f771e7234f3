"""Modules that another package would bring, and its entry points, as if it were installed."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from rag.documents.load import known_suffixes

__all__ = ["installed"]


@contextmanager
def installed(folder: Path, modules: Mapping[str, str], entries: Mapping[str, Mapping[str, str]]) -> Iterator[None]:
    """Put modules into a folder of the import path and name their entry points.

    Args:
        folder: Where the modules go.
        modules: Module name -> code.
        entries: Group -> name -> ``module:attribute [extra]``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, code in modules.items():
        (folder / f"{name}.py").write_text(code, encoding="utf-8")
    found = EntryPoints(
        EntryPoint(name, value, group) for group, named in entries.items() for name, value in named.items()
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        patch.setattr("rag.plugins.entry_points", found.select)
        known_suffixes.cache_clear()
        try:
            yield
        finally:
            known_suffixes.cache_clear()
            for name in modules:
                sys.modules.pop(name, None)
