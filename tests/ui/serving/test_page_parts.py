"""What the page is made of beside answers: words, acts, scope chips, the list of conversations, the head."""

import importlib
import pkgutil
import re
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

import ui.batch.view
import ui.chat.answer_buttons
import ui.chat.exchange_view
import ui.chat.scope_choices
import ui.components.header
import ui.conversations.list_view
import ui.documents.view
import ui.inspector.view
import ui.sources.cards
import ui.sources.document_view
from rag.schema.documents import DocumentInfo, Part
from rag.schema.search import Scope
from tests.support.hostile import HOSTILE
from tests.support.ui.rendering import CITED, Outline, answer
from ui.chat.answer_buttons import copy_text, render_actions
from ui.chat.scope_choices import choices_of, chosen_scope, render_chips, without
from ui.components.clicks import Click, parse_click
from ui.components.header import render_corpus, render_header
from ui.conversations.history import ConversationInfo, Rating
from ui.conversations.list_view import render_past
from ui.exchange import Exchange
from ui.text.words import Words, preferred_language

SOME_TIME = datetime(2031, 5, 4, 3, 2, tzinfo=UTC)


def info(source, titles=(), places=(), years=()):
    parts = [Part(title, "", "", (), "", 0, 0) for title in titles] + [Part("", "", p, (), "", 0, 0) for p in places]
    parts += [Part("", "", "", tuple(years), "", 0, 0)]
    return DocumentInfo(source, source, tuple(parts), 3, 400, "0" * 64, "2031-01-01T00:00:00Z")


def kept(identity, title):
    return ConversationInfo(identity, title, SOME_TIME, SOME_TIME, 2)


def acts(html):
    return [(a["data-yj-act"], a["data-yj-number"]) for _, a in Outline(html).tags if "data-yj-act" in a]


# Words


def modules_with_words():
    names = [each.name for each in pkgutil.walk_packages(ui.__path__, "ui.") if not each.name.endswith("__main__")]
    modules = [importlib.import_module(name) for name in names]
    return [module for module in modules if isinstance(getattr(module, "_WORDS", None), Words)]


def test_every_word_of_the_page_is_there_in_both_languages():
    tables = modules_with_words()
    assert len(tables) >= 8
    for module in tables:
        for key in module._WORDS.keys():  # noqa: SIM118 - no mapping
            chinese, english = module._WORDS._pairs[key]
            assert chinese, (module, key)
            own = re.sub("有据|中文", "", english)  # our name, and that of the other language
            assert not re.search("[\u4e00-\u9fff]", own), (module, key)
            fields = [sorted(re.findall(r"{(\w+)", words)) for words in (chinese, english)]
            assert fields[0] == fields[1], (module, key)


@pytest.mark.parametrize(
    ("accepted", "lang"),
    [
        *(("", "zh"), ("zh-CN,zh;q=0.9", "zh"), ("en-GB,en;q=0.7,zh;q=0.3", "en"), ("de", "zh"), ("de,en;q=0.1", "en")),
        *(
            ("en;q=0.2,zh;q=0.8", "zh"),
            ("en;q=0", "zh"),
            ("en;q=x", "en"),
            ("*", "zh"),
            (";;,,q=1", "zh"),
            ("\x00" * 99, "zh"),
        ),
    ],
)
def test_the_browser_says_which_language_it_wants(accepted, lang):
    assert preferred_language(accepted) == lang


# Acts


@pytest.mark.parametrize(
    ("sent", "act"),
    [
        ({"act": "retry", "number": "2", "text": ""}, Click("retry", "2", "")),
        ({"act": "rename", "number": "abc", "text": "名"}, Click("rename", "abc", "名")),
        ({"act": "retry", "number": 2}, Click("retry", "", "")),
        ({"act": "shell", "number": "2"}, Click()),
        ({"act": ["retry"]}, Click()),
        *((None, Click()), ("retry", Click()), ([], Click()), ({}, Click())),
    ],
)
def test_what_the_browser_sends_is_an_act_or_nothing(sent, act):
    assert parse_click(sent) == act


@pytest.mark.parametrize(("target", "number"), [("2", 2), ("-2", 0), ("２", 0), ("2.5", 0), ("9" * 30, 0), ("", 0)])
def test_a_target_is_the_number_of_an_exchange_or_none(target, number):
    assert Click("retry", target).number == number


# What can be done with an answer


def test_a_finished_answer_can_be_copied_asked_again_edited_and_rated():
    html = render_actions(Exchange(3, "问？", "done", answer=answer()), "zh")
    assert acts(html) == [("retry", "3"), ("edit", "3"), ("up", "3"), ("down", "3")]
    assert "<input" not in html


def test_what_was_stopped_or_failed_can_be_asked_again_but_not_rated():
    for exchange in (Exchange(1, "问？", "stopped", streamed="半句"), Exchange(1, "问？", "failed", error="坏了")):
        assert acts(render_actions(exchange, "zh")) == [("retry", "1"), ("edit", "1")]
        assert "data-yj-copy" not in render_actions(exchange, "zh")


