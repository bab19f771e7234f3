"""Untrusted text that Markdown and HTML must leave as it is, and spreadsheets must not reckon with."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.untrusted import escape_markdown, is_like_formula

SPECIAL = "\\`*_{}[]()#+!|~$"


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert\\(1\\)&lt;/script&gt;"),
        ("&lt;", "&amp;lt;"),
        ("[x](javascript:y)", "\\[x\\]\\(javascript:y\\)"),
        ("![x](y)", "\\!\\[x\\]\\(y\\)"),
        ("> 引用", "&gt; 引用"),
        ("# 标题", "\\# 标题"),
        ("`a` **b** __c__ ~~d~~", "\\`a\\` \\*\\*b\\*\\* \\_\\_c\\_\\_ \\~\\~d\\~\\~"),
        ("a|b", "a\\|b"),
        ("$x$", "\\$x\\$"),
        ("\\*", "\\\\\\*"),
        ("新建桥梁12座，达90.21%。", "新建桥梁12座，达90.21%。"),
    ],
)
def test_what_would_be_interpreted_is_escaped(text: str, escaped: str) -> None:
    assert escape_markdown(text) == escaped


def test_kept_characters_stay() -> None:
    assert escape_markdown("*12座*。[1]", keep="[]") == "\\*12座\\*。[1]"


@given(st.text(alphabet=st.sampled_from(SPECIAL + "<>&;甲a1 \n"), max_size=60))
def test_unescaped_it_is_the_text_again(text: str) -> None:
    assert html.unescape(re.sub(rf"\\([{re.escape(SPECIAL)}])", r"\1", escape_markdown(text))) == text


@given(st.text(alphabet=st.sampled_from(SPECIAL + "<>&甲a"), max_size=60))
def test_no_special_character_stands_unescaped(text: str) -> None:
    escaped = escape_markdown(text)
    assert not set("<>") & set(escaped)
    assert not set(SPECIAL) & set(re.sub(rf"\\[{re.escape(SPECIAL)}]", "", escaped))


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@A1", "  =1", "＝1", "　＋1", "－1", "＠A1", "\t1", "\r1", "\n1", "\n=1"]
)
def test_what_a_spreadsheet_reckons_with_is_noticed(text: str) -> None:
    assert is_like_formula(text)


@pytest.mark.parametrize("text", ["", "1-1", "a=b", "2031年", "·1", "'=1"])
def test_other_text_is_text(text: str) -> None:
    assert not is_like_formula(text)
