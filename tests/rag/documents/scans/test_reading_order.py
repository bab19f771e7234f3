"""The order in which lines of a page are read."""

import math

from rag.documents.load.scans.reading_order import Piece, page_text

WIDE, HIGH = 1000.0, 1400.0


def piece(text, left, top, *, width=None, height=20.0, degrees=0.0):
    """A piece by its place in pixels, on a page that is turned around its top left corner."""
    right = left + (width or 20.0 * len(text))
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    corners = [(left, top), (right, top), (right, top + height), (left, top + height)]
    return Piece(text, tuple(((x * cos - y * sin) / WIDE, (y * cos + x * sin) / HIGH) for x, y in corners))


def read(*pieces):
    return page_text(pieces, width=WIDE, height=HIGH).text


def columns(degrees=0.0, *, lines=5):
    left = [piece(f"左{n}" + "文" * 18, 80, 200 + 40 * n, degrees=degrees) for n in range(lines)]
    right = [piece(f"右{n}" + "字" * 18, 540, 205 + 40 * n, degrees=degrees) for n in range(lines)]
    return left, right


def test_lines_come_from_the_top_down_whatever_their_order():
    assert read(piece("丙", 80, 300), piece("甲", 80, 100), piece("乙", 80, 200)) == "甲\n乙\n丙"


def test_pieces_of_one_line_are_put_beside_each_other():
    assert read(piece("小学", 500, 104), piece("县", 80, 100), piece("1,200", 500, 150), piece("甲县", 80, 148)) == (
        "县 小学\n甲县 1,200"
    )


def test_a_column_is_read_whole_before_the_one_beside_it():
    left, right = columns()
    shown = [each for pair in zip(left, right, strict=True) for each in pair]
    assert read(*shown).split("\n") == [each.text for each in (*left, *right)]


def test_a_title_above_and_a_line_below_two_columns_keep_their_places():
    left, right = columns()
    title, last = piece("全市教育工作总结" * 4, 200, 100), piece("海州市教育局二〇三一年三月" * 3, 100, 500)
    found = read(last, *left, *right, title).split("\n")
    assert found == [title.text, *(each.text for each in (*left, *right)), last.text]


def test_cells_of_a_table_are_read_by_rows():
    rows = [[piece(f"县{n}", 80, 100 + 40 * n), piece(f"{n},200", 600, 100 + 40 * n)] for n in range(8)]
    assert read(*(each for row in rows for each in row)) == "\n".join(f"县{n} {n},200" for n in range(8))


def test_a_page_that_stands_askew_is_read_as_if_it_stood_upright():
    left, right = columns(degrees=1.5)
    assert read(*right, *left).split("\n") == [each.text for each in (*left, *right)]
    row = [piece("总计", 60, 700, degrees=1.5), piece("4,800", 900, 700, degrees=1.5)]
    assert read(piece("甲", 60, 660, degrees=1.5), *row) == "甲\n总计 4,800"


def test_each_piece_has_its_span_and_its_box():
    page = page_text([piece("县", 100, 140), piece("小学", 500, 140)], width=WIDE, height=HIGH)
    assert page.text == "县 小学"
    assert page.lines == ((0, 1, (0.1, 0.1, 0.12, 160 / 1400)), (2, 4, (0.5, 0.1, 0.54, 160 / 1400)))


def test_a_page_without_pieces_is_empty():
    assert read() == ""
    assert read(piece(" ", 80, 100)) == ""
