"""Pages as pictures, and the pictures of pages of the index's own files."""

import hashlib
import io

import numpy as np
import pytest
from PIL import Image

from rag.documents import page_image
from rag.documents.load import load_document
from rag.documents.location import Locator
from rag.documents.page_image import PageImages, render
from rag.errors import DocumentFormatError, FileChangedError, FileGoneError
from rag.schema.documents import Document
from tests.support.formats.scan_files import pdf_with_layers, picture_of
from tests.support.pdf_files import pdf_of

ASKED = [(1, 50), (1, 51), (2, 50)]  # pages and widths
TWO_PAGES = pdf_with_layers([["first"], ["second page"]])


def shown(content):
    return Image.open(io.BytesIO(content)).convert("L")


def drawn(content, page=1, width=595):
    return shown(render(content, page, name="a.pdf", width=width))


def test_a_page_of_a_pdf_file_is_drawn_as_wide_as_asked():
    first, second = drawn(TWO_PAGES), drawn(TWO_PAGES, 2)
    assert first.size == second.size == (595, 842)
    # black letters from 72 on, around 82 below the top
    assert first.crop((72, 60, 120, 90)).getextrema()[0] < 60
    assert first.crop((130, 60, 590, 90)).getextrema()[0] == 255
    assert second.crop((130, 60, 590, 90)).getextrema()[0] < 60


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_a_picture_is_drawn_as_wide_as_asked(kind):
    assert drawn(picture_of(["one"], kind=kind), width=620).size == (620, 400)


def test_each_picture_of_a_tiff_file_is_a_page():
    pages = picture_of([], ["two"], kind="TIFF")
    assert drawn(pages, 1, 620).getextrema() == (255, 255)
    assert drawn(pages, 2, 620).getextrema()[0] < 60


def test_a_page_keeps_its_colours():
    red = pdf_with_layers([["first"]]).replace(b"/F1 16 Tf 72", b"1 0 0 rg /F1 16 Tf 72")
    image = Image.open(io.BytesIO(render(red, 1, name="a.pdf", width=595))).convert("RGB")
    reds, greens, blues = image.crop((72, 60, 120, 90)).getextrema()
    assert reds == (255, 255)
    assert greens[0] < 60
    assert blues[0] < 60


def test_a_page_that_would_be_too_high_becomes_narrower():
    high = pdf_of([["高"]]).replace(b"[0 0 595 842]", b"[0 0 10 9999]")
    assert drawn(high, width=2000).size == (3, 2600)


def test_a_page_of_text_is_a_png_file_and_a_large_one_a_jpeg_file():
    noise = io.BytesIO()
    grain = np.random.default_rng(1).integers(0, 256, (900, 700, 3), np.uint8)
    Image.fromarray(grain).save(noise, "PNG")
    assert render(TWO_PAGES, 1, name="a.pdf", width=600).startswith(b"\x89PNG")
    large = render(noise.getvalue(), 1, name="a.png", width=700)
    assert large.startswith(b"\xff\xd8\xff")
    assert shown(large).size == (700, 900)


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_the_box_of_a_line_is_around_its_letters_on_the_picture(tmp_path, turned):
    content = pdf_with_layers([["Harbour of Haizhou"]]).replace(
        b"[0 0 595 842]", b"[0 0 595 842] /CropBox [40 40 555 802] /Rotate %d" % turned
    )
    path = tmp_path / "a.pdf"
    path.write_bytes(content)
    document = load_document(path, max_bytes=10_000)
    ((page, box),) = Locator(document.blocks).boxes(0, len("Harbour of Haizhou"))
    image = np.asarray(drawn(content, page, 1_000))
    rows, columns = np.nonzero(image < 128)
    height, width = image.shape
    around = columns.min() / width, rows.min() / height, (columns.max() + 1) / width, (rows.max() + 1) / height
    assert box == pytest.approx(around, abs=0.012)


@pytest.mark.parametrize(
    ("content", "page"),
    [
        (pdf_of([["一"]]), 2),
        (pdf_of([["一"]]), 0),
        (b"%PDF-1.7\n", 1),
        (b"plain words", 1),
        (b"", 1),
        (picture_of(["one"])[:200], 1),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", 1),
    ],
)
def test_a_page_that_cannot_be_drawn_says_so(content, page):
    with pytest.raises(DocumentFormatError, match=f"Page {page} of a.pdf cannot be drawn"):
        drawn(content, page)


