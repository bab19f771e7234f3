"""Files of any kind -> raw documents; one module a format family.

Today: text (``.txt``, ``.md`` and anything that decodes as text) and PDF. A format joins by a module with a
``load`` function and a row in ``LOADERS``. Never alters the text that it hands on;
where a format is no text, its module says what the text of a file is.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.documents.load import pdf, text
from rag.documents.load.text import readable_name
from rag.errors import DocumentError, DocumentFormatError, DocumentNotFoundError, DocumentTooLargeError
from rag.schema.documents import Document

__all__ = ["find_files", "load_document", "load_documents", "readable_name"]

_TEXT = (".txt", ".text", ".md", ".markdown", ".log")
LOADERS: dict[str, Callable[[Path], Document]] = {**dict.fromkeys(_TEXT, text.load), ".pdf": pdf.load}


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
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise DocumentFormatError(f"{path} is no ordinary file. Name a file with text in it, or a folder.")
        if status.st_size > max_bytes:
            raise DocumentTooLargeError(
                f"{readable_name(path)} has {status.st_size:,} bytes; the limit is {max_bytes:,}. "
                "Split the file or raise max_file_bytes."
            )
        return LOADERS.get(path.suffix.lower(), text.load)(path)


def load_documents(paths: Iterable[Path], *, max_bytes: int) -> Iterator[tuple[Path, Document | DocumentError]]:
    """Load files one by one, so that a bad one does not end the run.

    Args:
        paths: Files and folders.
        max_bytes: A larger file is refused before it is read.

    Yields:
        Each file with its document, or with the error that kept it out.
    """
    for path in find_files(paths):
        try:
            yield path, load_document(path, max_bytes=max_bytes)
        except DocumentError as error:
            yield path, error


def _inside(folder: Path) -> list[Path]:
    files = [p for p in sorted(folder.rglob("*")) if p.suffix.lower() in LOADERS and _visible(p, folder)]
    files = [p for p in files if p.is_file()]
    if not files:
        raise DocumentNotFoundError(
            f"{folder} holds no file that can be indexed. Expected one of: {', '.join(sorted(LOADERS))}."
        )
    return files


def _visible(path: Path, root: Path) -> bool:
    return not any(part.startswith(".") for part in path.relative_to(root).parts)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say in our words why the system does not give a file."""
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
