"""Scripts and widths."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.text.unicode import compatible, has_unspaced_word, is_chinese, narrow


@pytest.mark.parametrize(
    ("text", "least", "answer"),
    [
        ("新建5座桥", 1, True),
        ("新建5座桥", 2, True),
        ("新建5座桥", 3, False),
        ("bridges", 1, False),
        ("かな", 1, False),
    ],
)
def test_a_text_is_chinese_by_its_characters_in_a_row(text: str, least: int, answer: bool) -> None:
    assert is_chinese(text, least=least) is answer


@pytest.mark.parametrize(("text", "answer"), [("桥梁", True), ("かな", True), ("다리", True), ("桥 a", False)])
def test_a_word_of_a_script_without_spaces(text: str, answer: bool) -> None:
    assert has_unspaced_word(text) is answer


@settings(deadline=None)
@given(st.text(alphabet="０１２９％．／～－ab新1%", max_size=20))
def test_narrowing_keeps_every_offset_and_is_done_once(text: str) -> None:
    assert len(narrow(text)) == len(text)
    assert narrow(narrow(text)) == narrow(text)
    assert compatible(narrow(text)) == compatible(text)
