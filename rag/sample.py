"""Finds the sample documents that ship with youju, so that a first question needs no file of one's own.

The wheel carries the top-level folder ``seeds/`` as ``rag/sample/``; in a checkout the folder itself is read.
Does not read or index the documents.
"""

from pathlib import Path

from rag.errors import DocumentNotFoundError

__all__ = ["sample_folder"]


def sample_folder(package: Path | None = None) -> Path:
    """Folder of the sample documents.

    Args:
        package: Folder of the package ``rag``; this one's by default.

    Raises:
        DocumentNotFoundError: Neither the wheel's folder nor the checkout's is there.
    """
    package = package or Path(__file__).resolve().parent
    for folder in (package / "sample", package.parent / "seeds"):  # installed, then a checkout
        if folder.is_dir():
            return folder
    raise DocumentNotFoundError(
        f"The sample documents are missing from {package}. Reinstall youju, or index your own: youju index PATH"
    )
