from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rag.batch.question_file import GoldQuestion, GoldSpan, read_gold
from rag.evaluation.locate import make_locator
from rag.evaluation.measures import Share, compact, is_correct, measure
from tests.support.fakes import CannedPipeline

ROOT = Path(__file__).parents[3]
DOCUMENT = (
    "一、2019年总结\n全区共建成中小学 24 所,新增学位4.07\n万个。招收教师1400名,其中硕士68名。\n"
    "二、2020年打算\n计划建成47所幼儿\n\n12、园,大班额控制在15%以内。\n"
)
OTHER = "另一份报告。建成幼儿园21所。"
TEXTS = {"000_a.txt": DOCUMENT, "001_b.txt": OTHER}
LOCATE = make_locator(TEXTS)


def gold(kind: str = "fact", *, spans: tuple[str, ...] = (), **fields: Any) -> GoldQuestion:
    places = tuple(GoldSpan("000", quote) for quote in spans)
    return GoldQuestion("g1", "有多少？", kind=kind, gold=places, **fields)


def cited(quote: str, marker: int = 1, *, source: str = "000_a.txt", heading: tuple[str, ...] = ()) -> dict[str, Any]:
    start = TEXTS[source].index(quote)
    span = {"source": source, "start": start, "end": start + len(quote), "quote": quote}
    return {"marker": marker, "title": "报告", "heading": list(heading)} | span


def record(answer: str = "", *citations: dict[str, Any], abstained: bool = False, **fields: Any) -> dict[str, Any]:
    base = {"id": "g1", "question": "有多少？", "answer": answer, "abstained": abstained, "reason": "", "error": None}
    return base | {"citations": list(citations)} | fields


def shown(*texts: str, heading: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    spans = [(text, DOCUMENT.index(text)) for text in texts]
    return [
        {"source": "000_a.txt", "start": at, "end": at + len(text), "text": text, "heading": list(heading)}
        for text, at in spans
    ]


# --- Placing gold quotes ---


def test_a_quote_is_placed_across_whitespace_and_width() -> None:
    ((source, start, end),) = LOCATE("000", "新增学位４.07万个")
    assert (source, DOCUMENT[start:end]) == ("000_a.txt", "新增学位4.07\n万个")


def test_a_quote_that_noise_cuts_is_followed_across_it() -> None:
    ((_, start, end),) = LOCATE("000", "计划建成47所幼儿园,大班额控制")
    assert DOCUMENT[start:end] == "计划建成47所幼儿\n\n12、园,大班额控制"


def test_a_quote_is_sought_in_its_own_document_only_and_found_each_time() -> None:
    assert LOCATE("000", "建成幼儿园21所") == []
    assert LOCATE("000", "不在这里的话") == []
    assert [source for source, _, _ in make_locator({"a1": "共3所", "a2": "共3所,共3所"})("a", "共3所")] == [
        "a1",
        "a2",
        "a2",
    ]


def test_every_gold_quote_stands_in_its_seed_document() -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "seeds").glob("*.txt")}
    locate = make_locator(texts)
    for name in ("dev", "smoke"):
        for question in read_gold(ROOT / "tests" / "eval" / f"{name}.jsonl"):
            for span in question.gold:
                places = locate(span.source, span.quote)
                assert places, span
                for source, start, end in places:
                    assert compact(texts[source][start:end]) == compact(span.quote)


# --- Correctness ---


@pytest.mark.parametrize(
    ("answer", "correct"),
    [
        ("共1400名。[1]", True),
        ("共 1,400 名。[1]", True),
        ("共１４００名。", True),
        ("共21400名。", False),
        ("共1400.5名。", False),
        ("共14000名。", False),
        ("共68名。[1][2]", False),
        ("", False),
    ],
)
def test_a_number_must_stand_whole(answer: str, *, correct: bool) -> None:
    assert is_correct(gold(must_include=(("1400",),)), record(answer)) is correct


def test_markers_are_no_part_of_an_answer() -> None:
    assert not is_correct(gold(must_include=(("12",),)), record("没有数字。[12]"))


def test_every_item_needs_one_of_its_alternatives() -> None:
    question = gold(kind="list", must_include=(("3金", "金牌3"), ("7银", "银牌7")))
    assert is_correct(question, record("获 3 金、银牌7枚"))
    assert not is_correct(question, record("获3金"))


def test_what_must_not_be_said_spoils_an_answer() -> None:
    question = gold(must_include=(("1066",),), must_not_include=("1 860",))
    assert is_correct(question, record("1066个"))
    assert not is_correct(question, record("1066个，不是1,860个"))


@pytest.mark.parametrize(("kind", "correct"), [("fact", False), ("cross_lingual", False), ("list", True)])
def test_an_answer_that_dumps_its_evidence_does_not_count(kind: str, *, correct: bool) -> None:
    long = "1400名。" + "其他内容。" * 60
    assert is_correct(gold(kind=kind, must_include=(("1400",),)), record(long)) is correct


def test_markers_do_not_count_as_length() -> None:
    assert is_correct(gold(must_include=(("1400",),)), record("1400名。" + "[1]" * 100))


