"""A document that is too long to be shown whole is shown one window at a time."""

import re

import pytest

from rag.documents.view import document_view
from tests.support.sample_source import sample_document
from tests.support.ui.source_reader import Reader
from ui.sources.document_view import WINDOW_CHARS, render_source, window_of

TEXT = "".join(f"第{number}号工程在海州市完成。\n" for number in range(30_000))


@pytest.fixture(scope="module")
def view():
    return document_view(sample_document(TEXT), ())


def shown(view, start, end, **options):
    return render_source(view, start=start, end=end, lang="zh", **options)


def test_the_window_lies_around_the_span(view):
    start = TEXT.index("第20000号")
    html = shown(view, start, start + 9)
    marked = Reader(html)
    assert marked.marked == TEXT[start : start + 9]
    assert len(marked.raw) < WINDOW_CHARS + 10_000
    first, last = window_of(view, start, start + 9)
    assert first < start - 40_000
    assert last > start + 40_000
    assert TEXT[first - 1] == "\n"


def test_neighbouring_windows_leave_nothing_out(view):
    seen, window = 0, 0
    while True:
        first, last = window_of(view, 0, 0, window)
        assert first <= seen
        seen = last
        html = render_source(view, start=0, end=0, lang="zh", window_start=window)
        later = re.search(r'data-window="(\d+)" data-edge="later"', html)
        earlier = re.search(r'data-window="(\d+)" data-edge="earlier"', html)
        assert bool(earlier) == (first > 0)
        if earlier:
            before = window_of(view, 0, 0, int(earlier.group(1)))
            assert before[0] < first <= before[1]
        if not later:
            break
        window = int(later.group(1))
    assert seen == len(TEXT)


def test_another_window_says_that_the_span_is_elsewhere(view):
    html = shown(view, 10, 20, window_start=300_000)
    assert "引用的原文不在这一段里" in html
    assert "data-back" in html
    assert "引用的原文不在这一段里" not in shown(view, 10, 20)
