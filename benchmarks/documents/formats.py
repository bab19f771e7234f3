"""The same text in every format: is a question answered as often as from plain text, and is the place told right?

    python -m benchmarks.documents.formats GOLD.jsonl FOLDER [--format docx --format pdf ...] [--show]

FOLDER holds the text files that GOLD asks about. They are cleaned, so that a line is a paragraph, and put line by line
into every format that youju reads and the builders of the tests can write; GOLD is asked of each, in quotes mode.
Beside them ten tables made here, of invented places and figures, in every format that has tables; three questions of
each, for one cell. A place is right where the page, slide, member or cell told holds what is cited, by where this
script put it. What it gave: docs/evaluation.md.
"""

from __future__ import annotations

import argparse
import importlib
import json
import random
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, Final, NamedTuple

from rag.api import opened_pipeline
from rag.batch.question_file import GoldQuestion, read_gold
from rag.config import load_config
from rag.documents.cleaning.clean import clean_text
from rag.evaluation.report import Result
from rag.evaluation.run import evaluate
from rag.index.ingest import index_paths
from rag.schema.documents import Location

PART_LINES: Final = 24  # of a page, a slide or a chapter
LINE_CHARS: Final = 30  # of a page
SUBJECTS: Final = ("渔船", "书店", "苗圃", "水井", "粮仓", "茶园", "码头", "风车", "果园", "窑厂")
MEASURES: Final = ("个数", "从业人员", "新建数")
PLACES: Final = ("白沙镇", "青河镇", "望江镇", "石门镇", "松岭镇", "云溪镇", "芦花镇", "柳湾镇")

word = importlib.import_module("tests.support.office.open_xml")
open_text = importlib.import_module("tests.support.office.open_document")
containers = importlib.import_module("tests.support.formats.container_files")
sheets = importlib.import_module("tests.support.sheet_files")
pdf = importlib.import_module("tests.support.pdf_files")


class Made(NamedTuple):
    """A file, and in which part of it each piece of text stands.

    Attributes:
        content: The file.
        parts: The texts of its pages, slides or members in order; empty where it has none.
        kind: What a part is: page, slide, member; empty where there are none.
    """

    content: bytes
    parts: Sequence[str] = ()
    kind: str = ""


def main(argv: Sequence[str] | None = None) -> None:
    """Ask everything of every format, and print a row for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, metavar="GOLD.jsonl")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--format", action="append", choices=[*TEXTS, *TABLES], help="only these (default: all)")
    parser.add_argument("--show", action="store_true", help="show what failed")
    arguments = parser.parse_args(argv)
    wanted = arguments.format or [*TEXTS, *TABLES]
    texts = {
        path.stem: clean_text(path.read_text(encoding="utf-8")).text for path in sorted(arguments.folder.glob("*.txt"))
    }
    gold = [question for question in read_gold(arguments.gold) if question.answerable]
    tables = [Table(subject, random.Random(subject)) for subject in SUBJECTS]
    print(f"{'format':8} {'of':10} {'asked':>5} {'correct':>8} {'wrong':>6} {'cited':>6} {'places':>7} {'right':>6}")
    for name in (each for each in TEXTS if each in wanted):
        files = {f"{stem}.{name}": TEXTS[name](stem, text.splitlines()) for stem, text in texts.items()}
        _ask("texts", name, files, gold, arguments.show)
    for name in (each for each in TABLES if each in wanted):
        files = {f"{table.title}.{name}": Made(TABLES[name](table)) for table in tables}
        _ask("tables", name, files, [q for table in tables for q in table.questions(name)], arguments.show)


def _ask(what: str, name: str, files: Mapping[str, Made], gold: Sequence[GoldQuestion], show: bool) -> None:
    with tempfile.TemporaryDirectory() as home:
        config = load_config().replace(index=Path(home) / "index")
        for file, made in files.items():
            (Path(home) / file).write_bytes(made.content)
        index_paths(config, [Path(home) / file for file in files])
        report = evaluate(opened_pipeline(config), gold, mode="quotes")
    rates = report.rates
    told = [ok for result in report.results for ok in _places(files, result)]
    shares = [f"{rates[key].value:.2f}" for key in ("correct", "answered_wrongly", "citation_recall")]
    right = f"{sum(told) / len(told):.2f}" if told else "-"
    print(
        f"{name:8} {what:10} {len(gold):5} {shares[0]:>8} {shares[1]:>6} {shares[2]:>6} {len(told):7} {right:>6}",
        flush=True,
    )
    if show:
        print(report.failures())


def _places(files: Mapping[str, Made], result: Result) -> Iterator[bool]:
    """Whether each citation's place is right, of those in files that have places."""
    for citation in result.record.get("citations") or []:
        location = Location.of_record(citation)
        file = citation["source"].split("/")[0]
        made = files.get(file)
        if made is None:
            yield False
        elif made.kind:
            yield _squeezed(citation["quote"])[:12] in _part(made, location)
        elif location.sheet:
            yield _is_cell(result.question, location)


