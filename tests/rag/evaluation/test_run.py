from __future__ import annotations

import json
from dataclasses import replace

import pytest

from rag.batch.question_file import GoldQuestion, GoldSpan
from rag.errors import BatchError, GenerationError, QuestionError
from rag.evaluation.locate import make_locator
from rag.evaluation.report import Result
from rag.evaluation.run import evaluate, score_answers
from rag.schema.answers import Answer, AnswerSentence, Citation, Timings
from rag.schema.search import Evidence
from tests.support.fakes import CannedPipeline

DOCUMENT = (
    "一、2019年总结\n全区共建成中小学 24 所,新增学位4.07\n万个。招收教师1400名,其中硕士68名。\n"
    "二、2020年打算\n计划建成47所幼儿\n\n12、园,大班额控制在15%以内。\n"
)
OTHER = "另一份报告。建成幼儿园21所。"
TEXTS = {"000_a.txt": DOCUMENT, "001_b.txt": OTHER}
LOCATE = make_locator(TEXTS)


def evidence(number: int, text: str) -> Evidence:
    start = DOCUMENT.index(text)
    return Evidence(number, text, "000_a.txt", "报告", "", (), (), start, start + len(text), 1.0)


def told(text: str, quote: str, *, seconds: float) -> Answer:
    item = evidence(1, quote)
    citation = Citation(1, item.source, "报告", (), item.start, item.end, quote)
    sentence = AnswerSentence(text, (1,))
    return Answer(
        question="",
        query="",
        sentences=(sentence,),
        citations=(citation,),
        abstained=False,
        reason="",
        evidence=(item,),
        timings=Timings(0.5, seconds / 2, seconds),
    )


GOLD = [
    GoldQuestion("a", "多少教师？", must_include=(("1400",),), answer="1400名", gold=(GoldSpan("000", "教师1400名"),)),
    GoldQuestion("b", "多少硕士？", must_include=(("68",),), answer="68名", gold=(GoldSpan("000", "硕士68名"),)),
    GoldQuestion("c", "多少博士？", kind="unanswerable", answerable=False),
    GoldQuestion(
        "d", "多少学位？", kind="列表", must_include=(("4.07万",),), gold=(GoldSpan("000", "新增学位4.07万个"),)
    ),
]
PIPELINE = {
    "多少教师？": told("有1400名。", "招收教师1400名,", seconds=2.0),
    "多少硕士？": told("有1400名。", "招收教师1400名,", seconds=4.0),
    "多少学位？": GenerationError("The generator stopped."),
}


def test_every_measure_is_a_sum_over_the_questions() -> None:
    report = evaluate(CannedPipeline(PIPELINE, documents=TEXTS), GOLD)
    shares = {name: (rate.hits, rate.total) for name, rate in report.rates.items()}
    assert shares == {
        "evidence_recall": (1, 3),
        "correct": (1, 3),
        "answered_wrongly": (2, 3),
        "refused": (1, 1),
        "wrongly_refused": (0, 3),
        "citation_recall": (1, 3),
        "citation_precision": (1, 2),
        "right_document": (2, 2),
        "citations_resolve": (2, 2),
        "figures_cited": (2, 2),
    }
    assert report.rates["correct"].value == pytest.approx(1 / 3)
    assert (report.rates["correct"].low, report.rates["correct"].high) == (0.0, 1.0)
    assert report.rates["refused"][:3] == (1.0, 1.0, 1.0)


def test_medians_leave_out_what_failed() -> None:
    report = evaluate(CannedPipeline(PIPELINE, documents=TEXTS), GOLD)
    assert report.medians == {
        "retrieve_seconds": 0.5,
        "first_token_seconds": 1.5,
        "total_seconds": 3.0,
        "evidence_sentences": 1.0,
        "evidence_chars": 10.0,
        "answer_chars": 7.0,
    }


def test_intervals_are_the_same_again_and_narrow_with_more_questions() -> None:
    few = evaluate(CannedPipeline(PIPELINE, documents=TEXTS), GOLD * 5).rates["correct"]
    many = evaluate(CannedPipeline(PIPELINE, documents=TEXTS), GOLD * 50).rates["correct"]
    assert few == evaluate(CannedPipeline(PIPELINE, documents=TEXTS), GOLD * 5).rates["correct"]
    assert 0 < few.low < many.low < many.value < many.high < few.high < 1
    # A share of 1/3 in 150 independent questions has a standard error of 0.0385.
    assert many.high - many.low == pytest.approx(2 * 1.96 * 0.0385, rel=0.15)


def test_retrieval_alone_asks_no_generator() -> None:
    pipeline = CannedPipeline(PIPELINE | {"多少学位？": QuestionError("empty")}, documents=TEXTS)
    report = evaluate(pipeline, GOLD, retrieval_only=True)
    assert pipeline.asked == []
    assert {name: (rate.hits, rate.total) for name, rate in report.rates.items()} == {"evidence_recall": (1, 3)}
    assert report.medians == {"retrieve_seconds": 0.25, "evidence_sentences": 1.0, "evidence_chars": 10.0}
    assert [result.record.get("error") for result in report.results] == [None, None, None, "empty"]