def test_the_rating_is_shown_pressed_and_may_be_commented():
    rating = Rating("down", '少了<b>"一项"', "v1", SOME_TIME)
    html = render_actions(Exchange(3, "问？", "done", answer=answer()), "zh", rating=rating)
    pressed = {a["data-yj-act"]: a.get("aria-pressed") for _, a in Outline(html).tags if "aria-pressed" in a}
    assert pressed == {"up": "false", "down": "true"}
    assert [a["value"] for tag, a in Outline(html).tags if tag == "input"] == [rating.comment]
    assert ("comment", "3") in acts(html)


def test_an_answer_is_copied_with_its_places():
    text = copy_text(Exchange(1, "录取率？", "done", answer=answer()), "zh")
    assert text.startswith(
        "录取率？\n\n录取率是90.21%。[1]\n[1] a.txt 200-209 · 某市2019年总结 › 一、回顾 › （二）质量\n"
    )
    assert text.endswith(CITED.quote)


# Scope


def test_what_can_be_chosen_comes_from_the_documents():
    choices = choices_of([info("a.txt", ("甲",), ("某市",), (2030, 2031)), info("b.txt", (), ("某市", ""), (2029,))])
    assert choices.sources == (("甲（a.txt）", "a.txt"), ("b.txt", "b.txt"))
    assert (choices.years, choices.places) == ((2031, 2030, 2029), ("某市",))


@pytest.mark.parametrize(
    ("fields", "scope"),
    [
        (([], [], []), None),
        ((None, None, None), None),
        ((["a.txt"], ["2031"], ["某市"]), Scope(frozenset({"a.txt"}), frozenset({2031}), frozenset({"某市"}))),
        (([], ["x", "20311", "-1", "２０３１"], []), Scope(years=frozenset({2031}))),
        (("a.txt", {"2031": 1}, 7), None),
        (([["a"], {"b": 1}, None, True], [], []), None),
        ((["missing.txt"], [], []), Scope(sources=frozenset({"missing.txt"}))),
    ],
)
def test_the_fields_become_a_scope_whatever_the_browser_sends(fields, scope):
    assert chosen_scope(*fields) == scope


def test_each_restriction_is_a_chip_that_can_be_taken_away():
    scope = Scope(frozenset({"b.txt", "a<b>.txt"}), frozenset({2031}), frozenset())
    html = render_chips(scope, "zh", quotes=True)
    removed = [(a["data-yj-number"], a["data-yj-text"]) for _, a in Outline(html).tags if "data-yj-text" in a]
    assert removed == [("sources", "a<b>.txt"), ("sources", "b.txt"), ("years", "2031")]
    assert "只摘原文" in html
    assert render_chips(None, "zh") == ""
    assert "button" not in render_chips(scope, "zh", removable=False)
    assert without(["a", "b"], "a") == ["b"]


# Earlier conversations and the head


def test_conversations_are_listed_with_what_can_be_done_with_them():
    html = render_past([kept("x1", "录取率？"), kept("x2", "")], "zh", current="x1")
    assert acts(html)[:3] == [("open", "x1"), ("rename", "x1"), ("delete", "x1")]
    assert html.count('aria-current="true"') == 1
    assert [a["href"] for tag, a in Outline(html).tags if tag == "a"] == [
        f"../export?conversation={identity}&lang=zh" for identity in ("x1", "x2")
    ]
    assert "还没有对话" in render_past([], "zh")
    assert "没有找到" in render_past([], "zh", words="学校")


def test_the_head_links_to_the_other_language_and_names_who_is_logged_in():
    html = render_header("en")
    links = {a["href"]: a.get("aria-current") for tag, a in Outline(html).tags if tag == "a"}
    assert links == {"../lang/zh": None, "../lang/en": "true"}
    assert "form" not in [tag for tag, _ in Outline(html).tags]
    assert "<b>&" in Outline(render_header("zh", user="<b>&")).text


def test_the_head_names_the_machine_that_questions_are_sent_to():
    assert "sent to the model on llm.example:8080." in render_header("en", host="llm.example:8080")
    assert "发送" not in render_header("zh")


def test_the_size_of_the_corpus_is_told_and_what_to_do_without_one():
    assert "2 份资料，1,201 段" in render_corpus(2, 1201, "zh")
    assert "youju index" in render_corpus(0, 0, "en")


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda text: ascii(text)[:40])
def test_hostile_text_stays_text_in_every_part(hostile):
    rating = Rating("up", hostile, "v1", SOME_TIME)
    exchange = Exchange(1, hostile, "done", answer=replace(answer(), question=hostile, reason=hostile))
    scope = Scope(frozenset({hostile}), frozenset(), frozenset({hostile}))
    parts = [
        render_actions(exchange, "zh", rating=rating),
        render_past([kept(hostile, hostile)], "en"),
        render_header("zh", user=hostile, host=hostile),
        render_chips(scope, "en"),
    ]
    ours = {"header", "div", "h1", "span", "p", "nav", "a", "button", "form", "ul", "li", "label", "input"}
    for html in parts:
        outline = Outline(html)
        assert {tag for tag, _ in outline.tags} <= ours | {"details", "summary"}
        assert not [name for _, attrs in outline.tags for name in attrs if name.startswith("on") or name == "style"]
        assert not [
            a for _, a in outline.tags if (a.get("href") or "").lower().startswith(("javascript", "data", "http"))
        ]
        html.encode("utf-8")


def test_a_scope_of_strangers_is_no_scope():
    assert chosen_scope(SimpleNamespace(), iter(["2031"]), b"x") is None
