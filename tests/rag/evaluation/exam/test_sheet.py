import csv
import io
import json

import pytest

from rag.evaluation.exam.questions import ExamQuestion
from rag.evaluation.exam.sheet import Sheet
from rag.evaluation.exam.sitting import Outcome, Sat


def question(number, *, kind="asked", type="figure", answerable=True, source="a.txt"):  # noqa: A002 - the field's name
    return ExamQuestion(
        question_id=f"{source}:{number}",
        question=f"海州市新建渔港多少个{number}？",
        kind=kind,
        type=type,
        answerable=answerable,
        answer="12个",
        source=source,
        start=10,
        end=13,
        sentence="全市新建渔港12个。",
        sentence_start=4,
        sentence_end=14,
        title="总结",
        heading=(),
        section=0,
        place="海州市",
        years=(2031,),
    )


def sat(number, outcome, confidence=None, *, seconds=0.5, **about):
    return Sat(question(number, **about), outcome, "新建渔港12个。", confidence, seconds)


def many(n, outcome, confidence, **about):
    return [sat(number, outcome, confidence, **about) for number in range(n)]


# 30 right at .9, 2 wrong at .8, 10 right at .7, 3 traps answered at .6, 5 refused rightly and 5 wrongly.
RESULTS = (
    *many(30, Outcome.RIGHT, 0.9),
    *many(2, Outcome.WRONG, 0.8),
    *many(10, Outcome.RIGHT, 0.7),
    *many(3, Outcome.WRONG, 0.6, kind="hidden", answerable=False),
    *many(5, Outcome.REFUSED_RIGHTLY, 0.1, kind="hidden", answerable=False),
    *many(5, Outcome.REFUSED_WRONGLY, 0.2, source="b.txt", type="who"),
)


def test_the_curve_tells_coverage_and_risk_at_every_confidence_of_an_answer():
    curve = Sheet(RESULTS).curve
    assert [point.limit for point in curve] == [0.0, 0.6, 0.7, 0.8, 0.9]
    assert curve[1]._asdict() == {"limit": 0.6, "coverage": 42 / 47, "risk": 5 / 45, "n_answered": 45, "n_wrong": 5}
    assert curve[2]._asdict() == {"limit": 0.7, "coverage": 42 / 47, "risk": 2 / 42, "n_answered": 42, "n_wrong": 2}
    assert curve[4]._asdict() == {"limit": 0.9, "coverage": 30 / 47, "risk": 0.0, "n_answered": 30, "n_wrong": 0}


def test_the_limit_is_the_lowest_with_few_enough_wrong():
    sheet = Sheet(RESULTS)
    assert sheet.limit().limit == 0.7
    assert sheet.limit(0.01).limit == 0.9
    assert sheet.limit(0.5).limit == 0.0
    stored = sheet.stored()
    assert (stored.least_confidence, stored.n_answered, stored.n_wrong, stored.n_questions) == (0.7, 42, 2, 55)
    assert sheet.limit_in_words() == (
        "At most 5% are wrong from confidence 0.700: 2 of 42 answers wrong, 89% of what can be answered is answered."
    )


def test_few_answers_set_no_limit():
    few = Sheet((*many(19, Outcome.RIGHT, 0.9), *many(5, Outcome.WRONG, 0.5)))
    assert few.limit() is None
    assert few.stored() is None
    assert few.limit_in_words().startswith("No limit of confidence leaves at most 5% wrong with 20 answers or more.")
    assert Sheet(tuple(many(20, Outcome.RIGHT, 0.9))).limit().limit == 0.0


def test_an_answer_without_confidence_is_answered_at_every_limit():
    assert Sheet((sat(1, Outcome.WRONG), sat(2, Outcome.RIGHT, 0.4))).at(0.5)[1:] == (0.5, 1.0, 1, 1)


def test_outcomes_are_counted_by_kind_type_and_document():
    record = Sheet(RESULTS).to_dict()
    assert record["outcomes"] == {"right": 40, "wrong": 5, "refused_rightly": 5, "refused_wrongly": 5}
    assert record["by_kind"]["hidden"] == {
        "right": 0,
        "wrong": 3,
        "refused_rightly": 5,
        "refused_wrongly": 0,
        "error": 0,
    }
    assert record["by_type"]["who"]["refused_wrongly"] == 5
    assert record["by_document"]["b.txt"]["refused_wrongly"] == 5
    assert record["limit"]["limit"] == 0.7
    assert json.loads(json.dumps(record)) == record


def test_the_table_shows_counts_curve_and_limit():
    lines = [line.split() for line in Sheet(RESULTS).table().split("\n")]
    assert ["how", "it", "is", "asked", "n", "right", "wrong", "refused", "rightly", "error"] in lines
    assert ["asked", "47", "40", "2", "5", "0", "0"] in lines
    assert ["hidden", "8", "0", "3", "0", "5", "0"] in lines
    assert ["b.txt", "5", "0", "0", "5", "0", "0"] in lines
    assert ["0.70", "0.89", "0.05", "42"] in lines
    assert lines[-1] == "55 questions, 0.50 s each (median), 28 s in all.".split()


def test_of_many_documents_the_worst_are_shown_and_the_rest_counted():
    results = [sat(1, Outcome.RIGHT, 0.9, source=f"{n:02}.txt") for n in range(24)]
    table = Sheet((*results, sat(1, Outcome.WRONG, 0.9, source="bad.txt"))).table()
    assert "and 5 more documents" in table
    assert table.index("bad.txt") < table.index("00.txt")


def test_errors_are_told():
    assert Sheet((sat(1, Outcome.ERROR), sat(2, Outcome.RIGHT, 0.9))).table().endswith("1 of them ended in an error.")


def test_what_failed_is_shown_with_what_was_expected():
    hidden = sat(1, Outcome.WRONG, 0.61, kind="hidden", answerable=False)
    assert Sheet((hidden, sat(2, Outcome.RIGHT, 0.9))).wrong() == (
        "wrong (0.61): 海州市新建渔港多少个1？\n  expected  a refusal (hidden)\n  said      新建渔港12个。\n"
        "  from      a.txt: 全市新建渔港12个。"
    )
    assert Sheet((sat(2, Outcome.RIGHT, 0.9),)).wrong() == "No question failed."


@pytest.mark.parametrize("said", ["=1+1", "＠A1", "-5"])
def test_no_cell_is_taken_for_a_formula(said):
    rows = list(csv.DictReader(io.StringIO(Sheet((Sat(question(1), Outcome.WRONG, said, 0.5, 0.1),)).csv())))
    assert len(rows) == 1
    assert rows[0]["said"] == f"'{said}"
    assert (rows[0]["outcome"], rows[0]["confidence"], rows[0]["start"]) == ("wrong", "0.5", "10")
