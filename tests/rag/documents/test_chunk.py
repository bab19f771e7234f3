from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.documents.chunk import ChunkedDocument, chunk_document, chunking_fingerprint, searchable_text
from rag.documents.cleaning.clean import clean_text
from rag.documents.load import load_document
from rag.schema.documents import Document

SEEDS = sorted((Path(__file__).parents[3] / "seeds").glob("*.txt"))


def chunked(text: str, *, passage_chars: int = 60) -> ChunkedDocument:
    return chunk_document(Document("a.txt", text, "0" * 64, len(text)), passage_chars=passage_chars)


def test_passages_do_not_cross_headings() -> None:
    result = chunked("一、道路\n新修公路86公里。\n二、桥梁\n新建桥梁12座。")
    assert [(p.heading, p.text) for p in result.passages] == [
        (("一、道路",), "一、道路\n新修公路86公里。"),
        (("二、桥梁",), "二、桥梁\n新建桥梁12座。"),
    ]


def test_a_long_section_is_cut_at_sentence_ends() -> None:
    text = "一、道路\n" + "全年新修农村公路八十六公里。" * 12
    passages = chunked(text).passages
    assert all(len(p.text) <= 60 and p.text.endswith("。") for p in passages[1:])
    assert {p.section for p in passages} == {0}


def test_a_sentence_longer_than_a_passage_is_cut_at_commas() -> None:
    passages = chunked("新修公路八十六公里," * 20 + "完成投资三亿元。").passages
    assert all(p.text[-1] in ",。" and len(p.text) <= 60 for p in passages)


def test_years_of_a_heading_outweigh_those_of_the_title() -> None:
    result = chunked("交通局2030年总结与2031年计划\n\n一、2030年总结\n修路。\n二、2031年计划\n架桥。")
    assert result.parts[0].years == (2030, 2031)
    assert [p.years for p in result.passages] == [(2030, 2031), (2030,), (2031,)]


def test_the_place_is_searchable_where_the_title_lacks_it() -> None:
    text = "2031年工作总结\n\n" + "杭州市新修公路。杭州市新建桥梁。杭州市开通公交。杭州市整治道路。杭州市人民政府部署。"
    passage = chunked(text, passage_chars=200).passages[0]
    assert searchable_text(passage).startswith(f"{passage.place} 2031年工作总结")
    assert passage.place == "杭州市"


def test_the_fingerprint_tells_passage_lengths_apart() -> None:
    assert chunking_fingerprint(100) != chunking_fingerprint(160)


@given(st.text(alphabet=st.sampled_from("一二三、（）。;:12.第部分甲乙丙丁\n ,"), max_size=300))
@settings(max_examples=200, deadline=None)
def test_every_visible_character_stands_in_one_passage_and_one_sentence(text: str) -> None:
    result = chunked(text)
    clean = clean_text(text)
    visible = "".join(clean.text.split())
    assert "".join("".join(p.text for p in result.passages).split()) == visible
    assert "".join("".join(s.text for p in result.passages for s in p.sentences).split()) == visible
    for passage in result.passages:
        assert clean.between(passage.start, passage.end) == passage.text
        for sentence in passage.sentences:
            assert clean.between(sentence.start, sentence.end) == sentence.text


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name[:3])
def test_offsets_of_real_documents_lead_back_to_their_text(path: Path) -> None:
    document = load_document(path, max_bytes=10**7)
    raw = path.read_text(encoding="utf-8")
    assert document.text == raw
    for passage in chunk_document(document, passage_chars=160).passages:
        for sentence in passage.sentences:
            standing = iter(raw[sentence.start : sentence.end])
            assert all(ch in standing for ch in sentence.text if not ch.isspace())  # a subsequence: noise apart
            assert raw[sentence.start] == sentence.text[0]
            assert raw[sentence.end - 1] == sentence.text[-1]


def test_the_composite_is_split_by_place_and_year() -> None:
    path = next(path for path in SEEDS if path.name.startswith("001"))
    parts = chunk_document(load_document(path, max_bytes=10**7), passage_chars=160).parts
    assert [(part.place, part.years) for part in parts] == [
        ("", (2019,)),
        ("青岛市", (2017, 2018)),
        ("东莞市", (2016, 2017)),
    ]


@pytest.mark.parametrize(
    ("prefix", "place", "years", "date", "issuer"),
    [
        ("000", "金坛区", (2019,), "2019-06-17", "教育局"),
        ("002", "镇江市", (2018,), "2018-02-24", "镇江市教育局"),
        ("003", "怀化市", (2019, 2020), "2020-09-02", "怀化市教育局"),
        ("004", "钟楼区", (2022,), "2022-02-11", "教育局"),
    ],
)
def test_real_documents_tell_their_facts(
    prefix: str, place: str, years: tuple[int, ...], date: str, issuer: str
) -> None:
    path = next(path for path in SEEDS if path.name.startswith(prefix))
    (part,) = chunk_document(load_document(path, max_bytes=10**7), passage_chars=160).parts
    assert (part.place, part.years, part.date, part.issuer) == (place, years, date, issuer)
