"""A reply held against its evidence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.answering.citing import MOST_CITATIONS, align, cite
from rag.generation import Finish
from rag.schema.answers import Answer
from rag.schema.search import Evidence
from tests.support.questions import asked
from tests.support.questions import reply as written


def evidence(number: int, text: str, *, heading: tuple[str, ...] = (), years: tuple[int, ...] = (2031,)) -> Evidence:
    start = number * 100
    return Evidence(
        number, text, "a.txt", "云岭县交通工作总结", "云岭县", years, heading, start, start + len(text), 1 / number
    )


ROADS = evidence(1, "全年新修农村公路86公里、桥梁12座,维修公路240公里。")
BUSES = evidence(2, "全县共有公交线路31条,其中夜间线路5条。")
CHECKS = evidence(3, "落实司机自查、班组互查、站点抽查三项制度。", heading=("三、安全",))
MONEY = evidence(4, "完成投资34,500万元,同比增长7.5%。", heading=("二、2032年打算",), years=(2032,))
EVIDENCE = (ROADS, BUSES, CHECKS, MONEY)
QUESTION = "云岭县的交通工作怎样？"


def ask(reply: str, question: str = QUESTION, shown: tuple[Evidence, ...] = EVIDENCE) -> Answer:
    return cite(asked(question), written(reply), shown)


def test_a_sentence_gets_the_citation_that_holds_it() -> None:
    answer = ask("云岭县新修桥梁12座。")
    assert answer.text == "云岭县新修桥梁12座。[1]"
    (citation,) = answer.citations
    assert (citation.marker, citation.source, citation.title) == (1, "a.txt", "云岭县交通工作总结")
    assert (citation.start, citation.end, citation.quote, citation.heading) == (ROADS.start, ROADS.end, ROADS.text, ())
    assert (answer.abstained, answer.reason, answer.evidence) == (False, "", EVIDENCE)
    assert (answer.question, answer.query, answer.reply) == (QUESTION, QUESTION, "云岭县新修桥梁12座。")


def test_markers_count_in_the_order_of_the_answer() -> None:
    answer = ask("公交线路31条。新修桥梁12座。其中夜间线路5条。")
    assert answer.text == "公交线路31条。[1]新修桥梁12座。[2]其中夜间线路5条。[1]"
    assert [citation.quote for citation in answer.citations] == [BUSES.text, ROADS.text]


def test_a_sentence_drawn_from_two_places_cites_both() -> None:
    (sentence,) = ask("新修桥梁12座,公交线路31条。").sentences
    assert sentence.markers == (1, 2)
    assert {e.text for e in align("新修桥梁12座,公交线路31条。", EVIDENCE).evidence} == {ROADS.text, BUSES.text}


def test_evidence_that_adds_nothing_is_not_cited() -> None:
    twin = replace(ROADS, number=5, start=900, end=900 + len(ROADS.text), score=0.1)
    assert align("新修农村公路86公里、桥梁12座。", (*EVIDENCE, twin)).evidence == (ROADS,)


def test_evidence_that_adds_a_word_or_two_is_not_cited() -> None:
    built, kept = evidence(1, "新修农村公路86公里、桥梁12座。"), evidence(2, "维修县道。")
    assert align("新修农村公路86公里、桥梁12座，维修路面。", (built, kept)).evidence == (built,)
    assert align("新修农村公路86公里，维修县道。", (built, kept)).evidence == (built, kept)


def test_a_sentence_cites_no_more_than_the_limit() -> None:
    names = "甲乙丙丁戊己庚辛"
    shown = tuple(evidence(n, f"{name}桥长{n}1米。") for n, name in enumerate(names, start=1))
    sentence = ",".join(f"{name}桥长{n}1米" for n, name in enumerate(names, start=1))
    assert len(align(sentence, shown).evidence) == MOST_CITATIONS
    assert not align(sentence, shown).is_shown


@pytest.mark.parametrize(
    "sentence",
    ["新修桥梁13座。", "新修桥梁12座、公路87公里。", "公交线路增长31%。", "新修桥梁十三座。", "2030年新修桥梁12座。"],
)
def test_a_sentence_with_a_figure_of_its_own_is_withheld(sentence: str) -> None:
    assert ask(sentence + "公交线路31条。").text == "公交线路31条。[1]"
    assert ask(sentence).reason == "没有找到可以核实的答案：生成的说法与资料原文对不上，已不予显示。"
    assert (ask(sentence).abstained, ask(sentence).citations, ask(sentence).text) == (True, (), ask(sentence).reason)


@pytest.mark.parametrize(
    "sentence",
    [
        "完成投资3.45亿元。",
        "完成投资３４５００万元。",
        "新修桥梁十二座。",
        "2032年完成投资34500万元。",
        "落实3项制度。",
    ],
)
def test_a_figure_may_be_written_another_way_or_stand_in_the_heading(sentence: str) -> None:
    assert ask(sentence).text == f"{sentence}[1]"


def test_the_year_of_another_part_does_not_hold() -> None:
    assert ask("2032年新修桥梁12座。", shown=(ROADS, BUSES)).abstained
    assert ask("2031年新修桥梁12座。", shown=(ROADS, BUSES)).text == "2031年新修桥梁12座。[1]"


def test_a_figure_of_the_question_may_be_said_again() -> None:
    assert ask("三期计划的桥梁新修12座。", question="三期计划的桥梁修了几座？").text.endswith("12座。[1]")


def test_a_name_that_no_evidence_holds_is_withheld() -> None:
    shown = (evidence(1, "云岭县交通局局长带队检查桥梁。"),)
    assert ask("云岭县交通局局长是张明远。", question="云岭县交通局局长是谁？", shown=shown).abstained
    assert not ask("云岭县交通局局长检查桥梁。", question="云岭县交通局局长做什么？", shown=shown).abstained


def test_words_of_another_subject_are_withheld() -> None:
    assert ask("苹果香蕉葡萄都很好吃。").abstained


def test_a_figure_does_not_carry_words_that_no_evidence_holds() -> None:
    assert ask("桥梁12座，也很，又都，就太，还挺。").abstained
    assert ask("12。").text == "12。[1]"


def test_another_language_is_held_by_its_figures() -> None:
    asked = "How many bridges were built?"
    answer = ask("Yunling built 12 bridges.", question=asked)
    assert (answer.text, answer.citations[0].quote) == ("Yunling built 12 bridges.[1]", ROADS.text)
    assert ask("Yunling built 13 bridges.", question=asked).abstained


def test_another_language_without_figures_cites_the_nearest_in_meaning_or_nothing() -> None:
    def alike(sentence: str, others: Sequence[str]) -> list[float]:
        return [0.9 if "班组互查" in other and "each other" in sentence else 0.7 for other in others]

    cited = align("Drivers check each other.", EVIDENCE, similarity=alike)
    assert cited.is_shown
    assert [item.text for item in cited.evidence] == [item.text for item in EVIDENCE if "班组互查" in item.text]
    assert not align("The moon is made of cheese in 2031.", EVIDENCE, similarity=alike).is_shown
    assert not align("Drivers check each other.", EVIDENCE).is_shown


@pytest.mark.parametrize(
    "reply",
    [
        "新修桥梁12座[3]。",
        "新修桥梁12座 [1][2]。",
        "新修桥梁12座[1,2]。",
        "新修桥梁12座[1-3]。",
        "新修桥梁12座［１］。",
        "新修桥梁12座【12】。",
        "新修桥梁12座[[1]]。",
        "[1] 新修桥梁12座。",
    ],
)
def test_markers_that_the_model_wrote_are_removed(reply: str) -> None:
    assert ask(reply).text == "新修桥梁12座。[1]"


@pytest.mark.parametrize("half", ["[", "[1", "【1", " [1,", "[1, 2", "[[", "[ [2][3]"])
def test_half_a_marker_at_the_end_is_removed(half: str) -> None:
    assert ask(f"新修桥梁12座{half}").text == "新修桥梁12座[1]"
    assert ask(f"新修桥梁12座。{half}").text == "新修桥梁12座。[1]"


def test_a_sentence_that_took_the_neighbouring_figure_gives_way_to_the_quotation() -> None:
    (sentence,) = ask("全县共有公交线路5条。").sentences
    assert (sentence.text, sentence.markers) == (f"原文：{BUSES.text}", (1,))


def test_a_sentence_that_is_withheld_gives_way_to_no_quotation() -> None:
    sentence = align("全县共有公交线路5条、桥梁13座。", EVIDENCE)
    assert (sentence.is_shown, sentence.misread) == (False, None)


def test_a_figure_in_brackets_that_is_no_marker_is_checked() -> None:
    assert ask("新修公路[8600]公里。").abstained


@pytest.mark.parametrize("bullet", ["- ", "* ", "• ", "1. ", "1、", "(1)", "2) "])
def test_bullets_are_no_part_of_a_sentence(bullet: str) -> None:
    assert ask(f"{bullet}新修桥梁12座。\n{bullet}公交线路31条。").text == "新修桥梁12座。[1]公交线路31条。[2]"


@pytest.mark.parametrize("start", ["86公里是农村公路。", "**桥梁12座**。"])
def test_what_only_looks_like_a_bullet_stays(start: str) -> None:
    assert ask(start).text == f"{start}[1]"


def test_the_sign_of_a_figure_is_no_bullet() -> None:
    assert ask("-7.5%的增长。", shown=(evidence(1, "投资增长为-7.5%。"),)).text == "-7.5%的增长。[1]"


@pytest.mark.parametrize("reply", ["", "  \n", "。", "[1]", "- "])
def test_an_empty_reply_abstains(reply: str) -> None:
    assert (ask(reply).abstained, ask(reply).reason) == (True, "资料中没有提到所问的内容。")


def test_a_refusal_abstains_in_the_models_words_where_they_are_one_plain_sentence() -> None:
    assert ask("资料中没有提到局长的姓名。").reason == "资料中没有提到局长的姓名。"
    assert ask("资料中没有提到13座桥梁。").reason == "资料中没有提到所问的内容。"
    assert ask("资料中没有提到。建议询问局长张明远。").reason == "资料中没有提到所问的内容。"
    assert ask(f"资料中没有提到{'桥' * 120}。").reason == "资料中没有提到所问的内容。"


def test_a_refusal_is_told_in_the_language_of_the_question() -> None:
    assert ask("资料中没有提到。", question="Who is the director?").reason == "The documents do not say."
    assert ask("The documents do not mention it.", question="Who is it?").reason == "The documents do not mention it."
    assert cite(asked("谁？", language="de"), written(""), EVIDENCE).reason == "Die Dokumente sagen dazu nichts."


def test_a_refusal_behind_an_answer_is_dropped() -> None:
    assert ask("新修桥梁12座。没有提到全年新修农村公路、维修公路的公里。").text == "新修桥梁12座。[1]"


@pytest.mark.parametrize(
    ("reply", "finish", "text"),
    [
        ("新修桥梁12座。公交线路3", Finish.LENGTH, "新修桥梁12座。[1]"),
        ("新修桥梁12座。公交线路31条。", Finish.LENGTH, "新修桥梁12座。[1]公交线路31条。[2]"),
        ("新修桥梁12座", Finish.LENGTH, "新修桥梁12座[1]"),
        ("新修桥梁12座。公交线路31条", Finish.STOP, "新修桥梁12座。[1]公交线路31条[2]"),
    ],
)
def test_the_half_sentence_of_a_reply_that_was_cut_off_is_dropped_unless_it_is_all(
    reply: str, finish: Finish, text: str
) -> None:
    answer = cite(asked(QUESTION), written(reply, finish), EVIDENCE)
    assert (answer.text, answer.cut_off) == (text, finish is Finish.LENGTH)


def test_without_evidence_nothing_is_supported() -> None:
    answer = ask("新修桥梁12座。", shown=())
    assert (answer.abstained, answer.sentences, answer.citations) == (True, (), ())


PIECES = st.sampled_from(
    [
        "新修桥梁{n}座",
        "维修公路{n}公里",
        "公交线路{n}条,其中夜间线路5条",
        "完成投资34,500万元,同比增长{n}%",
        "落实司机自查、班组互查制度",
        "新修桥梁12座、公交线路{n}条",
        "There are {n} bus lines",
        "资料中没有提到",
        "苹果香蕉葡萄",
        "",
    ]
)
NUMBERS = st.one_of(st.sampled_from([12, 31, 86, 240, 5, 7]), st.integers(2, 9999))
NOISE = st.sampled_from(
    ["", "[1]", " [2][3]", "【4】", "[1,2]", "[9", "[", "]", "\n- ", "\n2. ", "**", "。", "；", "。\n"]
)
REPLIES = st.lists(st.tuples(PIECES, NUMBERS, NOISE), max_size=6).map(
    lambda rows: "".join(f"{piece.format(n=n)}{noise}" for piece, n, noise in rows)
)


@given(REPLIES)
@settings(max_examples=200, deadline=None)
def test_every_citation_is_a_span_of_the_evidence_and_markers_count_in_order_of_first_use(reply: str) -> None:
    answer = ask(reply)
    spans = {(e.source, e.start, e.end, e.text, e.title, e.heading) for e in EVIDENCE}
    for c in answer.citations:
        assert (c.source, c.start, c.end, c.quote, c.title, c.heading) in spans
    used = [marker for sentence in answer.sentences for marker in sentence.markers]
    assert list(dict.fromkeys(used)) == list(range(1, len(answer.citations) + 1))
    assert [citation.marker for citation in answer.citations] == list(dict.fromkeys(used))
    assert len({(c.source, c.start) for c in answer.citations}) == len(answer.citations)


@given(REPLIES)
@settings(max_examples=200, deadline=None)
def test_no_figure_survives_that_the_cited_quotes_do_not_hold(reply: str) -> None:
    quotes = {citation.marker: citation.quote for citation in ask(reply).citations}
    for sentence in ask(reply).sentences:
        cited = "".join(quotes[marker] for marker in sentence.markers).replace("34,500", "34500")
        figures = re.findall(r"\d+(?:\.\d+)?", sentence.text.replace("34,500", "34500"))
        assert set(figures) <= set(re.findall(r"\d+(?:\.\d+)?", cited)) | {"3", "2031", "2032"}
        assert sentence.markers


@given(REPLIES)
@settings(max_examples=200, deadline=None)
def test_an_answer_is_sentences_or_a_reason_and_its_only_markers_are_its_own(reply: str) -> None:
    answer = ask(reply)
    assert answer.abstained == (not answer.sentences) == bool(answer.reason)
    for sentence in answer.sentences:
        written = iter(reply)
        own = [citation.quote for citation in answer.citations if citation.marker in sentence.markers]
        quoted = sentence.text.startswith("原文：") and all(quote in sentence.text for quote in own)
        assert quoted or all(ch in written for ch in sentence.text)  # a subsequence: markers and bullets apart
        assert re.findall(r"[\[【]\d[\d,]*[\]】]|[\[【]\d*$", sentence.text) == []
