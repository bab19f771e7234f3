"""Answers as a workbook that an office can read: a row a question with its quotes beside it, and a row a citation.

Questions, answers and quotes are untrusted: whatever a cell begins with, it is text and never a formula; what XML
cannot hold is removed. A text longer than a cell is cut and says so; the file of answers (jsonl) has it whole.
Knows nothing of pipelines or scores.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from rag.files import draft_of, writing_to
from rag.schema.documents import Location
from rag.text.language import detect_language
from rag.text.untrusted import is_like_formula

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from rag.batch.run import Record

__all__ = ["write_xlsx"]

Cell: TypeAlias = "str | int | float | None"
Lang: TypeAlias = Literal["zh", "en"]

MOST_BESIDE = 5  # citations beside their answer; the second sheet has all of them
MOST_UNITS = 32_767  # UTF-16 code units that Excel takes in a cell
_WORDS = {  # Chinese, English
    "answers": ("回答", "answers"),
    "citations": ("引文", "citations"),
    "id": ("编号", "id"),
    "question": ("问题", "question"),
    "answer": ("回答", "answer"),
    "state": ("结果", "outcome"),
    "reason": ("理由、说明或错误", "reason, notes or error"),
    "confidence": ("可信度", "confidence"),
    "mode": ("方式", "mode"),
    "n_citations": ("引文数", "citations"),
    "marker": ("标号", "marker"),
    "title": ("标题", "title"),
    "heading": ("章节", "headings"),
    "quote": ("原文", "quote"),
    "source": ("文件", "file"),
    "location": ("页或单元格", "page or cells"),
    "start": ("起", "start"),
    "end": ("止", "end"),
    "cited": ("引文{n}", "citation {n}"),
    "place": ("引文{n} 出处", "citation {n}: place"),
    "file": ("引文{n} 文件与位置", "citation {n}: file and offsets"),
    "answered": ("已回答", "answered"),
    "abstained": ("资料未提及", "not in the documents"),
    "failed": ("出错", "error"),
    "written": ("回答", "answer"),
    "quotes": ("只摘原文", "quotes only"),
    "cut": ("……[已截断：全文 {n:,} 字，见 jsonl 文件]", " … [cut: {n:,} characters in all, see the jsonl file]"),
}
# Everything but what XML 1.0 calls a character (section 2.2); half a surrogate pair is none either.
_NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_END = re.compile("\r\n?")
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # Excel reads _x0041_ as A
ADVICE = "Close it where it is open, or name another file, in a folder that exists."


def write_xlsx(path: Path, records: Iterable[Record], *, lang: Lang | None = None) -> None:
    """Write answer records as a workbook, whole or not at all.

    The first sheet has a row a question: what was asked and answered, and the first five citations, each as quote,
    place and file. The second has a row a citation. Their names and headings are in ``lang``.

    Args:
        path: The workbook; an existing one is replaced.
        records: As ``youju batch`` writes them.
        lang: Language of the headings; by default that of the questions, where it is one of the two.

    Raises:
        BatchError: The file cannot be written.
    """
    records = list(records)
    nth = (lang or _language(records)) == "en"
    words = {key: pair[nth] for key, pair in _WORDS.items()}
    with writing_to(path, advice=ADVICE), draft_of(path) as draft, draft.open("wb") as file:
        _workbook(records, words).save(file)


def _workbook(records: Sequence[Record], words: Mapping[str, str]) -> Any:  # noqa: ANN401 - openpyxl has no types
    from openpyxl import Workbook  # noqa: PLC0415 - slow to load, and most answers become no workbook

    book = Workbook(write_only=True)
    with _Sheet(book, words["answers"], _columns(records, words), words["cut"], n_frozen=2) as answers:
        for record in records:
            answers.add(_answer_row(record, words))
    wide = {"title": 34, "heading": 40, "quote": 70, "source": 30, "question": 44}
    names = ("id", "question", "marker", "title", "heading", "quote", "source", "location", "start", "end")
    columns = [(words[name], wide.get(name, 10)) for name in names]
    with _Sheet(book, words["citations"], columns, words["cut"]) as citations:
        for record in records:
            for citation in record["citations"] or ():
                place = (citation["title"], _path(citation["heading"]), citation["quote"], citation["source"])
                span = (Location.of_record(citation).label or None, citation["start"], citation["end"])
                citations.add([_id(record), record["question"], citation["marker"], *place, *span])
    return book


class _Sheet:
    """A sheet with a frozen header, of cells that are text or numbers and never anything else."""

    def __init__(
        self,
        book: Any,  # noqa: ANN401
        name: str,
        columns: Sequence[tuple[str, int]],
        cut_note: str,
        *,
        n_frozen: int = 1,
    ) -> None:
        from openpyxl.styles import Alignment, Font, PatternFill  # noqa: PLC0415
        from openpyxl.utils import get_column_letter  # noqa: PLC0415

        self._sheet, self._cut_note = book.create_sheet(name), cut_note
        self._wrapped = Alignment(wrap_text=True, vertical="top")
        self._bold, self._ground = Font(bold=True), PatternFill("solid", start_color="FFE0F1EF")
        for number, (_, width) in enumerate(columns, start=1):
            self._sheet.column_dimensions[get_column_letter(number)].width = width
        self._sheet.freeze_panes = f"{get_column_letter(n_frozen + 1)}2"
        self._last_column, self._n_rows = get_column_letter(len(columns)), 0
        self.add([name for name, _ in columns], header=True)

    def add(self, values: Sequence[Cell], *, header: bool = False) -> None:
        """Append a row."""
        self._sheet.append([None if value is None else self._cell(value, header=header) for value in values])
        self._n_rows += 1

    def __enter__(self) -> _Sheet:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sheet.auto_filter.ref = f"A1:{self._last_column}{self._n_rows}"  # people filter by every column
        self._sheet.close()

    def _cell(self, value: str | float, *, header: bool) -> Any:  # noqa: ANN401 - openpyxl has no types
        from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415

        if isinstance(value, str):
            text = _fitting(value, self._cut_note)
            cell = WriteOnlyCell(self._sheet, value=text)
            cell.data_type = "s"  # else openpyxl makes a formula of what begins with "="
            if is_like_formula(text):
                cell.quotePrefix = True  # else Excel makes one of it as soon as somebody edits the cell
        else:
            cell = WriteOnlyCell(self._sheet, value=value)
        cell.alignment = self._wrapped
        if header:
            cell.font, cell.fill = self._bold, self._ground
        return cell


def _columns(records: Sequence[Record], words: Mapping[str, str]) -> list[tuple[str, int]]:
    """Names and widths of the first sheet's columns: as many citations as the answers have, up to five."""
    names = ("id", "question", "answer", "state", "reason", "confidence", "mode", "n_citations")
    columns = list(zip((words[name] for name in names), (10, 44, 60, 14, 30, 10, 10, 10), strict=True))
    n_beside = max((min(len(record["citations"] or ()), MOST_BESIDE) for record in records), default=0)
    for n in range(1, n_beside + 1):
        columns += [(words[name].format(n=n), width) for name, width in (("cited", 50), ("place", 36), ("file", 28))]
    return columns


