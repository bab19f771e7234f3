"""Evidence and a reader that finds what it is told to find -> quotations: which, from where, and when none."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.quotation import quote
from rag.question.scope import NamedScope
from rag.reading.evidence_reader import read_evidence, read_sides
from rag.reading.model import Reading, Span, Window
from rag.schema.answers import Answer, Citation
from rag.schema.search import Evidence
from tests.support import questions
from tests.support.fakes import ScriptedReader
from tests.support.questions import wording

pytestmark = pytest.mark.usefixtures("unweighed")

ANYWHERE = NamedScope((), ())
ASKED = "新建学校多少所？"
SURE, LIKELY, UNLIKELY = 6.0, 2.0, -6.0


def shown(*texts: str, after: Sequence[Evidence] = (), **about: Any) -> list[Evidence]:
    """Sentences of one section, behind those that stand before them."""
    facts = {"place": "海州市", "years": (2031,), "title": "工作总结", "source": "a.txt", "heading": ("一、建设",)}
    evidence, at = list(after), 100
    for text in texts:
        end = at + len(text) + 2  # in the document stands more than in the cleaned sentence
        evidence.append(Evidence(number=len(evidence) + 1, text=text, start=at, end=end, score=0.5, **facts | about))
        at = end
    return evidence


def quoted(
    evidence: Sequence[Evidence], finds: dict[str, float], *, asked: str = ASKED, named: NamedScope = ANYWHERE
) -> Answer:
    analysis = questions.asked(asked, named)
    sides = read_sides(analysis.wording, evidence, reader=ScriptedReader(finds))
    return quote(analysis, evidence, sides=sides).answer


def marked(answer: Answer) -> list[str]:
    """The spans that are marked in an answer's sentences."""
    return [sentence.text[start:end] for sentence in answer.sentences for start, end in sentence.spans]


def windows_of(evidence: Sequence[Evidence]) -> list[Window]:
    reader = ScriptedReader()
    read_evidence(ASKED, evidence, named=ANYWHERE, reader=reader)
    assert reader.asked == [ASKED], "all windows are read at once"
    return reader.read_windows


SCHOOLS, ROADS, TEACHERS = "全市新建学校12所。", "新修公路86公里。", "招聘教师400名。"
SECTION = shown(SCHOOLS, ROADS, TEACHERS)


# What is quoted


def test_the_sentence_around_the_span_is_quoted_word_for_word() -> None:
    answer = quoted(SECTION, {"12所": SURE})
    assert (answer.text, marked(answer), answer.abstained) == (f"{SCHOOLS}[1]", ["12所"], False)
    place = SECTION[0].start, SECTION[0].end
    assert answer.citations == (Citation(1, "a.txt", "工作总结", ("一、建设",), *place, SCHOOLS),)
    assert (answer.question, answer.query, answer.evidence, answer.reply) == (ASKED, ASKED, tuple(SECTION), "")


@pytest.mark.parametrize(("found", "number"), [("12所", 1), ("86公里", 2), ("教师400名", 3), ("新修公路86公里。", 2)])
def test_a_span_is_found_again_in_whichever_sentence_of_a_window_it_stands(found: str, number: int) -> None:
    answer = quoted(SECTION, {found: SURE})
    assert [sentence.text for sentence in answer.sentences] == [SECTION[number - 1].text]
    assert marked(answer) == [found]
    assert [citation.start for citation in answer.citations] == [SECTION[number - 1].start]


def test_sentences_that_are_joined_with_a_space_keep_their_spans_apart() -> None:
    evidence = shown("The town built 12 schools.", "It laid 86 km of road.", "Teachers hired: 400.")
    (window,) = windows_of(evidence)
    assert window.text == "The town built 12 schools. It laid 86 km of road. Teachers hired: 400."
    for found, text in (("12 schools", evidence[0].text), ("86 km", evidence[1].text), ("400", evidence[2].text)):
        answer = quoted(evidence, {found: SURE}, asked="How many?")
        assert (marked(answer), [sentence.text for sentence in answer.sentences]) == ([found], [text])


def test_a_span_across_sentences_is_marked_as_far_as_the_first_one_goes() -> None:
    answer = quoted(SECTION, {"12所。新修公路": SURE})
    assert (marked(answer), answer.text) == (["12所。"], f"{SCHOOLS}[1]")