def test_an_error_or_a_refusal_is_not_correct() -> None:
    question = gold(must_include=(("1400",),))
    assert not is_correct(question, record("1400名", error="failed"))
    assert not is_correct(question, record("1400名", abstained=True))


def test_a_trap_that_may_be_refused_is_judged_by_its_reason() -> None:
    question = gold(kind="trap", must_include=(("东莞", "没有"),))
    refusal = record(abstained=True, reason="资料中没有这一数据。")
    assert is_correct(question, refusal)
    assert "wrongly_refused" not in measure(question, refusal)
    assert not is_correct(gold(kind="trap", must_include=(("不是",),)), record(abstained=True, reason="不是"))


def test_every_model_answer_of_the_gold_sets_is_correct() -> None:
    for name in ("dev", "smoke"):
        for question in read_gold(ROOT / "tests" / "eval" / f"{name}.jsonl"):
            if question.answerable:
                assert is_correct(question, record(question.answer)), question.question_id


# --- Evidence, citations, figures ---


def test_refusals_count_by_what_could_be_answered() -> None:
    refused, told = record(abstained=True), record("24所")
    assert measure(gold(answerable=False), refused) == {"refused": Share(1, 1)}
    assert measure(gold(answerable=False), told) == {"refused": Share(0, 1), "figures_cited": Share(0, 1)}
    assert measure(gold(), refused)["wrongly_refused"] == Share(1, 1)
    assert measure(gold(), told)["wrongly_refused"] == Share(0, 1)


@pytest.mark.parametrize(
    ("evidence", "found"),
    [
        (shown("全区共建成中小学 24 所,新增学位4.07\n万个。", "招收教师1400名,其中硕士68名。"), True),
        (shown("新增学位4.07\n万个。", "招收教师1400名"), True),
        (shown("新增学位4.07\n万个。"), False),
        (shown("新增学位4.07\n万个。", "其中硕士68名。"), False),
        (shown("新增学", "招收教师1400名"), False),
        ([], False),
    ],
)
def test_evidence_must_cover_every_gold_quote(evidence: list[dict[str, Any]], *, found: bool) -> None:
    question = gold(spans=("新增学位4.07万个", "招收教师1400名"))
    assert measure(question, record(evidence=evidence), locate=LOCATE)["evidence_recall"] == Share(int(found), 1)


def test_a_heading_is_shown_with_the_evidence_below_it() -> None:
    evidence = shown("全区共建成中小学 24 所", heading=("报告", "一、2019年总结"))
    for quote in ("一、2019年总结", "2019年总结", "一、2019年总结 全区共建成中小学24所"):
        assert measure(gold(spans=(quote,)), record(evidence=evidence), locate=LOCATE)["evidence_recall"] == Share(1, 1)
    question = gold(spans=("一、2019年总结", "二、2020年打算"))
    assert measure(question, record(evidence=evidence), locate=LOCATE)["evidence_recall"] == Share(0, 1)


def test_a_quote_that_cannot_be_placed_is_compared_as_text() -> None:
    question = gold(spans=("建成幼儿园47所,控制在15%以内",))
    evidence = [
        {"source": "000_a.txt", "start": 0, "end": 5, "text": "将建成幼儿园47所, 控制在15%以内。", "heading": []}
    ]
    assert measure(question, record(evidence=evidence), locate=LOCATE)["evidence_recall"] == Share(1, 1)
    assert measure(question, record(evidence=evidence))["evidence_recall"] == Share(1, 1)
    elsewhere = [evidence[0] | {"source": "001_b.txt"}]
    assert measure(question, record(evidence=elsewhere), locate=LOCATE)["evidence_recall"] == Share(0, 1)


def test_citations_count_by_overlap_in_the_right_document() -> None:
    question = gold(spans=("新增学位4.07万个", "招收教师1400名"))
    answer = record(
        "答。[1][2][3]",
        cited("全区共建成中小学 24 所,新增学位4.07\n万个。", 1),
        cited("计划建成47所", 2),
        cited("建成幼儿园21所。", 3, source="001_b.txt"),
    )
    scores = measure(question, answer, locate=LOCATE)
    assert scores["citation_recall"] == Share(1, 2)
    assert scores["citation_precision"] == Share(1, 3)
    assert scores["right_document"] == Share(2, 3)


def test_a_citation_that_only_touches_a_gold_quote_misses_it() -> None:
    scores = measure(gold(spans=("新增学位4.07万个",)), record("答。[1]", cited("万个。招收教师1400名")), locate=LOCATE)
    assert (scores["citation_recall"], scores["citation_precision"]) == (Share(0, 1), Share(0, 1))


def test_a_refused_question_cites_none_of_its_gold() -> None:
    scores = measure(gold(spans=("新增学位4.07万个",)), record(abstained=True), locate=LOCATE)
    assert (scores["citation_recall"], scores["citation_precision"]) == (Share(0, 1), Share(0, 0))


