"""PDF files: their text layer, page by page, with a form feed (U+000C) before every page but the first.

PDFium reads them (the library of Chromium), because Chinese files often name an Adobe character map and embed no
table of their own; it needs none. It runs in a process of its own (:mod:`rag.documents.load.pdf_pages`). What it
returns of a page, line by line, is the document's text, and a form feed between pages is what ``pdftotext`` writes too:
the number of a page is one more than the form feeds before it.

Not covered: pages that are pictures (they need optical character recognition first), columns that a file stores
interleaved, cells of tables that stand on lines of their own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

from rag.documents.cleaning.pages import page_blocks
from rag.documents.load import pdf_pages
from rag.documents.load.loader import Extracted, readable_name
from rag.documents.load.pdf_pages import MAX_CHARS, MAX_PAGES
from rag.errors import DocumentFormatError, DocumentTooLargeError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["PAGE_BREAK", "PdfLoader"]

PAGE_BREAK: Final = "\n\f"
_CHILD: Final = str(pdf_pages.__file__)
SECONDS: Final = 300.0  # a page takes some milliseconds


class PdfLoader:
    """The text layer of a PDF file."""

    suffixes = frozenset({".pdf"})

    def extract(self, path: Path, *, max_bytes: int) -> Extracted:  # noqa: ARG002 - the child has limits of its own
        """Read the pages, in order.

        Raises:
            DocumentFormatError: The file is damaged, needs a password, or has no text.
            DocumentTooLargeError: It has too many pages or characters, or takes too long.
        """
        name = readable_name(path)
        pages = _checked(_told(path, name), name)
        if not any(page.strip() for page in pages):
            raise DocumentFormatError(
                f"{name} has no text on its {len(pages):,} pages, which are pictures. "
                "Run a text recognition (OCR) over it and index what that makes."
            )
        text = PAGE_BREAK.join(pages)
        return Extracted(text, "application/pdf", blocks=page_blocks(text))


def _told(path: Path, name: str) -> dict[str, Any]:
    """What the other process says of a file."""
    # By its path: neither the folder that one happens to stand in nor the package is imported on the way.
    command = [sys.executable, "-P", _CHILD, str(path.resolve())]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise DocumentTooLargeError(
            f"{name} could not be read in {SECONDS:.0f} seconds. Split it, or print it to a new PDF and index that."
        ) from error
    try:
        told = json.loads(done.stdout)
    except ValueError:
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        return {"damaged": last[0]}
    return dict(told)


def _checked(told: dict[str, Any], name: str) -> list[str]:
    """The pages, or the reason why there are none in words."""
    if told.get("locked"):
        raise DocumentFormatError(
            f"{name} is locked with a password. Save it without one (print it to a new PDF) and index that."
        )
    if "n_pages" in told:
        raise DocumentTooLargeError(
            f"{name} has {told['n_pages']:,} pages; the limit is {MAX_PAGES:,}. Split it into several files."
        )
    if "too_long" in told:
        raise DocumentTooLargeError(
            f"{name} passes {MAX_CHARS:,} characters on page {told['too_long']:,}. Split it into several files."
        )
    if "pages" not in told:
        raise DocumentFormatError(
            f"{name} is no PDF file that can be read ({told.get('damaged')}). Open it in a viewer and save it again."
        )
    return [str(page) for page in told["pages"]]
