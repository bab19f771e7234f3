"""What ``youju index`` prints: what became of each document, and every file that became none, with the reason."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rag.index.ingest import IndexReport

__all__ = ["print_report"]

MOST_LISTED: Final = 100


def print_report(report: IndexReport, index: Path, folders: Sequence[Path]) -> None:
    """Print counts to stdout, and to stderr what needs a look.

    Args:
        report: What became of each document and file.
        index: Where the index is.
        folders: The folders that were named.
    """
    counts = [f"{len(report.added)} added, {len(report.replaced)} replaced, {len(report.unchanged)} unchanged"]
    further = (("moved", report.moved), ("copies", report.copies), ("removed", report.removed))
    counts += [f"{len(names)} {what}" for what, names in further if names]
    print(f"{', '.join(counts)}; {report.n_passages} passages in {index}")
    _print_lines(f"moved: {before} is now {name}" for name, before in report.moved.items() if name != before)
    _print_lines(f"the same content: {path} as {name}" for path, name in report.copies.items())
    _print_lines(f"removed: {name}" for name in report.removed)
    _print_lines(f"note: {path}: {' '.join(notes)}" for path, notes in report.notes.items())
    _print_lines(f"not indexed: {path}: {reason}" for path, reason in [*report.failed.items(), *report.unread.items()])
    if n_left_out := len(report.failed) + len(report.unread):
        print(
            f"{_count(n_left_out, 'file')} not indexed: {len(report.failed):,} failed, "
            f"{len(report.unread):,} of no known kind",
            file=sys.stderr,
        )
    if report.gone:
        _print_lines(f"no longer there: {path} ({name})" for name, path in report.gone.items())
        command = shlex.join(["youju", "index", "--prune", *map(str, folders)])
        print(
            f"{_count(len(report.gone), 'document')} of files that are no longer there; to take out: {command}",
            file=sys.stderr,
        )


def _print_lines(lines: Iterable[str]) -> None:
    """Print the first lines to stderr, and how many more there are."""
    told = list(lines)
    for line in told[:MOST_LISTED]:
        print(line, file=sys.stderr)
    if len(told) > MOST_LISTED:
        print(f"{told[0].partition(':')[0]}: {len(told) - MOST_LISTED:,} more", file=sys.stderr)


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"
