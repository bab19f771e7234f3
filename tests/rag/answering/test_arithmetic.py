"""Arithmetic that a question asks for: shown with both operands, each cited; else none at all."""

from __future__ import annotations

import operator
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.arithmetic import compute
from rag.question.kind import Operation, asked_operation
from rag.question.scope import NOTHING_NAMED, NamedScope
from rag.schema.search import Evidence
from rag.scoring.sides import Side
from rag.text.figures import find_figures
from rag.text.language import Language
from tests.support.fakes import some_evidence
from tests.support.questions import wording
from tests.support.rag.decisions import THRESHOLD, UNLIKELY, candidate

MORE, TOGETHER, TIMES = "海州市比临川县多多少？", "海州市和临川县一共多少？", "海州市是临川县的几倍？"


def side(evidence: Evidence, span: str, *, place: str = "", year: int = 0, probability: float = 0.9) -> Side:
    """A side of a comparison whose best span is this one."""
    named = NamedScope((place,) if place else (), (year,) if year else ())
    return Side("", named, (candidate(evidence, span, probability=probability, named=named),), THRESHOLD)


def two_places(first: str, second: str) -> list[Side]:
    """What stands here and what stands there, each found whole."""
    here = some_evidence(first)
    there = some_evidence(second, place="临川县", source="b.txt", after=here)[1]
    return [side(here[0], first, place="海州市"), side(there, second, place="临川县")]


def two_years(earlier: str, later: str) -> list[Side]:
    """What stands for one year and for the next, as they are read."""
    evidence = some_evidence(later, years=(2032,), after=some_evidence(earlier))
    return [side(one, one.text, year=one.years[0]) for one in evidence]


def told(query: str, sides: list[Side], language: Language = "zh") -> str | None:
    computed = compute(wording(query), sides, language=language)
    return computed[0][0].text if computed else None


# What is asked for


@pytest.mark.parametrize(
    ("question", "operation"),
    [
        ("2032年比2031年多几所？", "difference"),
        ("2032年比2031年增加了多少名教师？", "difference"),
        ("海州市比临川县多招聘多少名教师？", "difference"),
        ("海州市较临川县少建几所？", "difference"),
        ("两地相差多少？", "difference"),
        ("两年的差距是多少？", "difference"),
        ("How many more schools were built in 2032 than in 2031?", "difference"),
        ("What is the difference between 2031 and 2032?", "difference"),
        ("¿Cuántas escuelas más que en 2031?", "difference"),
        ("两县一共新建多少所？", "sum"),
        ("两年加起来招聘多少名？", "sum"),
        ("How many schools were built in total?", "sum"),
        ("海州市是临川县的几倍？", "ratio"),
        ("2032年是2031年的多少倍？", "ratio"),
        ("How many times as many?", "ratio"),
        ("2031年有几所？", None),
        ("海州市和临川县各新建多少所？", None),
        ("比较海州市和临川县的做法。", None),
        ("How many schools were built?", None),
        ("", None),
    ],
)
def test_arithmetic_that_a_question_asks_for(question: str, operation: Operation | None) -> None:
    assert asked_operation(question) == operation


# What is computed


@pytest.mark.parametrize(
    ("query", "first", "second", "answer"),
    [
        (MORE, "新建学校47所", "新建21所", "海州市为47所，临川县为21所，前者比后者多26所（47-21=26）。"),
        (MORE, "新建学校21所", "新建47所", "临川县为47所，海州市为21所，前者比后者多26所（47-21=26）。"),
        (MORE, "新建学校47所", "新建47所", "海州市为47所，临川县为47所，两者相同（47-47=0）。"),
        (
            MORE,
            "录取率90.21%",
            "86.2%",
            "海州市为90.21%，临川县为86.2%，前者比后者高4.01个百分点（90.21%-86.2%=4.01）。",
        ),
        (
            MORE,
            "学位4.07万个",
            "3.5万个",
            "海州市为4.07万个，临川县为3.5万个，前者比后者多0.57万个（4.07万-3.5万=0.57万）。",
        ),
        (
            MORE,
            "学位4.07 万个",
            "35000个",
            "海州市为4.07万个，临川县为35000个，前者比后者多5700个（40700-35000=5700）。",
        ),
        (MORE, "教师1,068名", "68", "海州市为1,068名，临川县为68，前者比后者多1000名（1068-68=1000）。"),
        (TOGETHER, "新建学校47所", "新建21所", "海州市为47所，临川县为21所，合计68所（47+21=68）。"),
        (TOGETHER, "投资1.2亿元", "0.8亿元", "海州市为1.2亿元，临川县为0.8亿元，合计2亿元（1.2亿+0.8亿=2亿）。"),
        (TIMES, "新建学校42所", "新建21所", "海州市为42所，临川县为21所，前者是后者的2倍（42÷21=2）。"),
        (TIMES, "新建学校47所", "新建21所", "海州市为47所，临川县为21所，前者是后者的2.24倍（47÷21≈2.24）。"),
        ("海州市較臨川縣多招聘幾名？", "教師4名", "3名", "海州市为4名，临川县为3名，前者比后者多1名（4-3=1）。"),
    ],
)
def test_a_result_is_shown_with_both_operands(query: str, first: str, second: str, answer: str) -> None:
    assert told(query, two_places(first, second)) == answer


