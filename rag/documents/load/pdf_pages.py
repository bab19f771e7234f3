"""The text of a PDF file's pages, told to another process: ``python pdf_pages.py FILE`` writes JSON.

A process of its own, because a PDF file is a program for a large library in C++: one that makes it crash, loop or eat
memory ends this process and nothing else. Imports nothing of youju.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from typing import Any, Final

MAX_PAGES: Final = 5_000
MAX_CHARS: Final = 20_000_000  # of a whole file; a thousand pages have about a million
MEMORY_BYTES: Final = 4 << 30
_LOCKED: Final = (4, 5)  # FPDF_ERR_PASSWORD and FPDF_ERR_SECURITY of fpdfview.h
_HYPHEN: Final = "\ufffe"  # PDFium's sign for a hyphen that only breaks a word


def read_pages(path: str) -> dict[str, Any]:
    """What a file holds.

    Returns:
        ``pages``: the text of each. Or what keeps it from being read: ``locked``; ``damaged`` with the library's
        words; ``n_pages`` of too many; ``too_long``, the page on which it passes the limit.
    """
    import pypdfium2  # noqa: PLC0415 - only the child needs it

    try:
        with pypdfium2.PdfDocument(path) as pdf:
            if len(pdf) > MAX_PAGES:
                return {"n_pages": len(pdf)}
            pages: list[str] = []
            left = MAX_CHARS
            for number in range(len(pdf)):
                text = _text(pdf[number], at_most=left)
                if text is None:
                    return {"too_long": number + 1}
                pages.append(text)
                left -= len(text)
            return {"pages": pages}
    except pypdfium2.PdfiumError as error:
        return {"locked": True} if getattr(error, "err_code", None) in _LOCKED else {"damaged": str(error)}


def _text(page: Any, *, at_most: int) -> str | None:  # noqa: ANN401 - pypdfium2 has no types
    """The text of a page, a line a line; None where it is longer than allowed."""
    text = page.get_textpage()
    try:
        if text.count_chars() > at_most:
            return None
        read = str(text.get_text_range())
    finally:
        text.close()
        page.close()
    lines = read.replace("\f", " ").replace("\r\n", "\n").replace("\r", "\n").replace(f"{_HYPHEN}\n", "")
    return lines.replace(_HYPHEN, "").replace("\x00", "").strip("\n")


def _limit_memory() -> None:
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(MEMORY_BYTES, hard)
    with suppress(OSError, ValueError):  # macOS knows the limit and does not let it be set
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


if __name__ == "__main__":
    _limit_memory()
    sys.stdout.write(json.dumps(read_pages(sys.argv[1])))
