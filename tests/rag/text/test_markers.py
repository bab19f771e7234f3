"""Markers of sources."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.text.markers import (
    marked_pieces,
    marker_numbers,
    split_at_markers,
    strip_markers,
    strip_model_markers,
    whole_markers,
    write_markers,
)


@settings(deadline=None)
@given(st.lists(st.integers(0, 999)), st.text(alphabet="新建12座。 \n", max_size=10))
def test_markers_are_read_back_and_taken_out(numbers: list[int], text: str) -> None:
    marked = text.rstrip() + write_markers(numbers)
    assert marker_numbers(marked) == numbers
    assert strip_markers(marked) == strip_model_markers(marked) == text.rstrip()
    assert whole_markers(marked) == marked


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("12座 [1]。", "12座。"),
        ("12座【1、2】。", "12座。"),
        ("12座［3］", "12座"),
        ("12座[[1-2]]", "12座"),
        ("12座[1", "12座[1"),
    ],
)
def test_what_a_model_writes_for_markers_goes(text: str, left: str) -> None:
    assert strip_model_markers(f"{text}好") == f"{left}好"


def test_half_a_marker_at_the_end_goes() -> None:
    assert strip_model_markers("12座[1") == strip_model_markers("12座【1，") == "12座"
    assert whole_markers("12座[1") == whole_markers("12座[") == "12座"


def test_a_text_is_split_at_its_markers() -> None:
    assert split_at_markers("是5。[1][2]对。") == ["是5。", "1", "", "2", "对。"]
    assert [piece for piece in marked_pieces("是5。[1][2]对。") if any(piece)] == [("是5。", (1, 2)), ("对。", ())]


def test_longer_numbers_in_brackets_are_no_markers() -> None:
    assert marker_numbers("[2031]") == []
    assert strip_markers("[2031]") == "[2031]"
