"""Which sentences are read, and which of them the generator is given."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rag.question.kind import asks_for_section
from rag.question.scope import NOTHING_NAMED, NamedScope
from rag.retrieval.evidence import LIKELIEST, likeliest_sentences, select
from rag.retrieval.sections import counted_items, named_section
from rag.schema.documents import Passage
from rag.schema.search import Evidence, Hit
from rag.scoring.sides import Side
from rag.text.tokens import estimate_tokens
from tests.support.fakes import some_evidence
from tests.support.questions import wording
from tests.support.rag.decisions import candidate
from tests.support.rag.shelf import TITLE, Shelf, build_outline, build_sections, hits, texts


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def choose(
    question: str,
    found: Sequence[Hit],
    shelf: Shelf,
    *,
    budget: int = 10_000,
    named: NamedScope = NOTHING_NAMED,
    also: Sequence[Passage] = (),
) -> tuple[Evidence, ...]:
    asked = wording(question, named)
    return select(asked, found, budget_tokens=budget, passages=shelf, also=also, count_tokens=len).evidence


def test_sentences_are_numbered_in_document_order_whatever_their_rank(shelf: Shelf) -> None:
    roads, bridges = shelf.put(0, "一、交通", "新修公路。维修公路。", "新建桥梁。")
    chosen = choose("多少？", hits(bridges, roads), shelf)
    assert [(e.number, e.text, e.start, e.end, e.score) for e in chosen] == [
        (1, "新修公路。", 0, 5, 0.5),
        (2, "维修公路。", 5, 10, 0.5),
        (3, "新建桥梁。", 1000, 1005, 1.0),
    ]
    assert {(e.source, e.title, e.place, e.years, e.heading) for e in chosen} == {
        ("a.txt", "工作总结", "云岭县", (2031,), ("一、交通",))
    }


def test_a_passage_beyond_the_budget_is_left_out_and_a_shorter_one_behind_it_fits(shelf: Shelf) -> None:
    best, long, short = shelf.put(0, "", "新建桥梁。", "维修公路很多很多。", "公交多。")
    found = hits(best, long, short)
    assert texts(choose("多少？", found, shelf, budget=TITLE + 13)) == ["新建桥梁。", "公交多。"]
    assert texts(choose("多少？", found, shelf, budget=TITLE + 14)) == ["新建桥梁。", "维修公路很多很多。"]


def test_the_best_passage_is_read_even_beyond_the_budget(shelf: Shelf) -> None:
    found = hits(*shelf.put(0, "", "新建桥梁。", "公交。"))
    assert texts(choose("多少？", found, shelf, budget=1)) == ["新建桥梁。"]


def test_a_heading_costs_once(shelf: Shelf) -> None:
    found = hits(*shelf.put(0, "一、交通运输", "新建桥梁。", "公交多。", "维修公路。"))
    assert texts(choose("多少？", found, shelf, budget=TITLE + 5 + 6 + 4)) == ["新建桥梁。", "公交多。"]
    assert texts(choose("多少？", found, shelf, budget=TITLE + 5 + 6 + 3)) == ["新建桥梁。"]


def test_the_same_text_is_read_once_whatever_its_punctuation(shelf: Shelf) -> None:
    found = hits(*shelf.put(0, "", "新建桥梁,12座。", "新建桥梁，12座；", "新建桥梁13座。"))
    assert texts(choose("多少？", found, shelf)) == ["新建桥梁,12座。", "新建桥梁13座。"]


def test_a_heading_without_text_is_not_chosen(shelf: Shelf) -> None:
    (bare,) = shelf.put(0, "一、交通", "一、交通：")
    (roads,) = shelf.put(1, "一、交通 > （一）道路", "新修公路。")
    assert texts(choose("多少？", hits(bare, roads), shelf)) == ["新修公路。"]


def test_no_hits_give_no_evidence(shelf: Shelf) -> None:
    shelf.put(0, "一、交通", "新修公路。")
    assert choose("概括交通", [], shelf) == ()


def test_a_question_for_a_list_reads_the_best_section_before_the_hits(shelf: Shelf) -> None:
    buses, roads = build_sections(shelf)
    found = hits(buses[1], roads[0], roads[1], roads[2])
    chosen = choose("采取了哪些措施？", found, shelf, budget=TITLE + 4 * 5 + 6 + 4)
    assert texts(chosen) == ["公交甲。", "公交乙。", "公交丙。", "道路甲。", "道路乙。"]
    assert [e.score for e in chosen] == [0.0, 1.0, 0.0, 0.5, 1 / 3]
    assert texts(choose("采取了哪些措施？", found, shelf, budget=TITLE + 6 + 3 * 4)) == texts_of(buses)


def test_a_question_for_one_fact_reads_hits_alone(shelf: Shelf) -> None:
    buses, roads = build_sections(shelf)
    assert texts(choose("有多少条？", hits(buses[1], roads[0]), shelf)) == ["公交乙。", "道路甲。"]


def test_a_comparison_reads_hits_alone(shelf: Shelf) -> None:
    buses, roads = build_sections(shelf)
    both = NamedScope(("云岭县", "清河县"), ())
    asked = "云岭县和清河县采取了哪些措施？"
    assert texts(choose(asked, hits(buses[1], roads[0]), shelf, named=both)) == ["公交乙。", "道路甲。"]


def test_a_heading_that_the_question_repeats_is_read_before_better_hits(shelf: Shelf) -> None:
    buses, roads = build_sections(shelf)
    found = [Hit(p, 0.1 - rank / 100, rank) for rank, p in enumerate((*roads, buses[0], buses[2]), start=1)]
    assert texts(choose("概括公共交通的主要内容", found, shelf, budget=TITLE + 6 + 12)) == texts_of(buses)
    assert texts(choose("概括公共交通的主要内容", found, shelf)) == [*texts_of(buses), *texts_of(roads)]


def texts_of(passages: Sequence[Passage]) -> list[str]:
    return [passage.text for passage in passages]


def test_a_long_section_does_not_win_by_its_length(shelf: Shelf) -> None:
    buses, roads = build_sections(shelf)
    ranked = [buses[0], buses[1], roads[0], roads[1], roads[2], roads[3]]
    found = [Hit(p, 0.5 if p in buses else 0.4, rank) for rank, p in enumerate(ranked, start=1)]
    assert "公交丙。" in texts(choose("采取了哪些措施？", found, shelf, budget=30))


def test_a_question_that_counts_reads_as_many_headings_side_by_side(shelf: Shelf) -> None:
    found = hits(build_outline(shelf))
    assert texts(choose("落实了哪三项制度？", found, shelf)) == [
        "(1)制度0说明。",
        "(2)制度1说明。",
        "(3)制度2说明。",
        "细节2。",
    ]
    assert texts(choose("落实了哪3项制度？", found, shelf)) == texts(choose("落实了哪三项制度？", found, shelf))
    for other in ("两", "四"):
        assert texts(choose(f"落实了哪{other}项制度？", found, shelf)) == ["(3)制度2说明。", "细节2。"]


@pytest.mark.parametrize("question", ["哪十二项制度？", "第二项制度有哪些？", "哪12项制度？", "102项制度有哪些？"])
def test_an_ordinal_or_a_longer_number_counts_nothing(shelf: Shelf, question: str) -> None:
    found = hits(build_outline(shelf, n_checks=2))
    assert texts(choose(question, found, shelf)) == ["(2)制度1说明。", "细节1。"]


@pytest.mark.parametrize(
    "question",
    ["概括安全工作", "有哪些措施？", "怎样做？", "哪三项制度？", "Summarise the plan", "What are the three checks?"],
)
def test_a_question_for_a_section(question: str) -> None:
    assert asks_for_section(question)


@pytest.mark.parametrize(
    "question", ["新建了多少座桥梁？", "哪一年建成？", "How many bridges?", "Who is the director?"]
)
def test_a_question_for_a_fact(question: str) -> None:
    assert not asks_for_section(question)


@pytest.mark.parametrize(
    ("text", "n_tokens"), [("", 1), ("新修公路", 4), ("2031", 5), ("bridges", 3), ("新修公路86公里", 7)]
)
def test_tokens_are_estimated_by_script(text: str, n_tokens: int) -> None:
    assert estimate_tokens(text) == n_tokens


# What the generator is given

READ = some_evidence("一。", "二二。", "三三三。", "四四四四。", heading=())


def side_of(**likely: float) -> Side:
    """Sentences by their numbers, each with its probability, likeliest first."""
    found = [candidate(READ[int(name[1:]) - 1], "", probability=p) for name, p in likely.items()]
    return Side("", NOTHING_NAMED, tuple(sorted(found, key=lambda span: -span.probability)), 0.3)


def given(*sides: Side, budget: int = 100) -> list[int]:
    return [e.number for e in likeliest_sentences(sides, READ, budget_tokens=budget, count_tokens=len)]


def test_the_likeliest_sentences_are_given_in_the_order_of_the_documents() -> None:
    assert given(side_of(n4=0.9, n1=0.8, n2=0.1)) == [1, 2, 4]
    assert given() == []


def test_the_likeliest_are_taken_as_far_as_the_budget_goes() -> None:
    sides = side_of(n3=0.9, n4=0.8, n2=0.7, n1=0.6)  # they cost 4, 5, 3 and 2
    assert given(sides, budget=9) == [3, 4]
    assert given(sides, budget=8) == [2, 3], "what does not fit makes room for something shorter"
    assert given(sides, budget=6) == [1, 3]
    assert given(sides, budget=1) == [3], "the likeliest one in any case"


def test_each_side_gives_its_own_and_a_sentence_of_both_costs_once() -> None:
    here, there = side_of(n1=0.9, n2=0.2), side_of(n1=0.5, n4=0.4)
    assert given(here, there) == [1, 2, 4]
    assert given(here, there, budget=2 + 5) == [1, 4], "the likelier of two sides goes first"


def test_of_a_side_no_more_than_a_few_are_given() -> None:
    many = some_evidence(*(f"第{n}句。" for n in range(9)))
    found = tuple(candidate(e, "", probability=0.9 - e.number / 100) for e in many)
    chosen = likeliest_sentences([Side("", NOTHING_NAMED, found, 0.3)], many, budget_tokens=1000)
    assert [e.number for e in chosen] == list(range(1, LIKELIEST + 1))


# The section that a question names

PORTS = ("一、加强港口设施建设", "（一）码头")
DOCUMENT = some_evidence(
    "开通夜间公交。", heading=("二、公共交通",), after=some_evidence("码头建成。", "航道疏浚。", heading=PORTS)
)


@pytest.mark.parametrize(
    "question",
    [
        "概括加强港口设施建设的主要内容。",
        "加强港口设施建设方面有哪些措施？",
        # A heading says more than the question: what it is about is enough.
        "请概括港口设施建设的主要内容。",
        "海州市2031年港口设施建设工作有哪些举措？",
        "请简要总结一下海州2031年度港口设施建设的情况。",
        "2031年上半年，海州市港口设施采取了哪些措施？",
    ],
)
def test_a_section_is_named_by_its_heading_or_by_what_the_question_is_about(question: str) -> None:
    assert texts(named_section(question, DOCUMENT)) == ["码头建成。", "航道疏浚。"]


@pytest.mark.parametrize(
    "question",
    [
        "港口吞吐量和公交客流有哪些变化？",  # about two things
        "请概括港口的主要内容。",  # too little to tell
        "2031年有哪些？",
        "概括一下。",
        "概括港口物流体系建设的主要内容。",  # about something else
        "Which measures were taken?",
        "",
    ],
)
def test_a_question_that_names_no_section(question: str) -> None:
    assert named_section(question, DOCUMENT) == ()


def test_a_place_in_a_question_is_no_topic_of_a_section() -> None:
    heading = ("一、海州市概况与海州文化",)
    evidence = some_evidence("历史悠久。", heading=heading, after=DOCUMENT)
    assert texts(named_section("概括海州市2031年港口设施建设的做法。", evidence)) == ["码头建成。", "航道疏浚。"]
    assert named_section("概括海州市的主要做法。", evidence) == ()


def test_the_innermost_of_equally_named_sections_is_meant() -> None:
    evidence = some_evidence(
        "修路。", heading=("港口设施", "港口设施"), after=some_evidence("总述。", heading=("港口设施",))
    )
    assert texts(named_section("概括港口设施的主要内容。", evidence)) == ["修路。"]


def test_a_section_named_by_its_topic_is_read_before_better_hits(shelf: Shelf) -> None:
    ports = shelf.put(0, "一、加强港口设施建设", "港口甲。", "港口乙。", "港口丙。")
    roads = shelf.put(1, "二、道路", "道路甲。", "道路乙。", "道路丙。", "道路丁。")
    found = [Hit(p, 0.1 - rank / 100, rank) for rank, p in enumerate((*roads, ports[0], ports[2]), start=1)]
    question = "请概括云岭县2031年港口设施的主要内容"
    assert texts(choose(question, found, shelf)) == [*texts_of(ports), *texts_of(roads)]
    assert texts_of(ports)[1] not in texts(choose("请概括云岭县2031年的主要内容", found, shelf, budget=TITLE + 30))


def test_passages_that_are_read_in_any_case_come_first(shelf: Shelf) -> None:
    best, other, told = shelf.put(0, "", "新建桥梁。", "维修公路。", "建三号码头。")
    found = hits(best, other)
    chosen = choose("多少？", found, shelf, budget=TITLE + 12, also=(told,))
    assert texts(chosen) == ["新建桥梁。", "建三号码头。"]
    assert [e.score for e in chosen] == [1.0, 0.0]
    alone = choose("多少？", found, shelf, budget=1, also=(told,))
    assert texts(alone) == ["建三号码头。"]
    twice = choose("多少？", found, shelf, also=(best,))
    assert texts(twice) == ["新建桥梁。", "维修公路。"]


# Numbered sentences

TASKS = (
    "全年抓好三方面任务：",
    "（一）修好路，通到村。",
    "先修主路。",
    "（二）架好桥，连成网。",
    "（三）管好港，保安全。",
)


@pytest.mark.parametrize(
    ("question", "texts", "items"),
    [
        ("全年抓好的三方面任务是什么？", TASKS, [1, 3, 4]),
        ("全年要抓好哪3方面任务？", TASKS, [1, 3, 4]),
        ("三方面任务是什么？", ("抓好三方面任务。", "一是修好路；", "二是架好桥；", "三是管好港。"), [1, 2, 3]),
        ("全年抓好的两方面任务是什么？", TASKS, []),  # there are three
        ("全年抓好的四方面任务是什么？", TASKS, []),
        ("校车管理的三项制度是什么？", TASKS, []),  # of something else
        ("全年抓好的任务是什么？", TASKS, []),  # not counted
        ("全年抓好的三方面任务是什么？", TASKS[:-1], []),  # one is missing
    ],
)
def test_what_a_question_counts_is_what_stands_numbered_under_its_lead_in(
    question: str, texts: Sequence[str], items: list[int]
) -> None:
    evidence = some_evidence(*texts, heading=())
    assert counted_items(wording(question), evidence) == tuple(evidence[i] for i in items)
