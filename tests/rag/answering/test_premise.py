"""Yes-or-no questions held against the sentence that speaks of the very thing."""

from __future__ import annotations

from typing import Any

import pytest

from rag.answering.premise import Premise, Verdict, is_plan, judge_premise
from rag.question.kind import asks_whether
from rag.question.scope import NamedScope
from rag.schema.search import Evidence
from rag.scoring.sides import Side, score_side
from tests.support.fakes import ScriptedReader, some_evidence
from tests.support.questions import wording
from tests.support.scoring import BY_READER

ANYWHERE = NamedScope((), ())
HERE = NamedScope(("海州市",), ())
SCHOOLS, TEACHERS, RATE = "全市新建学校12所，改扩建学校30所。", "招聘教师1068名。", "录取率达90.2%。"
SECTION = some_evidence(SCHOOLS, TEACHERS, RATE)
SURE, UNLIKELY = 6.0, -6.0


def judged(
    query: str,
    evidence: list[Evidence],
    *,
    named: NamedScope = ANYWHERE,
    finds: dict[str, float] | None = None,
    reader: ScriptedReader | None = None,
) -> Premise | None:
    def look_again(question: str, named: NamedScope) -> Side:
        return score_side(question, named, evidence, {}, reader=reader or ScriptedReader(finds), scorer=BY_READER)

    return judge_premise(wording(query, named), evidence, named=named, look_again=look_again)


def verdict(premise: Premise | None) -> Verdict | None:
    return premise.verdict if premise else None


# What is a yes-or-no question


@pytest.mark.parametrize(
    "question",
    [
        "新建学校12所吗？",
        "新建学校12所吗",
        "是不是新建了学校？",
        "是否新建了学校？",
        "有没有新建学校？",
        "新建学校12所，对吗？",
        "这一说法是否属实？",
        "這是計劃嗎？",
        "Is this a plan?",
        "Did Haizhou build 12 schools?",
        "12校を新設しましたか？",
        "학교 12개를 신설했습니까?",
        "Est-ce que 12 écoles ont été construites ?",
    ],
)
def test_a_question_for_a_yes_or_a_no(question: str) -> None:
    assert asks_whether(question)


@pytest.mark.parametrize(
    "question",
    [
        *("新建学校多少所？", "能告诉我新建学校多少所吗？", "知道新建了几所吗？", "概括主要内容。", "好吗啡"),
        *("What did Haizhou build?", "How many schools did it build?", "Did you see how many schools there are?", ""),
    ],
)
def test_a_question_for_something_else(question: str) -> None:
    assert not asks_whether(question)


# What is a plan


@pytest.mark.parametrize(
    ("text", "heading", "planned"),
    [
        ("力争新建学校12所。", (), True),
        ("力爭新建學校12所。", (), True),
        ("到2035年底建成学校12所。", (), True),
        ("要加强管理。", (), True),
        ("下一步新建学校12所。", ("一、工作总结",), True),
        ("新建学校12所。", ("二、2032年工作计划",), True),
        ("新建学校12所。", ("二、明年打算", "（一）学校"), True),
        ("已新建学校12所。", ("二、2032年工作计划",), False),
        ("新建学校12所。", ("2031年总结和2032年计划",), False),
        ("新建学校12所。", ("一、工作回顾",), False),
        ("新建学校12所。", (), False),
        ("主要新建学校。", (), False),
        ("将军路学校投入使用。", (), False),
    ],
)
def test_a_plan_is_told_by_its_words_else_by_its_headings(
    text: str, heading: tuple[str, ...], *, planned: bool
) -> None:
    (one,) = some_evidence(text, heading=heading)
    assert is_plan(one) is planned


# What the documents say to it


