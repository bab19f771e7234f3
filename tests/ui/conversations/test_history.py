"""Conversations are kept as they were, found again, and nobody's but their owner's; the file: test_history_file.py."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import ConversationNotFoundError, WorkspaceError
from rag.schema.answers import AnswerSentence
from tests.support.ui.exchanges import FAILED, STOPPED, Clock, answer, done
from ui.conversations.history import History, title_of
from ui.exchange import Exchange

HOSTILE = "<script>'\";--\x00\ud800\u202e%_\\\r\n" + "长" * 30_000


@pytest.fixture
def history(tmp_path):
    history = History(tmp_path / "workspace", clock=Clock())
    yield history
    history.close()


def titles(history, owner="ann", words="", **rest):
    return [info.title for info in history.list(owner, words, **rest)]


# What is kept comes back


def test_a_conversation_comes_back_as_it_was(history, tmp_path):
    kept = history.begin("ann", "学校")
    for exchange in (done(), STOPPED, FAILED):
        history.save("ann", kept, exchange)
    assert history.load("ann", kept) == [done(), STOPPED, FAILED]
    history.close()
    again = History(tmp_path / "workspace")
    assert again.load("ann", kept) == [done(), STOPPED, FAILED]
    again.close()


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=20))
def test_any_text_is_kept_as_it_is(tmp_path_factory, text):
    history = History(tmp_path_factory.mktemp("any"))
    kept = history.begin(f"o{text}", "t")
    exchange = Exchange(1, text, "stopped", query=text, streamed=text, answer=answer(text, reply=text))
    history.save(f"o{text}", kept, exchange, index_version=text)
    history.rate(f"o{text}", kept, 1, "up", text)
    assert history.load(f"o{text}", kept) == [exchange]
    assert history.rating(f"o{text}", kept, 1).comment == text
    history.close()


def test_long_and_hostile_text_is_kept_whole(history):
    kept = history.begin("ann", HOSTILE[:40])
    history.save("ann", kept, done(question=HOSTILE, text=HOSTILE))
    assert history.load("ann", kept) == [done(question=HOSTILE, text=HOSTILE)]
    assert titles(history, words="<SCRIPT>'\";--") == [
        "<script>'\";-- ?\u202e%_\\ 长长长长长长长长长长长长长长长长长长长"
    ]


def test_an_exchange_takes_the_place_of_the_one_with_its_number(history):
    kept = history.begin("ann", "学校")
    history.save("ann", kept, Exchange(1, "建了几所？", "writing", streamed="新建"), index_version="i1")
    history.save("ann", kept, done(), index_version="i2")
    assert history.load("ann", kept) == [done()]
    assert history.index_versions("ann", kept) == {1: "i2"}


def test_what_never_came_to_its_end_is_loaded_as_stopped(history):
    kept = history.begin("ann", "学校")
    history.save("ann", kept, Exchange(1, "建了几所？", "waiting", n_ahead=4))
    assert history.load("ann", kept) == [Exchange(1, "建了几所？", "stopped")]


def test_truncating_forgets_what_is_behind_a_number(history):
    kept = history.begin("ann", "学校")
    for number in (1, 2, 3):
        history.save("ann", kept, done(number))
    history.truncate("ann", kept, 1)
    assert history.load("ann", kept) == [done(1)]
    history.truncate("ann", kept, -5)
    assert history.load("ann", kept) == []


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**70])
def test_a_number_that_is_none_is_refused(history, number):
    kept = history.begin("ann", "学校")
    with pytest.raises(WorkspaceError, match=f"has the number {number}, expected one from 1"):
        history.save("ann", kept, done(number))
    with pytest.raises(ConversationNotFoundError):
        history.rate("ann", kept, number, "up")


def test_nothing_is_cut_to_fit(history):
    kept = history.begin("ann", "学校")
    with pytest.raises(WorkspaceError, match=r"the history keeps up to 8,000,000\. They are not kept"):
        history.save("ann", kept, Exchange(1, "长" * 8_000_001, "stopped"))
    with pytest.raises(WorkspaceError, match="The title has 81 characters; the limit is 80"):
        history.rename("ann", kept, "长" * 81)
    with pytest.raises(WorkspaceError, match="The title is empty"):
        history.begin("ann", " \0\n")
    with pytest.raises(WorkspaceError, match="The owner's name has 0 characters"):
        history.begin("", "学校")
    with pytest.raises(WorkspaceError, match=r"The search has 201 characters; the limit is 200"):
        history.list("ann", "长" * 201)
    assert titles(history) == ["学校"]
    assert history.load("ann", kept) == []


# The list


def test_the_last_used_conversation_comes_first(history):
    first, second = history.begin("ann", "甲"), history.begin("ann", "乙")
    assert titles(history) == ["乙", "甲"]
    history.save("ann", first, done())
    history.rename("ann", second, "丙")  # a name is no use
    assert titles(history) == ["甲", "丙"]
    assert titles(history, limit=1) == ["甲"]
    assert titles(history, limit=0) == []
    info = history.list("ann")[0]
    assert (info.id, info.n_exchanges) == (first, 1)
    assert info.created_at == datetime.fromtimestamp(1_900_000_060, UTC)
    assert info.updated_at == datetime.fromtimestamp(1_900_000_180, UTC)


def test_a_title_is_made_of_the_first_question():
    assert title_of(" 建了\n几所？ ") == "建了 几所？"
    assert title_of("长" * 60) == "长" * 60
    assert title_of("长" * 61) == "长" * 59 + "…"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", True),
        ("海州", True),  # the title
        ("几所", True),  # the question
        ("校12", True),  # the answer
        ("ＡＢＣ局", True),
        ("abc", True),
        ("海州 几所 12", True),
        ("所。其中", True),  # across a marker
        ("海州 没有的", False),
        ("%", False),
        ("_", False),
        ("海%州", False),
        ("[1]", False),
    ],
)
def test_a_conversation_is_found_by_parts_of_words_in_title_question_and_answer(history, words, found):
    kept = history.begin("ann", "海州市\nAbc局")
    sentences = (AnswerSentence("新建学校12所。", (1,)), AnswerSentence("其中小学3所。", (1,)))
    history.save("ann", kept, replace(done(question="建了几所？"), answer=answer(), quoted=None))
    history.save("ann", kept, replace(done(2), answer=replace(answer(), sentences=sentences)))
    assert titles(history, words=words) == ["海州市 Abc局"] * found


def test_refusals_and_stopped_answers_are_found_by_what_was_said(history):
    kept = history.begin("ann", "学校")
    refused = replace(answer(), sentences=(), abstained=True, reason="没有提到桥梁。")
    history.save("ann", kept, replace(done(), answer=refused, quoted=None))
    history.save("ann", kept, STOPPED)
    assert titles(history, words="桥梁") == titles(history, words="因为资") == ["学校"]


# Whose it is


def test_ids_cannot_be_guessed(history):
    ids = {history.begin("ann", "学校") for _ in range(50)}
    assert len(ids) == 50
    assert min(map(len, ids)) >= 22, "16 random bytes"


def test_another_owners_conversation_is_as_one_that_does_not_exist(history):
    kept = history.begin("ann", "学校")
    history.save("ann", kept, done())
    history.rate("ann", kept, 1, "up")
    assert history.list("bob") == []
    told = set()
    for owner, conversation in (("bob", kept), ("ANN", kept), ("ann ", kept), ("ann", "none"), ("ann", "\ud800")):
        for method, rest in (
            ("rename", ("桥",)),
            ("delete", ()),
            ("save", (done(),)),
            ("truncate", (0,)),
            ("load", ()),
            ("index_versions", ()),
            ("rate", (1, "down")),
            ("rating", (1,)),
            ("ratings", ()),
        ):
            with pytest.raises(ConversationNotFoundError) as error:
                getattr(history, method)(owner, conversation, *rest)
            told.add(str(error.value))
    assert told == {"There is no such conversation. It may have been deleted; begin a new one."}
    assert history.delete_all("bob") == 0
    assert history.load("ann", kept) == [done()]
    assert history.rating("ann", kept, 1).verdict == "up"


def test_owners_whose_names_hold_half_characters_stay_apart(history):
    kept = history.begin("a\ud800", "学校")
    for other in ("a?", "a\ufffd", "a\ud801", "a", "a\0"):
        assert history.list(other) == []
        with pytest.raises(ConversationNotFoundError):
            history.load(other, kept)


def test_deleting_takes_one_conversation_or_all_of_an_owner(history):
    first, second = history.begin("ann", "甲"), history.begin("ann", "乙")
    bobs = history.begin("bob", "丙")
    history.delete("ann", first)
    assert titles(history) == ["乙"]
    with pytest.raises(ConversationNotFoundError):
        history.save("ann", first, done())  # it was deleted in another window
    assert history.delete_all("ann") == 1
    with pytest.raises(ConversationNotFoundError):
        history.load("ann", second)
    assert history.load("bob", bobs) == []


def test_what_was_deleted_is_not_in_the_file_any_more(history, tmp_path):
    kept, other = history.begin("ann", "甲"), history.begin("ann", "乙")
    history.save("ann", kept, done(question="SECRET-QUESTION" * 500))
    history.rate("ann", kept, 1, "down", "SECRET-COMMENT")
    history.save("ann", other, done())
    assert b"SECRET" in (tmp_path / "workspace" / "history.sqlite").read_bytes()
    history.delete("ann", kept)
    assert b"SECRET" not in (tmp_path / "workspace" / "history.sqlite").read_bytes()
    assert json.loads(json.dumps(history.load("ann", other)[0].question)) == "建了几所？"


def test_a_title_is_told_to_its_owner_alone(history):
    kept = history.begin("ann", "学校")
    history.rename("ann", kept, "公路")
    assert history.title("ann", kept) == "公路"
    for owner, identity in (("bob", kept), ("ann", "nothing")):
        with pytest.raises(ConversationNotFoundError):
            history.title(owner, identity)
