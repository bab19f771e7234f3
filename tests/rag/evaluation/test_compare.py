from __future__ import annotations

import json
from typing import Any

import pytest

from rag.batch.question_file import GoldQuestion, GoldSpan
from rag.errors import BatchError
from rag.evaluation.compare import MOST_NAMED, compare_answers
from rag.evaluation.locate import make_locator

GOLD = [
    GoldQuestion("a", "多少教师？", must_include=(("1400",),), answer="1400名", gold=(GoldSpan("000", "教师1400名"),)),
    GoldQuestion("b", "多少硕士？", must_include=(("68",),), answer="68名", gold=(GoldSpan("000", "硕士68名"),)),
    GoldQuestion("c", "多少学位？", kind="列表", must_include=(("4.07万",),), answer="4.07万个"),
    GoldQuestion("d", "多少博士？", kind="unanswerable", answerable=False),
    GoldQuestion("e", "谁是校长？", kind="unanswerable", answerable=False),
]
TEXT = "招收教师\n1400名，其中硕士68名。"
TABLE = """\
A  old.jsonl
B  new.jsonl

type                 n  correct A     B  B - A  95% interval      refused A     B  wrongly A     B  cit.rec A     B
all                  5       0.33  0.67  +0.33  -1.00 to +1.00         0.50  1.00       0.00  0.33       0.50  0.50
fact                 2       0.50  0.50  +0.00  -1.00 to +1.00            -     -       0.00  0.50       0.50  0.50
列表                 1       0.00  1.00  +1.00  +1.00 to +1.00            -     -       0.00  0.00          -     -
unanswerable         2          -     -      -                         0.50  1.00          -     -          -     -"""


def record(question_id: str, answer: str, *, cited: str = "", **more: Any) -> dict[str, Any]:
    asked = {question.question_id: question.question for question in GOLD}
    start = TEXT.find(cited)
    citation = {"marker": 1, "source": "000_a.txt", "title": "", "heading": [], "quote": cited}
    citations = [citation | {"start": start, "end": start + len(cited)}] if cited else []
    own = {"id": question_id, "question": asked.get(question_id, "?"), "answer": answer, "abstained": False}
    return own | {"citations": citations, "error": None} | more


A = [
    record("a", "有1400名。[1]", cited="招收教师\n1400名"),
    record("b", "有1400名。[1]", cited="招收教师\n1400名"),
    record("c", "", error="The generator stopped."),
    record("d", "资料中没有提到。", abstained=True),
    record("e", "是王某。"),
]
B = [
    record("a", "资料中没有\n提到。", abstained=True),
    record("b", "有68名。[1]", cited="硕士68名"),
    record("c", "4.07 万个。"),
    record("d", "资料中没有提到。", abstained=True),
    record("e", "资料中没有提到。", abstained=True),
]


def test_rates_of_both_stand_side_by_side_for_all_and_each_type() -> None:
    compared = compare_answers(A, B, GOLD, locate=make_locator({"000_a.txt": TEXT})).to_dict()
    third, two_thirds = pytest.approx(1 / 3), pytest.approx(2 / 3)
    assert compared["all"] | {"difference": None} == {
        "n": 5,
        "correct": {"a": third, "b": two_thirds, "total": 3},
        "refused": {"a": 0.5, "b": 1.0, "total": 2},
        "wrongly_refused": {"a": 0.0, "b": third, "total": 3},
        "citation_recall": {"a": 0.5, "b": 0.5, "total": 2},
        "difference": None,
    }
    assert compared["all"]["difference"] == {"value": third, "low": -1.0, "high": 1.0, "total": 3}
    assert list(compared["by_type"]) == ["fact", "列表", "unanswerable"]
    assert compared["by_type"]["fact"]["difference"]["value"] == 0.0
    assert compared["by_type"]["列表"]["difference"] == {"value": 1.0, "low": 1.0, "high": 1.0, "total": 1}
    assert compared["by_type"]["unanswerable"] == {"n": 2, "refused": {"a": 0.5, "b": 1.0, "total": 2}}


def test_the_table_shows_both_with_the_interval_of_the_difference() -> None:
    shown = compare_answers(A, B, GOLD, names=("old.jsonl", "new.jsonl")).table()
    assert "\n".join(line.rstrip() for line in shown.splitlines()) == TABLE


def test_what_flipped_is_shown_with_both_answers() -> None:
    compared = compare_answers(A, B, GOLD)
    assert [(pair.flip, pair.question.question_id) for pair in compared.flips] == [
        ("-", "a"),
        ("+", "b"),
        ("+", "c"),
        ("+", "e"),
    ]
    head, first, _, third, last = compared.flipped().split("\n\n")
    assert head == "3 right in B alone (+), 1 right in A alone (-)"
    assert first.splitlines() == [
        "- a (fact) 多少教师？",
        "    expected  1400名",
        "    A  有1400名。[1]",
        "    B  (refused) 资料中没有 提到。",
    ]
    assert third.splitlines()[2] == "    A  (error) The generator stopped."
    assert last.splitlines()[1:] == ["    A  是王某。", "    B  (refused) 资料中没有提到。"]
    assert compare_answers(A, A, GOLD).flipped() == "No question flipped."


