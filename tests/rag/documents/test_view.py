"""A document laid out for reading: nothing of it is lost, and what is hidden is what cleaning removes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.config import load_config
from rag.documents.chunk import chunk_document
from rag.documents.cleaning.clean import LINE_BREAKS, ODD_SPACES, clean_text
from rag.documents.view import OutlineItem, document_view
from rag.errors import DocumentNotFoundError
from rag.index.ingest import index_paths
from rag.retrieval.snapshot import IndexSnapshot
from tests.support.fakes import HashingEncoder
from tests.support.sample_source import FOOTER, NAVIGATION, REPORT, TWO_PARTS, sample_document, view_of_text

# Text out of which noise, headings and parts are made.
SOUP = st.text(
    alphabet=st.sampled_from(
        "一二三、。;:，,()（）0129 教育局工作报告年X.com第页部分篇\n\n\u00a0\u3000\u200b\r\x85•>#"
    ),
    max_size=300,
)
AS_CLEANED = str.maketrans(dict.fromkeys(ODD_SPACES, " ") | dict.fromkeys(LINE_BREAKS, "\n"))


@given(SOUP)
@settings(max_examples=300, deadline=None)
def test_the_pieces_join_to_the_raw_text(raw):
    view = view_of_text(raw)
    assert "".join(piece.text for piece in view.pieces) == raw
    at = 0
    for piece in view.pieces:
        assert (piece.start, piece.end, piece.text) == (at, at + len(piece.text), raw[piece.start : piece.end])
        assert piece.text
        at = piece.end


@given(SOUP)
@settings(max_examples=300, deadline=None)
def test_what_is_not_noise_is_the_cleaned_text(raw):
    shown = [piece.text for piece in view_of_text(raw).pieces if piece.kind != "noise"]
    plain = "".join(text.replace("\r\n", "\n").replace("\r", "\n") for text in shown).translate(AS_CLEANED)
    assert plain == clean_text(raw).text


@given(SOUP)
@settings(max_examples=300, deadline=None)
def test_every_item_of_the_outline_begins_a_piece_and_is_a_heading_of_a_passage(raw):
    view = view_of_text(raw)
    assert {item.start for item in view.outline} <= {piece.start for piece in view.pieces}
    chunked = chunk_document(sample_document(raw), passage_chars=80)
    known = {title for passage in chunked.passages for title in passage.heading} | {p.title for p in chunked.parts}
    assert {item.title for item in view.outline} <= known


def test_the_outline_of_an_official_report_is_its_heading_tree():
    assert view_of_text().outline == (
        OutlineItem("一、2031年工作情况", 1, REPORT.index("一、")),
        OutlineItem("（一）公路建设", 2, REPORT.index("（一）")),
        OutlineItem("（二）公交线路", 2, REPORT.index("（二）")),
        OutlineItem("二、2032年工作打算", 1, REPORT.index("二、2032")),
    )


def test_parts_stand_above_their_headings():
    outline = view_of_text(TWO_PARTS).outline
    assert [(item.level, item.title) for item in outline] == [
        (1, "各县交通工作总结范文"),
        (1, "沿海各县交通工作总结(一)"),
        (2, "一、道路"),
        (1, "沿海各县交通工作总结(二)"),
        (2, "一、桥梁"),
    ]
    assert view_of_text(TWO_PARTS).path_at(TWO_PARTS.index("12座")) == (3, 4)


def test_headings_are_told_from_text():
    view = view_of_text()
    headings = [(piece.text, view.outline[piece.item].level) for piece in view.pieces if piece.kind == "heading"]
    assert headings == [
        ("一、2031年工作情况", 1),
        ("（一）公路建设。", 2),
        ("（二）公交线路。", 2),
        ("二、2032年工作打算", 1),
    ]


def test_a_paragraph_that_only_begins_with_a_number_is_text():
    long = (
        "一、全年新修公路八十六公里，养护旧路二百四十公里，整治沿线环境五十处，改造桥梁十二座，新开通公交线路三十一条，"
    )
    long += "更新车辆二百辆，方便了群众出行。"
    view = view_of_text(f"工作总结\n{long}\n二、桥梁\n新建桥梁。")
    assert [item.start for item in view.outline] == [5, 5 + len(long) + 1]
    assert [piece.text for piece in view.pieces if piece.kind == "heading"] == ["二、桥梁"]


def test_the_noise_is_what_cleaning_removes():
    noise = [piece.text for piece in view_of_text().pieces if piece.kind == "noise"]
    assert [text for text in noise if text.strip()] == [
        NAVIGATION,
        "1、",
        "\r\n\r\n2、",
        "\r\n\r\n3、",
        "\r\n\r\n4、",
        "spliced.com",
        "\r\n" + FOOTER,
    ]
    assert {text for text in noise if not text.strip()} == {" ", "\u3000\u3000", "\r\n\r\n"}


def test_the_return_of_a_line_break_that_stays_is_no_noise():
    assert [(piece.kind, piece.text) for piece in view_of_text("甲。\r\n乙。").pieces] == [("text", "甲。\r\n乙。")]


def test_noise_inside_a_heading_belongs_to_it():
    lead = "".join(f"\n\n{n}、工程一直在继续，道路修到了山" for n in (1, 2, 3))
    raw = f"{lead}里。\n二、桥梁\n\n4、建设\n新建桥梁。"
    view = view_of_text(raw)
    number = next(n for n, item in enumerate(view.outline) if item.title.startswith("二、桥梁"))
    inside = [(piece.kind, piece.text) for piece in view.pieces if piece.item == number]
    assert inside == [("heading", "二、桥梁"), ("noise", "\n\n4、"), ("heading", "建设")]


def test_a_stretch_is_cut_out_of_the_pieces():
    view = view_of_text()
    start = REPORT.index("海州市新修")
    found = view.between(start + 3, REPORT.index("亿三千万") + 1)
    assert [(piece.kind, piece.text) for piece in found] == [
        ("text", "新修公路86公里，完成投资四"),
        ("noise", "\r\n\r\n2、"),
        ("text", "亿"),
    ]
    assert view.between(9, 9) == []
    assert view.between(len(REPORT), len(REPORT) + 5) == []


def test_an_empty_document_has_nothing_to_show():
    view = document_view(sample_document(""), ())
    assert (view.pieces, view.outline, view.n_chars, view.part_at(0), view.path_at(0)) == ((), (), 0, None, ())


@pytest.fixture
def corpus(tmp_path):
    (tmp_path / "report.txt").write_bytes(REPORT.encode())
    (tmp_path / "parts.txt").write_text(TWO_PARTS, encoding="utf-8")
    config = load_config({"YOUJU_HOME": str(tmp_path / "home")})
    index_paths(config, [tmp_path / "report.txt", tmp_path / "parts.txt"], encoder=HashingEncoder())
    return IndexSnapshot.open(config, HashingEncoder())


def test_a_corpus_shows_its_documents_as_they_were_chunked(corpus):
    assert corpus.view("report.txt") == view_of_text()
    assert corpus.view("parts.txt") == view_of_text(TWO_PARTS, "parts.txt")
    assert corpus.view("report.txt") is corpus.view("report.txt")


def test_a_document_that_is_hidden_is_shown_to_nobody_who_must_not_see_it(corpus):
    corpus.view("report.txt")
    blind = corpus.without(frozenset({"report.txt"}))
    with pytest.raises(DocumentNotFoundError):
        blind.view("report.txt")
    assert blind.view("parts.txt") is corpus.view("parts.txt")  # made once for all users
