"""What the source view shows, and what a request for it is answered with."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.documents.view import DocumentView, OutlineItem, Piece
from rag.errors import DocumentNotFoundError, IndexCorruptError
from rag.schema.documents import Part
from tests.support.hostile import HOSTILE
from tests.support.sample_source import FOOTER, REPORT, TWO_PARTS, sentences_of, view_of_text
from tests.support.ui.rendering import Outline
from tests.support.ui.source_reader import Reader
from ui.sources.document_view import MAX_OUTLINE, render_source, source_payload
from ui.sources.panel import render_source_panel


def squeezed(text):
    return re.sub(r"\s", "", text)


def shown(start=0, end=0, text=REPORT, **options):
    return render_source(view_of_text(text), start=start, end=end, lang="zh", **options)


# The text


@pytest.mark.parametrize("text", [REPORT, TWO_PARTS], ids=["report", "parts"])
def test_the_marks_of_every_sentence_hold_its_quote(text):
    for start, end, quote in sentences_of(text):
        assert squeezed(Reader(shown(start, end, text)).marked) == squeezed(quote)


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_the_marks_of_any_span_hold_the_cleaned_text_between(data):
    start = data.draw(st.integers(0, len(REPORT) - 1))
    end = data.draw(st.integers(start + 1, len(REPORT)))
    view = view_of_text()
    clean = "".join(piece.text for piece in view.between(start, end) if piece.kind != "noise")
    assert squeezed(Reader(shown(start, end)).marked) == squeezed(clean)


def test_the_whole_raw_text_is_there_and_the_clean_view_lacks_the_noise():
    reader = Reader(shown())
    assert squeezed(reader.raw) == squeezed(REPORT)
    assert "spliced.com" not in reader.clean
    assert squeezed(FOOTER) not in squeezed(reader.clean)
    assert "完成投资四亿三千万元，惠及群众十二万人，其中新建桥梁十二座，" in reader.clean


def test_there_is_one_place_to_go_to_and_none_where_nothing_is_cited():
    start, end, _ = sentences_of()[4]
    assert shown(start, end).count("<mark") > 3  # cut by noise
    assert shown(start, end).count('id="yj-source-mark"') == 1
    assert "<mark" not in shown(start, start)


def test_a_span_of_nothing_but_noise_is_marked_inside_it():
    start = REPORT.index("spliced.com")
    assert '<span class="yj-source-noise"><mark class="yj-source-mark"' in shown(start, start + 7)


def test_headings_are_headings_of_their_depth_and_lines_are_paragraphs():
    html = shown()
    assert re.findall(r"<(h\d) class=\"yj-source-heading\">([^<]*)<", html) == [
        ("h3", "一、2031年工作情况"),
        ("h4", "（一）公路建设。"),
        ("h4", "（二）公交线路。"),
        ("h3", "二、2032年工作打算"),
    ]
    assert '<p class="yj-source-line" dir="auto">2031年，全市交通系统狠抓落实，完成了全年的任务。</p>' in html


def test_a_heading_that_the_span_cuts_stays_one_element():
    start = REPORT.index("公路建设")
    assert shown(start, start + 2).count("<h4") == 2
    assert "（一）<mark" in shown(start, start + 2)


def test_text_behind_the_limit_of_a_quote_is_not_cut():
    text = "字" * 60_000
    assert Reader(shown(text=text)).clean == text


# The header and the outline


def test_the_header_tells_what_the_document_is():
    text = Outline(shown(*sentences_of()[4][:2])).text
    assert "海州市交通局2031年工作总结" in text
    assert "report.txt" in text
    assert f"{len(REPORT):,} 字" in text
    assert "一、2031年工作情况 › （一）公路建设" in text
    english = render_source(view_of_text(), start=0, end=0, lang="en")
    assert f"{len(REPORT):,} characters" in english


def test_the_outline_nests_and_names_the_current_heading():
    start = sentences_of()[4][0]
    nav = re.search(r"<nav.*?</nav>", shown(start, start + 1)).group()
    buttons = re.findall(r'data-offset="(\d+)" dir="auto"( aria-current="true")?>([^<]*)<', nav)
    assert [(int(at), bool(here), title) for at, here, title in buttons] == [
        (REPORT.index("一、"), False, "一、2031年工作情况"),
        (REPORT.index("（一）"), True, "（一）公路建设"),
        (REPORT.index("（二）"), False, "（二）公交线路"),
        (REPORT.index("二、2032"), False, "二、2032年工作打算"),
    ]
    bare = re.sub(r"<button.*?</button>|<nav[^>]*>|</nav>", "", nav)
    assert bare == "<ol><li><ol><li></li><li></li></ol></li><li></li></ol>"


def test_every_line_of_the_outline_leads_to_a_place_in_the_text():
    html = shown(text=TWO_PARTS)
    for offset in re.findall(r'data-offset="(\d+)"', html):
        assert html.count(f'id="yj-source-at-{offset}"') == 1


def test_a_very_long_outline_is_cut_with_a_note():
    outline = tuple(OutlineItem(f"第{number}节", 1, number) for number in range(MAX_OUTLINE + 5))
    view = DocumentView("a.txt", 9, (), (Piece(0, 9, "字" * 9, "text"),), outline)
    html = render_source(view, start=0, end=0, lang="zh")
    assert html.count("data-offset") == MAX_OUTLINE
    assert "只列出前 3,000 项" in html


# Untrusted text


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda text: ascii(text)[:40])
def test_hostile_text_stays_text_wherever_it_stands(hostile):
    n = len(hostile)
    pieces = (
        Piece(0, n, hostile, "heading", 0),
        Piece(n, 2 * n, hostile, "noise"),
        Piece(2 * n, 3 * n, hostile, "text"),
    )
    part = Part(hostile, hostile, hostile, (2031,), hostile, 0, 3 * n)
    view = DocumentView(hostile, 3 * n, (part,), pieces, (OutlineItem(hostile, 1, 0),))
    html = render_source(view, start=1, end=3 * n - 1, lang="zh")
    tags = Outline(html).tags
    ours = {"header", "h2", "h3", "p", "span", "nav", "ol", "li", "button", "article", "mark", "div"}
    assert {tag for tag, _ in tags} <= ours
    allowed = {"class", "id", "dir", "type", "tabindex", "aria-label", "aria-current"}
    allowed |= {"data-offset", "data-first", "data-last"}
    assert {name for _, attrs in tags for name in attrs} <= allowed
    assert not set(html) & set("\x00\r\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ud800")
    status, sent = source_payload(lambda _: view, {"document": hostile, "start": "0", "end": "1"})
    assert status == 200
    json.dumps(sent, ensure_ascii=False).encode("utf-8")


# Requests


def known(source):
    if source == "broken.txt":
        raise IndexCorruptError("The index in some folder is damaged.")
    if source != "report.txt":
        raise DocumentNotFoundError(f"The index holds no document '{source}'. It holds: report.txt, salaries.txt.")
    return view_of_text()


def asked(**params):
    return source_payload(known, {"document": "report.txt", "start": "69", "end": "95", **params})


def test_a_request_is_answered_with_the_marked_text():
    status, sent = asked()
    assert status == 200
    assert sent == {"html": shown(69, 95), "title": "海州市交通局2031年工作总结"}


def test_a_document_can_be_asked_for_without_a_span():
    status, sent = source_payload(known, {"document": "report.txt"})
    assert (status, sent["html"]) == (200, shown())


@pytest.mark.parametrize(
    "params",
    [
        {"start": "-1"},
        {"start": "x"},
        {"start": ""},
        {"start": "1.5"},
        {"start": "٣"},
        {"start": "9" * 5000},
        {"end": "68"},
        {"end": "1e3"},
        {"window": "-5"},
        {"window": ""},
        {"document": ""},
    ],
    ids=str,
)
def test_a_malformed_request_is_refused(params):
    status, sent = asked(**params)
    assert status == 400
    assert sent == {"error": f"请求无效：{next(iter(params))}。"}


def test_a_half_named_span_is_refused():
    assert source_payload(known, {"document": "report.txt", "start": "5"})[0] == 400
    assert source_payload(known, {"document": "report.txt", "end": "5"})[0] == 400
    assert source_payload(known, {})[0] == 400


@pytest.mark.parametrize("params", [{"end": str(len(REPORT) + 1)}, {"window": str(len(REPORT) + 1)}], ids=str)
def test_what_lies_beyond_the_text_is_told_as_such(params):
    status, sent = asked(lang="en", **params)
    assert (status, sent) == (
        404,
        {"error": "The cited place lies beyond the document, which may have changed. Ask again."},
    )


def test_an_unknown_document_is_told_without_naming_others():
    status, sent = asked(document="../../etc/passwd")
    assert (status, sent) == (404, {"error": "资料库里没有这份资料，可能已被移除。"})


def test_a_damaged_index_is_told_in_words_of_the_page():
    status, sent = asked(document="broken.txt", lang="en")
    assert (status, sent) == (503, {"error": "The document cannot be read just now. Try again later."})


def test_an_unknown_language_is_chinese():
    assert asked(lang="<b>") == asked(lang="zh")


# The panel


@pytest.mark.parametrize(("lang", "close"), [("zh", "关闭原文"), ("en", "Close")])
def test_the_panel_is_hidden_and_its_buttons_are_named(lang, close):
    tags = Outline(render_source_panel(lang)).tags
    assert "hidden" in dict(tags)["aside"]
    named = [attrs.get("aria-label") for tag, attrs in tags if tag == "button"]
    assert close in named
    assert [attrs.get("data-do") or attrs["data-view"] for tag, attrs in tags if tag == "button"] == [
        "previous",
        "next",
        "outline",
        "raw",
        "page",
        "close",
    ]
