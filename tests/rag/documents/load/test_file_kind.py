"""What a file is by its content."""

from __future__ import annotations

import pytest

from rag.documents.load.file_kind import kind_in_words, kind_of_file, wrong_kind
from tests.support.office.older import old_file
from tests.support.office.open_document import odp_of, odt_of, op
from tests.support.office.open_xml import p, pptx_of, slide, word_of, zip_of
from tests.support.pdf_files import pdf_of

CONTENTS = [
    (".pdf", pdf_of([["x"]])),
    (".docx", word_of(p("x"))),
    (".pptx", pptx_of(slide("x"))),
    (".xlsx", zip_of({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<x/>"})),
    (".odt", odt_of(op("x"))),
    (".odp", odp_of()),
    (".epub", zip_of({"mimetype": "application/epub+zip"})),
    (".zip", zip_of({"word/a.txt": "x"})),
    (".doc", old_file("WordDocument", b"")),
    (".ppt", old_file("PowerPoint Document", b"")),
    (".xls", old_file("Workbook", b"")),
    (".msg", old_file("__substg1.0_0037001F", b"")),
    ("locked", old_file("EncryptedPackage", b"")),
    (".rtf", b"{\\rtf1\\ansi x}"),
    (".html", "\ufeff\n<!DOCTYPE html><p>x".encode()),
    (".html", b"<?xml version='1.0'?><html>x"),
    (".xml", b'<?xml version="1.0"?><x/>'),
    (".mht", b"MIME-Version: 1.0\r\n"),
    (".png", b"\x89PNG\r\n\x1a\n"),
    ("", b"plain words"),
    ("", b"PK\x03\x04 broken"),
]


@pytest.mark.parametrize(("kind", "content"), CONTENTS)
def test_a_kind_is_told_by_the_content(tmp_path, kind, content):
    (tmp_path / "x").write_bytes(content)
    assert kind_of_file(tmp_path / "x") == kind


def test_a_wrong_name_is_told_with_the_right_one(tmp_path):
    path = tmp_path / "报告.pdf"
    path.write_bytes(word_of(p("x")))
    assert wrong_kind(path, "报告.pdf", expected="PDF file") == (
        "报告.pdf is no PDF file but a Word document (.docx). Rename it to end in '.docx'."
    )
    path.write_bytes(b"plain words")
    assert wrong_kind(path, "报告.pdf", expected="PDF file") == ""


def test_what_has_no_words_of_its_own_is_a_file():
    assert kind_in_words(".gz") == "a file (.gz)"
