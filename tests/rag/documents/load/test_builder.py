"""Text that a loader writes, its blocks, and what becomes of them: headings, sections, places."""

from __future__ import annotations

import pytest

from rag.documents.chunk import chunk_document
from rag.documents.load.builder import TextBuilder
from rag.documents.load.grid import Cell, Grid
from rag.documents.location import Locator
from rag.errors import DocumentTooLargeError
from rag.schema.documents import Document, Location

TABLE = Grid(
    [
        [Cell("2031年学位", "A1", n_columns=3), None, None],
        [Cell("县", "A2"), Cell("小学", "B2"), Cell("初中", "C2")],
        [Cell("海州县", "A3"), Cell("1,200", "B3"), Cell("330", "C3")],
    ]
)


def document(builder: TextBuilder) -> Document:
    return Document("a.docx", builder.text, "", 1, "", "application/x", builder.blocks)


def test_headings_by_style_enclose_those_by_number() -> None:
    builder = TextBuilder("a.docx")
    builder.heading("工作情况", 1)
    builder.paragraph("（一）学校建设。新建学校12所。")
    builder.heading("下一步打算", 1)
    builder.paragraph("再建3所。")
    passages = chunk_document(document(builder), passage_chars=200).passages
    assert [passage.heading for passage in passages] == [
        ("工作情况",),
        ("工作情况", "（一）学校建设"),
        ("下一步打算",),
    ]


def test_a_title_heads_the_document_and_is_its_title_whatever_kind_it_names() -> None:
    builder = TextBuilder("a.docx")
    builder.paragraph("海政发〔2031〕5号")
    builder.title("海州市二〇三一年")
    builder.title("教育要闻")
    builder.paragraph("新建学校12所。")
    chunked = chunk_document(document(builder), passage_chars=200)
    assert [part.title for part in chunked.parts] == ["海州市二〇三一年教育要闻"]
    assert chunked.passages[-1].heading == ("教育要闻",)


def test_what_follows_a_table_does_not_stand_under_its_title() -> None:
    builder = TextBuilder("a.docx")
    builder.heading("附件", 1)
    builder.table(TABLE)
    builder.paragraph("以上数据为初步统计。")
    passages = chunk_document(document(builder), passage_chars=200).passages
    assert [(passage.heading, passage.text) for passage in passages] == [
        (("附件",), "附件"),
        (("附件", "2031年学位"), "2031年学位\n县：海州县｜小学：1,200｜初中：330"),
        (("附件",), "以上数据为初步统计。"),
    ]


def test_two_lines_are_never_put_together() -> None:
    builder = TextBuilder("a.docx")
    for line in ("这是一段没有句号的文字并且刚好和下一段一样长", "这是一段没有句号的文字并且刚好和上一段一样长"):
        builder.paragraph(line)
    passage = chunk_document(document(builder), passage_chars=200).passages[-1]
    assert [sentence.text for sentence in passage.sentences][-2:] == builder.text.splitlines()


def test_a_place_is_told_by_sheet_and_cells() -> None:
    builder = TextBuilder("a.xlsx")
    with builder.inside("sheet", "学位"):
        builder.table(TABLE)
    locator, text = Locator(builder.blocks), builder.text

    def place(quote: str) -> Location:
        start = text.index(quote)
        return locator.location(start, start + len(quote))

    assert place("1,200") == Location(sheet="学位", cells="B3")
    assert place("县：海州县｜小学：1,200｜初中：330").label == "学位!A3:C3"


def test_members_and_slides_are_told() -> None:
    builder = TextBuilder("a.zip")
    with builder.inside("member", "b/c.pptx"):
        for line in ("一", "二"):
            with builder.inside("slide"):
                builder.paragraph(line)
    assert Locator(builder.blocks).location(2, 3) == Location(member="b/c.pptx", slide=2)


def test_line_breaks_inside_a_paragraph_are_spaces_and_blank_ones_are_left_out() -> None:
    builder = TextBuilder("a.docx")
    for line in ("新建\n学校\f12所", " \n ", "完"):
        builder.paragraph(line)
    assert builder.text == "新建 学校 12所\n完\n"


def test_too_much_text_is_refused() -> None:
    builder = TextBuilder("a.docx")
    builder.paragraph("字" * 19_999_999)
    with pytest.raises(DocumentTooLargeError, match=r"a\.docx has more than 20,000,000 characters"):
        builder.paragraph("字")


def test_a_row_whose_cells_hold_sentences_is_one_sentence() -> None:
    builder = TextBuilder("a.docx")
    builder.table(
        Grid([[Cell("岗位"), Cell("条件"), Cell("人数")], [Cell("教师"), Cell("本科以上。有资格证；"), Cell("8")]])
    )
    builder.paragraph("报名从速。名额有限。")
    passages = chunk_document(document(builder), passage_chars=8).passages
    assert [[sentence.text for sentence in passage.sentences] for passage in passages] == [
        ["岗位：教师｜条件：本科以上。有资格证；｜人数：8"],
        ["报名从速。"],
        ["名额有限。"],
    ]


def test_a_line_of_text_across_a_table_has_sentences() -> None:
    builder = TextBuilder("a.docx")
    builder.table(
        Grid([[Cell("岗位"), Cell("人数")], [Cell("教师"), Cell("8")], [Cell("以上为编内。其余另行公布。"), None]])
    )
    sentences = [
        sentence.text
        for passage in chunk_document(document(builder), passage_chars=80).passages
        for sentence in passage.sentences
    ]
    assert sentences == ["岗位：教师｜人数：8", "以上为编内。", "其余另行公布。"]


def test_nothing_of_a_row_is_taken_for_the_noise_of_a_page() -> None:
    builder = TextBuilder("a.xlsx")
    rows = ("学校|联系电话", "海州小学|88001234", "云岭小学|88001235", "海州小学|88001234", "学校名称完整|学校名称完整")
    builder.table(Grid([[Cell(text) for text in row.split("|")] for row in rows]))
    passages = chunk_document(document(builder), passage_chars=10).passages
    assert [passage.text for passage in passages] == [
        "学校：海州小学｜联系电话：88001234",
        "学校：云岭小学｜联系电话：88001235",
        "学校：海州小学｜联系电话：88001234",
        "学校：学校名称完整｜联系电话：学校名称完整",
    ]
