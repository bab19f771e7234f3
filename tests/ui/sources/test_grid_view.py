"""Sheets as grids in the source view, rows of other tables as lines, slides and members apart."""

import re
from html import unescape

import pytest

from rag.documents.chunk import chunk_document
from rag.documents.load import load_document
from rag.documents.view import document_view
from tests.support.hostile import HOSTILE
from tests.support.office.open_xml import frame, p, pptx_of, slide, style, table, word_of
from tests.support.sheet_files import rows_of, xlsx_of, zip_of
from tests.support.ui.rendering import Outline
from tests.support.ui.source_reader import Reader
from ui.sources.document_view import GRID_CHARS, render_source, window_of
from ui.sources.grid_view import MOST_COLUMNS

PLACES = xlsx_of(
    {
        "学位": rows_of(
            ["表3 2031年各县学位（个）"],
            ["县", "类别", "小学"],
            [None, None, "公办", "民办"],
            ["甲县", "新建", 1200, 30],
            [None, "改建", 300, 5],
            ["乙县", "新建", 800, 12],
        ),
        "教师": rows_of(["县", "人数"], ["甲县", 86], ["乙县", 77]),
    },
    merged=["A4:A5", "A1:D1", "C2:D2"],
)


@pytest.fixture
def view(tmp_path):
    def view(content, name="a.xlsx"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        document = load_document(path, max_bytes=10**8)
        return document, document_view(document, chunk_document(document, passage_chars=300).parts)

    return view


@pytest.fixture
def shown(view):
    """The HTML of a file around words of it."""

    def shown(content, words="", name="a.xlsx", lang="zh"):
        document, laid_out = view(content, name)
        start = document.text.index(words)
        return render_source(laid_out, start=start, end=start + len(words), lang=lang)

    return shown


def grids(html):
    """The rows of each grid, a list of the cells' texts each; the cited ones in brackets."""
    found = []
    for grid in re.findall(r"<table.*?</table>", str(html)):
        rows = re.findall(r"<tr.*?</tr>", grid)
        cells = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row) for row in rows]
        marked = [[re.sub(r"<mark[^>]*>(.*?)</mark>", r"[\1]", cell) for cell in row] for row in cells]
        found.append([[unescape(re.sub(r"<[^>]*>", "", cell)) for cell in row] for row in marked])
    return found


def test_each_sheet_is_a_grid_with_letters_numbers_headers_and_the_cited_cells_marked(shown):
    html = shown(PLACES, "改建｜小学 公办：300")
    first, second = grids(html)
    assert first == [
        ["", "A", "B", "C", "D"],
        ["1", "表3 2031年各县学位（个）"],
        ["", "县", "类别", "小学 公办", "小学 民办"],
        ["4", "甲县", "新建", "1200", "30"],
        ["5", "[改建]", "[300]", "5"],
        ["6", "乙县", "新建", "800", "12"],
    ]
    assert second == [["", "A", "B"], ["1", "县"], ["2", "甲县", "86"], ["3", "乙县", "77"]]
    assert '<td rowspan="2" dir="auto">甲县</td>' in html
    assert re.findall(r"<caption.*?>(?:<span[^>]*></span>)?([^<]*)</caption>", html) == ["工作表：学位", "工作表：教师"]


def test_the_page_leads_to_the_first_cited_cell_alone(shown):
    html = shown(PLACES, "甲县｜类别：改建｜小学 公办：300")
    assert html.count('id="yj-source-mark"') == 1
    assert Reader(html).marked == "甲县改建300"  # the merged cell is cited with the row that it covers
    assert '<span dir="auto">学位!A4:C5</span>' in html


def test_where_only_a_header_is_cited_its_cell_is_marked(shown):
    assert Reader(shown(PLACES, "小学 民办：")).marked == "30"


def test_every_line_of_the_outline_leads_to_a_sheet_or_a_cell(shown):
    html = shown(PLACES)
    offsets = re.findall(r'data-offset="(\d+)"', html)
    assert len(offsets) == 4
    assert [html.count(f'id="yj-source-at-{offset}"') for offset in offsets] == [1] * 4


def test_a_csv_file_is_a_grid_too(shown):
    html = shown("县,小学\n甲县,1200\n乙县,800\n", "800", name="a.csv", lang="en")
    assert grids(html) == [[["", "A", "B"], ["", "县", "小学"], ["2", "甲县", "1200"], ["3", "乙县", "[800]"]]]
    assert ">Table</caption>" in html