def test_each_operand_is_cited_where_it_stands() -> None:
    sides = two_places("全市新建学校47所。", "全县新建学校21所。")
    computed = compute(wording(MORE), sides, language="zh")
    assert computed is not None
    (sentence,), citations = computed
    assert sentence.markers == (1, 2)
    assert [(c.marker, c.source, c.quote) for c in citations] == [
        (1, "a.txt", "全市新建学校47所。"),
        (2, "b.txt", "全县新建学校21所。"),
    ]
    assert [(c.start, c.end) for c in citations] == [
        (s.found[0].evidence.start, s.found[0].evidence.end) for s in sides
    ]


def test_operands_of_one_sentence_share_its_citation() -> None:
    (both,) = some_evidence("去年新建学校21所，今年新建47所。", years=(2031, 2032))
    computed = compute(
        wording("2032年比2031年多几所？"), [side(both, "21所", year=2031), side(both, "47所", year=2032)], language="zh"
    )
    assert computed is not None
    (sentence,), citations = computed
    assert (sentence.markers, len(citations)) == ((1,), 1)
    assert sentence.text == "2032年为47所，2031年为21所，前者比后者多26所（47-21=26）。"


def test_how_many_times_is_asked_in_the_order_of_the_question() -> None:
    sides = two_years("新建21所", "新建42所")
    assert told("2032年是2031年的几倍？", sides) == "2032年为42所，2031年为21所，前者是后者的2倍（42÷21=2）。"
    assert told("2031年是2032年的几倍？", sides) == "2031年为21所，2032年为42所，前者是后者的0.5倍（21÷42=0.5）。"


def test_a_multiple_of_a_place_is_asked_behind_the_place() -> None:
    sides = two_places("新建42所", "新建21所")
    told_twice = "临川县在海州市旁边，海州市的学校是临川县的几倍？"
    assert told(told_twice, sides) == "海州市为42所，临川县为21所，前者是后者的2倍（42÷21=2）。"


def test_two_things_of_one_place_and_year_are_no_sides() -> None:
    evidence = some_evidence("新建47所，改建30所。")
    assert told(MORE, [side(evidence[0], "47所", place="海州市"), side(evidence[0], "30所", place="海州市")]) is None


@pytest.mark.parametrize("language", ["en", "fr", "ko"])
def test_in_another_language_the_formula_speaks(language: Language) -> None:
    sides = two_places("新建学校47所", "新建21所")
    assert told("How many more schools?", sides, language) == "海州市: 47所; 临川县: 21所; 47-21=26."


# What is not computed


@pytest.mark.parametrize(
    ("query", "first", "second"),
    [
        ("海州市和临川县各多少？", "新建47所", "新建21所"),  # nothing to compute
        (MORE, "新建47所", "投资21亿元"),  # other units
        (MORE, "新建47所", "增长21%"),  # a number and a share
        (MORE, "新建47所", "正在新建"),  # no figure
        (MORE, "2031年6月", "2032年6月"),  # dates
        (MORE, "第3名", "第2名"),  # ordinals
        (TOGETHER, "录取率90%", "录取率80%"),  # shares do not add up
        (TIMES, "新建47所", "新建0所"),  # no division by zero
    ],
)
def test_what_cannot_be_computed_is_left(query: str, first: str, second: str) -> None:
    assert told(query, two_places(first, second)) is None


