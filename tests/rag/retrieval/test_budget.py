"""What becomes of a passage that may be read, and why."""

import pytest

from rag.retrieval.budget import hits_of_sentences
from rag.retrieval.evidence import select
from tests.support.questions import wording
from tests.support.rag.shelf import TITLE, Shelf, build_outline, build_sections, hits, texts


@pytest.fixture
def shelf():
    return Shelf()


def considered(question, found, shelf, *, budget=10_000, **told):
    return select(wording(question), found, budget_tokens=budget, passages=shelf, count_tokens=len, **told)


def fates(selection):
    return {choice.passage.text: choice.outcome for choice in selection.choices}


def brought(selection):
    return {choice.passage.text: choice.origins for choice in selection.choices}


def test_what_is_read_knows_the_numbers_of_its_sentences(shelf):
    roads, bridges = shelf.put(0, "一、交通", "新修公路。维修公路。", "新建桥梁。")
    selection = considered("多少？", hits(bridges, roads), shelf)
    assert [(choice.passage.text, choice.numbers) for choice in selection.choices] == [
        ("新建桥梁。", (3,)),
        ("新修公路。维修公路。", (1, 2)),
    ]
    assert texts(selection.evidence) == ["新修公路。", "维修公路。", "新建桥梁。"]


def test_what_did_not_fit_knows_its_cost_and_what_was_left(shelf):
    best, long, short = shelf.put(0, "", "新建桥梁。", "维修公路很多很多。", "公交多。")
    selection = considered("多少？", hits(best, long, short), shelf, budget=TITLE + 13)
    assert [(choice.outcome, choice.n_tokens, choice.left_tokens) for choice in selection.choices] == [
        ("read", TITLE + 5, TITLE + 13),
        ("over_budget", 9, 8),
        ("read", 4, 8),
    ]
    assert (selection.budget_tokens, selection.spent_tokens) == (TITLE + 13, TITLE + 9)


def test_the_same_text_knows_whose_it_is(shelf):
    one, same, other = shelf.put(0, "", "新建桥梁,12座。", "新建桥梁，12座；", "新建桥梁13座。")
    selection = considered("多少？", hits(one, same, other), shelf)
    assert [(choice.outcome, choice.same_as) for choice in selection.choices] == [
        ("read", None),
        ("same_text", one.passage_id),
        ("read", None),
    ]


def test_a_bare_heading_is_told_behind_all_else(shelf):
    (bare,) = shelf.put(0, "一、交通", "一、交通：")
    (roads,) = shelf.put(1, "一、交通 > （一）道路", "新修公路。")
    assert fates(considered("多少？", hits(bare, roads), shelf)) == {"新修公路。": "read", "一、交通：": "bare_heading"}


def test_a_named_section_comes_before_the_hits_and_they_are_read_as_well(shelf):
    buses, roads = build_sections(shelf)
    selection = considered("概括公共交通的主要内容", hits(buses[0], buses[2], *roads), shelf)
    assert list(fates(selection)) == [p.text for p in (*buses, *roads)]
    assert set(fates(selection).values()) == {"read"}
    assert brought(selection)["公交甲。"] == ("named_section", "ranked")
    assert brought(selection)["公交乙。"] == ("named_section",)


def test_a_likely_section_comes_before_the_hits_too(shelf):
    buses, roads = build_sections(shelf)
    selection = considered("采取了哪些措施？", hits(buses[1], roads[0], roads[1], roads[2]), shelf)
    assert list(brought(selection).items()) == [
        ("公交甲。", ("likely_section",)),
        ("公交乙。", ("likely_section", "ranked")),
        ("公交丙。", ("likely_section",)),
        ("道路甲。", ("ranked",)),
        ("道路乙。", ("ranked",)),
        ("道路丙。", ("ranked",)),
    ]


def test_headings_that_are_counted_are_told(shelf):
    selection = considered("落实了哪三项制度？", hits(build_outline(shelf)), shelf)
    why = brought(selection)
    assert {text for text, reasons in why.items() if "counted_heading" in reasons} == {
        "(1)制度0说明。",
        "(2)制度1说明。",
        "(3)制度2说明。",
    }


def test_what_is_read_in_any_case_is_told_so_beside_its_rank(shelf):
    best, told = shelf.put(0, "", "新建桥梁。", "建三号码头。")
    selection = considered("多少？", hits(best, told), shelf, also=(told,))
    assert brought(selection) == {"建三号码头。": ("in_any_case", "ranked"), "新建桥梁。": ("ranked",)}


def test_each_sentence_knows_how_its_passage_was_found(shelf):
    roads, bridges, told = shelf.put(0, "", "新修公路。维修公路。", "新建桥梁。", "建三号码头。")
    found = hits(bridges, roads)
    selection = considered("多少？", found, shelf, also=(told,))
    assert hits_of_sentences(selection, found) == {1: found[1], 2: found[1], 3: found[0]}