def test_the_confidence_is_the_probability_of_the_best_span() -> None:
    reader = ScriptedReader()
    for score in (SURE, LIKELY, UNLIKELY):
        assert quoted(SECTION, {"12所": score, "86公里": -9.0}).confidence == pytest.approx(reader.probability(score))


# What is read together


def test_neighbours_of_a_section_are_read_together_under_its_heading() -> None:
    assert windows_of(SECTION) == [Window("海州市 2031 工作总结 > 一、建设", SCHOOLS + ROADS + TEACHERS)]


@pytest.mark.parametrize(
    "other", [{"heading": ("二、公路",)}, {"title": "2032年计划"}, {"source": "b.txt"}, {"heading": ()}]
)
def test_sections_are_read_apart_each_under_its_own_heading(other: dict[str, Any]) -> None:
    evidence = shown(ROADS, TEACHERS, after=shown(SCHOOLS), **other)
    first, second = windows_of(evidence)
    assert (first.text, second.text) == (SCHOOLS, ROADS + TEACHERS)
    assert (first.heading == second.heading) == ("source" in other)


@given(st.lists(st.tuples(st.integers(1, 900), st.booleans()), max_size=12))
def test_every_sentence_is_read_once_in_order_in_windows_that_the_network_can_hold(
    section: list[tuple[int, bool]],
) -> None:
    evidence: list[Evidence] = []
    for number, (length, commas) in enumerate(section):
        text = ("，" if commas else "").join(chr(0x4E00 + number) * min(length, 40) for _ in range(1 + length // 40))
        evidence = shown(text + "。", heading=(f"第{number // 5}节",), after=evidence)
    windows = windows_of(evidence)
    assert "".join(window.text for window in windows) == "".join(one.text for one in evidence)
    assert all(0 < len(window.text) < 400 for window in windows)


def test_a_long_sentence_is_read_in_pieces_and_quoted_whole() -> None:
    parts = [f"第{n}项工程投资{n}亿元" for n in range(1, 90)]
    (long,) = shown("，".join(parts) + "。")
    assert len(windows_of([long])) > 1
    for part in (parts[0], parts[30], parts[31], parts[60], parts[88]):
        answer = quoted([long], {f"{part[:-2]}亿元": SURE})
        assert (marked(answer), answer.text) == ([part], f"{long.text}[1]")
        assert (answer.citations[0].start, answer.citations[0].end) == (long.start, long.end)


def test_a_long_sentence_is_not_cut_inside_a_figure() -> None:
    for shift in range(10):
        (long,) = shown("投" * shift + "1,234,567元、" * 90)
        assert {window.text[-9:] for window in windows_of([long])} == {"234,567元、"}


# What the question names


DISTRICT = shown("新建学校30所。", place="临川县", source="b.txt", after=SECTION)
HERE = NamedScope(("海州市",), ())


def test_another_place_is_not_quoted_however_likely() -> None:
    assert marked(quoted(DISTRICT, {"30所": SURE, "12所": LIKELY}, named=HERE)) == ["12所"]
    assert marked(quoted(DISTRICT, {"30所": SURE, "12所": LIKELY})) == ["30所"]
    nothing = quoted(DISTRICT, {"30所": SURE, "12所": UNLIKELY}, named=HERE)
    assert (nothing.abstained, nothing.sentences) == (True, ())
    assert nothing.confidence == pytest.approx(ScriptedReader().probability(UNLIKELY))
    assert quoted(DISTRICT[-1:], {"30所": SURE}, named=HERE).confidence == 0.0


@pytest.mark.parametrize(
    ("part", "told"),
    [
        *(("place", "海州"), ("place", "海州市"), ("place", ""), ("title", "海州市工作总结")),
        *(("heading", ("海州", "一、建设")), ("text", "海州新建学校30所。")),
    ],
)
def test_a_sentence_may_speak_of_the_place_by_any_sign_of_it(part: str, told: Any) -> None:
    evidence = [replace(DISTRICT[-1], **{part: told})]
    assert marked(quoted(evidence, {"30所": SURE}, named=HERE)) == ["30所"]


def test_a_place_is_compared_in_simplified_characters() -> None:
    evidence = shown("新建學校30所。", place="臺南市")
    assert marked(quoted(evidence, {"30所": SURE}, named=NamedScope(("台南市",), ()))) == ["30所"]
    assert quoted(evidence, {"30所": SURE}, named=NamedScope(("台中市",), ())).abstained


@pytest.mark.parametrize(
    ("years", "text", "usable"),
    [
        *(((2031,), "新建30所。", True), ((2030, 2031), "新建30所。", True), ((), "新建30所。", True)),
        *(((2030,), "新建30所。", False), ((2030,), "2031年新建30所。", True), ((2030,), "2032年新建30所。", False)),
    ],
)
def test_the_year_of_the_question_decides_where_it_is_known(years: tuple[int, ...], text: str, usable: bool) -> None:
    evidence = shown(text, years=years)
    assert quoted(evidence, {"30所": SURE}, named=NamedScope((), (2031,))).abstained is not usable


def test_a_place_named_in_the_text_does_not_excuse_the_year() -> None:
    evidence = shown("支援海州新建学校30所。", place="临川县", years=(2028,))
    assert quoted(evidence, {"30所": SURE}, named=NamedScope(("海州市",), (2031,))).abstained


# When it refuses


@pytest.mark.parametrize(
    ("asked", "reason"), [(ASKED, "资料中没有提到所问的内容。"), ("How many schools?", "The documents do not say.")]
)
def test_an_unlikely_span_is_no_answer(asked: str, reason: str) -> None:
    answer = quoted(SECTION, {"12所": UNLIKELY}, asked=asked)
    assert (answer.abstained, answer.text, answer.sentences, answer.citations) == (True, reason, (), ())
    assert answer.evidence == tuple(SECTION)
    assert 0 < (answer.confidence or 0) < 0.1


def test_without_evidence_there_is_nothing_to_quote() -> None:
    answer = quoted([], {"12所": SURE})
    assert (answer.abstained, answer.confidence, answer.evidence) == (True, 0.0, ())


# Several things at once


TWO = {"12所": SURE, "400名": SURE - 1}


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ("2031年全市新建学校多少所，全市招聘教师多少名？", ANYWHERE),
        ("新建学校多少所，招聘教师多少名？", ANYWHERE),
        ("新建学校和招聘教师分别是多少？", ANYWHERE),
        ("开展了哪些工作？", ANYWHERE),
        ("How many schools and teachers were added, respectively?", ANYWHERE),
    ],
)
def test_a_question_for_several_things_gets_each_that_is_likely(asked: str, named: NamedScope) -> None:
    answer = quoted(SECTION, TWO | {"86公里": UNLIKELY}, asked=asked, named=named)
    assert (marked(answer), answer.text) == (["12所", "400名"], f"{SCHOOLS}[1]{TEACHERS}[2]")