def test_the_other_way_round_every_sign_turns() -> None:
    there, back = compare_answers(A, B, GOLD), compare_answers(B, A, GOLD)
    turned = {"+": "-", "-": "+"}
    assert [turned[pair.flip] for pair in there.flips] == [pair.flip for pair in back.flips]
    one, other = there.to_dict()["all"]["difference"], back.to_dict()["all"]["difference"]
    assert (one["value"], one["low"], one["high"]) == (-other["value"], -other["high"], -other["low"])


def test_the_interval_is_of_pairs_and_the_same_again() -> None:
    gold = [GoldQuestion(str(i), "多少？", must_include=(("7",),)) for i in range(200)]

    def answers(right: set[int]) -> list[dict[str, Any]]:
        return [record(str(i), "7" if i in right else "8", question="多少？") for i in range(200)]

    a, b = answers(set(range(100))), answers(set(range(10, 120)))  # 10 lost, 20 won, 170 the same
    gain = compare_answers(a, b, gold).to_dict()["all"]["difference"]
    assert gain == compare_answers(a, b, gold).to_dict()["all"]["difference"]
    assert gain["value"] == 0.05
    # Of gains of -1 (5%), 0 and 1 (10%), whose standard error is sqrt(0.15 - 0.05**2) / sqrt(200) = 0.0272; taken
    # as two samples that have nothing to do with one another it would be 0.05.
    assert gain["high"] - gain["low"] == pytest.approx(2 * 1.96 * 0.0272, rel=0.15)
    same = compare_answers(a, a, gold).to_dict()["all"]["difference"]
    assert same == {"value": 0.0, "low": 0.0, "high": 0.0, "total": 200}


def test_what_only_one_answers_is_left_out_and_named() -> None:
    compared = compare_answers(A[:3], B[1:2] + B[3:4], GOLD)
    assert [pair.question.question_id for pair in compared.pairs] == ["b"]
    assert (compared.only_a, compared.only_b, compared.neither) == (("a", "c"), ("d",), ("e",))
    assert compared.table().splitlines()[-3:] == [
        "Left out, since only A answers: 2 (a, c)",
        "Left out, since only B answers: 1 (d)",
        "Left out, since neither answers: 1 (e)",
    ]
    assert compared.to_dict()["left_out"] == {"only_a": ["a", "c"], "only_b": ["d"], "neither": ["e"]}


def test_a_long_list_of_what_is_left_out_ends() -> None:
    gold = [GoldQuestion(f"q{i}", "多少？") for i in range(MOST_NAMED + 6)]
    answers = [record(each.question_id, "7", question="多少？") for each in gold]
    last = compare_answers(answers, answers[:1], gold).table().splitlines()[-1]
    assert last.startswith("Left out, since only A answers: 25 (q1, q2, ")
    assert last.endswith(f", q{MOST_NAMED}, and 5 more)")


def test_a_type_called_all_is_a_row_of_its_own() -> None:
    gold = [GoldQuestion("a", "多少教师？", kind="all", must_include=(("1400",),)), GOLD[1]]
    lines = compare_answers(A, B, gold).table().splitlines()
    assert [line.split()[:2] for line in lines[4:]] == [["all", "2"], ["all", "1"], ["fact", "1"]]


def test_a_comparison_is_plain_json() -> None:
    compared = compare_answers(A, B, GOLD).to_dict()
    assert json.loads(json.dumps(compared)) == compared
    assert compared["flips"][0] == {
        "id": "a",
        "type": "fact",
        "question": "多少教师？",
        "flip": "-",
        "expected": "1400名",
        "a": "有1400名。[1]",
        "b": "(refused) 资料中没有 提到。",
    }


def test_two_sets_without_a_question_in_common_are_refused() -> None:
    with pytest.raises(BatchError, match=r"of its 5 questions, old answers 1 and new 2\. Name two files"):
        compare_answers(A[:1], B[1:3], GOLD, names=("old", "new"))


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ({"question": "别的？"}, "new: Under 'a' the answers hold an answer to '别的？'"),
        ({"citations": [{"marker": 1}]}, "new: the answer 'a' is malformed"),
        ({"citations": "none"}, "new: the answer 'a' is malformed"),
        ({"sentences": [{"words": ""}]}, "new: the answer 'a' is malformed"),
        ({"question": 5}, "new: the answer 'a' is malformed"),
    ],
)
def test_an_answer_that_is_none_names_its_file(found: dict[str, Any], message: str) -> None:
    with pytest.raises(BatchError, match=message):
        compare_answers(A[:1], [A[0] | found], GOLD, names=("old", "new"))
