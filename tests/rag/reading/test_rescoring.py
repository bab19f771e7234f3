"""What counts for a span beside the reader's score: retrieval, wording, and whether it only repeats the question."""

import pytest

from rag.question.scope import NamedScope
from rag.reading.evidence_reader import read_evidence
from rag.reading.rescoring import rescore, share_of_question
from rag.schema.search import Evidence
from tests.support.fakes import ScriptedReader


def sentence(text: str, score: float = 1.0, number: int = 1, heading: tuple[str, ...] = ()) -> Evidence:
    return Evidence(number, text, "a.txt", "", "", (), heading, 100 * number, 100 * number + len(text), score)


def test_a_better_hit_counts_more_down_to_half_of_the_best():
    scores = (1.0, 0.75, 0.5, 0.0)
    weights = [rescore("新建桥梁几座？", sentence("新建桥梁12座。", score), "12座", best=1.0) for score in scores]
    assert weights[0] > weights[1] > weights[2] == weights[3]


def test_evidence_without_any_score_weighs_alike():
    assert rescore("新建桥梁几座？", sentence("新建桥梁12座。", 0.0), "12座", best=0.0) == rescore(
        "新建桥梁几座？", sentence("新建桥梁12座。", 1.0), "12座", best=1.0
    )


@pytest.mark.parametrize("heading", [(), ("新建桥梁",)])
def test_a_sentence_that_holds_the_words_counts_more_than_one_that_does_not(heading):
    telling = rescore("新建桥梁几座？", sentence("新建桥梁12座。"), "12座", best=1.0)
    other = rescore("新建桥梁几座？", sentence("清淤河道12座。", heading=heading), "12座", best=1.0)
    assert (telling > other) == (not heading)  # a heading says what its sentences are about


def test_words_of_another_language_neither_count_for_nor_against():
    assert rescore("How many bridges were built?", sentence("新建桥梁12座。"), "12座", best=1.0) == 0.0


@pytest.mark.parametrize(
    ("question", "repeats"),
    [
        ("除了石桥镇，还有哪个镇新建桥梁？", True),
        ("除了石橋鎮，還有哪個鎮新建橋樑？", True),  # the other script
        ("石桥镇还是柳林镇新建桥梁？", False),  # one of the two is the answer
        ("Did Stonebridge or Willow build more?", False),
    ],
)
def test_a_span_that_stands_in_the_question_is_no_answer_unless_it_may_be_chosen(question, repeats):
    e = sentence("石桥镇、柳林镇新建桥梁。")
    assert (rescore(question, e, "石桥镇", best=1.0) < rescore(question, e, "河口乡", best=1.0)) == repeats


def test_a_single_character_of_the_question_may_answer_it():
    e = sentence("河水往西流。")
    assert rescore("河水往东还往西流？", e, "西", best=1.0) == rescore("河水往东还往西流？", e, "北", best=1.0)


def test_share_told_leaves_out_years_and_the_words_that_ask():
    assert (
        share_of_question("2031年新建桥梁多少座？", ["新建桥梁座"])
        == share_of_question("新建桥梁座", ["新建桥梁座"])
        == 1.0
    )
    assert share_of_question("新建桥梁", ["清淤河道"]) == 0.0
    assert share_of_question("？", ["无关"]) == 1.0  # nothing asked is all told


def test_reading_ranks_by_both():
    """The reader is a little surer of the sentence about something else."""
    evidence = [sentence("清淤河道34公里。", 0.1, 1), sentence("新建桥梁12座。", 1.0, 2, heading=("桥梁",))]
    reader = ScriptedReader({"34公里": 1.0, "12座": 0.5})
    found = read_evidence("新建桥梁几座？", evidence, named=NamedScope((), ()), reader=reader)
    assert [one.text for one in found] == ["12座", "34公里"]
    assert found[0].probability > found[1].probability