@pytest.mark.parametrize(
    ("query", "texts", "answer"),
    [
        (
            "海州市和临川县谁的学校多？",
            ("新建学校47所", "新建学校21所"),
            "海州市为47所，临川县为21所，海州市较多、临川县较少，相差26所（47-21=26）。",
        ),
        (
            "海州市和临川县的录取率哪个高？各是多少？",
            ("录取率81%", "录取率84%"),
            "临川县为84%，海州市为81%，临川县较高、海州市较低，相差3个百分点（84%-81%=3）。",
        ),
        (
            "从海州市到临川县，录取率是升了还是降了？",
            ("录取率81%", "录取率84%"),
            "临川县为84%，海州市为81%，临川县较高、海州市较低，相差3个百分点（84%-81%=3）。",
        ),
    ],
)
def test_which_of_two_is_more_is_told_with_both_figures(query: str, texts: tuple[str, str], answer: str) -> None:
    assert told(query, two_places(*texts)) == answer


def test_an_operand_that_is_missing_or_unsure_is_not_made_up() -> None:
    here, there = two_places("新建47所", "新建21所")
    unsure = side(there.found[0].evidence, "21所", place="临川县", probability=UNLIKELY)
    nothing = Side("", there.named, (), THRESHOLD)
    assert told(MORE, [here, there]) is not None
    for other in (unsure, nothing):
        assert told(MORE, [here, other]) is None
        assert told(MORE, [other, here]) is None
    assert told(MORE, [here]) is None
    assert told(MORE, [here, there, there]) is None
    assert told(MORE, []) is None


def test_only_the_figure_that_the_span_touches_is_an_operand() -> None:
    here, there = (
        some_evidence("新建47所，改建30所。"),
        some_evidence("新建21所，改建9所。", place="临川县", source="b.txt"),
    )
    sides = [side(here[0], "30所", place="海州市"), side(there[0], "9所", place="临川县")]
    assert told(MORE, sides) == "海州市为30所，临川县为9所，前者比后者多21所（30-9=21）。"


def test_one_figure_for_both_sides_is_no_comparison() -> None:
    (both,) = some_evidence("新建学校47所。", years=(2031, 2032))
    assert told("2032年比2031年多几所？", [side(both, "47所", year=2031), side(both, "47所", year=2032)]) is None


# The base of an excess


@pytest.mark.parametrize(
    ("query", "text", "answer"),
    [
        ("推算责任目标是多少？", "完成改造1463户，超责任目标397户。", "责任目标为1066户（1463-397=1066）。"),
        ("责任目标可以算出是多少？", "完成改造1463户,超出责任目标约397户。", "责任目标为1066户（1463-397=1066）。"),
        ("计算一下年度任务。", "投资3.5亿元，高于年度任务0.5亿元。", "年度任务为3亿元（3.5亿-0.5亿=3亿）。"),
        ("責任目標推算是多少？", "完成改造1463户，超责任目标397户。", "责任目标为1066户（1463-397=1066）。"),
        ("责任目标是多少？", "完成改造1463户，超责任目标397户。", None),  # it need not be inferred
        ("推算超责任目标多少户？", "完成改造1463户，超责任目标397户。", None),  # the excess itself
        ("推算改造资金是多少？", "完成改造1463户，超责任目标397户。", None),  # something else
        ("推算责任目标是多少？", "完成改造1463户，责任目标397户。", None),  # no excess
        ("推算责任目标是多少？", "完成改造1463户，超责任目标397元。", None),  # other units
        ("推算责任目标是多少？", "完成改造397户，超责任目标1463户。", None),  # no such base
    ],
)
def test_the_base_of_an_excess(query: str, text: str, answer: str | None) -> None:
    (one,) = some_evidence(text)
    span = next(f.text for f in find_figures(text))
    assert told(query, [side(one, span)]) == answer
    assert told(query, [side(one, span, probability=UNLIKELY)]) is None


def test_the_base_of_an_excess_cites_the_sentence() -> None:
    (one,) = some_evidence("完成改造1463户，超责任目标397户。")
    computed = compute(wording("推算责任目标是多少？"), [side(one, "1463户")], language="zh")
    assert computed is not None
    assert [(c.marker, c.quote, c.start, c.end) for c in computed[1]] == [(1, one.text, one.start, one.end)]
    assert told("推算责任目标 infer", [side(one, "1463户")], "en") == "1463-397=1066 (责任目标)."


# Things that a question names, in one sentence or several


