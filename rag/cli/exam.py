"""What ``youju exam`` does with its arguments: make an exam of documents, ask it, show the sheet, set the limit."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from rag.cli.arguments import config_of, name_server, pipeline_of
from rag.cli.commands import INTERRUPTED, SOME_FAILED
from rag.cli.output import pretty, write_whole
from rag.errors import DocumentError
from rag.progress import TerminalProgress
from rag.schema.messages import Mode

if TYPE_CHECKING:
    from rag.evaluation.exam.sheet import Sheet
    from rag.evaluation.exam.sitting import Sat

__all__ = ["apply_limit", "exam"]


def exam(arguments: argparse.Namespace) -> int:
    """Make, ask and judge an exam."""
    from rag.evaluation.exam.sheet import Sheet
    from rag.evaluation.exam.sitting import exam_of_index, sit_exam

    _check(arguments)
    with _index_of(arguments), TerminalProgress() as progress:
        pipeline = pipeline_of(arguments)
        questions = exam_of_index(pipeline.config, n_questions=arguments.questions, seed=arguments.seed)
        name_server(pipeline.config, arguments.mode)
        pipeline.warm_up(arguments.mode)
        pipeline.heeds_limit = False  # what is measured is what a limit is chosen by
        results: list[Sat] = []
        with suppress(KeyboardInterrupt):  # what was asked until then makes a sheet too
            sit_exam(pipeline, questions, mode=arguments.mode, progress=progress, on_result=results.append)
    return _report(arguments, Sheet(tuple(results)), n_questions=len(questions))


def _report(arguments: argparse.Namespace, sheet: Sheet, *, n_questions: int) -> int:
    """Write and print the sheet, set the limit where that was asked for, and tell the exit code."""
    interrupted = len(sheet.results) < n_questions
    # Files first: a second Ctrl-C while the sheet is printed loses nothing.
    if arguments.json:
        write_whole(arguments.json, pretty(sheet.to_dict()))
    if arguments.csv:
        write_whole(arguments.csv, "\ufeff" + sheet.csv())  # spreadsheets read UTF-8 only if it begins with this mark
    if sheet.results:
        print(sheet.table())
    if arguments.show:
        print(f"\n{sheet.wrong()}")
    if interrupted:
        print(f"\nyouju: interrupted after {len(sheet.results)} of {n_questions} questions.", file=sys.stderr)
        return INTERRUPTED
    if arguments.apply:
        apply_limit(config_of(arguments).index, arguments.mode, sheet)
    return SOME_FAILED if sheet.n_errors else 0


def _check(arguments: argparse.Namespace) -> None:
    """Tell before the work, not after it, what cannot be done."""
    if arguments.paths and arguments.index_folder:
        arguments.usage_error("name files and folders, or an index with --index, not both")
    if arguments.paths and arguments.apply:
        arguments.usage_error("--apply sets the limit of an index; index the files first: youju index PATH")
    outputs = [file for file in (arguments.json, arguments.csv) if file]
    if len({file.resolve() for file in outputs}) < len(outputs):
        arguments.usage_error("--json and --csv each need a file of their own")
    for file in outputs:
        write_whole(file, None)


def apply_limit(folder: Path, mode: Mode, sheet: Sheet) -> None:
    """Set the limit of an index, take an older one away where none is needed, or leave it where none was found."""
    from rag.index.least_confidence import FILE, store_limit

    limit = sheet.stored()
    if limit is None:
        print("The limit of this index was left as it is.", file=sys.stderr)
    elif limit.least_confidence == 0.0:
        store_limit(folder, mode, None)
        print(f"This index refuses no answer for its confidence ({mode}).")
    else:
        store_limit(folder, mode, limit)
        print(
            f"From now on this index refuses below {limit.least_confidence:.3f} ({mode}); "
            f"to undo it, remove {folder / FILE}"
        )


@contextmanager
def _index_of(arguments: argparse.Namespace) -> Iterator[None]:
    """The index that is examined: the one named, or one made of the files for the time of the exam."""
    if not arguments.paths:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="youju-exam-") as folder:
        arguments.index_folder = Path(folder)
        _index_files(arguments)
        yield


def _index_files(arguments: argparse.Namespace) -> None:
    from rag.index.ingest import index_paths

    encoder = arguments.models.encoder() if arguments.models.encoder else None
    with TerminalProgress() as progress:
        report = index_paths(config_of(arguments), arguments.paths, encoder=encoder, progress=progress)
    for path, reason in report.failed.items():
        print(f"not indexed: {path}: {reason}", file=sys.stderr)
    if not report.added:
        raise DocumentError("None of the files can be indexed, so there is nothing to ask. Name other files.")
