"""Evidence and a reader that finds what it is told to find -> quotations: which, from where, and when none."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.quotation import quote
from rag.question.scope import NamedScope
from rag.reading.model import Reading, Span, Window
from rag.schema.answers import Answer, Citation
from rag.schema.search import Evidence
from rag.scoring.scorer import Scorer
from rag.scoring.sides import FEW, MANY, Side, score_sides
from tests.support import questions
from tests.support.fakes import ScriptedReader
from tests.support.questions import wording
from tests.support.rag.decisions import candidate
from tests.support.scoring import BY_READER, IN_SCOPE, chosen

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
    evidence: Sequence[Evidence],
    finds: dict[str, float],
    *,
    asked: str = ASKED,
    named: NamedScope = ANYWHERE,
    scorer: Scorer = IN_SCOPE,
) -> Answer:
    analysis = questions.asked(asked, named)
    sides = score_sides(analysis.wording, evidence, {}, reader=ScriptedReader(finds), scorer=scorer)
    return quote(analysis, evidence, evidence, sides=sides).answer


def likely(score: float) -> float:
    """The probability that a score is taken for."""
    return 1 / (1 + math.exp(-score))


def marked(answer: Answer) -> list[str]:
    """The spans that are marked in an answer's sentences."""
    return [sentence.text[start:end] for sentence in answer.sentences for start, end in sentence.spans]


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


def test_a_span_across_sentences_is_marked_as_far_as_the_first_one_goes() -> None:
    answer = quoted(SECTION, {"12所。新修公路": SURE})
    assert (marked(answer), answer.text) == (["12所。"], f"{SCHOOLS}[1]")


def test_the_confidence_is_the_probability_of_what_is_shown() -> None:
    for score in (SURE, LIKELY, UNLIKELY):
        assert quoted(SECTION, {"12所": score, "86公里": -9.0}).confidence == pytest.approx(chosen(score, -9.0)[0])
    both = quoted(SECTION, {"12所": LIKELY, "86公里": LIKELY})
    assert both.confidence == pytest.approx(sum(chosen(LIKELY, LIKELY)))


# What the question names


DISTRICT = shown("新建学校30所。", place="临川县", source="b.txt", after=SECTION)
HERE = NamedScope(("海州市",), ())


def test_another_place_is_not_quoted_however_sure_the_reader_is() -> None:
    assert marked(quoted(DISTRICT, {"30所": SURE, "12所": LIKELY}, named=HERE)) == ["12所"]
    assert marked(quoted(DISTRICT, {"30所": SURE, "12所": SURE - 0.5})) == ["12所", "30所"]
    nothing = quoted(DISTRICT, {"30所": SURE, "12所": UNLIKELY}, named=HERE)
    assert (nothing.abstained, nothing.sentences) == (True, ())
    assert nothing.confidence == pytest.approx(likely(UNLIKELY), rel=1e-3)


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


TWO = {"12所": SURE, "400名": SURE - 0.3}


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
    answer = quoted(evidence, {"12所": SURE, "30所": SURE - 1, "400名": -1.0}, asked=asked, named=named)
    assert marked(answer) == ["12所", "30所"], "the best of each side, and no other"
    one_sided = quoted(evidence, {"12所": SURE, "30所": UNLIKELY}, asked=asked, named=named)
    assert marked(one_sided) == ["12所"], "a side that is not there is not made up"


def test_each_side_is_asked_about_itself_alone() -> None:
    reader = ScriptedReader()
    asked = "海州市和临川县2031年新建学校多少所？"
    named = NamedScope(("海州市", "临川县"), (2031,))
    score_sides(wording(asked, named), SECTION, {}, reader=reader, scorer=BY_READER)
    assert [("海州" in one, "临川" in one) for one in reader.asked] == [(True, False), (False, True)]


def test_a_section_that_is_named_is_quoted_whole() -> None:
    evidence = shown("安全工作要抓紧。", heading=("二、安全",), after=SECTION)
    answer = quoted(evidence, {}, asked="概括一下建设的主要内容。")
    assert (marked(answer), answer.text) == ([], f"{SCHOOLS}[1]{ROADS}[2]{TEACHERS}[3]")
    assert (answer.confidence, answer.abstained) == (None, False)


