"""The reader from text to spans: tokens, network, decoding, and the whole. Its weights: test_read_weights.py."""

from __future__ import annotations

import json
import math
import random
import threading
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.reading.model import Reader, Window, heading_line
from rag.reading.model.network import Network
from rag.reading.model.spans import MAX_SPAN_TOKENS, Span, best_spans, tagged_spans
from rag.reading.model.tokens import MAX_TOKENS, Encoded, encode_window, normalise
from rag.reading.model.weights import load_weights
from tests.support.rag.tiny_reader import (
    CALIBRATION,
    CHARACTERS,
    NAME,
    FloatArray,
    Tiny,
    expected_tensors,
    tiny_tokenizer,
)

ANY_TEXT = st.text(st.characters(), max_size=60)  # with halves of surrogate pairs
KNOWN_TEXT = st.text(st.sampled_from(f"{CHARACTERS}  臺灣經濟與發展１２％\u3000"), max_size=60)
TOKENIZER = tiny_tokenizer()
SCHOOLS = "2031年，海州市新建学校12所（改建8所），教师有名。"


# Question and window -> tokens


def pieces(ids: list[int]) -> list[str]:
    return [str(TOKENIZER.id_to_token(number)) for number in ids]


def test_question_heading_and_text_stand_in_their_places() -> None:
    encoded = encode_window(TOKENIZER, "有学校多少", Window("海州市", "新建12所"))
    assert " ".join(pieces(encoded.ids)) == "<s> ▁ 有 学校 多少 </s> </s> ▁ 海州 市 </s> ▁ 新 建 1 2 所 </s>"
    assert pieces(encoded.ids[encoded.first :])[:3] == ["▁", "新", "建"]
    assert [Window("", "新建12所").text[start:end] for start, end in encoded.offsets[1:]] == list("新建12所")


@given(st.text(st.sampled_from("臺灣台湾經濟経済与與の発發達髮发、ア頭瞭著"), max_size=24), ANY_TEXT)
def test_normalising_keeps_every_character_in_its_place(mixed: str, other: str) -> None:
    normalised = normalise(text := mixed + other)
    assert len(normalised) == len(text)
    assert [a for a, b in zip(normalised, text, strict=True) if b.isascii() and b != "\0"] == [
        ch for ch in text if ch.isascii() and ch != "\0"
    ]


def test_both_scripts_give_the_same_tokens() -> None:
    traditional = encode_window(TOKENIZER, "臺灣經濟發展多少", Window("標題與經濟", "臺灣的經濟發展"))
    assert traditional == encode_window(TOKENIZER, "台湾经济发展多少", Window("标题与经济", "台湾的经济发展"))
    assert "<unk>" not in pieces(traditional.ids)


@given(KNOWN_TEXT)
def test_offsets_count_in_the_text_as_it_was_given(text: str) -> None:
    encoded = encode_window(TOKENIZER, "多少", Window("海州市", text))
    assert len(encoded.offsets) == len(encoded.ids) - encoded.first - 1
    for piece, (start, end) in zip(pieces(encoded.ids[encoded.first : -1]), encoded.offsets, strict=True):
        plain = piece.removeprefix("▁")
        if plain not in ("", "<unk>"):
            assert unicodedata.normalize("NFKC", normalise(text[start:end])).strip() == plain


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_any_text_becomes_tokens_with_offsets_inside_it(question: str, heading: str, text: str) -> None:
    encoded = encode_window(TOKENIZER, question, Window(heading, text))
    assert (encoded.ids[0], encoded.ids[-1], encoded.ids[encoded.first - 1]) == (0, 2, 2)
    assert all(0 <= start <= end <= len(text) for start, end in encoded.offsets)
    assert encoded.offsets == sorted(encoded.offsets)


def test_of_a_long_heading_the_end_is_kept_and_of_a_long_question_the_beginning() -> None:
    encoded = encode_window(TOKENIZER, "校" + "有" * 400 + "师", Window("县" + "市" * 400 + "州", "学校"))
    question, _, heading, text, _ = " ".join(pieces(encoded.ids)).split("</s>")
    assert "校" in question
    assert "师" not in question
    assert "县" not in heading
    assert heading.endswith("州 ")
    assert text == " ▁ 学校 "


