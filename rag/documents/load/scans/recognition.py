"""Recognizes the characters of pages that are pictures (OCR), in a process of its own with limits.

Needs the extra ``ocr``. What it returns may be wrong in single characters, which the caller tells.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from rag.documents.load.isolated import GIGABYTE, EndedEarlyError, lines_from
from rag.documents.load.scans import page_child
from rag.documents.load.scans.reading_order import PageText, Piece, page_text

__all__ = ["INSTALL", "RecognizedPage", "is_installed", "recognize_pages"]

INSTALL: Final = "pip install 'youju[ocr]'"
_CHILD: Final = str(page_child.__file__)
SECONDS: Final = 90.0
"""For the first page, with the models, and for each further one: they take 1 second and 3 to 4 on one core."""


MEMORY_BYTES: Final = 6 * GIGABYTE
"""Address space; a page takes 0.9 GB of memory, and its text layer was read within one GB before."""
STARTS: Final = 3
"""Of the other process for one file: each but the first leaves out a page that ended it."""
_EMPTY: Final = PageText("")
UNFINISHED: Final = "it was not read to its end"


@dataclass(frozen=True, slots=True)
class RecognizedPage:
    """A page as it was recognized.

    Attributes:
        number: Which one, from 1; 0 for the whole file, where it cannot be read.
        page: Its text.
        fault: Why there is none, in words; empty where it was read.
    """

    number: int
    page: PageText = _EMPTY
    fault: str = ""


def is_installed() -> bool:
    """Whether the package that recognizes characters is there."""
    return find_spec("rapidocr") is not None


def recognize_pages(path: Path, numbers: Sequence[int] = ()) -> Iterator[RecognizedPage]:
    """Recognize pages one by one; one that breaks the library costs that page alone.

    Args:
        path: A PDF file, or a picture.
        numbers: The pages of a PDF file, from 1, ascending; none for all pages of a picture.
    """
    left = list(numbers)
    fault = ""
    for _ in range(STARTS):
        fault = ""
        for told in _told(path, left if numbers else ()):
            if isinstance(told, str):
                fault = told
            elif "n_pages" in told:
                left = list(range(1, told["n_pages"] + 1))
            elif (page := _read(told)).number in left:
                left = [number for number in left if number > page.number]
                yield page
            else:
                fault = page.fault
        if fault and not left and not numbers:
            yield RecognizedPage(0, fault=fault)
        if not left or not numbers:
            break
        yield RecognizedPage(left.pop(0), fault=fault or UNFINISHED)
    yield from (RecognizedPage(number, fault=fault or UNFINISHED) for number in left)


def _read(told: dict[str, Any]) -> RecognizedPage:
    number = int(told.get("page", 0))
    if "too_large" in told:
        across, down = told["too_large"]
        most = page_child.MAX_PIXELS
        return RecognizedPage(number, fault=f"it has {across:,} times {down:,} pixels; at most {most:,} are read")
    if "lines" not in told:
        return RecognizedPage(number, fault=str(told.get("damaged", ""))[:200])
    width, height = told["size"]
    pieces = [Piece(text, tuple((x, y) for x, y in corners)) for text, corners in told["lines"]]
    return RecognizedPage(number, page_text(pieces, width=width, height=height))


def _told(path: Path, numbers: Sequence[int]) -> Iterator[dict[str, Any] | str]:
    """What the other process tells, and in the end why it ended early."""
    try:
        arguments = ("recognize", str(path.resolve()), *map(str, numbers))
        for line in lines_from(_CHILD, *arguments, seconds=SECONDS, memory_bytes=MEMORY_BYTES):
            yield dict(json.loads(line))
    except TimeoutError:
        yield f"it could not be read in {SECONDS:.0f} seconds"
    except EndedEarlyError as error:
        yield str(error)
    except ValueError:
        yield UNFINISHED
