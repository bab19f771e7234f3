import pytest

from rag.text.spreadsheet import is_like_formula


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@A1", "  =1", "＝1", "　＋1", "－1", "＠A1", "\t1", "\r1", "\n1", "\n=1"]
)
def test_what_a_spreadsheet_reckons_with_is_noticed(text):
    assert is_like_formula(text)


@pytest.mark.parametrize("text", ["", "1-1", "a=b", "2031年", "·1", "'=1"])
def test_other_text_is_text(text):
    assert not is_like_formula(text)
