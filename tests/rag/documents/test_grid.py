"""Tables in words: which rows head which, and what each row says."""

from __future__ import annotations

import pytest

from rag.documents.load.grid import Cell, Grid


def grid(*rows: str) -> Grid:
    """Cells parted by a bar; an empty one is none."""
    return Grid([[Cell(text) if text else None for text in row.split("|")] for row in rows])


def said(table: Grid) -> list[str]:
    return [row.text for row in table.lines()]


def test_a_row_says_the_header_of_each_cell() -> None:
    assert said(grid("县|小学|初中", "海州县|1,200|330", "云岭县|610|480")) == [
        "县：海州县｜小学：1,200｜初中：330",
        "县：云岭县｜小学：610｜初中：480",
    ]


def test_a_title_and_a_unit_stand_above_the_headers() -> None:
    lines = list(grid("2031年各县学位||", "单位：个||", "县|小学|初中", "海州县|1,200|330").lines())
    assert [(row.text, row.is_title) for row in lines] == [
        ("2031年各县学位", True),
        ("单位：个", True),
        ("县：海州县｜小学：1,200｜初中：330", False),
    ]


def test_headers_of_two_rows_are_read_from_above() -> None:
    table = Grid(
        [
            [Cell("县", n_rows=2), Cell("小学", n_columns=2), None, Cell("初中", n_rows=2)],
            [None, Cell("公办"), Cell("民办"), None],
            [Cell("海州县"), Cell("8"), Cell("2"), Cell("5")],
        ]
    )
    assert said(table) == ["县：海州县｜小学 公办：8｜小学 民办：2｜初中：5"]


def test_a_cell_over_several_rows_is_said_in_each() -> None:
    table = Grid(
        [
            [Cell("市"), Cell("等级"), Cell("金额")],
            [Cell("海州市", n_rows=2), Cell("一等"), Cell("460")],
            [None, Cell("其他"), Cell("330")],
            [Cell("云岭市"), Cell("一等"), Cell("610")],
        ]
    )
    assert said(table)[1] == "市：海州市｜等级：其他｜金额：330"


def test_a_form_of_two_columns_has_no_headers() -> None:
    assert said(grid("项目名称|食堂改造", "联系人|略", "预算|10万元")) == [
        "项目名称｜食堂改造",
        "联系人｜略",
        "预算｜10万元",
    ]


def test_what_the_file_calls_a_header_is_one() -> None:
    table = Grid([[Cell("1月", is_header=True), Cell("2031", is_header=True)], [Cell("雨"), Cell("晴")]])
    assert said(table) == ["1月：雨｜2031：晴"]


def test_years_head_columns() -> None:
    assert said(grid("指标|2030年|2031年", "学校|12|15")) == ["指标：学校｜2030年：12｜2031年：15"]


def test_a_table_of_headers_alone_is_told() -> None:
    assert said(grid("县|小学|初中")) == ["县｜小学｜初中"]


def test_a_line_across_the_table_stands_alone() -> None:
    table = Grid(
        [
            [Cell("县"), Cell("小学"), Cell("初中")],
            [Cell("一、北部", n_columns=3), None, None],
            [Cell("海州县"), Cell("8"), Cell("5")],
        ]
    )
    assert said(table) == ["一、北部", "县：海州县｜小学：8｜初中：5"]


def test_a_long_row_is_told_in_lines_that_begin_with_its_first_cell() -> None:
    n = 40
    lines = said(
        grid("县|" + "|".join(f"第{i}项" for i in range(n)), "海州县|" + "|".join(str(i * 111) for i in range(n)))
    )
    assert len(lines) > 1
    assert all(line.startswith("县：海州县｜") and len(line) <= 201 for line in lines)
    assert sum(line.count("项：") for line in lines) == n


@pytest.mark.parametrize("rows", [(), ("",), ("|", "|")])
def test_a_table_of_nothing_says_nothing(rows: tuple[str, ...]) -> None:
    assert said(grid(*rows)) == []


def test_a_cell_is_found_in_its_line() -> None:
    row = list(grid("县|小学", "海州县|1,200").lines())[-1]
    assert [row.text[cell.start : cell.end] for cell in row.cells] == ["海州县", "1,200"]