@pytest.mark.parametrize(
    ("asked", "named", "about"),
    [
        ("海州市和临川县新建学校多少所？", NamedScope(("海州市", "临川县"), ()), {"place": "临川县"}),
        ("2031年和2032年新建学校多少所？", NamedScope((), (2031, 2032)), {"years": (2032,)}),
    ],
)
def test_each_side_of_a_comparison_is_read_for_itself(asked: str, named: NamedScope, about: dict[str, object]) -> None:
    evidence = shown("全县新建学校30所。", source="b.txt", after=SECTION, **about)
    answer = quoted(evidence, {"12所": SURE, "30所": SURE - 1, "400名": SURE - 2}, asked=asked, named=named)
    assert marked(answer) == ["12所", "30所"], "the best of each side, and no other"
    one_sided = quoted(evidence, {"12所": SURE, "30所": UNLIKELY}, asked=asked, named=named)
    assert marked(one_sided) == ["12所"], "a side that is not there is not made up"


def test_each_side_is_asked_about_itself_alone() -> None:
    reader = ScriptedReader()
    asked = "海州市和临川县2031年新建学校多少所？"
    named = NamedScope(("海州市", "临川县"), (2031,))
    read_sides(wording(asked, named), SECTION, reader=reader)
    assert [("海州" in one, "临川" in one) for one in reader.asked] == [(True, False), (False, True)]


def test_a_section_that_is_named_is_quoted_whole() -> None:
    evidence = shown("安全工作要抓紧。", heading=("二、安全",), after=SECTION)
    answer = quoted(evidence, {}, asked="概括一下建设的主要内容。")
    assert (marked(answer), answer.text) == ([], f"{SCHOOLS}[1]{ROADS}[2]{TEACHERS}[3]")
    assert (answer.confidence, answer.abstained) == (None, False)


def test_a_question_for_one_thing_gets_one() -> None:
    assert marked(quoted(SECTION, TWO)) == ["12所"]


