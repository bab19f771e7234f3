"""Files of any kind -> raw documents; one module a format family.

Today: text (``.txt``, ``.md`` and anything that decodes as text). A format joins by a module with a
``load`` function and a row in ``LOADERS``. Never alters the text that it hands on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from rag.errors import DocumentError, DocumentFormatError, DocumentNotFoundError, DocumentTooLargeError
from rag.load import text
from rag.schema import Document

__all__ = ["find_files", "load_document", "load_documents"]

LOADERS: dict[str, Callable[[Path], Document]] = dict.fromkeys((".txt", ".text", ".md", ".markdown", ".log"), text.load)


def find_files(paths: Iterable[Path]) -> list[Path]:
    """List the files to load: files as named, folders searched through for known suffixes.

    Args:
        paths: Files and folders. Hidden files inside folders are passed over.

    Returns:
        Files in a stable order, each once.

    Raises:
        DocumentNotFoundError: A path does not exist, or a folder holds nothing that can be loaded.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = [p for p in sorted(path.rglob("*")) if p.suffix.lower() in LOADERS and _visible(p, path)]
            if not inside:
                raise DocumentNotFoundError(
                    f"{path} holds no file that can be indexed. Expected one of: {', '.join(sorted(LOADERS))}."
                )
            found |= dict.fromkeys(p for p in inside if p.is_file())
        elif path.exists():
            found[path] = None
        else:
            raise DocumentNotFoundError(
                f"{path} does not exist. Check the path, or put quotes around a name with spaces."
            )
    return list(found)


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
    try:
        size = path.stat().st_size
        if size > max_bytes:
            raise DocumentTooLargeError(
                f"{path.name} has {size:,} bytes; the limit is {max_bytes:,}. Split the file or raise max_file_bytes."
            )
        loader = LOADERS.get(path.suffix.lower(), text.load)
        return loader(path)
    except FileNotFoundError as error:
        raise DocumentNotFoundError(f"{path} does not exist. Check the path.") from error
    except IsADirectoryError as error:
        raise DocumentFormatError(f"{path} is a folder where a file was expected.") from error
    except PermissionError as error:
        raise DocumentNotFoundError(f"{path} may not be read by this user. Change its permissions.") from error


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


def _visible(path: Path, root: Path) -> bool:
    return not any(part.startswith(".") for part in path.relative_to(root).parts)
