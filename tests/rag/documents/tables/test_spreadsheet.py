"""Workbooks: what their cells show, where it stands, and what people are told of them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from openpyxl import Workbook

from rag.documents.load import Extracted, load_document, loader_of
from rag.documents.load.sheets.sheet import address_of
from rag.documents.location import Locator
from rag.errors import DocumentError
from tests.support.sheet_files import STRICT, cell, ods_of, rows_of, xls_of, xlsx_of, zip_of

MOST = 50_000_000
COUNTIES = rows_of(["县", "小学", "初中"], ["海州县", 8, 5], ["云岭县", 6, 4])


def read(content: bytes, name: str = "a.xlsx", *, tmp: Path) -> Extracted:
    path = tmp / name
    path.write_bytes(content)
    return loader_of(path.suffix).extract(path, max_bytes=MOST)


@pytest.fixture
def lines(tmp_path: Path):
    def lines(content: bytes, name: str = "a.xlsx") -> list[str]:
        return read(content, name, tmp=tmp_path).text.splitlines()

    return lines


@pytest.fixture
def notes(tmp_path: Path):
    def notes(content: bytes, name: str = "a.xlsx") -> tuple[str, ...]:
        return read(content, name, tmp=tmp_path).notes

    return notes


@pytest.fixture
def refusal(tmp_path: Path):
    def refusal(content: bytes, name: str = "a.xlsx") -> str:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DocumentError) as caught:
            load_document(tmp_path / name, max_bytes=MOST)
        return str(caught.value)

    return refusal


# What is read, and where it stands


def test_rows_say_their_headers(lines) -> None:
    assert lines(xlsx_of({"学校": COUNTIES})) == ["县：海州县｜小学：8｜初中：5", "县：云岭县｜小学：6｜初中：4"]


def test_the_strict_kind_reads_the_same(lines) -> None:
    assert lines(xlsx_of({"学校": COUNTIES}, namespace=STRICT)) == lines(xlsx_of({"学校": COUNTIES}))


def test_a_cell_is_cited_by_sheet_and_address(tmp_path: Path) -> None:
    document = read(xlsx_of({"说明": rows_of(["见另表"]), "学校": COUNTIES}), tmp=tmp_path)
    start = document.text.index("6")
    assert Locator(document.blocks).location(start, start + 1).label == "学校!B3"


def test_sheets_are_headings_where_there_are_several(lines) -> None:
    assert lines(xlsx_of({"小学": rows_of(["甲校", 1]), "空": "", "初中": rows_of(["乙校", 2])})) == [
        *("小学", "甲校｜1"),
        *("初中", "乙校｜2"),
    ]


def test_merged_cells_are_said_in_each_row(lines) -> None:
    rows = rows_of(["市", "等级", "金额"], ["海州市", "一等", 460], [None, "其他", 330], ["云岭市", "一等", 610])
    assert lines(xlsx_of({"a": rows}, merged=["A2:A3"])) == [
        "市：海州市｜等级：一等｜金额：460",
        "市：海州市｜等级：其他｜金额：330",
        "市：云岭市｜等级：一等｜金额：610",
    ]


def test_what_a_merged_cell_covers_is_not_shown(lines) -> None:
    assert lines(
        xlsx_of({"a": rows_of(["标题", "旧字", "旧字"], ["县", "小学", "初中"], ["甲", 1, 2])}, merged=["A1:C1"])
    ) == [
        "标题",
        "县：甲｜小学：1｜初中：2",
    ]


def test_two_tables_are_parted_by_an_empty_column(lines) -> None:
    rows = rows_of(["各县情况"], ["县", "小学", None, "市", "高中"], ["甲县", 8, None, "乙市", 3])
    assert lines(xlsx_of({"a": rows}, merged=["A1:E1"])) == ["各县情况", "县：甲县｜小学：8", "市：乙市｜高中：3"]


def test_two_tables_are_parted_by_empty_rows_each_with_its_title(tmp_path: Path) -> None:
    rows = rows_of(["表1 学校"], [], ["县", "小学"], ["甲县", 8]) + rows_of(
        ["表2 经费"], ["单位：万元"], ["县", "拨款"], ["甲县", 90], first=7
    )
    document = read(xlsx_of({"a": rows}), tmp=tmp_path)
    assert document.text.splitlines() == [
        "表1 学校",
        "县：甲县｜小学：8",
        "表2 经费 单位：万元",
        "县：甲县｜拨款：90",
    ]
    assert [document.text[b.start : b.end] for b in document.blocks if b.kind == "heading"] == [
        "表1 学校",
        "表2 经费 单位：万元",
    ]


def test_a_table_goes_on_behind_an_empty_row(lines) -> None:
    rows = rows_of(["县", "小学", "初中"], ["甲县", 8, 5], [], ["乙县", 6, 4])
    assert lines(xlsx_of({"a": rows})) == ["县：甲县｜小学：8｜初中：5", "县：乙县｜小学：6｜初中：4"]


def test_text_of_runs_is_one_and_phonetic_guides_are_no_text(lines) -> None:
    strings = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><r><t>海州</t></r><r><rPr><b/></rPr>'
        "<t>小学</t></r><rPh><t>hai zhou</t></rPh></si></sst>"
    )
    rows = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>9</v></c></row>'
    assert lines(xlsx_of({"a": rows}, more={"xl/sharedStrings.xml": strings})) == ["海州小学"]


def test_cells_without_addresses_follow_each_other(lines) -> None:
    assert lines(
        xlsx_of({"a": "<row><c><v>7</v></c><c><v>8</v></c></row><row><c><v>9</v></c><c><v>10</v></c></row>"})
    ) == [
        "7｜8",
        "9｜10",
    ]


def test_booleans_and_errors_are_as_shown(lines) -> None:
    rows = '<row r="1"><c r="A1" t="b"><v>1</v></c><c r="B1" t="e"><v>#DIV/0!</v></c></row>'
    assert lines(xlsx_of({"a": rows})) == ["TRUE｜#DIV/0!"]


def test_numbers_and_dates_are_as_shown(lines) -> None:
    rows = rows_of([(1186.6071672, 1), (0.8135, 2), (45017, 3), 2014310000010300017])
    content = xlsx_of({"a": rows}, formats=["#,##0", "0.0%", 'yyyy"年"m"月"d"日"'])
    assert lines(content) == ["1,187｜81.4%｜2023年4月1日｜2014310000010300017"]


def test_days_of_1904(lines) -> None:
    assert lines(xlsx_of({"a": rows_of([(43555, 1)])}, formats=["yyyy-mm-dd"], date1904=True)) == ["2023-04-01"]


def test_a_workbook_of_a_library_is_read(lines) -> None:
    book = Workbook()
    book.active.append(["县", "学位"])
    book.active.append(["海州县", 1200])
    book.active["B2"].number_format = "#,##0"
    out = io.BytesIO()
    book.save(out)
    assert lines(out.getvalue()) == ["县：海州县｜学位：1,200"]


# What people are told


def test_hidden_sheets_rows_and_columns_are_read_and_told(tmp_path: Path) -> None:
    hidden = COUNTIES.replace('<row r="3">', '<row r="3" hidden="1">')
    content = xlsx_of(
        {"学校": hidden, "备份": rows_of(["旧数", 3])},
        columns='<cols><col min="3" max="16384" hidden="1"/></cols>',
        states={"备份": "veryHidden"},
    )
    document = read(content, tmp=tmp_path)
    assert document.text.splitlines()[-2:] == ["备份", "旧数｜3"]
    assert document.notes == (
        "Sheet '学校' has hidden rows, which were read: 3.",
        "Sheet '学校' has hidden columns, which were read: C.",
        "Sheet '备份' is hidden; it was read.",
    )


def test_rounded_numbers_are_told(notes) -> None:
    rows = rows_of([(1186.6071672, 1), (2.5, 1), (7, 1)])
    assert notes(xlsx_of({"a": rows}, formats=["#,##0"])) == (
        "Sheet 'a': 2 cells show rounded numbers: A1 shows 1,187 and holds 1186.6071672.",
    )


def test_a_formula_without_a_value_says_so_and_is_named(tmp_path: Path) -> None:
    rows = f'<row r="1">{cell("A1", 3)}{cell("B1", None, formula="A1*2")}{cell("C1", 12, formula="A1*4")}'
    rows += f"{cell('D1', '', formula='REPT(A1,0)')}</row>"
    document = read(xlsx_of({"a": rows}), tmp=tmp_path)
    assert document.text == "3｜=A1*2（公式未计算）｜12\n"
    assert document.notes == ("Sheet 'a' has formulas whose values are not in the file: calculate and save it: B1.",)


def test_digits_that_the_file_has_lost_are_told(tmp_path: Path) -> None:
    document = read(xlsx_of({"a": '<row r="1"><c r="A1"><v>2.0143100000103E+18</v></c></row>'}), tmp=tmp_path)
    assert document.text == "2014310000010300000\n"
    assert document.notes == (
        "Sheet 'a' has numbers of which the file keeps 15 or 17 digits: long ids must be stored as text: A1.",
    )


def test_a_number_that_its_format_hides_is_read_and_told(tmp_path: Path) -> None:
    document = read(xlsx_of({"a": rows_of([(3, 1), "甲"])}, formats=[";;;"]), tmp=tmp_path)
    assert document.text == "3｜甲\n"
    assert document.notes == ("Sheet 'a' has numbers that their format hides, which were read: A1.",)


def test_pictures_and_comments_are_told(notes) -> None:
    more = {"xl/media/image1.png": b"x", "xl/comments1.xml": "<comments/>"}
    assert notes(xlsx_of({"a": COUNTIES}, more=more)) == ("Its pictures, comments were not read.",)


# Older and open formats


def test_an_old_workbook_is_read(tmp_path: Path) -> None:
    rows = [
        ["县", "学位", "比例", "日期"],
        ["海州县", (1186.6071672, 1), (0.5, 2), (45017, 3)],
        ["云岭县", 7, True, b"\x07"],
    ]
    content = xls_of(
        {"学校": rows, "备份": [["旧数", 2014310000010300.0]]},
        formats=["#,##0", "0%", "yyyy-mm-dd"],
        hidden=["备份"],
        hidden_rows=[2],
        hidden_columns=[1],
    )
    document = read(content, "a.xls", tmp=tmp_path)
    assert document.text.splitlines() == [
        "学校",
        "县：海州县｜学位：1,187｜比例：50%｜日期：2023-04-01",
        "县：云岭县｜学位：7｜比例：TRUE｜日期：#DIV/0!",
        "备份",
        "旧数｜2014310000010300",
    ]
    assert document.notes == (
        "Sheet '学校' has hidden rows, which were read: 3.",
        "Sheet '学校' has hidden columns, which were read: B.",
        "Sheet '学校': 1 cell shows rounded numbers: B2 shows 1,187 and holds 1186.6071672.",
        "Sheet '备份' is hidden; it was read.",
        "Sheet '备份' has hidden columns, which were read: B.",
    )


def test_merged_cells_of_an_old_workbook_are_said_in_each_row(lines) -> None:
    rows = [["市", "等级", "金额"], ["海州市", "一等", 460], [None, "其他", 330]]
    assert lines(xls_of({"a": rows}, merged=[(1, 2, 0, 0)]), "a.xls")[1] == "市：海州市｜等级：其他｜金额：330"


def ods_row(*cells: str, more: str = "") -> str:
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


def ods_cell(text: str, more: str = "") -> str:
    return f"<table:table-cell {more}><text:p>{text}</text:p></table:table-cell>"


def test_an_open_workbook_shows_what_it_says(tmp_path: Path) -> None:
    columns = '<table:table-column/><table:table-column table:visibility="collapse"/>'
    rows = (
        ods_row(ods_cell("县"), ods_cell("学<text:span>位</text:span>"), ods_cell("备注"))
        + ods_row(
            ods_cell("海州县", 'table:number-rows-spanned="2"'),
            ods_cell("1,187", 'office:value-type="float" office:value="1186.6071672"'),
            ods_cell("甲<text:s text:c='2'/>乙<text:line-break/>丙"),
        )
        + ods_row(
            "<table:covered-table-cell/>",
            '<table:table-cell table:formula="of:=[.B2]*2"/>',
            '<table:table-cell table:number-columns-repeated="16382"/>',
        )
        + ods_row(
            '<table:table-cell table:number-columns-repeated="16384"/>', more='table:number-rows-repeated="1048573"'
        )
    )
    styles = '<style:style style:name="备份"><style:table-properties table:display="false"/></style:style>'
    backup = ods_row(ods_cell("旧数"), ods_cell("3"))
    document = read(ods_of({"学位": columns + rows, "备份": backup}, styles=styles), "a.ods", tmp=tmp_path)
    assert document.text.splitlines() == [
        "学位",
        "县：海州县｜学位：1,187｜备注：甲 乙丙",
        "县：海州县｜学位：=[.B2]*2（公式未计算）",
        "备份",
        "旧数｜3",
    ]
    assert document.notes == (
        "Sheet '学位' has hidden columns, which were read: B.",
        "Sheet '学位' has formulas whose values are not in the file: calculate and save it: B3.",
        "Sheet '学位': 1 cell shows rounded numbers: B2 shows 1,187 and holds 1186.6071672.",
        "Sheet '备份' is hidden; it was read.",
    )


def test_repeated_cells_are_there_as_often_as_told(lines) -> None:
    rows = ods_row(ods_cell("7", 'table:number-columns-repeated="2"'), more='table:number-rows-repeated="2"')
    assert lines(ods_of({"a": rows}), "a.ods") == ["7｜7", "7｜7"]


def test_what_a_workbook_is_its_content_says(lines) -> None:
    assert lines(xlsx_of({"a": COUNTIES}), "a.xls") == lines(xlsx_of({"a": COUNTIES}), "a.xlsx")
    assert lines(xls_of({"a": [["甲", "乙"]]}), "a.et") == ["甲｜乙"]


# What nobody should write


def test_cells_at_the_end_of_the_largest_sheet_cost_nothing(lines) -> None:
    rows = rows_of(["甲", "乙"]) + f'<row r="1048576">{cell("XFD1048576", "丙")}</row>'
    content = xlsx_of({"a": rows}, merged=["A1:XFD1048576", "XFD1:XFD1048576", "A2:B9"] + ["C1:XFD1048575"] * 999)
    assert lines(content) == ["甲"]
    assert lines(xlsx_of({"a": rows}, merged=["C1:XFD1048575"] * 999)) == ["甲｜乙", "丙"]


def test_a_row_and_a_column_that_cross_are_read_without_what_lies_between(lines) -> None:
    rows = "".join(f'<row r="{n}">{cell(f"A{n}", n)}</row>' for n in range(2, 3000))
    across = "".join(f'<c r="{address_of(1, column)}"><v>1</v></c>' for column in range(1, 400))
    assert lines(xlsx_of({"a": f'<row r="1">{across}</row>{rows}'}))[-1] == "2999"


@pytest.mark.parametrize("name", ["a.xlsx", "a.ods"])
def test_a_part_that_defines_entities_is_refused(refusal, name: str) -> None:
    dtd = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>'
    sheet = f"{dtd}<worksheet><sheetData><row><c t='str'><v>&a;&b;</v></c></row></sheetData></worksheet>"
    bad = {
        "a.xlsx": xlsx_of({"a": COUNTIES}, more={"xl/worksheets/sheet1.xml": sheet}),
        "a.ods": ods_of({"a": ""}, more={"content.xml": sheet}),
    }[name]
    assert "defines entities" in refusal(bad, name)


def test_what_unpacks_to_too_much_is_refused(refusal) -> None:
    bomb = xlsx_of({"a": COUNTIES}, more={"xl/worksheets/sheet1.xml": b" " * (MOST + 1)})
    assert refusal(bomb).startswith("a.xlsx unpacks to more than 50,000,000 bytes")


def test_a_zip_that_lists_too_many_members_is_refused_unread(refusal) -> None:
    members = {f"{n:0>200}": b"" for n in range(17_000)}
    assert refusal(zip_of(members, packed=False)) == "a.xlsx has too many members. Split it into several files."


def test_a_row_of_a_million_elements_is_refused(refusal) -> None:
    assert "more than 1,000,000 elements in one place" in refusal(xlsx_of({"a": f"<row>{'<c/>' * 1_000_001}</row>"}))


def test_elements_deep_in_each_other_are_refused_or_read(refusal) -> None:
    deep = "<text:span>" * 100_000 + "x" + "</text:span>" * 100_000
    content = ods_of({"a": ods_row(ods_cell(deep))})
    assert refusal(content, "a.ods") == "a.ods cannot be read: its elements stand too deep in each other."


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "a.xlsx",
            "is locked with a password",
        ),
        (ods_of({"a": ""}, more={"META-INF/manifest.xml": "<encryption-data/>"}), "a.ods", "is locked with a password"),
        (zip_of({"word/document.xml": "", "[Content_Types].xml": ""}), "a.xlsx", "is a Word document, no workbook"),
        (zip_of({"xl/workbook.bin": "", "[Content_Types].xml": ""}), "a.xlsx", "is a binary workbook (xlsb)"),
        (zip_of({"b.txt": "x"}), "a.xlsx", "is a zip file and no workbook"),
        (b"<html><table><tr><td>1</td></tr></table>", "a.xls", "it is a web page (HTML)"),
        ("县,小学\n海州县,8\n".encode(), "a.xls", "it looks like text (CSV?)"),
        (b"%PDF-1.7 \0", "a.xlsx", "it is a PDF file"),
        (b'<?xml version="1.0"?><Workbook/>', "a.xls", "it is an XML file"),
        (xlsx_of({"a": COUNTIES})[:400], "a.xlsx", "is damaged"),
        (xls_of({"a": [["甲"]]})[:90], "a.xls", "a.xls"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "a.xls", "a.xls is no workbook that can be read"),
        (xlsx_of({"a": ""}), "a.xlsx", "has nothing in its cells"),
        (xlsx_of({"a": COUNTIES}, more={"xl/worksheets/sheet1.xml": "<worksheet><row>"}), "a.xlsx", "is damaged"),
        (xlsx_of({"a": COUNTIES}, more={"xl/workbook.xml": ""}), "a.xlsx", "is damaged"),
        (b"", "a.ods", "a.ods is empty"),
    ],
)
def test_what_is_no_workbook_is_refused_with_the_reason(refusal, content: bytes, name: str, said: str) -> None:
    assert said in refusal(content, name)
    assert name in refusal(content, name)


def test_relations_out_of_the_file_are_not_followed(lines, notes) -> None:
    relations = (
        '<Relationships><Relationship Id="r1" Type="x/worksheet" Target="../../../../etc/passwd"/>'
        '<Relationship Id="r2" Type="x/worksheet" Target="https://host.example/s.xml" TargetMode="External"/>'
        '<Relationship Id="r3" Type="x/worksheet" Target="worksheets/sheet3.xml"/></Relationships>'
    )
    content = xlsx_of({"a": "", "b": "", "c": COUNTIES}, more={"xl/_rels/workbook.xml.rels": relations})
    assert len(lines(content)) == 2
    assert notes(content) == (
        "Sheet 'a' holds no cells (worksheet), and was not read.",
        "Sheet 'b' holds no cells (its part is missing), and was not read.",
    )
