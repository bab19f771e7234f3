from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from rag.batch.workbook import write_xlsx
from rag.errors import BatchError


def cited(marker: int = 1, **about: Any) -> dict[str, Any]:
    place = {"source": "甲.txt", "title": "报告", "heading": ["一、总结", "(二)学校"], "start": 10, "end": 14}
    return {"marker": marker, **place, "quote": "共3所。"} | about


def record(number: int = 1, **about: Any) -> dict[str, Any]:
    said = {"id": f"q{number}", "question": f"第{number}问？", "answer": f"答{number}。[1]", "abstained": False}
    return said | {"reason": "", "confidence": 0.97, "citations": [cited()], "error": None, "mode": "answer"} | about


def written(path: Path, *records: dict[str, Any], lang: Any = "zh") -> Any:
    write_xlsx(path, records, lang=lang)
    return load_workbook(path)


def rows(sheet: Any) -> list[tuple[Any, ...]]:
    return list(sheet.iter_rows(values_only=True))


def test_a_row_holds_a_question_its_answer_and_its_quotes(tmp_path: Path) -> None:
    book = written(tmp_path / "a.xlsx", record(), record(2, citations=[cited(), cited(2, quote="共9所。")]))
    assert book.sheetnames == ["回答", "引文"]
    header, first, second = rows(book["回答"])
    assert header == (
        *("编号", "问题", "回答", "结果", "理由、说明或错误", "可信度", "方式", "引文数"),
        *("引文1", "引文1 出处", "引文1 文件与位置", "引文2", "引文2 出处", "引文2 文件与位置"),
    )
    assert first == (
        *("q1", "第1问？", "答1。[1]", "已回答", None, 0.97, "回答", 1),
        *("[1] 共3所。", "报告 › 一、总结 › (二)学校", "甲.txt 10-14", None, None, None),
    )
    assert second[7:12] == (2, "[1] 共3所。", "报告 › 一、总结 › (二)学校", "甲.txt 10-14", "[2] 共9所。")


def test_the_second_sheet_has_a_row_a_citation(tmp_path: Path) -> None:
    book = written(tmp_path / "a.xlsx", record(citations=[cited(), cited(2, page=3)]), record(2, citations=[]))
    assert rows(book["引文"]) == [
        ("编号", "问题", "标号", "标题", "章节", "原文", "文件", "页或单元格", "起", "止"),
        ("q1", "第1问？", 1, "报告", "一、总结 › (二)学校", "共3所。", "甲.txt", None, 10, 14),
        ("q1", "第1问？", 2, "报告", "一、总结 › (二)学校", "共3所。", "甲.txt", "p. 3", 10, 14),
    ]


def test_what_is_no_answer_says_so_and_why(tmp_path: Path) -> None:
    refused = record(abstained=True, answer="没有写。", reason="没有写。", citations=[], confidence=None, mode="quotes")
    failed = record(2, answer="", error="The generator stopped.", citations=[], confidence=None)
    _, first, second = rows(written(tmp_path / "a.xlsx", refused, failed)["回答"])
    assert first == ("q1", "第1问？", "没有写。", "资料未提及", "没有写。", None, "只摘原文", 0)
    assert second == ("q2", "第2问？", None, "出错", "The generator stopped.", None, "回答", 0)


def test_only_five_citations_stand_beside_and_all_of_them_below(tmp_path: Path) -> None:
    book = written(tmp_path / "a.xlsx", record(citations=[cited(n) for n in range(1, 8)]))
    header, row = rows(book["回答"])
    assert (len(header), header[-1], row[7], row[-3]) == (8 + 5 * 3, "引文5 文件与位置", 7, "[5] 共3所。")
    assert [row[2] for row in rows(book["引文"])[1:]] == [1, 2, 3, 4, 5, 6, 7]


def test_headings_are_in_the_language_that_is_asked_for_or_that_of_the_questions(tmp_path: Path) -> None:
    assert written(tmp_path / "a.xlsx", record(), lang="en").sheetnames == ["answers", "citations"]
    assert rows(written(tmp_path / "a.xlsx", record(), lang="en")["answers"])[0][3] == "outcome"
    assert written(tmp_path / "a.xlsx", record(question="How many schools?"), lang=None).sheetnames[0] == "answers"
    assert written(tmp_path / "a.xlsx", record(), lang=None).sheetnames[0] == "回答"