def test_of_a_long_text_the_end_is_cut_and_the_rest_is_read_whole() -> None:
    text = "有" * 300 + "师" * 300
    alone = encode_window(TOKENIZER, "多少", Window("", text))
    crowded = encode_window(TOKENIZER, "多少" * 200, Window("海州市" * 200, text))
    for encoded in (alone, crowded):
        assert len(encoded.ids) == MAX_TOKENS
        assert encoded.ids[-1] == 2
        assert [text[start:end] for start, end in encoded.offsets[1:]] == list(text[: len(encoded.offsets) - 1])
    assert len(alone.offsets) > len(crowded.offsets) > 200, "question and heading cannot crowd out the text"


@pytest.mark.parametrize(
    ("place", "years", "title", "heading", "line"),
    [
        ("海州市", (2031,), "工作总结", ("一、学校", "（一）建设"), "海州市 2031 工作总结 > 一、学校 > （一）建设"),
        ("海州市", (2030, 2031, 2032), "总结", (), "海州市 2030-2032 总结"),
        ("", (), "总结", ("", "二、公路"), "总结 > 二、公路"),
        ("", (), "", ("二、公路",), "二、公路"),
        ("", (), "", (), ""),
    ],
)
def test_a_heading_line_says_whose_text_it_is(
    place: str, years: tuple[int, ...], title: str, heading: tuple[str, ...], line: str
) -> None:
    assert heading_line(place, years, title, heading) == line


# Logits -> spans


def by_character(text: str, first: int = 3) -> Encoded:
    """A window in which each character is a token."""
    return Encoded([5] * (first + len(text) + 1), first, [(i, i + 1) for i in range(len(text))])


def logits_of(encoded: Encoded, *marks: tuple[int, int, float]) -> FloatArray:
    """Logits that stand for "not here", but for marks: position in the text, column (start, end, tag), logit."""
    logits = np.full((len(encoded.ids), 3), -9.0, np.float32)
    logits[0] = 0
    for at, column, logit in marks:
        logits[encoded.first + at, column] = logit
    return logits


def found_in(text: str, *marks: tuple[int, int, float], limit: int = 4) -> list[tuple[str, float]]:
    encoded = by_character(text)
    spans = best_spans(encoded, logits_of(encoded, *marks), text, limit=limit)
    return [(text[span.start : span.end], span.score) for span in spans]


def test_the_best_span_has_the_best_start_and_end_against_not_here() -> None:
    encoded = by_character("甲乙丙丁戊")
    logits = logits_of(encoded, (1, 0, 5.0), (3, 1, 4.0))
    logits[0] = (1.0, 0.5, 99.0)
    assert best_spans(encoded, logits, "甲乙丙丁戊", limit=1) == [Span(1, 4, 7.5)]


def test_spans_come_best_first_and_do_not_overlap() -> None:
    marks = [(0, 0, 3.0), (1, 1, 3.0), (4, 0, 5.0), (6, 1, 5.0), (5, 0, 4.5), (8, 0, 1.0), (8, 1, 1.0)]
    assert found_in("甲乙丙丁戊己庚辛壬", *marks)[:3] == [("戊己庚", 10.0), ("甲乙", 6.0), ("壬", 2.0)]
    assert found_in("甲乙丙丁戊己庚辛壬", *marks, limit=2) == [("戊己庚", 10.0), ("甲乙", 6.0)]


def test_a_span_does_not_end_before_it_starts() -> None:
    marks = [(at, int(at < 20), 8.0) for at in range(40)]  # every likely end stands before every likely start
    assert {score for _, score in found_in("甲" * 40, *marks)} == {-1.0}


def test_a_span_is_no_longer_than_an_answer_can_be() -> None:
    text = "甲" * (MAX_SPAN_TOKENS + 5)
    assert len(found_in(text, (0, 0, 9.0), (MAX_SPAN_TOKENS - 1, 1, 9.0))[0][0]) == MAX_SPAN_TOKENS
    assert found_in(text, (0, 0, 9.0), (MAX_SPAN_TOKENS, 1, 9.0))[0][1] < 1, "the two do not belong together"


