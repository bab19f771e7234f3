"""What a question asks of a table, by names of its rows and columns."""

import pytest

from rag.reading.evidence_reader import ReadSpan
from rag.schema.search import Evidence
from rag.scoring.cells import cell_asked_for


def row(text: str, *, title: str = "2031年海州市渔船统计表", number: int = 1) -> ReadSpan:
    evidence = Evidence(number, text, f"{title}.xlsx", title, "海州市", (2031,), (title,), 0, len(text), 0.0)
    return ReadSpan(evidence, 0, 0, float("-inf"))


ROWS = [
    row("乡镇：白沙镇｜渔船：5651｜从业人员：5313", number=1),
    row("乡镇：青河镇｜渔船：1204｜从业人员：988", number=2),
]


def asked(question: str, rows: list[ReadSpan] = ROWS) -> str | None:
    found = cell_asked_for(question, rows, lambda _: False)
    return found.text if found else None


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("2031年海州市青河镇的从业人员是多少？", "988"),
        ("白沙镇有多少渔船？", "5651"),
        ("白沙鎮的從業人員有多少？", "5313"),
        ("海州市渔船统计表中，青河镇的渔船有多少？", "1204"),
    ],
)
def test_row_and_column_name_a_cell(question: str, value: str) -> None:
    assert asked(question) == value


@pytest.mark.parametrize(
    "question",
    [
        "望江镇有多少渔船？",  # no such row
        "白沙镇有多少码头？",  # no such column
        "云岭市白沙镇有多少渔船？",  # what stands above the table does not say so
        "白沙镇的渔船和从业人员分别是多少？",  # two columns
        "白沙镇怎么样？",
    ],
)
def test_question_that_names_no_single_cell_has_none(question: str) -> None:
    assert asked(question) is None


def test_longer_header_is_meant_where_a_shorter_one_is_part_of_it() -> None:
    rows = [row("乡镇：白沙镇｜人员：12｜从业人员：5313")]
    assert asked("白沙镇从业人员是多少？", rows) == "5313"


def test_two_rows_of_other_values_leave_it_open() -> None:
    rows = [*ROWS, row("乡镇：白沙镇｜渔船：77｜从业人员：6", number=3)]
    assert asked("白沙镇有多少渔船？", rows) is None
    assert asked("青河镇有多少渔船？", rows) == "1204"


def test_row_of_another_place_or_year_is_passed_over() -> None:
    assert cell_asked_for("白沙镇有多少渔船？", ROWS, lambda _: True) is None


def test_year_over_another_column_is_not_this_ones() -> None:
    rows = [row("乡镇：白沙镇｜渔船：5651｜上年新建：23")]
    seen: list[str] = []
    found = cell_asked_for("白沙镇有多少渔船？", rows, lambda one: bool(seen.append(one.text)))
    assert found is not None
    assert (found.text, seen) == ("5651", ["乡镇：白沙镇｜渔船：5651"])


def test_prose_holds_no_cell() -> None:
    assert asked("白沙镇有多少渔船？", [row("白沙镇有渔船5651艘。")]) is None
