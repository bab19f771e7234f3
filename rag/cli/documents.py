"""What ``youju documents`` does with its arguments: list, show, remove, export what the index holds.

A document's name is untrusted text that may have slashes in it: it is never a path that is read or written.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from contextlib import closing
from dataclasses import asdict
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Final

from rag.cli.arguments import config_of, index_option
from rag.cli.output import json_line, pretty, write_whole
from rag.errors import BatchError
from rag.text.unicode import whole_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.documents.view import OutlineItem
    from rag.schema.documents import Document, DocumentInfo

__all__ = ["add_parser", "export", "listing", "remove", "show"]

NOT_IN_NAMES: Final = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')
MAX_NAME_BYTES: Final = 200  # file systems end at 255 bytes


def add_parser(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    documents = parsers.add_parser("documents", help="list, show, remove or export what the index holds")
    actions = documents.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing_parser = actions.add_parser(
        "list", help="a line each: name, passages, places, years, titles, when it was added, where its files stand"
    )
    listing_parser.add_argument("--json", action="store_true", help="one JSON record a line")
    show_parser = actions.add_parser("show", help="what the index knows of a document, and its outline")
    show_parser.add_argument("name", metavar="NAME")
    show_parser.add_argument("--json", action="store_true", help="print one JSON record")
    remove_parser = actions.add_parser("remove", help="take documents out; their text is wiped from the index's files")
    remove_parser.add_argument("remove", nargs="+", metavar="NAME")
    export_parser = actions.add_parser(
        "export",
        help="write the text of documents as it is indexed",
        epilog="examples: youju documents export report.docx --out report.txt;  youju documents export --out texts/",
    )
    export_parser.add_argument("name", nargs="?", metavar="NAME", help="the document (default: all)")
    export_parser.add_argument(
        "--out", type=Path, required=True, metavar="PATH", help="file to write; of all documents, a new folder"
    )
    for command, run in (
        (listing_parser, listing),
        (show_parser, show),
        (remove_parser, remove),
        (export_parser, export),
    ):
        index_option(command)
        command.set_defaults(run=run)


def listing(arguments: argparse.Namespace) -> int:
    """Print a line for each document."""
    from rag.index.opening import open_store

    with closing(open_store(config_of(arguments))) as store:
        for info in store.documents():
            if getattr(arguments, "json", False):
                print(json_line(_record(info)))
            else:
                facts = (", ".join(info.places), ", ".join(map(str, info.years)), " | ".join(info.titles))
                print(info.source, f"{info.n_passages} passages", *facts, info.added_at, *_paths(info), sep="\t")
    return 0


def show(arguments: argparse.Namespace) -> int:
    """Print what the index knows of a document."""
    from rag.documents.view import document_view
    from rag.index.opening import open_store

    with closing(open_store(config_of(arguments))) as store:
        document = store.document(arguments.name)
        info = next(info for info in store.documents() if info.source == arguments.name)
    outline = document_view(document, info.parts).outline
    if arguments.json:
        blocks = Counter(block.kind for block in document.blocks)
        facts = {"media_type": document.media_type, "encoding": document.encoding, "n_bytes": document.n_bytes}
        lines = [{"level": item.level, "title": item.title, "start": item.start} for item in outline]
        print(json_line(_record(info) | facts | {"blocks": blocks, "notes": document.notes, "outline": lines}))
    else:
        print(_shown(document, info, outline))
    return 0


def remove(arguments: argparse.Namespace) -> int:
    """Take documents out."""
    from rag.index.ingest import remove_sources

    remove_sources(config_of(arguments), arguments.remove)
    print(f"Removed: {', '.join(dict.fromkeys(arguments.remove))}")
    return 0


def export(arguments: argparse.Namespace) -> int:
    """Write the text of one document to a file, or of all to a new folder."""
    from rag.index.opening import open_store

    with closing(open_store(config_of(arguments))) as store:
        if arguments.name is not None:
            write_whole(arguments.out, store.document(arguments.name).text)
            print(f"The text of {arguments.name}: {arguments.out}")
            return 0
        sources = [info.source for info in store.documents()]
        _make_folder(arguments.out)
        names: dict[str, str] = {}
        for source in sources:
            names[_file_name(source, names)] = source
        for name, source in names.items():
            write_whole(arguments.out / name, store.document(source).text)
    write_whole(arguments.out / "documents.json", pretty(names))
    print(f"The texts of {len(names):,} documents: {arguments.out}; which is which: documents.json")
    return 0


def _record(info: DocumentInfo) -> dict[str, Any]:
    return asdict(info) | {"titles": info.titles, "places": info.places, "years": info.years}


def _paths(info: DocumentInfo) -> list[str]:
    return [json.dumps(path)[1:-1] if not path.isprintable() else path for path in (info.path, *info.copies)]


def _shown(document: Document, info: DocumentInfo, outline: Sequence[OutlineItem]) -> str:
    kind = document.media_type + (f"; charset={document.encoding}" if document.encoding else "")
    blocks = ", ".join(f"{n:,} {what}" for what, n in Counter(block.kind for block in document.blocks).items())
    facts = {
        "name": info.source,
        "titles": " | ".join(info.titles),
        "issuers": " | ".join(dict.fromkeys(part.issuer for part in info.parts if part.issuer)),
        "places": ", ".join(info.places),
        "years": ", ".join(map(str, info.years)),
        "dates": ", ".join(dict.fromkeys(part.date for part in info.parts if part.date)),
        "kind": f"{kind}, {document.n_bytes:,} bytes",
        "text": f"{info.n_chars:,} characters, {info.n_passages:,} passages",
        "holds": blocks,
        "files": "\n            ".join(_paths(info)),
        "sha256": info.sha256,
        "added": info.added_at,
        "notes": "\n            ".join(document.notes),
    }
    lines = [f"{name:<10}  {value}" for name, value in facts.items() if value]
    lines += ["outline"] * bool(outline)
    return "\n".join([*lines, *(f"{'  ' * item.level}{item.title}" for item in outline)])


def _make_folder(folder: Path) -> None:
    """Make the folder that texts are written to; what is in one already is never replaced."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        filled = any(folder.iterdir())
    except OSError as error:
        raise BatchError(f"{folder} cannot be written: {error.strerror or error}. Name a new folder.") from error
    if filled:
        raise BatchError(f"{folder} holds files already. Name a new folder.")


def _file_name(source: str, taken: dict[str, str]) -> str:
    """A file name for the text of a document: its name without what is no part of one, each once."""
    plain = NOT_IN_NAMES.sub("_", whole_text(source)).strip(". ") or "document"
    stem = plain if PurePath(plain).suffix.lower() != ".txt" else plain[: -len(".txt")]
    stem = stem.encode()[:MAX_NAME_BYTES].decode(errors="ignore")
    known, number, name = {one.casefold() for one in taken} | {"documents.json"}, 1, f"{stem}.txt"
    while name.casefold() in known:
        number += 1
        name = f"{stem} ({number}).txt"
    return name
