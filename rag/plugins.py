"""What is named in settings and registered by name: built in, or by another package's entry points.

A name stands for ``"module:attribute"``, written as an entry point is, with the extra that brings what it imports in
brackets: ``"rag.index.milvus:MilvusBackend [milvus]"``. Nothing is imported before it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from rag.errors import ConfigError

__all__ = ["load_plugin", "plugin_names"]


def plugin_names(group: str, built_in: Mapping[str, str]) -> list[str]:
    """All names that are registered, sorted."""
    return sorted({*built_in, *entry_points(group=group).names})


def load_plugin(group: str, built_in: Mapping[str, str], name: str, *, setting: str, also: Sequence[str] = ()) -> Any:  # noqa: ANN401 - whatever the group names
    """Import what a name stands for; a built-in one comes before another package's.

    Args:
        group: Group of entry points.
        built_in: What comes with youju: name -> ``"module:attribute [extra]"``.
        name: What is wanted.
        setting: What to call it in a message.
        also: Further values that the setting may have, for a message.

    Raises:
        ConfigError: Nothing has that name, a package that it needs is not installed, or it is not where it is said.
    """
    named = (
        [EntryPoint(name, built_in[name], group)] if name in built_in else list(entry_points(group=group, name=name))
    )
    if not named:
        known = ", ".join([*also, *plugin_names(group, built_in)])
        raise ConfigError(f"{setting} is {name!r}; expected one of {known}.")
    entry = named[0]
    try:
        return entry.load()
    except ModuleNotFoundError as error:
        package = entry.dist.name if entry.dist else f"youju[{','.join(entry.extras)}]" if entry.extras else error.name
        raise ConfigError(
            f"{setting} {name!r} needs the package {error.name!r}, which is not installed. "
            f"Install it: pip install '{package}'"
        ) from error
    except (ImportError, AttributeError) as error:
        owner = f" of the package {entry.dist.name}" if entry.dist else ""
        raise ConfigError(
            f"{setting} {name!r}{owner} cannot be loaded: {error}. Install what it needs, or name another one."
        ) from error
