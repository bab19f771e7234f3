"""PDF files that swell, loop, hang or lie: read, or refused in words, by a process of its own."""

import zlib
from contextlib import suppress

import pytest

from rag.documents.load import load_document, pdf
from rag.documents.page_image import render
from rag.errors import DocumentError, DocumentFormatError
from tests.support.formats.container_files import zip_of
from tests.support.office.open_xml import p, word_of
from tests.support.pdf_files import pdf_of

MOST = 10_000_000
GOOD = pdf_of([["海州市2031年新建学校12所。"], ["云岭县招聘教师860名。"]])


def object_of(number, content):
    return b"%d 0 obj\n%s\nendobj\n" % (number, content)


def file_of(*objects):
    """A file without a table of its objects, which a reader makes by itself."""
    body = b"".join(object_of(number, content) for number, content in enumerate(objects, start=1))
    return b"%PDF-1.7\n" + body + b"trailer << /Root 1 0 R >>\n%%EOF"


def bomb(n_bytes):
    packed = zlib.compress(b"q " * (n_bytes // 2), 9)
    stream = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed)
    page = b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /MediaBox [0 0 595 842] >>"
    return file_of(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page, stream)


PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
HOSTILE = {
    "a tree of pages that is a circle": file_of(
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 1000000 >>"
    ),
    "a page without a size": file_of(b"<< /Type /Catalog /Pages 2 0 R >>", PAGES, b"<< /Type /Page /Parent 2 0 R >>"),
    "an enormous page": GOOD.replace(b"[0 0 595 842]", b"[0 0 9e9 9e9]"),
    "a page without width": GOOD.replace(b"[0 0 595 842]", b"[0 0 0 842]"),
    "a form that draws itself": file_of(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        PAGES,
        b"<< /Type /Page /Parent 2 0 R /Contents 5 0 R /MediaBox [0 0 9 9] /Resources << /XObject << /A 4 0 R >> >> >>",
        b"<< /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /A 4 0 R >> >> /Length 5 >>\n"
        b"stream\n/A Do\nendstream",
        b"<< /Length 5 >>\nstream\n/A Do\nendstream",
    ),
    "a stream that swells to 200 MB": bomb(200_000_000),
    "arrays in arrays": file_of(b"<< /Type /Catalog /Pages " + b"[" * 50_000 + b"]" * 50_000 + b" >>"),
    "a count that is a lie": GOOD.replace(b"/Count 2", b"/Count -7"),
    "half a file": GOOD[: len(GOOD) // 2],
    "nothing but its first line": b"%PDF-1.7\n",
    "a document of Word": word_of(p("海州市")),
    "an archive": zip_of({"a.txt": b"x"}),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_read_or_refused_in_seconds(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(pdf.recognition, "SECONDS", 10.0)
    path = tmp_path / "报告.pdf"
    path.write_bytes(HOSTILE[kind])
    try:
        text = load_document(path, max_bytes=MOST).text
    except DocumentError as error:
        said = str(error)
        assert "报告.pdf" in said
        assert "10 seconds" not in said
    else:
        assert "海州市" in text


@pytest.mark.parametrize("kind", ["an enormous page", "a page without width", "a form that draws itself"])
def test_a_hostile_page_is_drawn_small_or_refused_in_words(kind):
    with suppress(DocumentFormatError):
        assert len(render(HOSTILE[kind], 1, name="报告.pdf", width=600)) < 1_000_000


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (word_of(p("海州市")), r"报告.pdf is no PDF file but a Word document \(.docx\). Rename it to end in '.docx'"),
        (zip_of({"a.txt": b"x"}), r"报告.pdf is no PDF file but a zip archive \(.zip\)"),
        (b"<html><p>x", r"报告.pdf is no PDF file but a web page \(.html\)"),
    ],
)
def test_what_is_no_pdf_file_is_called_what_it_is(tmp_path, content, words):
    path = tmp_path / "报告.pdf"
    path.write_bytes(content)
    with pytest.raises(DocumentError, match=words):
        load_document(path, max_bytes=MOST)
