"""Pages of a text with form feeds: what stands between them is told from what stands on them."""

import pytest

from rag.documents.cleaning.pages import page_blocks, page_breaks, page_furniture


def without_furniture(pages):
    text = "\n\f".join(pages)
    for start, end in sorted(page_furniture(text), reverse=True):
        text = text[:start] + text[end:]
    return text.split("\n\f")


def test_a_form_feed_begins_a_page():
    assert page_breaks("a\n\fb\fc") == (2, 4)
    assert page_breaks("a") == ()


@pytest.mark.parametrize("number", ["- {} -", "— {} —", "第{}页", "第 {} 页 共 3 页", "Page {} of 3", "{}", "  {}"])
def test_page_numbers_go_wherever_they_stand(number):
    numbered = list(enumerate("甲乙丙", start=1))
    assert without_furniture([f"正文{word}\n{number.format(n)}" for n, word in numbered]) == [
        "正文甲",
        "正文乙",
        "正文丙",
    ]
    assert without_furniture([f"{number.format(n)}\n正文{word}" for n, word in numbered]) == [
        "正文甲",
        "正文乙",
        "正文丙",
    ]


def test_running_heads_and_feet_go_where_they_say_the_same_or_count_up():
    pages = [f"云岭县教育局\n年度报告 {n + 10}\n正文{word}\n内部资料" for n, word in enumerate("甲乙丙")]
    assert without_furniture(pages) == ["正文甲", "正文乙", "正文丙"]


@pytest.mark.parametrize(
    "pages",
    [
        ["甲\n48", "乙\n12", "丙\n7"],  # the last cell of a table
        ["2018年：12所\n甲", "2021年：13所\n乙", "2022年：19所\n丙"],
        ["甲", "乙", "丙"],
        [f"{'长' * 101}\n{word}" for word in "甲乙丙"],
        ["只有一页\n— 1 —"],
    ],
)
def test_what_is_no_furniture_stays(pages):
    assert without_furniture(pages) == pages


def test_text_in_the_middle_of_a_page_stays_though_it_stands_on_all():
    pages = ["\n".join([*"甲乙丙丁", "单位：万元", *"戊己庚辛", str(n)]) for n in (1, 2, 3)]
    assert all("单位：万元" in page for page in without_furniture([f"{n}号\n{page}" for n, page in enumerate(pages)]))


def test_a_page_of_nothing_but_numbers_costs_no_more_than_its_length():
    pages = [" ".join(map(str, range(200_000)))] * 3
    assert without_furniture(pages) == pages


def test_pages_are_blocks_that_cover_the_text():
    blocks = page_blocks("ab\n\fc\f")
    assert [(b.kind, b.number, b.start, b.end) for b in blocks] == [
        ("page", 1, 0, 3),
        ("page", 2, 3, 5),
        ("page", 3, 5, 6),
    ]
    assert page_blocks("ab") == ()
