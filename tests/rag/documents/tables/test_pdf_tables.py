"""Tables on PDF pages: ruled ones become rows with their headers, everything else stays as it was."""

from collections import Counter

import pytest

from rag.documents.chunk import chunk_document
from rag.documents.cleaning.clean import clean_document
from rag.documents.load import load_document, pdf, pdf_pages
from rag.documents.load.ruled import pages
from rag.documents.location import Locator
from rag.evaluation.locate import make_locator
from tests.support.pdf_files import lines_drawn, pdf_of_streams, ruled, shown_at

WIDTHS = (100, 80, 80)
ROWS = [
    ["乡镇", "小学", "初中"],
    ["白沙镇", "1,200", "340"],
    ["青河镇", None, "215"],
    ["合计", "1,200", "555"],
]
IN_WORDS = ["乡镇：白沙镇｜小学：1,200｜初中：340", "乡镇：青河镇｜初中：215", "乡镇：合计｜小学：1,200｜初中：555"]
WORDS = "云岭县去年的情况如下表所示，其中小学增加，初中减少。"


@pytest.fixture
def load(tmp_path):
    def read(*streams, **more):
        path = tmp_path / "学位.pdf"
        path.write_bytes(pdf_of_streams(streams, **more))
        return load_document(path, max_bytes=10_000_000)

    return read


def lines(document):
    return document.text.split("\n")


def tables(document):
    return [document.text[block.start : block.end] for block in document.blocks if block.kind == "table"]


def test_a_row_is_a_line_with_its_headers_between_the_text_before_and_after(load):
    page = shown_at(60, 760, WORDS) + ruled(ROWS, widths=WIDTHS) + shown_at(60, 500, "以上数据由教育局提供。")
    assert lines(load(page)) == [WORDS, *IN_WORDS, "以上数据由教育局提供。"]


def test_the_lines_above_a_table_are_its_title_and_its_unit(load):
    page = shown_at(60, 760, "表3 各乡镇学位") + shown_at(60, 730, "单位：个") + ruled(ROWS, widths=WIDTHS)
    document = load(page)
    assert lines(document) == ["表3 各乡镇学位 单位：个", *IN_WORDS]
    assert tables(document) == [document.text]
    rows = chunk_document(document, passage_chars=400).passages[-1]
    assert rows.heading == ("表3 各乡镇学位 单位：个",)
    assert [sentence.text for sentence in rows.sentences][-1] == IN_WORDS[-1]


def test_headers_over_several_columns_and_rows_are_put_together(load):
    cells = {
        (0, 0, 2, 1): "乡镇",
        (0, 1, 1, 2): "学位",
        (1, 1, 1, 1): "小学",
        (1, 2, 1, 1): "初中",
        (2, 0, 1, 1): "白沙镇",
        (2, 1, 1, 1): "1,200",
        (2, 2, 1, 1): "340",
    }
    assert lines(load(ruled(cells, widths=WIDTHS))) == ["乡镇：白沙镇｜学位 小学：1,200｜学位 初中：340"]


def test_a_cell_that_covers_rows_stands_in_each_of_them(load):
    cells = {
        **{(0, column, 1, 1): text for column, text in enumerate(("县", "乡镇", "人数"))},
        (1, 0, 2, 1): "云岭县",
        (1, 1, 1, 1): "白沙镇",
        (1, 2, 1, 1): "12",
        (2, 1, 1, 1): "青河镇",
        (2, 2, 1, 1): "34",
    }
    assert lines(load(ruled(cells, widths=WIDTHS))) == [
        "县：云岭县｜乡镇：白沙镇｜人数：12",
        "县：云岭县｜乡镇：青河镇｜人数：34",
    ]


def test_headers_of_empty_columns_are_told_behind_the_rows(load):
    rows = [[*row, ""] for row in ROWS]
    rows[0][-1] = "高中"
    assert lines(load(ruled(rows, widths=(*WIDTHS, 60)))) == [*IN_WORDS, "高中"]


def test_lines_of_a_cell_are_put_together_and_so_is_a_broken_figure(load):
    rows = [["乡镇", "金额"], ["白沙镇第1\n中心小学", "1,234,5\n67.80"], ["青河镇", "2030\n2031"]]
    page = ruled(rows, widths=(60, 45), height=30)
    assert lines(load(page)) == ["乡镇：白沙镇第1中心小学｜金额：1,234,567.80", "乡镇：青河镇｜金额：2030 2031"]