def told_of(query: str, *texts: str, named: NamedScope = NOTHING_NAMED, **about: Any) -> str | None:
    """What is computed from sentences that were read."""
    evidence = some_evidence(*texts, **about)
    computed = compute(wording(query, named), [side(evidence[0], evidence[0].text)], language="zh", evidence=evidence)
    return computed[0][0].text if computed else None


GRADES = "补助标准为一等3000元、二等1800元、三等900元。"


@pytest.mark.parametrize(
    ("query", "texts", "answer"),
    [
        ("一等比三等多多少？", [GRADES], "一等为3000元，三等为900元，前者比后者多2100元（3000-900=2100）。"),
        ("三等补助比一等少多少元？", [GRADES], "一等为3000元，三等为900元，前者比后者多2100元（3000-900=2100）。"),
        ("二等和三等相差多少？", [GRADES], "二等为1800元，三等为900元，前者比后者多900元（1800-900=900）。"),
        (
            "一等、二等和三等一共多少元？",
            [GRADES],
            "一等为3000元，二等为1800元，三等为900元，合计5700元（3000+1800+900=5700）。",
        ),
        ("二等是三等的几倍？", [GRADES], "二等为1800元，三等为900元，前者是后者的2倍（1800÷900=2）。"),
        (
            "城镇居民收入比农村高多少元？",
            ["城镇居民收入37043元，增长5%。", "农村居民收入16387元，比上年增加900元。"],
            "城镇为37043元，农村为16387元，前者比后者多20656元（37043-16387=20656）。",
        ),
        (
            "财险和寿险一共赔付多少万元？",
            ["财产险保费9000万元，寿险保费8000万元；财产险赔付300万元，寿险赔付200万元。"],
            "财险为300万元，寿险为200万元，合计500万元（300万+200万=500万）。",
        ),
        (
            "渔船和货船相差几艘？",
            ["渔船、货船分别有640艘、612艘。"],
            "渔船为640艘，货船为612艘，前者比后者多28艘（640-612=28）。",
        ),
    ],
)
def test_things_that_a_question_names_are_reckoned_with(query: str, texts: list[str], answer: str) -> None:
    assert told_of(query, *texts) == answer


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ("一等比四等多多少？", [GRADES]),  # no such thing
        ("一等有多少元？", [GRADES]),  # nothing to compute
        ("一等和三等分别是多少？", [GRADES]),
        ("一等比三等多多少？", ["一等3000元。", "一等2000元。", "三等900元。"]),  # which one is meant
        ("一等比三等多多少？", ["一等3000元、三等900个。"]),  # other units
        ("一等比三等多多少？", ["一等3000元以上、三等900元。"]),  # a bound
        ("一等比三等多多少？", ["一等比上年多3000元、三等900元。"]),  # a difference
        ("船长的工资一等比三等多多少？", ["公交票价一等3元、三等1元。"]),  # of something else
        ("城镇居民收入比农村高多少元？", ["城镇居民收入37043元。"]),
    ],
)
def test_what_the_question_does_not_name_is_no_operand(query: str, texts: list[str]) -> None:
    assert told_of(query, *texts) is None


def test_things_of_another_place_or_year_are_no_operands() -> None:
    named = NamedScope(("海州市",), (2031,))
    assert told_of("海州市2031年一等比三等多多少？", GRADES, named=named) is not None
    assert told_of("海州市2031年一等比三等多多少？", GRADES, named=named, place="临川县", title="", source="b") is None
    assert told_of("海州市2031年一等比三等多多少？", GRADES, named=named, years=(2025,)) is None


# A change within a sentence

FEWER = "渔船由上年640艘减少到612艘，其中内河渔船由88艘减少到80艘。"