def test_markers_count_in_the_order_of_the_documents_not_of_the_scores() -> None:
    evidence = shown("新建学校30所。", source="b.txt", after=SECTION)
    answer = quoted(evidence, {"30所": SURE, "400名": SURE - 1, "12所": SURE - 2}, asked="建了哪些？")
    assert answer.text == f"{SCHOOLS}[1]{TEACHERS}[2]新建学校30所。[3]"
    assert [(c.marker, c.source) for c in answer.citations] == [(1, "a.txt"), (2, "a.txt"), (3, "b.txt")]


def test_spans_of_one_sentence_share_its_marker() -> None:
    evidence = shown("新建学校12所，改建30所。")
    answer = quoted(evidence, {"30所": SURE, "12所": SURE - 1}, asked="新建和改建分别多少所？")
    assert (answer.text, marked(answer)) == ("新建学校12所，改建30所。[1]", ["12所", "30所"])


def test_further_quotations_are_in_scope_too() -> None:
    answer = quoted(DISTRICT, TWO | {"30所": SURE}, asked="建了哪些？", named=HERE)
    assert marked(answer) == ["12所", "400名"]


def test_each_place_that_is_compared_is_quoted_even_if_one_is_likelier_throughout() -> None:
    both = NamedScope(("海州市", "临川县"), ())
    assert marked(quoted(DISTRICT, TWO | {"30所": LIKELY}, asked="哪里新建学校多？", named=both))[-1] == "30所"


def test_each_year_that_is_compared_is_quoted() -> None:
    evidence = shown("新建学校30所。", years=(2030,), title="2030年总结", after=SECTION)
    answer = quoted(
        evidence,
        TWO | {"30所": LIKELY},
        asked="2030年和2031年各新建学校多少所？",
        named=NamedScope((), (2030, 2031)),
    )
    assert {"12所", "30所"} <= set(marked(answer))


def test_a_question_about_a_section_gets_it_whole_and_nothing_marked() -> None:
    evidence = shown(ROADS, TEACHERS, heading=("二、公路养护", "（一）路面"), after=shown(SCHOOLS))
    for finds in ({}, {"12所": SURE}):
        answer = quoted(evidence, finds, asked="概括公路养护的主要内容。")
        assert (answer.text, marked(answer)) == (f"{ROADS}[1]{TEACHERS}[2]", [])
    elsewhere = NamedScope(("临川县",), ())
    assert quoted(evidence, {}, asked="概括公路养护的主要内容。", named=elsewhere).abstained


# Whatever the reader says


class SenselessReader(ScriptedReader):
    """Gives the windows its spans in turn, cut to fit and apart, as a network without sense would."""

    def __init__(self, spans: Sequence[tuple[int, float]]) -> None:
        super().__init__()
        self.spans = itertools.cycle(spans)

    def read(self, question: str, windows: Sequence[Window], *, limit: int = 4) -> list[Reading]:
        readings = []
        for window in windows:
            cuts = {min(at, len(window.text)): score for at, score in itertools.islice(self.spans, 2 * limit)}
            spans = [Span(start, end, cuts[start]) for start, end in itertools.pairwise(sorted(cuts))]
            readings.append(Reading(tuple(sorted(spans, key=lambda span: -span.score)[:limit]), ()))
        return readings


@given(
    st.lists(st.text(st.sampled_from("甲乙丙，。ab1 "), min_size=1, max_size=500), max_size=6),
    st.lists(st.tuples(st.integers(0, 400), st.floats(-9, 9)), min_size=1, max_size=30),
    st.sampled_from([ASKED, "建了哪些？"]),
)
def test_no_span_leaves_its_sentence_and_no_sentence_is_altered(
    texts: list[str], spans: list[tuple[int, float]], asked: str
) -> None:
    evidence = shown(*texts)
    sides = read_sides(wording(asked), evidence, reader=SenselessReader(spans))
    answer = quote(questions.asked(asked), evidence, sides=sides).answer
    assert len(answer.sentences) == len(answer.citations)
    by_start = {one.start: one for one in evidence}
    for sentence, citation in zip(answer.sentences, answer.citations, strict=True):
        assert sentence.text == citation.quote == by_start[citation.start].text
        assert sentence.markers == (citation.marker,)
        assert sentence.spans
        edges = [edge for span in sentence.spans for edge in span]
        assert edges == sorted(edges)
        assert all(0 <= start < end <= len(sentence.text) for start, end in sentence.spans)
    assert [citation.start for citation in answer.citations] == sorted({c.start for c in answer.citations})
    assert [citation.marker for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
