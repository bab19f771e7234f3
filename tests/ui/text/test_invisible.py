import sys
import unicodedata

import pytest

from ui.text.invisible import HIDDEN, LINE_BREAKS, letters_only, seen_name, seen_text

# Of Unicode's controls and format characters, those that are seen, shape what is seen, or join letters.
SEEN = {*"\t\n\u200b\u200c\u200d", *map(chr, range(0x600, 0x606)), *"\u06dd\u070f\u0890\u0891\u08e2"}
SEEN |= {"\U000110bd", "\U000110cd", *map(chr, range(0x13430, 0x13440))}


def test_the_list_of_hidden_characters_is_that_of_unicode_but_for_named_exceptions():
    every = {chr(code) for code in range(sys.maxunicode + 1)}
    unseen = {char for char in every if unicodedata.category(char) in ("Cc", "Cf")} - SEEN
    listed = {char for char in every if HIDDEN.fullmatch(char)}
    assert unseen - listed == set()
    unassigned = {char for char in listed - unseen if unicodedata.category(char) != "Cn"}
    assert unassigned == set()


@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_every_line_break_becomes_one(line_break):
    assert seen_text(f"a{line_break}b") == "a\nb"


def test_running_text_keeps_joiners_and_a_name_does_not():
    assert seen_text("👩\u200d🏫\u202e\ud800") == "👩\u200d🏫\ufffd"
    assert seen_name("a\u200d\u202e\u2028\ud800b.txt") == "ab.txt"


def test_a_name_made_of_letters_is_one_for_any_system():
    assert letters_only(' ../a:b*"桥"_2.csv', between="_") == "a_b_桥_2_csv"
    assert letters_only("...", between=" ") == ""


def test_a_line_break_is_not_hidden_but_replaced():
    assert [seen_text(char) for char in "\x0b\x0c\x85"] == ["\n"] * 3
    assert LINE_BREAKS.sub("", "\r\n\u2028") == ""
