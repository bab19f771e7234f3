"""Bytes of any encoding, whole or damaged, and what is told of what could not be read."""

from __future__ import annotations

import random

import pytest

from rag.documents.load.encodings import Decoded, decode_text
from rag.errors import DocumentError

SENTENCE = "全市新建学校12所。"
FORTY = SENTENCE * 40
TRADITIONAL = "本校去年共錄取學生一千二百名，其中女生占五成三，較前年增加百分之二。"
JAPANESE = "昨年度の学校数は十二校でした。新しい校舎を三つ建てる予定です。"


def read(content: bytes) -> Decoded:
    return decode_text(content, name="a.txt")


@pytest.mark.parametrize("at", [100, 101, 103])
def test_one_bad_byte_in_a_file_of_two_byte_characters_costs_one_character(at: int) -> None:
    whole = FORTY.encode("gb18030")
    decoded = read(whole[:at] + b"\xff" + whole[at + 1 :])
    assert (decoded.encoding, decoded.n_replaced, len(decoded.text)) == ("gb18030", 1, 400)
    assert sum(one != other for one, other in zip(decoded.text, FORTY, strict=True)) == 1


def test_a_byte_too_many_costs_nothing_but_itself() -> None:
    whole = FORTY.encode("gb18030")
    decoded = read(whole[:101] + b"\xff" + whole[101:])
    assert decoded.notes == (
        "Not readable as gb18030, with U+FFFD in its place: 1 (the first is character 56, in line 1).",
    )
    assert decoded.text.replace("\ufffd", "") in (FORTY, FORTY[:55] + FORTY[56:])


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_last_character_that_was_cut_is_replaced(encoding: str) -> None:
    decoded = read(FORTY.encode(encoding)[:-1])
    assert decoded == Decoded(FORTY[:-1] + "\ufffd", encoding, 1, 399)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le"])
def test_a_nul_is_replaced_and_told(encoding: str) -> None:
    decoded = read(f"{FORTY}\n\0{FORTY}".encode(encoding))
    assert decoded == Decoded(f"{FORTY}\n\ufffd{FORTY}", encoding, 1, 401)
    assert "(the first is character 402, in line 2)" in decoded.notes[0]


@pytest.mark.parametrize("text", [SENTENCE, "Two hundred schools were built.\r\n", TRADITIONAL, JAPANESE])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_sixteen_bits_are_read_without_a_mark(text: str, encoding: str) -> None:
    assert read(text.encode(encoding)) == Decoded(text, encoding)


def test_marks_are_left_out_however_many_there_are() -> None:
    assert read(b"\xef\xbb\xbf" * 2 + SENTENCE.encode()) == Decoded(SENTENCE, "utf-8-sig")
    assert read(b"\xff\xfe" * 2 + SENTENCE.encode("utf-16-le")) == Decoded(SENTENCE, "utf-16")


def test_a_mark_that_lies_is_not_believed() -> None:
    assert read(b"\xef\xbb\xbf" + FORTY.encode("gb18030")) == Decoded(FORTY, "gb18030")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(TRADITIONAL, "big5"), (TRADITIONAL, "gb18030"), (JAPANESE, "shift_jis"), (JAPANESE, "euc_jp")],
)
def test_a_short_text_of_another_script_is_read_in_its_encoding(text: str, encoding: str) -> None:
    assert read(text.encode(encoding)) == Decoded(text, encoding)


def test_lines_of_two_encodings_are_each_read_in_their_own() -> None:
    pieces = [(f"{SENTENCE}\n", "utf-8"), ("No. 1\n", "ascii"), (f"{TRADITIONAL}\n", "gb18030")] * 3
    content = b"".join(text.encode(encoding) for text, encoding in pieces)
    assert read(content) == Decoded("".join(text for text, _ in pieces), "utf-8+gb18030")


def test_a_damaged_utf_8_file_is_not_taken_for_another_encoding() -> None:
    whole = FORTY.encode()
    for at in (0, 300, 601):
        decoded = read(whole[:at] + b"\xff" + whole[at + 1 :])
        assert (decoded.encoding, decoded.n_replaced) == ("utf-8", 1)


def test_one_bad_byte_in_english_is_replaced_and_a_letter_of_french_is_read() -> None:
    line = "Two hundred schools were built. "
    assert read(line.encode() * 9 + b"\xff" + line.encode()) == Decoded(line * 9 + "\ufffd" + line, "utf-8", 1, 288)
    assert read((line * 9 + "The café. ").encode("cp1252")).text == line * 9 + "The café. "


@pytest.mark.parametrize("seed", range(30))
def test_random_bytes_are_no_text(seed: int) -> None:
    with pytest.raises(DocumentError, match=r"a\.txt"):
        read(random.Random(seed).randbytes(3000))


def test_a_text_that_is_bad_from_its_middle_on_is_refused() -> None:
    with pytest.raises(DocumentError, match=r"a\.txt"):
        read(FORTY.encode("gb18030") * 200 + b"\xff\x80" * 1_000_000)
