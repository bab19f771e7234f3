"""A page of a PDF file or of a picture, drawn, so that people see where a quote stands. Knows nothing of quotes.

The place of a quote on its page is told by :meth:`rag.documents.location.Locator.boxes`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rag.documents.load.isolated import GIGABYTE, EndedEarlyError, run
from rag.documents.load.loader import readable_name
from rag.documents.load.scans import page_child
from rag.errors import DocumentFormatError, DocumentNotFoundError

__all__ = ["MAX_WIDTH", "render"]

MAX_WIDTH: Final = 2_600
SECONDS: Final = 20.0
_CHILD: Final = str(page_child.__file__)


def render(path: Path, page: int, *, width: int) -> bytes:
    """Draw a page in a process of its own, with limits of time and memory.

    Args:
        path: The file as it was indexed.
        page: Which page, from 1.
        width: In pixels, at most ``MAX_WIDTH``; a page that would be higher than that becomes narrower.

    Returns:
        A PNG file.

    Raises:
        DocumentNotFoundError: The file is not there any more.
        DocumentFormatError: It has no such page, or that cannot be drawn.
    """
    name = readable_name(path)
    if not path.is_file():
        raise DocumentNotFoundError(f"{name} is not where it was when it was indexed ({path}). Put it back.")
    width = min(max(width, 1), MAX_WIDTH)
    try:
        return run(_CHILD, "render", str(path.resolve()), str(page), str(width), seconds=SECONDS, memory_bytes=GIGABYTE)
    except TimeoutError as error:
        raise DocumentFormatError(f"Page {page} of {name} could not be drawn in {SECONDS:.0f} seconds.") from error
    except EndedEarlyError as error:
        raise DocumentFormatError(f"Page {page} of {name} cannot be drawn ({error}).") from error