def _answer_row(record: Record, words: Mapping[str, str]) -> list[Cell]:
    state = "failed" if record["error"] else "abstained" if record["abstained"] else "answered"
    reason = record["error"] or (record.get("reason") or "" if record["abstained"] else "")
    reason = "\n".join(filter(None, [reason, *(record.get("notes") or ())]))
    mode = {"answer": words["written"], "quotes": words["quotes"]}.get(record.get("mode", ""))
    citations = record["citations"] or []
    row: list[Cell] = [_id(record), record["question"], record["answer"], words[state], reason]
    row += [record.get("confidence"), mode, len(citations)]
    for citation in citations[:MOST_BESIDE]:
        place = _path([citation["title"], *citation["heading"]])
        inside = Location.of_record(citation).label
        where = f"{' '.join(filter(None, [citation['source'], inside]))} {citation['start']}-{citation['end']}"
        row += [f"[{citation['marker']}] {citation['quote']}", place, where]
    return row


def _language(records: Sequence[Record]) -> Lang:
    asked = " ".join(str(record["question"])[:200] for record in records[:50])
    return "zh" if detect_language(asked) == "zh" else "en"


def _id(record: Record) -> str:
    return str(record["id"])


def _path(names: Iterable[str]) -> str:
    return " › ".join(name for name in names if name)


def _fitting(text: str, cut_note: str) -> str:
    r"""Text that a cell can hold.

    >>> _fitting("a\x00b\r\nc_x0041_", "")
    'ab\nc_x005F_x0041_'
    """
    clean = _ESCAPED.sub("_x005F_", _NO_XML.sub("", _LINE_END.sub("\n", text)))
    if len(clean) <= MOST_UNITS // 2 or _units(clean) <= MOST_UNITS:
        return clean
    note = cut_note.format(n=len(text))
    room = MOST_UNITS - len(note)
    shorter = clean[:room]
    while (excess := _units(shorter) - room) > 0:  # characters beyond the first plane take two units
        shorter = shorter[: -((excess + 1) // 2)]
    return shorter + note


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