def test_the_mode_is_handed_on_and_what_has_no_time_is_left_out_of_medians() -> None:
    quoted = replace(told("有1400名。", "招收教师1400名,", seconds=2.0), timings=Timings(0.5, None, 0.75, 0.75))
    pipeline = CannedPipeline(PIPELINE | {"多少教师？": quoted}, documents=TEXTS)
    medians = evaluate(pipeline, GOLD[:1], mode="quotes").medians
    assert pipeline.modes == ["quotes"]
    assert (medians["quoted_seconds"], medians["total_seconds"]) == (0.75, 0.75)
    assert "first_token_seconds" not in medians
    evaluate(pipeline, GOLD[:2])
    assert pipeline.modes == ["quotes", "answer", "answer"]


def test_results_are_told_one_by_one() -> None:
    seen: list[Result] = []
    counts: list[tuple[int, int]] = []

    def progress(stage: str, done: int, total: int, /, *, unit: str = "") -> None:
        counts.append((done, total))

    report = evaluate(CannedPipeline(PIPELINE, documents=TEXTS), GOLD, progress=progress, on_result=seen.append)
    assert tuple(seen) == report.results
    assert counts == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]


def test_the_table_shows_rates_types_and_medians() -> None:
    lines = evaluate(CannedPipeline(PIPELINE, documents=TEXTS), GOLD).table().splitlines()
    assert lines[:3] == [
        "measure                       rate   95% interval     of",
        "evidence recall               0.33   0.00 - 1.00       3",
        "correct                       0.33   0.00 - 1.00       3",
    ]
    assert len({len(line) for line in lines[12:14]}) == 1
    assert [" ".join(line.split()) for line in lines[12:16]] == [
        "type n evidence correct wrong refused wr.ref cit.rec cit.prec doc resolve figures",
        "fact 2 0.50 0.50 0.50 - 0.00 0.50 0.50 1.00 1.00 1.00",
        "unanswerable 1 - - - 1.00 - - - - - -",
        "列表 1 0.00 0.00 1.00 - 0.00 0.00 - - - -",
    ]
    assert "first token seconds, median     1.50" in lines
    assert lines[-1] == "1 of 4 questions ended in an error and count as not met."


def test_failures_say_what_was_asked_expected_and_found() -> None:
    report = evaluate(CannedPipeline(PIPELINE, documents=TEXTS), GOLD)
    first, second = report.failures().split("\n\n")
    assert first.splitlines() == [
        "b (fact) evidence_recall, correct, citation_recall",
        "  asked     多少硕士？",
        "  expected  68名",
        "  answered  有1400名。[1]",
        "  gold      000: 硕士68名",
        "  [1]       000_a.txt: 招收教师1400名,",
        "  evidence  000_a.txt: 招收教师1400名,",
    ]
    assert second.splitlines()[3] == "  answered  The generator stopped."
    assert evaluate(CannedPipeline(PIPELINE, documents=TEXTS), GOLD[:1]).failures() == "No question failed."


def test_a_report_is_plain_json() -> None:
    report = evaluate(CannedPipeline(PIPELINE, documents=TEXTS), GOLD).to_dict()
    assert json.loads(json.dumps(report)) == report
    assert (report["n_questions"], report["n_errors"], report["retrieval_only"]) == (4, 1, False)
    assert report["rates"]["correct"]["hits"] == 1
    assert report["by_type"]["unanswerable"].keys() == {"refused"}
    assert report["results"][1]["failures"] == ["evidence_recall", "correct", "citation_recall"]
    assert report["results"][1]["record"]["answer"] == "有1400名。[1]"


def test_stored_answers_score_as_live_ones_do() -> None:
    pipeline = CannedPipeline(PIPELINE, documents=TEXTS)
    live = evaluate(pipeline, GOLD[:3]).rates
    stored = [pipeline.ask(question.question, question_id=question.question_id) for question in GOLD[:3]]
    records = [replace(a, question=q.question).to_dict() for a, q in zip(stored, GOLD, strict=False)]
    report = score_answers(records, GOLD[:3], locate=LOCATE, quote_at=pipeline.quote_at)
    del live["evidence_recall"]  # stored records hold no evidence
    assert report.rates == live


@pytest.mark.parametrize(
    ("found", "message"),
    [({"id": "x"}, "Under 'a' the answers hold no answer"), ({"question": "别的？"}, "hold an answer to '别的？'")],
)
def test_answers_to_another_gold_set_are_refused(found: dict[str, str], message: str) -> None:
    stored = Answer(
        question="多少教师？", query="", sentences=(), citations=(), abstained=True, question_id="a"
    ).to_dict()
    with pytest.raises(BatchError, match=message):
        score_answers([stored | found], GOLD[:1])