def test_thin_filled_rectangles_rule_as_lines_do(load):
    xs, ys = (60, 160, 240), (700, 680, 660, 640)
    across = b"".join(b"60 %d 180 0.5 re f\n" % y for y in ys)
    down = b"".join(b"%d 640 0.5 60 re f\n" % x for x in xs)
    rows = [["乡镇", "小学"], ["白沙镇", "12"], ["青河镇", "34"]]
    words = b"".join(
        shown_at(xs[c] + 3, ys[r] - 14, text) for r, texts in enumerate(rows) for c, text in enumerate(texts)
    )
    assert lines(load(across + down + words)) == ["乡镇：白沙镇｜小学：12", "乡镇：青河镇｜小学：34"]


def test_borders_set_apart_make_no_rows_of_their_own(load):
    cells = [(60, 660, 100, 40), (162, 680, 160, 20), (162, 660, 79, 18), (243, 660, 79, 18)]
    cells += [(x, 640 - 20 * n, w, 18) for n in range(2) for x, w in ((60, 100), (162, 79), (243, 79))]
    texts = ["乡镇", "学位", "小学", "初中", "白沙镇", "12", "34", "青河镇", "56", "78"]
    page = b"".join(
        b"%d %d %d %d re S\n" % cell + shown_at(cell[0] + 3, cell[1] + 4, text)
        for cell, text in zip(cells, texts, strict=True)
    )
    assert lines(load(page)) == [
        "乡镇：白沙镇｜学位 小学：12｜学位 初中：34",
        "乡镇：青河镇｜学位 小学：56｜学位 初中：78",
    ]


def test_sides_may_be_open(load):
    across = lines_drawn((60, y, 240, y) for y in (700, 680, 660, 640))
    down = lines_drawn([(160, 640, 160, 700)])
    rows = [["乡镇", "小学"], ["白沙镇", "12"], ["青河镇", "34"]]
    words = b"".join(
        shown_at((63, 163)[c], (686, 666, 646)[r], text) for r, texts in enumerate(rows) for c, text in enumerate(texts)
    )
    assert lines(load(across + down + words)) == ["乡镇：白沙镇｜小学：12", "乡镇：青河镇｜小学：34"]


HEAD, FEET = shown_at(60, 800, "云岭县教育局文件"), (shown_at(280, 30, "— 1 —"), shown_at(280, 30, "— 2 —"))


def test_a_table_goes_on_over_pages_with_its_headers_and_its_title(load):
    title = shown_at(60, 720, "表3 各乡镇学位")
    document = load(
        HEAD + title + ruled(ROWS[:2], widths=WIDTHS) + FEET[0], HEAD + ruled(ROWS[2:], widths=WIDTHS) + FEET[1]
    )
    assert clean_document(document).text.split("\n") == ["表3 各乡镇学位", *IN_WORDS]
    assert len(tables(document)) == 1
    assert {each.heading for each in chunk_document(document, passage_chars=80).passages} == {("表3 各乡镇学位",)}
    assert Locator(document.blocks).location(document.text.index("青河镇"), len(document.text)).page == 2


def test_headers_that_a_page_repeats_are_headers_there(load):
    first, second = ruled(ROWS[:2], widths=WIDTHS), ruled([ROWS[0], *ROWS[2:]], widths=WIDTHS)
    assert clean_document(load(first, second)).text.split("\n") == IN_WORDS


def test_a_table_of_words_goes_on_too(load):
    rows = [
        ["任务", "单位", "时限"],
        ["修建水渠", "水利站", "六月"],
        ["清理河道", "环保站", "七月"],
        ["植树", "林站", "三月"],
    ]
    document = load(ruled(rows[:3], widths=WIDTHS), ruled(rows[3:], widths=WIDTHS))
    assert lines(document)[-1] == "\f任务：植树｜单位：林站｜时限：三月"


@pytest.mark.parametrize(
    ("above", "widths"),
    [(shown_at(60, 720, "表4 各乡镇教师"), WIDTHS), (b"", (100, 90, 70))],
    ids=["text between", "other columns"],
)
def test_another_table_does_not_take_the_headers_of_the_page_before(load, above, widths):
    document = load(ruled(ROWS[:2], widths=WIDTHS), above + ruled(ROWS[2:], widths=widths))
    assert "青河镇｜215" in document.text
    assert len(tables(document)) == 2


def test_each_cell_has_its_place_on_its_page(load):
    document = load(ruled(ROWS, widths=WIDTHS))
    start = document.text.index("小学：1,200")
    box = Locator(document.blocks).location(start, start + len("小学：1,200")).box
    left, top, right, bottom = 160 / 595, (842 - 680) / 842, 240 / 595, (842 - 660) / 842
    assert box == pytest.approx((left, top, right, bottom), abs=0.001)
    assert Locator(document.blocks).location(start + 3, start + 5).box == box
    row = Locator(document.blocks).location(0, len(IN_WORDS[0])).box
    assert row == pytest.approx((60 / 595, top, 320 / 595, bottom), abs=0.001)


