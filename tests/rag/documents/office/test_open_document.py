"""OpenDocument texts and presentations: what a reader of the printed page sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.documents.chunk import chunk_document
from rag.documents.load import Extracted, load_document
from rag.documents.load.office.open_document.loader import OpenDocumentLoader
from rag.errors import DocumentFormatError
from tests.support.office.open_document import list_style, odp_of, odt_of, op, page

MOST = 10_000_000
HIDDEN = (
    '<style:style style:name="H" style:family="text"><style:text-properties text:display="none"/></style:style>'
    '<style:style style:name="P1" style:parent-style-name="Title"/>'
    '<style:style style:name="P2" style:parent-style-name="Contents_20_1"/>'
    '<style:style style:name="dp2"><style:drawing-page-properties presentation:visibility="hidden"/></style:style>'
)


@pytest.fixture
def read(tmp_path: Path):
    def read(body: str, **given: object) -> Extracted:
        path = tmp_path / "报告.odt"
        path.write_bytes(odt_of(body, **given))
        return OpenDocumentLoader().extract(path, max_bytes=MOST)

    return read


def headings(extracted: Extracted) -> list[tuple[int, str]]:
    return [(b.number, extracted.text[b.start : b.end]) for b in extracted.blocks if b.kind == "heading"]


def test_headings_and_the_title_are_told_by_the_file(tmp_path):
    path = tmp_path / "x.odt"
    body = op("2031年教育要闻", style="P1") + op("学校", level=2) + op("新建学校12所。")
    path.write_bytes(odt_of(body, styles=HIDDEN))
    document = load_document(path, max_bytes=MOST)
    assert [(b.kind, b.number) for b in document.blocks] == [("heading", 1), ("title", 1), ("heading", 2)]
    assert chunk_document(document, passage_chars=200).parts[0].title == "2031年教育要闻"


def test_text_between_spans_spaces_tabs_and_breaks(read):
    body = (
        '<text:p>新建<text:span>学校</text:span>12<text:s text:c="2"/>所<text:tab/>完\n   。<text:line-break/>'
        "另<text:soft-page-break/>一行<text:a>链接</text:a></text:p>"
    )
    assert read(body).text == "新建学校12  所\t完 。\n另一行链接\n"


def test_changes_are_as_if_accepted_and_comments_left_out(read):
    body = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>删去的。</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes>"
        '<text:p>计划<text:change text:change-id="1"/>招收<text:change-start/>1200<text:change-end/>人'
        "<office:annotation><text:p>批注</text:p></office:annotation>。</text:p>"
    )
    assert read(body).text == "计划招收1200人。\n"


def test_hidden_text_and_tables_of_contents_are_left_out(read):
    body = (
        "<text:table-of-content><text:index-body>目录一</text:index-body></text:table-of-content>"
        f"{op('一、总则 3', style='P2')}<text:p>公开<text:span text:style-name='H'>秘密</text:span>。</text:p>"
        f"{op('全段秘密', style='H')}<text:section>{op('节内。')}</text:section>"
    )
    assert read(body, styles=HIDDEN).text == "公开。\n节内。\n"


def test_notes_and_frames_stand_behind_their_paragraph(read):
    body = (
        "<text:p>新建学校<text:note><text:note-citation>1</text:note-citation><text:note-body>"
        "<text:p>不含民办。</text:p></text:note-body></text:note>12所<draw:frame><draw:text-box><text:p>框内。</text:p>"
        "</draw:text-box></draw:frame>。</text:p><text:p><draw:frame><draw:image/></draw:frame></text:p>"
    )
    read = read(body)
    assert read.text == "新建学校12所。\n框内。\n注1：不含民办。\n"
    assert read.notes == ("Pictures left out: 1.",)


def test_numbers_of_lists_are_shown(read):
    styles = list_style("L", ("一, 二, 三, ...", "", "、"), ("1", "（", "）")) + list_style(
        "M", ("1", "", "."), ("a", "", ""), n_shown=2
    )

    def item(text: str, inner: str = "", start: str = "") -> str:
        return f"<text:list-item{start}>{op(text)}{inner}</text:list-item>"

    sub = f"<text:list>{item('小学')}{item('初中')}</text:list>"
    ninth = item("其他", start=' text:start-value="9"')
    deep = item("甲", f"<text:list>{item('乙')}</text:list>")
    body = (
        f'<text:list xml:id="a" text:style-name="L">{item("学校", sub)}{item("教师", sub)}</text:list>{op("间隔。")}'
        f'<text:list text:style-name="L" text:continue-numbering="true">{item("资金")}</text:list>'
        f'<text:list text:continue-list="a" text:style-name="L">{ninth}</text:list>'
        f'<text:list text:style-name="M">{deep}<text:list-header>{op("无号")}</text:list-header></text:list>'
    )
    assert read(body, styles=styles).text.splitlines() == [
        *("一、学校", "（1）小学", "（2）初中", "二、教师", "（1）小学", "（2）初中"),
        *("间隔。", "三、资金", "九、其他", "1. 甲", "1.a 乙", "无号"),
    ]


def test_headings_are_numbered_by_the_outline(read):
    outline = (
        '<text:outline-style><text:outline-level-style text:level="1" style:num-format="一" style:num-prefix="第" '
        'style:num-suffix="章"/><text:outline-level-style text:level="2" style:num-format=""/></text:outline-style>'
    )
    read = read(op("总则", level=1) + op("目的", level=2) + op("附则", level=1), styles=outline)
    assert headings(read) == [(1, "第一章 总则"), (2, "目的"), (1, "第二章 附则")]


def test_tables_are_read_with_titles_headers_merged_and_repeated_cells(read):
    def row(*cells: str, more: str = "") -> str:
        return f"<table:table-row{more}>{''.join(cells)}</table:table-row>"

    def cell(text: str, more: str = "") -> str:
        return f"<table:table-cell{more}>{op(text)}</table:table-cell>"

    covered = "<table:covered-table-cell/>"
    tall, twice = ' table:number-rows-spanned="2"', ' table:number-columns-repeated="2"'
    wide = '<table:table-cell table:number-columns-repeated="16384"/>'
    empty = row(wide, more=' table:number-rows-repeated="1048576"')
    body = (
        f"{op('表1 资助标准')}<table:table><table:table-column/><table:table-header-rows>"
        f"{row(cell('市'), cell('等级'), cell('金额'))}</table:table-header-rows>"
        f"{row(cell('海州市', tall), cell('一等'), cell('460'))}"
        f"{row(covered, cell('其他'), cell('330'))}"
        f"{row(cell('云岭市'), cell('同上', twice))}"
        f"{empty}"
        "</table:table>"
    )
    read = read(body)
    assert read.text.splitlines() == [
        "表1 资助标准",
        "市：海州市｜等级：一等｜金额：460",
        "市：海州市｜等级：其他｜金额：330",
        "市：云岭市｜等级：同上｜金额：同上",
    ]
    assert headings(read) == [(9, "表1 资助标准")]


def test_a_table_that_is_said_in_few_words_and_means_millions_is_refused(read):
    row = (
        '<table:table-row table:number-rows-repeated="1048576"><table:table-cell><text:p>x</text:p></table:table-cell>'
        "</table:table-row>"
    )
    with pytest.raises(DocumentFormatError, match=r"报告\.odt .*\(a table of more than 500,000 cells"):
        read(f"<table:table>{row}</table:table>")


def test_slides_are_told_with_their_notes_and_hidden_ones_noted(tmp_path):
    path = tmp_path / "汇报.odp"
    footer = '<draw:frame presentation:class="footer"><draw:text-box><text:p>页脚</text:p></draw:text-box></draw:frame>'
    shape = f"<draw:g><draw:custom-shape>{op('组内。')}</draw:custom-shape></draw:g>"
    pages = (
        page("汇报", "海州市教育局", footer),
        page("草稿", style="dp2"),
        page("学校", "新建12所。", shape, notes="小学8所。"),
    )
    path.write_bytes(odp_of(*pages, styles=HIDDEN))
    read = OpenDocumentLoader().extract(path, max_bytes=MOST)
    assert read.text == "汇报\n海州市教育局\n学校\n新建12所。\n组内。\n小学8所。\n"
    assert [(b.number, read.text[b.start : b.start + 2]) for b in read.blocks if b.kind == "slide"] == [
        (1, "汇报"),
        (3, "学校"),
    ]
    assert read.notes == ("Hidden slides left out: 2.",)
    assert read.media_type == "application/vnd.oasis.opendocument.presentation"


def test_a_locked_file_says_so(tmp_path):
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry>'
        "<manifest:encryption-data/></manifest:file-entry></manifest:manifest>"
    )
    path = tmp_path / "a.odt"
    path.write_bytes(odt_of("", more={"content.xml": b"\x01\x02", "META-INF/manifest.xml": manifest}))
    with pytest.raises(DocumentFormatError, match=r"^a\.odt is locked with a password"):
        OpenDocumentLoader().extract(path, max_bytes=MOST)
