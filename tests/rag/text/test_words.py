"""Lexical tokens: what a question and a passage must share to be found by words."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.words import lexical_tokens, simplify

ROOT = Path(__file__).parents[3]


def test_words_of_two_characters_and_every_pair() -> None:
    assert lexical_tokens("图书馆") == ["图书", "书馆", "图书馆", "图书", "书馆"]


def test_a_single_character_stands_for_itself() -> None:
    assert lexical_tokens("5月") == ["5", "月"]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("1,234", ["1234"]),
        ("1,234,567.8", ["1234567.8"]),
        ("１，２３４", ["1234"]),
        ("90.21%", ["90.21", "90.21%"]),
        ("90.21％", ["90.21", "90.21%"]),
        ("3,5,7", ["3", "5", "7"]),
        ("2019.6.30", ["2019", "6", "30"]),
        ("2019年", ["2019", "年"]),
        ("3.", ["3"]),
    ],
)
def test_figures(text: str, tokens: list[str]) -> None:
    assert lexical_tokens(text) == tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Hello WORLD", ["hello", "world"]),
        ("COVID-19", ["covid", "19"]),
        ("H1N1疫苗", ["h1n1", "疫苗", "疫苗"]),
        ("ﬁne Ｗｉ-Ｆｉ", ["fine", "wi", "fi"]),
        ("naïve русский 한국어", ["naïve", "русский", "한국어"]),
    ],
)
def test_words_of_other_scripts_stand_as_they_are(text: str, tokens: list[str]) -> None:
    assert lexical_tokens(text) == tokens


def test_a_percentage_is_found_without_its_sign() -> None:
    assert set(lexical_tokens("90.21")) <= set(lexical_tokens("达到90.21%"))


@pytest.mark.parametrize(("one", "other"), [("臺灣廣東圖書館", "台湾广东图书馆"), ("頭髮", "头发")])
def test_traditional_characters_find_simplified_ones(one: str, other: str) -> None:
    assert lexical_tokens(one) == lexical_tokens(other)


def test_japanese_forms_find_chinese_ones_where_kana_stand_beside_them() -> None:
    assert set(lexical_tokens("経済")) & set(lexical_tokens("经济")) == set()
    assert "经济" in lexical_tokens("経済の発展")
    assert lexical_tokens("図書館はロンドン") == ["图书", "书馆", "图书馆", "图书", "书馆", "ロンドン"]


def test_simplify_changes_only_the_forms_of_characters() -> None:
    assert simplify("東莞 １,２３４ ABC") == "东莞 １,２３４ ABC"


def test_half_a_surrogate_pair_and_nul_are_no_tokens() -> None:
    assert lexical_tokens("\ud800a\x00b") == ["a", "b"]
    assert lexical_tokens("") == []


def test_the_same_text_gives_the_same_tokens_whatever_came_between() -> None:
    before = lexical_tokens("教育局招收新生")
    lexical_tokens("臺灣 教育局招 收新生 ロンドン")
    assert lexical_tokens("教育局招收新生") == before
    assert before[:5] == ["教育", "教育局", "招收", "新生", "招收新生"]
    assert before[5:] == ["教育", "育局", "局招", "招收", "收新", "新生"]


@given(st.text())
def test_a_token_holds_no_blank_and_no_quote(text: str) -> None:
    assert [t for t in lexical_tokens(text) if not t or set(t) & set("\"' \t\r\n\0") or t != t.strip()] == []


@given(st.text(), st.text())
def test_a_line_break_parts_tokens(one: str, other: str) -> None:
    if not any("\u3041" <= c <= "\u30ff" for c in simplify(one + other)):  # kana change how the whole text is read
        assert lexical_tokens(f"{one}\n{other}") == lexical_tokens(one) + lexical_tokens(other)


def test_dictionaries_are_loaded_only_when_needed() -> None:
    code = "import sys, rag.text.words; print(sorted({'rjieba', 'opencc'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
