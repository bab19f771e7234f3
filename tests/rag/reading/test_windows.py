"""Sentences -> windows -> the spans in each sentence: what is read together, and which sentence a span stands in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.reading.evidence_reader import FURTHEST_APART, ReadSpan, best_of_sentences, read_evidence
from rag.reading.model import Window
from rag.schema.search import Evidence
from tests.support.fakes import ScriptedReader, some_evidence

ASKED = "新建学校多少所？"
SCHOOLS, ROADS, TEACHERS = "全市新建学校12所。", "新修公路86公里。", "招聘教师400名。"
SECTION = some_evidence(SCHOOLS, ROADS, TEACHERS)


def windows_of(evidence: Sequence[Evidence]) -> list[Window]:
    reader = ScriptedReader()
    read_evidence(ASKED, evidence, reader=reader)
    assert reader.asked == [ASKED], "all windows are read at once"
    return reader.read_windows


def spans_of(evidence: Sequence[Evidence], **finds: float) -> list[tuple[int, str, float]]:
    """Number of the sentence, text and score of each span that the reader was told to find."""
    found = read_evidence(ASKED, evidence, reader=ScriptedReader(finds))
    return [(span.evidence.number, span.text, span.score) for span in found if span.score > -15.0]


# What is read together


def test_neighbours_of_a_section_are_read_together_under_its_heading() -> None:
    assert windows_of(SECTION) == [Window("海州市 2031 工作总结 > 一、建设", SCHOOLS + ROADS + TEACHERS)]


@pytest.mark.parametrize(
    "other", [{"heading": ("二、公路",)}, {"title": "2032年计划"}, {"source": "b.txt"}, {"heading": ()}]
)
def test_sections_are_read_apart_each_under_its_own_heading(other: dict[str, Any]) -> None:
    evidence = some_evidence(ROADS, TEACHERS, after=some_evidence(SCHOOLS), **other)
    first, second = windows_of(evidence)
    assert (first.text, second.text) == (SCHOOLS, ROADS + TEACHERS)
    assert (first.heading == second.heading) == ("source" in other)


@pytest.mark.parametrize(("apart", "n_windows"), [(0, 1), (FURTHEST_APART, 1), (FURTHEST_APART + 1, 2)])
def test_sentences_of_a_section_that_stand_far_apart_are_read_apart(apart: int, n_windows: int) -> None:
    one, other, _ = SECTION
    start = one.end + apart
    evidence = [one, replace(other, start=start, end=start + len(ROADS))]
    windows = windows_of(evidence)
    assert len(windows) == n_windows
    assert "".join(window.text for window in windows) == SCHOOLS + ROADS


def test_no_more_than_three_sentences_are_read_together() -> None:
    evidence = some_evidence(*(f"第{n}项完成。" for n in range(1, 8)))
    assert [window.text.count("。") for window in windows_of(evidence)] == [3, 3, 1]


@given(st.lists(st.tuples(st.integers(1, 900), st.booleans()), max_size=12))
def test_every_sentence_is_read_once_in_order_in_windows_that_the_network_can_hold(
    section: list[tuple[int, bool]],
) -> None:
    evidence: list[Evidence] = []
    for number, (length, commas) in enumerate(section):
        text = ("，" if commas else "").join(chr(0x4E00 + number) * min(length, 40) for _ in range(1 + length // 40))
        evidence = some_evidence(text + "。", heading=(f"第{number // 5}节",), after=evidence)
    windows = windows_of(evidence)
    assert "".join(window.text for window in windows) == "".join(one.text for one in evidence)
    assert all(0 < len(window.text) < 400 for window in windows)


def test_a_long_sentence_is_read_in_pieces_and_its_spans_count_in_the_whole() -> None:
    parts = [f"第{n}项工程投资{n}亿元" for n in range(1, 90)]
    (long,) = some_evidence("，".join(parts) + "。")
    assert len(windows_of([long])) > 1
    for part in (parts[0], parts[30], parts[31], parts[60], parts[88]):
        assert spans_of([long], **{part: 6.0}) == [(1, part, 6.0)]


def test_a_long_sentence_is_not_cut_inside_a_figure() -> None:
    for shift in range(10):
        (long,) = some_evidence("投" * shift + "1,234,567元、" * 90)
        assert {window.text[-9:] for window in windows_of([long])} == {"234,567元、"}


# Which sentence a span stands in


def test_spans_come_best_first_each_in_its_sentence() -> None:
    assert spans_of(SECTION, **{"12所": 1.0, "86公里": 3.0, "学校": 2.0}) == [
        (2, "86公里", 3.0),
        (1, "学校", 2.0),
        (1, "12所", 1.0),
    ]


def test_sentences_that_are_joined_with_a_space_keep_their_spans_apart() -> None:
    evidence = some_evidence("The town built 12 schools.", "It laid 86 km of road.", "Teachers hired: 400.")
    (window,) = windows_of(evidence)
    assert window.text == "The town built 12 schools. It laid 86 km of road. Teachers hired: 400."
    finds = {"12 schools": 3.0, "86 km": 2.0, "400": 1.0}
    assert spans_of(evidence, **finds) == [(1, "12 schools", 3.0), (2, "86 km", 2.0), (3, "400", 1.0)]


def test_a_span_across_sentences_goes_as_far_as_the_first_one() -> None:
    assert spans_of(SECTION, **{"12所。新修公路": 3.0}) == [(1, "12所。", 3.0)]


def test_figures_of_a_span_are_those_that_it_touches() -> None:
    (both,) = some_evidence("新建47所，改建30所。")
    start = both.text.index("30")
    assert [f.text for f in ReadSpan(both, start, start + 3, 0.0).figures] == ["30"]
    assert ReadSpan(both, 0, 2, 0.0).figures == []


# The best span of each sentence


def test_of_each_sentence_the_best_span_is_taken_in_the_order_of_the_sentences() -> None:
    spans = read_evidence(ASKED, SECTION, reader=ScriptedReader({"12所": 1.0, "学校": 2.0, "400名": 3.0}))
    best = best_of_sentences(SECTION, spans)
    assert [(one.evidence.number, one.text, one.score) for one in best] == [
        (1, "学校", 2.0),
        (2, "", float("-inf")),
        (3, "400名", 3.0),
    ]
    assert (best[1].start, best[1].end, best[1].figures) == (0, 0, [])


def test_where_nothing_was_read_every_sentence_has_an_empty_span() -> None:
    assert best_of_sentences(SECTION, []) == [ReadSpan(e, 0, 0, float("-inf")) for e in SECTION]
    assert best_of_sentences([], []) == []