def test_a_question_for_one_thing_gets_one_where_the_second_is_less_likely() -> None:
    assert marked(quoted(SECTION, {"12所": SURE, "400名": -1.0})) == ["12所"]


def test_markers_count_in_the_order_of_the_documents_not_of_the_scores() -> None:
    evidence = shown("新建学校30所。", source="b.txt", after=SECTION)
    answer = quoted(evidence, {"30所": SURE, "400名": SURE - 0.3, "12所": SURE - 0.5}, asked="建了哪些？")
    assert answer.text == f"{SCHOOLS}[1]{TEACHERS}[2]新建学校30所。[3]"
    assert [(c.marker, c.source) for c in answer.citations] == [(1, "a.txt"), (2, "a.txt"), (3, "b.txt")]


def test_spans_of_one_sentence_share_its_marker() -> None:
    (both,) = shown("新建学校12所，改建30所。")
    sides = [Side("", ANYWHERE, (candidate(both, found),), 0.3) for found in ("30所", "12所")]
    answer = quote(questions.asked("新建和改建分别多少所？"), [both], [both], sides=sides).answer
    assert (answer.text, marked(answer)) == ("新建学校12所，改建30所。[1]", ["12所", "30所"])


def test_further_quotations_are_of_the_place_too() -> None:
    answer = quoted(DISTRICT, TWO | {"30所": SURE}, asked="建了哪些？", named=HERE)
    assert marked(answer) == ["12所", "400名"]


@pytest.mark.parametrize(
    ("probabilities", "asked", "n_shown"),
    [
        ((0.9, 0.44), "建了哪些？", 1),  # less than half as likely as the best one
        ((0.9, 0.46), "建了哪些？", 2),
        ((0.9, 0.8, 0.7), ASKED, 2),  # of one thing two sentences may tell
        ((0.9, 0.8, 0.7), "建了哪些？", 3),
        ((0.1,) * 9, "建了哪些？", MANY),
        ((0.2, 0.05), "建了哪些？", 0),
    ],
)
def test_a_further_sentence_is_shown_where_it_is_likely_enough_against_the_best(
    probabilities: tuple[float, ...], asked: str, n_shown: int
) -> None:
    evidence = shown(*(f"新建学校{n}所。" for n in range(1, len(probabilities) + 1)))
    found = tuple(candidate(e, "学校", probability=p) for e, p in zip(evidence, probabilities, strict=True))
    side = Side(asked, ANYWHERE, found, 0.3, 0.5, FEW if asked == ASKED else MANY)
    answer = quote(questions.asked(asked), evidence, evidence, sides=[side]).answer
    assert len(answer.citations) == n_shown


def test_a_sentence_in_which_no_span_is_named_is_quoted_without_a_mark() -> None:
    side = Side(ASKED, ANYWHERE, (candidate(SECTION[0], ""),), 0.3)
    answer = quote(questions.asked(ASKED), SECTION, SECTION, sides=[side]).answer
    assert (answer.text, marked(answer)) == (f"{SCHOOLS}[1]", [])


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
    sides = score_sides(wording(asked), evidence, {}, reader=SenselessReader(spans), scorer=BY_READER)
    answer = quote(questions.asked(asked), evidence, evidence, sides=sides).answer
    assert len(answer.sentences) == len(answer.citations)
    by_start = {one.start: one for one in evidence}
    for sentence, citation in zip(answer.sentences, answer.citations, strict=True):
        assert sentence.text == citation.quote == by_start[citation.start].text
        assert sentence.markers == (citation.marker,)
        edges = [edge for span in sentence.spans for edge in span]
        assert edges == sorted(edges)
        assert all(0 <= start < end <= len(sentence.text) for start, end in sentence.spans)
    assert [citation.start for citation in answer.citations] == sorted({c.start for c in answer.citations})
    assert [citation.marker for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
