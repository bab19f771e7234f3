"""What each command does with its arguments; prints results to stdout, everything else to stderr."""

from __future__ import annotations

import argparse
import errno
import json
import os
import runpy
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rag.config import load_config
from rag.errors import BatchError, DocumentError, IndexMissingError
from rag.progress import TerminalProgress
from rag.schema import Answer, Delta, Hit, Retrieved, Scope

if TYPE_CHECKING:
    from rag.config import Config
    from rag.pipeline import Pipeline

__all__ = ["ask", "batch", "chat", "evaluate", "index", "models_list", "models_pull", "models_verify", "search"]

SOME_FAILED = 10
INTERRUPTED = 130


def models_pull(arguments: argparse.Namespace) -> int:
    """Fetch models, check them, and convert what starts faster converted."""
    from rag.embed import convert_encoder
    from rag.generate import convert_generator
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
    from rag.models import list_models

    for status in list_models(load_config()):
        print(status)
    return 0


def models_verify(arguments: argparse.Namespace) -> int:  # noqa: ARG001
    """Hash the installed models again."""
    from rag.models import verify_models

    with TerminalProgress() as progress:
        statuses = verify_models(load_config(), progress=progress)
    n_ready = sum(status.state == "ready" for status in statuses)
    print(f"{n_ready} of {len(statuses)} models are installed; what is installed matches the lock file.")
    return 0


def index(arguments: argparse.Namespace) -> int:
    """Add, rebuild, remove or list."""
    from rag.ingest import index_paths, remove_sources

    config = _config(arguments)
    if arguments.paths and (arguments.list or arguments.remove):
        arguments.usage_error("--list and --remove take no path; name what to index in a command of its own")
    if arguments.list:
        return _list_documents(config)
    if arguments.remove:
        remove_sources(config, arguments.remove)
        print(f"Removed: {', '.join(dict.fromkeys(arguments.remove))}")
        return 0
    if not arguments.paths and not arguments.rebuild:
        arguments.usage_error("name the files or folders to index, e.g.: youju index seeds")
    with TerminalProgress() as progress:
        report = index_paths(config, arguments.paths, rebuild=arguments.rebuild, progress=progress)
    counts = (("added", report.added), ("replaced", report.replaced), ("unchanged", report.unchanged))
    print(
        ", ".join(f"{len(names)} {what}" for what, names in counts)
        + f"; {report.n_passages} passages in {config.index}"
    )
    for path, reason in report.failed.items():
        print(f"not indexed: {path}: {reason}", file=sys.stderr)
    if report.failed and not any(names for _, names in counts):
        return DocumentError.exit_code
    return SOME_FAILED if report.failed else 0


def search(arguments: argparse.Namespace) -> int:
    """Print hits with the rank and score of each ranker, and their place in the document."""
    pipeline = _pipeline(arguments)
    hits = pipeline.search(arguments.question, scope=_scope(arguments), top_k=arguments.top_k)
    for hit in hits:
        print(_describe(hit))
    if not hits:
        print("Nothing was found.", file=sys.stderr)
    return 0


def ask(arguments: argparse.Namespace) -> int:
    """Answer one question."""
    pipeline = _pipeline(arguments)
    started = time.perf_counter()
    answer: Answer | None = None
    n_chars = 0
    for event in pipeline.stream(arguments.question, scope=_scope(arguments), mode=arguments.mode):
        if isinstance(event, Retrieved):
            _status(f"{len(event.evidence)} sentences found, reading ...")
        elif isinstance(event, Delta):
            n_chars += len(event.text)
            _status(f"writing, {n_chars} characters, {time.perf_counter() - started:.0f} s ...")
        elif isinstance(event, Answer):
            answer = event
    _status("")
    if answer is not None:
        print(_json_line(answer.to_dict()) if arguments.json else answer)
    return 0


def batch(arguments: argparse.Namespace) -> int:
    """Answer a question set."""
    from rag.batch import run_batch
    from rag.questions import read_questions

    questions = read_questions(arguments.questions)
    pipeline = _pipeline(arguments)
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
    if summary.interrupted:
        return INTERRUPTED
    return SOME_FAILED if summary.n_errors else 0


def evaluate(arguments: argparse.Namespace) -> int:
    """Measure against a gold set."""
    from rag.evaluate import evaluate as measure
    from rag.questions import read_gold

    gold = read_gold(arguments.gold)
    if arguments.json:
        _write_whole(arguments.json, None)  # told before the work, not after it
    pipeline = _pipeline(arguments)
    if not arguments.retrieval_only:
        pipeline.warm_up(arguments.mode)
    with TerminalProgress() as progress:
        report = measure(
            pipeline, gold, retrieval_only=arguments.retrieval_only, mode=arguments.mode, progress=progress
        )
    print(report.table())
    if arguments.show:
        print(report.failures())
    if arguments.json:
        _write_whole(arguments.json, json.dumps(report.to_dict(), ensure_ascii=False, indent=1))
    return 0


def chat(arguments: argparse.Namespace, rest: Sequence[str] = ()) -> int:  # noqa: ARG001
    """Run the page: ``python -m ui`` with the same arguments."""
    sys.argv = ["youju chat", *rest]
    runpy.run_module("ui", run_name="__main__", alter_sys=False)
    return 0


def _config(arguments: argparse.Namespace) -> Config:
    return load_config(index=arguments.index_folder)


def _pipeline(arguments: argparse.Namespace) -> Pipeline:
    from rag.pipeline import Pipeline

    pipeline = Pipeline.open(_config(arguments))
    if not pipeline.documents():
        raise IndexMissingError(f"The index in {pipeline.config.index} holds no document. Add some: youju index PATH")
    return pipeline


def _scope(arguments: argparse.Namespace) -> Scope | None:
    scope = Scope(frozenset(arguments.source), frozenset(arguments.year), frozenset(arguments.place))
    return scope or None


def _describe(hit: Hit) -> str:
    passage = hit.passage
    dense = f"dense #{hit.dense_rank} {hit.dense_score:.3f}" if hit.dense_rank else "dense -"
    lexical = f"lexical #{hit.lexical_rank} {hit.lexical_score:.2f}" if hit.lexical_rank else "lexical -"
    place = " > ".join((passage.title or passage.source, *passage.heading))
    return (
        f"{hit.rank:>2}. {hit.score:.4f}  {dense}  {lexical}\n"
        f"    {passage.source} {passage.start}-{passage.end}  {place}\n    {' '.join(passage.text.split())}"
    )


def _list_documents(config: Config) -> int:
    from rag.store import Store

    with Store.open(config.index, readonly=True) as store:
        for info in store.documents():
            facts = (", ".join(info.places), ", ".join(map(str, info.years)), " | ".join(info.titles))
            print(info.source, f"{info.n_passages} passages", *facts, sep="\t")
    return 0


def _json_line(record: object) -> str:
    """JSON that this console can show: with characters as they are only where it has all of them."""
    wide = (sys.stdout.encoding or "").lower().replace("-", "") in ("utf8", "utf16", "utf32")
    return json.dumps(record, ensure_ascii=not wide)


def _write_whole(file: Path, text: str | None) -> None:
    """Write a file whole or not at all; without a text only see whether it can be written."""
    beside = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        if file.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        try:
            beside.write_text(text or "", encoding="utf-8", errors="backslashreplace")
            if text is not None:
                beside.replace(file)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise BatchError(
            f"{file} cannot be written: {error.strerror or error}. Name another file, in a folder that exists."
        ) from error


def _status(text: str) -> None:
    """Show a passing line on a terminal; nothing elsewhere."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