@pytest.mark.parametrize(
    ("text", "trimmed"),
    [
        *(("，12所。", "12所"), ("12所，", "12所"), (" 12所\u3000", "12所"), ("：《条例》", "《条例》")),
        *(("的教师", "教师"), ("教师的", "教师"), ("2031年5月起", "2031年5月"), ("发起", "发起"), ("要（", "要")),
        *(("建设）", "建设"), ("（建设）", "（建设）"), ("“建设”", "“建设”"), ("建设”", "建设"), ("in May.", "in May")),
        *(("共3.", "共3."), ("1.5", "1.5"), ("86%。", "86%"), ("的", "的"), ("。”教师", "教师"), ("元）的，", "元")),
        *(("建设，）", "建设"), ("全市（，”", "全市")),
    ],
)
def test_marks_and_particles_at_the_edges_are_no_part_of_an_answer(text: str, trimmed: str) -> None:
    assert found_in(text, (0, 0, 9.0), (len(text) - 1, 1, 9.0))[0][0] == trimmed


@pytest.mark.parametrize("text", ["", "，", "，。、", "）））"])
def test_without_a_word_there_is_no_span(text: str) -> None:
    encoded = by_character(text)
    logits = logits_of(encoded, *((i, column, 9.0) for i in range(len(text)) for column in range(3)))
    assert best_spans(encoded, logits, text, limit=4) == tagged_spans(encoded, logits, text) == []


def test_runs_that_are_tagged_are_spans_in_order_of_the_text() -> None:
    text = "甲乙，丙丁戊，己"
    encoded = by_character(text)
    marks = [(i, 2, 4.0) for i in (0, 1, 4, 5, 6)] + [(0, 0, 2.0), (1, 1, 1.0), (5, 0, 6.0), (5, 1, 6.0), (7, 0, 9.0)]
    assert tagged_spans(encoded, logits_of(encoded, *marks), text) == [Span(0, 2, 3.0), Span(4, 6, 12.0)]


@given(st.text(st.sampled_from("甲乙12，。（）“”的.年起 "), max_size=40), st.integers(0, 2**32), st.integers(1, 5))
def test_whatever_the_logits_spans_are_inside_the_text_and_apart(text: str, seed: int, limit: int) -> None:
    encoded = by_character(text)
    logits = np.random.default_rng(seed).normal(0, 4, (len(encoded.ids), 3)).astype(np.float32)
    spans = best_spans(encoded, logits, text, limit=limit)
    assert len(spans) <= limit
    assert [span.score for span in spans] == sorted((span.score for span in spans), reverse=True)
    for group in (sorted(spans, key=lambda span: span.start), tagged_spans(encoded, logits, text)):
        edges = [edge for span in group for edge in (span.start, span.end)]
        assert edges == sorted(edges)
        assert all(0 <= span.start < span.end <= len(text) for span in group)


# The network


def rows_of(*lengths: int, seed: int = 5) -> list[list[int]]:
    """Rows of token ids without padding among them."""
    rng = random.Random(seed)
    n = tiny_tokenizer().get_vocab_size()
    return [[0, *(rng.randrange(2, n) for _ in range(length - 1))] for length in lengths]


@pytest.fixture(scope="module")
def network(tiny: Tiny) -> Network:
    return Network(load_weights(tiny.weights, tiny.encoder, encoder_name=NAME), threads=1)


def test_the_network_computes_what_bert_computes(tiny: Tiny, network: Network) -> None:
    import torch  # noqa: PLC0415 - heavy, for this test only
    from transformers import BertConfig, BertModel  # noqa: PLC0415

    tensors = {name: torch.from_numpy(np.array(each)) for name, each in expected_tensors(tiny).items()}
    head = tensors.pop("head.weight"), tensors.pop("head.bias")
    bert = BertModel(BertConfig(**json.loads((tiny.encoder / "config.json").read_text(encoding="utf-8")))).eval()
    bert.load_state_dict(tensors, strict=True)
    rows = rows_of(7, 64, 512)
    with torch.no_grad():
        expected = [
            torch.nn.functional.linear(bert(torch.tensor([row])).last_hidden_state[0], *head).numpy() for row in rows
        ]
    for found, wanted in zip(network.logits(rows), expected, strict=True):
        assert found.shape == wanted.shape
        np.testing.assert_allclose(found, wanted, atol=0.1)  # products in bfloat16 where the CPU has them
        for column in range(3):
            assert np.corrcoef(found[:, column], wanted[:, column])[0, 1] > 0.999


