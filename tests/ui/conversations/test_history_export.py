"""A conversation as Markdown: everything that the page showed, and nothing that does more than show."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.schema.answers import AnswerSentence
from tests.support.ui.exchanges import CITED, FAILED, READ, STOPPED, answer, done
from ui.conversations.markdown import conversation_markdown
from ui.exchange import Exchange

markdown_it = pytest.importorskip("markdown_it", reason="comes with Gradio; reads Markdown as others would")
READERS = [markdown_it.MarkdownIt("commonmark"), markdown_it.MarkdownIt("js-default", {"html": True})]
AUTOLINK = re.compile(r"[^\\]://|www\.|[^\\]@", re.IGNORECASE)  # what GitHub, for one, makes a link of
PLAIN_TAGS = {"h1", "h2", "p", "em", "strong", "blockquote", "ul", "li", "br"}

LINES = [
    "# heading",
    "Setext\n===",
    "Setext\n---",
    "- list",
    "1. list",
    "1) list",
    "    code",
    "```\ncode\n```",
    "~~~",
    "> quote",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "[text](javascript:alert(1))",
    "![x](http://evil.test/x.png)",
    "[1]: http://evil.test",
    "[^1]: note",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "http://evil.test/",
    "WWW.evil.test",
    "somebody@evil.test",
    "<http://evil.test>",
    "&lt;b&gt; &#60;",
    "a  \nb\\\nc",
    "***",
    "\\",
    "% title",
    ": definition",
    "$x$ `y` ~~z~~",
]
TEXTS = st.lists(st.sampled_from(LINES) | st.text(max_size=6), max_size=3).map("\n".join)


class Page(HTMLParser):
    """The tags of a page, and the text that somebody sees."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        assert attrs == []

    def handle_data(self, data):
        self.text += data


def compact(text):
    return re.sub(r"\s", "", text)


def read(markdown):
    return Page(READERS[0].render(markdown))


def hostile(text):
    """A conversation that holds a text everywhere."""
    evidence = replace(READ, text=text, source=text, title=text, heading=(text, text))
    cited = replace(CITED, quote=text, source=text, title=text, heading=(text,))
    sentences = (AnswerSentence(text, (1,)), AnswerSentence(text))
    said = replace(answer(reason=text), sentences=sentences, notes=(text,), citations=(cited,), evidence=(evidence,))
    refused = replace(said, abstained=True)
    return [
        replace(done(question=text), query=f"q {text}", answer=said),
        replace(done(2, question=text), query=text, answer=refused, quoted=said),
        Exchange(3, text, "stopped", quoted=said, evidence=(evidence,), streamed=f"{text}[1]{text}"),
        Exchange(4, text, "failed", quoted=said, error=text),
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_conversation_is_written_whole(golden, lang):
    sentences = (AnswerSentence("新建学校12所。", (1,)), AnswerSentence("桥3座。"))
    partly = replace(done(4), answer=replace(answer(), sentences=sentences, notes=("有1句未显示。",)))
    refused = replace(answer(), sentences=(), abstained=True, reason="资料中没有提到桥梁。")
    exchanges = [done(), replace(STOPPED, quoted=answer("摘录。")), FAILED, partly, replace(done(5), answer=refused)]
    golden(f"conversation_{lang}.md", conversation_markdown("学校 *与* 桥", exchanges, lang))


def test_the_markers_of_a_stopped_answer_lead_to_what_was_being_read():
    other = replace(READ, number=2, text="另一句。")
    text = read(
        conversation_markdown("t", [replace(STOPPED, evidence=(READ, other), streamed="因为[1]资[")], "zh")
    ).text
    assert "因为[1]资\n" in text
    assert READ.text in text
    assert "另一句" not in text, "it was not named"
    assert "资[" not in text, "half a marker says nothing"


def test_a_refusal_a_stop_and_a_failure_are_told_as_such():
    refused = replace(answer(), sentences=(), abstained=True, reason="没有提到。", citations=())
    exchanges = [replace(done(), answer=refused, quoted=None), replace(STOPPED, number=2), FAILED]
    text = read(conversation_markdown("t", exchanges, "en")).text
    told = ["Not in the documents.", "没有提到。", "Stopped before", "was not checked:", "Not finished: The generator"]
    places = [text.index(words) for words in told]
    assert places == sorted(places)


def test_a_greeting_misses_nothing():
    greeted = replace(answer(), sentences=(), abstained=True, reason="你好！", citations=())
    text = conversation_markdown("t", [replace(done(question="你好"), answer=greeted, quoted=None)], "zh")
    assert "你好！" in text
    assert "没有找到" not in text


def test_an_answer_that_failed_is_told_beside_its_quotation():
    failed = replace(done(), answer=replace(answer(), error="broken"), quoted=answer("摘录。"))
    text = read(conversation_markdown("t", [failed], "zh")).text
    assert text.index("没有完成： broken") < text.index("摘录。[1]")
    assert "新建学校12所。[1]" not in text


def test_an_empty_conversation_says_so():
    assert conversation_markdown("甲", [], "zh") == "# 甲\n\n这段对话里还没有问题。\n"


@pytest.mark.parametrize("text", LINES)
def test_hostile_text_is_shown_as_it_stands_and_does_nothing(text):
    markdown = conversation_markdown(text, hostile(text), "zh")
    assert not AUTOLINK.search(markdown)
    for reader in READERS:
        page = Page(reader.render(markdown))
        assert set(page.tags) <= PLAIN_TAGS
        assert page.tags.count("h1") == 1
        assert page.tags.count("h2") == 4
        assert compact(page.text).count(compact(text)) >= 15, "each place shows it"


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_no_text_makes_anything_but_text(text):
    markdown = conversation_markdown(text, hostile(text), "en")
    assert not AUTOLINK.search(markdown)
    for reader in READERS:
        page = Page(reader.render(markdown))
        assert set(page.tags) <= PLAIN_TAGS
        assert (page.tags.count("h1"), page.tags.count("h2")) == (1, 4)
        assert page.tags.count("li") == 6, "one citation each, and no list of the text's own"


def test_what_hides_or_reorders_text_is_left_out():
    text = "a\u202eb\u2066c\x00d\x1b[31me\ufefff\ud800g\u200dh"
    assert conversation_markdown(text, [], "zh").startswith("# abcd\\[31mef\ufffdg\u200dh\n")
    conversation_markdown(text, hostile(text), "zh").encode()  # can be written to a file