@pytest.mark.parametrize(
    ("query", "text", "answer"),
    [
        ("渔船少了几艘？", "渔船由上年640艘减少到612艘。", "渔船由640艘变为612艘，减少28艘（640-612=28）。"),
        (
            "渔船减少百分之几？",
            "渔船由640艘减少到612艘。",
            "渔船由640艘变为612艘，减少4.38%（（640-612）÷640≈4.38%）。",
        ),
        (
            "企业净增多少万家？",
            "企业从0.94万家增加到1.55万家。",
            "企业由0.94万家变为1.55万家，增加0.61万家（1.55万-0.94万=0.61万）。",
        ),
        (
            "准点率提高了几个百分点？",
            "准点率由90%提高到92.5%。",
            "准点率由90%变为92.5%，增加2.5个百分点（92.5%-90%=2.5）。",
        ),
        ("内河渔船减少了多少艘？", FEWER, "内河渔船由88艘变为80艘，减少8艘（88-80=8）。"),
        ("渔船增加了几艘？", "渔船由上年640艘减少到612艘。", None),  # it fell
        ("内河渔船少了几艘？", "渔船由上年640艘减少到612艘。", None),  # of a part
        ("货船少了几艘？", "渔船由上年640艘减少到612艘。", None),  # of something else
        ("渔船有多少艘？", "渔船由上年640艘减少到612艘。", None),  # no change is asked for
        ("渔船少了几艘？", "渔船640艘，货船612艘。", None),
        ("2025年渔船比2024年少了几艘？", "渔船由2020年640艘减少到2025年612艘。", None),  # other years
    ],
)
def test_a_change_within_a_sentence_is_computed(query: str, text: str, answer: str | None) -> None:
    assert told_of(query, text) == answer


# What it was against last year


@pytest.mark.parametrize(
    ("query", "text", "answer"),
    [
        ("上年渔业支出是多少？", "渔业支出28.5亿元、比上年增加1.1亿元。", "上年为27.4亿元（28.5亿-1.1亿=27.4亿）。"),
        ("去年渔业支出是多少？", "渔业支出28.5亿元，较去年减少1.1亿元。", "去年为29.6亿元（28.5亿+1.1亿=29.6亿）。"),
        ("上年内河运输占比是多少？", "内河运输占比70%，比上年下降0.9个百分点。", "上年为70.9%（70%+0.9=70.9）。"),
        ("渔业支出比上年增加多少？", "渔业支出28.5亿元、比上年增加1.1亿元。", None),  # it stands there
        ("上年教育投入是多少？", "渔业支出28.5亿元、比上年增加1.1亿元。", None),  # of something else
        ("上年渔业支出是多少？", "渔业支出28.5亿元、比上年增加4%。", None),
    ],
)
def test_last_year_is_told_by_what_is_against_it(query: str, text: str, answer: str | None) -> None:
    assert told_of(query, text) == answer


# Whatever the documents hold

FORMULA = re.compile(
    r"(?P<a>[\d.]+[万亿]?%?)(?P<sign>[-+÷])(?P<b>[\d.]+[万亿]?%?)(?P<equals>[=≈])(?P<result>[\d.]+[万亿]?)"
)
APPLY = {"-": operator.sub, "+": operator.add, "÷": operator.truediv}
PIECES = (
    "47所 21所 3.5万个 4.07 万 1,234名 90.21% 三分之一 两成 12 0 两座 一 一千二百人 1.3亿元"
    " 20-25% 3至5万 5个百分点 第3届 2031年 6月 超责任目标 新建学校 录取率 ， 、 -"
).split()
TEXTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join)
QUERIES = [MORE, TOGETHER, TIMES, "2032年是2031年的几倍？", "推算责任目标是多少？"]


def value(written: str) -> Decimal:
    (figure,) = find_figures(written)
    return figure.value


@given(st.data(), st.sampled_from(QUERIES), st.sampled_from(["zh", "en"]), st.integers(1, 2))
def test_no_operand_is_stated_that_its_citations_do_not_hold(
    data: st.DataObject, query: str, language: Language, n_sides: int
) -> None:
    sides = []
    evidence = some_evidence(*(data.draw(TEXTS) for _ in range(n_sides)))
    for one, place, year in zip(evidence, ("海州市", "临川县"), (2031, 2032), strict=False):
        start = data.draw(st.integers(0, len(one.text) - 1))
        span = one.text[start : data.draw(st.integers(start + 1, len(one.text)))]
        named = {"year": year} if "年" in query else {"place": place}
        sides.append(side(one, span, **named))
    computed = compute(wording(query), sides, language=language)
    if computed is None:
        return
    (sentence,), citations = computed
    assert [c.marker for c in citations] == list(sentence.markers)
    assert {c.quote for c in citations} <= {one.evidence.text for s in sides for one in s.found}
    shown = FORMULA.search(sentence.text)
    assert shown is not None, sentence.text
    held = {figure.value for citation in citations for figure in find_figures(citation.quote)}
    a, b, result = value(shown["a"]), value(shown["b"]), value(shown["result"])
    assert {a, b} <= held
    assert abs(APPLY[shown["sign"]](a, b) - result) <= (Decimal("0.005") if shown["equals"] == "≈" else 0)