def test_a_page_that_is_turned_is_read_as_it_is_shown(load):
    # Shown clockwise by 90 degrees: what runs up the page runs to the right.
    turned = b"q 0 1 -1 0 595 0 cm\n%sQ\n" % ruled(ROWS, widths=WIDTHS, top=500)
    document = load(turned, rotate=90)
    assert lines(document) == IN_WORDS
    box = Locator(document.blocks).location(0, 6).box
    assert box == pytest.approx((60 / 842, 115 / 595, 160 / 842, 135 / 595), abs=0.001)


def test_a_table_in_a_form_that_is_moved_and_made_smaller_is_found(load):
    form = ruled(ROWS, widths=WIDTHS, top=400, left=0)
    document = load(b"q 0.5 0 0 0.5 30 40 cm /Fm1 Do Q", form=form, matrix="1 0 0 1 20 100")
    assert lines(document) == IN_WORDS
    left, top = 30 + 0.5 * 20, 40 + 0.5 * (100 + 400 - 20)
    assert Locator(document.blocks).location(0, 6).box == pytest.approx(
        (left / 595, (842 - top) / 842, (left + 50) / 595, (842 - top + 10) / 842), abs=0.001
    )


BOXED = [f"第{n}段话在框里，说的是一件事，框里没有表格。" for n in range(1, 4)]
PLAIN = {
    "a frame around prose": lines_drawn(
        [(50, 750, 500, 750), (50, 600, 500, 600), (50, 600, 50, 750), (500, 600, 500, 750)]
    ),
    "underlines": lines_drawn((60, 718 - 30 * n, 300, 718 - 30 * n) for n in range(3)),
    "two frames": b"50 695 300 40 re S 50 600 300 80 re S\n",
    "boxes of prose": b"".join(b"%d %d 270 300 re S\n" % (x, y) for x in (50, 320) for y in (450, 150))
    + b"".join(shown_at(x, y, "这是另一段话。") for x in (60, 330) for y in (600, 300)),
    "columns without rows": b"50 600 20 150 re S 70 600 400 150 re S\n",
    "lines that close no cell": lines_drawn(
        [(50, 750, 500, 750), (50, 680, 500, 680), (50, 600, 500, 600), (200, 740, 200, 690), (200, 670, 200, 610)]
    ),
    "a cell with a corner": lines_drawn(
        [
            *((50, y, 500, y) for y in (750, 600)),
            *((x, 600, x, 750) for x in (50, 500)),
            (50, 712, 300, 712),
            (300, 660, 300, 712),
            (200, 660, 300, 660),
        ]
    ),
    "shaded stripes": b"0.9 g 50 690 400 30 re f 50 630 400 30 re f 0 g\n",
    "a chart": lines_drawn(
        [
            *((50, 400 + 20 * n, 400, 400 + 20 * n) for n in range(8)),
            *((50 + 50 * n, 400, 50 + 50 * n, 540) for n in range(8)),
        ]
    ),
}


@pytest.mark.parametrize("drawn", PLAIN.values(), ids=PLAIN)
def test_lines_that_rule_no_table_change_nothing(load, drawn):
    words = b"".join(shown_at(60, 720 - 30 * n, line) for n, line in enumerate(BOXED))
    document = load(words + drawn)
    assert lines(document)[: len(BOXED)] == BOXED
    assert tables(document) == []


def test_rows_that_no_line_parts_are_left_as_lines(load):
    rows = [["乡镇", "小学", "初中"], ["白沙镇\n青河镇", "12\n34", "56\n78"], ["合计", "46", "134"]]
    document = load(ruled(rows, widths=WIDTHS, height=40))
    assert tables(document) == []
    assert "34" in lines(document) or "青河镇 34 78" in lines(document)


def test_a_line_of_text_that_runs_out_of_the_table_leaves_it_as_it_was(load):
    first, last = ruled(ROWS[:2], widths=WIDTHS), ruled(ROWS[2:], widths=WIDTHS, top=660)
    document = load(first + shown_at(330, 667, "（见注）") + last)
    assert lines(document) == ["乡镇 小学 初中", "白沙镇 1,200 340 （见注）", "青河镇 215", "合计 1,200 555"]
    assert tables(document) == []


def test_nothing_of_a_page_is_lost(load):
    page = shown_at(60, 720, "表3") + ruled(ROWS, widths=WIDTHS) + shown_at(60, 500, "注：含民办学校。")
    told = Counter("".join(load(page).text.split()))
    shown = Counter("".join(filter(None, ["表3", "注：含民办学校。", *(text for row in ROWS for text in row)])))
    assert {char: n for char, n in shown.items() if told[char] < n} == {}


