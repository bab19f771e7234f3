"""What each command does with its arguments; prints results to stdout, everything else to stderr."""

from __future__ import annotations

import argparse
import importlib
import runpy
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rag.cli import documents as command_documents
from rag.cli.arguments import config_of, name_server, pipeline_of, scope_of
from rag.cli.index_report import print_report
from rag.cli.output import json_line, write_whole
from rag.cli.watch import watch
from rag.errors import DocumentError
from rag.progress import TerminalProgress
from rag.sample import sample_folder
from rag.schema.answers import Answer, Delta
from rag.schema.search import Hit, Retrieved

if TYPE_CHECKING:
    from rag.config import Config
    from rag.encoders import Encoder

__all__ = [
    "ask",
    "batch",
    "chat",
    "feedback_export",
    "index",
    "models_list",
    "models_pull",
    "models_verify",
    "search",
    "users",
]

SOME_FAILED = 10
INTERRUPTED = 130


def models_pull(arguments: argparse.Namespace) -> int:
    """Fetch models, check them, and convert what starts faster converted."""
    from rag.config import load_config
    from rag.encoders import convert_encoder
    from rag.generation import convert_generator
    from rag.models import pull_models

    config, names = load_config(), arguments.names
    with TerminalProgress() as progress:
        pull_models(config, names or None, progress=progress)
        if not names or config.encoder in names:
            convert_encoder(config, progress=progress)
        if not names or config.generator in names:
            convert_generator(config, progress=progress)
    return 0


def models_list(arguments: argparse.Namespace) -> int:  # noqa: ARG001 - every command takes them
    """Print each model with its state."""
    from rag.config import load_config
    from rag.models import list_models

    for status in list_models(load_config()):
        print(status)
    return 0


def models_verify(arguments: argparse.Namespace) -> int:  # noqa: ARG001
    """Hash the installed models again."""
    from rag.config import load_config
    from rag.models import verify_models

    with TerminalProgress() as progress:
        statuses = verify_models(load_config(), progress=progress)
    n_ready = sum(status.state == "ready" for status in statuses)
    print(f"{n_ready} of {len(statuses)} models are installed; what is installed matches the lock file.")
    return 0


def index(arguments: argparse.Namespace) -> int:
    """Add, rebuild, remove or list."""
    from rag.encoders import load_encoder

    config = config_of(arguments)
    paths = [*arguments.paths, sample_folder()] if arguments.sample else arguments.paths
    if paths and (arguments.list or arguments.remove):
        arguments.usage_error("--list and --remove take no path; name what to index in a command of its own")
    if arguments.list:
        return command_documents.listing(arguments)
    if arguments.remove:
        return command_documents.remove(arguments)
    if not paths and (arguments.prune or not arguments.rebuild):
        arguments.usage_error("name the files or folders to index, or try the sample: youju index --sample")
    if arguments.watch and (arguments.rebuild or not paths):
        arguments.usage_error("--watch needs files or folders, and makes nothing anew")
    encoder = arguments.models.encoder() if arguments.models.encoder else None
    if not arguments.watch:
        return _index_once(arguments, config, paths, encoder)
    return watch(partial(_index_once, arguments, config, paths, encoder or load_encoder(config)), paths)


def _index_once(arguments: argparse.Namespace, config: Config, paths: Sequence[Path], encoder: Encoder | None) -> int:
    from rag.index.ingest import index_paths

    with TerminalProgress() as progress:
        report = index_paths(
            config, paths, rebuild=arguments.rebuild, prune=arguments.prune, encoder=encoder, progress=progress
        )
    print_report(report, config.index, [path for path in paths if path.is_dir()])
    if report.failed and not (report.added or report.replaced or report.unchanged):
        return DocumentError.exit_code
    return SOME_FAILED if report.failed or (arguments.strict and report.unread) else 0


def search(arguments: argparse.Namespace) -> int:
    """Print hits with the rank and score of each ranker, and their place in the document."""
    pipeline = pipeline_of(arguments)
    hits = pipeline.search(arguments.question, scope=scope_of(arguments), top_k=arguments.top_k)
    for hit in hits:
        print(_describe(hit))
    if not hits:
        print("Nothing was found.", file=sys.stderr)
    return 0