@pytest.mark.parametrize(
    "hostile",
    ["=1+1", "=HYPERLINK(0)", "+1", "-1+2", "@SUM(A1)", "=cmd|' /C calc'!A0", " =1", "\t=1", "#N/A", "#REF!", "TRUE"],
)
def test_no_cell_is_ever_a_formula_or_an_error(tmp_path: Path, hostile: str) -> None:
    citation = cited(source=hostile, title=hostile, heading=[hostile], quote=hostile)
    evil = record(id=hostile, question=hostile, answer=hostile, reason=hostile, citations=[citation])
    evil |= {"abstained": True}
    path = tmp_path / "a.xlsx"
    book = written(path, evil)
    cells = [cell for sheet in book for row in sheet.iter_rows(min_row=2) for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert [book["回答"]["A2"].value, book["回答"]["C2"].value, book["引文"]["F2"].value] == [hostile] * 3
    assert book["回答"]["C2"].quotePrefix == (hostile.lstrip()[0] in "=+-@")
    with ZipFile(path) as archive:
        assert not any(b"<f>" in archive.read(name) for name in archive.namelist())


def test_what_xml_cannot_hold_is_removed_and_the_rest_is_kept(tmp_path: Path) -> None:
    text = "a\x00\x08\x0b\x1fb\ud800c\ufffe\uffffd\te\r\nf<&>]]>\U0001f600"
    book = written(tmp_path / "a.xlsx", record(answer=text))
    assert book["回答"]["C2"].value == "abcd\te\nf<&>]]>\U0001f600"


def test_text_that_excel_would_decode_is_written_so_that_it_does_not(tmp_path: Path) -> None:
    written(tmp_path / "a.xlsx", record(answer="_x003D_1 and _xyz_"))
    with ZipFile(tmp_path / "a.xlsx") as archive:
        assert "_x005F_x003D_1 and _xyz_" in archive.read("xl/worksheets/sheet1.xml").decode()


@pytest.mark.parametrize("char", ["长", "\U0001f600"])
def test_a_text_too_long_for_a_cell_is_cut_and_says_so(tmp_path: Path, char: str) -> None:
    book = written(tmp_path / "a.xlsx", record(answer=char * 40_000), record(2, answer="短" * 32_767))
    cut, whole = book["回答"]["C2"].value, book["回答"]["C3"].value
    assert cut.endswith(f"{char}……[已截断：全文 40,000 字，见 jsonl 文件]")
    assert 32_765 <= len(cut.encode("utf-16-le")) // 2 <= 32_767
    assert whole == "短" * 32_767


def test_the_header_stays_in_sight_and_text_is_wrapped(tmp_path: Path) -> None:
    book = written(tmp_path / "a.xlsx", record(), record(2))
    sheet = book["回答"]
    assert (sheet.freeze_panes, book["引文"].freeze_panes, sheet.auto_filter.ref) == ("C2", "B2", "A1:K3")
    assert (sheet["A1"].font.bold, sheet["C2"].font.bold, sheet["C2"].alignment.wrap_text) == (True, False, True)
    assert sheet.column_dimensions["C"].width == 60


def test_no_answers_make_a_workbook_with_headings_alone(tmp_path: Path) -> None:
    assert [len(rows(sheet)) for sheet in written(tmp_path / "a.xlsx")] == [1, 1]


def test_an_old_workbook_stays_where_the_new_one_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.xlsx"
    written(path, record())
    before = path.read_bytes()

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", refuse)
        patch.setattr(Path, "replace", refuse)
        with pytest.raises(BatchError, match=r"a\.xlsx cannot be written: No space left on device"):
            write_xlsx(path, [record(2)], lang="zh")
    assert (path.read_bytes(), [each.name for each in tmp_path.iterdir()]) == (before, ["a.xlsx"])


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BatchError, match="cannot be written: No such file or directory"):
        write_xlsx(tmp_path / "nowhere" / "a.xlsx", [record()])
