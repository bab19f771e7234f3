"""The command line: arguments, what they call, exit codes.

Exit codes: 0 done; 1 something else failed; 2 wrong usage; 3 settings; 4 models; 5 documents; 6 index;
7 question; 8 generation; 9 batch files; 10 done, but some files or questions failed; 11 conversations, feedback and
backups; 130 interrupted.
Whatever happens, people see a sentence and not a traceback; --debug shows that too.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rag.cli import backup as command_backup
from rag.cli import commands
from rag.cli import documents as command_documents
from rag.cli import evaluate as command_eval
from rag.cli import exam as command_exam
from rag.cli.arguments import Models, index_option
from rag.errors import RagError
from rag.schema.messages import Mode

__all__ = ["main"]

LOADED: Final = Models()
"""The models that the settings name."""
EPILOG = """exit codes: 0 done, 2 wrong usage, 3 settings, 4 models, 5 documents, 6 index, 7 question, 8 generation,
9 batch files, 10 done but some files or questions failed, 11 conversations, feedback and backups,
130 interrupted, 1 anything else"""


def main(argv: Sequence[str] | None = None, *, models: Models = LOADED) -> int:
    """Run one command.

    Args:
        argv: Arguments; the process's own by default.
        models: What makes the models; they are loaded by the settings by default.

    Returns:
        The exit code.
    """
    for stream in (sys.stdout, sys.stderr):  # a console that lacks a character shows its number instead
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    arguments, rest = _parsed(argv)
    arguments.models = models
    try:
        code: int = arguments.run(arguments, rest) if rest else arguments.run(arguments)
        sys.stdout.flush()  # here, where a reader that went away is expected
    except RagError as error:
        print(f"youju: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("\nyouju: interrupted; what was finished is kept.", file=sys.stderr)
        return commands.INTERRUPTED
    except BrokenPipeError:  # the reader of our output went away, e.g. `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if arguments.debug:
            raise
        print(f"youju: {_unexpected(error)}", file=sys.stderr)
        return 1
    return code


def _parsed(argv: Sequence[str] | None) -> tuple[argparse.Namespace, list[str]]:
    """The arguments of a command, and those that it parses itself."""
    parser = build_parser()
    arguments, rest = parser.parse_known_args(argv)
    if rest and arguments.run not in (commands.chat, commands.users):  # these have arguments of their own
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    return arguments, rest


def _unexpected(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"the system refused: {error}. Check the path, the permissions and the free disk, then try again."
    if isinstance(error, MemoryError):
        return "the memory does not suffice. Close other programs, or set smaller models."
    what = " ".join(str(error).split())[:300]
    return (
        f"something that should not happen: {type(error).__name__}: {what} "
        "Please report it with what this shows: youju --debug ..."
    )


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="youju",
        description="有据: answers questions only from your documents, citing the exact place of every statement.",
        epilog=EPILOG,
    )
    parser.add_argument("--debug", action="store_true", help="show the traceback of an unexpected error")
    commands_ = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_models(commands_)
    _add_index(commands_)
    command_documents.add_parser(commands_)
    command_backup.add_parsers(commands_)
    _add_asking(commands_)
    _add_sets(commands_)
    _add_exam(commands_)
    _add_feedback(commands_)
    chat = commands_.add_parser("chat", help="open the chat page in the browser", add_help=False)
    chat.set_defaults(run=commands.chat)
    users = commands_.add_parser("users", help="who may log in to the chat page, and API keys", add_help=False)
    users.set_defaults(run=commands.users)
    return parser


def _add_models(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    models = parsers.add_parser("models", help="fetch, list or check the models")
    actions = models.add_subparsers(title="actions", metavar="ACTION", required=True)
    pull = actions.add_parser("pull", help="fetch the models of the lock file through pip, check and convert them")
    pull.add_argument("names", nargs="*", help="models to fetch (default: all)")
    pull.set_defaults(run=commands.models_pull)
    listing = actions.add_parser("list", help="show the models, their licences and where they are")
    listing.set_defaults(run=commands.models_list)
    verify = actions.add_parser("verify", help="read the installed models again and compare their hashes")
    verify.set_defaults(run=commands.models_verify)


def _add_index(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    index = parsers.add_parser(
        "index",
        help="add files and folders to the index; unchanged ones are passed over",
        description="Brings files and folders into the index. What is unchanged is passed over; a file that was moved "
        "or renamed keeps its document; of files of the same content one is read; a bad file is named with the reason "
        "(exit code 10), and so is each file of a folder whose kind is not known (10 with --strict).",
    )
    index.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files and folders")
    index.add_argument("--sample", action="store_true", help="add the sample documents that ship with youju")
    index.add_argument(
        "--prune", action="store_true", help="take out documents whose files are no longer in the folders named"
    )
    index.add_argument(
        "--strict", action="store_true", help="exit code 10 as well where files of a folder are of no known kind"
    )
    index.add_argument(
        "--watch", action="store_true", help="go on: index again whenever files have changed and come to rest"
    )
    how = index.add_mutually_exclusive_group()
    how.add_argument("--rebuild", action="store_true", help="make the whole index anew, with what it holds already")
    how.add_argument("--remove", action="append", default=[], metavar="NAME", help="take a document out (repeatable)")
    how.add_argument("--list", action="store_true", help="show what the index holds")
    index_option(index)
    index.set_defaults(run=commands.index, usage_error=index.error)


def _add_asking(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    search = parsers.add_parser("search", help="show the passages found for a question, with the ranks of each ranker")
    search.add_argument("question")
    search.add_argument("--top-k", type=_count, default=10, metavar="N", help="passages to show (default: 10)")
    ask = parsers.add_parser("ask", help="answer one question")
    ask.add_argument("question")
    ask.add_argument("--json", action="store_true", help="print the answer as one JSON record")
    ask.add_argument(
        "--explain",
        action="store_true",
        help="show what was found, what of it was read and why, the prompt, the checks and the decision",
    )
    _mode_option(ask)
    for command, run in ((search, commands.search), (ask, commands.ask)):
        command.add_argument("--source", action="append", default=[], help="only this document (repeatable)")
        command.add_argument("--year", action="append", type=int, default=[], help="only this year (repeatable)")
        command.add_argument("--place", action="append", default=[], help="only this place (repeatable)")
        index_option(command)
        command.set_defaults(run=run)


def _add_sets(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    batch = parsers.add_parser("batch", help="answer a question set; the same command continues an interrupted run")
    batch.add_argument("questions", type=Path, metavar="QUESTIONS", help="jsonl, csv, xlsx or txt (a question a line)")
    batch.add_argument("--out", type=Path, required=True, metavar="ANSWERS.jsonl", help="one JSON record a question")
    batch.add_argument("--xlsx", type=Path, metavar="FILE.xlsx", help="write the answers there as a workbook as well")
    batch.add_argument("--retry-errors", action="store_true", help="ask again what ended in an error")
    _mode_option(batch)
    index_option(batch)
    batch.set_defaults(run=commands.batch, usage_error=batch.error)
    evaluate = parsers.add_parser("eval", help="measure answers against a gold set")
    evaluate.add_argument("gold", type=Path, metavar="GOLD.jsonl")
    what = evaluate.add_mutually_exclusive_group()
    what.add_argument("--retrieval-only", action="store_true", help="evidence only, without the generator")
    what.add_argument("--out", type=Path, metavar="ANSWERS.jsonl", help="write the answers there, one JSON record each")
    what.add_argument(
        "--compare",
        nargs=2,
        type=Path,
        metavar=("A.jsonl", "B.jsonl"),
        help="measure two files of answers side by side, and show what flipped; no model is needed",
    )
    evaluate.add_argument("--show", action="store_true", help="print every question that failed")
    evaluate.add_argument(
        "--funnel", action="store_true", help="measure as well where answers are lost: retrieved, read, best, shown"
    )
    evaluate.add_argument("--json", type=Path, metavar="FILE", help="write the measures and all answers there")
    _mode_option(evaluate)
    index_option(evaluate)
    evaluate.set_defaults(run=command_eval.evaluate, usage_error=evaluate.error)


def _add_exam(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    exam = parsers.add_parser(
        "exam",
        help="how far to trust the answers on your own documents: asks questions made from them",
        description="Makes questions from the documents' own sentences by rule, asks them, and shows what was right, "
        "wrong and refused: as the text says it, in other words, of a year or place that no document has, and with the "
        "document hidden. The last two want a refusal.",
        epilog="examples: youju exam reports/ --questions 100;  youju exam --apply",
    )
    exam.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="files and folders, indexed for this exam only"
    )
    exam.add_argument("--questions", type=_count, default=200, metavar="N", help="at most so many (default: 200)")
    exam.add_argument("--seed", type=int, default=0, metavar="N", help="another number asks other questions")
    exam.add_argument("--show", action="store_true", help="print every question that failed")
    exam.add_argument("--json", type=Path, metavar="FILE", help="write the sheet and all answers there")
    exam.add_argument("--csv", type=Path, metavar="FILE", help="write a row for each question there")
    exam.add_argument(
        "--apply",
        action="store_true",
        help="let the index refuse below the confidence at which at most 5%% of the answers are wrong",
    )
    _mode_option(exam, default="quotes")
    index_option(exam)
    exam.set_defaults(run=command_exam.exam, usage_error=exam.error)


def _add_feedback(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    feedback = parsers.add_parser("feedback", help="export what users of the chat page said of answers")
    actions = feedback.add_subparsers(title="actions", metavar="ACTION", required=True)
    export = actions.add_parser(
        "export",
        help="write all ratings and comments, with question, answer and citations, without users' names",
        epilog="example: youju feedback export --out feedback.csv",
    )
    export.add_argument("--out", type=Path, metavar="FILE", help="file to write (default: show them)")
    export.add_argument(
        "--format",
        choices=("jsonl", "csv"),
        help="jsonl: one JSON record a line; csv: for spreadsheets (default: csv where FILE ends so, else jsonl)",
    )
    export.set_defaults(run=commands.feedback_export)


def _count(text: str) -> int:
    """A number from 1; argparse makes a clear message of the error."""
    if not (text.isdecimal() and 1 <= len(text) <= 9 and int(text) >= 1):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1")
    return int(text)


def _mode_option(parser: argparse.ArgumentParser, *, default: Mode = "answer") -> None:
    parser.add_argument(
        "--mode",
        choices=("answer", "quotes"),
        default=default,
        help="answer: in the model's words, each sentence cited; quotes: the sentences that answer, word for word, at "
        "once and without the generator (default: %(default)s)",
    )


if __name__ == "__main__":
    sys.exit(main())
