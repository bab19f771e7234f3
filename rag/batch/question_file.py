"""Read question sets and gold files: jsonl, csv, tsv, xlsx, txt.

Encodings: UTF-8 with or without BOM, UTF-16 with BOM, GB18030. Column names may be English or Chinese; a table
of one column needs none. Knows nothing of pipelines, answers or scores.

Not covered: the old binary .xls; sheets behind the first; which of several unnamed columns is the question.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from rag.documents.load.encodings import decode
from rag.errors import BatchError, DocumentError
from rag.schema.messages import Turn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["GoldQuestion", "GoldSpan", "Question", "read_gold", "read_questions"]

EXCEL_ROWS = 1_048_576  # a sheet has no more
MOST_ROWS = 100_000  # of a workbook that hold something; at some seconds a question, days of answering
MOST_COLUMNS = 200  # of a workbook that are looked at

_QUESTION_NAMES = ("question", "questions", "q", "query", "问题", "问句", "题目", "提问", "問題", "質問")
_ID_NAMES = ("id", "qid", "question_id", "no", "no.", "编号", "序号", "题号", "編號", "序號", "題號")
_HISTORY_NAMES = ("history", "历史", "对话历史", "上文", "歷史")


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a set.

    Attributes:
        question_id: Unique in the set; made from the line number where the set gives none.
        question: The user's words; may be empty where a row has an id only.
        history: Earlier turns of the conversation.
        extra: The other columns or fields, as read.
    """

    question_id: str
    question: str
    history: tuple[Turn, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GoldSpan:
    """A place that an answer must rest on: how the document's file name starts, and what stands there."""

    source: str
    quote: str


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question whose answer is known.

    Attributes:
        question_id: Unique in the set.
        question: The user's words.
        history: Earlier turns of the conversation.
        lang: Language of the question.
        kind: The field ``type``: fact, list, comparison, trap, unanswerable...
        answerable: Whether the documents tell.
        answer: The answer in full, for people.
        must_include: Each item a tuple of alternatives, one of which the answer must hold.
        must_not_include: What the answer must not hold.
        gold: The places it rests on; none where it is not answerable.
    """

    question_id: str
    question: str
    history: tuple[Turn, ...] = ()
    lang: str = "zh"
    kind: str = "fact"
    answerable: bool = True
    answer: str = ""
    must_include: tuple[tuple[str, ...], ...] = ()
    must_not_include: tuple[str, ...] = ()
    gold: tuple[GoldSpan, ...] = ()


class _Row(NamedTuple):
    """A record of a set with where it stands."""

    line: int
    fields: dict[str, Any]


def read_questions(path: Path) -> list[Question]:
    """Read a question set.

    Args:
        path: A file ending in .jsonl (``id``, ``question``, optional ``history``), .csv, .tsv, .xlsx, or
            .txt (a question a line).

    Returns:
        The questions in file order, ids unique. Empty lines are skipped.

    Raises:
        BatchError: The file is missing, of another kind or malformed; the message names the line.
    """
    rows = list(_rows(path))
    questions = []
    for question_id, row in zip(_ids(rows, path), rows, strict=True):
        extra = {k: v for k, v in row.fields.items() if _kind_of(k) is None}
        history = _history(_pick(row.fields, "history"), path, row.line)
        questions.append(Question(question_id, str(_pick(row.fields, "question")).strip(), history, extra))
    return questions


def read_gold(path: Path) -> list[GoldQuestion]:
    """Read a gold file: jsonl with the fields of :class:`GoldQuestion`, ``kind`` being called ``type``.

    Raises:
        BatchError: The file is missing or malformed; the message names the line.
    """
    rows = list(_jsonl(path))
    return [_gold_question(row, question_id, path) for question_id, row in zip(_ids(rows, path), rows, strict=True)]


def _read_text(path: Path) -> str:
    """Read a text file in whichever of the usual encodings it is."""
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise BatchError(f"{path} does not exist. Check the path.") from error
    except OSError as error:
        raise BatchError(f"{path} cannot be read: {error.strerror}. Name a file that you may read.") from error
    try:
        text, _ = decode(content, name=path.name, guess=False)
    except DocumentError as error:
        raise BatchError(f"{path} is no text in UTF-8, UTF-16 or GB 18030. Save it as UTF-8.") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _rows(path: Path) -> Iterator[_Row]:
    suffix = path.suffix.lower()
    if suffix in (".jsonl", ".ndjson"):
        return _jsonl(path)
    if suffix in (".csv", ".tsv"):
        return _table(_csv(path), path)
    if suffix == ".xlsx":
        return _table(_xlsx(path), path)
    if suffix == ".txt":
        lines = enumerate(_read_text(path).split("\n"), start=1)
        return (_Row(i, {"question": line.strip()}) for i, line in lines if line.strip())
    raise BatchError(
        f"{path} is no question set: it ends in {suffix or 'nothing'!r}, expected .jsonl, .csv, .tsv, .xlsx or .txt."
    )


def _jsonl(path: Path) -> Iterator[_Row]:
    for number, line in enumerate(_read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BatchError(f"{path}, line {number} is no JSON: {error}. Write one JSON object a line.") from error
        if not isinstance(record, dict):
            raise BatchError(f"{path}, line {number} is {type(record).__name__}, expected an object with 'question'.")
        if not isinstance(_pick(record, "question"), str):
            raise BatchError(
                f"{path}, line {number} has no text in 'question'. Found: {', '.join(record) or 'nothing'}."
            )
        yield _Row(number, record)


def _csv(path: Path) -> Iterator[tuple[int, list[str]]]:
    text = _read_text(path)
    first_line = text.lstrip().partition("\n")[0]
    named = (d for d in ",;\t" if any(_kind_of(name.strip('"')) == "question" for name in first_line.split(d)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=next(named, "\t" if path.suffix == ".tsv" else ","))
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise BatchError(f"{path}, line {reader.line_num} is no valid table: {error}. Correct its quotes.") from error


def _xlsx(path: Path) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook  # noqa: PLC0415 - slow to load, and most sets are no workbooks
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    if not path.is_file():
        raise BatchError(f"{path} does not exist or is no file. Check the path.")
    try:
        # Not the path: openpyxl would leave the file open where it cannot read it.
        book = load_workbook(io.BytesIO(path.read_bytes()), read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise BatchError(f"{path} is no readable .xlsx workbook ({error}). Save it again, or as .csv.") from error
    try:
        sheet, n_filled = book.worksheets[0], 0
        sheet.reset_dimensions()  # what the file claims is not believed: five kilobytes can claim 17 billion cells
        rows = sheet.iter_rows(values_only=True, max_row=EXCEL_ROWS, max_col=MOST_COLUMNS)
        for number, cells in enumerate(rows, start=1):
            if cells.count(None) == len(cells):
                continue
            n_filled += 1
            if n_filled > MOST_ROWS:
                raise BatchError(f"{path} has more than {MOST_ROWS:,} rows. Split it into several files.")
            yield number, [_cell_text(cell) for cell in cells]
    finally:
        book.close()


def _cell_text(cell: object) -> str:
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _table(lines: Iterator[tuple[int, list[str]]], path: Path) -> Iterator[_Row]:
    filled = [(number, cells) for number, cells in lines if any(cell.strip() for cell in cells)]
    if not filled:
        return
    header = [cell.strip() for cell in filled[0][1]]
    if any(_kind_of(name) == "question" for name in header):
        body = filled[1:]
    elif all(sum(bool(cell.strip()) for cell in cells) == 1 for _, cells in filled):
        body = [(number, ["".join(cells)]) for number, cells in filled]
        header = ["question"]
    else:
        raise BatchError(
            f"{path} has no column of questions. Name it in the first line, 'question' or '问题'; "
            f"found: {', '.join(filter(None, header))[:120]}."
        )
    for number, cells in body:
        padded = [*cells, *[""] * (len(header) - len(cells))]
        yield _Row(number, {name: padded[i].strip() for i, name in enumerate(header) if name})


def _kind_of(name: str) -> Literal["question", "id", "history"] | None:
    plain = name.strip().lower()
    if plain in _QUESTION_NAMES:
        return "question"
    return "id" if plain in _ID_NAMES else "history" if plain in _HISTORY_NAMES else None


def _pick(fields: Mapping[str, Any], kind: str) -> Any:  # noqa: ANN401 - JSON
    return next((value for name, value in fields.items() if _kind_of(name) == kind), None)


def _ids(rows: Sequence[_Row], path: Path) -> list[str]:
    """The ids of a set; one made from the line number, the same again next time, where none is given.

    Raises:
        BatchError: Two lines have the same one, or there is no line at all.
    """
    if not rows:
        raise BatchError(f"{path} holds no question. Put one question on each line.")
    values = [_pick(row.fields, "id") for row in rows]
    given = ["" if value is None else str(value).strip() for value in values]
    lines: dict[str, int] = {}
    for question_id, row in zip(given, rows, strict=True):
        if question_id in lines:
            first = lines[question_id]
            raise BatchError(f"{path}: lines {first} and {row.line} both have the id {question_id!r}. Ids must differ.")
        if question_id:
            lines[question_id] = row.line
    made = [f"line-{row.line}" for row in rows]
    spare = "x" * max((len(name) for name in lines), default=0)  # longer than any given id, so never one of them
    return [own or (name + spare if name in lines else name) for own, name in zip(given, made, strict=True)]


def _history(value: object, path: Path, line: int) -> tuple[Turn, ...]:
    expected = 'expected [{"role": "user" or "assistant", "content": "..."}, ...]'
    try:
        turns: Any = json.loads(value) if isinstance(value, str) and value else value or ()
        checked = tuple(Turn(turn["role"], turn["content"]) for turn in turns)
    except (ValueError, KeyError, TypeError) as error:
        raise BatchError(f"{path}, line {line}: 'history' is malformed; {expected}.") from error
    if any(turn.role not in ("user", "assistant") or not isinstance(turn.content, str) for turn in checked):
        raise BatchError(f"{path}, line {line}: 'history' has an unknown role or no text; {expected}.")
    return checked


def _gold_question(row: _Row, question_id: str, path: Path) -> GoldQuestion:
    fields = row.fields
    for name in ("must_include", "must_not_include", "gold"):
        if not isinstance(fields.get(name, []), list):
            raise BatchError(f"{path}, line {row.line}: {name!r} is {fields[name]!r}, expected a list.")
    try:
        spans = tuple(GoldSpan(str(span["source"]), str(span["quote"])) for span in fields.get("gold", []))
    except (KeyError, TypeError) as error:
        raise BatchError(f"{path}, line {row.line}: 'gold' lacks 'source' or 'quote': {error!r}.") from error
    return GoldQuestion(
        question_id=question_id,
        question=cast("str", _pick(fields, "question")),
        history=_history(fields.get("history"), path, row.line),
        lang=str(fields.get("lang", "zh")),
        kind=str(fields.get("type", "fact")),
        answerable=bool(fields.get("answerable", True)),
        answer=str(fields.get("answer", "")),
        must_include=tuple(
            tuple(map(str, item)) if isinstance(item, list) else (str(item),) for item in fields.get("must_include", [])
        ),
        must_not_include=tuple(str(word) for word in fields.get("must_not_include", [])),
        gold=spans,
    )
