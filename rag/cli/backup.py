"""What ``youju backup`` and ``youju restore`` do with their arguments."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rag.cli.arguments import config_of, index_option

if TYPE_CHECKING:
    from rag.backup.contents import Entry

__all__ = ["add_parsers", "backup", "restore"]


def add_parsers(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the two commands."""
    save = parsers.add_parser(
        "backup",
        help="write the index and what the page keeps to one zip file, also while the page is served",
        description="Writes the index and what the page keeps (conversations, feedback, batches, password file) to one "
        "zip file, each database as it is at one moment, also while the page is served. It is not encrypted. Settings "
        "and models are not in it, nor a password file that lies elsewhere.",
    )
    save.set_defaults(run=backup)
    back = parsers.add_parser(
        "restore",
        help="put a backup in place, where there is no index and nothing of the page yet",
        description="Checks every name, size and digest of a backup, then puts the index and what the page keeps in "
        "place. Nothing that is there is replaced.",
    )
    back.set_defaults(run=restore)
    for parser in (save, back):
        parser.add_argument("file", type=Path, metavar="FILE.zip")
        index_option(parser)


def backup(arguments: argparse.Namespace) -> int:
    """Write index and workspace to a file."""
    from rag.backup.save import save_backup

    print(f"{_told(save_backup(config_of(arguments), arguments.file))} in {arguments.file}")
    return 0


def restore(arguments: argparse.Namespace) -> int:
    """Put a backup in place."""
    from rag.backup.restore import restore_backup

    config = config_of(arguments)
    print(f"{_told(restore_backup(config, arguments.file))} in {config.index} and {config.workspace}")
    return 0


def _told(entries: Sequence[Entry]) -> str:
    return f"{len(entries):,} files, {sum(entry.size for entry in entries):,} bytes"