def test_of_a_large_sheet_the_rows_around_the_citation_are_shown_and_the_others_are_near(view):
    rows = "县,小学\n" + "".join(f"第{n}县,{n}所\n" for n in range(9000))
    document, laid_out = view(rows, "a.csv")
    start = document.text.index("5000所")
    first, last = window_of(laid_out, start, start + 5)
    assert last - first <= GRID_CHARS + 2000
    html = render_source(laid_out, start=start, end=start + 5, lang="zh")
    ((letters, names, *cells),) = grids(html)
    assert (letters, names) == (["", "A", "B"], ["", "县", "小学"])
    assert ["5002", "第5000县", "[5000所]"] in cells
    assert len(cells) < 1500
    assert [edge for edge in ("earlier", "later") if f'data-edge="{edge}"' in html] == ["earlier", "later"]


def test_a_wide_sheet_is_cut_around_the_cited_cells_and_that_is_told(shown):
    wide = ",".join(["县", *(f"第{n}项" for n in range(1, 300))])
    figures = ",".join(["甲县", *(f"{n}所" for n in range(1, 300))])
    html = shown(f"{wide}\n{figures}\n", "250所", name="a.csv")
    ((letters, names, row),) = grids(html)
    assert len(letters) == len(names) == len(row) == MOST_COLUMNS + 1
    assert "[250所]" in row
    assert "这张表很宽，只显示 GS–KN 列。" in html


def test_cells_far_apart_cost_no_more_than_they_are(view):
    rows = {n: f'<row r="{n * 1000}"><c r="XF{n * 1000}" t="inlineStr"><is><t>甲{n}</t></is></c></row>' for n in (1, 2)}
    far = rows_of(["甲", "乙"]) + rows[1] + rows[2]
    _, laid_out = view(xlsx_of({"远": far}))
    html = render_source(laid_out, start=0, end=0, lang="zh")
    assert grids(html) == [
        [["", "A", "B", "XF"], ["1", "甲", "乙", ""], ["1000", "", "", "甲1"], ["2000", "", "", "甲2"]]
    ]


@pytest.mark.parametrize("hostile", [text for text in HOSTILE if text.isprintable()], ids=lambda text: ascii(text)[:40])
def test_hostile_cells_and_names_stay_text(shown, hostile):
    quoted = hostile.replace('"', '""')
    html = shown(f'县,"{quoted}"\n甲县,"{quoted}"\n', name="a.csv") + shown(
        zip_of({"<b>.csv": "县,小学\n甲县,1200\n"}), name="a.zip"
    )
    ours = "header h2 p span nav ol li button article mark table caption thead tbody tr td th div h3 h4".split()
    assert {tag for tag, _ in Outline(html).tags} <= set(ours)
    allowed = "class id dir type tabindex aria-label aria-current scope rowspan colspan"
    allowed += " data-offset data-first data-last data-window data-edge"
    assert {name for _, attrs in Outline(html).tags for name in attrs} <= set(allowed.split())


def test_in_an_archive_text_and_sheets_stand_under_the_paths_of_their_members(shown):
    packed = zip_of({"报告/a.txt": "海州市新建学校12所。\n", "表/b.csv": "县,小学\n甲县,1200\n"})
    html = shown(packed, "1200", name="a.zip")
    assert re.findall(r'<p class="yj-source-page" dir="auto">([^<]*)</p>', html) == ["— 报告/a.txt —", "— 表/b.csv —"]
    assert html.index("海州市新建学校12所。") < html.index("— 表/b.csv —") < html.index("<table")
    assert '<span dir="auto">表/b.csv · B2</span>' in html


@pytest.mark.parametrize(("lang", "words"), [("zh", "第 2 张幻灯片"), ("en", "slide 2")])
def test_slides_are_told_apart(shown, lang, words):
    deck = pptx_of(slide(frame("交通工作汇报")), slide(frame("新修公路86公里。")))
    html = shown(deck, "新修公路86公里。", name="a.pptx", lang=lang)
    assert f'<p class="yj-source-page" dir="auto">— {words} —</p>' in html
    assert f'<span dir="auto">{words}</span>' in html


def test_rows_of_a_table_in_a_document_are_lines_whose_cells_are_set_apart(shown):
    body = p("学位情况") + table(["县", "小学"], ["甲县", "1200"]) + p("以上｜以下。")
    html = shown(word_of(body), "1200", name="a.docx")
    row = '<p class="yj-source-line yj-source-row" dir="auto">县：甲县<span class="yj-source-between">｜</span>小学：'
    assert row in html
    assert '<p class="yj-source-line" dir="auto">以上｜以下。<' in html
    assert Reader(html).marked == "1200"


def test_headings_by_style_are_headings(shown):
    html = shown(
        word_of(p("道路", style="1") + p("新修公路86公里。"), parts={"styles": style("1", "heading 1")}), name="a.docx"
    )
    assert re.search(r'<h3 class="yj-source-heading">道路</h3>', html)


def test_what_was_left_out_of_the_file_is_told_above_its_text(shown):
    html = shown(
        xlsx_of({"学位": rows_of(["县", "小学"], ["甲县", 12]), "附": rows_of(["甲"])}, states={"附": "hidden"})
    )
    assert "<summary>读取说明（1）</summary>" in html
