"""Recognizes the characters of pages that are pictures (OCR), in a process of its own with limits.

Needs the extra ``ocr``. What it returns may be wrong in single characters, which the caller tells.
"""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, Final

from rag.documents.load.isolated import command_for
from rag.documents.load.scans import page_child
from rag.documents.load.scans.reading_order import PageText, Piece, page_text

__all__ = ["INSTALL", "RecognizedPage", "is_installed", "recognize_pages"]

INSTALL: Final = "pip install 'youju[ocr]'"
_CHILD: Final = str(page_child.__file__)
SECONDS: Final = 90.0
"""For the first page, with the models, and for each further one: they take 1 second and 3 to 4 on one core."""


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
        with _running(path, left if numbers else ()) as told:
            for each in told:
                if isinstance(each, str):
                    fault = each
                elif "n_pages" in each:
                    left = list(range(1, each["n_pages"] + 1))
                elif (page := _read(each)).number in left:
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


@contextmanager
def _running(path: Path, numbers: Sequence[int]) -> Iterator[Iterator[dict[str, Any] | str]]:
    """What the other process tells, and in the end why it ended early; it is ended with the context."""
    command = command_for(_CHILD, "recognize", str(path.resolve()), *map(str, numbers))
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            yield _told(process)
        finally:
            process.kill()


def _told(process: subprocess.Popen[bytes]) -> Iterator[dict[str, Any] | str]:
    lines: queue.Queue[bytes] = queue.Queue()
    said: list[bytes] = []
    assert process.stdout is not None  # noqa: S101 - it was asked for
    assert process.stderr is not None  # noqa: S101
    for pipe, take in ((process.stdout, lines.put), (process.stderr, said.append)):
        threading.Thread(target=_pass_on, args=(pipe, take), daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=SECONDS)
        except queue.Empty:
            yield f"it could not be read in {SECONDS:.0f} seconds"
            return
        if not line:
            break
        try:
            yield dict(json.loads(line))
        except ValueError:
            break
    if process.wait():
        yield next((words for words in reversed(_words(said)) if words), f"exit code {process.returncode}")


def _words(said: Sequence[bytes]) -> list[str]:
    return [line.decode("utf-8", "replace").strip()[:200] for line in said]


def _pass_on(pipe: IO[bytes], take: Any) -> None:  # noqa: ANN401 - a queue's put or a list's append
    """Hand on the lines of a process; an empty one at the end."""
    for line in pipe:
        take(line)
    take(b"")
