"""Text that attacks a page, wherever text of others is shown."""

from dataclasses import replace

import pytest
from test_render import FIRST, Outline, answer

from rag.schema import AnswerSentence, Citation
from ui.exchange import Exchange
from ui.render import render_exchange

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "</blockquote></li></ol></aside><iframe src=https://evil.example></iframe>",
    '"><a href="javascript:alert(1)">x</a>',
    "' onmouseover='alert(1)",
    '" autofocus onfocus="alert(1)',
    "<!-- <b>",
    "]]><![CDATA[<b>",
    "<style>*{display:none}</style>",
    "<base href=https://evil.example>",
    "<form action=https://evil.example><input name=q>",
    "<meta http-equiv=refresh content=0;url=https://evil.example>",
    "![x](https://evil.example/p.png)",
    "[x](javascript:alert(1))",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;b&#62;",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    "`${alert(1)}`",
    "<b\x00>x</b>",
    "<\u202eb>x",
    "\u202egnp.exe",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<template shadowrootmode=open><b>x</b></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "＜script＞alert(1)＜/script＞",
    "<a href='#t2-s1' id='t2'>",
    "\ud800<b>",
    "\r\nSet-Cookie: a=b\r\n<b>",
    "<IMG SRC=&#106;avascript:alert(1)>",
    "a" * 30_000 + "<b>",
]
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
    sentences = (AnswerSentence(hostile, (1,), supported=True), AnswerSentence(hostile, (), supported=False))
    full = answer(
        question=hostile, query=f"{hostile}?", sentences=sentences, citations=(cited,), evidence=(evil,), reason=hostile
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
