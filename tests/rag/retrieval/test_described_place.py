"""A place that a question describes instead of naming it."""

from __future__ import annotations

import pytest

from rag.question.described_place import Description, describes_place
from rag.retrieval.described_place import find_described_place
from rag.schema.documents import Passage, Sentence
from rag.schema.search import Hit
from tests.support.fakes import some_evidence

QUAY = "2031年，计划建设三号码头和两座灯塔。"
ASKED = Description("计划建设三号码头", "", "去年吞吐量是多少？")


def hits(*passages: tuple[str, str]) -> list[Hit]:
    """Passages of one sentence, each with its place, best first."""
    found = []
    for rank, (text, place) in enumerate(passages, start=1):
        start = 100 * rank
        sentence = Sentence(text, start, start + len(text))
        passage = Passage(
            rank, f"{rank}.txt", "工作计划", place, (2031,), (), 0, 0, text, start, sentence.end, (sentence,)
        )
        found.append(Hit(passage, 1 / rank, rank))
    return found


@pytest.mark.parametrize(
    ("question", "what", "with_place"),
    [
        ("计划建设三号码头的那座城市，去年吞吐量是多少？", "计划建设三号码头", "海州市去年吞吐量是多少？"),
        ("新建了两座灯塔的那个县，招聘教师多少名？", "新建了两座灯塔", "海州市招聘教师多少名？"),
        ("开通夜间公交的那个区：有几条线路？请回答。", "开通夜间公交", "海州市有几条线路？请回答。"),
        ("获得港口评比第一名的是哪个市，有多少泊位？", "获得港口评比第一名", "海州市有多少泊位？"),
        ("How many berths has the city that plans a third quay?", "plans a third quay", "How many berths has 海州市?"),
        (
            "In the county where two lighthouses stand, how many teachers were hired?",
            "two lighthouses stand",
            "In 海州市, how many teachers were hired?",
        ),
    ],
)
def test_a_described_place_can_be_put_by_its_name(question: str, what: str, with_place: str) -> None:
    description = describes_place(question)
    assert description is not None
    assert (description.what, description.with_place("海州市")) == (what, with_place)


@pytest.mark.parametrize(
    "question",
    [
        "海州市去年吞吐量是多少？",
        "吞吐量最大的码头，去年是多少？",
        "计划建设三号码头的是哪座城市？",
        "建港的市，有几个泊位？",  # too little is said of it
        "计划建设三号码头的那座城市，多少？",  # nothing is asked of it
        "How many berths has the city?",
        "What plans has the city of Haizhou?",
        "",
    ],
)
def test_a_question_that_describes_no_place(question: str) -> None:
    assert describes_place(question) is None


def test_the_passage_that_says_it_tells_the_place() -> None:
    told = hits(("港口吞吐量增长。", "临川县"), (QUAY, "海州市"), ("建设两座灯塔。", "云岭县"))
    bridge = find_described_place(ASKED, told)
    assert bridge is not None
    assert (bridge.place, bridge.passage, bridge.description) == ("海州市", told[1].passage, ASKED)


def test_of_passages_that_say_it_equally_the_first_is_taken() -> None:
    bridge = find_described_place(ASKED, hits((QUAY, "海州市"), (QUAY, "临川县")))
    assert bridge is not None
    assert bridge.place == "海州市"


@pytest.mark.parametrize(
    "told", [[], [(QUAY, "")], [("港口吞吐量增长。", "海州市")], [("建设二号仓库。", "海州市"), (QUAY, "")]]
)
def test_a_place_that_nothing_tells_is_not_guessed(told: list[tuple[str, str]]) -> None:
    assert find_described_place(ASKED, hits(*told)) is None


def test_a_description_in_traditional_characters_finds_simplified_text() -> None:
    bridge = find_described_place(Description("計劃建設三號碼頭", "", ""), hits(("增长。", "临川县"), (QUAY, "海州市")))
    assert bridge is not None
    assert bridge.place == "海州市"


def test_a_description_in_another_language_than_the_text_tells_no_place() -> None:
    english = Description("plans a third quay", "How many berths has ", "?")
    assert find_described_place(english, hits((QUAY, "海州市"))) is None
    bridge = find_described_place(english, hits(("The city plans a third quay by 2032.", "Haizhou")))
    assert bridge is not None
    assert bridge.place == "Haizhou"


def test_the_sentence_that_says_it_is_found_among_the_evidence() -> None:
    told = hits((QUAY, "海州市"))
    bridge = find_described_place(ASKED, told)
    assert bridge is not None
    start = told[0].passage.start
    (elsewhere,) = some_evidence(QUAY, source="other.txt")
    evidence = [elsewhere]
    assert bridge.sentence_of(evidence) is None
    (far,) = some_evidence(QUAY, source="1.txt", after=())
    assert (far.start, far.end) == (start, start + len(QUAY)), "the fakes put the first sentence where the passage is"
    assert bridge.sentence_of([elsewhere, far]) is far
