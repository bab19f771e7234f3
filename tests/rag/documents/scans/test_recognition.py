"""Pages that are pictures: read with the extra ``ocr``, named without it."""

import io

import numpy as np
import pytest
from PIL import Image

from rag.documents.load import load_document
from rag.documents.load.scans import page_child, recognition
from rag.documents.location import Locator
from rag.errors import DocumentError, DocumentFormatError
from rag.schema.documents import Block
from tests.support.formats.scan_files import drawn, pdf_with_layers, picture_of, scanned_pdf
from tests.support.pdf_files import pdf_of

MOST = 10_000_000
PAGE = [
    "The county council built twelve new schools in the year under report",
    "and opened three more of them to the public before the summer began.",
    "Every school has a library, a canteen and a playground of its own.",
    "Teachers were hired in all towns and most villages of the county.",
]
SHORT = ["Haizhou built 12 schools.", "Yunling hired 860 teachers."]
needs_ocr = pytest.mark.skipif(not recognition.is_installed(), reason="needs the extra ocr")


@pytest.fixture
def without(monkeypatch):
    monkeypatch.setattr(recognition, "is_installed", lambda: False)


@pytest.fixture
def put(tmp_path):
    def write(content, name="报告.pdf"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def load(path):
    return load_document(path, max_bytes=MOST)


def page_texts(document):
    return [document.text[b.start : b.end].strip("\n\f") for b in document.blocks if b.kind == "page"]


@pytest.mark.usefixtures("without")
def test_a_bad_page_among_three_good_ones_is_named_and_the_others_keep_their_numbers(put):
    document = load(put(pdf_with_layers([PAGE, PAGE[::-1], PAGE, SHORT], wrong={2})))
    assert page_texts(document) == ["\n".join(PAGE), "", "\n".join(PAGE), "\n".join(SHORT)]
    assert document.notes == (
        "Page 2 of 4 has no readable text (its fonts do not say which characters they show).",
        "To have it read by text recognition (OCR): pip install 'youju[ocr]'",
    )
    locate = Locator(document.blocks).location
    assert [locate(at, at + 5).page for at in (0, document.text.index("\f\n"), document.text.index(SHORT[1]))] == [
        1,
        2,
        4,
    ]


@pytest.mark.usefixtures("without")
def test_pages_are_named_by_what_is_wrong_with_them(put):
    document = load(put(pdf_with_layers([PAGE, [], PAGE, PAGE], wrong={3}, lost={4})))
    assert (
        document.notes[0] == "Pages 3-4 of 4 have no readable text (its fonts do not say which characters they show)."
    )
    assert page_texts(document) == ["\n".join(PAGE), "", "", ""]


@pytest.mark.usefixtures("without")
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (pdf_with_layers([PAGE, PAGE], wrong={1, 2}), "Pages 1-2 of 2 have no readable text (its fonts do not say"),
        (scanned_pdf(SHORT), "Page 1 of 1 has no readable text (what stands there is a picture)."),
        (pdf_of([[], []]), "All of it is blank."),
    ],
)
def test_a_file_without_a_good_page_is_refused_with_the_reason(put, content, words):
    with pytest.raises(DocumentFormatError) as caught:
        load(put(content))
    assert str(caught.value).startswith(f"报告.pdf has no page with readable text. {words}")


@pytest.mark.usefixtures("without")
@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.jpeg", "a.tif", "a.tiff", "a.bmp", "a.webp"])
def test_a_picture_says_which_extra_reads_it(put, name):
    with pytest.raises(DocumentFormatError) as caught:
        load(put(picture_of(SHORT), name))
    assert str(caught.value) == (
        f"{name} is a picture. To have it read by text recognition (OCR): pip install 'youju[ocr]'"
    )


@pytest.mark.parametrize("name", ["a.png", "a.tiff"])
def test_what_is_no_picture_is_called_what_it_is(put, name):
    with pytest.raises(DocumentFormatError, match=rf"{name} is no picture but a PDF file \(.pdf\). Rename it"):
        load(put(pdf_of([SHORT]), name))


def test_a_picture_under_the_name_of_a_pdf_file_is_called_what_it_is(put):
    with pytest.raises(DocumentFormatError, match=r"报告.pdf is no PDF file but a picture \(.png\). Rename it"):
        load(put(picture_of(SHORT)))


@needs_ocr
def test_a_page_whose_font_says_wrong_characters_is_read_from_what_it_shows(put):
    document = load(put(pdf_with_layers([PAGE, PAGE[::-1], PAGE], wrong={2})))
    assert page_texts(document) == ["\n".join(PAGE), "\n".join(PAGE[::-1]), "\n".join(PAGE)]
    assert document.notes == ("Text recognition (OCR) read page 2 of 3: single characters may be wrong.",)


@needs_ocr
def test_scanned_pages_are_read_and_a_blank_one_between_them_is_not_named(put):
    document = load(put(scanned_pdf(*([line] for line in SHORT))))
    assert document.text == f"{SHORT[0]}\n\f{SHORT[1]}"
    assert document.notes == ("Text recognition (OCR) read pages 1-2 of 2: single characters may be wrong.",)


@needs_ocr
@pytest.mark.parametrize(
    ("kind", "name", "media_type"),
    [
        ("PNG", "a.png", "image/png"),
        ("JPEG", "a.jpg", "image/jpeg"),
        ("BMP", "a.bmp", "image/bmp"),
        ("WEBP", "a.webp", "image/webp"),
        ("PNG", "a.jpeg", "image/jpeg"),
    ],
)
def test_a_picture_is_a_document_of_one_page(put, kind, name, media_type):
    document = load(put(picture_of(SHORT, kind=kind), name))
    assert (document.text, document.media_type) == ("\n".join(SHORT), media_type)
    assert document.blocks[0] == Block("page", 1, 0, len(document.text))
    assert document.notes == ("Text recognition (OCR) read it: single characters may be wrong.",)
    assert document.is_wrapped


