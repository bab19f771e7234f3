"""How commands write: records as JSON, files whole or not at all."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from rag import files

__all__ = ["json_line", "pretty", "write_whole"]


def pretty(record: dict[str, Any]) -> str:
    """A record as JSON that people can read."""
    return json.dumps(record, ensure_ascii=False, indent=1)


def json_line(record: object) -> str:
    """JSON that this console can show: with characters as they are only where it has all of them."""
    wide = (sys.stdout.encoding or "").lower().replace("-", "") in ("utf8", "utf16", "utf32")
    return json.dumps(record, ensure_ascii=not wide)


def write_whole(file: Path, text: str | None) -> None:
    """Write a file whole or not at all; without a text only see whether it can be written.

    Raises:
        BatchError: The system refuses.
    """
    with files.writing_to(file, advice="Name another file, in a folder that exists."):
        if text is None:
            files.check_writable(file)
        else:
            files.write_whole(file, text)
