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
        ("2031年各县学位 单位：个", True),
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


def test_a_long_note_above_a_table_is_a_line_of_its_own() -> None:
    note = "说明：" + "以各县上报的数据为准，" * 8
    lines = list(grid("2031年各县学位||", f"{note}||", "县|小学|初中", "海州县|1,200|330").lines())
    assert [row.text for row in lines] == ["2031年各县学位", note, "县：海州县｜小学：1,200｜初中：330"]


def test_a_title_of_two_rows_tells_where_its_cells_stand() -> None:
    title = next(iter(grid("2031年各县学位||", "单位：个||", "县|小学|初中", "海州县|1,200|330").lines()))
    assert [title.text[cell.start : cell.end] for cell in title.cells] == ["2031年各县学位", "单位：个"]


def test_headers_that_reach_over_empty_cells_are_read_from_above() -> None:
    assert said(grid("县|小学||初中|", "|公办|民办|公办|民办", "海州县|8|2|5|1")) == [
        "县：海州县｜小学 公办：8｜小学 民办：2｜初中 公办：5｜初中 民办：1"
    ]


def test_numbers_of_columns_are_told_and_head_nothing() -> None:
    assert said(grid("项目|预算数|决算数|差额", "栏次|1|2|3", "人员经费|8,200|8,310|110")) == [
        "栏次｜1｜2｜3",
        "项目：人员经费｜预算数：8,200｜决算数：8,310｜差额：110",
    ]


def test_a_long_row_that_is_numbered_begins_its_lines_with_what_it_is_about() -> None:
    rows = [f"{n}|{name}|{'很长的说明' * 20}|{'更长的要求' * 25}" for n, name in ((1, "甲校"), (2, "乙校"))]
    lines = said(grid("序号|学校|说明|要求", *rows))
    assert [line.split("｜")[:2] for line in lines] == [
        ["序号：1", "学校：甲校"],
        ["学校：甲校", "要求：" + "更长的要求" * 25],
        ["序号：2", "学校：乙校"],
        ["学校：乙校", "要求：" + "更长的要求" * 25],
    ]


def test_a_long_row_is_named_by_as_many_columns_as_tell_the_rows_apart() -> None:
    rows = [f"海州县|{post}|{'很长的说明' * 20}|{'更长的要求' * 25}" for post in ("语文教师", "数学教师")]
    assert said(grid("县|岗位|说明|要求", *rows))[1] == "县：海州县｜岗位：语文教师｜要求：" + "更长的要求" * 25


def test_a_numbered_row_that_is_broken_is_put_together() -> None:
    table = grid("序号|学校|等级", "1|海州师范高等|甲", "|专科学校|", "2|云岭学院|乙")
    assert said(table) == ["序号：1｜学校：海州师范高等专科学校｜等级：甲", "序号：2｜学校：云岭学院｜等级：乙"]


def test_headers_that_a_new_page_repeats_head_no_headers() -> None:
    assert said(grid("县|小学|初中", "海州县|8|5", "县|小学|初中", "云岭县|6|4")) == [
        "县：海州县｜小学：8｜初中：5",
        "县｜小学｜初中",
        "县：云岭县｜小学：6｜初中：4",
    ]


def test_a_cell_of_several_lines_is_one_line_and_found_in_it() -> None:
    row = list(grid("学校\n名称|Number\nof pupils", "海州\n小学|1,200").lines())[-1]
    assert row.text == "学校名称：海州小学｜Number of pupils：1,200"
    assert [row.text[cell.start : cell.end] for cell in row.cells] == ["海州小学", "1,200"]


def test_a_cell_of_many_sentences_is_told_in_lines_that_each_name_the_row() -> None:
    condition = "".join(f"第{n}项条件是在本市有三年以上的工作经历。" for n in range(1, 17))
    lines = said(grid("岗位|条件|人数", f"教师|{condition}|8", "校医|略|2"))
    assert [line.startswith("岗位：教师｜条件：第") for line in lines] == [True, True, False]
    assert max(map(len, lines)) <= 206
    assert "".join(line.partition("条件：")[2].removesuffix("｜人数：8") for line in lines[:2]) == condition
    assert lines[1].endswith("。｜人数：8")


def test_headers_below_a_wide_first_one_are_headers_too() -> None:
    table = Grid(
        [
            [Cell("收入", n_columns=2), None, Cell("支出", n_columns=2), None],
            [Cell("项目"), Cell("预算数"), Cell("项目"), Cell("预算数")],
            [Cell("一、拨款"), Cell("460"), Cell("一、教育"), Cell("330")],
            [Cell("二、其他"), Cell("40"), Cell("二、农业"), Cell("170")],
        ]
    )
    assert said(table) == [
        "收入 项目：一、拨款｜收入 预算数：460｜支出 项目：一、教育｜支出 预算数：330",
        "收入 项目：二、其他｜收入 预算数：40｜支出 项目：二、农业｜支出 预算数：170",
    ]


def test_a_cell_alone_behind_the_first_column_keeps_its_header() -> None:
    assert said(grid("县|小学|备注", "海州县|1,200|无", "||云岭县另报", "合计|1,200|"))[1] == "备注：云岭县另报"


def test_headers_over_nothing_are_untold() -> None:
    table = grid("县|小学|初中|高中", "栏次|1|2|3", "海州县|1,200||", "云岭县|610||")
    untold = table.untold()
    assert untold is not None
    assert untold.text == "初中｜高中"
    assert [(cell.cell.text, untold.text[cell.start : cell.end]) for cell in untold.cells] == [
        ("初中", "初中"),
        ("高中", "高中"),
    ]
    assert grid("县|小学", "海州县|1,200", "云岭县|610").untold() is None