@needs_ocr
@pytest.mark.parametrize("mode", ["1", "P", "I;16", "CMYK", "LA"])
def test_a_picture_of_any_depth_is_read(put, mode):
    picture = drawn(SHORT, size=(3720, 2400), points=108)
    if mode == "I;16":
        depth = np.asarray(picture.convert("L")).astype(np.uint16) * 256
        picture = Image.fromarray(depth)
    else:
        picture = picture.convert(mode)
    kind, name = ("TIFF", "a.tif") if mode in ("1", "CMYK", "I;16") else ("PNG", "a.png")
    out = io.BytesIO()
    picture.save(out, kind, compression="group4" if mode == "1" else "tiff_lzw")
    assert load(put(out.getvalue(), name)).text == "\n".join(SHORT)


@needs_ocr
def test_a_tiff_file_has_as_many_pages_as_pictures(put):
    document = load(put(picture_of(*([line] for line in SHORT), kind="TIFF"), "a.tif"))
    assert document.text == f"{SHORT[0]}\n\f{SHORT[1]}"
    assert Locator(document.blocks).location(30, 40).page == 2


@needs_ocr
def test_a_line_has_its_place_on_the_page(put):
    document = load(put(picture_of(SHORT), "a.png"))
    start = document.text.index(SHORT[1])
    left, top, right, bottom = Locator(document.blocks).location(start, start + len(SHORT[1])).box
    assert 0.06 < left < 0.09
    assert 0.19 < top < 0.23
    assert 0.40 < right < 0.50
    assert 0.25 < bottom < 0.29


@needs_ocr
def test_a_picture_without_text_is_refused(put):
    with pytest.raises(DocumentFormatError, match="is a picture without text"):
        load(put(picture_of([]), "a.png"))


@needs_ocr
@pytest.mark.parametrize("share", [0.02, 0.5])
@pytest.mark.parametrize(("kind", "name"), [("PNG", "a.png"), ("JPEG", "a.jpg"), ("TIFF", "a.tif"), ("BMP", "a.bmp")])
def test_a_picture_that_is_cut_off_is_refused_or_read_by_name(put, kind, name, share):
    content = picture_of(SHORT, kind=kind)
    with pytest.raises(DocumentError, match=f"^{name} cannot be read as a picture: "):
        load(put(content[: int(len(content) * share)], name))


@needs_ocr
def test_a_picture_of_huge_dimensions_is_refused_before_it_is_unpacked(put):
    content = bytearray(picture_of(SHORT, kind="BMP"))
    content[18:26] = (100_000).to_bytes(4, "little") + (90_000).to_bytes(4, "little")
    with pytest.raises(DocumentFormatError, match="100,000 times 90,000 pixels; at most 60,000,000 are read"):
        load(put(bytes(content), "a.bmp"))


def test_a_picture_of_a_program_that_runs_is_none(put):
    with pytest.raises(DocumentFormatError):
        load(put(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n(%pipe%id) (r) file\n", "a.png"))


@pytest.mark.parametrize(
    ("child", "faults"),
    [
        ("import os; os.abort()", ["exit code -6"] * 4),
        ("raise MemoryError('too much')", ["MemoryError: too much"] * 4),
        ("import time; time.sleep(60)", ["it could not be read in 1 seconds"] * 4),
        (
            'print(\'{"page": 1, "lines": [], "size": [1, 1]}\'); print(\'{\')',
            ["", *["it was not read to its end"] * 3],
        ),
    ],
)
def test_a_page_that_breaks_the_library_breaks_nothing_else(put, tmp_path, monkeypatch, child, faults):
    script = tmp_path / "child.py"
    script.write_text(child)
    monkeypatch.setattr(recognition, "_CHILD", str(script))
    monkeypatch.setattr(recognition, "SECONDS", 1.0)
    pages = list(recognition.recognize_pages(put(b"x"), [1, 2, 3, 4]))
    assert [page.number for page in pages] == [1, 2, 3, 4]
    assert [page.fault for page in pages] == faults


def test_a_page_that_ends_the_other_process_costs_that_page_alone(put, tmp_path, monkeypatch):
    script = tmp_path / "child.py"
    script.write_text(
        "import sys, json, os\n"
        "for number in map(int, sys.argv[3:]):\n"
        "    if number == 2: os._exit(3)\n"
        "    print(json.dumps({'page': number, 'lines': [[f'p{number}', [[0, 0], [1, 0], [1, 1], [0, 1]]]], "
        "'size': [9, 9]}), flush=True)\n"
    )
    monkeypatch.setattr(recognition, "_CHILD", str(script))
    pages = list(recognition.recognize_pages(put(b"x"), [1, 2, 3]))
    assert [(page.number, page.page.text, page.fault) for page in pages] == [
        (1, "p1", ""),
        (2, "", "exit code 3"),
        (3, "p3", ""),
    ]


def test_bands_of_a_page_are_what_stands_apart():
    page = np.asarray(drawn([], size=(1000, 2000))).copy()
    page[300:330, 200:400] = 0
    page[1500:1520, 600:700] = 0
    assert list(page_child._regions(page)) == [(150, 250, 449, 379), (550, 1450, 749, 1569)]
    assert list(page_child._regions(np.full((100, 100, 3), 255, np.uint8))) == []
