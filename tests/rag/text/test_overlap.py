"""How much of a wording another text says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.text.overlap import character_pairs, share_said


@pytest.mark.parametrize(
    ("text", "by", "share"),
    [
        ("新建桥梁", "全年新建桥梁12座", 1.0),
        ("新建桥梁", "桥梁已新建", 2 / 3),
        ("新建桥梁12座", "新建桥梁34座", 1.0),  # figures are compared elsewhere
        ("新建桥梁", "维修公路", 0.0),
        ("New bridges", "new BRIDGES built", 1.0),
        ("New bridges", "bridge", 0.0),
        ("2031", "2031", 0.0),
        ("", "新建", 0.0),
    ],
)
def test_the_share_of_a_wording_that_is_said(text: str, by: str, share: float) -> None:
    assert share_said(text, by) == pytest.approx(share)
    assert share_said(text, character_pairs(by)) == pytest.approx(share)


def test_a_text_without_pairs_has_the_share_that_its_caller_names() -> None:
    assert share_said("2031", "新建", empty=1.0) == 1.0


def test_digits_count_where_asked() -> None:
    assert share_said("2020年计划", "2019年计划") == 1.0
    assert share_said("2020年计划", "2020年的计划", digits=True) == pytest.approx(4 / 5)
    assert share_said("2020年计划", "2019年计划", digits=True) == pytest.approx(3 / 5)


@settings(deadline=None)
@given(st.text(alphabet="新建桥梁公路ab 12，。", max_size=30), st.text(alphabet="新建桥梁公路ab 12，。", max_size=30))
def test_a_text_says_itself_and_a_share_is_one_at_most(text: str, other: str) -> None:
    assert share_said(text, text, empty=1.0) == 1.0
    assert 0.0 <= share_said(text, other) <= share_said(text, f"{other}。{text}", empty=1.0) <= 1.0
