from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from rag.documents.structure import split_parts, split_sections
from rag.text.numbering import chinese_ordinal
from rag.text.sentences import split_sentences


def paths(text: str) -> list[tuple[str, ...]]:
    return [section.heading for section in split_sections(text, 0, len(text))]


def test_chinese_numbering_nests() -> None:
    text = (
        "第一部分 回顾\n一、组织建设\n(一)党建\n1.学习教育\n内容甲。\n2.责任落实\n内容乙。\n"
        "(二)作风\n内容丙。\n二、改革\n内容丁。"
    )
    assert paths(text)[-1] == ("第一部分 回顾", "二、改革")
    assert ("第一部分 回顾", "一、组织建设", "(一)党建", "2.责任落实") in paths(text)
    assert ("第一部分 回顾", "一、组织建设", "(二)作风") in paths(text)


def test_a_heading_that_opens_its_paragraph_ends_at_its_full_stop() -> None:
    text = "(一)队伍建设成效明显。引进人才102名,评选名师50名。\n(二)行业发展不断规范。立案14起。"
    assert paths(text) == [("(一)队伍建设成效明显",), ("(二)行业发展不断规范",)]


def test_headings_inside_running_text_are_found_in_sequence() -> None:
    text = (
        "一、去年工作情况去年,全市认真落实部署。(一)在改革上发力,取得新进展。新建十所。"
        "(二)在服务上发力,取得新成效。占三、四成。"
        "二、今年打算随着新时代的到来,经济社会发展的新常态对全市各项工作都提出了更高要求,任务艰巨。"
    )
    assert paths(text) == [
        ("一、去年工作情况",),
        ("一、去年工作情况", "(一)在改革上发力,取得新进展"),
        ("一、去年工作情况", "(二)在服务上发力,取得新成效"),
        ("二、今年打算",),
    ]


def test_an_enumeration_in_a_sentence_is_no_heading() -> None:
    assert paths("覆盖第二、三期工程。二、三年级都参加了,共计五、六百人。") == [()]


def test_paragraphs_that_open_with_a_short_sentence_are_named_by_it() -> None:
    body = (
        "深入推进各项改革工作,开足开齐各门课程,建立常态化的长效机制,"
        "开展专项督导,切实提升整体水平,确保取得实效,形成经验。"
    )
    text = f"(一)育人\n\n深化体育改革。{body}\n\n增强美育熏陶。{body}\n\n创新劳动教育。{body}"
    assert paths(text)[1:] == [("(一)育人", name) for name in ("深化体育改革", "增强美育熏陶", "创新劳动教育")]


def test_a_line_that_ends_with_a_colon_is_a_heading_above_numbers() -> None:
    assert paths("总体目标:\n1.总体水平:入学率达99%以上。\n主要任务:\n一、从严治党\n1.学习。") == [
        ("总体目标",),
        ("总体目标", "1.总体水平"),
        ("主要任务",),
        ("主要任务", "一、从严治党"),
        ("主要任务", "一、从严治党", "1.学习"),
    ]


def test_markdown_and_western_numbering_nest() -> None:
    assert paths("# Report\n## 1 Scope\nText.\n1.1 Limits\nMore text.")[-1] == ("Report", "1 Scope", "1.1 Limits")


def test_a_figure_at_a_line_start_is_no_heading() -> None:
    assert paths("2019年，全市新建学校。\n3.5亿元投入使用。") == [()]


def test_a_composite_is_split_at_its_inner_titles() -> None:
    text = "合集\n交通局工作报告范文(一)一、前年情况。(一)修路。(二)架桥。交通局工作报告范文(二)一、去年情况。"
    parts = split_parts(text)
    assert [part.title for part in parts] == ["", "交通局工作报告范文(一)", "交通局工作报告范文(二)"]
    assert text[parts[2].start :].startswith("交通局工作报告范文(二)")


def test_numbered_pieces_make_parts() -> None:
    assert [p.title for p in split_parts("篇一：去年总结\n内容。\n篇二：今年计划\n内容。")] == [
        "篇一：去年总结",
        "篇二：今年计划",
    ]


def test_plain_headings_do_not_split_a_document() -> None:
    assert len(split_parts("一、概况\n(一)地理位置很好(一)\n(二)人口(二)")) == 1


def test_numbers_are_written_as_headings_do() -> None:
    assert [chinese_ordinal(n) for n in (1, 10, 11, 20, 34, 99)] == ["一", "十", "十一", "二十", "三十四", "九十九"]


@given(st.text(alphabet=st.sampled_from("一二三四、（）()。;:12.第部分章 \n甲乙丙丁"), max_size=120))
@settings(max_examples=300, deadline=None)
def test_no_visible_character_is_lost_or_repeated(text: str) -> None:
    parts = split_parts(text)
    sections = [section for part in parts for section in split_sections(text, part.start, part.end)]
    pieces = [text[s:e] for x in sections for s, e in split_sentences(text, x.start, x.end, breaks=x.breaks)]
    assert "".join("".join(pieces).split()) == "".join(text.split())
