"""The passages that begin the sections of the only document that is searched."""

from __future__ import annotations

from rag.retrieval.outline import only_source, outline_passages
from rag.schema.documents import Passage
from rag.schema.search import Scope


def passage(number: int, *heading: str) -> Passage:
    return Passage(number, "a.txt", "总结", "", (), heading, number, number, "句。", number, number + 1, ())


def test_the_first_passage_of_each_outermost_heading_is_read() -> None:
    passages = [
        passage(0),
        passage(1, "一、桥"),
        passage(2, "一、桥", "（一）石桥"),
        passage(3, "二、路"),
        passage(4, "二、路"),
    ]
    assert [p.passage_id for p in outline_passages(passages)] == [1, 3]


def test_under_one_heading_the_next_level_is_read() -> None:
    passages = [passage(0, "总结"), passage(1, "总结", "桥"), passage(2, "总结", "路")]
    assert [p.passage_id for p in outline_passages(passages)] == [1, 2]


def test_one_document_is_that_of_the_scope_or_the_only_one_of_the_corpus() -> None:
    assert only_source(None, ["a.txt"]) == "a.txt"
    assert only_source(None, ["a.txt", "b.txt"]) is None
    assert only_source(Scope(sources=frozenset({"b.txt"})), ["a.txt", "b.txt"]) == "b.txt"
    assert only_source(Scope(years=frozenset({2031})), ["a.txt", "b.txt"]) is None
