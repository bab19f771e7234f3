"""What users say of answers: kept with what they saw, exported without their names."""

import json
from dataclasses import replace

import pytest

from rag.errors import ConversationNotFoundError, WorkspaceError
from tests.support.ui.exchanges import CITED, FAILED, STOPPED, Clock, answer, done
from ui.conversations.history import History


@pytest.fixture
def history(tmp_path):
    history = History(tmp_path, clock=Clock())
    yield history
    history.close()


@pytest.fixture
def kept(history):
    kept = history.begin("ann", "学校")
    history.save("ann", kept, done(), index_version="i7")
    return kept


def told(history):
    return [(each["verdict"], each["answer"], each["replaced"]) for each in history.feedback()]


def test_a_rating_is_kept_with_the_index_of_its_answer(history, kept):
    assert history.rating("ann", kept, 1) is None
    history.rate("ann", kept, 1, "down", "少了三所\n")
    rating = history.rating("ann", kept, 1)
    assert (rating.verdict, rating.comment, rating.index_version) == ("down", "少了三所\n", "i7")
    history.rate("ann", kept, 1, "up", index_version="i8")
    rating = history.rating("ann", kept, 1)
    assert (rating.verdict, rating.comment, rating.index_version) == ("up", "", "i8")
    assert history.ratings("ann", kept) == {1: rating}


def test_an_empty_verdict_takes_the_rating_back(history, kept):
    history.rate("ann", kept, 1, "up")
    history.rate("ann", kept, 1, "", "nothing")
    assert history.ratings("ann", kept) == {}
    assert list(history.feedback()) == []
    history.rate("ann", kept, 1, "")  # twice does no harm


def test_only_what_was_saved_can_be_rated(history, kept):
    with pytest.raises(ConversationNotFoundError):
        history.rate("ann", kept, 2, "up")
    with pytest.raises(WorkspaceError, match="The verdict is 'great'; expected 'up', 'down' or ''"):
        history.rate("ann", kept, 1, "great")
    with pytest.raises(WorkspaceError, match="The comment has 1,001 characters; the limit is 1,000"):
        history.rate("ann", kept, 1, "up", "长" * 1_001)
    assert history.ratings("ann", kept) == {}


def test_feedback_tells_what_was_seen_and_not_whose_it_is(history, kept):
    history.rate("ann", kept, 1, "down", "少了三所")
    (record,) = history.feedback()
    assert record == {
        "time": "2030-03-17T17:49:40+00:00",
        "verdict": "down",
        "comment": "少了三所",
        "question": "建了几所？",
        "query": "海州市建了几所学校？",
        "stage": "done",
        "answer": "新建学校12所。[1]",
        "abstained": False,
        "citations": [
            {
                "marker": 1,
                "source": "a.txt",
                "title": "总结",
                "heading": ["一、建设"],
                "start": 23,
                "end": 35,
                "quote": CITED.quote,
                "location": {"page": None, "slide": None, "sheet": "", "cells": "", "member": "", "box": None},
            }
        ],
        "index_version": "i7",
        "replaced": False,
    }
    assert "ann" not in json.dumps(record)
    assert kept not in json.dumps(record)


def test_feedback_is_of_all_users_in_its_order_however_much_there_is(history, monkeypatch):
    monkeypatch.setattr("ui.conversations.ratings.ROWS_AT_ONCE", 3)
    for number in range(7):
        owner = f"user{number % 3}"
        kept = history.begin(owner, "学校")
        history.save(owner, kept, done(question=f"第{number}问"))
        history.rate(owner, kept, 1, "up")
    assert [record["question"] for record in history.feedback()] == [f"第{number}问" for number in range(7)]


def test_saving_the_same_answer_again_keeps_its_rating(history, kept):
    history.rate("ann", kept, 1, "up")
    history.save("ann", kept, replace(done(), waited_seconds=3.0), index_version="i7")
    assert history.rating("ann", kept, 1).verdict == "up"


def test_a_new_answer_is_not_rated_and_the_old_ones_rating_stays_as_feedback(history, kept):
    history.rate("ann", kept, 1, "down")
    history.save("ann", kept, done(text="新建学校15所。"))
    assert history.ratings("ann", kept) == {}
    history.rate("ann", kept, 1, "up")
    assert told(history) == [("down", "新建学校12所。[1]", True), ("up", "新建学校15所。[1]", False)]


def test_a_rating_outlives_the_retry_that_drops_its_answer(history, kept):
    history.save("ann", kept, done(2))
    history.rate("ann", kept, 1, "up")
    history.rate("ann", kept, 2, "down")
    history.truncate("ann", kept, 1)
    history.save("ann", kept, done(2))
    assert list(history.ratings("ann", kept)) == [1]
    assert [each["replaced"] for each in history.feedback()] == [False, True]


def test_deleting_a_conversation_deletes_what_was_said_of_it(history, kept):
    other = history.begin("bob", "桥")
    history.save("bob", other, done())
    history.rate("bob", other, 1, "up")
    history.rate("ann", kept, 1, "down")
    history.save("ann", kept, done(text="新建学校15所。"))  # what was parted from its answer goes too
    history.delete("ann", kept)
    assert [verdict for verdict, *_ in told(history)] == ["up"]


def test_a_stopped_answer_is_rated_by_what_had_arrived_and_a_failed_one_by_nothing(history, kept):
    history.save("ann", kept, replace(STOPPED, quoted=answer("摘录。")))
    history.save("ann", kept, FAILED)
    history.save("ann", kept, replace(done(4), answer=replace(answer(), error="broken"), quoted=None))
    for number in (2, 3, 4):
        history.rate("ann", kept, number, "down")
    records = list(history.feedback())
    assert [record["answer"] for record in records] == ["摘录。[1]因为[1]资", "", ""]
    assert [record["stage"] for record in records] == ["stopped", "failed", "done"]
    assert [len(record["citations"]) for record in records] == [1, 0, 0]
    assert [record["abstained"] for record in records] == [None, None, None]