def test_cells_of_a_gold_quote_are_found_in_a_row(load):
    locate = make_locator({"学位.pdf": load(ruled(ROWS, widths=WIDTHS)).text})
    assert locate("学位", "白沙镇 1,200 340")


def test_prose_around_a_table_is_put_together_and_its_rows_are_not(load):
    prose = [
        "全年新建学校十二所，新增学位三千四百个，完成投资一亿",
        "二千五百万元。其中一中新校区于九月投入使用，可容纳学",
    ]
    prose += ["生二千四百人，配备教师一百八十六名，建成智慧教室四十", "八间，基本满足城区学生就近入学的需要。"]
    shown = b"".join(shown_at(60, 800 - 16 * n, line, size=14) for n, line in enumerate(prose))
    clean = clean_document(load(shown + ruled(ROWS, widths=WIDTHS))).text
    assert clean.split("\n") == ["".join(prose), *IN_WORDS]


HOSTILE = {
    "lines upon lines": [*((50, 100 + n / 20, 500, 100 + n / 20) for n in range(10_000)), (100, 100, 100, 600)],
    "a fine grid": [
        *((0, n * 0.084, 595, n * 0.084) for n in range(10_000)),
        *((n * 0.0595, 0, n * 0.0595, 842) for n in range(9_990)),
    ],
    "a grid of many columns": [
        *((0, n * 10, 595, n * 10) for n in range(80)),
        *((n * 7, 0, n * 7, 790) for n in range(80)),
    ],
    "thousands of small grids": [
        line
        for n in range(3_000)
        for x, y in [(9 * (n % 60), 9 * (n // 60))]
        for line in ((x, y, x + 6, y), (x, y, x, y + 6), (x, y + 6, x + 6, y + 6), (x + 6, y, x + 6, y + 6))
    ],
    "lines far outside": [(-1e9, -1e9, 1e9, -1e9), (0, -1e9, 0, 1e9), (9, -1e9, 9, 1e9), (-1e9, 5, 1e9, 5)],
}


@pytest.mark.parametrize("drawn", HOSTILE.values(), ids=HOSTILE)
def test_lines_drawn_in_bad_faith_leave_the_page_as_text(load, drawn):
    assert load(lines_drawn(drawn) + shown_at(120, 300, "白沙镇")).text == "白沙镇"


@pytest.mark.parametrize("limit", ["MAX_RULINGS", "MAX_RULED_CHARS", "MAX_LOOKED_AT"])
def test_a_page_over_a_limit_tells_no_lines(tmp_path, monkeypatch, limit):
    path = tmp_path / "学位.pdf"
    path.write_bytes(pdf_of_streams([ruled(ROWS, widths=WIDTHS)]))
    told = list(pdf_pages.read_pages(str(path)))
    assert len(told[0]["rulings"]) == 4 * 3 * len(ROWS)
    assert len(told[0]["spots"]) == 3 * len(told[0]["text"])
    monkeypatch.setattr(pdf_pages, limit, 3)
    assert "rulings" not in next(iter(pdf_pages.read_pages(str(path))))


def test_the_numbers_of_columns_are_told_once(load):
    first = ruled(
        [["乡镇", "小学", "初中", "高中"], ["栏次", "1", "2", "3"], ["白沙镇", "10", "20", "30"]], widths=(*WIDTHS, 60)
    )
    document = load(first, ruled([["青河镇", "40", "50", "60"]], widths=(*WIDTHS, 60)))
    assert [line for line in lines(document) if line] == [
        "栏次｜1｜2｜3",
        "乡镇：白沙镇｜小学：10｜初中：20｜高中：30",
        "\f乡镇：青河镇｜小学：40｜初中：50｜高中：60",
    ]


def test_tables_that_grow_too_long_stay_as_text(load, monkeypatch):
    monkeypatch.setattr(pages, "MOST_CHARS", sum(len(line) + 1 for line in IN_WORDS) + 10)
    document = load(ruled(ROWS, widths=WIDTHS), ruled(ROWS, widths=WIDTHS))
    assert lines(document)[:3] == IN_WORDS
    assert lines(document)[3:] == ["\f乡镇 小学 初中", "白沙镇 1,200 340", "青河镇 215", "合计 1,200 555"]


def test_a_finder_that_fails_leaves_the_page_as_text(load, monkeypatch):
    def fail(page):
        raise ValueError(page.text)

    monkeypatch.setattr(pdf, "tables_on", fail)
    assert lines(load(ruled(ROWS, widths=WIDTHS))) == [
        "乡镇 小学 初中",
        "白沙镇 1,200 340",
        "青河镇 215",
        "合计 1,200 555",
    ]
