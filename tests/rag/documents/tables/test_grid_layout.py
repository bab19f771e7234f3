"""Which rows of a table are titles and headers: tables as offices write them, each with what is right."""

from __future__ import annotations

import pytest

from rag.documents.load.grid import Cell, Grid
from rag.documents.load.grid_layout import Layout, numbering_columns

# Name -> (titles, headers, rows). A row's cells are parted by bars; `>` goes on with the cell to the left, `^` with the
# one above, an empty one is none.
TABLES: dict[str, tuple[int, int, str]] = {
    "figures by county": (0, 1, "县|小学|初中\n海州县|1,200|330\n云岭县|610|480"),
    "title and unit": (2, 1, "2031年各县学位|>|>\n||单位：个\n县|小学|初中\n海州县|1,200|330\n云岭县|610|480"),
    "title at the left without a merge": (1, 1, "2031年各县学位||\n县|小学|初中\n海州县|1,200|330\n云岭县|610|480"),
    "issuer and unit in one row": (
        *(2, 1),
        "收入表|>|>|>\n编制单位：海州市财政局|||单位：万元\n项目|预算数|决算数|完成率\n税收|8,200|8,310|101.3%",
    ),
    "issuer, date and unit in one row": (
        *(2, 1),
        "资产负债表|>|>|>\n编制单位：海州小学|2031年12月31日||单位：元\n资产|期末|年初|备注\n资金|82,000|79,100|",
    ),
    "two rows of headers, merged": (0, 2, "县|小学|>|初中|>\n^|公办|民办|公办|民办\n海州县|8|2|5|1\n云岭县|6|1|4|0"),
    "two rows of headers, not merged": (0, 2, "县|小学||初中|\n|公办|民办|公办|民办\n海州县|8|2|5|1\n云岭县|6|1|4|0"),
    "three rows of headers": (
        *(1, 3),
        "学校情况|>|>|>|>\n县|义务教育|>|>|>\n^|小学|>|初中|>\n^|校数|人数|校数|人数\n海州县|8|4,200|5|2,100\n云岭县|6|3,100|4|1,800",
    ),
    "units below the headers": (0, 2, "县|学校|学生\n|所|人\n海州县|8|4,200\n云岭县|6|3,100"),
    "years across, with their sign": (0, 1, "指标|2029年|2030年|2031年\n学校|12|15|16\n学生|9,200|9,310|9,400"),
    "years across, bare": (0, 1, "指标|2029|2030|2031\n学校|12|15|16\n学生|9,200|9,310|9,400"),
    "years across, nothing above the names": (0, 1, "|2030|2031\n学校|12|15\n学生|9,200|9,310"),
    "years down": (0, 1, "年份|学校|学生\n2029|12|9,200\n2030|15|9,310\n2031|16|9,400"),
    "months across": (0, 1, "项目|1月|2月|3月\n用电量|320|290|305\n用水量|88|79|84"),
    "numbers of columns below the headers": (
        *(0, 2),
        "项目|预算数|决算数|差额\n栏次|1|2|3\n人员经费|8,200|8,310|110\n公用经费|1,900|1,850|-50",
    ),
    "staff list with running numbers": (
        *(1, 1),
        "海州小学教职工名单|||\n序号|姓名|学科|职称\n1|甲某|语文|高级\n2|乙某|数学|中级\n3|丙某|英语|中级",
    ),
    "list of words": (0, 1, "姓名|部门|职务\n甲某|教务处|主任\n乙某|总务处|副主任\n丙某|办公室|干事"),
    "list of words with a wide note": (0, 1, "学校|类型|备注\n第一小学|公办|\n第二小学|公办|含附属幼儿园两所"),
    "form of two columns": (0, 0, "项目名称|食堂改造\n联系人|略\n预算|10万元"),
    "form of two columns with figures": (0, 0, "预算|10万元\n已支出|3万元\n结余|7万元"),
    "form of four columns": (0, 0, "姓名|甲某|性别|男\n出生年月|2001年3月|民族|汉\n学历|本科|联系电话|88001234"),
    "form with a title": (1, 0, "登记表|>|>|>\n姓名|甲某|性别|男\n出生年月|2001年3月|民族|汉\n地址|海州路1号|>|>"),
    "form with wide answers": (0, 0, "单位|海州小学|>|>\n校长|甲某|电话|88001234\n意见|同意|>|>"),
    "form with colons": (0, 0, "姓名：|甲某|性别：|男\n班级：|三年级|学号：|20310101"),
    "group rows": (0, 1, "县|小学|初中\n一、北部|>|>\n海州县|8|5\n云岭县|6|4\n二、南部|>|>\n临江县|7|3"),
    "group rows without merges": (0, 1, "项目|金额|占比\n一、收入||\n拨款|820|82%\n其他|180|18%"),
    "a total at the top": (0, 1, "县|小学|初中\n合计|14|9\n海州县|8|5\n云岭县|6|4"),
    "figures that are missing": (0, 1, "县|小学|初中\n海州县|—|—\n云岭县|6|4\n临江县|7|3"),
    "percentages and words": (0, 1, "措施|进度|责任单位\n改造校舍|85%|教育局\n添置设备|60%|财政局"),
    "two columns with figures": (0, 1, "项目|金额\n办公费|12\n差旅费|8\n会议费|3"),
    "two columns of words": (0, 1, "科室|职责\n办公室|综合协调、文秘和档案工作\n基础教育科|义务教育的管理和指导"),
    "one row of figures": (0, 1, "学校|班级|学生\n海州小学|24|1,080"),
    "headers with figures in them": (0, 1, "县|3岁以下|3至6岁|60岁以上\n海州县|820|1,310|4,110\n云岭县|190|850|2,050"),
    "text ids and words": (0, 1, "准考证号|考生|考点\nH2031001|甲某|第一中学\nH2031002|乙某|第一中学"),
    "notes before a list": (1, 1, "说明：以下为公示名单\n序号|单位|奖项\n1|第一小学|一等奖\n2|第二小学|二等奖"),
    "no headers at all": (0, 0, "海州县|1,200|330\n云岭县|610|480\n临江县|700|310"),
}  # fmt: skip
NOT_RIGHT = {"two columns of words"}
"""Two rows are too few to tell headers over words from a form."""


