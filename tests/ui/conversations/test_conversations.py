"""A conversation on the page: what is kept of it, what an edit replaces; it goes on where nothing can be kept."""

import pytest

from rag.schema.search import Scope
from tests.ui.chat.test_exchange_view import answer
from ui.conversations.conversation import Conversation, Conversations
from ui.conversations.history import History
from ui.exchange import Exchange


@pytest.fixture
def history(tmp_path):
    history = History(tmp_path / "workspace")
    yield history
    history.close()


@pytest.fixture
def conversations(history):
    return Conversations(history, index_version=lambda: "v1")


def done(number, question="录取率？", **changes):
    return Exchange(number, question, "done", answer=answer(), **changes)


def said(conversations, talk, *exchanges, owner="ann"):
    for exchange in exchanges:
        talk = conversations.said(owner, talk, exchange)
    return talk


def test_what_was_said_is_there_after_a_reload(conversations):
    scope = Scope(years=frozenset({2031}))
    talk = said(conversations, Conversation(), done(1, "甲？", scope=scope, mode="quotes"), done(2, "乙？"))
    again = conversations.opened("ann", talk.identity)
    assert again == talk
    assert (again.past[0].scope, again.past[0].mode) == (scope, "quotes")
    assert [info.title for info in conversations.listed("ann")] == ["甲？"]


def test_nobody_else_sees_it(conversations):
    talk = said(conversations, Conversation(), done(1))
    assert conversations.opened("bob", talk.identity) == Conversation()
    assert conversations.listed("bob") == []
    conversations.delete("bob", talk.identity)
    conversations.rename("bob", talk.identity, "bob's")
    assert conversations.opened("ann", talk.identity) == talk
    assert [info.title for info in conversations.listed("ann")] == ["录取率？"]


def test_somebody_elses_id_begins_no_conversation_of_theirs(conversations):
    """A forged state must not write into another's conversation."""
    talk = said(conversations, Conversation(), done(1))
    said(conversations, Conversation(talk.identity), done(1, "bob's"), owner="bob")
    assert conversations.opened("ann", talk.identity) == talk


def test_an_edited_question_replaces_what_follows_it(conversations):
    talk = said(conversations, Conversation(), done(1, "甲？"), done(2, "乙？"), done(3, "丙？"))
    editing = Conversation(talk.identity, talk.past, replaces=2)
    assert [e.question for e in editing.before] == ["甲？"]
    edited = said(conversations, editing, done(2, "丁？"))
    assert ([e.question for e in edited.past], edited.replaces) == (["甲？", "丁？"], 0)
    assert conversations.opened("ann", talk.identity) == edited


def test_a_rating_is_kept_changed_and_taken_back(conversations):
    talk = said(conversations, Conversation(), done(1))
    down = conversations.rated("ann", talk, 1, "down")
    assert down.rating(1).verdict == "down"
    told = conversations.rated("ann", down, 1, "comment", "少了一项")
    assert (told.rating(1).verdict, told.rating(1).comment) == ("down", "少了一项")
    up = conversations.rated("ann", told, 1, "up")
    assert (up.rating(1).verdict, up.rating(1).comment) == ("up", "少了一项")
    assert conversations.opened("ann", talk.identity) == up
    assert conversations.rated("ann", up, 1, "up").rating(1) is None


@pytest.mark.parametrize(("number", "act"), [(1, "comment"), (2, "up"), (0, "down")])
def test_what_cannot_be_rated_is_left_alone(conversations, number, act):
    talk = said(conversations, Conversation(), done(1))
    assert conversations.rated("ann", talk, number, act, "?") == talk


def test_a_new_answer_has_no_rating_yet(conversations):
    talk = conversations.rated("ann", said(conversations, Conversation(), done(1), done(2)), 2, "down")
    again = said(conversations, Conversation(talk.identity, talk.past, 2, talk.ratings), done(2, "乙？"))
    assert again.rating(2) is None


def test_words_find_it_and_another_title_names_it(conversations):
    talk = said(conversations, Conversation(), done(1, "新建学校几所？"))
    said(conversations, Conversation(), done(1, "公路几公里？"))
    assert [info.id for info in conversations.listed("ann", "学校")] == [talk.identity]
    conversations.rename("ann", talk.identity, "学校")
    assert [info.title for info in conversations.listed("ann", "学校")] == ["学校"]


@pytest.mark.parametrize("kept", ["nowhere", "broken"])
def test_where_nothing_can_be_kept_the_conversation_goes_on(tmp_path, kept):
    history = None
    if kept == "broken":
        (tmp_path / "history.sqlite").write_bytes(b"no database" * 100)
        history = History(tmp_path)
    conversations = Conversations(history, index_version=lambda: "v1")
    talk = said(conversations, Conversation(), done(1, "甲？"), done(2, "乙？"))
    assert ([e.question for e in talk.past], talk.identity) == (["甲？", "乙？"], "")
    assert conversations.listed("ann") == []
    assert conversations.rated("ann", talk, 1, "up") == talk
    assert conversations.opened("ann", "x") == Conversation()