@pytest.mark.parametrize(
    ("query", "named", "about", "expected"),
    [
        ("海州市新建学校12所吗？", HERE, {}, "confirmed"),
        ("海州市新建学校十二所吗？", HERE, {}, "confirmed"),
        ("是不是新建学校12所？", ANYWHERE, {}, "confirmed"),
        ("海州市新建學校12所嗎？", HERE, {}, "confirmed"),
        ("2031年新建学校12所吗？", NamedScope((), (2031,)), {}, "confirmed"),
        ("2030年新建学校12所吗？", NamedScope((), (2030,)), {}, "another_year"),
        ("2030年新建学校12所吗？", NamedScope((), (2030,)), {"years": ()}, "confirmed"),  # nothing tells the year
        ("2030年新建学校12所吗？", NamedScope((), (2030,)), {"heading": ("一、2030年总结",)}, "confirmed"),
        ("2031年新建学校12所吗？", NamedScope((), (2031,)), {"heading": ("一、2030年总结",)}, "another_year"),
        ("海州市已经新建学校12所了吗？", HERE, {"heading": ("二、明年计划",)}, "a_plan"),
        ("海州市计划新建学校12所吗？", HERE, {"heading": ("二、明年计划",)}, "confirmed"),
        (
            "海州市新建学校12所吗？",
            HERE,
            {"heading": ("二、明年计划",)},
            "confirmed",
        ),  # it does not claim that it is done
        ("海州市计划新建学校12所吗？", HERE, {"heading": ("一、工作总结",)}, "a_report"),
        ("海州市已经新建学校12所了吗？", HERE, {"heading": ("一、工作总结",)}, "confirmed"),
        ("新建学校12所吗？", NamedScope(("临川县",), ()), {}, None),  # it speaks of another place
        ("新建学校12所吗？", NamedScope((), (), ("杭州市",)), {}, None),
    ],
)
def test_the_sentence_with_the_figure_confirms_or_contradicts(
    query: str, named: NamedScope, about: dict[str, Any], expected: Verdict | None
) -> None:
    premise = judged(query, some_evidence(SCHOOLS, TEACHERS, **about), named=named)
    assert verdict(premise) == expected
    assert premise is None or premise.evidence.text == SCHOOLS


def test_a_sentence_is_confirmed_with_its_own_years() -> None:
    own = some_evidence("2029年新建学校12所。", heading=("二、2030年",))
    assert judged("新建学校12所吗？", own) == Premise(own[0], "confirmed", (2029,))
    nearest = some_evidence("新建学校12所。", heading=("一、2029年", "（一）2030年", "1. 学校"))
    assert judged("新建学校12所吗？", nearest) == Premise(nearest[0], "confirmed", (2030,))


def test_of_sentences_with_the_figure_the_one_most_like_the_question_speaks_of_it() -> None:
    evidence = some_evidence("新建桥梁12座。", "新建学校12所。", "维修学校12所。")
    premise = judged("全市新建学校12所吗？", evidence)
    assert premise is not None
    assert premise.evidence.text == "新建学校12所。"


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("全县新修农村公路12公里吗？", "录取新生12名。"),  # the figure, but another thing
        ("新建学校12所和改扩建学校31所吗？", SCHOOLS),  # one of two figures
        ("新建了体育馆吗？", SCHOOLS),  # no figure, and other words
        ("2031年新建了体育馆吗？", SCHOOLS),  # a year is no figure
        ("新建学校多少所？", SCHOOLS),  # no yes or no
        ("招聘教师1068名吗？", SCHOOLS),  # nothing of it is there
    ],
)
def test_what_no_sentence_speaks_of_is_left_to_the_models(query: str, text: str) -> None:
    assert judged(query, some_evidence(text)) is None


@pytest.mark.parametrize("query", ["新建了学校吗？", "2031年是否新建学校？", "有没有新建学校？"])
def test_without_a_figure_the_sentence_that_speaks_of_it_is_shown_and_no_yes_is_said(query: str) -> None:
    premise = judged(query, some_evidence(SCHOOLS))
    assert premise is not None
    assert (premise.evidence.text, premise.verdict) == (SCHOOLS, "original")


def test_a_sentence_that_denies_is_no_yes() -> None:
    premise = judged("新建学校12所吗？", some_evidence("新建学校12所的计划没有完成。"))
    assert premise is not None
    assert premise.verdict != "confirmed"


def test_the_figure_of_another_thing_in_the_sentence_is_no_yes() -> None:
    premise = judged("招聘体育教师30名吗？", some_evidence("招聘音乐教师30名,招聘体育教师45名。"))
    assert premise is not None
    assert premise.verdict == "another_figure"


# Another figure


