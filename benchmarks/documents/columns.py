"""Questions for what a column of a table comes to: the largest, a total, a rank, a share, a difference. Are they right?

    python -m benchmarks.documents.columns [--format xlsx ...] [--show]

Of the ten made tables of :mod:`benchmarks.documents.formats`, in every format that has tables: 60 questions that a
table answers, each kind in words of two sorts, and 20 that none does (another year; a column that is not there), which
must be refused. In quotes mode. What it gave: docs/evaluation.md.
"""

from __future__ import annotations

import argparse
import importlib
import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

from rag.api import opened_pipeline
from rag.config import load_config
from rag.index.ingest import index_paths
from rag.schema.answers import Answer

formats = importlib.import_module("benchmarks.documents.formats")
OTHER_YEAR: Final = "2027年海州市哪个乡镇的{what}最多？"
OTHER_COLUMN: Final = "2031年海州市哪个乡镇的{subject}面积最大？"


class Asked(NamedTuple):
    """A question, and what its answer must say; nothing where it must be refused."""

    question: str
    answer: str


Values = dict[str, int]
KINDS: Final[Sequence[tuple[Sequence[str], Callable[[Values, str, str], str]]]] = (
    (("哪个乡镇的{what}最多？", "{what}最多的乡镇是哪一个？"), lambda v, *_: max(v, key=v.__getitem__)),
    (("哪个乡镇的{what}最少？", "{what}最低的是哪个乡镇？"), lambda v, *_: min(v, key=v.__getitem__)),
    (("各乡镇的{what}一共是多少？", "所有乡镇{what}合计多少？"), lambda v, *_: str(sum(v.values()))),
    (
        ("{first}的{what}排第几？", "{first}的{what}在各乡镇中排名第几？"),
        lambda v, first, _: f"第{1 + sum(value > v[first] for value in v.values())}位",
    ),
    (
        ("{first}的{what}占全部乡镇的百分之几？", "{first}的{what}占比是多少？"),
        lambda v, first, _: f"{_hundredths(Decimal(v[first]) / sum(v.values()) * 100)}%",
    ),
    (
        ("{first}的{what}比{other}多多少？", "{first}和{other}的{what}相差多少？"),
        lambda v, first, other: str(abs(v[first] - v[other])),
    ),
)


def main(argv: Sequence[str] | None = None) -> None:
    """Ask everything of every format, and print a row for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--format", action="append", choices=[*formats.TABLES], help="only these (default: all)")
    parser.add_argument("--show", action="store_true", help="show what failed")
    arguments = parser.parse_args(argv)
    print(f"{'format':8} {'asked':>5} {'correct':>8} {'wrong':>6} {'refused':>8} {'of none':>8} {'refused':>8}")
    for name in arguments.format or formats.TABLES:
        _ask(name, [formats.Table(subject, random.Random(subject)) for subject in formats.SUBJECTS], arguments.show)


def _ask(name: str, tables: Sequence[Any], show: bool) -> None:
    with tempfile.TemporaryDirectory() as home:
        config = load_config().replace(index=Path(home) / "index")
        files = [Path(home) / f"{table.title}.{name}" for table in tables]
        for file, table in zip(files, tables, strict=True):
            file.write_bytes(formats.TABLES[name](table))
        index_paths(config, files)
        pipeline = opened_pipeline(config)
        asked = [(one, pipeline.ask(one.question, mode="quotes")) for table in tables for one in _questions(table)]
    told = [(one, answer) for one, answer in asked if one.answer]
    none = [answer for one, answer in asked if not one.answer]
    right = sum(_is_right(one, answer) for one, answer in told)
    refused = sum(answer.abstained for _, answer in told)
    shares = (right / len(told), (len(told) - right - refused) / len(told), refused / len(told))
    print(
        f"{name:8} {len(told):5} {shares[0]:8.2f} {shares[1]:6.2f} {shares[2]:8.2f} {len(none):8} "
        f"{sum(answer.abstained for answer in none) / len(none):8.2f}",
        flush=True,
    )
    for one, answer in asked if show else ():
        if not _is_right(one, answer):
            print(f"  {one.question} -> {one.answer or 'refused'}; was: {answer.text}")


def _is_right(one: Asked, answer: Answer) -> bool:
    if not one.answer:
        return answer.abstained
    first = answer.text.split("其次")[0]
    return not answer.abstained and one.answer in first.replace(",", "")


def _questions(table: Any) -> Iterator[Asked]:  # noqa: ANN401 - a Table of a module that mypy would see twice
    rng = random.Random(table.title)
    for number, (words, told) in enumerate(KINDS):
        column = number % len(formats.MEASURES) + 1
        what = f"{table.subject}{formats.MEASURES[column - 1]}"
        values = {row[0]: int(row[column]) for row in table.rows}
        first, other = rng.sample(list(values), 2)
        if values[first] < values[other]:
            first, other = other, first
        question = rng.choice(words).format(what=what, first=first, other=other)
        yield Asked(f"2031年海州市{question}", told(values, first, other))
    yield Asked(OTHER_YEAR.format(what=f"{table.subject}{formats.MEASURES[0]}"), "")
    yield Asked(OTHER_COLUMN.format(subject=table.subject), "")


def _hundredths(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.01'), ROUND_HALF_EVEN).normalize():f}"


if __name__ == "__main__":
    main()