def grid(text: str) -> Grid:
    """A table from its notation."""
    raw = [line.split("|") for line in text.split("\n")]
    width = max(map(len, raw))
    raw = [row + [""] * (width - len(row)) for row in raw]
    rows: list[list[Cell | None]] = []
    for n, line in enumerate(raw):
        row: list[Cell | None] = []
        for m, cell in enumerate(line):
            n_columns = next((i for i, c in enumerate(line[m + 1 :]) if c != ">"), width - m - 1) + 1
            n_rows = next((i for i, below in enumerate(raw[n + 1 :]) if below[m] != "^"), len(raw) - n - 1) + 1
            row.append(Cell(cell, n_columns=n_columns, n_rows=n_rows) if cell not in ("", ">", "^") else None)
        rows.append(row)
    return Grid(rows)


@pytest.mark.parametrize("name", TABLES.keys() - NOT_RIGHT)
def test_titles_and_headers_are_told(name: str) -> None:
    n_titles, n_headers, text = TABLES[name]
    assert grid(text).layout == Layout(n_titles, n_headers)


@pytest.mark.parametrize("name", sorted(NOT_RIGHT))
def test_what_cannot_be_told_has_no_headers(name: str) -> None:
    assert grid(TABLES[name][2]).layout.n_headers == 0


@pytest.mark.parametrize(
    ("column", "is_numbering"),
    [
        ("1|2|3", True),
        ("1473|1474|1475", True),
        ("1|2|1|2|3|4|5|6", True),
        ("2029|2030|2031", False),
        ("1|3|7", False),
        ("甲|乙", False),
        ("1", True),
        ("12", False),
    ],
)
def test_a_column_that_only_numbers_the_rows_is_told(column: str, is_numbering: bool) -> None:
    rows = [[Cell(number), Cell("甲")] for number in column.split("|")]
    assert numbering_columns(rows) == ({0} if is_numbering else set())
