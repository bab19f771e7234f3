from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answering.citing import cite
from rag.answering.misreading import counted_otherwise, misread_from
from rag.answering.support import unfounded_figures, why_unsupported
from rag.schema.answers import Problem, Withheld
from rag.schema.search import Evidence
from tests.support.questions import asked, reply

HEADING = ("二、道路建设",)


def shown(
    text: str, *, years: tuple[int, ...] = (2031,), place: str = "云岭县", title: str = "2031年交通总结"
) -> Evidence:
    return Evidence(1, text, "a.txt", title, place, years, HEADING, 0, len(text), 0.1)


LESSONS = shown("全年打造“平安公路”示范课44节,“文明行车”微型课100节,培训12次。")


def test_a_figure_next_to_its_own_item_is_supported() -> None:
    sentence, question = "“文明行车”微型课要打造100节。", "“文明行车”微型课打造多少节？"
    assert why_unsupported(sentence, [LESSONS], question) is None
    assert misread_from(sentence, [LESSONS], question) is None


def test_the_figure_of_a_neighbour_is_noticed() -> None:
    question = "“文明行车”微型课打造多少节？"
    assert misread_from("“文明行车”微型课要打造44节。", [LESSONS], question) is LESSONS
    assert misread_from("44节", [LESSONS], question) is LESSONS


def test_the_quotation_stands_in_for_a_misread_figure() -> None:
    question = "“文明行车”微型课打造多少节？"
    answer = cite(asked(question), reply("“文明行车”微型课要打造44节。"), [LESSONS])
    assert answer.text == f"原文：{LESSONS.text}[1]"
    assert answer.citations[0].quote == LESSONS.text


SMALL = shown("年底前拆除农村危桥65座,完成全部目标;")
LARGE = shown("拆除城市危桥41座、超大危桥3座。")


@pytest.mark.parametrize(
    ("sentence", "noticed"),
    [
        ("要拆除41座农村危桥和3座城市危桥。", SMALL),
        ("要拆除65座农村危桥和41座城市危桥。", None),
        ("要拆除65座农村危桥和3座城市危桥。", LARGE),
        ("要拆除41座危桥。", None),  # a short name may be of anything
        ("要拆除41座农村石桥。", None),  # nowhere else counted
        ("要拆除41公里农村危桥。", None),  # no figure of its kind
    ],
)
def test_a_figure_that_stands_beside_another_thing_is_noticed(sentence: str, noticed: Evidence | None) -> None:
    assert counted_otherwise(sentence, [LARGE], [SMALL, LARGE]) is noticed


def test_what_another_year_counts_is_no_misreading() -> None:
    earlier = replace(SMALL, years=(2030,))
    assert counted_otherwise("要拆除41座农村危桥。", [LARGE], [earlier, LARGE]) is None


def test_the_sentence_that_counts_the_thing_is_quoted_too() -> None:
    question = "要拆除多少座农村危桥和多少座城市危桥？"
    answer = cite(
        asked(question), reply("要拆除41座农村危桥和3座城市危桥。"), [SMALL, replace(LARGE, number=2, start=30, end=50)]
    )
    assert answer.text == f"原文：{SMALL.text} {LARGE.text}[1][2]"


def test_figures_listed_side_by_side_are_no_misreading() -> None:
    sentence = "示范课44节，微型课100节。"
    assert misread_from(sentence, [LESSONS], "示范课和微型课各多少节？") is None


def test_a_figure_of_another_unit_is_no_rival() -> None:
    assert misread_from("培训12次。", [LESSONS], "“文明行车”微型课培训几次？") is None


def test_a_figure_that_the_question_named_is_not_doubted() -> None:
    assert misread_from("是的，“文明行车”微型课44节。", [LESSONS], "“文明行车”微型课是44节吗？") is None


def test_a_year_that_no_citation_speaks_of_is_not_supported() -> None:
    roads = shown("新修农村公路86公里。")
    assert why_unsupported("云岭县2031年新修农村公路86公里。", [roads], "2031年修了多少公里？") is None
    reason = why_unsupported("云岭县2032年新修农村公路86公里。", [roads], "2032年修了多少公里？")
    assert reason == Withheld(Problem.YEAR, ("2032",))


def test_a_year_cannot_contradict_a_document_that_tells_none() -> None:
    roads = shown("新修农村公路86公里。", years=(), title="交通总结")
    assert why_unsupported("2032年新修农村公路86公里。", [roads], "2032年修了多少公里？") is None


def test_a_place_from_nowhere_is_not_supported() -> None:
    roads = shown("全市新修农村公路86公里,群众满意。")
    assert why_unsupported("苏州市新修农村公路86公里。", [roads], "修了多少公里？") == Withheld(Problem.WORDING)
    assert why_unsupported("苏州市新修农村公路86公里。", [roads], "苏州市修了多少公里？") is None


@pytest.mark.parametrize("sentence", ["新修农村公路87公里。", "新修农村公路八十七公里。", "新修农村公路0.0087万公里。"])
def test_a_figure_that_stands_nowhere_is_named(sentence: str) -> None:
    roads = shown("新修农村公路86公里。")
    assert len(unfounded_figures(sentence, [roads], "修了多少？")) == 1
    withheld = why_unsupported(sentence, [roads], "修了多少？")
    assert withheld is not None
    assert withheld.problem is Problem.FIGURE