def test_a_page_that_takes_too_long_is_given_up(tmp_path, monkeypatch):
    script = tmp_path / "child.py"
    script.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(page_image, "_CHILD", str(script))
    monkeypatch.setattr(page_image, "SECONDS", 0.5)
    with pytest.raises(DocumentFormatError, match="could not be drawn in"):
        drawn(pdf_of([["一"]]))


# Pages of what is indexed


def indexed(content, media_type="application/pdf", source="a.pdf"):
    return Document(source, "", hashlib.sha256(content).hexdigest(), len(content), "", media_type)


@pytest.fixture
def put(tmp_path):
    def write(content, name="a.pdf"):
        (tmp_path / name).write_bytes(content)
        return str(tmp_path / name)

    return write


def test_what_is_drawn_is_the_page_of_the_indexed_file(put):
    image = PageImages().draw(indexed(TWO_PAGES), [put(TWO_PAGES)], 2, width=300)
    assert image == render(TWO_PAGES, 2, name="a.pdf", width=300)


def test_a_picture_file_is_a_page_too(put):
    content = picture_of(["one"])
    image = PageImages().draw(indexed(content, "image/png", "a.png"), [put(content, "a.png")], 1, width=620)
    assert shown(image).size == (620, 400)


def test_a_copy_stands_in_for_a_file_that_changed_or_is_gone(put):
    paths = [put(b"other", "old.pdf"), "/nowhere/a.pdf", "a\0b.pdf", put(TWO_PAGES, "copy.pdf")]
    assert PageImages().draw(indexed(TWO_PAGES), paths, 1, width=50) == render(TWO_PAGES, 1, name="a.pdf", width=50)


@pytest.mark.parametrize("now", [pdf_of([["另一份"]]), TWO_PAGES + b"\n", TWO_PAGES[:-1], b""])
def test_of_a_changed_file_there_is_no_picture(put, now):
    path = put(now)
    with pytest.raises(FileChangedError, match=r"^The file of a\.pdf is not the one that was indexed"):
        PageImages().draw(indexed(TWO_PAGES), [path], 1, width=50)


def test_of_a_file_that_is_gone_there_is_no_picture(tmp_path):
    with pytest.raises(FileGoneError, match=r"^The file of a\.pdf is not where it was"):
        PageImages().draw(indexed(TWO_PAGES), [str(tmp_path / "a.pdf"), str(tmp_path)], 1, width=50)


def test_of_a_member_of_an_archive_there_is_no_picture(put):
    archive = indexed(TWO_PAGES, "application/zip", "a.zip")
    with pytest.raises(DocumentFormatError, match="no pages that can be drawn: it is application/zip"):
        PageImages().draw(archive, [put(TWO_PAGES)], 1, width=50)


def test_a_picture_is_drawn_once_and_kept_within_the_room_for_it(put, tmp_path):
    document, path = indexed(TWO_PAGES), put(TWO_PAGES)
    one, other, third = (render(TWO_PAGES, page, name="a.pdf", width=width) for page, width in ASKED)
    room = len(one) + max(len(other), len(third))
    images = PageImages(kept_bytes=room)
    for page, width in ASKED[:2]:
        images.draw(document, [path], page, width=width)
    assert images.n_bytes == len(one) + len(other)
    (tmp_path / "a.pdf").unlink()
    assert images.draw(document, [path], 1, width=50) == one  # kept, and by this the newest one
    put(TWO_PAGES)
    images.draw(document, [path], 2, width=50)
    (tmp_path / "a.pdf").unlink()
    assert images.n_bytes == len(one) + len(third)
    assert images.draw(document, [path], 1, width=50) == one
    with pytest.raises(FileGoneError):
        images.draw(document, [path], 1, width=51)


def test_a_picture_that_is_larger_than_the_room_is_not_kept(put):
    images = PageImages(kept_bytes=10)
    assert images.draw(indexed(TWO_PAGES), [put(TWO_PAGES)], 1, width=50).startswith(b"\x89PNG")
    assert images.n_bytes == 0