def ask(arguments: argparse.Namespace) -> int:
    """Answer one question; with --explain tell everything that was done for it."""
    from rag.trace.collect import Trace, trace_events
    from rag.trace.record import trace_record
    from rag.trace.text import trace_text

    pipeline = pipeline_of(arguments)
    name_server(pipeline.config, arguments.mode)
    started = time.perf_counter()
    answer: Answer | None = None
    traced: Trace | None = None
    n_chars = 0
    asked = partial(trace_events, pipeline) if arguments.explain else pipeline.stream
    for event in asked(arguments.question, scope=scope_of(arguments), mode=arguments.mode):
        if isinstance(event, Retrieved):
            _status(f"{len(event.evidence)} sentences found, reading ...")
        elif isinstance(event, Delta):
            n_chars += len(event.text)
            _status(f"writing, {n_chars} characters, {time.perf_counter() - started:.0f} s ...")
        elif isinstance(event, Answer):
            answer = event
        elif isinstance(event, Trace):
            traced = event
    _status("")
    if traced is not None:
        print(json_line(trace_record(traced)) if arguments.json else trace_text(traced))
    elif answer is not None:
        print(json_line(answer.to_dict()) if arguments.json else answer)
    return 0


def batch(arguments: argparse.Namespace) -> int:
    """Answer a question set."""
    from rag.batch.question_file import read_questions
    from rag.batch.run import read_answers, run_batch
    from rag.batch.workbook import write_xlsx

    questions = read_questions(arguments.questions)
    if arguments.xlsx:
        if arguments.xlsx.resolve() in (arguments.questions.resolve(), arguments.out.resolve()):
            arguments.usage_error("--xlsx needs a file of its own, neither the questions nor the answers")
        write_whole(arguments.xlsx, None)  # told before the work, not after it
    pipeline = pipeline_of(arguments)
    name_server(pipeline.config, arguments.mode)
    pipeline.warm_up(arguments.mode)  # a model that is not there is one error, and not one for each question
    with TerminalProgress() as progress:
        summary = run_batch(
            pipeline,
            questions,
            arguments.out,
            progress=progress,
            retry_errors=arguments.retry_errors,
            mode=arguments.mode,
        )
    print(summary)
    if arguments.xlsx:
        write_xlsx(arguments.xlsx, read_answers(arguments.out))
        print(f"The same as a workbook: {arguments.xlsx}")
    if summary.interrupted:
        return INTERRUPTED
    return SOME_FAILED if summary.n_errors else 0


def chat(arguments: argparse.Namespace, rest: Sequence[str] = ()) -> int:  # noqa: ARG001
    """Run the page: ``python -m ui`` with the same arguments."""
    return _run_module("ui", ["youju chat", *rest])


def users(arguments: argparse.Namespace, rest: Sequence[str] = ()) -> int:  # noqa: ARG001
    """Change the password file: ``python -m ui.users_command`` with the same arguments."""
    return _run_module("ui.users_command", ["youju users", *rest])


def _run_module(name: str, argv: list[str]) -> int:
    """Run what stands below this package and must not be imported by it; ends the process with its exit code."""
    sys.argv = argv
    runpy.run_module(name, run_name="__main__", alter_sys=False)
    return 0


def feedback_export(arguments: argparse.Namespace) -> int:
    """Write what users said of answers."""
    kind = arguments.format or ("csv" if arguments.out and arguments.out.suffix.lower() == ".csv" else "jsonl")
    from rag.config import load_config

    # By name and when asked alone, as with chat: what the page keeps is the page's, and rag does not stand on it.
    feedback = importlib.import_module("ui.conversations.feedback")
    text, n_ratings = feedback.feedback_text(load_config(), kind, json_line=None if arguments.out else json_line)
    if arguments.out:
        # Spreadsheets read a csv file as UTF-8 only if it begins with this mark.
        write_whole(arguments.out, "\ufeff" * (kind == "csv") + text)
    print(f"{n_ratings} ratings in {arguments.out}\n" if arguments.out else text, end="")
    if not n_ratings:
        print("No answer has been rated yet; users rate them on the chat page: youju chat", file=sys.stderr)
    return 0


def _describe(hit: Hit) -> str:
    passage = hit.passage
    dense = f"dense #{hit.dense_rank} {hit.dense_score:.3f}" if hit.dense_rank else "dense -"
    lexical = f"lexical #{hit.lexical_rank} {hit.lexical_score:.2f}" if hit.lexical_rank else "lexical -"
    place = " > ".join((passage.title or passage.source, *passage.heading))
    return (
        f"{hit.rank:>2}. {hit.score:.4f}  {dense}  {lexical}\n"
        f"    {passage.source} {passage.start}-{passage.end}  {place}\n    {' '.join(passage.text.split())}"
    )


def _status(text: str) -> None:
    """Show a passing line on a terminal; nothing elsewhere."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
