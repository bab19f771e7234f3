"""What ``youju eval`` does with its arguments: measure answers, or compare two files of them."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from rag.cli.arguments import config_of, name_server, pipeline_of
from rag.cli.output import pretty, write_whole
from rag.errors import IndexMissingError
from rag.progress import TerminalProgress

if TYPE_CHECKING:
    from rag.evaluation.locate import Locate

__all__ = ["evaluate"]


def evaluate(arguments: argparse.Namespace) -> int:
    """Measure against a gold set: the pipeline, or two files of answers side by side."""
    from rag.batch.question_file import read_gold
    from rag.evaluation.run import evaluate as measure

    if arguments.compare:
        return _compare(arguments)
    gold = read_gold(arguments.gold)
    _check_outputs(arguments)
    pipeline = pipeline_of(arguments)
    if not arguments.retrieval_only:
        name_server(pipeline.config, arguments.mode)
        pipeline.warm_up(arguments.mode)
    with TerminalProgress() as progress:
        report = measure(
            pipeline,
            gold,
            retrieval_only=arguments.retrieval_only,
            mode=arguments.mode,
            with_funnel=arguments.funnel,
            progress=progress,
        )
    print(report.table())
    if arguments.show:
        print(report.failures())
    if arguments.json:
        write_whole(arguments.json, pretty(report.to_dict()))
    if arguments.out:
        asked = ({"id": each.question.question_id, "question": each.question.question} for each in report.results)
        records = (each.record | own for each, own in zip(report.results, asked, strict=True))
        write_whole(arguments.out, "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in records))
    return 0


def _compare(arguments: argparse.Namespace) -> int:
    """Two files of answers against the same gold set; no model is needed."""
    from rag.batch.question_file import read_gold
    from rag.batch.run import read_answers
    from rag.evaluation.compare import compare_answers

    if arguments.show or arguments.mode != "answer":
        arguments.usage_error("--compare asks nothing and shows what flipped; it takes neither --show nor --mode")
    gold, (a, b) = read_gold(arguments.gold), (read_answers(file) for file in arguments.compare)
    _check_outputs(arguments)
    names = (str(arguments.compare[0]), str(arguments.compare[1]))
    comparison = compare_answers(a, b, gold, names=names, locate=_locate(arguments))
    print(comparison.table(), comparison.flipped(), sep="\n\n")
    if arguments.json:
        write_whole(arguments.json, pretty(comparison.to_dict()))
    return 0


def _check_outputs(arguments: argparse.Namespace) -> None:
    """Tell before the work, not after it, that a file cannot be written or is one that is read."""
    outputs = [file for file in (arguments.json, arguments.out) if file]
    others = {file.resolve() for file in (arguments.gold, *(arguments.compare or ()))}
    if len(others | {file.resolve() for file in outputs}) < len(others) + len(outputs):
        arguments.usage_error("--json and --out each need a file of their own, none of those that are read")
    for file in outputs:
        write_whole(file, None)


def _locate(arguments: argparse.Namespace) -> Locate | None:
    """Finds gold quotes in the documents of the index; None where there is no index and none was named."""
    from rag.evaluation.locate import make_locator
    from rag.index.opening import open_store

    config = config_of(arguments)
    try:
        with closing(open_store(config)) as store:
            return make_locator({info.source: store.document(info.source).text for info in store.documents()})
    except IndexMissingError:
        if arguments.index_folder:
            raise
        print(f"There is no index in {config.index}; gold quotes are compared as text.", file=sys.stderr)
        return None