def test_a_sentence_in_another_language_is_held_by_its_figures() -> None:
    roads = shown("新修农村公路86公里。")
    assert why_unsupported("86 kilometres of road were built.", [roads], "How many?") is None
    assert why_unsupported("87 kilometres of road were built.", [roads], "How many?") == Withheld(
        Problem.FIGURE, ("87",)
    )


def test_nothing_cited_is_no_support() -> None:
    assert why_unsupported("新修公路。", [], "修了什么？") == Withheld(Problem.NOTHING_CITED)


def test_a_quantity_of_the_question_does_not_support_itself() -> None:
    bridges = shown("新建桥梁12座。")
    assert why_unsupported("是的，新建桥梁13座。", [bridges], "新建桥梁13座吗？") == Withheld(Problem.FIGURE, ("13",))
    assert why_unsupported("三项工作中新建桥梁12座。", [bridges], "三项工作中桥梁几座？") is None


def test_a_year_cannot_be_borrowed_from_evidence_that_says_nothing_else() -> None:
    bridges, other = shown("新建桥梁12座。"), shown("公交线路31条。", years=(2032,), title="2032年计划")
    assert cite(asked("2032年新建几座桥梁？"), reply("2032年新建桥梁12座。"), [bridges, other]).abstained


def test_a_year_of_the_title_does_not_excuse_a_figure_of_another_section() -> None:
    done = shown("新建桥梁12座。", years=(2031,), title="2031年总结与2032年计划")
    assert why_unsupported("2032年打算新建桥梁12座。", [done], "2032年打算建几座？") == Withheld(
        Problem.YEAR, ("2032",)
    )


def test_what_stands_right_before_a_figure_tells_neighbours_apart() -> None:
    health = shown("确保驾驶员体质健康合格率95%以上,优秀率10%以上。")
    question = "驾驶员体质健康优秀率要达到多少？"
    assert misread_from("驾驶员体质健康优秀率达到95%以上。", [health], question) is health
    assert misread_from("驾驶员体质健康优秀率达到10%以上。", [health], question) is None
    assert misread_from("驾驶员体质健康合格率达到95%以上。", [health], "驾驶员体质健康合格率要达到多少？") is None


@pytest.mark.parametrize(
    ("sentence", "question", "unfounded"),
    [
        ("新建桥梁3座。", "新建桥梁几座？", ["3"]),  # small, but the question did not name it
        ("十项工作中新建桥梁12座。", "十项工作中桥梁几座？", []),
        ("十一项工作中新建桥梁12座。", "十一项工作中桥梁几座？", ["十一"]),
        ("桥梁增长3%。", "桥梁增长3%吗？", ["3%"]),  # a share counts nothing
        ("第13届桥梁节新建桥梁12座。", "第13届桥梁节新建几座？", []),
    ],
)
def test_a_figure_of_the_question_may_name_or_count_but_not_measure(
    sentence: str, question: str, unfounded: list[str]
) -> None:
    assert unfounded_figures(sentence, [shown("新建桥梁12座。")], question) == unfounded


def test_half_of_the_words_that_a_sentence_adds_must_stand_in_the_citation() -> None:
    training, question = shown("全年培训教师。"), "全年培训了谁？"
    assert why_unsupported("培训教师厨师。", [training], question) is None
    assert why_unsupported("培训教师厨师园丁。", [training], question) == Withheld(Problem.WORDING)


LINES = "公交线路31条,夜间线路5条。"


@pytest.mark.parametrize(
    ("text", "sentence", "question", "noticed"),
    [
        (LINES, "有线路5条。", "公交线路有多少条？", True),  # two pairs nearer: 公交, 交线
        ("线路31条,夜间线路5条。", "有线路5条。", "线路有多少条？", False),  # half of what stands before it is named
        ("线路31条,5条在建。", "有5条。", "线路有多少条？", False),  # nothing stands before it
        (f"{LINES[:-1]},规划建设的郊区专用道路7条。", "有线路5条。", "公交线路有多少条？", True),
        ("示范课44节,微型课100节。", "一共44节。", "一共多少节？", False),  # neither is named
        ("示范课44节,微型课100节。", "分别为44节，微型课100节。", "各多少节？", False),
        ("示范课44节,培训12次,平安课100节。", "有12次。", "平安课举办几次？", False),  # no rival: 节 are no 次
    ],
)
def test_a_neighbour_casts_doubt_where_its_clause_is_clearly_nearer(
    text: str, sentence: str, question: str, noticed: bool
) -> None:
    item = shown(text)
    assert misread_from(sentence, [item], question) is (item if noticed else None)


def test_a_thing_counted_twice_in_the_text_has_either_figure() -> None:
    assert counted_otherwise("要拆除41座农村危桥。", [LARGE], [SMALL, shown("农村危桥41座。"), LARGE]) is None


def test_an_ordinal_is_no_count_of_the_thing() -> None:
    first = shown("第41座农村危桥建成。")
    assert counted_otherwise("要拆除65座农村危桥。", [LARGE], [first, LARGE]) is None
    assert counted_otherwise("要拆除41座农村危桥。", [LARGE], [first, SMALL, LARGE]) is SMALL


def test_the_first_sentence_that_counts_the_thing_otherwise_is_told() -> None:
    before, again = shown("拆除65座农村危桥。"), shown("农村危桥66座。")
    assert counted_otherwise("要拆除41座农村危桥。", [LARGE], [before, again, LARGE]) is before
