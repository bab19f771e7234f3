"""CSV and TSV: the same table, however a program wrote it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.documents.load import Extracted, loader_of
from rag.documents.location import Locator
from rag.errors import DocumentFormatError

SAID = "县：海州县｜小学：1,200｜初中：330\n县：云岭县｜小学：610｜初中：480\n"
COMMAS = '县,小学,初中\r\n海州县,"1,200",330\r\n云岭县,610,480\r\n'
SEMICOLONS = "县;小学;初中\n海州县;1,200;330\n云岭县;610;480\n"
TABS = "县\t小学\t初中\n海州县\t1,200\t330\n云岭县\t610\t480\n"


def read(tmp: Path, content: str | bytes, name: str = "a.csv") -> Extracted:
    path = tmp / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return loader_of(path.suffix).extract(path, max_bytes=10_000_000)


@pytest.mark.parametrize(
    "content",
    [
        COMMAS.encode("gb18030"),
        COMMAS.encode("utf-8-sig"),
        COMMAS.replace("县,小", '"县",小', 1).encode("utf-8-sig"),
        COMMAS.replace("\r\n", ",,,,\r\n").encode("gb18030"),
        COMMAS.replace("\r\n", "\r"),
        f"{COMMAS},,\r\n,,\r\n",
        SEMICOLONS,
        f"sep=;\n{SEMICOLONS}",
        f"sep=;\r\n{SEMICOLONS}".encode("utf-8-sig"),
        TABS.encode("utf-16"),
        SEMICOLONS.replace(";", "|"),
        COMMAS.replace("330", '="330"'),
    ],
    ids=lambda content: ascii(content)[:30],
)
def test_a_table_reads_the_same_however_it_is_written(tmp_path: Path, content: str | bytes) -> None:
    assert read(tmp_path, content).text == SAID


def test_a_cell_has_the_address_that_a_spreadsheet_gives_it(tmp_path: Path) -> None:
    document = read(tmp_path, f"sep=;\n\n{SEMICOLONS}")
    start = document.text.index("610")
    assert Locator(document.blocks).location(start, start + 3).label == "B4"


def test_line_breaks_in_quotes_are_in_one_cell(tmp_path: Path) -> None:
    content = '学校\t备注\t人数\n海州小学\t"第一行\n第二行, ""引文"""\t12\n云岭小学\t无\t8\n'
    assert (
        read(tmp_path, content, "a.tsv").text.splitlines()[0] == '学校：海州小学｜备注：第一行第二行, "引文"｜人数：12'
    )


def test_rows_of_different_length_are_read(tmp_path: Path) -> None:
    assert read(tmp_path, "县,小学,初中\n海州县,8\n云岭县,6,4,备查\n").text.splitlines() == [
        "县：海州县｜小学：8",
        "县：云岭县｜小学：6｜初中：4｜备查",
    ]


def test_a_quotation_mark_that_is_never_closed_swallows_nothing(tmp_path: Path) -> None:
    document = read(tmp_path, '学校,人数\n海州小学,"12\n云岭小学,8\n')
    assert document.text.splitlines() == ['学校：海州小学｜人数："12', "学校：云岭小学｜人数：8"]
    assert document.notes == ("A quotation mark is never closed: quotation marks were read as text.",)


def test_a_nul_is_left_out_and_told(tmp_path: Path) -> None:
    document = read(tmp_path, COMMAS.replace("610", "6\x0010") + "合计,1810,810\n" * 3)
    assert document.text.splitlines()[1] == "县：云岭县｜小学：610｜初中：480"
    assert document.notes == ("1 NUL characters were left out.",)


def test_digits_that_a_program_has_cut_are_told(tmp_path: Path) -> None:
    document = read(tmp_path, "学号,姓名\n2.01431E+18,甲某\n2.01432E+18,乙某\n")
    assert document.notes == ("Numbers such as 2.01431E+18 in A2 have lost digits: export long ids as text.",)


def test_long_ids_stay_as_they_are(tmp_path: Path) -> None:
    text = read(tmp_path, "学号,姓名\n\t2014310000010300017,甲某\n2014310000010300018,乙某\n").text
    assert text == "学号：2014310000010300017｜姓名：甲某\n学号：2014310000010300018｜姓名：乙某\n"


@pytest.mark.parametrize("content", [",,\n,,\n", b"\x00\x01\x02" * 50])
def test_what_holds_nothing_is_refused(tmp_path: Path, content: str | bytes) -> None:
    with pytest.raises(DocumentFormatError, match=r"a\.csv"):
        read(tmp_path, content)


def test_the_kind_and_the_encoding_are_told(tmp_path: Path) -> None:
    one, other = read(tmp_path, COMMAS.encode("gb18030")), read(tmp_path, TABS, "a.tsv")
    assert (one.media_type, one.encoding) == ("text/csv", "gb18030")
    assert (other.media_type, other.encoding) == ("text/tab-separated-values", "utf-8")
