"""A rule of text stands in one file: no other one holds a pattern of years, of suffixes of places or of markers."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("rag", "ui")
# What shows that a pattern is a copy of a rule, and the file where the rule stands.
RULES = {
    "rag/text/years.py": r"\\d.{0,4}\s*\S{0,4}年(?!\|)|19\|20|20\\d\\d|[零〇].{0,20}\(\?=年",
    "rag/text/places.py": r"[省市县区州盟旗]{4,}|自治\[|教育局",
    "rag/text/numbering.py": r"一二三四五六七八九十.{0,12}\{1,|[（(]\]\??(?:\(\?P<\w+>)?\[?一二三四五|第\[一二三四五",
    "rag/text/markers.py": r"\\\[\(?\\d\{",
    "rag/text/unicode.py": r"\\u3040-\\u9fff|\u3040-\u9fff|０１２３４５６７８９",
}
# Files of the same folder that build on the rule, or hold what only looks alike.
ALLOWED = {
    "rag/text/years.py": {"rag/text/numerals.py", "rag/text/dates.py", "rag/text/figures.py"},
    "rag/text/places.py": set(),
    "rag/text/numbering.py": {"rag/text/numerals.py", "rag/text/dates.py", "rag/text/years.py"},
    "rag/text/markers.py": {"rag/text/figures.py"},
    "rag/text/unicode.py": {"rag/text/numerals.py"},
}
FILES = sorted(path.relative_to(ROOT).as_posix() for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))


def patterns(path: str) -> list[str]:
    """Strings of a file but its docstrings, as their values."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    told = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    strings = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and node not in told)
    return [node.value for node in strings if isinstance(node.value, str)]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_of_text_stands_in_its_own_file_alone(rule):
    sign = re.compile(RULES[rule])
    others = [path for path in FILES if path not in {rule, *ALLOWED[rule]}]
    assert [(path, text) for path in others for text in patterns(path) if sign.search(text)] == []


@pytest.mark.parametrize("rule", RULES)
def test_the_sign_of_each_rule_is_found_where_the_rule_stands(rule):
    assert any(re.search(RULES[rule], text) for text in patterns(rule))