def _part(made: Made, location: Location) -> str:
    if made.kind == "member":
        return "".join(map(_squeezed, made.parts)) if location.member else ""
    number = location.page if made.kind == "page" else location.slide
    # A sentence may begin on one page and end on the next.
    return "".join(map(_squeezed, made.parts[number - 1 : number + 1])) if number else ""


def _squeezed(text: str) -> str:
    return "".join(text.split())


class Table:
    """A table of invented places and figures, under a title with the unit."""

    def __init__(self, subject: str, rng: random.Random) -> None:
        self.title = f"2031年海州市{subject}统计表"
        self.subject = subject
        self.rows = [
            (place, *(rng.randint(1000, 9999) for _ in MEASURES)) for place in rng.sample(PLACES, rng.randint(4, 8))
        ]
        self._asked = [(rng.randrange(len(self.rows)), column) for column in range(1, len(MEASURES) + 1)]

    @property
    def grid(self) -> list[list[object]]:
        """Title, headers, rows."""
        blank: list[object] = [None] * len(MEASURES)
        return [[self.title, *blank], ["乡镇", *MEASURES], *map(list, self.rows)]

    def questions(self, suffix: str) -> Iterator[GoldQuestion]:
        """For a cell of each column."""
        for n, (row, column) in enumerate(self._asked):
            place, value = self.rows[row][0], str(self.rows[row][column])
            asked = f"2031年海州市{place}的{self.subject}{MEASURES[column - 1]}是多少？"
            yield gold_of(f"{self.subject}{n}", asked, value, f"{self.title}.{suffix}", f"{chr(65 + column)}{row + 3}")


