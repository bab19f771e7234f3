"""Places of spans: the page, and the rectangle on it."""

from rag.documents.location import Locator
from rag.schema.documents import Block, Location

# Two pages of two lines, of ten characters each: "0123456789\n0123456789\n\f0123456789\n..."
BLOCKS = (
    Block("page", 1, 0, 22),
    Block("line", 1, 0, 10, "1000 500 6000 700"),
    Block("line", 2, 11, 21, "1000 800 5000 1000"),
    Block("page", 2, 22, 44),
    Block("line", 1, 23, 33, "2000 500 6000 700"),
    Block("line", 2, 34, 44, "1000 800 5000 1000"),
)


def test_a_part_of_a_line_is_cut_by_its_share_of_characters():
    assert Locator(BLOCKS).location(2, 5) == Location(page=1, box=(0.2, 0.05, 0.35, 0.07))


def test_wide_characters_count_twice_where_the_text_is_known():
    text = "共12所。34 567"  # 3 wide characters and 8 narrow ones: 14 times 300 of the page's units
    lines = (Block("page", 1, 0, 11), Block("line", 1, 0, 11, "1000 500 5200 700"))
    locator = Locator(lines, text)
    assert [locator.boxes(*span)[0][1][::2] for span in [(0, 1), (1, 3), (3, 5), (5, 11)]] == [
        (0.1, 0.16),
        (0.16, 0.22),
        (0.22, 0.34),
        (0.34, 0.52),
    ]


def test_the_box_of_several_lines_is_around_them():
    assert Locator(BLOCKS).location(5, 16).box == (0.1, 0.05, 0.6, 0.1)


def test_a_span_over_two_pages_has_the_box_of_what_is_on_the_first_one():
    assert Locator(BLOCKS).location(16, 30) == Location(page=1, box=(0.3, 0.08, 0.5, 0.1))


def test_each_line_of_a_span_has_its_rectangle_and_its_page():
    assert Locator(BLOCKS).boxes(16, 30) == [(1, (0.3, 0.08, 0.5, 0.1)), (2, (0.2, 0.05, 0.48, 0.07))]


def test_a_span_between_lines_has_no_box():
    assert Locator(BLOCKS).location(21, 22) == Location(page=1)
    assert Locator(BLOCKS).boxes(10, 11) == []


def test_without_lines_there_is_no_box():
    assert Locator(BLOCKS[:1]).location(2, 5) == Location(page=1)


def test_a_box_comes_back_from_a_record():
    assert Location.of_record({"location": {"page": 2, "box": [0.1, 0.2, 0.3, 0.4]}}) == Location(
        page=2, box=(0.1, 0.2, 0.3, 0.4)
    )
    assert Location.of_record({"location": {"page": 2}}) == Location(page=2)
