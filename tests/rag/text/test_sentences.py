"""Where a sentence ends, and how sentences are put together again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.sentences import join_sentences, split_sentences

TEXTS = st.text(alphabet=st.sampled_from('甲乙丙。！？；;…”）."A b3 \n\t'), max_size=80)


def sentences(text: str, *, breaks: tuple[int, ...] = ()) -> list[str]:
    return [text[s:e] for s, e in split_sentences(text, 0, len(text), breaks=breaks)]


def test_sentences_end_at_marks_semicolons_and_lines() -> None:
    assert sentences("一是甲;二是乙；三是丙。“丁!”戊\n己") == ["一是甲;", "二是乙；", "三是丙。", "“丁!”", "戊", "己"]


def test_marks_in_a_row_and_closing_quotes_stay_with_their_sentence() -> None:
    assert sentences("真的吗？！“是的。”）他说……没有了") == ["真的吗？！", "“是的。”）", "他说……", "没有了"]


def test_a_latin_full_stop_needs_a_capital_behind_it() -> None:
    assert sentences("It grew by 3.5 percent, e.g. in May. Then it fell.") == [
        "It grew by 3.5 percent, e.g. in May.",
        "Then it fell.",
    ]


def test_a_decimal_point_ends_nothing() -> None:
    assert sentences("完成投资3.4亿元。同比增长7.5%。") == ["完成投资3.4亿元。", "同比增长7.5%。"]


def test_a_break_ends_a_sentence_that_has_no_mark() -> None:
    assert sentences("道路建设新修公路。", breaks=(4,)) == ["道路建设", "新修公路。"]


def test_a_break_outside_the_stretch_is_ignored() -> None:
    assert split_sentences("甲乙丙丁", 1, 3, breaks=(0, 1, 3, 9)) == [(1, 3)]


def test_only_the_stretch_is_split() -> None:
    assert split_sentences("甲。乙。丙。", 2, 4) == [(2, 4)]
    assert split_sentences("甲。乙。", 2, 2) == []


def test_white_space_belongs_to_no_sentence() -> None:
    assert split_sentences("  甲。 \n\n 乙 ", 0, 10) == [(2, 4), (8, 9)]


@given(TEXTS, st.lists(st.integers(0, 80), max_size=4))
def test_sentences_hold_every_visible_character_once_and_in_order(text: str, breaks: list[int]) -> None:
    pieces = sentences(text, breaks=tuple(breaks))
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert [piece for piece in pieces if piece != piece.strip() or not piece] == []


@given(TEXTS)
def test_a_sentence_that_has_its_end_is_not_split_again(text: str) -> None:
    pieces = sentences(text)
    assert [sentences(piece) for piece in pieces] == [[piece] for piece in pieces]


@pytest.mark.parametrize(
    ("pieces", "joined"),
    [
        (["It is 5.[1]", "Yes."], "It is 5.[1] Yes."),
        (["是5。[1]", "对。"], "是5。[1]对。"),
        (["是5。[1][12]", "GDP增长。"], "是5。[1][12]GDP增长。"),
        (["It is so.[1]", "对。"], "It is so.[1]对。"),
        (["Vrai.[1]", "Éa est là.[2]"], "Vrai.[1] Éa est là.[2]"),
        (["Five.[1]", "12 more.[2]", "(So it is.)"], "Five.[1] 12 more.[2] (So it is.)"),
        (["Son 12.", "¿Cuántos?"], "Son 12. ¿Cuántos?"),
        (["“甲。”", "“乙。”"], "“甲。”“乙。”"),
        (["First\n", "Second"], "First\nSecond"),
        (["", "A."], "A."),
        ([], ""),
    ],
)
def test_a_space_joins_only_latin_script(pieces: list[str], joined: str) -> None:
    assert join_sentences(pieces) == joined


@given(st.lists(TEXTS, max_size=5))
def test_joining_adds_nothing_but_spaces(pieces: list[str]) -> None:
    assert join_sentences(pieces).replace(" ", "") == "".join(pieces).replace(" ", "")