def test_padding_and_neighbours_change_nothing(network: Network) -> None:
    rows = rows_of(9, 300, 12, 40, 5, 511, 12, 200, 33)
    together = network.logits(rows)
    assert [each.shape for each in together] == [(len(row), 3) for row in rows]
    for row, each in zip(rows, together, strict=True):
        np.testing.assert_allclose(each, network.logits([row])[0], atol=0.05)


def test_no_rows_give_no_logits(network: Network) -> None:
    assert network.logits([]) == []


def test_threads_share_a_network_without_mixing_their_rows(network: Network) -> None:
    rows = rows_of(*range(5, 45, 2))
    alone = [network.logits([row])[0] for row in rows]
    gate = threading.Barrier(4)

    def read(row: list[int]) -> FloatArray:
        if len(row) < 13:
            gate.wait(timeout=30)
        return network.logits([row])[0]

    with ThreadPoolExecutor(4) as pool:
        for found, wanted in zip(pool.map(read, rows), alone, strict=True):
            np.testing.assert_allclose(found, wanted, atol=1e-5)


# The reader


@pytest.fixture(scope="module")
def reader(tiny: Tiny) -> Reader:
    return Reader(tiny.weights, tiny.encoder, encoder_name=NAME, threads=1)


def test_each_window_has_its_reading_alone_or_among_others(reader: Reader) -> None:
    windows = [Window("海州市", text) for text in (SCHOOLS, "", "临川县新修公路86公里。" * 40, "教师400名。")]
    together = reader.read("学校多少所？", windows, with_tags=True)
    assert len(together) == 4
    for window, reading in zip(windows, together, strict=True):
        (alone,) = reader.read("学校多少所？", [window])
        assert reading.score == pytest.approx(alone.score, abs=0.1)
        assert all(0 <= span.start < span.end <= len(window.text) for span in reading.spans + reading.tagged)
        assert len(reading.spans) <= 4
    assert (together[1].spans, together[1].tagged, together[1].score) == ((), (), -math.inf)
    assert reader.read("学校多少所？", []) == []


def test_the_question_and_the_heading_are_read_too(reader: Reader) -> None:
    scores = {
        reader.read(question, [Window(heading, SCHOOLS)])[0].score
        for question, heading in (("学校多少所？", "海州市"), ("教师多少名？", "海州市"), ("学校多少所？", "临川县"))
    }
    assert len(scores) == 3


@pytest.mark.parametrize("hostile", ["</s>", "<s>", "<pad>", "<s></s></s>"])
def test_markup_of_the_tokenizer_is_plain_text_in_what_is_read(reader: Reader, hostile: str) -> None:
    encoded = encode_window(reader._tokenizer, f"多少{hostile}", Window(f"海州{hostile}", f"新建{hostile}学校"))
    assert (encoded.ids.count(0), encoded.ids.count(1), encoded.ids.count(2)) == (1, 0, 4)


def test_a_truncating_tokenizer_file_cuts_nothing(reader: Reader) -> None:
    readings = reader.read("多少？", [Window("", "新建学校" * 100), Window("", "新建学校" * 99)], limit=90)
    assert all(max(span.end for span in reading.spans) > 60 for reading in readings)


def test_traditional_characters_are_read_as_simplified_ones(reader: Reader) -> None:
    traditional, simplified = Window("標題", "臺灣的經濟與發展。"), Window("标题", "台湾的经济与发展。")
    assert reader.read("經濟？", [traditional]) == reader.read("经济？", [simplified])


def test_a_probability_grows_with_the_score_as_calibrated(reader: Reader) -> None:
    for question, (slope, intercept) in (("多少？", CALIBRATION.chinese), ("How many are there?", CALIBRATION.other)):
        assert reader.probability(3.0, question) == pytest.approx(1 / (1 + math.exp(-(slope * 3.0 + intercept))))
    probabilities = [reader.probability(score) for score in (-math.inf, -1e9, -5.0, 0.0, 5.0, 20.0)]
    assert probabilities[0] == probabilities[1] < 1e-9
    assert probabilities[1:] == sorted(set(probabilities))
    assert reader.probability(1e9) <= 1.0