@pytest.mark.parametrize(
    ("query", "found", "text"),
    [
        ("海州市新建学校15所吗？", "12所", SCHOOLS),
        ("招聘教师1000名，对吗？", "1068名", TEACHERS),
        ("录取率是95%吗？", "90.2%", RATE),
        ("是不是招聘了1000名教师？", "1068名", TEACHERS),
    ],
)
def test_another_figure_in_its_place_is_told(query: str, found: str, text: str) -> None:
    premise = judged(query, SECTION, finds={found: SURE})
    assert premise is not None
    assert (premise.verdict, premise.evidence.text, premise.years) == ("another_figure", text, (2031,))


def test_the_question_is_asked_again_with_the_figure_left_open() -> None:
    reader = ScriptedReader({"90.2%": SURE})
    for query in ("录取率是95%吗？", "录取率是不是95%？", "录取率是95%，对不对？"):
        judged(query, SECTION, reader=reader)
    assert reader.asked == ["录取率是多少？"] * 3


@pytest.mark.parametrize(
    ("query", "finds"),
    [
        ("新建学校15所吗？", {"12所": UNLIKELY}),  # nothing likely in its place
        ("新建学校15所吗？", {"新建学校": SURE}),  # no figure in its place
        ("新建学校15所吗？", {"1068名": SURE}),  # a figure of another unit
        ("新建学校15所吗？", {"90.2%": SURE}),  # of another kind
        ("新建学校15所，改扩建31所吗？", {"12所": SURE}),  # which of the two is wrong?
        ("Did Haizhou build 15 schools?", {"12所": SURE}),
    ],
)
def test_what_stands_in_its_place_must_be_sure_and_comparable(query: str, finds: dict[str, float]) -> None:
    assert judged(query, SECTION, finds=finds) is None


def test_another_place_gives_no_other_figure() -> None:
    assert judged("临川县新建学校15所吗？", SECTION, named=NamedScope(("临川县",), ()), finds={"12所": SURE}) is None


@pytest.mark.parametrize(
    "query",
    [
        "新建学校超过10所吗？",
        "新建学校不到20所吗？",
        "录取率是不是高于90%？",
        "新建学校至少12所吗？",
        "新建学校在12所以上吗？",
    ],
)
def test_a_bound_is_not_contradicted_by_the_figure_that_keeps_it(query: str) -> None:
    assert judged(query, SECTION, finds={"12所": SURE, "90.2%": SURE}) is None


# What must not be confirmed, nor denied


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("2030年和2031年都新建学校12所吗？", SCHOOLS),
        ("录取率90.21%，比邻县高吗？", "录取率90.21%。"),
        ("没有发放13万元补助吗？", "发放补助13万元。"),
        ("海州市新建学校超过10所吗？", SCHOOLS),
    ],
)
def test_what_one_sentence_cannot_settle_is_left_to_the_models(query: str, text: str) -> None:
    assert judged(query, some_evidence(text)) is None


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("学生人数增加1200人吗？", "学生人数减少1200人。"),
        ("Was revenue $12 million in 2031?", "Net income was $12 million in 2031."),
        ("Did the company hire 12 engineers?", "The company closed 12 stores."),
    ],
)
def test_a_figure_alone_makes_no_yes(query: str, text: str) -> None:
    premise = judged(query, some_evidence(text))
    assert premise is None or premise.verdict != "confirmed"


def test_a_year_that_is_compared_with_is_not_the_sentences_own() -> None:
    named = NamedScope((), (2031,))
    evidence = some_evidence("录取率90.21%，比2030年提高2个百分点。", heading=("一、2031年总结",))
    premise = judged("2031年录取率是90.21%吗？", evidence, named=named)
    assert premise is not None
    assert premise.verdict == "confirmed"


def test_of_two_years_that_say_the_same_the_one_asked_about_speaks() -> None:
    named = NamedScope((), (2031,))
    before = some_evidence("新建学校12所。", heading=("一、2030年总结",))
    evidence = some_evidence("新建学校12所。", heading=("二、2031年总结",), after=before)
    premise = judged("2031年新建学校12所吗？", evidence, named=named)
    assert premise is not None
    assert (premise.verdict, premise.evidence.heading) == ("confirmed", ("二、2031年总结",))


def test_what_was_done_is_no_plan_though_its_words_sound_like_one() -> None:
    premise = judged("已将12所学校纳入集团办学了吗？", some_evidence("已将12所学校纳入集团办学。"))
    assert premise is not None
    assert premise.verdict == "confirmed"