def gold_of(key: str, asked: str, value: str, source: str, cell: str) -> GoldQuestion:
    """A gold question for one cell; the cell is its kind."""
    line: Mapping[str, Any] = {
        "id": key,
        "question": asked,
        "lang": "zh",
        "type": cell,
        "answerable": True,
        "answer": value,
        "must_include": [[value, f"{value[0]},{value[1:]}"]],
        "must_not_include": [],
        "gold": [{"source": source, "quote": value}],
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "gold.jsonl"
        file.write_text(json.dumps(line, ensure_ascii=False), encoding="utf-8")
        return read_gold(file)[0]


def _is_cell(question: GoldQuestion, location: Location) -> bool:
    """Whether the cells told are in the row of the cell asked for, and hold it."""
    first, _, last = location.cells.partition(":")
    last = last or first
    row = question.kind[1:]
    return first[1:] == last[1:] == row and first[0] <= question.kind[0] <= last[0]


# ---------------------------------------------------------------- texts


def _chunks(lines: Sequence[str], size: int = PART_LINES) -> list[list[str]]:
    return [list(lines[start : start + size]) for start in range(0, len(lines), size)]


def _html(lines: Sequence[str], title: str = "") -> str:
    inside = "".join(f"<p>{escape(line)}</p>\n" for line in lines)
    head = f"<h1>{escape(title)}</h1>" if title else ""
    return f'<html><head><meta charset="utf-8"><title>{escape(title)}</title></head><body>{head}{inside}</body></html>'


def _pdf(_: str, lines: Sequence[str]) -> Made:
    wrapped = [line[at : at + LINE_CHARS] for line in lines for at in range(0, max(1, len(line)), LINE_CHARS)]
    pages = _chunks(wrapped)
    return Made(pdf.pdf_of(pages), ["".join(page) for page in pages], "page")


def _pptx(_: str, lines: Sequence[str]) -> Made:
    slides = _chunks([line for line in lines if line.strip()])
    content = word.pptx_of(*(word.slide(one[0], "\n".join(one[1:])) for one in slides))
    return Made(content, list(map("".join, slides)), "slide")


def _odp(_: str, lines: Sequence[str]) -> Made:
    slides = _chunks([line for line in lines if line.strip()])
    made = [open_text.page(one[0], "".join(map(open_text.op, one[1:]))) for one in slides]
    return Made(open_text.odp_of(*made), list(map("".join, slides)), "slide")


def _word(lines: Sequence[str]) -> bytes:
    content: bytes = word.word_of("".join(word.p(line) for line in lines))
    return content


def _epub(stem: str, lines: Sequence[str]) -> Made:
    chapters = {f"c{n:03}.xhtml": _html(part) for n, part in enumerate(_chunks(lines))}
    return Made(containers.epub_of(stem, chapters))


def _in_zip(stem: str, lines: Sequence[str]) -> Made:
    return Made(containers.zip_of({f"报送/{stem}.docx": _word(lines)}), lines, "member")


def _attached(stem: str, lines: Sequence[str]) -> Made:
    content = containers.message_of("见附件。", attachments={f"{stem}.docx": _word(lines)})
    return Made(content, lines, "member")


TEXTS: Final[Mapping[str, Callable[[str, Sequence[str]], Made]]] = {
    "txt": lambda _, lines: Made("\n".join(lines).encode()),
    "md": lambda _, lines: Made("\n".join(lines).encode()),
    "docx": lambda _, lines: Made(_word(lines)),
    "odt": lambda _, lines: Made(open_text.odt_of("".join(map(open_text.op, lines)))),
    "html": lambda stem, lines: Made(_html(lines, stem).encode()),
    "pdf": _pdf,
    "pptx": _pptx,
    "odp": _odp,
    "epub": _epub,
    "eml": _attached,
    "zip": _in_zip,
}


# ---------------------------------------------------------------- tables


def _delimited(table: Table, sign: str, encoding: str) -> bytes:
    rows = (sign.join("" if value is None else str(value) for value in row) for row in table.grid)
    return "\r\n".join(rows).encode(encoding)


def _word_table(table: Table) -> bytes:
    cells = [[word.cell(str(value)) for value in row] for row in table.grid[1:]]
    content: bytes = word.word_of(word.p(table.title) + word.table(*cells, n_headers=1))
    return content


def _html_table(table: Table) -> bytes:
    rows = "".join("<tr>" + "".join(f"<td>{value}</td>" for value in row) + "</tr>" for row in table.grid[1:])
    return _html([], table.title).replace("</body>", f"<table>{rows}</table></body>").encode()


def _ods(table: Table) -> bytes:
    rows = ""
    for row in table.grid:
        cells = "".join(
            "<table:table-cell/>"
            if value is None
            else f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
            for value in row
        )
        rows += f"<table:table-row>{cells}</table:table-row>"
    content: bytes = sheets.ods_of({"Sheet1": rows})
    return content


def _pdf_table(table: Table) -> bytes:
    cells = [["" if value is None else str(value) for value in row] for row in table.grid[1:]]
    content: bytes = pdf.pdf_of_streams(
        [pdf.shown_at(60, 760, table.title, size=16) + pdf.ruled(cells, widths=[90] * len(cells[0]))]
    )
    return content


TABLES: Final[Mapping[str, Callable[[Table], bytes]]] = {
    "xlsx": lambda table: sheets.xlsx_of({"Sheet1": sheets.rows_of(*table.grid)}, merged=["A1:D1"]),
    "xls": lambda table: sheets.xls_of({"Sheet1": table.grid}, merged=[(0, 0, 0, 3)]),
    "ods": _ods,
    "csv": lambda table: _delimited(table, ",", "gb18030"),
    "tsv": lambda table: _delimited(table, "\t", "utf-8"),
    "docm": _word_table,
    "htm": _html_table,
    "pdf": _pdf_table,
}


if __name__ == "__main__":
    main()
