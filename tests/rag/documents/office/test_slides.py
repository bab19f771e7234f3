"""Presentations: what stands on each slide, in order, and on which."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.documents.chunk import chunk_document
from rag.documents.load import Extracted, load_document
from rag.documents.load.office.slides import SlidesLoader
from rag.documents.location import Locator
from rag.errors import DocumentFormatError
from tests.support.office.open_xml import chart, drawn, frame, pptx_of, slide

MOST = 10_000_000


@pytest.fixture
def read(tmp_path: Path):
    def read(*slides: str, **given: object) -> Extracted:
        path = tmp_path / "汇报.pptx"
        path.write_bytes(pptx_of(*slides, **given))
        return SlidesLoader().extract(path, max_bytes=MOST)

    return read


def kinds(extracted: Extracted, kind: str) -> list[tuple[int, str]]:
    return [(b.number, extracted.text[b.start : b.end]) for b in extracted.blocks if b.kind == kind]


def test_slides_come_in_the_order_of_the_presentation_with_their_notes(read):
    read = read(
        slide("2031年工作汇报", "海州市教育局"),
        slide("学校", "新建学校12所。\n投入3.4亿元。"),
        notes={2: "其中小学8所。"},
    )
    assert read.text == ("2031年工作汇报\n海州市教育局\n学校\n新建学校12所。\n投入3.4亿元。\n其中小学8所。\n")
    assert kinds(read, "heading") == [(1, "2031年工作汇报"), (1, "学校")]
    assert kinds(read, "title") == [(1, "2031年工作汇报")]
    at = read.text.index("其中")
    assert Locator(read.blocks).location(at, at + 2).label == "slide 2"


def test_a_hidden_slide_is_left_out_and_noted_and_the_others_keep_their_numbers(read):
    read = read(slide("一"), slide("草稿", "未定。", hidden=True), slide("三"))
    assert read.text == "一\n三\n"
    assert [number for number, _ in kinds(read, "slide")] == [1, 3]
    assert read.notes == ("Hidden slides left out: 2.",)


def test_the_title_heads_its_slide_wherever_it_stands_in_the_file(read):
    title = frame("标题在后", placeholder='<p:ph type="title"/>')
    assert read(slide("首页"), slide(frame("正文。"), title)).text == "首页\n标题在后\n正文。\n"


def test_groups_are_read_and_footers_and_numbers_are_not(read):
    group = f"<p:grpSp>{frame('组内甲。')}<p:grpSp>{frame('组内乙。')}</p:grpSp></p:grpSp>"
    furniture = "".join(frame("页脚", placeholder=f'<p:ph type="{kind}"/>') for kind in ("ftr", "sldNum", "dt"))
    field = '<a:fld type="slidenum"><a:t>7</a:t></a:fld>'
    number = f"<p:sp><p:txBody><a:p><a:r><a:t>第</a:t></a:r>{field}</a:p></p:txBody></p:sp>"
    assert read(slide("标题", group, furniture, number)).text == "标题\n组内甲。\n组内乙。\n第\n"


def test_numbers_of_lists_are_shown(read):
    def item(text: str, kind: str, level: int = 0, start: str = "") -> str:
        return (
            f'<a:p><a:pPr lvl="{level}"><a:buAutoNum type="{kind}"{start}/></a:pPr><a:r><a:t>{text}</a:t></a:r></a:p>'
        )

    body = (
        item("甲", "ea1ChsPeriod")
        + item("子", "arabicParenBoth", 1)
        + item("丑", "arabicParenBoth", 1)
        + item("乙", "ea1ChsPeriod")
        + item("寅", "circleNumDbPlain", 1, ' startAt="3"')
        + "<a:p><a:r><a:t>无号</a:t></a:r></a:p>"
        + item("丙", "alphaUcParenR")
    )
    assert read(slide("标题", f"<p:sp><p:txBody>{body}</p:txBody></p:sp>")).text.splitlines()[1:] == [
        "一. 甲",
        "(1) 子",
        "(2) 丑",
        "二. 乙",
        "③ 寅",
        "无号",
        "A) 丙",
    ]


def test_tables_are_read_with_merged_cells(read):
    def cell(text: str, more: str = "") -> str:
        return f"<a:tc {more}><a:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></a:txBody></a:tc>"

    rows = (
        [cell("市", 'rowSpan="1"'), cell("等级"), cell("金额")],
        [cell("海州市", 'rowSpan="2"'), cell("一等"), cell("460")],
        [cell("", 'vMerge="1"'), cell("其他"), cell("330")],
        [cell("合计", 'gridSpan="2"'), cell("", 'hMerge="1"'), cell("790")],
    )
    table = "<a:tbl>" + "".join(f"<a:tr>{''.join(row)}</a:tr>" for row in rows) + "</a:tbl>"
    read = read(slide("资助", drawn(table)))
    assert read.text.splitlines()[1:] == [
        "市：海州市｜等级：一等｜金额：460",
        "市：海州市｜等级：其他｜金额：330",
        "市：合计｜金额：790",
    ]


def test_a_chart_is_the_table_that_it_was_drawn_from(read):
    parts, shape = chart(
        "各县学位", ["甲县", "乙县"], {"小学": ["1200", "610"], "初中": ["330", "0.30000000000000004"]}
    )
    assert read(slide("学位", shape), charts={1: parts}).text.splitlines()[1:] == [
        "各县学位",
        "甲县｜小学：1200｜初中：330",
        "乙县｜小学：610｜初中：0.3",
    ]


def test_pictures_are_noted(read):
    assert read(slide("标题", "<p:pic/>", "<p:pic/>")).notes == ("Pictures left out: 2.",)


def test_line_breaks_in_a_frame_are_spaces(read):
    shape = "<p:sp><p:txBody><a:p><a:r><a:t>新建</a:t></a:r><a:br/><a:r><a:t>学校</a:t></a:r></a:p></p:txBody></p:sp>"
    assert read(slide("标题", shape)).text == "标题\n新建 学校\n"


def test_slides_without_text_are_refused(read):
    with pytest.raises(DocumentFormatError, match=r"汇报\.pptx has no text on its slides"):
        read(slide("", "<p:pic/>"))


def test_passages_stand_under_the_titles_of_their_slides(tmp_path):
    path = tmp_path / "汇报.pptx"
    path.write_bytes(
        pptx_of(slide("2031年海州市教育要闻"), slide("学校", "新建学校12所。"), slide("资金", "投入3亿元。"))
    )
    chunked = chunk_document(load_document(path, max_bytes=MOST), passage_chars=200)
    assert chunked.parts[0].title == "2031年海州市教育要闻"
    assert [passage.heading for passage in chunked.passages[1:]] == [("学校",), ("资金",)]
