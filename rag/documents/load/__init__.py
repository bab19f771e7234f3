"""Files of any kind -> raw documents; one module a format family.

A format joins by a class that fulfils
:class:`~rag.documents.load.loader.Loader` and a row in ``LOADERS``, or by another package's entry points
(``youju.loaders``), each named by a suffix. What all formats have in common (size, emptiness, digest, errors of the
system) is done here, once.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Final

from rag.documents.load.loader import Extracted, Loader, readable_name
from rag.errors import (
    ConfigError,
    DocumentFormatError,
    DocumentNotFoundError,
    DocumentTooLargeError,
)
from rag.plugins import load_plugin, plugin_names
from rag.schema.documents import Document

__all__ = [
    "LOADERS",
    "Extracted",
    "Loader",
    "find_files",
    "known_suffixes",
    "load_document",
    "loader_of",
    "readable_name",
    "unread_files",
]

GROUP: Final = "youju.loaders"
LOADERS: Final = {
    **dict.fromkeys((".txt", ".text", ".log"), "rag.documents.load.text:TextLoader"),
    **dict.fromkeys((".md", ".markdown"), "rag.documents.load.text:MarkdownLoader"),
    ".pdf": "rag.documents.load.pdf:PdfLoader",
    **dict.fromkeys((".csv", ".tsv"), "rag.documents.load.delimited:DelimitedLoader"),
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".et", ".ods"), "rag.documents.load.spreadsheet:SpreadsheetLoader"),
    **dict.fromkeys((".docx", ".docm", ".dotx", ".dotm"), "rag.documents.load.office.word.loader:WordLoader"),
    **dict.fromkeys((".pptx", ".pptm", ".ppsx", ".ppsm", ".potx"), "rag.documents.load.office.slides:SlidesLoader"),
    **dict.fromkeys(
        (".odt", ".ott", ".odp", ".otp"), "rag.documents.load.office.open_document.loader:OpenDocumentLoader"
    ),
    **dict.fromkeys((".doc", ".dot", ".wps", ".wpt", ".rtf"), "rag.documents.load.office.older:OlderWordLoader"),
    **dict.fromkeys((".ppt", ".pps", ".dps"), "rag.documents.load.office.older:OlderSlidesLoader"),
    **dict.fromkeys((".html", ".htm", ".xhtml"), "rag.documents.load.web.page:HtmlLoader"),
    **dict.fromkeys((".mht", ".mhtml"), "rag.documents.load.web.mhtml:MhtmlLoader"),
    ".epub": "rag.documents.load.web.epub:EpubLoader",
    ".eml": "rag.documents.load.containers.mail:EmlLoader",
    ".msg": "rag.documents.load.containers.outlook:MsgLoader",
    **dict.fromkeys(
        (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"), "rag.documents.load.scans.picture:PictureLoader"
    ),
    ".zip": "rag.documents.load.containers.archive:ZipLoader",
}


@lru_cache(maxsize=1)
def known_suffixes() -> tuple[str, ...]:
    """Endings of the files that are taken from a folder, sorted."""
    return tuple(plugin_names(GROUP, LOADERS))


def loader_of(suffix: str) -> Loader:
    """The loader of a format; that of text where nothing else is known of it.

    Raises:
        DocumentFormatError: A package that the format needs is not installed.
    """
    suffix = suffix.lower() if suffix.lower() in known_suffixes() else ".txt"
    try:
        loader: Loader = load_plugin(GROUP, LOADERS, suffix, setting="The format")()
    except ConfigError as error:
        raise DocumentFormatError(str(error)) from error
    return loader


def find_files(paths: Iterable[Path]) -> list[Path]:
    """List the files to load: files as named, folders searched through for known suffixes.

    Args:
        paths: Files and folders. Hidden files inside folders are passed over.

    Returns:
        Files in a stable order, each once.

    Raises:
        DocumentNotFoundError: A path does not exist, or a folder holds nothing that can be loaded.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        with _told(path):
            for file in _inside(path) if path.is_dir() else [path]:
                found.setdefault(file.resolve(strict=True), file)
    return list(found.values())


def load_document(path: Path, *, max_bytes: int) -> Document:
    """Load one file.

    Args:
        path: The file.
        max_bytes: A larger file is refused before it is read.

    Returns:
        The document, its text exactly as the file holds it.

    Raises:
        DocumentError: The file is missing, unreadable, empty, too large, or of an unknown kind.
    """
    with _told(path):
        content = _content(path, max_bytes)
        name = readable_name(path)
        read = loader_of(path.suffix).extract(path, max_bytes=max_bytes) if content.strip() else None
        if read is None or not any(ch.isprintable() and ch != " " for ch in read.text):
            raise DocumentFormatError(f"{name} is empty. Nothing was indexed from it.")
        return Document(
            source=name,
            text=read.text,
            sha256=hashlib.sha256(content).hexdigest(),
            n_bytes=len(content),
            encoding=read.encoding,
            media_type=read.media_type,
            blocks=read.blocks,
            notes=read.notes,
        )


def _content(path: Path, max_bytes: int) -> bytes:
    """The bytes of an ordinary file that is not too large, nor grows to be while it is read."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise DocumentFormatError(f"{path} is no ordinary file. Name a file with text in it, or a folder.")
    n_bytes, content = status.st_size, b""
    if n_bytes <= max_bytes:
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
        n_bytes = len(content)
    if n_bytes > max_bytes:
        raise DocumentTooLargeError(
            f"{readable_name(path)} has {n_bytes:,} bytes; the limit is {max_bytes:,}. "
            "Split the file or raise max_file_bytes."
        )
    return content


def unread_files(paths: Iterable[Path]) -> dict[Path, str]:
    """Files in the named folders that no loader reads, each with the reason. Hidden ones are not mentioned."""
    unread = {}
    for folder in paths:
        for path in _files_in(folder) if folder.is_dir() else ():
            if path.suffix.lower() not in known_suffixes():
                kind = f"files ending in '{path.suffix}'" if path.suffix else "files without an ending"
                unread[path] = f"{kind} are not taken from a folder. Save it as PDF; or name it, if it is plain text."
    return unread


def _inside(folder: Path) -> list[Path]:
    files = [path for path in _files_in(folder) if path.suffix.lower() in known_suffixes()]
    if not files:
        raise DocumentNotFoundError(
            f"{folder} holds no file that can be indexed. Expected one of: {', '.join(known_suffixes())}."
        )
    return files


def _files_in(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if _visible(path, folder) and path.is_file()]


def _visible(path: Path, root: Path) -> bool:
    return not any(part.startswith(".") for part in path.relative_to(root).parts)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Translate an OSError of a file into a message with the next step."""
    try:
        yield
    except FileNotFoundError as error:
        raise DocumentNotFoundError(
            f"{path} does not exist. Check the path, or put quotes around a name with spaces."
        ) from error
    except PermissionError as error:
        raise DocumentNotFoundError(f"{path} may not be read by this user. Change its permissions.") from error
    except (OSError, ValueError, RuntimeError) as error:  # name too long; a null in it; links in a circle
        raise DocumentNotFoundError(f"{str(path)[:200]} cannot be read: {error}. Check the path.") from error
