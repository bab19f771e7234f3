"""The page of a citation as a picture: what is sent of it, and what is said where there is none."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from rag.documents.view import DocumentView
from rag.errors import (
    DocumentFormatError,
    DocumentNotFoundError,
    FileChangedError,
    FileGoneError,
    FileNotKeptError,
)
from rag.schema.documents import Block
from tests.support.source_page import BUILT, DOCUMENTS, SourcePage
from tests.support.ui.rendering import Outline
from ui.sources.document_view import render_source
from ui.sources.page_view import Page, page_of, page_payload

PNG = b"\x89PNG..."
PAGE = SourcePage()
START, END = BUILT[1:]
PANE = '<section class="yj-page-pane"'


def drawn(source, page):
    return PNG


def asked(image_of=drawn, **params):
    place = {"document": "harbour.pdf", "start": str(START), "end": str(END)}
    return page_payload(PAGE.view_of, image_of, place | params)


def rectangles(html):
    found = re.findall(r'<rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"/>', html)
    return [tuple(map(int, each)) for each in found]


def dark(image):
    """Left, top, right and bottom of what is printed, in ten-thousandths."""
    rows, columns = np.nonzero(image < 128)
    sides = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    return [round(10_000 * side / image.shape[1 - at % 2]) for at, side in enumerate(sides)]


def test_the_picture_is_of_the_page_and_its_box_is_around_the_cited_line():
    status, sent = asked(PAGE.image_of)
    assert status == 200
    kind, image = re.search(r'src="data:image/(\w+);base64,([^"]+)"', sent["html"]).groups()
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(image))).convert("L"))
    assert (kind, picture.shape[1]) == ("png", 1_200)
    ((x, y, width, height),) = rectangles(sent["html"])
    rows = slice(y * len(picture) // 10_000, (y + height) * len(picture) // 10_000)
    line = np.full_like(picture, 255)
    line[rows] = picture[rows]
    left, top, right, bottom = dark(line)
    assert x < left < right < x + width
    assert y < top < bottom < y + height
    assert (left - x, x + width - right) == pytest.approx((40, 40), abs=40)


def test_nothing_of_the_document_is_in_it_but_the_picture():
    html = asked(lang="en")[1]["html"]
    tags = Outline(html).tags
    assert {tag for tag, _ in tags} == {"figure", "figcaption", "div", "img", "svg", "rect"}
    assert [attrs["src"] for tag, attrs in tags if tag == "img"] == ["data:image/png;base64,iVBORy4uLg=="]
    assert [attrs["alt"] for tag, attrs in tags if tag == "img"] == [
        "Picture of page 2 with a box around the cited words, which the text of the document holds."
    ]
    assert "style" not in {name for _, attrs in tags for name in attrs}
    assert "harbour" not in html


def test_what_is_no_png_file_is_sent_as_jpeg():
    assert 'src="data:image/jpeg;base64,/9j/' in asked(lambda *_: b"\xff\xd8\xff\xe0")[1]["html"]


def test_the_page_is_asked_for_by_the_name_of_the_document_and_its_number():
    heard = []
    asked(lambda *page: heard.append(page) or PNG)
    asked(lambda *page: heard.append(page) or PNG, start="0", end="9")
    assert heard == [("harbour.pdf", 2), ("harbour.pdf", 1)]


def test_a_span_over_two_pages_has_a_box_for_each_line_of_the_first_and_says_that_it_goes_on():
    text = DOCUMENTS["harbour.pdf"]
    html = asked(start=str(text.index("Quay 12")), end=str(text.index("In 2031")))[1]["html"]
    assert len(rectangles(html)) == 2
    assert "第 1 页，框内是引用的文字，下一页还有" in html


def bare(*blocks):
    return DocumentView("a.pdf", 90, (), (), (), blocks=blocks)


def test_a_page_whose_lines_have_no_place_is_shown_without_a_box():
    view = bare(Block("page", 1, 0, 90))
    html = page_payload(lambda _: view, drawn, {"document": "a.pdf", "start": "1", "end": "5"})[1]["html"]
    assert rectangles(html) == []
    assert "第 1 页；引用的文字在页面上的位置不明" in html


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (FileGoneError("/root/a.pdf"), "原文件已不在原处，不能显示页面图像。"),
        (FileNotKeptError("/root/a.pdf"), "这份资料是上传的，系统只保留文字，没有页面图像。"),
        (FileChangedError("/root/a.pdf"), "原文件在收录后改动过，不能显示页面图像。重新收录后即可显示。"),
        (DocumentFormatError("/root/a.pdf"), "这一页的图像画不出来，请看文字。"),
    ],
)
def test_where_there_is_no_picture_a_sentence_says_why(error, said):
    def failing(source, page):
        raise error

    assert asked(failing) == (200, {"html": f'<p class="yj-source-note">{said}</p>'})


def test_of_a_page_inside_an_archive_no_picture_is_asked_for():
    view = bare(Block("member", 1, 0, 90, "b.pdf"), Block("page", 1, 0, 90))
    assert page_of(view, 1, 5) == Page(1, in_member=True)
    sent = page_payload(lambda _: view, None, {"document": "a.zip", "start": "1", "end": "5", "lang": "en"})[1]
    assert sent["html"] == (
        '<p class="yj-source-note">The page is inside an archive or an attachment: there is no picture of it.</p>'
    )


def test_a_document_without_pages_has_no_picture_and_nothing_is_said():
    report = page_payload(PAGE.view_of, None, {"document": "report.txt", "start": "69", "end": "95"})
    assert report == (200, {"html": ""})
    assert asked(None, end=str(START)) == (200, {"html": ""})  # nothing is cited


def test_a_document_that_is_not_there_for_this_user_is_told_as_such():
    def removed(source, page):
        raise DocumentNotFoundError("The index holds no document. It holds: salaries.pdf.")

    unknown = (404, {"error": "资料库里没有这份资料，可能已被移除。"})
    assert asked(None, document="gone.pdf") == unknown
    assert asked(removed) == unknown
    assert asked(None, start="x")[0] == 400
    assert asked(None, end="99999")[0] == 404


def test_the_text_has_a_place_for_the_picture_where_there_are_pages():
    html = render_source(PAGE.view_of("harbour.pdf"), start=START, end=END, lang="zh")
    assert f'data-document="harbour.pdf" data-start="{START}" data-end="{END}"' in html[html.index(PANE) :]
    assert PANE not in render_source(PAGE.view_of("harbour.pdf"), start=START, end=START, lang="zh")
    assert PANE not in render_source(PAGE.view_of("report.txt"), start=69, end=95, lang="zh")
