"""Text that attacks a page, wherever text of others is shown."""

from dataclasses import replace

import pytest

from rag.schema.answers import AnswerSentence, Citation
from tests.support.hostile import HOSTILE
from tests.ui.chat.test_exchange_view import FIRST, Outline, answer
from ui.chat.exchange_view import render_exchange
from ui.exchange import Exchange
from ui.text.escape import exact

OURS = {
    *(
        "article",
        "h2",
        "div",
        "section",
        "p",
        "span",
        "a",
        "aside",
        "h3",
        "ol",
        "li",
        "blockquote",
        "details",
        "summary",
    ),
    *("q", "button"),
}
OUR_ATTRIBUTES = {
    *("class", "id", "data-stage", "data-elapsed", "aria-busy", "aria-label", "aria-hidden", "dir", "role", "href"),
    *("tabindex", "title", "type", "aria-pressed"),
    *(
        "data-yj-source",
        "data-yj-start",
        "data-yj-end",
        "data-yj-act",
        "data-yj-number",
        "data-yj-copy",
        "data-yj-done",
    ),
}


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda text: ascii(text)[:40])
def test_hostile_text_stays_text_wherever_it_stands(hostile):
    evil = replace(FIRST, text=hostile, source=hostile, title=hostile, heading=(hostile, "b"), start=0, end=9)
    cited = Citation(1, hostile, hostile, (hostile, "b"), 200, 209, hostile)
    sentences = (AnswerSentence(hostile, (1,)), AnswerSentence(hostile))
    full = answer(
        question=hostile,
        query=f"{hostile}?",
        sentences=sentences,
        citations=(cited,),
        evidence=(evil,),
        reason=hostile,
        notes=(hostile,),
    )
    exchanges = [
        Exchange(1, hostile, "writing", query=hostile, evidence=(evil,), streamed=hostile),
        Exchange(1, hostile, "done", query=full.query, evidence=(evil,), answer=full),
        Exchange(1, hostile, "done", answer=replace(full, abstained=True, citations=())),
        Exchange(1, hostile, "failed", error=hostile),
    ]
    for exchange in exchanges:
        html = render_exchange(exchange, "zh")
        outline = Outline(html)
        assert {tag for tag, _ in outline.tags} <= OURS
        assert {name for _, attrs in outline.tags for name in attrs} <= OUR_ATTRIBUTES
        assert all(attrs["href"] == "#t1-s1" for tag, attrs in outline.tags if tag == "a")
        assert sum(attrs.get("id") == "t1" for _, attrs in outline.tags) == 1
        assert not set(html) & set("\x00\r\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ud800")
        html.encode("utf-8")


def test_a_name_is_read_back_by_a_script_as_it_is():
    for name in ("a.txt", '"<b>&amp;\u202e\u200f\ufeff.txt', "a\r\n\tb.txt", "\x85\x96.txt", "👩\u200d🏫.txt"):
        ((_, attributes),) = Outline(f'<b data-yj-source="{exact(name)}">').tags
        assert attributes["data-yj-source"] == name
        assert not set(exact(name)) & set('\r\u202e\u200f\ufeff<>"')
    assert exact("a\0\ud800b") == "a\ufffdb"