def test_a_citation_resolves_when_its_quote_stands_at_its_offsets() -> None:
    pipeline = CannedPipeline(documents=TEXTS)
    good = cited("新增学位4.07\n万个") | {"quote": "新增学位4.07万个"}
    shifted, unknown, empty = good | {"start": good["start"] + 1}, good | {"source": "x.txt"}, good | {"quote": ""}
    answer = record("答。[1]", good, shifted, unknown, empty)
    assert measure(gold(), answer, quote_at=pipeline.quote_at)["citations_resolve"] == Share(1, 4)
    assert "citations_resolve" not in measure(gold(), answer)


@pytest.mark.parametrize(
    ("answer", "share"),
    [
        ("招收1,400名。[1]", Share(1, 1)),
        ("招收一千四百名。新增4.07万个。[1][2]", Share(1, 2)),  # the first sentence ends in no marker
        ("招收1400名。[1]新增40700个。[2]", Share(2, 2)),
        ("招收1400名。[2]新增40700个。[1]", Share(0, 2)),
        ("招收1400名，占15%。[1]", Share(1, 2)),
        ("招收一个教师。[1]", Share(0, 0)),
        ("2019年招收1400名。[1]", Share(2, 2)),  # the year stands in the heading
        ("2018年招收1400名。[1]", Share(1, 2)),
        ("招收1400名。", Share(0, 1)),
    ],
)
def test_figures_must_stand_in_their_own_citation(answer: str, share: Share) -> None:
    citations = (cited("招收教师1400名", 1, heading=("一、2019年总结",)), cited("新增学位4.07\n万个", 2))
    assert measure(gold(), record(answer, *citations))["figures_cited"] == share


def test_stored_sentences_keep_their_own_markers() -> None:
    sentences = [{"text": "招收！1400名。", "markers": [1], "supported": True}]
    answer = record("招收！1400名。[1]", cited("招收教师1400名"), sentences=sentences)
    assert measure(gold(), answer)["figures_cited"] == Share(1, 1)


@pytest.mark.parametrize(
    ("answer", "share"),
    [
        ("两者相差1332名（1400-68=1332）。[1]", Share(4, 4)),
        ("两者合计1468名（1400+68=1468）。[1]", Share(4, 4)),
        ("前者是后者的20.59倍（1400÷68≈20.59）。[1]", Share(4, 4)),
        ("前者是后者的20.6倍（1400÷68≈20.6）。[1]", Share(2, 4)),  # off by more than rounding
        ("前者是后者的20.59倍（1400÷68=20.59）。[1]", Share(2, 4)),  # not equal
        ("两者相差1333名（1400-68=1333）。[1]", Share(2, 4)),  # wrong arithmetic
        ("两者相差1332名（1400+68=1332）。[1]", Share(2, 4)),  # wrong sign
        ("两者相差1350名（1400-50=1350）。[1]", Share(1, 4)),  # an operand that is not cited
        ("两者相差47名（68-21=47）。[1]", Share(1, 4)),
        ("两者相差1332名。[1]", Share(0, 1)),  # not shown how
        ("两者相差1332名（1400-68=1332），另有9名。[1]", Share(4, 5)),  # what it does not compute
        ("两者相差1332名（1400-68=1332）。", Share(0, 4)),  # nothing is cited
    ],
)
def test_the_result_of_a_computation_counts_where_it_is_right_and_its_operands_are_cited(
    answer: str, share: Share
) -> None:
    citations = (cited("招收教师1400名,其中硕士68名", 1),)
    assert measure(gold(), record(answer, *citations))["figures_cited"] == share


def test_operands_of_a_computation_may_stand_in_two_citations() -> None:
    citations = (cited("招收教师1400名", 1), cited("其中硕士68名", 2))
    computed = "相差1332名（1400-68=1332）。"
    assert measure(gold(), record(f"{computed}[1][2]", *citations))["figures_cited"] == Share(4, 4)
    assert measure(gold(), record(f"{computed}[1]", *citations))["figures_cited"] == Share(1, 4)


def test_shares_and_scales_are_computed_as_they_are_written() -> None:
    percent = cited("大班额控制在15%以内")
    points = "相差14.5个百分点（15%-0.5%=14.5）。[1]"
    assert measure(gold(), record(points, percent | {"quote": "从15%降到0.5%"}))["figures_cited"] == Share(4, 4)
    scaled = "合计4.57万个（4.07万+0.5万=4.57万）。[1]"
    both = cited("新增学位4.07\n万个") | {"quote": "新增学位4.07万个和5000个"}
    assert measure(gold(), record(scaled, both))["figures_cited"] == Share(4, 4)


def test_the_cells_of_a_row_are_in_the_evidence_that_shows_its_line() -> None:
    row = "序号：295｜学校：海州学院｜专业：数学"
    evidence = [{"source": "000_a.xlsx", "start": 0, "end": len(row), "text": row, "heading": []}]
    locate = make_locator({"000_a.xlsx": row})
    for quote, found in (("295\t海州学院", 1), ("295\t云岭学院", 0)):
        measured = measure(gold(spans=(quote,)), record(evidence=evidence), locate=locate)
        assert measured["evidence_recall"] == Share(found, 1)
