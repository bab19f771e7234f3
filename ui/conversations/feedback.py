"""Export ratings and comments as jsonl or csv, without names: ``youju feedback export``.

Knows nothing of Gradio or of the terminal. Does not cover Excel's limit of 32,767 characters in a cell.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from rag.schema.documents import Location
from rag.text.unicode import whole_text
from rag.text.untrusted import is_like_formula
from ui.conversations.history import History

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from rag.config import Config

__all__ = ["COLUMNS", "Format", "feedback_text"]

Format: TypeAlias = Literal["jsonl", "csv"]

COLUMNS: Final = (
    *("time", "verdict", "comment", "question", "query", "stage", "answer", "abstained", "citations"),
    *("index_version", "replaced"),
)


def feedback_text(config: Config, kind: Format, *, json_line: Callable[[object], str] | None = None) -> tuple[str, int]:
    """All feedback as text.

    Args:
        config: Says where it is kept.
        kind: ``jsonl`` (a record a line) or ``csv`` (a row each, safe to open in a spreadsheet).
        json_line: Writes a record where what shows it lacks characters.

    Returns:
        The text, and how many ratings it holds.

    Raises:
        WorkspaceError: Nothing was kept yet, or it cannot be read.
    """
    history = History(config.workspace, create=False)
    try:
        records = list(history.feedback())
    finally:
        history.close()
    if kind == "csv":
        return _csv(records), len(records)
    line = json_line or (lambda record: json.dumps(record, ensure_ascii=False))
    return "".join(f"{line(record)}\n" for record in records), len(records)


def _csv(records: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(_shown(record, column)) for column in COLUMNS] for record in records)
    return text.getvalue()


def _shown(record: Mapping[str, Any], column: str) -> str:
    value = record.get(column)
    if column == "citations":
        return "\n".join(_citations(value or ()))
    return "" if value is None else str(value)


def _citations(citations: Any) -> Iterator[str]:  # noqa: ANN401 - as they stand in the record
    for c in citations:
        path = " › ".join(filter(None, (c["title"], *c["heading"])))
        place = " ".join(filter(None, [c["source"], Location.of_record(c).label]))
        yield f"[{c['marker']}] {place} {c['start']}-{c['end']} {path}: {c['quote']}"


def _cell(text: str) -> str:
    """Text that a spreadsheet shows and does not reckon with: a quote before it says that it is text.

    >>> _cell("=1+1"), _cell("  -1"), _cell("1-1")
    ("'=1+1", "'  -1", '1-1')
    """
    text = whole_text(text).replace("\0", "\N{REPLACEMENT CHARACTER}")
    return f"'{text}" if is_like_formula(text) else text
