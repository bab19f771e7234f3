"""Cells of a row, and the headers that a question names."""

import pytest

from rag.scoring.row_cells import cells_of, names


def test_cells_know_where_their_values_stand() -> None:
    row = "县：甲县｜无题｜小学（人）：1,200"
    cells = list(cells_of(row))
    assert [(cell.header, cell.value) for cell in cells] == [("县", "甲县"), ("小学（人）", "1,200")]
    assert [row[cell.start : cell.end] for cell in cells] == ["甲县", "1,200"]


@pytest.mark.parametrize(
    ("question", "header", "is_named"),
    [
        ("甲县的小学有多少", "小学（所）", True),
        ("甲县2031年的学位", "2031年学位", True),
        ("甲县2030年的学位", "2031年学位", False),
        ("甲县在校生里小学有多少", "在校生 小学", True),
        ("甲县在校生有多少", "在校生 小学", False),
        ("甲县的小学有多少", "县", False),  # one character stands in too many words
        ("第12个县", "12", False),
        ("the average of pupils", "Age", False),
        ("how many Pupils are there", "pupil", True),
    ],
)
def test_a_header_is_named_as_it_is_written(question: str, header: str, is_named: bool) -> None:
    assert names(question, header) is is_named
