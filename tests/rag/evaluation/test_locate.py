"""Where the cells of a row are found, whose headers stand between them in the text."""

from __future__ import annotations

from rag.evaluation.locate import make_locator

ROWS = "序号：95｜学校：云岭学院｜专业：数学\n序号：295｜学校：海州学院｜专业：数学｜结论：通过\n"
LOCATE = make_locator({"a.xlsx": ROWS, "b.txt": "第295条 海州学院设数学专业。\n"})


def found(quote: str, prefix: str = "a") -> list[str]:
    return [ROWS[start:end] for _, start, end in LOCATE(prefix, quote)]


def test_cells_are_found_in_the_line_that_holds_them_in_order() -> None:
    assert found("295\t海州学院\t数学") == ["295｜学校：海州学院｜专业：数学"]


def test_a_number_is_not_found_in_a_longer_one() -> None:
    assert found("95\t云岭学院\t数学") == ["95｜学校：云岭学院｜专业：数学"]
    assert found("95\t海州学院") == []


def test_cells_of_two_lines_are_not_found() -> None:
    assert found("云岭学院\t通过") == []


def test_cells_in_another_order_are_not_found() -> None:
    assert found("数学\t海州学院") == []


def test_every_line_that_holds_the_cells_is_found() -> None:
    assert len(found("学院\t数学")) == 2


def test_what_stands_in_one_piece_is_found_there_and_nowhere_else() -> None:
    assert LOCATE("", "海州学院设数学 专业") == [("b.txt", 6, 15)]
