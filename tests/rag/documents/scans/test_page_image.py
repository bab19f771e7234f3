"""Pages as pictures."""

import io

import pytest
from PIL import Image

from rag.documents import page_image
from rag.documents.page_image import render
from rag.errors import DocumentFormatError, DocumentNotFoundError
from tests.support.formats.scan_files import pdf_with_layers, picture_of
from tests.support.pdf_files import pdf_of


@pytest.fixture
def put(tmp_path):
    def write(content, name="报告.pdf"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def shown(content):
    return Image.open(io.BytesIO(content)).convert("L")


def test_a_page_of_a_pdf_file_is_drawn_as_wide_as_asked(put):
    path = put(pdf_with_layers([["first"], ["second page"]]))
    first, second = shown(render(path, 1, width=595)), shown(render(path, 2, width=595))
    assert first.size == second.size == (595, 842)
    # black letters from 72 on, around 82 below the top
    assert first.crop((72, 60, 120, 90)).getextrema()[0] < 60
    assert first.crop((130, 60, 590, 90)).getextrema()[0] == 255
    assert second.crop((130, 60, 590, 90)).getextrema()[0] < 60


@pytest.mark.parametrize(("kind", "name"), [("PNG", "a.png"), ("JPEG", "a.jpg"), ("TIFF", "a.tif")])
def test_a_picture_is_drawn_as_wide_as_asked(put, kind, name):
    assert shown(render(put(picture_of(["one"], kind=kind), name), 1, width=620)).size == (620, 400)


def test_each_picture_of_a_tiff_file_is_a_page(put):
    path = put(picture_of([], ["two"], kind="TIFF"), "a.tif")
    assert shown(render(path, 1, width=620)).getextrema() == (255, 255)
    assert shown(render(path, 2, width=620)).getextrema()[0] < 60


def test_a_page_that_would_be_too_high_becomes_narrower(put):
    path = put(pdf_of([["高"]]).replace(b"[0 0 595 842]", b"[0 0 10 9999]"))
    assert shown(render(path, 1, width=2000)).size == (3, 2600)


@pytest.mark.parametrize(
    ("content", "name", "page"),
    [
        (pdf_of([["一"]]), "a.pdf", 2),
        (pdf_of([["一"]]), "a.pdf", 0),
        (b"%PDF-1.7\n", "a.pdf", 1),
        (b"plain words", "a.png", 1),
        (picture_of(["one"])[:200], "a.png", 1),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "a.png", 1),
    ],
)
def test_a_page_that_cannot_be_drawn_says_so(put, content, name, page):
    with pytest.raises(DocumentFormatError, match=f"Page {page} of {name} cannot be drawn"):
        render(put(content, name), page, width=600)


def test_a_file_that_is_gone_says_so(tmp_path):
    with pytest.raises(DocumentNotFoundError, match="is not where it was when it was indexed"):
        render(tmp_path / "a.pdf", 1, width=600)


def test_a_page_that_takes_too_long_is_given_up(put, tmp_path, monkeypatch):
    script = tmp_path / "child.py"
    script.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(page_image, "_CHILD", str(script))
    monkeypatch.setattr(page_image, "SECONDS", 0.5)
    with pytest.raises(DocumentFormatError, match="could not be drawn in"):
        render(put(pdf_of([["一"]])), 1, width=600)
